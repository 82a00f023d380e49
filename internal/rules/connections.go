// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// endpoint is a service that the servers connect to.
type endpoint struct {
	host string
	// port is 0 if it is not known.
	port int32
	// scheme is http or https; empty for other protocols.
	scheme string
	// verifies is true if the connection has TLS, and the certificate is verified with the system's authorities unless a
	// variable of the contact says otherwise.
	verifies bool
}

func (e endpoint) String() string {
	if e.port == 0 {
		return e.host
	}
	return fmt.Sprintf("%s port %d", e.host, e.port)
}

// contact is a variable of the server that makes it connect to a service.
type contact struct {
	// what it is, for messages.
	what string
	// field of the configuration that configures the service, or switches it on, and allows the connections; empty if
	// there is none.
	field string
	// endpoints returns the services that a known value names; none if nothing uses it.
	endpoints func(s *subject, value string) []endpoint
	// unverified is the variable that switches the verification of its certificate off. Default: insecureConnections for
	// HTTP, none for other protocols.
	unverified string
	// authority is the variable with an authority of its own; empty if there is none.
	authority string
}

// insecureConnections is the variable that switches the verification of certificates off for requests by HTTP
// (server/platform/shared/httpservice and filestore).
const insecureConnections = "MM_SERVICESETTINGS_ENABLEINSECUREOUTGOINGCONNECTIONS"

// The services of the ways to log in.
var (
	viaGitLab = contact{what: "the identity provider", field: "spec.sso",
		endpoints: ifOn("MM_GITLABSETTINGS_ENABLE", atURL)}
	viaOpenID = contact{what: "the identity provider", field: "spec.openid",
		endpoints: ifOn("MM_OPENIDSETTINGS_ENABLE", atURL)}
	viaGoogle  = contact{what: "login with Google", endpoints: ifOn("MM_GOOGLESETTINGS_ENABLE", atURL)}
	viaEntraID = contact{what: "login with Entra ID", endpoints: ifOn("MM_OFFICE365SETTINGS_ENABLE", atURL)}
)

// toReplicas are the read replicas of the database.
var toReplicas = contact{what: "read replicas", field: "spec.database.readReplicas", endpoints: databases}

