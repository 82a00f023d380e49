// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
)

func TestPeerAuthentication(t *testing.T) {
	tests := map[string]struct {
		mtls       string
		monitoring *plan.Monitoring
		want       string
	}{
		"permissive has no exceptions": {
			mtls:       "PERMISSIVE",
			monitoring: &plan.Monitoring{Scheme: "http"},
			want: `
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
mtls:
  mode: PERMISSIVE
`,
		},
		"strict, not scraped": {
			mtls: "STRICT",
			want: `
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
mtls:
  mode: STRICT
`,
		},
		"strict, scraped with a certificate of the mesh": {
			mtls:       "STRICT",
			monitoring: &plan.Monitoring{Scheme: "https"},
			want: `
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
mtls:
  mode: STRICT
`,
		},
		"strict, scraped over plain HTTP": {
			mtls:       "STRICT",
			monitoring: &plan.Monitoring{Scheme: "http"},
			want: `
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
mtls:
  mode: STRICT
portLevelMtls:
  "8067":
    mode: PERMISSIVE
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := meshPlan()
			p.Istio.MTLS = test.mtls
			p.Monitoring = test.monitoring
			wantSpec(t, peerAuthentication(p), test.want)
		})
	}
}

func TestPeerAuthenticationMetadata(t *testing.T) {
	p := meshPlan()
	p.Istio.MTLS = "STRICT"
	wantHeader(t, peerAuthentication(p)[0], header("security.istio.io/v1", "PeerAuthentication", "chat", "mesh"))
}

func TestNoPeerAuthenticationByDefault(t *testing.T) {
	if objects := peerAuthentication(meshPlan()); len(objects) != 0 {
		t.Errorf("got %d objects without mtls, want none", len(objects))
	}
}
