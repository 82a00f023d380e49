// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/sops"
	"bigbang.dev/mattermost-fn/transformers"
)

// resourceIndex contains the input resources for rules and plan.
type resourceIndex struct {
	items  *resourcelist.Index
	owners *transformers.Owners
	// fluentBitConfigs are the FluentBitConfigs that mattermost-fn does not manage, by namespace.
	fluentBitConfigs map[string][]*resourcelist.Item
}

// indexResources indexes the resources. With a thousand configurations, searching the list for each of them would take
// more time than everything else.
func indexResources(list *resourcelist.List, owners *transformers.Owners) resourceIndex {
	index := resourceIndex{resourcelist.NewIndex(list), owners, nil}
	for _, item := range list.Items {
		if item.Kind == "FluentBitConfig" && item.Group() == "fluentbit.fluent.io" && owners.Of(item) == "" {
			if index.fluentBitConfigs == nil {
				index.fluentBitConfigs = map[string][]*resourcelist.Item{}
			}
			index.fluentBitConfigs[item.Namespace] = append(index.fluentBitConfigs[item.Namespace], item)
		}
	}
	return index
}

// FluentBitConfigs returns those of a namespace that mattermost-fn does not manage. Callers must not change them.
func (index resourceIndex) FluentBitConfigs(namespace string) []*resourcelist.Item {
	return index.fluentBitConfigs[namespace]
}

// Has reports whether an object that mattermost-fn does not manage is among the resources.
func (index resourceIndex) Has(group, kind, namespace, name string) bool {
	return index.Foreign(group, kind, namespace, name) != nil
}

// Foreign returns an object that mattermost-fn does not manage; nil if there is none. Callers must not change it.
func (index resourceIndex) Foreign(group, kind, namespace, name string) *resourcelist.Item {
	item := index.find(group, kind, namespace, name)
	if item == nil || index.owners.Of(item) != "" {
		return nil
	}
	return item
}

// Earlier returns an object that an earlier run emitted for the owner, or that it handed over when the owner no longer
// needed it; nil if there is none. Callers must not change it.
func (index resourceIndex) Earlier(owner, group, kind, namespace, name string) *resourcelist.Item {
	item := index.find(group, kind, namespace, name)
	switch {
	case item == nil:
		return nil
	case index.owners.Of(item) == owner:
		return item
	case index.owners.Of(item) == "" && item.Annotation(ownership.AnnotationRetainedFrom) == owner:
		return item
	}
	return nil
}

// managedFor returns the owner of a managed object; empty if there is no such object.
func (index resourceIndex) managedFor(id resourcelist.ID) string {
	item := index.items.Find(id.APIVersion, id.Kind, id.Namespace, id.Name)
	if item == nil {
		return ""
	}
	return index.owners.Of(item)
}

func (index resourceIndex) find(group, kind, namespace, name string) *resourcelist.Item {
	return index.items.Find(group, kind, namespace, name)
}

// SecretKey returns the value of a key of a Secret among the resources. It ignores managed Secrets, which contain the
// output of an earlier run.
func (index resourceIndex) SecretKey(namespace, name, key string) (string, plan.KeyState) {
	if !index.Has("", "Secret", namespace, name) {
		switch {
		case index.Has("bitnami.com", "SealedSecret", namespace, name):
			return "", plan.SecretSealed
		case index.Has("external-secrets.io", "ExternalSecret", namespace, name):
			return "", plan.SecretFetched
		}
		return "", plan.SecretMissing
	}
	secret := index.find("", "Secret", namespace, name).Node()
	text := resourcelist.Text(resourcelist.Field(secret, "stringData", key))
	encoded := resourcelist.Text(resourcelist.Field(secret, "data", key))
	switch {
	case sops.IsEncrypted(text), text == "" && sops.IsEncrypted(encoded):
		return "", plan.KeyEncrypted
	case text != "":
		return text, plan.KeyFound
	case encoded == "":
		return "", plan.KeyMissing
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil || !utf8.Valid(decoded) {
		return "", plan.KeyUnreadable
	}
	return string(decoded), plan.KeyFound
}

// ConfigMapKey returns the value of a key of a ConfigMap among the resources. It ignores managed ConfigMaps.
func (index resourceIndex) ConfigMapKey(namespace, name, key string) (string, plan.KeyState) {
	if !index.Has("", "ConfigMap", namespace, name) {
		return "", plan.SecretMissing
	}
	configMap := index.find("", "ConfigMap", namespace, name).Node()
	switch text := resourcelist.Text(resourcelist.Field(configMap, "data", key)); {
	case sops.IsEncrypted(text):
		return "", plan.KeyEncrypted
	case text != "":
		return text, plan.KeyFound
	}
	encoded := resourcelist.Text(resourcelist.Field(configMap, "binaryData", key))
	if encoded == "" {
		return "", plan.KeyMissing
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return "", plan.KeyUnreadable
	}
	return string(decoded), plan.KeyFound
}
