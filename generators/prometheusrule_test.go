// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
)

func ruleSpec(t *testing.T, p *plan.Plan) monitoringv1.PrometheusRuleSpec {
	t.Helper()
	objects := prometheusRule(p)
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	return objects[0].(*monitoringv1.PrometheusRule).Spec
}

// alertNames returns the alerts of all groups as group/alert.
func alertNames(spec monitoringv1.PrometheusRuleSpec) []string {
	var names []string
	for _, group := range spec.Groups {
		for _, rule := range group.Rules {
			names = append(names, strings.TrimPrefix(group.Name, "mattermost-")+"/"+rule.Alert)
		}
	}
	return names
}

func findAlert(t *testing.T, spec monitoringv1.PrometheusRuleSpec, name string) monitoringv1.Rule {
	t.Helper()
	for _, group := range spec.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == name {
				return rule
			}
		}
	}
	t.Fatalf("no alert %s", name)
	return monitoringv1.Rule{}
}

func TestPrometheusRule(t *testing.T) {
	rule := prometheusRule(monitoredPlan())[0].(*monitoringv1.PrometheusRule)
	if got, want := rule.APIVersion+" "+rule.Kind+" "+rule.Namespace+"/"+rule.Name,
		"monitoring.coreos.com/v1 PrometheusRule teams/chat"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if rule.Labels["release"] != "monitoring" {
		t.Errorf("labels %v lack the configured one", rule.Labels)
	}
	want := []string{
		"availability/MattermostDown",
		"availability/MattermostNotScraped",
		"availability/MattermostRestarting",
		"requests/MattermostServerErrors",
		"requests/MattermostRequestErrors",
		"requests/MattermostSlowRequests",
		"requests/MattermostLoginsFail",
		"database/MattermostSlowDatabase",
		"database/MattermostDatabaseConnectionsUsedUp",
		"database/MattermostReadReplicasUnused",
		"database/MattermostReadReplicaBehind",
		"database/MattermostReadReplicaLate",
		"cluster/MattermostServersMissing",
		"cluster/MattermostClusterUnhealthy",
		"resources/MattermostMemoryShort",
		"resources/MattermostCPUShort",
		"resources/MattermostFileDescriptorsShort",
		"resources/MattermostGoroutinesPileUp",
	}
	if got := alertNames(rule.Spec); !slices.Equal(got, want) {
		t.Errorf("got alerts\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPrometheusRuleOmitsUnusedAlerts(t *testing.T) {
	p := monitoredPlan()
	p.Replicas = 1
	p.Monitoring.Alerts.ReadReplicas = false
	p.Resources = corev1.ResourceRequirements{}
	names := strings.Join(alertNames(ruleSpec(t, p)), " ")
	for _, absent := range []string{"cluster/", "ReadReplica", "MemoryShort", "CPUShort"} {
		if strings.Contains(names, absent) {
			t.Errorf("%s in %s", absent, names)
		}
	}
}

func TestAlertsAreOfThisInstallation(t *testing.T) {
	const selector = `{job="mattermost", namespace="teams", service="chat"`
	metric := regexp.MustCompile(`\b(up|go_[a-z_]+|mattermost_[a-z_]+)\b(.)`)
	for _, group := range ruleSpec(t, monitoredPlan()).Groups {
		for _, rule := range group.Rules {
			expr := rule.Expr.StrVal
			if got, want := len(metric.FindAllString(expr, -1)), strings.Count(expr, selector); got != want || got == 0 {
				t.Errorf("%s: %d metrics, %d of them of this installation: %s", rule.Alert, got, want, expr)
			}
			// An AlertmanagerConfig does not receive an alert without the label namespace.
			if strings.Contains(expr, "sum(") || strings.Contains(expr, "max(") ||
				regexp.MustCompile(`by \((?:[^n]|n[^a])`).MatchString(expr) {
				t.Errorf("%s loses the label namespace: %s", rule.Alert, expr)
			}
			if strings.Count(expr, "(") != strings.Count(expr, ")") || strings.Count(expr, "{") != strings.Count(expr, "}") {
				t.Errorf("%s has unbalanced parentheses or braces: %s", rule.Alert, expr)
			}
		}
	}
}

func TestAlertAnnotations(t *testing.T) {
	placeholder := regexp.MustCompile(`\$[A-Za-z]+`)
	seen := map[string]bool{}
	for _, group := range ruleSpec(t, monitoredPlan()).Groups {
		for _, rule := range group.Rules {
			if seen[rule.Alert] {
				t.Errorf("duplicate alert %s", rule.Alert)
			}
			seen[rule.Alert] = true
			if severity := rule.Labels["severity"]; severity != severityCritical && severity != severityWarning {
				t.Errorf("%s: got severity %q", rule.Alert, severity)
			}
			for _, name := range []string{"summary", "description"} {
				text := rule.Annotations[name]
				if text == "" || strings.Contains(text, "%!") {
					t.Errorf("%s: got %s %q", rule.Alert, name, text)
				}
				for _, found := range placeholder.FindAllString(text, -1) {
					if found != "$labels" && found != "$value" {
						t.Errorf("%s: %s still contains %s", rule.Alert, name, found)
					}
				}
			}
			// The summary must identify the installation, by its own name or by that of its pod.
			if summary := rule.Annotations["summary"]; !strings.Contains(summary, "teams/chat") &&
				!strings.Contains(summary, "{{ $labels.pod }}") {
				t.Errorf("%s: the summary does not identify the installation: %s", rule.Alert, summary)
			}
		}
	}
}

func TestAlertLimitsFollowThePlan(t *testing.T) {
	p := monitoredPlan()
	p.Env = []plan.Variable{{EnvVar: corev1.EnvVar{Name: "MM_SQLSETTINGS_MAXOPENCONNS", Value: "300"}}}
	spec := ruleSpec(t, p)
	for name, want := range map[string]string{
		"MattermostServersMissing":            "< 3",
		"MattermostMemoryShort":               "> 3865470561", // 90 % of 4Gi
		"MattermostCPUShort":                  "> 1.8",
		"MattermostDatabaseConnectionsUsedUp": "> 270",
	} {
		if expr := findAlert(t, spec, name).Expr.StrVal; !strings.HasSuffix(expr, want) {
			t.Errorf("%s: got %s, want suffix %s", name, expr, want)
		}
	}
	p.Env = nil
	if expr := findAlert(t, ruleSpec(t, p), "MattermostDatabaseConnectionsUsedUp").Expr.StrVal; !strings.HasSuffix(
		expr, "> 90") {
		t.Errorf("got %s, want 90, which is 90%% of the server's default", expr)
	}
}

func TestAlertsNameTheDatabase(t *testing.T) {
	for _, test := range []struct {
		change func(*plan.Plan)
		want   string
	}{
		{func(p *plan.Plan) { p.Database.CloudNativePG = &plan.CloudNativePG{Name: "chat-db"} },
			"kubectl -n teams get clusters.postgresql.cnpg.io chat-db"},
		{func(p *plan.Plan) { p.Database.StatefulSet = &plan.StatefulSet{Name: "chat-db"} },
			"kubectl -n teams logs statefulset/chat-db"},
		{func(p *plan.Plan) {
			p.Destinations = []plan.Destination{{Kind: plan.DestinationSSO, Host: "login", Port: 443},
				{Kind: plan.DestinationDatabase, Host: "db.example.mil", Port: 5432}}
		}, "its database, db.example.mil:5432"},
		{func(p *plan.Plan) {}, "Look at its database:"},
	} {
		p := monitoredPlan()
		test.change(p)
		if text := findAlert(t, ruleSpec(t, p), "MattermostSlowDatabase").Annotations["description"]; !strings.Contains(text,
			test.want) {
			t.Errorf("%q does not contain %q", text, test.want)
		}
	}
}
