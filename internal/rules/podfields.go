// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// podFields checks the fields of spec.pod that only a patch of the Deployment sets. If the API server rejects one of
// them, the operator applies the Deployment without the whole patch, and reports that only in the resource's status.
// (kubernetes, pkg/apis/core/validation)
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
	for i, alias := range pod.HostAliases {
		hostAlias(s, index("spec.pod.hostAliases", i), alias)
	}
	if dns := pod.DNSConfig; dns != nil {
		dnsConfig(s, dns)
	}
	for i, constraint := range pod.TopologySpreadConstraints {
		topologySpread(s, index("spec.pod.topologySpreadConstraints", i), constraint)
	}
	for i, source := range pod.EnvFrom {
		envSource(s, index("spec.pod.envFrom", i), source)
	}
	if lifecycle := pod.Lifecycle; lifecycle != nil {
		lifecycleHandler(s, "spec.pod.lifecycle.postStart", lifecycle.PostStart)
		lifecycleHandler(s, "spec.pod.lifecycle.preStop", lifecycle.PreStop)
	}
}

func hostAlias(s *subject, field string, alias corev1.HostAlias) {
	if _, err := netip.ParseAddr(alias.IP); err != nil {
		s.errorf(field+".ip", "%q is not an IP address", alias.IP)
	}
	for i, host := range alias.Hostnames {
		if len(validation.IsDNS1123Subdomain(host)) > 0 {
			s.errorf(index(field+".hostnames", i), "%q is not a host name", host)
		}
	}
}

// maxNameservers is how many nameservers a pod may have in addition to those of the cluster.
const maxNameservers = 3

func dnsConfig(s *subject, dns *corev1.PodDNSConfig) {
	const field = "spec.pod.dnsConfig"
	if len(dns.Nameservers) > maxNameservers {
		s.errorf(field+".nameservers", "has %d elements; Kubernetes accepts at most %d", len(dns.Nameservers), maxNameservers)
	}
	for i, server := range dns.Nameservers {
		if _, err := netip.ParseAddr(server); err != nil {
			s.errorf(index(field+".nameservers", i), "%q is not an IP address", server)
		}
	}
	for i, option := range dns.Options {
		if option.Name == "" {
			s.errorf(index(field+".options", i)+".name", "is required, such as ndots")
		}
	}
}

func topologySpread(s *subject, field string, constraint corev1.TopologySpreadConstraint) {
	if constraint.MaxSkew < 1 {
		s.errorf(field+".maxSkew", "%d is too small; write 1 or more", constraint.MaxSkew)
	}
	if constraint.TopologyKey == "" {
		s.errorf(field+".topologyKey", "is required, such as topology.kubernetes.io/zone")
	}
	switch constraint.WhenUnsatisfiable {
	case corev1.DoNotSchedule, corev1.ScheduleAnyway:
	default:
		s.errorf(field+".whenUnsatisfiable", "%q is neither %s nor %s", constraint.WhenUnsatisfiable,
			corev1.DoNotSchedule, corev1.ScheduleAnyway)
	}
	if s.spec.Availability != nil && constraint.TopologyKey == s.spec.Availability.TopologyKey &&
		constraint.WhenUnsatisfiable == corev1.ScheduleAnyway {
		s.errorf(field, "has the topologyKey and whenUnsatisfiable of the rule of spec.availability, and Kubernetes accepts "+
			"the pair only once; remove one of the two, or set spec.availability.enabled: false")
	}
	if constraint.LabelSelector == nil {
		s.warnf(field+".labelSelector", "is not set: the rule counts no pods. Add matchLabels, such as {app: mattermost, "+
			"app.kubernetes.io/instance: %s}", s.Name)
	}
}

func envSource(s *subject, field string, source corev1.EnvFromSource) {
	switch {
	case (source.SecretRef == nil) == (source.ConfigMapRef == nil):
		s.errorf(field, "must have one of secretRef and configMapRef")
	case source.SecretRef != nil && len(validation.IsDNS1123Subdomain(source.SecretRef.Name)) > 0:
		s.errorf(field+".secretRef.name", "is not the name of a Secret")
	case source.ConfigMapRef != nil && len(validation.IsDNS1123Subdomain(source.ConfigMapRef.Name)) > 0:
		s.errorf(field+".configMapRef.name", "is not the name of a ConfigMap")
	}
}

func lifecycleHandler(s *subject, field string, handler *corev1.LifecycleHandler) {
	if handler == nil {
		return
	}
	count := 0
	for _, set := range []bool{
		handler.Exec != nil, handler.HTTPGet != nil, handler.TCPSocket != nil, handler.Sleep != nil,
	} {
		if set {
			count++
		}
	}
	if count != 1 {
		s.errorf(field, "must have one of exec, httpGet and sleep")
	}
}