// contacts are the variables that make the servers connect to a service. The tests classify every setting that looks
// like a URL or a host as one of these or as one of notContacted.
var contacts = withOnlineServices(map[string]contact{
	"MM_EMAILSETTINGS_SMTPSERVER": {what: "the mail server", field: "spec.email.server",
		endpoints:  secured("MM_EMAILSETTINGS_CONNECTIONSECURITY", hostWith("MM_EMAILSETTINGS_SMTPPORT", 10025)),
		unverified: "MM_EMAILSETTINGS_SKIPSERVERCERTIFICATEVERIFICATION"},
	"MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": {what: "the push notification server", field: "spec.push.server",
		endpoints: atURL},
	"MM_LDAPSETTINGS_LDAPSERVER": {what: "the LDAP server", field: "spec.ldap.server",
		endpoints:  secured("MM_LDAPSETTINGS_CONNECTIONSECURITY", hostWith("MM_LDAPSETTINGS_LDAPPORT", 389)),
		unverified: "MM_LDAPSETTINGS_SKIPCERTIFICATEVERIFICATION"},
	"MM_CACHESETTINGS_REDISADDRESS": {what: "Redis", field: "spec.redis.address", endpoints: hostPort(6379)},
	"MM_ELASTICSEARCHSETTINGS_CONNECTIONURL": {what: "the search service", field: "spec.elasticsearch.url",
		endpoints: atURL, unverified: "MM_ELASTICSEARCHSETTINGS_SKIPTLSVERIFICATION",
		authority: "MM_ELASTICSEARCHSETTINGS_CA"},
	"MM_SQLSETTINGS_DATASOURCEREPLICAS":       toReplicas,
	"MM_SQLSETTINGS_DATASOURCESEARCHREPLICAS": toReplicas,

	"MM_GITLABSETTINGS_TOKENENDPOINT":        viaGitLab,
	"MM_GITLABSETTINGS_USERAPIENDPOINT":      viaGitLab,
	"MM_GITLABSETTINGS_DISCOVERYENDPOINT":    viaGitLab,
	"MM_OPENIDSETTINGS_TOKENENDPOINT":        viaOpenID,
	"MM_OPENIDSETTINGS_USERAPIENDPOINT":      viaOpenID,
	"MM_OPENIDSETTINGS_DISCOVERYENDPOINT":    viaOpenID,
	"MM_GOOGLESETTINGS_ENABLE":               {what: "login with Google", endpoints: defaultsOf("GoogleSettings")},
	"MM_GOOGLESETTINGS_TOKENENDPOINT":        viaGoogle,
	"MM_GOOGLESETTINGS_USERAPIENDPOINT":      viaGoogle,
	"MM_GOOGLESETTINGS_DISCOVERYENDPOINT":    viaGoogle,
	"MM_OFFICE365SETTINGS_ENABLE":            {what: "login with Entra ID", endpoints: defaultsOf("Office365Settings")},
	"MM_OFFICE365SETTINGS_TOKENENDPOINT":     viaEntraID,
	"MM_OFFICE365SETTINGS_USERAPIENDPOINT":   viaEntraID,
	"MM_OFFICE365SETTINGS_DISCOVERYENDPOINT": viaEntraID,

	"MM_FILESETTINGS_DRIVERNAME": {what: "the object storage", field: "spec.objectStorage",
		endpoints: fileStore("")},
	"MM_FILESETTINGS_EXPORTDRIVERNAME": {what: "the storage for exports", endpoints: fileStore("EXPORT")},

	"MM_LOGSETTINGS_ADVANCEDLOGGINGJSON":               {what: "a log target", endpoints: logTargets},
	"MM_EXPERIMENTALAUDITSETTINGS_ADVANCEDLOGGINGJSON": {what: "a target of the audit log", endpoints: logTargets},
	settings.AdditionalAudit:                           {what: "a target of the audit log", endpoints: logTargets},

	"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMSMTPSERVERNAME": {what: "Global Relay's mail server",
		field:     "spec.compliance.export.globalRelay",
		endpoints: hostWith("MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMSMTPPORT", 25)},
	"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMERTYPE": {what: "Global Relay's mail server",
		field: "spec.compliance.export.globalRelay", endpoints: func(_ *subject, value string) []endpoint {
			if host := plan.GlobalRelayHost(value); host != "" {
				return []endpoint{{host: host, port: plan.PortGlobalRelay}}
			}
			return nil
		}},

	"MM_IMAGEPROXYSETTINGS_REMOTEIMAGEPROXYURL": {
		what: "the image proxy", endpoints: ifOn("MM_IMAGEPROXYSETTINGS_ENABLE", atURL),
	},
	"MM_AUTOTRANSLATIONSETTINGS_LIBRETRANSLATE_URL": {
		what: "the translation service", endpoints: ifOn("MM_AUTOTRANSLATIONSETTINGS_ENABLE", atURL),
	},
	"MM_PLUGINSETTINGS_CHIMERAOAUTHPROXYURL": {what: "an OAuth proxy", endpoints: atURL},
	"MM_PLUGINSETTINGS_PLUGINS":              {what: "a service of a plugin", endpoints: pluginURLs},
	"MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS": {
		what: "services of integrations", endpoints: internalHosts,
	},

	// These are not settings. Calls reads those with its name (plugin Calls 1.8, server/configuration.go), Go's HTTP
	// client the proxies.
	"MM_CALLS_RTCD_SERVICE_URL":          {what: "rtcd", endpoints: atURL},
	"MM_CALLS_RTCD_URL":                  {what: "rtcd", endpoints: atURL},
	"MM_CALLS_JOB_SERVICE_URL":           {what: "the service that records calls", endpoints: atURL},
	"HTTP_PROXY":                         {what: "a proxy", endpoints: atProxy},
	"HTTPS_PROXY":                        {what: "a proxy", endpoints: atProxy},
	"http_proxy":                         {what: "a proxy", endpoints: atProxy},
	"https_proxy":                        {what: "a proxy", endpoints: atProxy},
	"JAEGER_AGENT_HOST":                  {what: "a tracing service", endpoints: hostPort(0)},
	"JAEGER_ENDPOINT":                    {what: "a tracing service", endpoints: atURL},
	"OTEL_EXPORTER_OTLP_ENDPOINT":        {what: "a tracing service", endpoints: atURL},
	"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {what: "a tracing service", endpoints: atURL},
})

