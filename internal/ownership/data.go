// SPDX-License-Identifier: Apache-2.0

package ownership

import (
	"slices"
	"strings"
)

// HoldsData reports whether the deletion of an object of a kind from a cluster deletes messages, files, or other
// objects with such data. A StatefulSet has data only with volumeClaimTemplates, and Secrets are not decided by their
// kind.
//
// A Cluster owns its claims (cloudnative-pg, pkg/reconciler/persistentvolumeclaim/build.go), a Namespace contains
// everything else.
func HoldsData(group, kind string) bool {
	switch group + "/" + kind {
	case "/Namespace", "/PersistentVolumeClaim", "apps/StatefulSet", "postgresql.cnpg.io/Cluster", "minio.min.io/Tenant":
		return true
	}
	return false
}

// AnnotationSyncOptions is Argo CD's. It contains a list of options, of which the first with a name counts (argo-cd,
// gitops-engine/pkg/utils/kube and pkg/sync/common).
const AnnotationSyncOptions = "argocd.argoproj.io/sync-options"

// syncOptions are the options with which Argo CD keeps an object when it leaves Git, and when the application is
// deleted.
var syncOptions = []string{"Prune=false", "Delete=false"}

// Guards returns the annotations with which deployment tools keep an object in the cluster when it is no longer in Git:
// Argo CD, Flux (kustomize-controller), cli-utils (kpt live) and Config Sync, Helm and Fleet. The tools read them from
// the object in the cluster. The end-to-end tests compare each with the constants of the tool's own module, where there
// is one.
func Guards() map[string]string {
	return map[string]string{
		AnnotationSyncOptions:                     strings.Join(syncOptions, ","),
		"kustomize.toolkit.fluxcd.io/prune":       "disabled",
		"client.lifecycle.config.k8s.io/deletion": "detach",
		"helm.sh/resource-policy":                 "keep",
	}
}

// WithSyncOptions adds the options of Guards to a value of AnnotationSyncOptions that a user set. An option that the
// user set stays as it is.
func WithSyncOptions(value string) string {
	var options, names []string
	for option := range strings.SplitSeq(value, ",") {
		if option = strings.TrimSpace(option); option == "" {
			continue
		}
		name, _, _ := strings.Cut(option, "=")
		options, names = append(options, option), append(names, name)
	}
	for _, option := range syncOptions {
		if name, _, _ := strings.Cut(option, "="); !slices.Contains(names, name) {
			options = append(options, option)
		}
	}
	return strings.Join(options, ",")
}

// emitted contains the kinds that the function emits, by API group. Ownership metadata on objects of other kinds was
// added by another function and has no meaning.
var emitted = map[string][]string{
	"": {"ConfigMap", "Namespace", "PersistentVolumeClaim", "Secret", "Service",
		"ServiceAccount"},
	"apps":                           {"StatefulSet"},
	"barmancloud.cnpg.io":            {"ObjectStore"},
	"external-secrets.io":            {"ExternalSecret"},
	"fluentbit.fluent.io":            {"Filter", "FluentBitConfig", "Output", "Parser"},
	"gateway.networking.k8s.io":      {"HTTPRoute"},
	"generators.external-secrets.io": {"Password"},
	"installation.mattermost.com":    {"Mattermost"},
	"minio.min.io":                   {"Tenant"},
	"monitoring.coreos.com":          {"PrometheusRule", "ServiceMonitor"},
	"networking.istio.io":            {"ServiceEntry", "Sidecar", "VirtualService"},
	"networking.k8s.io":              {"NetworkPolicy"},
	"policy":                         {"PodDisruptionBudget"},
	"postgresql.cnpg.io":             {"Cluster", "ScheduledBackup"},
	"security.istio.io":              {"AuthorizationPolicy", "PeerAuthentication"},
}

// IsEmitted reports whether the function emits objects of a kind.
func IsEmitted(group, kind string) bool { return slices.Contains(emitted[group], kind) }
