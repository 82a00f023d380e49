// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"
	"testing"
)

// In place, a service that is no longer allowed loses its policy and its ServiceEntry, and the others keep theirs,
// whatever their order.
func TestAllowedServicesInPlace(t *testing.T) {
	config := func(allow string) string {
		return "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
			"metadata: {name: chat, namespace: teams}\nspec:\n  domain: example.mil\n" +
			"  istio: {injection: true, egress: RegistryOnly}\n  networkPolicies: {enabled: true, allow: [" + allow + "]}\n"
	}
	first := run(list("", config("{host: a.example.mil, port: 443}, {host: b.example.mil, port: 3128}")))
	objects := items(t, first.out)
	objects[0] = config("{host: b.example.mil, port: 3128}, {host: c.example.mil, port: 443}")
	second := run(list("", objects...))
	if first.exit != 0 || second.exit != 0 {
		t.Fatal(first.errors, second.errors)
	}
	for name, want := range map[string]bool{
		"chat-allow-to-a-example-mil-443": false, "chat-a-example-mil-443": false,
		"chat-allow-to-b-example-mil-3128": true, "chat-b-example-mil-3128": true,
		"chat-allow-to-c-example-mil-443": true, "chat-c-example-mil-443": true,
	} {
		if got := strings.Contains(strings.Join(items(t, second.out), ""), "name: "+name+"\n"); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
	if b := "NetworkPolicy teams/chat-allow-to-b-example-mil-3128"; item(t, first.out, b) != item(t, second.out, b) {
		t.Errorf("%s changed", b)
	}
}
