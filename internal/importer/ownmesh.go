// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"slices"
)

const (
	fieldIstio = "spec.istio."
	// istioNetworking and istioSecurity are the API groups of Istio.
	istioNetworking, istioSecurity = "networking.istio.io", "security.istio.io"
)

// ownMesh translates the objects of the mesh that mattermost-fn emitted, except for the hosts of ServiceEntries.
func (t *translation) ownMesh() {
	if peers := t.cluster.find(istioSecurity, "PeerAuthentication", t.name); peers.isOurs() {
		t.set(fieldIstio+"mtls", peers.at("spec", "mtls", "mode").string(), peers)
	}
	if policy := t.cluster.find(istioSecurity, "AuthorizationPolicy", t.name); policy.isOurs() {
		t.set(fieldIstio+"authorizationPolicies", true, policy)
		if principals := t.gatewayPrincipals(policy); len(principals) > 0 {
			t.set(fieldIstio+"gatewayPrincipals", principals, policy)
		}
	}
	sidecar := t.cluster.find(istioNetworking, "Sidecar", t.name)
	if sidecar.isOurs() {
		egress := map[string]string{"REGISTRY_ONLY": "RegistryOnly", "ALLOW_ANY": "AllowAny"}
		t.set(fieldIstio+"egress", egress[sidecar.at("spec", "outboundTrafficPolicy", "mode").string()], sidecar)
	}
	entries := t.ownServiceEntries()
	switch {
	case len(entries) > 0:
		t.set(fieldIstio+"serviceEntries", true, entries...)
	case t.config.text(fieldIstio+"egress") == "RegistryOnly":
		t.config.set(fieldIstio+"serviceEntries", false, "no ServiceEntry in the input")
	}
}

// gatewayPrincipals returns the principals of the rule for the gateways: that of the servers names their own account.
func (t *translation) gatewayPrincipals(policy *value) []any {
	for _, rule := range policy.at("spec", "rules").all() {
		for _, from := range rule.at("from").all() {
			principals := from.at("source", "principals")
			own := slices.ContainsFunc(principals.all(), func(principal *value) bool {
				return principal.string() == "*/ns/"+t.namespace+"/sa/"+t.name
			})
			if list, ok := principals.plain().([]any); ok && !own {
				return list
			}
		}
	}
	return nil
}

// ownServiceEntries returns the ServiceEntries that mattermost-fn emitted.
func (t *translation) ownServiceEntries() []*value {
	return slices.DeleteFunc(t.cluster.all(istioNetworking, "ServiceEntry"), func(entry *value) bool {
		return !entry.isOurs()
	})
}
