package transformers

import (
	"path"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// hostInfo is what a list shows of the host that sent it.
type hostInfo struct {
	// kustomize sent the list, to a transformer: it marks every resource.
	kustomize bool
	// files says that the host keeps resources in files, and puts new ones into the file that they name.
	files bool
	// legacyAnnotations says that the host names files by the older annotations too.
	legacyAnnotations bool
	// packages are the folders of the Kptfiles in the list.
	packages []string
	// configOutside says that a configuration of this run is not kept among the resources.
	configOutside bool
}

// Annotations by which hosts mark what they send.
const (
	annotationKustomize = "kustomize.config.k8s.io/id"
	annotationSelected  = "internal.config.k8s.io/kpt-resource-id"
	annotationLegacyID  = "config.k8s.io/id" // of hosts from before kpt 1.0
)

func inspectHost(list *resourcelist.List) hostInfo {
	host := hostInfo{files: list.Directory != ""}
	for _, item := range list.Items {
		host.configOutside = host.configOutside || list.Directory != "" && IsConfiguration(item) && !inside(list.Directory, item.File)
		host.kustomize = host.kustomize || item.Annotation(annotationKustomize) != ""
		host.files = host.files || item.Annotation(kioutil.PathAnnotation) != ""
		host.legacyAnnotations = host.legacyAnnotations || item.Annotation(resourcelist.LegacyPath) != ""
		if item.Kind == "Kptfile" && strings.HasPrefix(item.APIVersion, "kpt.dev/") && item.File != "" {
			host.packages = append(host.packages, path.Dir(path.Clean(item.File)))
		}
	}
	host.files = host.files && !host.kustomize
	if config := list.FunctionConfig; config != nil && IsConfiguration(config) {
		host.configOutside = host.configOutside || list.Find(config.ID) == nil
	}
	return host
}

// IsConfiguration says whether an item is a MattermostConfig, of whatever version.
func IsConfiguration(item *resourcelist.Item) bool {
	return item.Group() == v1alpha1.Group && item.Kind == v1alpha1.Kind
}

// Selected says whether kpt shows only a part of its resources: it numbers them where a selector or an exclusion is in
// force, to put the parts together again. What is hidden cannot be updated, only added once more.
func Selected(list *resourcelist.List) bool {
	if list.FunctionConfig != nil && list.FunctionConfig.Annotation(annotationSelected) != "" {
		return true
	}
	for _, item := range list.Items {
		if item.Annotation(annotationSelected) != "" {
			return true
		}
	}
	return false
}
