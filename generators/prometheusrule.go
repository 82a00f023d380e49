// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"fmt"
	"strconv"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// prometheusRule returns the alerts for when Mattermost is down, and for when it is about to fail.
func prometheusRule(p *plan.Plan) []Object {
	if p.Monitoring == nil || p.Monitoring.Alerts == nil {
		return nil
	}
	groups := []monitoringv1.RuleGroup{
		ruleGroup(p, "availability", availabilityAlerts()),
		ruleGroup(p, "requests", requestAlerts()),
		ruleGroup(p, "database", databaseAlerts(p)),
	}
	if p.Replicas > 1 {
		groups = append(groups, ruleGroup(p, "cluster", clusterAlerts(p)))
	}
	groups = append(groups, ruleGroup(p, "resources", resourceAlerts(p)))
	return []Object{&monitoringv1.PrometheusRule{
		TypeMeta:   monitoringType(monitoringv1.PrometheusRuleKind),
		ObjectMeta: monitoringMeta(p, p.Name, p.Monitoring.Alerts.Labels),
		Spec:       monitoringv1.PrometheusRuleSpec{Groups: groups},
	}}
}

// The severities of alerts, which Alertmanager routes by.
const (
	// severityCritical is for problems that users notice now.
	severityCritical = "critical"
	// severityWarning is for problems that users will notice, or that need attention in office hours.
	severityWarning = "warning"
)

// alert is one rule. Its expr, summary and description may contain the placeholders of alertReplacer.
//
// Every expression keeps the label namespace: an AlertmanagerConfig only receives the alerts with its own namespace.
type alert struct {
	name     string
	severity string
	// wait is how long expr must be true before the alert fires; empty to fire immediately.
	wait        monitoringv1.Duration
	expr        string
	summary     string
	description string
}

// alertReplacer returns the replacer for the placeholders of an alert.
func alertReplacer(p *plan.Plan) *strings.Replacer {
	return strings.NewReplacer(
		"$this", thisInstallation(p),
		"$installation", p.Namespace+"/"+p.Name,
		"$namespace", p.Namespace,
		"$site", p.Site.String(),
		"$pods", fmt.Sprintf("-l app=mattermost,installation.mattermost.com/installation=%s", p.Name),
		"$monitor", p.Name,
		"$metricsPort", strconv.Itoa(int(plan.PortMetrics)),
		"$gossipPort", strconv.Itoa(int(plan.PortGossip)),
		"$database", databaseHint(p),
	)
}

func ruleGroup(p *plan.Plan, name string, alerts []alert) monitoringv1.RuleGroup {
	replacer := alertReplacer(p)
	group := monitoringv1.RuleGroup{Name: "mattermost-" + name}
	for _, a := range alerts {
		rule := monitoringv1.Rule{
			Alert:  a.name,
			Expr:   intstr.FromString(strings.TrimSpace(replacer.Replace(a.expr))),
			Labels: map[string]string{"severity": a.severity},
			Annotations: map[string]string{
				"summary":     replacer.Replace(a.summary),
				"description": replacer.Replace(a.description),
			},
		}
		if a.wait != "" {
			rule.For = &a.wait
		}
		group.Rules = append(group.Rules, rule)
	}
	return group
}

func availabilityAlerts() []alert {
	return []alert{{
		name:     "MattermostDown",
		severity: severityCritical,
		wait:     "5m",
		expr:     `sum by (namespace, service) (up{$this}) == 0`,
		summary:  "No server of Mattermost $installation answers Prometheus",
		// Without a license for metrics the port is open, but /metrics does not exist.
		description: "Every scrape of port $metricsPort fails. Open $site first. If it works, only the metrics are " +
			"missing: the license has expired (/metrics then answers 404), or a network policy or mutual TLS keeps " +
			"Prometheus out. Otherwise: kubectl -n $namespace get pods $pods, then describe and logs of " +
			"one that is not ready. Servers that wait for the database are stuck in an init container: look at " +
			"$database.",
	}, {
		name:     "MattermostNotScraped",
		severity: severityCritical,
		wait:     "10m",
		expr:     `absent(up{$this})`,
		summary:  "Prometheus finds no server of Mattermost $installation",
		description: "An outage would go unnoticed. Either there are no pods: kubectl -n $namespace get " +
			"mattermost,deployments,pods. Or Prometheus does not use the ServiceMonitor $monitor of namespace " +
			"$namespace: compare its labels with the serviceMonitorSelector of the Prometheus, " +
			"and check whether that Prometheus may list Services, Endpoints and Pods in the namespace.",
	}, {
		name:     "MattermostRestarting",
		severity: severityWarning,
		expr:     `max by (namespace, service, pod) (changes(mattermost_process_start_time_seconds{$this}[30m])) > 2`,
		summary:  "Mattermost server {{ $labels.pod }} restarted {{ $value }} times in half an hour",
		description: "kubectl -n $namespace describe pod {{ $labels.pod }} shows why it ended. OOMKilled: it needs " +
			"more memory. Error: kubectl -n $namespace logs {{ $labels.pod }} --previous ends with the reason. " +
			"Otherwise its liveness probe failed: it was too busy to answer.",
	}}
}

