// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strconv"

	securityv1 "bigbang.dev/mattermost-fn/internal/apis/istio/security/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// authorizationPolicies returns the AuthorizationPolicy that restricts which clients in the mesh may connect to which
// port of the servers. As soon as one ALLOW policy selects a pod, Istio denies all connections to it that no rule
// allows.
//
// It is one policy with one rule per client, not one policy per client, so that it takes effect as a whole. The labels
// of the servers do not select databases or object storages: their operators and the servers reach these as before. All
// rules are about principals and ports, which both sidecars and ztunnel can check.
func authorizationPolicies(p *plan.Plan) []Object {
	if !p.Istio.AuthorizationPolicies {
		return nil
	}
	var rules []securityv1.Rule
	if len(p.Istio.GatewayPrincipals) > 0 {
		rules = append(rules, gatewayRule(p))
	}
	rules = append(rules, serversRule(p))
	if p.Monitoring != nil {
		rules = append(rules, metricsRule(p))
	}
	if p.Calls != nil && p.Istio.Ambient { // with a sidecar, the port is not in the mesh
		rules = append(rules, securityv1.Rule{To: toPorts(p.Calls.Port)})
	}
	return []Object{&securityv1.AuthorizationPolicy{
		TypeMeta:   typeMeta(securityv1.APIVersion, "AuthorizationPolicy"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentMesh, p.Name),
		Spec: securityv1.AuthorizationPolicySpec{
			Selector: securityv1.WorkloadSelector{MatchLabels: p.ServerLabels()},
			Action:   securityv1.Allow,
			Rules:    rules,
		},
	}}
}

// gatewayRule allows the gateways to connect to the application's port only: the metrics port also serves profiles of
// the process to any client. Without principals there is no such rule, and the application's port is closed: that is
// correct without a route, and opening the port would be the wrong answer to a missing principal.
func gatewayRule(p *plan.Plan) securityv1.Rule {
	return securityv1.Rule{
		From: []securityv1.From{{Source: securityv1.Source{Principals: p.Istio.GatewayPrincipals}}},
		To:   toPorts(plan.PortApp),
	}
}

// serversRule allows the servers of this installation to connect to each other. Their principal is the ServiceAccount
// with the installation's name, which the Mattermost operator always uses, so other installations in the namespace are
// denied. The trust domain is a wildcard because ztunnel, unlike a sidecar, does not treat cluster.local as the mesh's
// own.
func serversRule(p *plan.Plan) securityv1.Rule {
	servers := "*/ns/" + p.Namespace + "/sa/" + p.Name
	return securityv1.Rule{
		From: []securityv1.From{{Source: securityv1.Source{Principals: []string{servers}}}},
		To:   toPorts(plan.PortApp, plan.PortGossip),
	}
}

// metricsRule allows Prometheus to connect to the metrics port. Over plain HTTP it has no principal, and a rule that
// requires one would deny it; network policies then restrict which namespace may connect.
func metricsRule(p *plan.Plan) securityv1.Rule {
	rule := securityv1.Rule{To: toPorts(plan.PortMetrics)}
	if namespace := p.NetworkPolicies.MonitoringNamespace; namespace != "" && !scrapedInPlaintext(p) {
		rule.From = []securityv1.From{{Source: securityv1.Source{Namespaces: []string{namespace}}}}
	}
	return rule
}

func toPorts(ports ...int32) []securityv1.To {
	var operation securityv1.Operation
	for _, port := range ports {
		operation.Ports = append(operation.Ports, strconv.Itoa(int(port)))
	}
	return []securityv1.To{{Operation: operation}}
}
