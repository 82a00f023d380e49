// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"maps"
	"path"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// prune removes objects that mattermost-fn manages and no configuration needs: objects of a configuration of this run
// that it did not generate, and objects of a configuration that was deleted. It keeps everything else.
func (c *Changes) prune() {
	var kept []*resourcelist.Item
	undecided := map[string][]*resourcelist.Item{}
	for _, item := range c.items {
		owner := Owner(item)
		switch {
		case owner == "" || c.desired[item]:
			kept = append(kept, item)
		case c.isActive(owner):
			c.reportRemoval(item, "MattermostConfig "+owner+" no longer needs it")
		case c.isOrphaned(item):
			c.reportRemoval(item, "its MattermostConfig "+owner+" is no longer among the resources")
		default:
			kept = append(kept, item)
			undecided[owner] = append(undecided[owner], item)
		}
	}
	if !c.host.kustomize { // kustomize runs the function once per configuration
		for _, owner := range slices.Sorted(maps.Keys(undecided)) {
			items := undecided[owner]
			c.report(result.Warning, items[0], "MattermostConfig %s is not among the resources; its objects "+
				"(%d, the first is %s) are kept because the input may be incomplete: run the function on the whole "+
				"kpt package (the directory with the Kptfile), or delete objects that are no longer needed by hand",
				owner, len(items), items[0].ID)
		}
	}
	c.items = kept
}

func (c *Changes) reportRemoval(item *resourcelist.Item, why string) {
	c.record(item, Removed)
	switch {
	case item.Kind == "Secret" && c.isMadeOnce(item):
		c.report(result.Warning, item, "%s is removed: External Secrets now creates it, with a new password unless it "+
			"already exists in the cluster. An existing database accepts only the old password: before your deployment "+
			"tool prunes the Secret, annotate it in the cluster with argocd.argoproj.io/sync-options: Prune=false "+
			"or cli-utils.sigs.k8s.io/on-remove: keep", item.ID)
		return
	case hasData[item.Kind]:
		c.report(result.Warning, item, "%s is removed: %s. Deleting it from the cluster may delete its data", item.ID, why)
		return
	}
	c.report(result.Info, item, "%s is removed: %s", item.ID, why)
}

// isMadeOnce reports whether an ExternalSecret of this run creates the Secret with a password that is generated once.
func (c *Changes) isMadeOnce(secret *resourcelist.Item) bool {
	maker := c.existing[resourcelist.ID{
		APIVersion: "external-secrets.io", Kind: "ExternalSecret", Namespace: secret.Namespace, Name: secret.Name,
	}]
	if maker == nil || !c.desired[maker] {
		return false
	}
	return resourcelist.Text(resourcelist.Field(c.current(maker).Node(), "spec", "refreshPolicy")) == "CreatedOnce"
}

func (c *Changes) isActive(owner string) bool {
	_, active := c.activeOwners[owner]
	return active
}

// hasData contains the emitted kinds whose deletion from a cluster also deletes messages or files.
var hasData = map[string]bool{"Cluster": true, "PersistentVolumeClaim": true, "StatefulSet": true, "Tenant": true}

// isOrphaned reports whether the configuration that an object belongs to was deleted: it is not among the resources,
// although it would be if it existed. A configuration that the host passes only as functionConfig may be one of
// several, each with a run of its own, so the absence of others proves nothing. kpt may run on a part of a package:
// only a Kptfile in a directory above the object proves that the list contains the whole package.
func (c *Changes) isOrphaned(item *resourcelist.Item) bool {
	owner := Owner(item)
	switch {
	case owner == "" || c.isActive(owner) || c.host.configOutside:
		return false
	case c.host.kustomize:
		return true
	}
	return slices.ContainsFunc(c.host.packages, func(directory string) bool { return inside(directory, item.File) })
}

// inside reports whether a file is below a directory; "." is the top directory. Standard input (-) is in no directory.
func inside(directory, file string) bool {
	if file == "" || file == "-" {
		return false
	}
	directory, below := path.Clean(directory), path.Clean(file)
	if directory != "." {
		var found bool
		if below, found = strings.CutPrefix(below, strings.TrimSuffix(directory, "/")+"/"); !found {
			return false
		}
	}
	return !path.IsAbs(below) && below != ".." && !strings.HasPrefix(below, "../")
}