func requestAlerts() []alert {
	return []alert{{
		name:     "MattermostServerErrors",
		severity: severityCritical,
		wait:     "10m",
		// mattermost_http_errors_total also counts client errors; only the histogram has the status.
		expr: `
sum by (namespace, service) (rate(mattermost_api_time_count{$this, status_code=~"5.."}[5m]))
  / sum by (namespace, service) (rate(mattermost_api_time_count{$this}[5m])) > 0.05
and
sum by (namespace, service) (rate(mattermost_api_time_count{$this, status_code=~"5.."}[5m])) > 0.1`,
		summary: "{{ $value | humanizePercentage }} of the requests to Mattermost $installation fail",
		description: "The servers answer with a status of 500 and above: users cannot work. The log shows what fails: " +
			"kubectl -n $namespace logs $pods --tail=200 --prefix. Most often it is the database: look at " +
			"$database. Next comes the object storage, where only uploads and previews fail.",
	}, {
		name:     "MattermostRequestErrors",
		severity: severityWarning,
		wait:     "15m",
		expr: `
sum by (namespace, service) (rate(mattermost_http_errors_total{$this}[5m]))
  / sum by (namespace, service) (rate(mattermost_http_requests_total{$this}[5m])) > 0.25
and
sum by (namespace, service) (rate(mattermost_http_requests_total{$this}[5m])) > 1`,
		summary: "Mattermost $installation rejects {{ $value | humanizePercentage }} of all requests",
		description: "This counts client errors. If MattermostServerErrors does not fire as well, the " +
			"servers are healthy: look for a bot with a revoked token, clients that still use another URL than $site, " +
			"or a scanner that guesses URLs. To see who it is: sum by (handler, status_code, origin_client) " +
			"(rate(mattermost_api_time_count{$this}[5m])).",
	}, {
		name:     "MattermostSlowRequests",
		severity: severityWarning,
		wait:     "15m",
		expr: `
histogram_quantile(0.99, sum by (namespace, service, le) (rate(mattermost_api_time_bucket{$this}[5m]))) > 2.5
and
sum by (namespace, service) (rate(mattermost_api_time_count{$this}[5m])) > 1`,
		summary: "The slowest 1% of requests to Mattermost $installation take {{ $value | humanizeDuration }} or more",
		description: "If MattermostSlowDatabase fires as well, start there. Otherwise check whether the servers are short " +
			"of CPU or memory, and which requests are slow: topk(10, histogram_quantile(0.99, sum by (handler, le) " +
			"(rate(mattermost_api_time_bucket{$this}[5m])))). Uploads and searches point to the object storage and " +
			"to the search service.",
	}, {
		name:     "MattermostLoginsFail",
		severity: severityWarning,
		// Both counters count logins with a password, including those of LDAP. Single sign-on increments neither.
		expr: `
sum by (namespace, service) (increase(mattermost_login_logins_fail_total{$this}[15m])) > 30
and
sum by (namespace, service) (increase(mattermost_login_logins_fail_total{$this}[15m]))
  > 2 * sum by (namespace, service) (increase(mattermost_login_logins_total{$this}[15m]))`,
		summary: "{{ $value | humanize }} logins with a password failed on Mattermost $installation in a quarter of " +
			"an hour",
		description: "Either users cannot log in, because the directory (LDAP) does not answer, or someone is guessing " +
			"passwords. The log has the reason and the address of each: kubectl -n $namespace logs $pods --since=15m " +
			"--prefix, and look for login.",
	}}
}

// defaultOpenConnections is the server's default of SqlSettings.MaxOpenConns, per data source.
const defaultOpenConnections = 100

