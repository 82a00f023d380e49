// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

const fieldRoute = "spec.route"

// gateway lists what users need to reach the site. It is done after the first account exists.
func (c *checklist) gateway() {
	p := c.Plan
	host := p.Site.Host
	what := "the gateway"
	switch p.Route.Type {
	case v1alpha1.RouteNone:
		c.addDetails(result.Prerequisite{ID: "proxy", Kind: "Service", Namespace: p.Namespace, Name: p.Name},
			Gateway, fieldRoute, "let your proxy pass %s, WebSockets included, to port %d of Service %s in namespace %s, "+
				"with the header Host of the request", p.Site, plan.PortApp, p.Name, p.Namespace)
		what = "your proxy"
	case v1alpha1.RouteIngress:
		what = "the Ingress controller"
	}
	if p.Route.Type != v1alpha1.RouteIngress || p.Route.TLSSecret == "" {
		c.addDetails(result.Prerequisite{ID: "certificate", Keys: []string{host}}, Gateway, fieldRoute,
			"%s must have a certificate for %s that browsers and apps trust", what, host)
	}
	c.addDetails(result.Prerequisite{ID: "dns", Keys: []string{host}, Command: "getent hosts " + host}, Gateway,
		fieldRoute, "the DNS name %s must resolve to the address of %s", host, what)
}

// firstAdministrator lists the creation of the first account. On the server (11.6) the first account has the roles
// system_admin and system_user, however it is created. If sign-up by e-mail is disabled, the API refuses to create it.
func (c *checklist) firstAdministrator() {
	p := c.Plan
	if cluster := p.Database.CloudNativePG; cluster != nil && (cluster.Recovery != nil || cluster.Import != nil) {
		return // the database has accounts
	}
	signUp, condition := "", ""
	for _, variable := range p.Env {
		if variable.Name == "MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL" && strings.EqualFold(variable.Value, "false") {
			signUp = "; set spec.sso.emailSignUp to true until it exists"
		}
	}
	if p.Database.CloudNativePG == nil && p.Database.StatefulSet == nil {
		condition = "if the database is new, "
	}
	closed := "before your proxy passes requests"
	if p.Route.Type != v1alpha1.RouteNone {
		closed = "before the gateway admits others: apply with spec.route: {type: none} first"
	}
	c.addDetails(result.Prerequisite{
		ID: "first-administrator", Kind: "Deployment", Namespace: p.Namespace, Name: p.Name,
		Command: fmt.Sprintf("kubectl -n %s port-forward deployment/%s %d:%d\n"+
			"curl -f -d '{\"email\":\"ADDRESS\",\"username\":\"NAME\",\"password\":\"PASSWORD\"}' "+
			"http://127.0.0.1:%d/api/v4/users", p.Namespace, p.Name, plan.PortApp, plan.PortApp, plan.PortApp),
	}, Mattermost, fieldRoute, "%sthe first account becomes system administrator: create it %s%s",
		condition, closed, signUp)
}

// policies lists exceptions from Big Bang's Kyverno policies.
func policies(p *plan.Plan, add adder) {
	cluster := p.Database.CloudNativePG
	if cluster == nil || p.Profile != v1alpha1.ProfileBigBang {
		return
	}
	add("kyverno-service-account-token", Policies, "spec.database.inCluster", "exclude the ServiceAccount %s in "+
		"namespace %s from Kyverno's policy update-automountserviceaccounttokens: the instance manager of CloudNativePG "+
		"needs its token", cluster.Name, p.Namespace)
	if p.Istio.Injection != nil && *p.Istio.Injection {
		add("kyverno-injection-bypass", Policies, "spec.database.inCluster", "exclude pods with the label cnpg.io/cluster: "+
			"%s in namespace %s from Kyverno's policy disallow-istio-injection-bypass: they run without a sidecar",
			cluster.Name, p.Namespace)
	}
}

// monitoring lists the files that Prometheus reads in its own pods, and the namespace of the dashboard.
func monitoring(p *plan.Plan, add adder) {
	if p.Monitoring == nil {
		return
	}
	if tls := p.Monitoring.TLSConfig; tls != nil {
		var files []string
		for _, file := range []string{tls.CAFile, tls.CertFile, tls.KeyFile} {
			if file != "" {
				files = append(files, file)
			}
		}
		if len(files) > 0 {
			add("prometheus-files", Monitoring, "spec.monitoring.serviceMonitor.tlsConfig",
				"the pods of Prometheus must have %s", strings.Join(files, ", "))
		}
	}
	if board := p.Monitoring.Dashboard; board != nil {
		add("dashboard", Monitoring, "spec.monitoring.dashboard", "Grafana's sidecar must read ConfigMaps in namespace %s",
			board.Namespace)
	}
}

// logging lists what Fluent Bit needs in addition to the emitted objects.
func logging(p *plan.Plan, add adder) {
	if p.Logging == nil {
		return
	}
	const field = "spec.logging.fluentBit"
	if p.Logging.Form == v1alpha1.FluentBitConfigMap {
		add("fluent-bit-include", Logging, field, "Fluent Bit must mount ConfigMap %s in namespace %s and include its files "+
			"(docs/logging.md)", p.LogConfigName(), p.Logging.Namespace)
	} else {
		add("fluent-bit-select", Logging, field, "the FluentBit resource must select FluentBitConfigs with the label "+
			"app.kubernetes.io/instance: %s in namespace %s, which it does by default (docs/logging.md)", p.Name, p.Namespace)
	}
	for _, output := range p.Logging.Outputs {
		if output.CAFile != "" {
			add("fluent-bit-ca/"+output.Name, Logging, field+".outputs", "the pods of Fluent Bit must have the file %s",
				output.CAFile)
		}
	}
}

// callsPlugin is the id of the plugin Calls, which settings name.
const callsPlugin = "com.mattermost.calls"

// calls lists the port of Calls, if the configuration enables or configures it and media goes through the servers: the
// plugin listens on one port, 8443 by default, over UDP and TCP. The operator's Service and the emitted policies do not
// have it.
func calls(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	plugins := spec.Plugins
	if plugins == nil || plugins.Enabled != nil && !*plugins.Enabled {
		return
	}
	settings, configured := plugins.Settings[callsPlugin]
	enabled, listed := plugins.States[callsPlugin]
	if listed && !enabled || !listed && !configured {
		return
	}
	port := any(8443)
	values, _ := settings.Value.(map[string]any) // nil for a value of a Secret
	for key, value := range values {
		switch text := fmt.Sprint(value); {
		case strings.EqualFold(key, "rtcdserviceurl") && text != "":
			return // media goes through rtcd
		case strings.EqualFold(key, "udpserverport") && text != "":
			port = text
		}
	}
	policies := ""
	if p.NetworkPolicies.Enabled {
		policies = ", and a NetworkPolicy that allows both"
	}
	add("calls", Firewall, "spec.plugins", "let clients reach UDP and TCP port %v of the servers, for the media of "+
		"Calls: "+
		"a Service of your own with the selector app: mattermost, installation.mattermost.com/installation: %s in namespace "+
		"%s%s; or set rtcdserviceurl", port, p.Name, p.Namespace, policies)
}
