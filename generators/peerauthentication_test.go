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
	wantHeader(t, peerAuthentication(p)[0], `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: chat
  namespace: teams
  labels:
    app.kubernetes.io/component: mesh
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
    app.kubernetes.io/version: 11.10.0
  annotations:
    mattermost.bigbang.dev/owner: teams/chat
`)
}

func TestNoPeerAuthenticationByDefault(t *testing.T) {
	if objects := peerAuthentication(meshPlan()); len(objects) != 0 {
		t.Errorf("got %d objects without mtls, want none", len(objects))
	}
}