// withOnlineServices adds the services of Mattermost, Inc., each by its settings.
func withOnlineServices(contacts map[string]contact) map[string]contact {
	for _, service := range plan.OnlineServices {
		online := contact{what: "a service of Mattermost, Inc.", field: service.Field()}
		for _, toggle := range service.Toggles {
			setting, _ := settings.Find(service.Section, toggle)
			online.endpoints = func(s *subject, value string) []endpoint {
				if _, given := s.variable(addressOf(service)); given || !isOn(value) {
					return nil
				}
				var hosts []endpoint
				for _, host := range service.Hosts {
					hosts = append(hosts, endpoint{host: host, port: 443})
				}
				return hosts
			}
			contacts[setting.Env] = online
		}
		if address := addressOf(service); address != "" {
			online.endpoints = func(s *subject, value string) []endpoint {
				if isFalse(service.Wanted(s.spec.OnlineServices)) || s.isOff(service) {
					return nil
				}
				return atURL(s, value)
			}
			contacts[address] = online
		}
	}
	return contacts
}

// addressOf returns the variable with the URL of a service; empty if there is none.
func addressOf(service plan.OnlineService) string {
	setting, _ := settings.Find(service.Section, service.Address)
	return setting.Env
}

// isOff reports whether the user's own settings switch a service off.
func (s *subject) isOff(service plan.OnlineService) bool {
	return !slices.ContainsFunc(service.Toggles, func(toggle string) bool {
		setting, _ := settings.Find(service.Section, toggle)
		v, given := s.variable(setting.Env)
		return !given || !v.known || !isOff(v.value)
	})
}

// notContacted are settings that look like a URL or a host but to which the servers do not connect by themselves, with
// the reason.
var notContacted = map[string]string{
	"ServiceSettings.SiteURL":                                "its own URL",
	"ServiceSettings.WebsocketURL":                           "for clients",
	"ServiceSettings.ListenAddress":                          "listens",
	"ServiceSettings.TrustedProxyIPHeader":                   "names of headers",
	"ServiceSettings.DCRRedirectURIAllowlist":                "patterns of URLs of clients",
	"ServiceSettings.RestrictLinkPreviews":                   "domains without previews",
	"ServiceSettings.AllowCorsFrom":                          "origins of browsers",
	"ServiceSettings.FrameAncestors":                         "origins of browsers",
	"ServiceSettings.DeleteAccountLink":                      "for browsers",
	"SqlSettings.DataSource":                                 "the database, which MM051 reports",
	"FileSettings.AmazonS3Endpoint":                          "with FileSettings.DriverName",
	"FileSettings.AmazonS3Region":                            "with FileSettings.DriverName",
	"FileSettings.AzureEndpoint":                             "with FileSettings.DriverName",
	"FileSettings.AzureStorageAccount":                       "with FileSettings.DriverName",
	"FileSettings.AzureCloud":                                "with FileSettings.DriverName",
	"FileSettings.ExportAmazonS3Endpoint":                    "with FileSettings.ExportDriverName",
	"FileSettings.ExportAmazonS3Region":                      "with FileSettings.ExportDriverName",
	"FileSettings.ExportAzureEndpoint":                       "with FileSettings.ExportDriverName",
	"FileSettings.ExportAzureStorageAccount":                 "with FileSettings.ExportDriverName",
	"FileSettings.ExportAzureCloud":                          "with FileSettings.ExportDriverName",
	"FileSettings.PublicLinkSalt":                            "a salt",
	"EmailSettings.ReplyToAddress":                           "an e-mail address",
	"MessageExportSettings.GlobalRelaySettings.EmailAddress": "an e-mail address",
	"SupportSettings.TermsOfServiceLink":                     "for browsers",
	"SupportSettings.PrivacyPolicyLink":                      "for browsers",
	"SupportSettings.AboutLink":                              "for browsers",
	"SupportSettings.HelpLink":                               "for browsers",
	"SupportSettings.ReportAProblemLink":                     "for browsers",
	"SupportSettings.ForgotPasswordLink":                     "for browsers",
	"GitLabSettings.AuthEndpoint":                            "for browsers",
	"GoogleSettings.AuthEndpoint":                            "for browsers",
	"Office365Settings.AuthEndpoint":                         "for browsers",
	"OpenIdSettings.AuthEndpoint":                            "for browsers",
	"SamlSettings.IdpURL":                                    "for browsers",
	"SamlSettings.IdpDescriptorURL":                          "an identifier",
	"SamlSettings.IdpMetadataURL":                            "fetched only when an administrator asks for it",
	"SamlSettings.AssertionConsumerServiceURL":               "its own URL",
	"NativeAppSettings.AppCustomURLSchemes":                  "for apps",
	"NativeAppSettings.AppDownloadLink":                      "for browsers",
	"NativeAppSettings.AndroidAppDownloadLink":               "for browsers",
	"NativeAppSettings.IosAppDownloadLink":                   "for browsers",
	"DisplaySettings.CustomURLSchemes":                       "for browsers",
	"ClusterSettings.OverrideHostname":                       "its own name",
	"ClusterSettings.BindAddress":                            "listens",
	"ClusterSettings.AdvertiseAddress":                       "its own address",
	"MetricsSettings.ListenAddress":                          "listens",
	"ImageProxySettings.ImageProxyType":                      "with ImageProxySettings.RemoteImageProxyURL",
	"ImageProxySettings.RemoteImageProxyOptions":             "a key",
	"CloudSettings.CWSURL":                                   "for Mattermost's own cloud",
	"CloudSettings.CWSAPIURL":                                "for Mattermost's own cloud",
	"CloudSettings.PreviewModalBucketURL":                    "for Mattermost's own cloud",
}

