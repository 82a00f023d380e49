// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"net/url"
	"regexp"
	"testing"

	"golang.org/x/net/http/httpproxy"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// The entries that the message asks for end the warning, whatever NO_PROXY has, and Go's own code then connects to the
// services directly. Other hosts still use the proxy.
func TestNoProxy(t *testing.T) {
	destinations := []plan.Destination{
		{Kind: plan.DestinationObjectStorage, Host: "minio.data.svc", Port: 9000},
		{Kind: plan.DestinationElasticsearch, Host: "search.logging.svc.cluster.local", Port: 9200, TLS: true},
		{Kind: plan.DestinationSSO, Host: "login.sso.svc.cluster.local.", Port: 443, TLS: true},
		{Kind: plan.DestinationOpenID, Host: "keycloak", Port: 8080},
		{Kind: plan.DestinationPush, Host: "push.example.com", Port: 443, TLS: true},
		{Kind: plan.DestinationDatabase, Host: "db.data.svc", Port: 5432},
		{Kind: plan.DestinationRedis, Host: "redis.data.svc", Port: 6379},
	}
	added := regexp.MustCompile(`"(,?)([^"]*)"`)
	report := func(exceptions string) []result.Result {
		env := "[{name: HTTP_PROXY, value: 'http://proxy:3128'}, {name: HTTPS_PROXY, value: 'http://proxy:3128'}, " +
			"{name: NO_PROXY, value: '" + exceptions + "'}]"
		config := &v1alpha1.MattermostConfig{}
		if _, problems := decode.Strict(yaml.MustParse("spec:\n  env: "+env).YNode(), config); len(problems) > 0 {
			t.Fatal(problems)
		}
		config.SetDefaults()
		reporter := &result.Reporter{}
		proxied(newSubject(config, func(string) bool { return true }, reporter), &plan.Plan{Destinations: destinations})
		return reporter.Results
	}
	for _, exceptions := range []string{"", "localhost", ".svc", "*.svc, keycloak:8080", "10.0.0.0/8,.example.org",
		"svc.cluster.local", "keycloak:80", "SVC"} {
		results := report(exceptions)
		if len(results) != 1 {
			t.Errorf("%q: got %v", exceptions, results)
			continue
		}
		found := added.FindStringSubmatch(results[0].Message)
		if found == nil || (found[1] == ",") != (exceptions != "") {
			t.Errorf("%q: got %v", exceptions, results)
			continue
		}
		all := exceptions + found[1] + found[2]
		if again := report(all); len(again) != 0 {
			t.Errorf("%q: got %v", all, again)
		}
		config := httpproxy.Config{HTTPProxy: "http://proxy", HTTPSProxy: "http://proxy", NoProxy: all}
		for _, d := range destinations {
			if !d.IsHTTP() {
				continue
			}
			proxy, err := config.ProxyFunc()(&url.URL{Scheme: "https", Host: fmt.Sprint(d.Host, ":", d.Port)})
			if isOutside := d.Kind == plan.DestinationPush; err != nil || (proxy != nil) != isOutside {
				t.Errorf("%q: %s is reached by %v, %v", all, d.Host, proxy, err)
			}
		}
	}
	for _, exceptions := range []string{"*", ".svc,.cluster.local,.cluster.local.,keycloak"} {
		if results := report(exceptions); len(results) != 0 {
			t.Errorf("%q: got %v", exceptions, results)
		}
	}
}
