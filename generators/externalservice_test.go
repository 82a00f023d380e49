// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

// Clients outside get only the port for users, and neither metrics nor the status of the operator change: the operator
// and the ServiceMonitor select the operator's Service by a label that these do not have.
func TestExternalService(t *testing.T) {
	p := planOf(t, "{domain: a.b, route: {type: none}, enterprise: {enabled: true, license: eyJ}, monitoring: {enabled: "+
		"true}, networkPolicies: {enabled: true}, service: {type: LoadBalancer, sourceRanges: [192.0.2.0/24], annotations: "+
		"{example.com/certificate: x, mattermost.bigbang.dev/owner: other}}}")
	const want = `apiVersion: v1
kind: Service
metadata:
  name: chat-external
  namespace: teams
  labels:
    app.kubernetes.io/component: server
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
    app.kubernetes.io/version: 11.10.0
  annotations:
    example.com/certificate: x
    mattermost.bigbang.dev/owner: teams/chat
spec:
  ports:
  - name: app
    protocol: TCP
    appProtocol: http
    port: 443
    targetPort: 8065
  selector:
    app: mattermost
    installation.mattermost.com/installation: chat
  type: LoadBalancer
  loadBalancerSourceRanges:
  - 192.0.2.0/24
`
	wantManifests(t, externalService(p), want)
	if externalService(p)[0].GetLabels()["app"] != "" {
		t.Error("the ServiceMonitor selects the Service, which has no port for metrics")
	}
	if spec := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec; spec.ServiceAnnotations != nil {
		t.Errorf("annotations of the operator's Service %v", spec.ServiceAnnotations)
	}
	var names []string
	for _, policy := range networkPolicies(p) {
		names = append(names, policy.GetName())
	}
	if !strings.Contains(strings.Join(names, " "), "chat-allow-from-outside") {
		t.Errorf("network policies %v", names)
	}
	p = planOf(t, "{domain: a.b, service: {annotations: {a: b}}}")
	spec := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec
	if spec.ServiceAnnotations["a"] != "b" || externalService(p) != nil {
		t.Errorf("annotations of the operator's Service %v", spec.ServiceAnnotations)
	}
}

// The server announces the port that clients connect to, and every part of the path has both protocols.
func TestCalls(t *testing.T) {
	p := planOf(t, "{domain: a.b, istio: {injection: true}, networkPolicies: {enabled: true}, calls: {enabled: true, "+
		"host: "+
		"calls.example.com, port: 9443, service: {type: NodePort, nodePort: 30443}}}")
	const want = `  ports:
  - name: udp-calls
    protocol: UDP
    port: 9443
    targetPort: 9443
    nodePort: 30443
  - name: tcp-calls
    protocol: TCP
    port: 9443
    targetPort: 9443
    nodePort: 30443
  selector:
    app: mattermost
    installation.mattermost.com/installation: chat
  type: NodePort
`
	if got := manifests(t, callsService(p)); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	spec := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec
	if ports := spec.PodExtensions.ContainerPorts; len(ports) != 2 || ports[0].ContainerPort != 9443 {
		t.Errorf("container ports %v", ports)
	}
	if got := spec.PodTemplate.ExtraAnnotations["traffic.sidecar.istio.io/excludeInboundPorts"]; got != "9443" {
		t.Errorf("ports that bypass the sidecar: %q", got)
	}
	env := map[string]string{}
	for _, variable := range spec.MattermostEnv {
		env[variable.Name] = variable.Value
	}
	for name, want := range map[string]string{
		"MM_CALLS_UDP_SERVER_PORT": "9443", "MM_CALLS_TCP_SERVER_PORT": "9443",
		"MM_CALLS_ICE_HOST_OVERRIDE": "calls.example.com", "MM_CALLS_ICE_HOST_PORT_OVERRIDE": "30443",
	} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
	got := manifests(t, []Object{allowCalls(p)})
	if strings.Count(got, "port: 9443") != 2 || !strings.Contains(got, "protocol: UDP") {
		t.Errorf("policy\n%s", got)
	}
	for _, config := range []string{"{domain: a.b}", "{domain: a.b, calls: {host: x}}"} {
		if p := planOf(t, config); callsService(p) != nil || allowCalls(p) != nil {
			t.Errorf("%s has a Service or policy", config)
		}
	}
}