func atURL(_ *subject, value string) []endpoint {
	if u, err := v1alpha1.ParseQueryURL(value); err == nil {
		scheme := "http"
		if u.TLS {
			scheme = "https"
		}
		return []endpoint{{u.Host, u.Port, scheme, u.TLS}}
	}
	return nil
}

// atProxy parses a URL as Go's HTTP client does: the scheme is optional, and it may contain a user.
func atProxy(_ *subject, value string) []endpoint {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	port := map[string]int32{"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}[u.Scheme]
	if number, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		port = int32(number)
	}
	return []endpoint{{host: u.Hostname(), port: port}}
}

func hostPort(defaultPort int32) func(*subject, string) []endpoint {
	return func(_ *subject, value string) []endpoint {
		if host, port, err := v1alpha1.ParseHostPort(value, defaultPort); err == nil {
			return []endpoint{{host: host, port: port}}
		}
		return nil
	}
}

// hostWith is for a host whose port is in another variable.
func hostWith(portVariable string, defaultPort int32) func(*subject, string) []endpoint {
	return func(s *subject, value string) []endpoint {
		port := defaultPort
		if v, ok := s.variable(portVariable); ok {
			number, _ := strconv.ParseUint(v.value, 10, 16)
			port = int32(number)
		}
		return []endpoint{{host: value, port: port}}
	}
}

// secured is for a service whose TLS another variable switches on. All services with such a variable know two forms:
// TLS from the beginning, and after STARTTLS (server/public/model: ConnSecurityTLS, ConnSecurityStarttls).
func secured(security string, endpoints func(*subject, string) []endpoint) func(*subject, string) []endpoint {
	return func(s *subject, value string) []endpoint {
		found := endpoints(s, value)
		v, _ := s.variable(security)
		for i := range found {
			found[i].verifies = v.value == "TLS" || v.value == "STARTTLS"
		}
		return found
	}
}

// ifOn is for a service that another variable switches on.
func ifOn(
	toggle string, endpoints func(*subject, string) []endpoint,
) func(*subject, string) []endpoint {
	return func(s *subject, value string) []endpoint {
		if on, ok := s.variable(toggle); !ok || on.known && !isOn(on.value) {
			return nil
		}
		return endpoints(s, value)
	}
}

