// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

var (
	_ = register(toleration)
	_ = register(nodeAffinity)
	_ = register(nodeTerm)
	_ = register(preferredNodeTerm)
	_ = register(podTerm)
	_ = register(weightedPodTerm)
	_ = register(labelSelector)
	_ = register(topologySpread)
)

func toleration(r *reporter, field string, toleration *corev1.Toleration) {
	if toleration.Key != "" && !isLabelKey(toleration.Key) {
		r.errorf(field+".key", "%q is not the key of a taint; write for example example.com/dedicated", toleration.Key)
	}
	if toleration.Key == "" && toleration.Operator != corev1.TolerationOpExists {
		r.errorf(field+".operator", "must be Exists if there is no key, which tolerates every taint")
	}
	if toleration.TolerationSeconds != nil && toleration.Effect != corev1.TaintEffectNoExecute {
		r.errorf(field+".effect", "must be NoExecute if tolerationSeconds is set, got %q", toleration.Effect)
	}
	switch toleration.Operator {
	case corev1.TolerationOpExists:
		if toleration.Value != "" {
			r.errorf(field+".value", "is not allowed with the operator Exists; remove it")
		}
	case corev1.TolerationOpLt, corev1.TolerationOpGt:
		r.errorf(field+".operator", "%s is refused by Kubernetes up to 1.37, unless the feature gate "+
			"TaintTolerationComparisonOperators is on; use Equal or Exists", toleration.Operator)
	default:
		if len(validation.IsValidLabelValue(toleration.Value)) > 0 {
			r.errorf(field+".value", "%q is not the value of a taint; "+
				"write at most 63 letters, digits, hyphens, dots and underscores", toleration.Value)
		}
	}
}

func isLabelKey(key string) bool { return len(validation.IsQualifiedName(key)) == 0 }

func nodeAffinity(r *reporter, field string, affinity *corev1.NodeAffinity) {
	required := affinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil {
		return
	}
	field += ".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
	if len(required.NodeSelectorTerms) == 0 {
		r.errorf(field, "is required; add a term, or remove the selector")
	}
	for i, term := range required.NodeSelectorTerms {
		for j, requirement := range term.MatchExpressions {
			r.labelValues(index(index(field, i)+".matchExpressions", j), requirement.Values)
		}
	}
}

// labelValues reports values that no label can have.
func (r *reporter) labelValues(field string, values []string) {
	for i, value := range values {
		if len(validation.IsValidLabelValue(value)) > 0 {
			r.errorf(index(field+".values", i), "%q is not the value of a label; "+
				"write at most 63 letters, digits, hyphens, dots and underscores", value)
		}
	}
}

// nodeTerm checks the requirements of a term, but not the values of labels: preferred terms may have any.
func nodeTerm(r *reporter, field string, term *corev1.NodeSelectorTerm) {
	for i, requirement := range term.MatchExpressions {
		field := index(field+".matchExpressions", i)
		if !isLabelKey(requirement.Key) {
			r.errorf(field+".key", "%q is not the key of a label; "+
				"write for example topology.kubernetes.io/zone", requirement.Key)
		}
		switch requirement.Operator {
		case corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt:
			if len(requirement.Values) != 1 {
				r.errorf(field+".values", "must have one element with the operator %s, got %d", requirement.Operator,
					len(requirement.Values))
			}
		default:
			r.requirement(field, string(requirement.Operator), requirement.Values)
		}
	}
	for i, requirement := range term.MatchFields {
		field := index(field+".matchFields", i)
		if requirement.Key != metav1.ObjectNameField {
			r.errorf(field+".key", "must be %s, got %q", metav1.ObjectNameField, requirement.Key)
		}
		switch requirement.Operator {
		case corev1.NodeSelectorOpIn, corev1.NodeSelectorOpNotIn:
			if len(requirement.Values) != 1 {
				r.errorf(field+".values", "must have one element, got %d", len(requirement.Values))
			}
		default:
			r.errorf(field+".operator", "must be In or NotIn, got %q", requirement.Operator)
		}
		for j, value := range requirement.Values {
			if len(validation.IsDNS1123Subdomain(value)) > 0 {
				r.errorf(index(field+".values", j), "%q is not the name of a node; write for example node-1", value)
			}
		}
	}
}

// requirement checks the values of an operator that nodes and pods have in common.
func (r *reporter) requirement(field, operator string, values []string) {
	switch operator {
	case "In", "NotIn":
		if len(values) == 0 {
			r.errorf(field+".values", "is required with the operator %s", operator)
		}
	case "Exists", "DoesNotExist":
		if len(values) > 0 {
			r.errorf(field+".values", "is not allowed with the operator %s; remove it", operator)
		}
	case "":
		r.errorf(field+".operator", "is required, such as In")
	}
}

func (r *reporter) weight(field string, weight int32) {
	if weight < 1 || weight > 100 {
		r.errorf(field+".weight", "must be from 1 to 100, got %d", weight)
	}
}

func preferredNodeTerm(r *reporter, field string, term *corev1.PreferredSchedulingTerm) {
	r.weight(field, term.Weight)
}

