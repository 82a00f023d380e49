// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"cmp"

	"bigbang.dev/mattermost-fn/internal/references"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// needsHashSuffix is the annotation of a Secret or ConfigMap to whose name kustomize appends a hash after the function
// (kustomize 5.8, api/internal/utils/annotations.go).
const needsHashSuffix = "internal.config.kubernetes.io/needsHashSuffix"

// hashSuffixes returns the Secrets and ConfigMaps to whose names kustomize appends a hash.
func hashSuffixes(list *resourcelist.List) map[resourcelist.ID]bool {
	var all map[resourcelist.ID]bool
	for _, item := range list.Items {
		if item.HasAnnotation(needsHashSuffix) && item.Annotation(needsHashSuffix) == "enabled" {
			if all == nil {
				all = map[resourcelist.ID]bool{}
			}
			all[item.ID] = true
		}
	}
	return all
}

// reportHashSuffixes reports emitted references to objects whose names kustomize changes: it does not know the fields
// of custom resources.
func (i *installation) reportHashSuffixes(changed map[resourcelist.ID]bool) {
	if i.plan == nil || len(changed) == 0 {
		return
	}
	seen := map[resourcelist.ID]bool{}
	for _, item := range i.items {
		for _, ref := range references.Of(item) {
			id := resourcelist.ID{
				APIVersion: "v1", Kind: ref.Kind, Namespace: cmp.Or(ref.Namespace, item.Namespace), Name: ref.Name,
			}
			if ref.Group != "" || !changed[id] || seen[id] {
				continue
			}
			seen[id] = true
			i.report.Report(result.Warning, ruleid.HashSuffix, references.FieldOf(i.item.Node(), ref.Name),
				"kustomize appends a hash to the name of %s after this function, but not in %s, which names it. Set "+
					"generatorOptions: {disableNameSuffixHash: true}, or list the Component of examples/component under "+
					"components: and set spec.allow: [%s]", id, item.ID, ruleid.HashSuffix)
		}
	}
}
