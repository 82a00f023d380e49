// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Services of Mattermost, Inc. are as the configuration says. Without a word, they are off where policies or the mesh
// block them, and as the server decides elsewhere.
func TestOnlineServices(t *testing.T) {
	const blocked, all = "  networkPolicies: {enabled: true}\n",
		"  onlineServices: {notices: %[1]t, securityAlerts: %[1]t, marketplace: %[1]t, diagnostics: %[1]t}\n"
	toggles := []string{
		"MM_ANNOUNCEMENTSETTINGS_ADMINNOTICESENABLED", "MM_ANNOUNCEMENTSETTINGS_USERNOTICESENABLED",
		"MM_SERVICESETTINGS_ENABLESECURITYFIXALERT", "MM_PLUGINSETTINGS_ENABLEREMOTEMARKETPLACE",
		"MM_LOGSETTINGS_ENABLEDIAGNOSTICS", "MM_LOGSETTINGS_ENABLESENTRY",
	}
	every := func(value string) string { return strings.TrimSpace(strings.Repeat(value+" ", len(toggles))) }
	for _, test := range []struct{ name, spec, values, hosts string }{
		{"nothing blocks them", "", every("-"), ""},
		{"policies block them", blocked, every("false"), ""},
		{"the mesh blocks them", "  istio: {injection: true, egress: RegistryOnly}\n", every("false"), ""},
		{"off", fmt.Sprintf(all, false), every("false"), ""},
		{
			"on", blocked + fmt.Sprintf(all, true), every("true"),
			"notices.mattermost.com:443 securityupdatecheck.mattermost.com:443 api.integrations.mattermost.com:443 " +
				"o94110.ingest.us.sentry.io:443 pdat.matterlytics.com:443",
		},
		{
			"allowed by host", "  networkPolicies: {enabled: true, allow: [{host: Notices.mattermost.com, port: 443}]}\n",
			"- - false false false false", "",
		},
		{
			"perhaps allowed by address", "  networkPolicies: {enabled: true, allow: [{cidr: 203.0.113.0/24, port: 443}]}\n",
			every("-"), "",
		},
		{"through a proxy", blocked + "  env: [{name: HTTPS_PROXY, value: http://proxy:3128}]\n", every("-"), ""},
		{
			"hosts of their own", blocked + "  onlineServices: {notices: true}\n" +
				"  settings: {AnnouncementSettings: {NoticesURL: 'http://notices.example.com:8080/a?b=c'}, " +
				"PluginSettings: {MarketplaceURL: https://plugins.example.com}}\n",
			"true true false - false false", "notices.example.com:8080",
		},
		{
			"the user's own variable", blocked + "  onlineServices: {notices: true}\n" +
				"  env: [{name: MM_ANNOUNCEMENTSETTINGS_NOTICESURL, value: https://notices.example.com}]\n",
			"true true false false false false", "notices.example.com:443",
		},
		{
			"the user's own setting", blocked + "  settings: {ServiceSettings: {EnableSecurityFixAlert: true}}\n",
			"false false true false false false", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, report := resolve(t, "  domain: a.b\n"+test.spec, nil)
			if len(report) > 0 {
				t.Errorf("reported %v", report)
			}
			var values, hosts []string
			for _, toggle := range toggles {
				i := slices.IndexFunc(p.Env, func(v Variable) bool { return v.Name == toggle })
				if i < 0 {
					values = append(values, "-")
				} else {
					values = append(values, p.Env[i].Value)
				}
			}
			for _, d := range p.Destinations {
				isOnline := func(service OnlineService) bool { return service.Kind == d.Kind }
				if slices.ContainsFunc(OnlineServices, isOnline) {
					hosts = append(hosts, fmt.Sprintf("%s:%d", d.Host, d.Port))
				}
			}
			if got := strings.Join(values, " "); got != test.values {
				t.Errorf("settings are %s, want %s", got, test.values)
			}
			if got := strings.Join(hosts, " "); got != test.hosts {
				t.Errorf("hosts are %q, want %q", got, test.hosts)
			}
		})
	}
}

// Each field of spec.onlineServices, and each setting, is that of one service.
func TestOnlineServicesAreKnown(t *testing.T) {
	for _, service := range OnlineServices {
		for _, key := range append(service.Toggles, service.Address) {
			if key != "" {
				known(service.Section, key)
			}
		}
		p, _ := resolve(t, "  domain: a.b\n  onlineServices: {"+string(service.Kind)+": true}\n", nil)
		if !slices.ContainsFunc(p.Destinations, func(d Destination) bool { return d.Kind == service.Kind }) {
			t.Errorf("%s has no destination", service.Field())
		}
	}
}
