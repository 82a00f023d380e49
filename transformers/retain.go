// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"cmp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// holder is an object with data, and the other objects that it needs to go on running and to be backed up.
type holder struct {
	item  *resourcelist.Item
	data  data
	needs []*resourcelist.Item
}

// data describes the data of a kind of object, for messages.
type data struct{ contents, advice string }

// dataOf returns what an object contains, or false if it has no data that could be lost.
func dataOf(item *resourcelist.Item) (data, bool) {
	const database = "To move its data, stop the servers and copy it with pg_dump and pg_restore"
	switch {
	case item.Kind == "ExternalSecret":
		reader := "The database"
		if ownership.Component(item.Label(ownership.LabelComponent)) == ownership.ComponentObjectStorage {
			reader = "MinIO"
		}
		return data{"a generated password, which exists only in the cluster", reader + " accepts no other password"},
			isGeneratedOnce(item)
	case !ownership.HoldsData(item.Group(), item.Kind):
		return data{}, false
	}
	switch item.Kind {
	case "Namespace":
		return data{"all objects of the namespace", "Deleting it deletes all of them"}, true
	case "PersistentVolumeClaim":
		return data{"the uploaded files", "To move them, mount the claim in a pod and copy them, for example with rclone"},
			true
	case "StatefulSet":
		claims := resourcelist.Field(item.Node(), "spec", "volumeClaimTemplates")
		return data{"the database", database}, claims != nil && len(claims.Content) > 0
	case "Tenant":
		return data{"the uploaded files", "To move them, copy the bucket, for example with mc mirror"}, true
	}
	return data{"the database", database}, true
}

// isGeneratedOnce reports whether an ExternalSecret generates a password once, so that it cannot be fetched again.
func isGeneratedOnce(externalSecret *resourcelist.Item) bool {
	return resourcelist.Text(resourcelist.Field(externalSecret.Node(), "spec", "refreshPolicy")) == "CreatedOnce"
}

// holders returns the objects with data among those that a configuration no longer needs, each with what it needs of
// the others.
func holders(unwanted []*resourcelist.Item) []holder {
	var found []holder
	kept := map[*resourcelist.Item]bool{}
	for _, item := range unwanted {
		if data, ok := dataOf(item); ok {
			found = append(found, holder{item: item, data: data})
			kept[item] = true
		}
	}
	for i := range found {
		if found[i].item.Kind == "Namespace" { // it contains everything, but needs nothing
			continue
		}
		found[i].needs = neededBy(found[i].item, unwanted, kept)
	}
	return found
}

// neededBy returns what an object needs among the objects that a configuration no longer needs, except for those that
// are kept already, and adds it to them.
func neededBy(item *resourcelist.Item, unwanted []*resourcelist.Item, kept map[*resourcelist.Item]bool,
) []*resourcelist.Item {
	var found []*resourcelist.Item
	for queue := []*resourcelist.Item{item}; len(queue) > 0; queue = queue[1:] {
		for _, other := range unwanted {
			if !kept[other] && needs(queue[0], other) {
				kept[other] = true
				found = append(found, other)
				queue = append(queue, other)
			}
		}
	}
	return found
}

// needs reports whether an object needs another one: it refers to it, or the other one backs it up, exposes it or
// protects it.
func needs(item, other *resourcelist.Item) bool {
	if item.Namespace != other.Namespace {
		return false
	}
	switch other.Kind {
	case "ScheduledBackup":
		cluster := resourcelist.Text(resourcelist.Field(other.Node(), "spec", "cluster", "name"))
		return item.Kind == "Cluster" && cluster == item.Name
	case "Service":
		return selects(other, item, "spec", "selector") || mentions(item, other.Name)
	case "NetworkPolicy":
		return selects(other, item, "spec", "podSelector", "matchLabels")
	case "AuthorizationPolicy", "PeerAuthentication":
		return selects(other, item, "spec", "selector", "matchLabels")
	case "Secret", "ConfigMap", "ServiceAccount", "PersistentVolumeClaim", "Password", "ObjectStore":
		return mentions(item, other.Name)
	case "ExternalSecret":
		target := resourcelist.Text(resourcelist.Field(other.Node(), "spec", "target", "name"))
		return mentions(item, other.Name) || target != "" && mentions(item, target)
	}
	return false
}

// mentions reports whether a field of an object, apart from its metadata, has a name as its value. It finds every
// reference, whatever the field is called, and keeps rather too much than too little.
func mentions(item *resourcelist.Item, name string) bool {
	node := item.Node()
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != "metadata" && contains(node.Content[i+1], name) {
			return true
		}
	}
	return false
}

func contains(node *yaml.Node, value string) bool {
	return node.Kind == yaml.ScalarNode && node.Value == value ||
		slices.ContainsFunc(node.Content, func(child *yaml.Node) bool { return contains(child, value) })
}

// selects reports whether the selector in a field of an object selects the pods of another one. A selector without
// labels selects all pods, and so none of these in particular.
func selects(item, target *resourcelist.Item, field ...string) bool {
	selector := resourcelist.Field(item.Node(), field...)
	if selector == nil || selector.Kind != yaml.MappingNode || len(selector.Content) == 0 {
		return false
	}
	labels := podLabels(target)
	for i := 0; i+1 < len(selector.Content); i += 2 {
		if value, found := labels[selector.Content[i].Value]; !found || value != selector.Content[i+1].Value {
			return false
		}
	}
	return true
}

