// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// user is the id that Mattermost's images run as.
const user int64 = 2000

// pod decides the fields of the server's pods.
func (b *builder) pod() {
	pod := b.spec.Pod
	b.Pod = Pod{
		Labels:                   maps.Clone(pod.Labels),
		Annotations:              maps.Clone(pod.Annotations),
		NodeSelector:             pod.NodeSelector,
		Affinity:                 pod.Affinity,
		Tolerations:              pod.Tolerations,
		SecurityContext:          PodSecurityContext(pod.SecurityContext, b.given),
		ContainerSecurityContext: ContainerSecurityContext(pod.ContainerSecurityContext),
		Volumes:                  pod.Volumes,
		VolumeMounts:             pod.VolumeMounts,
		InitContainers:           pod.InitContainers,
		Sidecars:                 pod.Sidecars,
		Deployment: DeploymentFields{
			PriorityClassName: pod.PriorityClassName, RuntimeClassName: pod.RuntimeClassName,
			TerminationGracePeriodSeconds: pod.TerminationGracePeriodSeconds, HostAliases: pod.HostAliases,
			DNSConfig: pod.DNSConfig, TopologySpreadConstraints: pod.TopologySpreadConstraints,
			EnvFrom: pod.EnvFrom, Lifecycle: pod.Lifecycle,
		},
	}
	if b.Pod.Labels == nil {
		b.Pod.Labels = map[string]string{}
	}
	if b.Pod.Annotations == nil {
		b.Pod.Annotations = map[string]string{}
	}
	if azure := b.spec.ObjectStorage.Azure; b.Files.IsAzure && azure.AccessKey == nil {
		setIfAbsent(b.Pod.Labels, labelWorkloadIdentity, "true")
	}
	if pod.ReadOnlyRootFilesystem {
		b.readOnlyRoot()
	}
	b.mesh()
	b.availability()
}

// writableVolume is the name of the volume with the directories that the server writes to.
const writableVolume = "mattermost-writable"

// Writable returns the directories that the server writes to, and where they are in writableVolume
// (server/channels/app: plugins, server/platform/shared/mlog, server/config).
func Writable() map[string]string {
	return map[string]string{
		"/mattermost/client/plugins": "client-plugins", "/mattermost/config": "config", "/mattermost/logs": "logs",
		"/mattermost/plugins": "plugins", "/tmp": "tmp",
	}
}

// readOnlyRoot makes the server's root file system read-only, with volumes for what the server writes.
func (b *builder) readOnlyRoot() {
	yes := true
	b.Pod.ContainerSecurityContext.ReadOnlyRootFilesystem = &yes
	b.Pod.Volumes = append(slices.Clone(b.Pod.Volumes), corev1.Volume{
		Name: writableVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}},
	})
	b.Pod.VolumeMounts = slices.Clone(b.Pod.VolumeMounts)
	writable := Writable()
	for _, directory := range slices.Sorted(maps.Keys(writable)) {
		if !slices.ContainsFunc(b.Pod.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path.Clean(m.MountPath) == directory
		}) {
			b.Pod.VolumeMounts = append(b.Pod.VolumeMounts,
				corev1.VolumeMount{Name: writableVolume, MountPath: directory, SubPath: writable[directory]})
		}
	}
}

// mesh puts the pods into Istio's mesh or keeps them out of it.
func (b *builder) mesh() {
	if b.Calls != nil && b.HasSidecar() { // which would reject clients outside the mesh; it does not see UDP
		setIfAbsent(b.Pod.Annotations, "traffic.sidecar.istio.io/excludeInboundPorts", strconv.Itoa(int(b.Calls.Port)))
	}
	if b.Istio.Ambient {
		b.Pod.Labels["istio.io/dataplane-mode"] = "ambient"
		return
	}
	if b.Istio.Injection == nil {
		return
	}
	b.Pod.Labels["sidecar.istio.io/inject"] = strconv.FormatBool(*b.Istio.Injection)
	if !*b.Istio.Injection {
		return
	}
	// The container that waits for the database runs before the sidecar is ready, and PostgreSQL has its own encryption:
	// its port bypasses the sidecar.
	var ports []string
	for _, d := range b.Destinations {
		if port := strconv.Itoa(int(d.Port)); d.Kind == DestinationDatabase && !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	setIfAbsent(b.Pod.Annotations, "traffic.sidecar.istio.io/excludeOutboundPorts", strings.Join(ports, ","))
	setIfAbsent(b.Pod.Annotations, "proxy.istio.io/config", `{"holdApplicationUntilProxyStarts": true}`)
}

func setIfAbsent(m map[string]string, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}

// availability spreads pods over hosts, and prepares the rest for the generators.
func (b *builder) availability() {
	wanted := b.Replicas > 1
	if b.spec.Availability.Enabled != nil {
		wanted = *b.spec.Availability.Enabled
	}
	if !wanted {
		return
	}
	b.Availability = &Availability{TopologyKey: b.spec.Availability.TopologyKey}
	if b.Pod.Affinity == nil {
		b.Pod.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{
				Weight: 100,
				PodAffinityTerm: corev1.PodAffinityTerm{
					LabelSelector: &metav1.LabelSelector{MatchLabels: b.ServerLabels()},
					TopologyKey:   corev1.LabelHostname,
				},
			}},
		}}
	}
}

// PodSecurityContext merges the configured context into one that complies with pod security standard restricted. The
// configuration removes the default of an id with null, so isGiven reports whether it contains a field.
func PodSecurityContext(given *corev1.PodSecurityContext, isGiven func(field string) bool) *corev1.PodSecurityContext {
	out := &corev1.PodSecurityContext{}
	if given != nil {
		out = given.DeepCopy()
	}
	setPointer(&out.RunAsNonRoot, true)
	for field, id := range map[string]**int64{
		"runAsUser": &out.RunAsUser, "runAsGroup": &out.RunAsGroup,
		"fsGroup": &out.FSGroup, // plugins are unpacked into directories of the image that belong to this group
	} {
		if !isGiven("spec.pod.securityContext." + field) {
			setPointer(id, user)
		}
	}
	if out.SeccompProfile == nil {
		out.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	}
	return out
}

// ContainerSecurityContext does the same for a container.
func ContainerSecurityContext(given *corev1.SecurityContext) *corev1.SecurityContext {
	out := &corev1.SecurityContext{}
	if given != nil {
		out = given.DeepCopy()
	}
	setPointer(&out.RunAsNonRoot, true)
	setPointer(&out.AllowPrivilegeEscalation, false)
	if out.Capabilities == nil {
		out.Capabilities = &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
	}
	if out.SeccompProfile == nil {
		out.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	}
	return out
}

// RestrictedContainer returns the security context of an emitted container; it complies with pod security standard
// restricted.
func RestrictedContainer() *corev1.SecurityContext { return ContainerSecurityContext(nil) }

// userID returns the id that a field sets, or its default; nil if the field is null.
func (b *builder) userID(field string, id *int64, standard int64) *int64 {
	if id == nil && !b.given(field) {
		return &standard
	}
	return id
}

func setPointer[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}
