// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

var (
	_ = register(podSecurityContext)
	_ = register(securityContext)
	_ = register(seccompProfile)
	_ = register(appArmorProfile)
	_ = register(windowsOptions)
)

// sysctlName matches the name of a kernel parameter.
var sysctlName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`)
})

// maxSysctlName is the length of such a name.
const maxSysctlName = 253

func podSecurityContext(r *reporter, field string, context *corev1.PodSecurityContext) {
	r.id(field+".runAsUser", context.RunAsUser)
	r.id(field+".runAsGroup", context.RunAsGroup)
	r.id(field+".fsGroup", context.FSGroup)
	for i, group := range context.SupplementalGroups {
		r.id(index(field+".supplementalGroups", i), &group)
	}
	seen := map[string]bool{}
	for i, sysctl := range context.Sysctls {
		field := index(field+".sysctls", i) + ".name"
		switch {
		case len(sysctl.Name) > maxSysctlName || !sysctlName().MatchString(sysctl.Name):
			r.errorf(field, "%q is not the name of a kernel parameter; write for example net.core.somaxconn", sysctl.Name)
		case seen[sysctl.Name]:
			r.errorf(field, "%q is used twice; keep one of the two", sysctl.Name)
		}
		seen[sysctl.Name] = true
	}
}

func securityContext(r *reporter, field string, context *corev1.SecurityContext) {
	r.id(field+".runAsUser", context.RunAsUser)
	r.id(field+".runAsGroup", context.RunAsGroup)
	if context.ProcMount != nil && *context.ProcMount == corev1.UnmaskedProcMount {
		r.errorf(field+".procMount", "Unmasked requires hostUsers: false of the pod, which the operator does not set; "+
			"remove it")
	}
	if context.AllowPrivilegeEscalation == nil || *context.AllowPrivilegeEscalation {
		return
	}
	if context.Privileged != nil && *context.Privileged {
		r.errorf(field+".allowPrivilegeEscalation", "false conflicts with privileged: true; remove one of the two")
	}
	if capabilities := context.Capabilities; capabilities != nil && slices.Contains(capabilities.Add, "CAP_SYS_ADMIN") {
		r.errorf(field+".allowPrivilegeEscalation", "false conflicts with the capability CAP_SYS_ADMIN; remove one of the "+
			"two")
	}
}

// id reports a number that is not the id of a user or group.
func (r *reporter) id(field string, id *int64) {
	if id != nil && len(validation.IsValidUserID(*id)) > 0 {
		r.errorf(field, "must be from 0 to 2147483647, got %d", *id)
	}
}

func seccompProfile(r *reporter, field string, profile *corev1.SeccompProfile) {
	localhost := profile.LocalhostProfile
	if r.localhost(field, string(profile.Type), localhost) && !isBelow(*localhost) {
		r.errorf(field+".localhostProfile", "%q must be relative, without \"..\"", *localhost)
	}
}

// maxAppArmorProfile is the length of the name of an AppArmor profile.
const maxAppArmorProfile = 4095

func appArmorProfile(r *reporter, field string, profile *corev1.AppArmorProfile) {
	localhost := profile.LocalhostProfile
	if !r.localhost(field, string(profile.Type), localhost) {
		return
	}
	if name := *localhost; name == "" || strings.TrimSpace(name) != name || len(name) > maxAppArmorProfile {
		r.errorf(field+".localhostProfile", "%q is not the name of a profile; write for example server-profile", name)
	}
}

// localhost checks a profile of the node, and returns whether there is one.
func (r *reporter) localhost(field, kind string, profile *string) bool {
	switch {
	case kind == "":
		r.errorf(field+".type", "is required, such as RuntimeDefault")
	case kind == "Localhost" && profile == nil:
		r.errorf(field+".localhostProfile", "is required with the type Localhost")
	case kind != "Localhost" && profile != nil:
		r.errorf(field+".localhostProfile", "is not allowed with the type %s; remove it", kind)
	}
	return kind == "Localhost" && profile != nil
}

// windowsOptions: Mattermost's images are for Linux.
func windowsOptions(r *reporter, field string, options *corev1.WindowsSecurityContextOptions) {
	if options.HostProcess != nil && *options.HostProcess {
		r.errorf(field+".hostProcess", "is for Windows and requires hostNetwork, which the operator does not set; remove it")
	}
}

// The annotations of a pod that the API server checks.
const (
	podSeccompAnnotation       = "seccomp.security.alpha.kubernetes.io/pod"
	containerSeccompAnnotation = "container.seccomp.security.alpha.kubernetes.io/"
	// AppArmorAnnotation is the prefix of the annotation with the AppArmor profile of a container.
	AppArmorAnnotation     = "container.apparmor.security.beta.kubernetes.io/"
	deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost"
	mirrorAnnotation       = "kubernetes.io/config.mirror"
	maxAnnotations         = 256 << 10
)

// deletionCost matches a number of 32 bits without a plus sign or leading zeros.
var deletionCost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`) })

