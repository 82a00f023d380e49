// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

func TestGossipService(t *testing.T) {
	wantManifests(t, gossipService(planOf(t, "{domain: a.b, replicas: 2, enterprise: {enabled: true, license: x}}")),
		header("v1", "Service", "chat-gossip", "gossip")+`spec:
  ports:
  - name: tcp-gossip
    protocol: TCP
    appProtocol: tcp
    port: 8074
    targetPort: 8074
  selector:
    app: mattermost
    installation.mattermost.com/installation: chat
  clusterIP: None
  type: ClusterIP
  publishNotReadyAddresses: true
`)
	wantManifests(t, gossipService(planOf(t, "{domain: a.b}")), "")
}