// defaultsOf is for a switch of a login whose URLs have defaults.
func defaultsOf(section string) func(*subject, string) []endpoint {
	return func(s *subject, value string) []endpoint {
		if !isOn(value) {
			return nil
		}
		var found []endpoint
		for _, key := range []string{"TokenEndpoint", "UserAPIEndpoint"} {
			setting, ok := settings.Find(section, key)
			if _, given := s.variable(setting.Env); !ok || given {
				continue
			}
			if text, ok := setting.DefaultValue(); ok {
				found = append(found, atURL(s, text)...)
			}
		}
		return found
	}
}

func databases(_ *subject, value string) []endpoint {
	var found []endpoint
	for dsn := range strings.FieldsSeq(value) {
		if u, err := url.Parse(dsn); err == nil && u.Hostname() != "" {
			port, err := strconv.ParseUint(u.Port(), 10, 16)
			if err != nil {
				port = 5432
			}
			query := u.Query()
			found = append(found, endpoint{host: u.Hostname(), port: int32(port),
				verifies: strings.HasPrefix(query.Get("sslmode"), "verify-") && query.Get("sslrootcert") == ""})
		}
	}
	return found
}

// fileStore is for the driver of the files or of the exports. Exports have their own storage only if that is switched
// on. Azure's host is that of the account (docs.mattermost.com, Azure Blob Storage).
func fileStore(of string) func(*subject, string) []endpoint {
	return func(s *subject, driver string) []endpoint {
		text := func(name, otherwise string) string {
			if v, ok := s.variable("MM_FILESETTINGS_" + of + name); ok {
				return v.value // empty if it is not known
			}
			return otherwise
		}
		if of != "" {
			if on, ok := s.variable("MM_FILESETTINGS_DEDICATEDEXPORTSTORE"); !ok || on.known && !isOn(on.value) {
				return nil
			}
		}
		switch driver {
		case "amazons3":
			defaultHost := "s3.amazonaws.com"
			if region := text("AMAZONS3REGION", ""); region != "" {
				defaultHost = "s3." + region + ".amazonaws.com"
			}
			port, scheme := int32(443), "https"
			if v, ok := s.variable("MM_FILESETTINGS_" + of + "AMAZONS3SSL"); ok && v.known && isOff(v.value) {
				port, scheme = 80, "http"
			}
			found := hostPort(port)(s, text("AMAZONS3ENDPOINT", defaultHost))
			for i := range found {
				found[i].scheme, found[i].verifies = scheme, scheme == "https"
			}
			return found
		case "azureblob":
			cloud := text("AZURECLOUD", v1alpha1.AzureCommercial)
			if cloud == v1alpha1.AzureCustom {
				return atURL(s, text("AZUREENDPOINT", ""))
			}
			return []endpoint{{plan.AzureStorageHost(text("AZURESTORAGEACCOUNT", ""), cloud), 443, "https", true}}
		}
		return nil
	}
}

func logTargets(_ *subject, value string) []endpoint {
	var found []endpoint
	for _, target := range settings.NetworkTargets(value) {
		found = append(found, endpoint{host: target.Host, port: int32(target.Port), verifies: target.Verifies})
	}
	return found
}

// pluginURLs returns the hosts of all URLs in the settings of plugins.
func pluginURLs(s *subject, value string) []endpoint {
	var object any
	if json.Unmarshal([]byte(value), &object) != nil {
		return nil
	}
	return urlsIn(s, object)
}

func urlsIn(s *subject, value any) []endpoint {
	var found []endpoint
	switch value := value.(type) {
	case string:
		return atURL(s, value)
	case []any:
		for _, element := range value {
			found = append(found, urlsIn(s, element)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, urlsIn(s, value[key])...)
		}
	}
	return found
}

// internalHosts returns those of a list of hosts and ranges of addresses, to which integrations may connect.
func internalHosts(_ *subject, value string) []endpoint {
	var found []endpoint
	for host := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ' ' || r == ',' }) {
		if _, err := netip.ParsePrefix(host); err == nil || host == "localhost" || strings.HasPrefix(host, "127.") {
			continue
		}
		found = append(found, endpoint{host: host, scheme: "https"}, endpoint{host: host, scheme: "http"})
	}
	return found
}

// isVerified reports whether the servers verify the certificate of a service with the authorities of their image.
func (s *subject) isVerified(c contact, e endpoint) bool {
	off := c.unverified
	if off == "" && e.scheme != "" {
		off = insecureConnections
	}
	_, own := s.variable(c.authority)
	return e.verifies && !own && (off == "" || !s.isSwitchedOn(off))
}

