// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// ordinary are the resources of which a container may request less than its limit, and less than a whole unit.
var ordinary = []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}

// Resources reports what the API server rejects in the resources of a container.
func Resources(field string, resources *corev1.ResourceRequirements, report Report) {
	r := &reporter{report: report}
	for list, quantities := range map[string]corev1.ResourceList{
		"requests": resources.Requests, "limits": resources.Limits,
	} {
		for _, name := range slices.Sorted(maps.Keys(quantities)) {
			r.quantity(entry(field+"."+list, string(name)), name, quantities[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(resources.Requests)) {
		r.request(field, name, resources)
	}
	for i, claim := range resources.Claims {
		r.errorf(index(field+".claims", i), "%q is not a resource claim of the pod, since the operator's resource has no "+
			"field for them; remove it", claim.Name)
	}
	pages := slices.ContainsFunc(append(slices.Collect(maps.Keys(resources.Limits)),
		slices.Collect(maps.Keys(resources.Requests))...), isHugePages)
	has := func(list corev1.ResourceList, name corev1.ResourceName) bool { _, ok := list[name]; return ok }
	if pages && !has(resources.Limits, "cpu") && !has(resources.Limits, "memory") && !has(resources.Requests, "cpu") &&
		!has(resources.Requests, "memory") {
		r.errorf(field, "huge pages require cpu or memory; add one of the two")
	}
}

func (r *reporter) quantity(field string, name corev1.ResourceName, quantity resource.Quantity) {
	switch {
	case quantity.Sign() < 0:
		r.errorf(field, "must be 0 or more, got %s", quantity.String())
	case slices.Contains(ordinary, name):
	case isHugePages(name):
		page, err := resource.ParseQuantity(strings.TrimPrefix(string(name), corev1.ResourceHugePagesPrefix))
		if err != nil || page.Sign() <= 0 || page.MilliValue()%1000 != 0 || quantity.Value()%page.Value() != 0 {
			r.errorf(field, "%s is not a multiple of the size of a page, which the name ends with", quantity.String())
		}
	case !isExtended(name):
		r.errorf(field, "is not a resource of a container; write cpu, memory, ephemeral-storage, hugepages-SIZE or "+
			"DOMAIN/NAME")
	case quantity.MilliValue()%1000 != 0 && !strings.Contains(string(name), corev1.ResourceDefaultNamespacePrefix):
		r.errorf(field, "must be an integer, got %s", quantity.String())
	}
}

func (r *reporter) request(field string, name corev1.ResourceName, resources *corev1.ResourceRequirements) {
	request := resources.Requests[name]
	limit, limited := resources.Limits[name]
	overcommitted := slices.Contains(ordinary, name) ||
		strings.Contains(string(name), corev1.ResourceDefaultNamespacePrefix)
	switch at := entry(field+".requests", string(name)); {
	case !limited && !overcommitted:
		r.errorf(at, "requires the same limit; add it to limits")
	case limited && !overcommitted && request.Cmp(limit) != 0:
		r.errorf(at, "must be equal to the limit %s, got %s", limit.String(), request.String())
	case limited && request.Cmp(limit) > 0:
		r.errorf(at, "%s is more than the limit %s; lower it, or raise the limit", request.String(), limit.String())
	}
}

func isHugePages(name corev1.ResourceName) bool {
	return strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// isExtended reports whether a resource is one of a device, or one with a domain of Kubernetes.
func isExtended(name corev1.ResourceName) bool {
	text := string(name)
	if !strings.Contains(text, "/") || len(validation.IsQualifiedName(text)) > 0 {
		return false
	}
	if strings.Contains(text, corev1.ResourceDefaultNamespacePrefix) {
		return true
	}
	return !strings.HasPrefix(text, corev1.DefaultResourceRequestsPrefix) &&
		len(validation.IsQualifiedName(corev1.DefaultResourceRequestsPrefix+text)) == 0
}
