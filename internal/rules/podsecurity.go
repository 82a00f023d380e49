// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/podspec"
)

// enforceLabel is the label with which a namespace enforces a pod security level.
const enforceLabel = api.EnforceLevelLabel

// evaluator is the code with which the API server enforces pod security levels.
var evaluator = sync.OnceValue(func() policy.Evaluator {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err) // the checks of the module itself
	}
	return evaluator
})

// podSecurity reports violations of the restricted pod security level, by the fields that they are in: each part of the
// pods that is set is evaluated in a pod that complies otherwise. Unset fields have complying defaults, except in
// containers that the configuration adds. A pod that violates the level is not created, which only an event of its
// ReplicaSet shows.
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
	check := func(field, fix string, annotations map[string]string, pod corev1.PodSpec) {
		if wrong := violations(annotations, pod); len(wrong) > 0 {
			report(field, "%s"+ending+fix, strings.Join(wrong, ", "))
		}
	}
	const remove = "Remove that: the default complies"
	pod := s.spec.Pod
	restricted := corev1.Container{Name: "mattermost", SecurityContext: plan.RestrictedContainer()}
	context := plan.PodSecurityContext(nil, func(string) bool { return false })
	if pod.SecurityContext != nil {
		check("spec.pod.securityContext", remove, nil, corev1.PodSpec{
			SecurityContext: plan.PodSecurityContext(pod.SecurityContext, s.given), Containers: []corev1.Container{restricted},
		})
	}
	for key, value := range pod.Annotations {
		if name, isProfile := strings.CutPrefix(key, podspec.AppArmorAnnotation); isProfile {
			container := restricted
			container.Name = name
			check(entry("spec.pod.annotations", key), "Remove it", map[string]string{key: value},
				corev1.PodSpec{SecurityContext: context, Containers: []corev1.Container{container}})
		}
	}
	if pod.ContainerSecurityContext != nil {
		server := corev1.Container{Name: "mattermost",
			SecurityContext: plan.ContainerSecurityContext(pod.ContainerSecurityContext)}
		check("spec.pod.containerSecurityContext", remove, nil,
			corev1.PodSpec{SecurityContext: context, Containers: []corev1.Container{server}})
	}
	if pod.Lifecycle != nil {
		restricted.Lifecycle = pod.Lifecycle
		check("spec.pod.lifecycle", "Remove host", nil,
			corev1.PodSpec{SecurityContext: context, Containers: []corev1.Container{restricted}})
	}
	const add = "Write {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}; the rest comes from the pod"
	for i, container := range pod.InitContainers {
		container.Name = nameInMessages(container.Name, index("initContainers", i))
		check(index("spec.pod.initContainers", i)+".securityContext", add, nil,
			corev1.PodSpec{SecurityContext: context, InitContainers: []corev1.Container{container}})
	}
	for i, container := range pod.Sidecars {
		container.Name = nameInMessages(container.Name, index("sidecars", i))
		check(index("spec.pod.sidecars", i)+".securityContext", add, nil,
			corev1.PodSpec{SecurityContext: context, Containers: []corev1.Container{container}})
	}
}

// nameInMessages returns the name of a container, or its place if the name is invalid: it may be anything.
func nameInMessages(name, place string) string {
	if podspec.Name(name) != "" {
		return place
	}
	return name
}

// violations returns what in a pod violates the restricted level of the newest version that is known.
func violations(annotations map[string]string, pod corev1.PodSpec) []string {
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	var wrong []string
	for _, check := range evaluator().EvaluatePod(level, &metav1.ObjectMeta{Annotations: annotations}, &pod) {
		switch {
		case check.Allowed:
		case check.ForbiddenDetail == "":
			wrong = append(wrong, check.ForbiddenReason)
		default:
			wrong = append(wrong, check.ForbiddenReason+" ("+check.ForbiddenDetail+")")
		}
	}
	return wrong
}
