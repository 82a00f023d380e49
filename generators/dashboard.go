// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// dashboard returns the Grafana dashboard with the metrics of the installation, in a ConfigMap that Grafana's sidecar
// selects by its labels.
func dashboard(p *plan.Plan) []Object {
	if p.Monitoring == nil || p.Monitoring.Dashboard == nil {
		return nil
	}
	wanted := p.Monitoring.Dashboard
	meta := monitoringMeta(p, wanted.Name, wanted.Labels)
	meta.Namespace = wanted.Namespace // the sidecar's, not the installation's
	return []Object{&corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: meta,
		// The sidecar writes the files of all ConfigMaps into one directory, so the file name must be unique.
		Data: map[string]string{p.Namespace + "." + p.Name + ".json": grafanaJSON(newGrafanaDashboard(p))},
	}}
}

// grafanaDashboard is the part of Grafana's dashboard model that is used here.
type grafanaDashboard struct {
	UID           string            `json:"uid"`
	Title         string            `json:"title"`
	Description   string            `json:"description"`
	Tags          []string          `json:"tags"`
	SchemaVersion int               `json:"schemaVersion"`
	Editable      bool              `json:"editable"`
	GraphTooltip  int               `json:"graphTooltip"`
	Refresh       string            `json:"refresh"`
	Time          grafanaTime       `json:"time"`
	Templating    grafanaTemplating `json:"templating"`
	Panels        []grafanaPanel    `json:"panels"`
}

type grafanaTime struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type grafanaTemplating struct {
	List []grafanaVariable `json:"list"`
}

type grafanaVariable struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Type  string `json:"type"`
	Query string `json:"query"`
}

// grafanaPanel is a row's heading or a chart.
type grafanaPanel struct {
	ID          int                 `json:"id"`
	Type        string              `json:"type"`
	Title       string              `json:"title"`
	Description string              `json:"description,omitempty"`
	GridPos     grafanaPosition     `json:"gridPos"`
	Datasource  *grafanaDatasource  `json:"datasource,omitempty"`
	FieldConfig *grafanaFieldConfig `json:"fieldConfig,omitempty"`
	Options     *grafanaOptions     `json:"options,omitempty"`
	Targets     []grafanaTarget     `json:"targets,omitempty"`
}

// grafanaPosition is a position and size in cells of a grid that is 24 cells wide.
type grafanaPosition struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

type grafanaDatasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type grafanaFieldConfig struct {
	Defaults  grafanaDefaults `json:"defaults"`
	Overrides []any           `json:"overrides"`
}

type grafanaDefaults struct {
	Unit   string        `json:"unit"`
	Min    *int          `json:"min,omitempty"`
	Custom grafanaCustom `json:"custom"`
}

type grafanaCustom struct {
	FillOpacity int    `json:"fillOpacity"`
	ShowPoints  string `json:"showPoints"`
}

type grafanaOptions struct {
	Legend  grafanaLegend  `json:"legend"`
	Tooltip grafanaTooltip `json:"tooltip"`
}

type grafanaLegend struct {
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	Calcs       []string `json:"calcs"`
}

type grafanaTooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

