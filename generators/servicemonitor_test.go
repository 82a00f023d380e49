// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"maps"
	"net/url"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// monitoredPlan returns an installation with all objects of monitoring.
func monitoredPlan() *plan.Plan {
	return &plan.Plan{
		Names:    plan.Names{Name: "chat", Namespace: "teams"},
		Image:    plan.Image{Version: "11.10.0"},
		Replicas: 3,
		Site:     &url.URL{Scheme: "https", Host: "chat.example.mil"},
		Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("2"),
			corev1.ResourceMemory: resource.MustParse("4Gi"),
		}},
		Monitoring: &plan.Monitoring{
			Interval: "30s",
			Scheme:   "http",
			Labels:   map[string]string{"release": "monitoring"},
			Alerts:   &plan.Alerts{Labels: map[string]string{"release": "monitoring"}, ReadReplicas: true},
			Dashboard: &plan.Dashboard{Name: "chat-dashboard", Namespace: "monitoring",
				Labels: map[string]string{"grafana_dashboard": "1"}},
		},
	}
}

func TestServiceMonitor(t *testing.T) {
	objects := serviceMonitor(monitoredPlan())
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	monitor := objects[0].(*monitoringv1.ServiceMonitor)

	if got, want := monitor.APIVersion+" "+monitor.Kind, "monitoring.coreos.com/v1 ServiceMonitor"; got != want {
		t.Errorf("got type %s, want %s", got, want)
	}
	if got, want := monitor.Namespace+"/"+monitor.Name, "teams/chat"; got != want {
		t.Errorf("got name %s, want %s", got, want)
	}
	if monitor.Labels["release"] != "monitoring" || monitor.Labels["app.kubernetes.io/component"] != "monitoring" {
		t.Errorf("labels %v lack the configured or the standard ones", monitor.Labels)
	}
	if monitor.Spec.JobLabel != "app" {
		t.Errorf("got jobLabel %q, want app", monitor.Spec.JobLabel)
	}
	if want := map[string]string{"app": "mattermost", "installation.mattermost.com/installation": "chat"}; !maps.Equal(
		monitor.Spec.Selector.MatchLabels, want) {
		t.Errorf("got selector %v, want %v", monitor.Spec.Selector.MatchLabels, want)
	}
	if selector := monitor.Spec.NamespaceSelector; selector.Any || len(selector.MatchNames) > 0 {
		t.Errorf("got namespaces %+v, want none: Prometheus then selects Services of the ServiceMonitor's own", selector)
	}
	if len(monitor.Spec.Endpoints) != 1 {
		t.Fatalf("got %d endpoints, want 1", len(monitor.Spec.Endpoints))
	}
	endpoint := monitor.Spec.Endpoints[0]
	if endpoint.Port != "metrics" || endpoint.Path != "/metrics" || endpoint.Interval != "30s" ||
		endpoint.TLSConfig != nil {
		t.Errorf("got endpoint %+v", endpoint)
	}
	if *endpoint.Scheme != "http" {
		t.Errorf("got scheme %q: older CRDs allow lower case only", *endpoint.Scheme)
	}
}

func TestServiceMonitorThroughMutualTLS(t *testing.T) {
	p := monitoredPlan()
	p.Monitoring.Scheme = "https"
	p.Monitoring.TLSConfig = &v1alpha1.MonitorTLSConfig{
		CAFile:             "/etc/prom-certs/root-cert.pem",
		CertFile:           "/etc/prom-certs/cert-chain.pem",
		KeyFile:            "/etc/prom-certs/key.pem",
		InsecureSkipVerify: true,
	}
	endpoint := serviceMonitor(p)[0].(*monitoringv1.ServiceMonitor).Spec.Endpoints[0]
	if *endpoint.Scheme != "https" {
		t.Errorf("got scheme %q, want https", *endpoint.Scheme)
	}
	tls := endpoint.TLSConfig
	if tls.CAFile != "/etc/prom-certs/root-cert.pem" || tls.CertFile != "/etc/prom-certs/cert-chain.pem" ||
		tls.KeyFile != "/etc/prom-certs/key.pem" {
		t.Errorf("got files %+v", tls.TLSFilesConfig)
	}
	if tls.InsecureSkipVerify == nil || !*tls.InsecureSkipVerify {
		t.Error("the certificate is verified, but Istio's certificates contain no host name")
	}
	if err := tls.Validate(); err != nil {
		t.Errorf("the Prometheus operator rejects it: %v", err)
	}
}

func TestMonitoringKeepsOwnershipMetadata(t *testing.T) {
	p := monitoredPlan()
	p.Monitoring.Labels = map[string]string{ownership.LabelManagedBy: "Helm", "app.kubernetes.io/part-of": "chat"}
	labels := serviceMonitor(p)[0].GetLabels()
	if labels[ownership.LabelManagedBy] != ownership.ManagedBy {
		t.Errorf("%s: got %q", ownership.LabelManagedBy, labels[ownership.LabelManagedBy])
	}
	if labels["app.kubernetes.io/part-of"] != "chat" {
		t.Errorf("the configured label does not take precedence: %v", labels)
	}
}

func TestNoMonitoring(t *testing.T) {
	p := monitoredPlan()
	p.Monitoring = nil
	if got := len(serviceMonitor(p)) + len(prometheusRule(p)) + len(dashboard(p)); got != 0 {
		t.Errorf("got %d objects without monitoring, want none", got)
	}
	p = monitoredPlan()
	p.Monitoring.Alerts, p.Monitoring.Dashboard = nil, nil
	if got := len(prometheusRule(p)) + len(dashboard(p)); got != 0 {
		t.Errorf("got %d objects without alerts and dashboard, want none", got)
	}
}
