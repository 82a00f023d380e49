// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

const fieldMonitoring = "spec.monitoring."

// ownMonitoring translates the ServiceMonitor, the alerts and the dashboard that mattermost-fn emitted.
func (t *translation) ownMonitoring() {
	const group = "monitoring.coreos.com"
	if monitor := t.cluster.find(group, "ServiceMonitor", t.name); monitor.isOurs() {
		const field = fieldMonitoring + "serviceMonitor."
		t.set(fieldMonitoring+"enabled", true, monitor)
		for _, endpoint := range monitor.at("spec", "endpoints").all() {
			t.ownField(field+"interval", endpoint.at("interval"), monitor)
			t.ownField(field+"scheme", endpoint.at("scheme"), monitor)
			for _, key := range []string{"caFile", "certFile", "keyFile", "insecureSkipVerify"} {
				t.ownField(field+"tlsConfig."+key, endpoint.at("tlsConfig", key), monitor)
			}
		}
		t.ownLabels(field+"labels", monitor, t.config.text("spec.profile") != string(v1alpha1.ProfileCommunity))
	}
	if rule := t.cluster.find(group, "PrometheusRule", t.name); rule.isOurs() {
		t.set(fieldMonitoring+"alerts.enabled", true, rule)
		t.ownLabels(fieldMonitoring+"alerts.labels", rule, true)
	}
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	if dashboard := t.cluster.find("", "ConfigMap", names.DashboardName()); dashboard.isOurs() {
		const field = fieldMonitoring + "dashboard."
		t.set(field+"enabled", true, dashboard)
		t.ownField(field+"namespace", dashboard.at("metadata", "namespace"), dashboard)
		t.ownLabels(field+"labels", dashboard, true)
	}
}

// ownField sets a field to a value in an object of mattermost-fn, if the object has it.
func (t *translation) ownField(field string, v, object *value) {
	if v != nil && !v.isEmpty() {
		t.set(field, v.plain(), object)
	}
}

// ownLabels sets a field to the labels of an object that a user chose. No labels are written only where the field has a
// default.
func (t *translation) ownLabels(field string, object *value, hasDefault bool) {
	if labels := userLabels(object); len(labels) > 0 || hasDefault {
		t.set(field, labels, object)
	}
}
