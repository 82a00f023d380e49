// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// bigBangOutbound translates hosts that Big Bang's package lets the servers reach: services of Mattermost, Inc. to
// their fields, others to spec.networkPolicies.allow.
func (t *translation) bigBangOutbound(outbound *value) {
	if outbound == nil {
		return
	}
	var allowed []any
	for _, key := range outbound.keys {
		if slices.Contains([]string{"sso", "bb-tests", "mattermost-sentry"}, key) {
			continue // by the table of keys
		}
		route := outbound.fields[key]
		if enabled := route.at("enabled"); enabled.isFalse() {
			t.off(route, "not enabled")
			continue
		} else if enabled != nil {
			t.unnecessary(enabled, "the hosts are listed")
		}
		ports := []int64{443}
		if list := route.at("ports"); list != nil {
			ports = nil
			for _, port := range list.all() {
				if number, ok := port.at("number").int(); ok {
					ports = append(ports, number)
				}
			}
			t.mark(list, Translated, "", fieldAllow)
		}
		for _, host := range route.at("hosts").all() {
			allowed = append(allowed, t.outboundHost(host, ports)...)
		}
	}
	if len(allowed) > 0 {
		t.config.set(fieldAllow, allowed, outbound.sourceKeys()...)
	}
}

// outboundHost translates one host, and returns its elements of spec.networkPolicies.allow.
func (t *translation) outboundHost(host *value, ports []int64) []any {
	name := strings.ToLower(host.string())
	for _, service := range plan.OnlineServices {
		if slices.Contains(service.Hosts, name) {
			t.set(service.Field(), true, host)
			return nil
		}
	}
	if strings.ContainsAny(name, "*{") {
		t.notTranslated(host, "list each host in spec.networkPolicies.allow")
		return nil
	}
	t.mark(host, Translated, "", fieldAllow)
	var allowed []any
	for _, port := range ports {
		allowed = append(allowed, map[string]any{"host": name, "port": port})
	}
	return allowed
}
