// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// scrapeJob is the label job of every installation's metrics: the value of the label app on the Service that the
// Mattermost operator creates, which is the same for all installations (plan.ServerLabels).
const scrapeJob = "mattermost"

// serviceMonitor returns the ServiceMonitor, with which Prometheus scrapes the servers through the Service that the
// Mattermost operator creates.
func serviceMonitor(p *plan.Plan) []Object {
	if p.Monitoring == nil {
		return nil
	}
	// Older CRDs of ServiceMonitor allow only http and https, newer ones also HTTP and HTTPS, which monitoringv1's
	// constants use.
	scheme := monitoringv1.Scheme(p.Monitoring.Scheme)
	endpoint := monitoringv1.Endpoint{
		Port:     "metrics",
		Path:     "/metrics",
		Scheme:   &scheme,
		Interval: monitoringv1.Duration(p.Monitoring.Interval),
	}
	if tls := p.Monitoring.TLSConfig; tls != nil {
		endpoint.TLSConfig = &monitoringv1.TLSConfig{
			TLSFilesConfig: monitoringv1.TLSFilesConfig{CAFile: tls.CAFile, CertFile: tls.CertFile, KeyFile: tls.KeyFile},
		}
		if tls.InsecureSkipVerify {
			endpoint.TLSConfig.InsecureSkipVerify = &tls.InsecureSkipVerify
		}
	}
	monitor := &monitoringv1.ServiceMonitor{
		TypeMeta:   monitoringType(monitoringv1.ServiceMonitorsKind),
		ObjectMeta: monitoringMeta(p, p.Name, p.Monitoring.Labels),
		Spec: monitoringv1.ServiceMonitorSpec{
			JobLabel: "app", // gives scrapeJob
			// Without a namespaceSelector it selects Services of its own namespace, also where kustomize changes that.
			Selector:  metav1.LabelSelector{MatchLabels: p.ServerLabels()},
			Endpoints: []monitoringv1.Endpoint{endpoint},
		},
	}
	return []Object{monitor}
}

// thisInstallation returns the matchers of a PromQL selector for the metrics of this installation's servers and no
// others: every installation has the same job, and two may share a namespace. The Prometheus operator sets namespace
// and service from the Service that was scraped, whose name is the installation's.
func thisInstallation(p *plan.Plan) string {
	return fmt.Sprintf("job=%q, namespace=%q, service=%q", scrapeJob, p.Namespace, p.Name)
}

// monitoringMeta returns ObjectMeta with the labels by which Prometheus or Grafana select the object. They may replace
// any label except the ownership metadata, without which the object would no longer be updated or deleted.
func monitoringMeta(p *plan.Plan, name string, labels map[string]string) metav1.ObjectMeta {
	meta := p.ObjectMeta(ownership.ComponentMonitoring, name)
	for key, value := range labels {
		if key != ownership.LabelManagedBy {
			meta.Labels[key] = value
		}
	}
	return meta
}

func monitoringType(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: monitoringv1.SchemeGroupVersion.String(), Kind: kind}
}