func weightedPodTerm(r *reporter, field string, term *corev1.WeightedPodAffinityTerm) {
	r.weight(field, term.Weight)
}

func podTerm(r *reporter, field string, term *corev1.PodAffinityTerm) {
	if r.required(field+".topologyKey", term.TopologyKey, corev1.LabelHostname) && !isLabelKey(term.TopologyKey) {
		r.errorf(field+".topologyKey", "%q is not the key of a label; "+
			"write for example topology.kubernetes.io/zone", term.TopologyKey)
	}
	for i, namespace := range term.Namespaces {
		if len(validation.IsDNS1123Label(namespace)) > 0 {
			r.errorf(index(field+".namespaces", i), "%q is not the name of a namespace; "+
				"write at most 63 lower-case letters, digits and hyphens", namespace)
		}
	}
	r.labelKeys(field+".matchLabelKeys", term.MatchLabelKeys, term.LabelSelector)
	r.labelKeys(field+".mismatchLabelKeys", term.MismatchLabelKeys, term.LabelSelector)
	r.selectedTwice(field+".matchLabelKeys", term.MatchLabelKeys, term.LabelSelector)
	for i, key := range term.MatchLabelKeys {
		if slices.Contains(term.MismatchLabelKeys, key) {
			r.errorf(index(field+".matchLabelKeys", i), "%q is in mismatchLabelKeys too; remove one of the two", key)
		}
	}
}

// labelKeys checks the keys of labels whose values a new pod has.
func (r *reporter) labelKeys(field string, keys []string, selector *metav1.LabelSelector) {
	if len(keys) > 0 && selector == nil {
		r.errorf(field, "is not allowed without labelSelector")
		return
	}
	for i, key := range keys {
		if !isLabelKey(key) {
			r.errorf(index(field, i), "%q is not the key of a label; write for example topology.kubernetes.io/zone", key)
		}
	}
}

// selectedTwice reports keys of matchLabelKeys that occur in the selector a second time: each is added to the selector
// first.
func (r *reporter) selectedTwice(field string, keys []string, selector *metav1.LabelSelector) {
	if selector == nil {
		return
	}
	for i, key := range keys {
		times := 0
		if _, matched := selector.MatchLabels[key]; matched {
			times++
		}
		for _, expression := range selector.MatchExpressions {
			if expression.Key == key {
				times++
			}
		}
		if times > 0 {
			r.errorf(index(field, i), "%q is in labelSelector too; remove one of the two", key)
		}
	}
}

func labelSelector(r *reporter, field string, selector *metav1.LabelSelector) {
	for key, value := range selector.MatchLabels {
		if !isLabelKey(key) || len(validation.IsValidLabelValue(value)) > 0 {
			r.errorf(entry(field+".matchLabels", key), "is not a label that a pod can have: %q", value)
		}
	}
	for i, expression := range selector.MatchExpressions {
		field := index(field+".matchExpressions", i)
		if !isLabelKey(expression.Key) {
			r.errorf(field+".key", "%q is not the key of a label; "+
				"write for example topology.kubernetes.io/zone", expression.Key)
		}
		r.requirement(field, string(expression.Operator), expression.Values)
		r.labelValues(field, expression.Values)
	}
}

func topologySpread(r *reporter, field string, constraint *corev1.TopologySpreadConstraint) {
	if constraint.MaxSkew < 1 {
		r.errorf(field+".maxSkew", "%d is too small; write 1 or more", constraint.MaxSkew)
	}
	r.required(field+".topologyKey", constraint.TopologyKey, "topology.kubernetes.io/zone")
	switch constraint.WhenUnsatisfiable {
	case corev1.DoNotSchedule, corev1.ScheduleAnyway:
	case "":
		r.errorf(field+".whenUnsatisfiable", "%q is neither %s nor %s", constraint.WhenUnsatisfiable,
			corev1.DoNotSchedule, corev1.ScheduleAnyway)
	}
	if domains := constraint.MinDomains; domains != nil {
		if *domains < 1 {
			r.errorf(field+".minDomains", "%d is too small; write 1 or more", *domains)
		}
		if constraint.WhenUnsatisfiable != corev1.DoNotSchedule {
			r.errorf(field+".minDomains", "has no effect unless whenUnsatisfiable is DoNotSchedule, and is rejected otherwise")
		}
	}
	r.labelKeys(field+".matchLabelKeys", constraint.MatchLabelKeys, constraint.LabelSelector)
	r.selectedTwice(field+".matchLabelKeys", constraint.MatchLabelKeys, constraint.LabelSelector)
}

// TopologySpread reports constraints of which Kubernetes accepts only one.
func TopologySpread(field string, constraints []corev1.TopologySpreadConstraint, report Report) {
	type kind struct {
		key    string
		action corev1.UnsatisfiableConstraintAction
	}
	seen := map[kind]bool{}
	for i, constraint := range constraints {
		key := kind{constraint.TopologyKey, constraint.WhenUnsatisfiable}
		if seen[key] {
			report(index(field, i), "has the topologyKey and whenUnsatisfiable of an earlier constraint, and Kubernetes "+
				"accepts the pair only once; remove one of the two")
		}
		seen[key] = true
	}
}
