// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func readDashboard(t *testing.T, p *plan.Plan) (text string, d grafanaDashboard) {
	t.Helper()
	objects := dashboard(p)
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	text, ok := objects[0].(*corev1.ConfigMap).Data["teams.chat.json"]
	if !ok {
		t.Fatalf("no teams.chat.json in %v", objects[0])
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return text, d
}

func TestDashboard(t *testing.T) {
	object := dashboard(monitoredPlan())[0]
	if got, want := object.GetNamespace()+"/"+object.GetName(), "monitoring/chat-dashboard"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if object.GetLabels()["grafana_dashboard"] != "1" {
		t.Errorf("Grafana's sidecar does not select it by the labels %v", object.GetLabels())
	}
	if got := object.GetAnnotations()[ownership.AnnotationOwner]; got != "teams/chat" {
		t.Errorf("got owner %q, want the installation's namespace, not the dashboard's", got)
	}

	text, d := readDashboard(t, monitoredPlan())
	if again, _ := readDashboard(t, monitoredPlan()); again != text {
		t.Error("two calls differ")
	}
	if !strings.HasSuffix(text, "}\n") || !strings.Contains(text, "\n  \"title\": \"Mattermost teams/chat\"") {
		t.Errorf("not indented:\n%.300s", text)
	}
	if strings.Contains(text, "null") || strings.Contains(text, `\u00`) {
		t.Error("the JSON contains null or an unnecessary escape")
	}
	if variable := d.Templating.List[0]; variable.Type != "datasource" || variable.Query != "prometheus" {
		t.Errorf("got variable %+v", variable)
	}
}

func TestDashboardPanels(t *testing.T) {
	_, d := readDashboard(t, monitoredPlan())
	const selector = `{job="mattermost", namespace="teams", service="chat"`
	metric := regexp.MustCompile(`\b(up|go_[a-z_]+|mattermost_[a-z_]+)\b`)
	ids, charts := map[int]bool{}, map[string]bool{}
	taken := map[[2]int]string{}
	for _, panel := range d.Panels {
		if ids[panel.ID] {
			t.Errorf("%s: duplicate id %d", panel.Title, panel.ID)
		}
		ids[panel.ID] = true
		at := panel.GridPos
		if at.X+at.W > 24 {
			t.Errorf("%s is outside the grid: %+v", panel.Title, at)
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s overlaps %s", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
		if panel.Type == "row" {
			continue
		}
		charts[panel.Title] = true
		if panel.Datasource.UID != "${datasource}" || panel.Description == "" || len(panel.Targets) == 0 {
			t.Errorf("%s lacks its data source, description or queries", panel.Title)
		}
		for _, target := range panel.Targets {
			if got, want := strings.Count(target.Expr, selector),
				len(metric.FindAllString(target.Expr, -1)); got != want || got == 0 {
				t.Errorf("%s: %d metrics, %d of them of this installation: %s", panel.Title, want, got, target.Expr)
			}
			if strings.Contains(target.Expr, "$this") {
				t.Errorf("%s: $this is not replaced: %s", panel.Title, target.Expr)
			}
		}
	}
	for _, title := range []string{
		"Requests", "Errors", "Request time", "WebSockets", "Logins", "Posts", "Database connections", "Database call time",
		"Cluster health", "CPU", "Memory", "Goroutines", "File descriptors",
	} {
		if !charts[title] {
			t.Errorf("no chart %q", title)
		}
	}
}

func TestDashboardOfOneServer(t *testing.T) {
	p := monitoredPlan()
	p.Replicas = 1
	text, _ := readDashboard(t, p)
	if strings.Contains(text, "Cluster") {
		t.Error("the dashboard of one server shows the cluster")
	}
}

func TestDashboardUID(t *testing.T) {
	p := monitoredPlan()
	if got, want := dashboardUID(p), "mattermost-"; !strings.HasPrefix(got, want) || len(got) > 40 {
		t.Errorf("got uid %q, want prefix %q and at most 40 characters", got, want)
	}
	// Links to the dashboard are valid only as long as its uid does not change.
	if got, want := dashboardUID(p), "mattermost-12fb3aedbcd83af96673"; got != want {
		t.Errorf("got uid %q, want %q", got, want)
	}
	other := monitoredPlan()
	other.Namespace, other.Name = "teams-chat", "chat"
	if dashboardUID(p) == dashboardUID(other) {
		t.Error("two installations have the same uid")
	}
	long := monitoredPlan()
	long.Namespace, long.Name = strings.Repeat("n", 63), strings.Repeat("m", 50)
	if got := dashboardUID(long); len(got) > 40 {
		t.Errorf("%q is longer than Grafana allows", got)
	}
}