func databaseAlerts(p *plan.Plan) []alert {
	limit := openConnections(p)
	alerts := []alert{{
		name:     "MattermostSlowDatabase",
		severity: severityWarning,
		wait:     "15m",
		expr: `
histogram_quantile(0.99, sum by (namespace, service, le) (rate(mattermost_db_store_time_bucket{$this}[5m]))) > 1
and
sum by (namespace, service) (rate(mattermost_db_store_time_count{$this}[5m])) > 1`,
		summary: "The slowest 1% of database calls of Mattermost $installation take {{ $value | humanizeDuration }} " +
			"or more",
		description: "Look at $database: CPU, disk latency, locks, and whether autovacuum keeps up. Which calls take " +
			"the time: topk(10, sum by (method) (rate(mattermost_db_store_time_sum{$this}[5m]))).",
	}, {
		name:     "MattermostDatabaseConnectionsUsedUp",
		severity: severityWarning,
		wait:     "10m",
		expr: fmt.Sprintf(`max by (namespace, service, pod) (mattermost_db_master_connections_total{$this}) > %d`,
			limit*9/10),
		summary: "Mattermost server {{ $labels.pod }} uses {{ $value }} of its " + strconv.Itoa(limit) +
			" database connections",
		description: "Further requests wait for a free one. Slow calls are the usual cause: see " +
			"MattermostSlowDatabase, and look at $database for locks. Before you raise MM_SQLSETTINGS_MAXOPENCONNS " +
			"make sure that the database's max_connections allows that number for every server.",
	}}
	if !p.Monitoring.Alerts.ReadReplicas {
		return alerts
	}
	// Lag is measured only if SqlSettings.ReplicaLagSettings has a query, which no environment variable can set. Only
	// the leader of the cluster measures it, and a former leader keeps its last value, hence changes().
	return append(alerts, alert{
		name:     "MattermostReadReplicasUnused",
		severity: severityWarning,
		wait:     "15m",
		expr: `
sum by (namespace, service) (mattermost_db_read_replica_connections_total{$this}) == 0
and
sum by (namespace, service) (rate(mattermost_http_requests_total{$this}[5m])) > 1`,
		summary: "Mattermost $installation has no connection to any read replica",
		description: "All reads go to the primary, which may be overloaded. Either the replicas are down, or " +
			"the license that they require has expired. The log shows which: kubectl -n $namespace logs $pods --prefix, " +
			"and look for replica.",
	}, alert{
		name:     "MattermostReadReplicaBehind",
		severity: severityWarning,
		wait:     "10m",
		expr: `
max by (namespace, service, node) (
  mattermost_db_replica_lag_abs{$this} > 64 * 1024 * 1024
  and changes(mattermost_db_replica_lag_abs{$this}[15m]) > 0
)`,
		summary: "Read replica {{ $labels.node }} of Mattermost $installation is {{ $value | humanize1024 }}B behind",
		description: "Users miss messages that were just written. Look at the replica's disk and network, and at " +
			"pg_stat_replication on the primary. The number is what QueryAbsoluteLag of " +
			"SqlSettings.ReplicaLagSettings returns, taken as bytes of write-ahead log.",
	}, alert{
		name:     "MattermostReadReplicaLate",
		severity: severityWarning,
		wait:     "10m",
		expr: `
max by (namespace, service, node) (
  mattermost_db_replica_lag_time{$this} > 10000
  and changes(mattermost_db_replica_lag_time{$this}[15m]) > 0
)`,
		summary: "Read replica {{ $labels.node }} of Mattermost $installation is {{ $value | humanize }} ms late",
		description: "Users miss messages that were just written. Look at the replica's load and at the network " +
			"between it and the primary. The number is what QueryTimeLag of SqlSettings.ReplicaLagSettings returns, " +
			"taken as milliseconds, as Amazon Aurora counts.",
	})
}

func clusterAlerts(p *plan.Plan) []alert {
	return []alert{{
		name:     "MattermostServersMissing",
		severity: severityWarning,
		wait:     "10m",
		expr:     fmt.Sprintf(`count by (namespace, service) (up{$this} == 1) < %d`, p.Replicas),
		summary:  fmt.Sprintf("Only {{ $value }} of %d servers of Mattermost $installation are up", p.Replicas),
		description: "The others carry the load, without any reserve. kubectl -n $namespace get pods $pods -o " +
			"wide: Pending means that the nodes lack resources; for anything else see describe and logs of the pod.",
	}, {
		name:     "MattermostClusterUnhealthy",
		severity: severityWarning,
		wait:     "10m",
		expr:     `max by (namespace, service, pod) (mattermost_cluster_cluster_health_score{$this}) > 0`,
		summary:  "Mattermost server {{ $labels.pod }} is losing contact with its cluster (score {{ $value }}, 0 is healthy)",
		description: "Messages and cache invalidations reach users on other servers late or not at all. The servers " +
			"must reach each other on port $gossipPort over TCP and UDP: look at network policies and at the mesh. A " +
			"server that is short of CPU also answers its peers too late.",
	}}
}

