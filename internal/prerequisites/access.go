// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

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
	if p.Service != nil {
		c.outside()
		what = "the load balancer of Service " + p.Service.Name
		if p.Service.Type == corev1.ServiceTypeNodePort {
			what = "your load balancer"
		}
	}
	switch {
	case p.Service != nil && p.Route.Type == v1alpha1.RouteNone:
	case p.Route.Type == v1alpha1.RouteNone:
		c.addDetails(result.Prerequisite{ID: "proxy", Kind: "Service", Namespace: p.Namespace, Name: p.Name},
			Gateway, fieldRoute, "let your proxy pass %s, WebSockets included, to port %d of Service %s in namespace %s, "+
				"with the header Host of the request", p.Site, plan.PortApp, p.Name, p.Namespace)
		what = "your proxy"
	case p.Route.Type == v1alpha1.RouteIngress:
		what = "the Ingress controller"
	}
	if p.Route.Type != v1alpha1.RouteIngress || p.Route.TLSSecret == "" {
		c.addDetails(result.Prerequisite{ID: "certificate", Keys: []string{host}}, Gateway, fieldRoute,
			"%s must have a certificate for %s that browsers and apps trust", what, host)
	}
	c.addDetails(result.Prerequisite{ID: "dns", Keys: []string{host}, Command: "getent hosts " + host}, Gateway,
		fieldRoute, "the DNS name %s must resolve to the address of %s", host, what)
}

// outside lists what the Service for clients outside the cluster leaves to others: it passes on HTTP.
func (c *checklist) outside() {
	p := c.Plan
	details := result.Prerequisite{
		ID: "load-balancer", Kind: "Service", Namespace: p.Namespace, Name: p.Service.Name,
		Command: fmt.Sprintf("kubectl -n %s get service %s", p.Namespace, p.Service.Name),
	}
	if p.Service.Type == corev1.ServiceTypeNodePort {
		c.addDetails(details, Gateway, "spec.service", "let your load balancer pass %s, WebSockets included, to the port of "+
			"the nodes that Service %s has, with the header Host of the request", p.Site, p.Service.Name)
		return
	}
	c.addDetails(details, Gateway, "spec.service", "the load balancer of Service %s must terminate TLS on port %d and "+
		"pass "+
		"on HTTP: the annotations that your cloud needs for that are in spec.service.annotations", p.Service.Name,
		p.Service.Port)
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
	const field = "spec.logging.fluentBit"
	if p.Profile == v1alpha1.ProfileBigBang {
		add("alloy-not-redacted", Logging, field, "Alloy, which Big Bang installs, sends the log of the servers to Loki "+
			"as it is, with the secrets and tokens in it: only Fluent Bit redacts it. Limit who reads namespace %s in Loki, or "+
			"let Alloy skip the namespace", p.Namespace)
	}
	if p.Logging == nil {
		return
	}
	if p.Logging.Form == v1alpha1.FluentBitConfigMap {
		add("fluent-bit-include", Logging, field, "Fluent Bit must mount ConfigMap %s in namespace %s and include its files "+
			"(docs/logging.md)", p.LogConfigName(), p.Logging.Namespace)
	} else {
		add("fluent-bit-select", Logging, field, "the FluentBit resource must select FluentBitConfigs with the label "+
			"app.kubernetes.io/instance: %s in namespace %s, which it does by default (docs/logging.md)", p.Name, p.Namespace)
		add("fluent-bit-outputs", Logging, field, "the cluster's outputs must match the tags of namespace %s, in front of "+
			"which the operator puts a prefix: the matchRegex of its chart does not (docs/logging.md)", p.Namespace)
	}
	for _, output := range p.Logging.Outputs {
		if output.CAFile != "" {
			add("fluent-bit-ca/"+output.Name, Logging, field+".outputs", "all pods of Fluent Bit must have the file %s before "+
				"the Output is applied; one that does not have it does not start", output.CAFile)
		}
	}
}

// calls lists the port of Calls, if the configuration enables or configures it and media goes through the servers: the
// plugin listens on one port, 8443 by default, over UDP and TCP.
func (c *checklist) calls() {
	p, plugins := c.Plan, c.Spec.Plugins
	if p.Calls != nil {
		service := p.Calls.Service
		target := "the load balancer of Service " + service.Name
		switch service.Type {
		case corev1.ServiceTypeNodePort:
			target = "the nodes"
		case corev1.ServiceTypeClusterIP:
			target = "a gateway of your own, which passes both to Service " + service.Name
		}
		c.addDetails(result.Prerequisite{
			ID: "calls", Kind: "Service", Namespace: p.Namespace, Name: service.Name,
			Command: fmt.Sprintf("kubectl -n %s get service %s", p.Namespace, service.Name),
		}, Firewall, "spec.calls", "let clients reach UDP and TCP %s for the media of Calls, at %s",
			p.Calls.ClientAddress(), target)
		return
	}
	if plugins == nil || plugins.Enabled != nil && !*plugins.Enabled {
		return
	}
	settings, configured := plugins.Settings[plan.CallsPlugin]
	enabled, listed := plugins.States[plan.CallsPlugin]
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
	c.add("calls", Firewall, "spec.plugins", "let clients reach UDP and TCP port %v of the servers, for the media of "+
		"Calls: "+
		"set spec.calls, which makes Service and policies for it, or rtcdserviceurl", port)
}
