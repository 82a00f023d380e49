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

// resourceIndex contains the input resources for rules and plan. APIVersion of its ids is only the API group.
type resourceIndex struct {
	items  map[resourcelist.ID]*resourcelist.Item
	owners *transformers.Owners
}

// indexResources indexes the resources. With a thousand configurations, searching the list for each of them would take
// more time than everything else.
func indexResources(list *resourcelist.List, owners *transformers.Owners) resourceIndex {
	index := resourceIndex{items: map[resourcelist.ID]*resourcelist.Item{}, owners: owners}
	for _, item := range list.Items {
		id := resourcelist.ID{APIVersion: item.Group(), Kind: item.Kind, Namespace: item.Namespace, Name: item.Name}
		if index.items[id] == nil {
			index.items[id] = item
		}
	}
	return index
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
	item := index.items[id]
	if item == nil {
		return ""
	}
	return index.owners.Of(item)
}

func (index resourceIndex) find(group, kind, namespace, name string) *resourcelist.Item {
	return index.items[resourcelist.ID{APIVersion: group, Kind: kind, Namespace: namespace, Name: name}]
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
	secret := index.items[resourcelist.ID{Kind: "Secret", Namespace: namespace, Name: name}].Node()
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
	configMap := index.items[resourcelist.ID{Kind: "ConfigMap", Namespace: namespace, Name: name}].Node()
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
