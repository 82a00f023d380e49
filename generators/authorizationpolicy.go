package generators

import (
	"strconv"

	securityv1 "bigbang.dev/mattermost-fn/internal/apis/istio/security/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// authorizationPolicies say who in the mesh may connect to which port of the servers. As soon as one ALLOW policy selects
// a pod, Istio denies it whatever no rule allows.
//
// It is one policy with a rule for each caller, not a policy for each, so that it takes effect as a whole. The labels of
// the servers select no database and no object storage: their operators and the servers reach those as before. All rules
// are about identities and ports, which both sidecars and ztunnel can check.
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

// gatewayRule lets the gateways through to the application and to nothing else: the metrics port also serves profiles of
// the process to anybody who asks. Without principals there is no such rule, and the application is open to nobody: that
// is right without a route, and an open port would be the wrong way to make up for a forgotten identity.
func gatewayRule(p *plan.Plan) securityv1.Rule {
	return securityv1.Rule{
		From: []securityv1.From{{Source: securityv1.Source{Principals: p.Istio.GatewayPrincipals}}},
		To:   toPorts(plan.PortApp),
	}
}

// serversRule lets the servers of this installation through to each other. Their identity is the ServiceAccount of the
// installation's name, which the Mattermost operator always uses, so other installations in the namespace are kept out.
// The trust domain is left open because ztunnel, unlike a sidecar, does not read cluster.local as the mesh's own.
func serversRule(p *plan.Plan) securityv1.Rule {
	servers := "*/ns/" + p.Namespace + "/sa/" + p.Name
	return securityv1.Rule{
		From: []securityv1.From{{Source: securityv1.Source{Principals: []string{servers}}}},
		To:   toPorts(plan.PortApp, plan.PortGossip),
	}
}

// metricsRule lets Prometheus through to the metrics. Over plain HTTP it has no identity, and a rule that asks for one
// would shut it out; the network policies say there which namespace may connect.
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
