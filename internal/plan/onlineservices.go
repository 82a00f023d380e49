// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// OnlineService is a service of Mattermost, Inc. on the Internet, such as that of notices.
type OnlineService struct {
	// Kind is that of its destinations. Its field in spec.onlineServices has the same name.
	Kind DestinationKind
	// Section of the settings, and the Toggles there that make the servers call the service. Each is on by default.
	Section string
	Toggles []string
	// Address is the setting in Section with the URL of the service; empty if there is none.
	Address string
	// Hosts that the servers connect to on port 443, unless Address is set to another one.
	Hosts []string
	// Wanted returns the field of the service.
	Wanted func(*v1alpha1.OnlineServices) *bool
}

// Field returns the field of the service in the configuration.
func (o OnlineService) Field() string { return "spec.onlineServices." + string(o.Kind) }

// Variables returns the server's variables of the toggles.
func (o OnlineService) Variables() []string {
	var names []string
	for _, toggle := range o.Toggles {
		names = append(names, known(o.Section, toggle).Env)
	}
	return names
}

// OnlineServices are those in the order of their variables. Server 11.6 connected to the first two after its start, to
// the third when an administrator opened the marketplace, and to none of them with the settings off (docs/network.md).
// The hosts of the last are that of crashes (SentryDSN in server/channels/app/server.go), and that of usage, which
// plugins and older servers report (docs.mattermost.com, Telemetry).
var OnlineServices = []OnlineService{
	{
		Kind: DestinationNotices, Section: "AnnouncementSettings",
		Toggles: []string{"AdminNoticesEnabled", "UserNoticesEnabled"}, Address: "NoticesURL",
		Hosts:  []string{"notices.mattermost.com"},
		Wanted: func(o *v1alpha1.OnlineServices) *bool { return o.Notices },
	},
	{
		Kind: DestinationSecurityAlerts, Section: "ServiceSettings", Toggles: []string{"EnableSecurityFixAlert"},
		Hosts:  []string{"securityupdatecheck.mattermost.com"},
		Wanted: func(o *v1alpha1.OnlineServices) *bool { return o.SecurityAlerts },
	},
	{
		Kind: DestinationMarketplace, Section: "PluginSettings", Toggles: []string{"EnableRemoteMarketplace"},
		Address: "MarketplaceURL", Hosts: []string{"api.integrations.mattermost.com"},
		Wanted: func(o *v1alpha1.OnlineServices) *bool { return o.Marketplace },
	},
	{
		Kind: DestinationDiagnostics, Section: "LogSettings", Toggles: []string{"EnableDiagnostics", "EnableSentry"},
		Hosts:  []string{"o94110.ingest.us.sentry.io", "pdat.matterlytics.com"},
		Wanted: func(o *v1alpha1.OnlineServices) *bool { return o.Diagnostics },
	},
}

// onlineServices switches the services of Mattermost, Inc. on or off.
func (b *builder) onlineServices() {
	for _, service := range OnlineServices {
		wanted := service.Wanted(b.spec.OnlineServices)
		if wanted == nil && !b.isBlocked(service) {
			continue // the server's default
		}
		on, field := wanted != nil && *wanted, noField
		if wanted != nil {
			field = service.Field()
		}
		for _, toggle := range service.Toggles {
			b.set(service.Section, toggle, on, field)
		}
		if on {
			b.onlineDestinations(service)
		}
	}
}

// onlineDestinations adds the hosts of a service.
func (b *builder) onlineDestinations(service OnlineService) {
	if address, given := b.ownText(service.Section, service.Address); given {
		if u, err := v1alpha1.ParseQueryURL(address); err == nil { // otherwise reported by the rules
			b.destination(Destination{Kind: service.Kind, Host: u.Host, Port: u.Port, TLS: u.TLS})
		}
		return
	}
	for i, host := range service.Hosts {
		d := Destination{Kind: service.Kind, Host: host, Port: 443, TLS: true}
		if i > 0 {
			d.Number = i + 1
		}
		b.destination(d)
	}
}

// isBlocked reports whether policies or the mesh certainly keep the servers from a service, so that switching it off
// loses nothing. What the configuration itself allows, directly or through a proxy, is not blocked, nor is a service
// whose settings are the user's own.
func (b *builder) isBlocked(service OnlineService) bool {
	if !b.NetworkPolicies.Enabled && b.spec.Istio.Egress != "RegistryOnly" {
		return false
	}
	for _, key := range append([]string{service.Address}, service.Toggles...) {
		if _, isOwn := b.spec.Setting(service.Section, key); isOwn {
			return false
		}
	}
	if slices.ContainsFunc(b.spec.Env, func(v corev1.EnvVar) bool { return slices.Contains(proxyVariables, v.Name) }) {
		return false
	}
	return !slices.ContainsFunc(service.Hosts, func(host string) bool { return b.Allows(host, 443) })
}

// proxyVariables are those of Go's HTTP client for HTTPS (net/http, ProxyFromEnvironment).
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy"}

// ownText returns the plain text that spec.env, or else spec.settings, gives a setting; false if neither does.
func (b *builder) ownText(section, key string) (string, bool) {
	value, given := b.spec.Setting(section, key)
	setting, known := settings.Find(section, key)
	if !given || !known || value.Value == nil {
		return "", false
	}
	text, err := setting.Encode(value.Value)
	return text, err == nil
}
