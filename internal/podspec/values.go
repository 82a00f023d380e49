// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"reflect"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// operatorVersion is the version of the operator that newerFields and bundleFields are about.
const operatorVersion = "1.25.9"

// allowedValues contains the values of types that are strings. The empty string means that the default applies; where
// there is none, the check of the struct reports it.
var allowedValues = map[reflect.Type][]string{
	reflect.TypeFor[corev1.PullPolicy]():               {"Always", "IfNotPresent", "Never"},
	reflect.TypeFor[corev1.TerminationMessagePolicy](): {"File", "FallbackToLogsOnError"},
	reflect.TypeFor[corev1.ContainerRestartPolicy]():   {"Always", "Never", "OnFailure"},
	reflect.TypeFor[corev1.Protocol]():                 {"TCP", "UDP", "SCTP"},
	reflect.TypeFor[corev1.URIScheme]():                {"HTTP", "HTTPS"},
	reflect.TypeFor[corev1.TolerationOperator]():       {"Equal", "Exists", "Lt", "Gt"},
	reflect.TypeFor[corev1.TaintEffect]():              {"NoSchedule", "PreferNoSchedule", "NoExecute"},
	reflect.TypeFor[corev1.NodeSelectorOperator]():     {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"},
	reflect.TypeFor[metav1.LabelSelectorOperator]():    {"In", "NotIn", "Exists", "DoesNotExist"},
	reflect.TypeFor[corev1.UnsatisfiableConstraintAction](): {
		"DoNotSchedule", "ScheduleAnyway",
	},
	reflect.TypeFor[corev1.NodeInclusionPolicy]():         {"Honor", "Ignore"},
	reflect.TypeFor[corev1.ProcMountType]():               {"Default", "Unmasked"},
	reflect.TypeFor[corev1.SeccompProfileType]():          {"RuntimeDefault", "Localhost", "Unconfined"},
	reflect.TypeFor[corev1.AppArmorProfileType]():         {"RuntimeDefault", "Localhost", "Unconfined"},
	reflect.TypeFor[corev1.PodFSGroupChangePolicy]():      {"Always", "OnRootMismatch"},
	reflect.TypeFor[corev1.SupplementalGroupsPolicy]():    {"Merge", "Strict"},
	reflect.TypeFor[corev1.PodSELinuxChangePolicy]():      {"MountOption", "Recursive"},
	reflect.TypeFor[corev1.MountPropagationMode]():        {"None", "HostToContainer", "Bidirectional"},
	reflect.TypeFor[corev1.RecursiveReadOnlyMode]():       {"Disabled", "IfPossible", "Enabled"},
	reflect.TypeFor[corev1.ResourceResizeRestartPolicy](): {"NotRequired", "RestartContainer"},
}

// anyValue are types whose values are not limited, or are checked with the struct that contains them.
var anyValue = []reflect.Type{
	reflect.TypeFor[corev1.Capability](), reflect.TypeFor[corev1.ResourceName](), reflect.TypeFor[corev1.StorageMedium](),
	reflect.TypeFor[corev1.Signal](),
}

// newerFields are fields that Kubernetes got after v0.33.1 of k8s.io/api, which the operator is built with, by type.
// Its definition does not know them.
var newerFields = map[reflect.Type][]string{
	reflect.TypeFor[corev1.ClusterTrustBundleProjection]():  {"user"},
	reflect.TypeFor[corev1.ConfigMapVolumeSource]():         {"defaultUser"},
	reflect.TypeFor[corev1.Container]():                     {"restartPolicyRules"},
	reflect.TypeFor[corev1.DownwardAPIVolumeFile]():         {"user"},
	reflect.TypeFor[corev1.DownwardAPIVolumeSource]():       {"defaultUser"},
	reflect.TypeFor[corev1.EmptyDirVolumeSource]():          {"mode"},
	reflect.TypeFor[corev1.EnvVarSource]():                  {"fileKeyRef"},
	reflect.TypeFor[corev1.GRPCAction]():                    {"mode"},
	reflect.TypeFor[corev1.HTTPGetAction]():                 {"protocol"},
	reflect.TypeFor[corev1.KeyToPath]():                     {"user"},
	reflect.TypeFor[corev1.ProjectedVolumeSource]():         {"defaultUser"},
	reflect.TypeFor[corev1.SecretVolumeSource]():            {"defaultUser"},
	reflect.TypeFor[corev1.ServiceAccountTokenProjection](): {"user"},
	reflect.TypeFor[corev1.VolumeMount]():                   {"bindMountOptions"},
	reflect.TypeFor[corev1.VolumeProjection]():              {"podCertificate"},
}

// olderDefinition are fields that the definitions in the operator's install bundles up to 1.25.7 do not know, which Big
// Bang's operator package copies: they were generated before Kubernetes 1.28. The API server drops such a field.
var olderDefinition = map[reflect.Type][]string{
	reflect.TypeFor[corev1.Container]():          {"restartPolicy", "resizePolicy"},
	reflect.TypeFor[corev1.PodSecurityContext](): {"appArmorProfile", "seLinuxChangePolicy", "supplementalGroupsPolicy"},
	reflect.TypeFor[corev1.SecurityContext]():    {"appArmorProfile"},
	reflect.TypeFor[corev1.VolumeMount]():        {"recursiveReadOnly"},
	reflect.TypeFor[corev1.LifecycleHandler]():   {"sleep"},
	reflect.TypeFor[corev1.VolumeProjection]():   {"clusterTrustBundle"},
	reflect.TypeFor[corev1.PodAffinityTerm]():    {"matchLabelKeys", "mismatchLabelKeys"},
}
