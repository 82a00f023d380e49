// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"path"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// hostInfo describes the host that sent a list, as far as the list shows it.
type hostInfo struct {
	// kustomize is true if kustomize sent the list to a transformer: it annotates every resource.
	kustomize bool
	// files is true if the host keeps resources in files and writes new ones to the file that they name.
	files bool
	// legacyAnnotations is true if the host names files by the older annotations too.
	legacyAnnotations bool
	// packages contains the directories of the Kptfiles in the list.
	packages map[string]bool
	// configOutside is true if a configuration of this run is not among the resources.
	configOutside bool
}

// Annotations that hosts add to the objects that they send.
const (
	annotationKustomize = "kustomize.config.k8s.io/id"
	annotationSelected  = "internal.config.k8s.io/kpt-resource-id"
	annotationLegacyID  = "config.k8s.io/id" // added by hosts before kpt 1.0
)

func inspectHost(list *resourcelist.List) hostInfo {
	host := hostInfo{files: list.Directory != "", packages: map[string]bool{}}
	for _, item := range list.Items {
		host.configOutside = host.configOutside ||
			list.Directory != "" && IsConfiguration(item) && !inside(list.Directory, item.File)
		host.kustomize = host.kustomize || item.HasAnnotation(annotationKustomize)
		host.files = host.files || item.HasAnnotation(kioutil.PathAnnotation)
		host.legacyAnnotations = host.legacyAnnotations || item.HasAnnotation(resourcelist.LegacyPath)
		if item.Kind == "Kptfile" && strings.HasPrefix(item.APIVersion, "kpt.dev/") && item.File != "" {
			host.packages[path.Dir(item.Place())] = true
		}
	}
	host.files = host.files && !host.kustomize
	if config := list.FunctionConfig; config != nil && IsConfiguration(config) {
		host.configOutside = host.configOutside || list.Find(config.ID) == nil
	}
	return host
}

// packageOf returns the directory of the kpt package that a file belongs to: that of the next Kptfile above it.
func (h *hostInfo) packageOf(file string) (directory string, found bool) {
	if file == "" || file == "-" || len(h.packages) == 0 {
		return "", false
	}
	for directory = path.Dir(file); ; directory = path.Dir(directory) {
		switch {
		case h.packages[directory] && inside(directory, file):
			return directory, true
		case directory == "." || directory == "/":
			return "", false
		}
	}
}

// IsConfiguration reports whether an item is a MattermostConfig of any version.
func IsConfiguration(item *resourcelist.Item) bool {
	return item.Group() == v1alpha1.Group && item.Kind == v1alpha1.Kind
}

// Selected reports whether kpt sent only a part of its resources. If a selector or an exclusion is in effect, kpt adds
// an id to each resource, to merge the parts afterwards. Hidden resources cannot be updated and would be added again.
func Selected(list *resourcelist.List) bool {
	if list.FunctionConfig != nil && list.FunctionConfig.Annotation(annotationSelected) != "" {
		return true
	}
	for _, item := range list.Items {
		if item.HasAnnotation(annotationSelected) {
			return true
		}
	}
	return false
}
