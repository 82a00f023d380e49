// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// enforceLabel is the label with which a namespace enforces a pod security level.
const enforceLabel = "pod-security.kubernetes.io/enforce"

// podSecurity reports violations of the restricted pod security level. Unset fields have complying defaults, except in
// containers that the configuration adds. A pod that violates it is not created, which only an event of its ReplicaSet
// shows.
func podSecurity(s *subject) {
	report, ending := s.warnf, "; a namespace that enforces the restricted pod security level rejects such a pod. "
	if namespace := s.spec.Namespace; namespace.Create {
		level := namespace.Labels[enforceLabel]
		if level != "" && level != "restricted" {
			return // the configuration itself sets a lower level
		}
		report, ending = s.errorf, "; the created namespace enforces the restricted pod security level and rejects such a "+
			"pod, unless spec.namespace.labels changes that. "
	}
	pod := s.spec.Pod
	if context := pod.SecurityContext; context != nil {
		if wrong := refused(context.RunAsNonRoot, context.RunAsUser, context.SeccompProfile); len(wrong) > 0 {
			report("spec.pod.securityContext", "%s"+ending+"Remove that: the default complies",
				strings.Join(wrong, ", "))
		}
	}
	if context := pod.ContainerSecurityContext; context != nil {
		if wrong := refusedContainer(context); len(wrong) > 0 {
			report("spec.pod.containerSecurityContext", "%s"+ending+"Remove that: the default complies",
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

// refusedAddition returns what violates the level in a container that the configuration adds, which has no defaults.
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
		wrong = append(wrong, "a port of the node is used (ports[].hostPort)")
	}
	return wrong
}

// refused returns what violates the level in fields that pods and containers have in common.
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
