// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// enforceLabel is the label by which a namespace demands a pod security level.
const enforceLabel = "pod-security.kubernetes.io/enforce"

// podSecurity finds what the restricted pod security level refuses. What is not given is right by default; containers
// that the configuration adds have no defaults. A refused pod is never made, and only an event of its ReplicaSet says
// so.
func podSecurity(s *subject) {
	report, ending := s.warnf, "; a namespace that demands the restricted pod security level makes no such pod. "
	if namespace := s.spec.Namespace; namespace.Create {
		level := namespace.Labels[enforceLabel]
		if level != "" && level != "restricted" {
			return // the configuration itself asks for less
		}
		report, ending = s.errorf, "; the namespace that is created demands the restricted pod security level and makes no "+
			"such pod, unless spec.namespace.labels says otherwise. "
	}
	pod := s.spec.Pod
	if context := pod.SecurityContext; context != nil {
		if wrong := refused(context.RunAsNonRoot, context.RunAsUser, context.SeccompProfile); len(wrong) > 0 {
			report("spec.pod.securityContext", "%s"+ending+"Remove that: what is not given is right by default",
				strings.Join(wrong, ", "))
		}
	}
	if context := pod.ContainerSecurityContext; context != nil {
		if wrong := refusedContainer(context); len(wrong) > 0 {
			report("spec.pod.containerSecurityContext", "%s"+ending+"Remove that: what is not given is right by default",
				strings.Join(wrong, ", "))
		}
	}
	for field, containers := range map[string][]corev1.Container{"spec.pod.initContainers": pod.InitContainers,
		"spec.pod.sidecars": pod.Sidecars} {
		for i, container := range containers {
			if wrong := refusedAddition(container); len(wrong) > 0 {
				report(index(field, i)+".securityContext", "%s"+ending+"Write {allowPrivilegeEscalation: false, capabilities: "+
					"{drop: [ALL]}}; the rest comes from the pod", strings.Join(wrong, ", "))
			}
		}
	}
}

// refusedAddition says what is wrong with a container that the configuration adds, for which nothing is set by default.
func refusedAddition(container corev1.Container) []string {
	context := container.SecurityContext
	if context == nil {
		context = &corev1.SecurityContext{}
	}
	wrong := refusedContainer(context)
	if context.AllowPrivilegeEscalation == nil {
		wrong = append(wrong, "allowPrivilegeEscalation is not false")
	}
	if context.Capabilities == nil {
		wrong = append(wrong, "capabilities do not drop ALL")
	}
	if slices.ContainsFunc(container.Ports, func(p corev1.ContainerPort) bool { return p.HostPort != 0 }) {
		wrong = append(wrong, "a port of the node is taken (ports[].hostPort)")
	}
	return wrong
}

// refused says what is wrong with what pods and containers have in common.
func refused(nonRoot *bool, user *int64, seccomp *corev1.SeccompProfile) []string {
	var wrong []string
	if isFalse(nonRoot) {
		wrong = append(wrong, "runAsNonRoot is false")
	}
	if user != nil && *user == 0 {
		wrong = append(wrong, "runAsUser is 0 (root)")
	}
	if seccomp != nil && seccomp.Type == corev1.SeccompProfileTypeUnconfined {
		wrong = append(wrong, "seccompProfile is Unconfined")
	}
	return wrong
}

func refusedContainer(context *corev1.SecurityContext) []string {
	var wrong []string
	if context.Privileged != nil && *context.Privileged {
		wrong = append(wrong, "privileged is true")
	}
	wrong = append(wrong, refused(context.RunAsNonRoot, context.RunAsUser, context.SeccompProfile)...)
	if context.AllowPrivilegeEscalation != nil && *context.AllowPrivilegeEscalation {
		wrong = append(wrong, "allowPrivilegeEscalation is true")
	}
	if capabilities := context.Capabilities; capabilities != nil {
		if !slices.Contains(capabilities.Drop, "ALL") {
			wrong = append(wrong, "capabilities do not drop ALL")
		}
		if slices.ContainsFunc(capabilities.Add, func(c corev1.Capability) bool { return c != "NET_BIND_SERVICE" }) {
			wrong = append(wrong, "capabilities other than NET_BIND_SERVICE are added")
		}
	}
	return wrong
}
