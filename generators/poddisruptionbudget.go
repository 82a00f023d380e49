// SPDX-License-Identifier: Apache-2.0

package generators

import (
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// podDisruptionBudget returns the PodDisruptionBudget, with which draining nodes evicts one server at a time. With a
// single server it would only prevent the node from being drained.
func podDisruptionBudget(p *plan.Plan) []Object {
	if p.Availability == nil || p.Replicas < 2 {
		return nil
	}
	one := intstr.FromInt32(1)
	always := policyv1.AlwaysAllow // a server that is not ready must not block the drain
	return []Object{&policyv1.PodDisruptionBudget{
		TypeMeta:   typeMeta("policy/v1", "PodDisruptionBudget"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentServer, p.Name),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable:             &one,
			Selector:                   &metav1.LabelSelector{MatchLabels: p.ServerLabels()},
			UnhealthyPodEvictionPolicy: &always,
		},
	}}
}