// Annotations reports what the API server rejects in the values of a pod's annotations. The profiles of AppArmor and
// seccomp must be those of the security contexts of the pod and of all its containers.
func Annotations(
	field string, annotations map[string]string, pod *corev1.PodSecurityContext, containers []corev1.Container,
	report Report,
) {
	size := 0
	for key, value := range annotations {
		size += len(key) + len(value)
		at := entry(field, key)
		switch key {
		case podSeccompAnnotation:
			seccompAnnotation(at, value, pod.SeccompProfile, report)
		case mirrorAnnotation:
			report(at, "is for pods of the kubelet only; remove it")
		case deletionCostAnnotation:
			if _, err := strconv.ParseInt(value, 10, 32); err != nil || !deletionCost().MatchString(value) {
				report(at, "%q is not an integer of 32 bits", value)
			}
		}
		if name, found := strings.CutPrefix(key, containerSeccompAnnotation); found {
			var profile *corev1.SeccompProfile
			if container := named(containers, name); container != nil && container.SecurityContext != nil {
				profile = container.SecurityContext.SeccompProfile
			}
			seccompAnnotation(at, value, profile, report)
		}
		if name, found := strings.CutPrefix(key, AppArmorAnnotation); found {
			container := named(containers, name)
			if container == nil {
				report(at, "there is no container %q in the pod; correct the name", name)
				continue
			}
			profile := pod.AppArmorProfile
			if context := container.SecurityContext; context != nil && context.AppArmorProfile != nil {
				profile = context.AppArmorProfile
			}
			appArmorAnnotation(at, value, profile, report)
		}
	}
	if size > maxAnnotations {
		report(field, "are %d bytes long; Kubernetes accepts at most %d", size, maxAnnotations)
	}
}

func named(containers []corev1.Container, name string) *corev1.Container {
	for i := range containers {
		if containers[i].Name == name {
			return &containers[i]
		}
	}
	return nil
}

func seccompAnnotation(at, value string, profile *corev1.SeccompProfile, report Report) {
	kind := corev1.SeccompProfileTypeLocalhost
	name, local := strings.CutPrefix(value, "localhost/")
	switch {
	case value == "runtime/default" || value == "docker/default":
		kind = corev1.SeccompProfileTypeRuntimeDefault
	case value == "unconfined":
		kind = corev1.SeccompProfileTypeUnconfined
	case !local || !isBelow(name):
		report(at, "%q is not a seccomp profile; write RuntimeDefault in securityContext.seccompProfile.type", value)
		return
	}
	if profile != nil && (profile.Type != kind || local && (profile.LocalhostProfile == nil ||
		*profile.LocalhostProfile != name)) {
		report(at, "is not the profile of securityContext.seccompProfile, which is the one that counts; remove it")
	}
}

func appArmorAnnotation(at, value string, profile *corev1.AppArmorProfile, report Report) {
	kind := corev1.AppArmorProfileTypeLocalhost
	name, local := strings.CutPrefix(value, "localhost/")
	switch {
	case value == "runtime/default":
		kind = corev1.AppArmorProfileTypeRuntimeDefault
	case value == "unconfined":
		kind = corev1.AppArmorProfileTypeUnconfined
	case value == "":
		kind = ""
	case !local:
		report(at, "%q is not an AppArmor profile", value)
		return
	}
	if profile != nil && (profile.Type != kind || local && (profile.LocalhostProfile == nil ||
		*profile.LocalhostProfile != name)) {
		report(at, "is not the profile of securityContext.appArmorProfile, which is the one that counts; remove it")
	}
}
