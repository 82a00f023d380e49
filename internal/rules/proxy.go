// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// inClusterNoProxy are the entries of NO_PROXY that match the names of Services in this cluster.
var inClusterNoProxy = []string{".svc", ".cluster.local"}

// proxied reports services of the cluster to which the servers connect through a proxy: it is outside, and cannot
// resolve their names. The servers use the proxy of the environment for S3 (platform/shared/filestore/s3store.go), for
// Elasticsearch (enterprise/elasticsearch/elasticsearch/common.go) and for all other requests by HTTP. lib/pq and the
// clients of Redis, LDAP and mail servers know no proxy.
func proxied(s *subject, p *plan.Plan) {
	config := httpproxy.Config{}
	var first variable
	proxyIn := func(names ...string) string {
		v, ok := s.firstVariable(names...)
		if !ok {
			return ""
		}
		if first.name == "" {
			first = v
		}
		if !v.known {
			return "http://proxy" // the place decides nothing
		}
		return v.value
	}
	config.HTTPSProxy = proxyIn("HTTPS_PROXY", "https_proxy")
	config.HTTPProxy = proxyIn("HTTP_PROXY", "http_proxy")
	exceptions, ok := s.firstVariable("NO_PROXY", "no_proxy")
	if first.name == "" || ok && !exceptions.known || !ok && len(s.spec.Pod.EnvFrom) > 0 {
		return
	}
	config.NoProxy = exceptions.value
	var hosts []string
	for _, u := range s.requestsInCluster(p) {
		if isProxied(config, u) && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	if len(hosts) == 0 {
		return
	}
	var missing []string
	for _, entry := range slices.Concat(inClusterNoProxy, hosts) {
		probe := &url.URL{Scheme: "https", Host: "service" + entry}
		if !slices.Contains(inClusterNoProxy, entry) {
			probe.Host = entry
		}
		with := config
		with.HTTPSProxy = "http://proxy"
		if isProxied(with, probe) {
			missing = append(missing, entry)
			config.NoProxy = strings.Join(append(nonEmpty(config.NoProxy), entry), ",")
		}
	}
	fix := "set NO_PROXY to \"" + strings.Join(missing, ",") + "\""
	if exceptions.value != "" {
		fix = "append \"," + strings.Join(missing, ",") + "\" to " + exceptions.name
	}
	s.warnf(first.field, "%sthe servers also send requests to %s through the proxy, which cannot reach services of this "+
		"cluster; %s", first.prefix(), strings.Join(hosts, ", "), fix)
}

// nonEmpty returns a list of a string, or no list for an empty one.
func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// firstVariable returns the first of several variables that is set and not empty, as Go's HTTP client reads them.
func (s *subject) firstVariable(names ...string) (variable, bool) {
	for _, name := range names {
		if v, ok := s.variable(name); ok && (!v.known || v.value != "") {
			return v, true
		}
	}
	return variable{}, false
}

// isProxied reports whether Go's HTTP client uses a proxy for a URL.
func isProxied(config httpproxy.Config, u *url.URL) bool {
	proxy, err := config.ProxyFunc()(u)
	return err == nil && proxy != nil
}

// requestsInCluster returns the URLs of services of this cluster to which the servers and plugins send HTTP requests.
func (s *subject) requestsInCluster(p *plan.Plan) []*url.URL {
	var found []*url.URL
	add := func(host string, port int32, scheme string) {
		if !isService(host) {
			return
		}
		if port != 0 {
			host = net.JoinHostPort(host, strconv.Itoa(int(port)))
		}
		found = append(found, &url.URL{Scheme: scheme, Host: host})
	}
	for _, d := range p.Destinations {
		switch {
		case !d.IsHTTP() || d.Kind == plan.DestinationAllowed:
		case d.TLS:
			add(d.Host, d.Port, "https")
		default:
			add(d.Host, d.Port, "http")
		}
	}
	for _, v := range s.contacted() {
		for _, e := range contacts[v.name].endpoints(s, v.value) {
			if e.scheme != "" {
				add(e.host, e.port, e.scheme)
			}
		}
	}
	plugins := orEmpty(s.spec.Plugins)
	for _, id := range slices.Sorted(maps.Keys(plugins.Settings)) {
		for _, e := range urlsIn(s, plugins.Settings[id].Value) {
			add(e.host, e.port, e.scheme)
		}
	}
	return found
}