type grafanaTarget struct {
	RefID        string `json:"refId"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
}

// chartRow is a heading and the charts under it.
type chartRow struct {
	title  string
	charts []chart
}

// chart is one panel. In its queries, $this is replaced with the result of thisInstallation.
type chart struct {
	title, description string
	// unit is a unit of Grafana: reqps, ops, s, bytes, percentunit or short.
	unit    string
	queries []query
}

// query is one line, or a group of lines, of a chart.
type query struct {
	legend, expr string
}

// dashboardRows returns the rows of the dashboard, from what users notice down to the causes.
func dashboardRows(p *plan.Plan) []chartRow {
	rows := []chartRow{{
		title: "Usage",
		charts: []chart{{
			title:       "Requests",
			description: "Requests to the API that each server answers. The gateway should spread them evenly.",
			unit:        "reqps",
			queries:     []query{{"{{pod}}", `sum by (pod) (rate(mattermost_http_requests_total{$this}[$__rate_interval]))`}},
		}, {
			title: "WebSockets",
			description: "Open connections: about one for each active client. A sudden drop on one server and a rise on the " +
				"others is a restart.",
			unit:    "short",
			queries: []query{{"{{pod}}", `sum by (pod) (mattermost_http_websockets_total{$this})`}},
		}, {
			title:       "Posts",
			description: "Posts by users, and by webhooks.",
			unit:        "ops",
			queries: []query{
				{"posts", `sum(rate(mattermost_post_total{$this}[$__rate_interval]))`},
				{"by webhooks", `sum(rate(mattermost_post_webhooks_total{$this}[$__rate_interval]))`},
			},
		}, {
			title:       "Logins",
			description: "Logins with a password, including LDAP. Single sign-on increments neither counter.",
			unit:        "ops",
			queries: []query{
				{"succeeded", `sum(rate(mattermost_login_logins_total{$this}[$__rate_interval]))`},
				{"failed", `sum(rate(mattermost_login_logins_fail_total{$this}[$__rate_interval]))`},
			},
		}},
	}, {
		title: "Errors and latency",
		charts: []chart{{
			title: "Errors",
			description: "Share of requests that end in an error: refused requests are client errors, " +
				"failed ones (status 500 and above) server errors.",
			unit: "percentunit",
			queries: []query{
				{"refused or failed",
					`sum(rate(mattermost_http_errors_total{$this}[$__rate_interval])) / ` +
						`sum(rate(mattermost_http_requests_total{$this}[$__rate_interval]))`},
				{"failed",
					`(sum(rate(mattermost_api_time_count{$this, status_code=~"5.."}[$__rate_interval])) or vector(0)) / ` +
						`sum(rate(mattermost_api_time_count{$this}[$__rate_interval]))`},
			},
		}, {
			title:       "Request time",
			description: "Median and 99th percentile of the request duration.",
			unit:        "s",
			queries: []query{
				{"p50", `histogram_quantile(0.5, sum by (le) (rate(mattermost_api_time_bucket{$this}[$__rate_interval])))`},
				{"p99", `histogram_quantile(0.99, sum by (le) (rate(mattermost_api_time_bucket{$this}[$__rate_interval])))`},
			},
		}, {
			title:       "Slowest requests",
			description: "The ten handlers with the highest 99th percentile.",
			unit:        "s",
			queries: []query{{"{{handler}}",
				`topk(10, histogram_quantile(0.99, ` +
					`sum by (handler, le) (rate(mattermost_api_time_bucket{$this}[$__rate_interval]))))`}},
		}},
	}, {
		title: "Database",
		charts: []chart{{
			title:       "Database connections",
			description: fmt.Sprintf("Open connections of each server. It may open %d to the primary.", openConnections(p)),
			unit:        "short",
			queries: []query{
				{"{{pod}} primary", `sum by (pod) (mattermost_db_master_connections_total{$this})`},
				{"{{pod}} read replicas", `sum by (pod) (mattermost_db_read_replica_connections_total{$this}) > 0`},
			},
		}, {
			title:       "Database call time",
			description: "Median and 99th percentile of the duration of database calls.",
			unit:        "s",
			queries: []query{
				{"p50", `histogram_quantile(0.5, sum by (le) (rate(mattermost_db_store_time_bucket{$this}[$__rate_interval])))`},
				{"p99", `histogram_quantile(0.99, sum by (le) (rate(mattermost_db_store_time_bucket{$this}[$__rate_interval])))`},
			},
		}, {
			title:       "Database time by method",
			description: "The ten methods in which all servers together spend the most time, in seconds per second.",
			unit:        "short",
			queries: []query{{"{{method}}",
				`topk(10, sum by (method) (rate(mattermost_db_store_time_sum{$this}[$__rate_interval])))`}},
		}},
	}}
	if p.Replicas > 1 {
		rows = append(rows, chartRow{
			title: "Cluster",
			charts: []chart{{
				title:       "Servers up",
				description: fmt.Sprintf("Servers that answer Prometheus. %d are configured.", p.Replicas),
				unit:        "short",
				queries:     []query{{"up", `sum(up{$this})`}},
			}, {
				title:       "Cluster health",
				description: "Cluster health score of each server. 0 is healthy.",
				unit:        "short",
				queries:     []query{{"{{pod}}", `max by (pod) (mattermost_cluster_cluster_health_score{$this})`}},
			}, {
				title:       "Cluster messages",
				description: "Messages between the servers, by type.",
				unit:        "ops",
				queries: []query{{"{{name}}",
					`sum by (name) (rate(mattermost_cluster_cluster_event_type_totals{$this}[$__rate_interval])) > 0`}},
			}},
		})
	}
	return append(rows, chartRow{
		title: "Servers",
		charts: []chart{{
			title:       "CPU",
			description: withLimit("CPUs that each server uses.", p, corev1.ResourceCPU),
			unit:        "short",
			queries: []query{{"{{pod}}",
				`sum by (pod) (rate(mattermost_process_cpu_seconds_total{$this}[$__rate_interval]))`}},
		}, {
			title:       "Memory",
			description: withLimit("Memory of each server's process, plugins not included.", p, corev1.ResourceMemory),
			unit:        "bytes",
			queries:     []query{{"{{pod}}", `sum by (pod) (mattermost_process_resident_memory_bytes{$this})`}},
		}, {
			title: "Goroutines",
			description: "Goroutines grow with the number of connected users. Growth without new users is work that " +
				"waits for something.",
			unit:    "short",
			queries: []query{{"{{pod}}", `sum by (pod) (go_goroutines{$this})`}},
		}, {
			title:       "File descriptors",
			description: "Share of each server's file descriptors in use.",
			unit:        "percentunit",
			queries: []query{{"{{pod}}",
				`max by (pod) (mattermost_process_open_fds{$this} / mattermost_process_max_fds{$this})`}},
		}},
	})
}

// withLimit adds a container's limit to a description.
func withLimit(description string, p *plan.Plan, name corev1.ResourceName) string {
	limit, ok := p.Resources.Limits[name]
	if !ok {
		return description
	}
	return description + " The limit is " + limit.String() + "."
}

// newGrafanaDashboard arranges the rows and sets the fields that are the same in every panel.
func newGrafanaDashboard(p *plan.Plan) grafanaDashboard {
	const (
		gridWidth   = 24
		chartHeight = 8
		// sharedCrosshair shows the time at the mouse pointer in every panel.
		sharedCrosshair = 1
		// schemaVersion is that of Grafana 10.4. Newer versions migrate the dashboard when they load it.
		schemaVersion = 39
	)
	d := grafanaDashboard{
		UID:           dashboardUID(p),
		Title:         "Mattermost " + p.Namespace + "/" + p.Name,
		Description:   "The Mattermost servers behind " + p.Site.String(),
		Tags:          []string{"mattermost"},
		SchemaVersion: schemaVersion,
		Editable:      true,
		GraphTooltip:  sharedCrosshair,
		Refresh:       "1m",
		Time:          grafanaTime{From: "now-6h", To: "now"},
		Templating: grafanaTemplating{List: []grafanaVariable{{
			Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus",
		}}},
	}
	id, y := 0, 0
	for _, row := range dashboardRows(p) {
		id++
		heading := grafanaPosition{Y: y, W: gridWidth, H: 1}
		d.Panels = append(d.Panels, grafanaPanel{ID: id, Type: "row", Title: row.title, GridPos: heading})
		y++
		width := gridWidth / len(row.charts)
		for i, c := range row.charts {
			id++
			d.Panels = append(d.Panels, c.panel(p, id, grafanaPosition{X: i * width, Y: y, W: width, H: chartHeight}))
		}
		y += chartHeight
	}
	return d
}

func (c chart) panel(p *plan.Plan, id int, position grafanaPosition) grafanaPanel {
	var targets []grafanaTarget
	for i, q := range c.queries {
		targets = append(targets, grafanaTarget{
			RefID:        string(rune('A' + i)),
			Expr:         strings.ReplaceAll(q.expr, "$this", thisInstallation(p)),
			LegendFormat: q.legend,
		})
	}
	return grafanaPanel{
		ID:          id,
		Type:        "timeseries",
		Title:       c.title,
		Description: c.description,
		GridPos:     position,
		Datasource:  &grafanaDatasource{Type: "prometheus", UID: "${datasource}"},
		FieldConfig: &grafanaFieldConfig{
			Defaults:  grafanaDefaults{Unit: c.unit, Min: new(int), Custom: grafanaCustom{FillOpacity: 10, ShowPoints: "never"}},
			Overrides: []any{},
		},
		Options: &grafanaOptions{
			Legend:  grafanaLegend{DisplayMode: "table", Placement: "bottom", Calcs: []string{"lastNotNull", "max"}},
			Tooltip: grafanaTooltip{Mode: "multi", Sort: "desc"},
		},
		Targets: targets,
	}
}

// dashboardUID returns the part of the dashboard's URL that must not change, so that links remain valid. Grafana
// accepts at most 40 characters, which namespace and name together may exceed.
func dashboardUID(p *plan.Plan) string {
	sum := sha256.Sum256([]byte(p.Owner()))
	return "mattermost-" + hex.EncodeToString(sum[:10])
}

// grafanaJSON encodes a dashboard with indentation, so that it and its diffs are readable.
func grafanaJSON(d grafanaDashboard) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		panic(err) // only if one of the types above cannot be encoded, whatever the input
	}
	return buffer.String()
}
