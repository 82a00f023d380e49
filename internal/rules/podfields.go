// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/podspec"
)

// defaultGracePeriod is the number of seconds that Kubernetes gives a pod to stop.
const defaultGracePeriod = 30

// podFields checks the fields of spec.pod as the API server checks the Deployment that the operator creates. If it
// rejects one of those that only a patch of the Deployment sets, the operator applies the Deployment without the whole
// patch, and reports that only in the resource's status.
func podFields(s *subject) {
	pod := s.spec.Pod
	for field, name := range map[string]string{
		"spec.pod.priorityClassName": pod.PriorityClassName, "spec.pod.runtimeClassName": pod.RuntimeClassName,
	} {
		if name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
			s.errorf(field, "%q is not the name of an object; write lower-case letters, digits, hyphens and dots", name)
		}
	}
	if seconds := pod.TerminationGracePeriodSeconds; seconds != nil && *seconds < 0 {
		s.errorf("spec.pod.terminationGracePeriodSeconds", "%d is negative; write 0 or more seconds", *seconds)
	}
	for field, value := range map[string]any{
		"affinity": pod.Affinity, "tolerations": &pod.Tolerations, "securityContext": pod.SecurityContext,
		"containerSecurityContext": pod.ContainerSecurityContext, "volumes": &pod.Volumes,
		"volumeMounts": &pod.VolumeMounts, "hostAliases": &pod.HostAliases, "dnsConfig": pod.DNSConfig,
		"topologySpreadConstraints": &pod.TopologySpreadConstraints, "envFrom": &pod.EnvFrom, "lifecycle": pod.Lifecycle,
	} {
		podspec.Check("spec.pod."+field, value, s.errorf)
	}
	for field, value := range map[string]any{
		"affinity": pod.Affinity, "securityContext": pod.SecurityContext,
		"containerSecurityContext": pod.ContainerSecurityContext, "volumes": &pod.Volumes,
		"volumeMounts": &pod.VolumeMounts, "initContainers": &pod.InitContainers, "sidecars": &pod.Sidecars,
	} {
		podspec.Known("spec.pod."+field, value, s.warnf) // other fields are in a patch of the Deployment
	}
	for i, constraint := range pod.TopologySpreadConstraints {
		topologySpread(s, index("spec.pod.topologySpreadConstraints", i), constraint)
	}
	podspec.TopologySpread("spec.pod.topologySpreadConstraints", pod.TopologySpreadConstraints, s.errorf)
	podspec.Annotations("spec.pod.annotations", pod.Annotations, plan.PodSecurityContext(pod.SecurityContext, s.given),
		allContainers(s), s.errorf)
}

// allContainers returns the names and security contexts of all containers of the server's pods.
func allContainers(s *subject) []corev1.Container {
	pod := s.spec.Pod
	return slices.Concat([]corev1.Container{
		{Name: "mattermost", SecurityContext: plan.ContainerSecurityContext(pod.ContainerSecurityContext)},
		{Name: "wait-for-database", SecurityContext: plan.RestrictedContainer()},
	}, pod.InitContainers, pod.Sidecars)
}

func topologySpread(s *subject, field string, constraint corev1.TopologySpreadConstraint) {
	if s.spec.Availability != nil && constraint.TopologyKey == s.spec.Availability.TopologyKey &&
		constraint.WhenUnsatisfiable == corev1.ScheduleAnyway && s.isSpread() {
		s.errorf(field, "has the topologyKey and whenUnsatisfiable of the rule of spec.availability, and Kubernetes accepts "+
			"the pair only once; remove one of the two, or set spec.availability.enabled: false")
	}
	if constraint.LabelSelector == nil {
		s.warnf(field+".labelSelector", "is not set: the rule counts no pods. Add matchLabels, such as {app: mattermost, "+
			"installation.mattermost.com/installation: %s}", s.Name)
	}
}

// isSpread reports whether the pods are spread over hosts and zones, as the plan decides.
func (s *subject) isSpread() bool {
	if enabled := s.spec.Availability.Enabled; enabled != nil {
		return *enabled
	}
	n, _ := s.servers()
	return n > 1
}
