// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// cluster contains the objects of the input, such as the Secrets of an installation.
type cluster struct {
	objects []*value
	// used are the objects that the configuration refers to.
	used []*value
}

// group returns the API group of an object.
func (v *value) group() string {
	return NewObject(v.at("apiVersion").string(), "", "", "").Group
}

// identity returns what identifies an object in its cluster.
func (v *value) identity() Object {
	metadata := v.at("metadata")
	return NewObject(v.at("apiVersion").string(), v.at("kind").string(), metadata.at("namespace").string(),
		metadata.at("name").string())
}

// find returns an object; nil if it is not in the input.
func (c *cluster) find(group, kind, name string) *value {
	for _, object := range c.objects {
		if object.group() == group && object.at("kind").string() == kind && object.at("metadata", "name").string() == name {
			return object
		}
	}
	return nil
}

// all returns all objects of a kind.
func (c *cluster) all(group, kind string) []*value {
	var found []*value
	for _, object := range c.objects {
		if object.group() == group && object.at("kind").string() == kind {
			found = append(found, object)
		}
	}
	return found
}

// isOurs reports whether mattermost-fn emitted an object.
func (v *value) isOurs() bool {
	if v == nil {
		return false
	}
	metadata := v.at("metadata")
	return ownership.IsManaged(metadata.at("labels", ownership.LabelManagedBy).string(),
		metadata.at("annotations", ownership.AnnotationOwner).string())
}

// secretKey returns the value of a key of a Secret, and whether it is in the input as text.
func (c *cluster) secretKey(name, key string) (string, bool) {
	secret := c.find("", "Secret", name)
	if secret == nil {
		return "", false
	}
	if !slices.Contains(c.used, secret) {
		c.used = append(c.used, secret)
	}
	if text := secret.at("stringData", key); text != nil {
		return text.string(), true
	}
	encoded := secret.at("data", key)
	if encoded == nil {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' {
			return -1
		}
		return r
	}, encoded.string()))
	if err != nil || !utf8.Valid(text) {
		return "", false
	}
	return string(text), true
}

// SecretKey reads one key of a Secret for the plan. It is not used to decide anything.
func (c *cluster) SecretKey(_, _, _ string) (string, plan.KeyState) { return "", plan.SecretMissing }

// ConfigMapKey reads one key of a ConfigMap for the plan.
func (c *cluster) ConfigMapKey(_, _, _ string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

// Earlier returns nothing: the plan is that of a new installation.
func (c *cluster) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

// Foreign returns nothing.
func (c *cluster) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }

// Has reports that no object is there.
func (c *cluster) Has(_, _, _, _ string) bool { return false }

// FluentBitConfigs returns none: charts have none.
func (c *cluster) FluentBitConfigs(string) []*resourcelist.Item { return nil }