// podLabels returns the labels of the pods of an object with data.
func podLabels(item *resourcelist.Item) map[string]string {
	switch item.Kind {
	case "Cluster": // cloudnative-pg, pkg/utils/labels_annotations.go
		return map[string]string{"cnpg.io/cluster": item.Name}
	case "Tenant": // minio/operator, pkg/apis/minio.min.io/v2/constants.go
		return map[string]string{"v1.min.io/tenant": item.Name}
	}
	labels := map[string]string{}
	mapping := resourcelist.Field(item.Node(), "spec", "template", "metadata", "labels")
	for i := 0; mapping != nil && i+1 < len(mapping.Content); i += 2 {
		labels[mapping.Content[i].Value] = mapping.Content[i+1].Value
	}
	return labels
}

// keepNeededKeys keeps keys of Secrets that a configuration still needs, but with other keys, because an object that
// was handed over in this run reads them.
func (c *Changes) keepNeededKeys(holders []holder) {
	for _, h := range holders {
		for _, reader := range append([]*resourcelist.Item{h.item}, h.needs...) {
			for _, reference := range secretKeys(reader.Node()) {
				secret := c.existing(resourcelist.ID{Kind: "Secret", Namespace: h.item.Namespace, Name: reference.name})
				if secret != nil && c.desired[secret] && c.drafts[secret] != nil {
					c.keepKey(c.drafts[secret].Node(), secret, heldKey{reference.key, reader})
				}
			}
		}
	}
}

// heldKey is a key of a Secret, and an object that reads it although no configuration needs the object.
type heldKey struct {
	key    string
	reader *resourcelist.Item
}

// heldKeys returns the keys of an existing Secret that objects read which no configuration needs, and which stay where
// they are.
func (c *Changes) heldKeys(existing *resourcelist.Item) []heldKey {
	if existing.Kind != "Secret" || existing.Group() != "" {
		return nil
	}
	var keys []heldKey
	for _, item := range c.retained() {
		if !isInNamespace(item, existing.Namespace) {
			continue
		}
		for _, reference := range secretKeys(item.Node()) {
			if reference.name == existing.Name {
				keys = append(keys, heldKey{reference.key, item})
			}
		}
	}
	return keys
}

// isInNamespace reports whether an object is in a namespace, or was before another function changed that: the namespace
// of its configuration. The Secret that it reads is generated there, and moved again.
func isInNamespace(item *resourcelist.Item, namespace string) bool {
	owner := cmp.Or(ownerIn(item), item.Annotation(ownership.AnnotationRetainedFrom))
	return item.Namespace == namespace || strings.HasPrefix(owner, namespace+"/")
}

// retained returns the objects that no configuration needs and that stay where they are: those that earlier runs handed
// over, and those with data in another kpt package than their configuration.
func (c *Changes) retained() []*resourcelist.Item {
	if c.retainedRead {
		return c.retainedItems
	}
	c.retainedRead = true
	for _, item := range c.list.Items {
		if item.Annotation(ownership.AnnotationRetainedFrom) != "" || c.isOutside(item) {
			c.retainedItems = append(c.retainedItems, item)
		}
	}
	return c.retainedItems
}

// isOutside reports whether an object has data, is not needed, and is not handed over, because it is in another kpt
// package than its configuration, or another function changed its name or namespace.
func (c *Changes) isOutside(item *resourcelist.Item) bool {
	if !ownership.HoldsData(item.Group(), item.Kind) {
		return false
	}
	owner := c.owners.Of(item)
	if !c.isActive(owner) {
		return false
	}
	return (c.owners.isMoved(item) || !c.inSamePackage(item, owner)) && !c.isGenerated(item, owner)
}

// isGenerated reports whether a configuration generates an object with the id of an item, or that it had before another
// function changed it.
func (c *Changes) isGenerated(item *resourcelist.Item, owner string) bool {
	return slices.ContainsFunc(c.configurations[owner].Objects, func(object *resourcelist.Item) bool {
		return object.Same(item.ID) || c.owners.moved[object.String()] == item
	})
}

// keepHeldKeys adds the given keys of the existing Secret to the generated one.
func (c *Changes) keepHeldKeys(existing, generated *resourcelist.Item, keys []heldKey) {
	for _, key := range keys {
		if c.keepKey(generated.Node(), existing, key) {
			generated.Changed()
		}
	}
}

// keepKey adds a key of the data of the existing Secret to another one, unless it has the key, and reports whether it
// did. It warns of another value.
func (c *Changes) keepKey(to *yaml.Node, existing *resourcelist.Item, held heldKey) bool {
	value := resourcelist.Field(existing.Node(), "data", held.key)
	data := resourcelist.Field(to, "data")
	if value == nil || data == nil {
		return false
	}
	if at := indexOf(data, held.key); at >= 0 {
		if data.Content[at+1].Value != value.Value {
			c.report(result.Warning, existing, "%s: the value of %s changes, and %s, which no configuration needs, reads "+
				"it. If it needs the earlier value, put that into a Secret of its own, and refer to it there",
				existing.ID, held.key, held.reader.ID)
		}
		return false
	}
	name := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: held.key}
	data.Content = append(data.Content, name, yaml.CopyYNode(value))
	return true
}

// secretKey is a reference to a key of a Secret.
type secretKey struct{ name, key string }

// secretKeys returns the references to keys of Secrets in an object.
func secretKeys(node *yaml.Node) []secretKey {
	var found []secretKey
	if name, key := scalarField(node, "name"), scalarField(node, "key"); name != "" && key != "" {
		found = append(found, secretKey{name, key})
	}
	for _, child := range node.Content {
		found = append(found, secretKeys(child)...)
	}
	return found
}