func resourceAlerts(p *plan.Plan) []alert {
	var alerts []alert
	if limit, ok := p.Resources.Limits[corev1.ResourceMemory]; ok && !limit.IsZero() {
		alerts = append(alerts, alert{
			name:     "MattermostMemoryShort",
			severity: severityWarning,
			wait:     "10m",
			expr: fmt.Sprintf(`max by (namespace, service, pod) (mattermost_process_resident_memory_bytes{$this}) > %d`,
				limit.Value()/10*9),
			summary: "Mattermost server {{ $labels.pod }} uses {{ $value | humanize1024 }}B of its " + limit.String() +
				" of memory",
			description: "At the limit it is killed, and every user connected to it loses the connection. " +
				"Raise the memory or add a server. If it keeps growing regardless of load, take a profile before it is killed: " +
				"kubectl -n $namespace port-forward {{ $labels.pod }} $metricsPort, then go tool pprof " +
				"http://localhost:$metricsPort/debug/pprof/heap.",
		})
	}
	if limit, ok := p.Resources.Limits[corev1.ResourceCPU]; ok && !limit.IsZero() {
		alerts = append(alerts, alert{
			name:     "MattermostCPUShort",
			severity: severityWarning,
			wait:     "15m",
			expr: fmt.Sprintf(`max by (namespace, service, pod) (rate(mattermost_process_cpu_seconds_total{$this}[5m])) > %g`,
				float64(limit.MilliValue()*9/10)/1000),
			summary: "Mattermost server {{ $labels.pod }} uses {{ $value | humanize }} of its " + limit.String() + " CPUs",
			description: "It is throttled: requests become slow, and its peers and the kubelet may consider it dead. " +
				"Raise the CPU or add a server. To see what it does: kubectl -n $namespace port-forward {{ $labels.pod }} " +
				"$metricsPort, then go tool pprof http://localhost:$metricsPort/debug/pprof/profile.",
		})
	}
	return append(alerts, alert{
		name:     "MattermostFileDescriptorsShort",
		severity: severityWarning,
		wait:     "10m",
		expr: `
max by (namespace, service, pod) (mattermost_process_open_fds{$this} / mattermost_process_max_fds{$this}) > 0.8`,
		summary: "Mattermost server {{ $labels.pod }} uses {{ $value | humanizePercentage }} of its file descriptors",
		description: "With none left it refuses connections. Every connected user takes one: if their number is as usual, " +
			"connections are not closed, to the database, the object storage or a webhook, and a " +
			"restart gives time. Otherwise add a server or raise the limit of the container runtime.",
	}, alert{
		name:     "MattermostGoroutinesPileUp",
		severity: severityWarning,
		wait:     "15m",
		// A connected user takes a few goroutines. A server without connected users has no series for connections.
		expr: `
max by (namespace, service, pod) (go_goroutines{$this})
  > 10000 + 10 * (
    sum by (namespace, service, pod) (mattermost_http_websockets_total{$this})
    or 0 * max by (namespace, service, pod) (go_goroutines{$this})
  )`,
		summary: "Mattermost server {{ $labels.pod }} runs {{ $value | humanize }} goroutines, far more than for the " +
			"people connected",
		description: "Work waits for something that never completes, most often the database, a plugin or a webhook, " +
			"and memory follows. To see what it waits for: kubectl -n $namespace port-forward {{ $labels.pod }} " +
			"$metricsPort, then http://localhost:$metricsPort/debug/pprof/goroutine?debug=1 in a browser, the " +
			"largest group first.",
	})
}

// openConnections returns how many connections one server may open to the primary database.
func openConnections(p *plan.Plan) int {
	for _, variable := range p.Env {
		if variable.Name == "MM_SQLSETTINGS_MAXOPENCONNS" {
			if limit, err := strconv.Atoi(variable.Value); err == nil && limit > 0 {
				return limit
			}
		}
	}
	return defaultOpenConnections
}

// databaseHint returns where to look for the database.
func databaseHint(p *plan.Plan) string {
	if c := p.Database.CloudNativePG; c != nil {
		return fmt.Sprintf("its database (kubectl -n %s get clusters.postgresql.cnpg.io %s)", p.Namespace, c.Name)
	}
	if s := p.Database.StatefulSet; s != nil {
		return fmt.Sprintf("its database (kubectl -n %s logs statefulset/%s)", p.Namespace, s.Name)
	}
	for _, destination := range p.Destinations {
		if destination.Kind == plan.DestinationDatabase {
			return fmt.Sprintf("its database, %s:%d", destination.Host, destination.Port)
		}
	}
	return "its database"
}