// notAllowed returns the services, each once, that nothing lets the servers connect to.
func notAllowed(p *plan.Plan, endpoints []endpoint) []string {
	var missing []string
	for _, endpoint := range endpoints {
		if text := endpoint.String(); !p.Allows(endpoint.host, endpoint.port) && !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	return missing
}

// unreachable reports services to which network policies or the mesh block connections.
func unreachable(s *subject, p *plan.Plan) {
	var barriers []string
	if s.spec.NetworkPolicies.Enabled {
		barriers = append(barriers, "spec.networkPolicies")
	}
	if s.spec.Istio.Egress == "RegistryOnly" {
		barriers = append(barriers, "spec.istio.egress")
	}
	if len(barriers) == 0 {
		return
	}
	by := strings.Join(barriers, " and ")
	for _, variable := range s.contacted() {
		if variable.name == "MM_FILESETTINGS_DRIVERNAME" && variable.known {
			continue // MM051 reports a storage that is not that of spec.objectStorage
		}
		s.blocked(p, contacts[variable.name], variable, by)
	}
	s.blockedPlugins(p, by)
	s.unknownDatabase(p, by)
}

// contacted returns the variables that make the servers connect to a service, without those that are overridden or that
// nothing uses.
func (s *subject) contacted() []variable {
	var found []variable
	for _, v := range s.variables() {
		last, _ := s.variable(v.name)
		if _, ok := contacts[v.name]; ok && last.field == v.field && !s.idle(v.name) {
			found = append(found, v)
		}
	}
	return found
}

// blocked reports the services of a variable that nothing allows.
func (s *subject) blocked(p *plan.Plan, contact contact, variable variable, by string) {
	which := ""
	if variable.known {
		if variable.value == "" {
			return
		}
		missing := notAllowed(p, contact.endpoints(s, variable.value))
		if len(missing) == 0 {
			return
		}
		which = " (" + strings.Join(missing, ", ") + ")"
	}
	fix := "add it to spec.networkPolicies.allow"
	switch {
	case strings.HasPrefix(contact.field, "spec.onlineServices."):
		fix = "set " + contact.field + ": true, or " + fix
	case contact.field != "":
		fix = "use " + contact.field + " instead, or " + fix
	}
	s.warnf(variable.field, "%sconfigures %s%s, but with %s the servers may only connect to services in fields of this "+
		"configuration; %s", variable.prefix(), contact.what, which, by, fix)
}

// blockedPlugins is blocked for spec.plugins.settings.
func (s *subject) blockedPlugins(p *plan.Plan, by string) {
	plugins := orEmpty(s.spec.Plugins)
	for _, id := range slices.Sorted(maps.Keys(plugins.Settings)) {
		missing := notAllowed(p, urlsIn(s, plugins.Settings[id].Value))
		if len(missing) > 0 && !isFalse(plugins.Enabled) {
			s.warnf(entry("spec.plugins.settings", id), "names %s, but with %s the servers may only connect to services in "+
				"fields of this configuration; if the plugin connects to it, add it to spec.networkPolicies.allow",
				strings.Join(missing, ", "), by)
		}
	}
}

// unknownDatabase reports a database whose address is in a Secret that is not among the resources.
func (s *subject) unknownDatabase(p *plan.Plan, by string) {
	// The addresses in egress apply to the policies, not to the mesh.
	answered := s.spec.Istio.Egress != "RegistryOnly" &&
		len(s.spec.NetworkPolicies.Egress[string(plan.DestinationDatabase)]) > 0
	unknown := slices.ContainsFunc(p.Destinations, func(d plan.Destination) bool {
		return d.Kind == plan.DestinationDatabase && d.Host == ""
	})
	if s.spec.Database.ExistingSecret != "" && !answered && unknown {
		s.warnf("spec.database.existingSecret", "does not show the database's address here (the Secret is not among the "+
			"resources, not readable, or names several hosts), and with %s the servers may only connect to port 5432 "+
			"outside the cluster. Run the function where it sees the Secret, list the addresses in "+
			"spec.networkPolicies.egress.database, or add your own NetworkPolicy or ServiceEntry", by)
	}
}
