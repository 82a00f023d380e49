// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 defines the configuration of mattermost-fn: one MattermostConfig describes one Mattermost
// installation.
//
// It is an alpha version: releases before v1.0.0 may rename or remove a field. docs/upgrade.md lists the guarantees.
//
// The doc comments of types and fields are the documentation that users read in `mattermost-fn explain`, in their
// editor and in the CustomResourceDefinition, which is generated from them. Comments of fields therefore describe the
// field without its Go name.
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
	// APIVersion is the apiVersion of a MattermostConfig.
	APIVersion = Group + "/" + Version
	// Kind is the kind of a MattermostConfig.
	Kind = "MattermostConfig"
)
