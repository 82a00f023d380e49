// Package v1alpha1 is the configuration of mattermost-fn: one MattermostConfig describes one Mattermost.
//
// It is an alpha version: releases before v1.0.0 may rename or remove a field. docs/upgrade.md says what can be relied on.
//
// The doc comments here are the documentation that people read with `mattermost-fn explain` and in their editor:
// the schema beside this file is generated from them.
//
// +kubebuilder:object:generate=false
// +groupName=mattermost.bigbang.dev
// +versionName=v1alpha1
package v1alpha1

//go:generate ../../.bin/controller-gen crd paths=. output:crd:dir=.

const (
	// Group is the API group of MattermostConfig.
	Group = "mattermost.bigbang.dev"
	// Version is the only version of the API so far.
	Version = "v1alpha1"
	// APIVersion is what a configuration says in apiVersion.
	APIVersion = Group + "/" + Version
	// Kind is what a configuration says in kind.
	Kind = "MattermostConfig"
)
