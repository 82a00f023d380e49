// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"bigbang.dev/mattermost-fn/internal/result"
)

// size contains the replicas and resources for a number of users: the operator's own table (v1.25.9), which the
// operator would apply to a resource with `size`, overriding replicas and resources.
type size struct {
	replicas                               int32
	cpuRequest, memoryRequest, cpu, memory string
}

var sizes = map[int32]size{
	100:   {1, "100m", "256Mi", "2", "4Gi"},
	1000:  {2, "150m", "256Mi", "2", "4Gi"},
	5000:  {2, "500m", "500Mi", "4", "8Gi"},
	10000: {2, "500m", "500Mi", "4", "8Gi"},
	25000: {2, "1", "4Gi", "4", "16Gi"},
}

// defaultSize is Big Bang's: requests equal to limits.
var defaultSize = size{1, "2", "4Gi", "2", "4Gi"}

// Replicas returns the number of servers for a number of users; 1 if no number is given.
func Replicas(users *int32) int32 {
	if users == nil {
		return defaultSize.replicas
	}
	return sizes[*users].replicas
}

// size decides the number of servers and the resources of each.
func (b *builder) size() {
	wanted := defaultSize
	if b.spec.Users != nil {
		wanted = sizes[*b.spec.Users]
	}
	b.Replicas = wanted.replicas
	switch {
	case b.spec.Replicas != nil:
		b.Replicas = *b.spec.Replicas
	case b.Replicas > 1 && !b.spec.Licensed():
		b.report.Report(result.Info, "", "spec.users", "%d users would get %d servers; without a license it is one, "+
			"since messages would reach only the users on the same server",
			*b.spec.Users, b.Replicas)
		b.Replicas = 1
	}
	b.Resources = corev1.ResourceRequirements{
		Requests: quantities(wanted.cpuRequest, wanted.memoryRequest),
		Limits:   quantities(wanted.cpu, wanted.memory),
	}
	if r := b.spec.Resources; r != nil && len(r.Limits)+len(r.Requests)+len(r.Claims) > 0 {
		b.Resources = *r
	}
	b.Resources = b.withoutNullLimit("spec.resources", b.Resources, wanted.cpuRequest)
}

// hasOnlyNullLimit reports whether a field with resources has nothing but a CPU limit of null, which removes the
// default: what it could be else, a CPU limit without one of memory, is an error of the rules.
func (b *builder) hasOnlyNullLimit(field string) bool {
	others := []string{".limits.memory", ".requests.cpu", ".requests.memory"}
	return b.given(field+".limits.cpu") &&
		!slices.ContainsFunc(others, func(other string) bool { return b.given(field + other) })
}

// withoutNullLimit returns resources without the CPU limit if the field of the configuration removes it. What the pod
// requests stays: cpuRequest, if the field has another limit and no request. Kubernetes requests as much memory as the
// limit.
func (b *builder) withoutNullLimit(field string, resources corev1.ResourceRequirements,
	cpuRequest string) corev1.ResourceRequirements {
	_, hasMemory := resources.Limits[corev1.ResourceMemory]
	_, hasCPU := resources.Limits[corev1.ResourceCPU]
	_, hasRequest := resources.Requests[corev1.ResourceCPU]
	switch {
	case hasMemory && b.hasOnlyNullLimit(field):
		resources = *resources.DeepCopy()
		delete(resources.Limits, corev1.ResourceCPU)
	case !hasCPU && !hasRequest && b.given(field+".limits.cpu"):
		resources = *resources.DeepCopy()
		if resources.Requests == nil {
			resources.Requests = corev1.ResourceList{}
		}
		resources.Requests[corev1.ResourceCPU] = resource.MustParse(cpuRequest)
	}
	return resources
}

func quantities(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu),
		corev1.ResourceMemory: resource.MustParse(memory)}
}
