// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"strings"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/schedule"
)

// backups lists what backups of the database need. The versions are those of the documentation of plugin-barman-cloud
// 0.15 (docs/intro.md, docs/installation.md).
func backups(p *plan.Plan, when time.Time, add adder) {
	cluster := p.Database.CloudNativePG
	if cluster == nil {
		return
	}
	if cluster.Archive != nil && cluster.Archive.Name != "" {
		add(CloudNativePG, fieldBackup, "install the Barman Cloud plugin 0.15 and cert-manager, which it needs, in the "+
			"namespace of the operator before you apply this: the operator (1.27 or later, on Kubernetes 1.29 or later) "+
			"stops managing a Cluster whose plugin it does not know")
	}
	if cluster.Backup == nil {
		return
	}
	add(CloudNativePG, fieldBackup+".serverName", "the directory %s/%s must be empty when Cluster %s is created: "+
		"otherwise CloudNativePG archives nothing (\"Expected empty archive\"). "+
		"If the Cluster is deleted and created again, "+
		"set another serverName", cluster.Archive.DestinationPath, cluster.Backup.ServerName, cluster.Name)
	if times := nextRuns(cluster.Backup.Schedule, when); times != "" {
		add(CloudNativePG, fieldBackup+".schedule", "the next backups start at %s, by the operator's clock, "+
			"which is UTC unless "+
			"its container sets TZ; after the first one run kubectl -n %s get backups and see that it is completed",
			times, p.Namespace)
	}
}

// fieldBackup is the field of backups.
const fieldBackup = "spec.database.inCluster.backup"

// nextRuns returns the next two times of a schedule; empty if there is no clock.
func nextRuns(text string, when time.Time) string {
	parsed, err := schedule.Parse(text)
	if err != nil || when.IsZero() {
		return ""
	}
	var times []string
	for _, run := range parsed.Runs(when.UTC(), 2) {
		times = append(times, run.Format("2006-01-02 15:04:05"))
	}
	return strings.Join(times, " and ")
}

// Time returns the time for which prerequisites hold: the configuration's, or now.
func Time(spec *v1alpha1.MattermostConfigSpec, now time.Time) time.Time {
	if when, err := v1alpha1.ParseTime(spec.EvaluationTime); err == nil && !when.IsZero() {
		return when
	}
	return now
}
