package transformers

import (
	"maps"
	"path"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// prune removes what carries our mark and is wanted no more: what a configuration of this run owns and did not ask for,
// and what belongs to a configuration that is gone. Everything else stays.
func (c *Changes) prune() {
	var kept []*resourcelist.Item
	unclear := map[string][]*resourcelist.Item{}
	for _, item := range c.list.Items {
		owner := Owner(item)
		switch {
		case owner == "" || c.desired[item]:
			kept = append(kept, item)
		case c.isActive(owner):
			c.reportRemoval(item, "MattermostConfig "+owner+" no longer asks for it")
		case c.isOrphaned(item):
			c.reportRemoval(item, "MattermostConfig "+owner+", which it belongs to, is no longer among the resources")
		default:
			kept = append(kept, item)
			unclear[owner] = append(unclear[owner], item)
		}
	}
	if !c.host.kustomize { // there other configurations have runs of their own
		for _, owner := range slices.Sorted(maps.Keys(unclear)) {
			c.report(result.Warning, unclear[owner][0], "%s, %d in all, belongs to MattermostConfig %s, which is not among the resources. It stays, for nothing shows that these are all resources: run the function on the whole kpt package (the folder with the Kptfile), or delete what is no longer wanted by hand", unclear[owner][0].ID, len(unclear[owner]), owner)
		}
	}
	c.list.Items = kept
}

func (c *Changes) reportRemoval(item *resourcelist.Item, why string) {
	c.record(item, Removed)
	switch {
	case item.Kind == "Secret" && c.isMadeOnce(item):
		c.report(result.Warning, item, "%s is removed from here: from now on External Secrets makes it, and with a new password unless it is in the cluster. A database that is there already knows only the old one: before what you apply with prunes the Secret, annotate it in the cluster with argocd.argoproj.io/sync-options: Prune=false or cli-utils.sigs.k8s.io/on-remove: keep", item.ID)
		return
	case holdsData[item.Kind]:
		c.report(result.Warning, item, "%s is removed: %s. In the cluster the data that it holds may go with it", item.ID, why)
		return
	}
	c.report(result.Info, item, "%s is removed: %s", item.ID, why)
}

// isMadeOnce says whether an ExternalSecret of this run makes the Secret, with a password that it generates once.
func (c *Changes) isMadeOnce(secret *resourcelist.Item) bool {
	maker := c.existing[resourcelist.ID{APIVersion: "external-secrets.io", Kind: "ExternalSecret", Namespace: secret.Namespace, Name: secret.Name}]
	return maker != nil && c.desired[maker] && resourcelist.Text(resourcelist.Field(maker.Node(), "spec", "refreshPolicy")) == "CreatedOnce"
}

func (c *Changes) isActive(owner string) bool {
	_, active := c.activeOwners[owner]
	return active
}

// holdsData are the kinds of ours whose removal from a cluster takes people's messages or files along.
var holdsData = map[string]bool{"Cluster": true, "PersistentVolumeClaim": true, "StatefulSet": true, "Tenant": true}

// isOrphaned reports whether the configuration that an object belongs to is known to be gone: it is not among the resources,
// and it would be if it existed. A configuration that the host gives only as functionConfig may be one of several, each
// with a run of its own, so that the others' absence says nothing. kpt may be run on a part of a package; only a Kptfile
// above an object shows that everything beside it is in sight.
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

// inside says whether a file lies below a folder; "." is the top. Standard input (-) lies nowhere.
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
