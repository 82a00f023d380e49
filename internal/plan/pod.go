// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
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
	if b.Files.IsAzure && b.spec.ObjectStorage.UsesAzureIdentity() {
		setIfAbsent(b.Pod.Labels, labelWorkloadIdentity, "true")
	}
	if version := b.podVersion(b.Image.Version); version != "" && b.Pod.Labels[ownership.LabelVersion] == "" {
		b.Pod.Deployment.Labels = map[string]string{ownership.LabelVersion: version}
	}
	if pod.ReadOnlyRootFilesystem {
		b.readOnlyRoot()
	}
	b.mesh()
	b.availability()
}

// WritableVolume is the name of the volume with the directories that the server writes to.
const WritableVolume = "mattermost-writable"

// Writable returns the directories that the server writes to, and where they are in WritableVolume. Server 11.6 wrote
// to no other one when it ran with our environment on a read-only file system: at start-up, with files, previews,
// plugins, exports and a log file. Without /var/tmp it exits, since the image switches local mode on, whose socket is
// there (server/build/Dockerfile, server/channels/app/server.go). DataDirectory is a volume of its own if files are
// stored there; otherwise reports for auditors are (ComplianceSettings.Directory).
func Writable(spec *v1alpha1.MattermostConfigSpec) map[string]string {
	directories := map[string]string{
		"/mattermost/client/plugins": "client-plugins", "/mattermost/logs": "logs", "/mattermost/plugins": "plugins",
		"/tmp": "tmp", "/var/tmp": "var-tmp",
	}
	if files := spec.ObjectStorage.InCluster; files == nil || files.Engine != v1alpha1.EngineVolume {
		directories[DataDirectory] = "data"
	}
	return directories
}

// readOnlyRoot makes the server's root file system read-only, with volumes for what the server writes.
func (b *builder) readOnlyRoot() {
	yes := true
	b.Pod.ContainerSecurityContext.ReadOnlyRootFilesystem = &yes
	b.Pod.Volumes = append(slices.Clone(b.Pod.Volumes), corev1.Volume{
		Name: WritableVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}},
	})
	b.Pod.VolumeMounts = slices.Clone(b.Pod.VolumeMounts)
	writable := Writable(b.spec)
	for _, directory := range slices.Sorted(maps.Keys(writable)) {
		if !slices.ContainsFunc(b.Pod.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path.Clean(m.MountPath) == directory
		}) {
			b.Pod.VolumeMounts = append(b.Pod.VolumeMounts,
				corev1.VolumeMount{Name: WritableVolume, MountPath: directory, SubPath: writable[directory]})
		}
	}
}

// mesh puts the pods into Istio's mesh or keeps them out of it.
func (b *builder) mesh() {
	if b.Calls != nil && b.HasSidecar() { // which would reject clients outside the mesh; it does not see UDP
		const excluded = "traffic.sidecar.istio.io/excludeInboundPorts"
		b.Pod.Annotations[excluded] = withPorts(b.Pod.Annotations[excluded], []uint16{uint16(b.Calls.Port)})
	}
	if b.Istio.Ambient {
		b.Pod.Labels["istio.io/dataplane-mode"] = "ambient"
		return
	}
	if b.Istio.Injection == nil {
		return
	}
	b.Pod.Labels[LabelInject] = strconv.FormatBool(*b.Istio.Injection)
	if !*b.Istio.Injection {
		return
	}
	// The container that waits for the database runs before the sidecar is ready, and PostgreSQL has its own encryption:
	// its port bypasses the sidecar.
	var ports []uint16
	for _, d := range b.Destinations {
		if d.Kind == DestinationDatabase {
			ports = append(ports, uint16(d.Port))
		}
	}
	annotations := b.Pod.Annotations
	annotations[AnnotationExcludedPorts] = withPorts(annotations[AnnotationExcludedPorts], ports)
	annotations[AnnotationProxyConfig] = withHeldApplication(annotations[AnnotationProxyConfig])
}

func setIfAbsent(m map[string]string, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}

// Annotations that configure the sidecar of a pod. The configuration may set them too: the function adds to them.
const (
	// AnnotationExcludedPorts lists the ports to which connections bypass the sidecar.
	AnnotationExcludedPorts = "traffic.sidecar.istio.io/excludeOutboundPorts"
	// AnnotationProxyConfig contains fields of Istio's ProxyConfig in YAML.
	AnnotationProxyConfig = "proxy.istio.io/config"
)

// ParsePorts parses a list of ports as Istio does: separated by commas, with spaces around them.
func ParsePorts(list string) ([]uint16, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var ports []uint16
	for text := range strings.SplitSeq(list, ",") {
		port, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%q is not a port", strings.TrimSpace(text))
		}
		ports = append(ports, uint16(port))
	}
	return ports, nil
}

// withPorts adds ports to a list, sorted and each once. It returns an invalid list as it is, which a rule reports.
func withPorts(list string, ports []uint16) string {
	given, err := ParsePorts(list)
	if err != nil {
		return list
	}
	all := slices.Concat(given, ports)
	slices.Sort(all)
	var texts []string
	for _, port := range slices.Compact(all) {
		texts = append(texts, strconv.Itoa(int(port)))
	}
	return strings.Join(texts, ",")
}

// withHeldApplication makes the sidecar start before the server, unless the ProxyConfig says otherwise. It returns an
// invalid one as it is, which a rule reports.
func withHeldApplication(config string) string {
	const name = "holdApplicationUntilProxyStarts"
	if strings.TrimSpace(config) == "" {
		return `{"` + name + `": true}`
	}
	node, err := yaml.Parse(config)
	if err != nil || node.YNode().Kind != yaml.MappingNode || node.Field(name) != nil {
		return config
	}
	on := yaml.NewRNode(&yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagBool, Value: "true"})
	if err := node.PipeE(yaml.SetField(name, on)); err != nil {
		return config
	}
	text, err := node.String()
	if err != nil {
		return config
	}
	return strings.TrimSuffix(text, "\n")
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

// scrapeAnnotations restores annotations of the pods that the operator replaces if it has a license (operator 1.25,
// pkg/mattermost/mattermost_v1beta.go): it always announces metrics. While they are off, a Prometheus that finds pods
// by annotations would have a target that is down.
func (b *builder) scrapeAnnotations() {
	if b.LicenseSecret == "" {
		return
	}
	annotations := map[string]string{}
	if b.metricsAreOff() {
		annotations["prometheus.io/scrape"] = "false"
	}
	for _, name := range []string{"prometheus.io/path", "prometheus.io/port", "prometheus.io/scrape"} {
		if value, given := b.Pod.Annotations[name]; given {
			annotations[name] = value
		}
	}
	b.Pod.Deployment.Annotations = annotations
}

// metricsAreOff reports whether the servers are known not to listen on the port of metrics.
func (b *builder) metricsAreOff() bool {
	for _, variable := range b.Env {
		if variable.Name == "MM_METRICSSETTINGS_ENABLE" && variable.ValueFrom == nil {
			on, err := strconv.ParseBool(variable.Value)
			return err == nil && !on
		}
	}
	return false
}
