// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"net"
	"strconv"
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
	filled(p, cluster, add)
	if cluster.RoleSecret != "" {
		add("database-role-secret", CloudNativePG, "spec.database.inCluster.existingSecret", "Secret %s must contain "+
			"username (%s) and password before the Cluster is created. Give it the label cnpg.io/reload: \"true\", so that "+
			"a changed password reaches PostgreSQL at once; then restart the servers", cluster.RoleSecret, cluster.Owner)
	}
	if cluster.Recovery != nil || cluster.Archive != nil && cluster.Archive.Name != "" {
		field := fieldBackup
		if cluster.Backup == nil {
			field = fieldRecover
		}
		add("barman-plugin", Operators, field, "install the Barman Cloud plugin 0.15 and cert-manager, which it "+
			"needs, in the "+
			"namespace of the operator before you apply this: the operator (1.27 or later, on Kubernetes 1.29 or later) "+
			"stops managing a Cluster whose plugin it does not know")
	}
	if cluster.Backup == nil {
		return
	}
	add("backup-directory", CloudNativePG, fieldBackup+".serverName", "the directory %s/%s must be empty when "+
		"Cluster %s is created: "+
		"otherwise CloudNativePG archives nothing (\"Expected empty archive\"). "+
		"If the Cluster is deleted and created again, "+
		"set another serverName", cluster.Archive.DestinationPath, cluster.Backup.ServerName, cluster.Name)
	if times := nextRuns(cluster.Backup.Schedule, when); times != "" {
		add("backup-first", CloudNativePG, fieldBackup+".schedule", "the next backups start at %s, by the "+
			"operator's clock, "+
			"which is UTC unless "+
			"its container sets TZ; after the first one run kubectl -n %s get backups and see that it is completed",
			times, p.Namespace)
	}
}

// The fields of backups and of what fills a database.
const (
	fieldDatabase      = "spec.database.inCluster"
	fieldDatabaseImage = fieldDatabase + ".image"
	fieldFiles         = "spec.objectStorage.inCluster"

	fieldBackup  = "spec.database.inCluster.backup"
	fieldRecover = "spec.database.inCluster.recover"
	fieldImport  = "spec.database.inCluster.import"
)

// filled lists what the restore or the import of a database needs.
func filled(p *plan.Plan, cluster *plan.CloudNativePG, add adder) {
	const fresh = "Cluster %s must not exist in namespace %s when you apply this: CloudNativePG fills a database only " +
		"when it creates it, and does nothing to one that exists"
	switch {
	case cluster.Recovery != nil:
		add("restore-new-cluster", CloudNativePG, fieldRecover, fresh, cluster.Name, p.Namespace)
		add("restore-archive", CloudNativePG, fieldRecover, "keep ObjectStore %s and the directory %s in its "+
			"archive until recover is removed: "+
			"without the ObjectStore the operator stops managing the Cluster", cluster.Recovery.ObjectStore,
			cluster.Recovery.ServerName)
		add("restore-files", Mattermost, fieldRecover, "restore the uploaded files to the same time "+
			"(docs/backup.md); if the Cluster has its "+
			"earlier name, run kubectl -n %s rollout restart deployment/%s once it is ready, since its password is a new one",
			p.Namespace, p.Name)
	case cluster.Import != nil:
		add("import-new-cluster", CloudNativePG, fieldImport, fresh, cluster.Name, p.Namespace)
		add("import-stop", Mattermost, fieldImport, "stop the servers of the other database before you apply this: "+
			"what they write after the "+
			"copy has begun is lost")
		add("import-read", PostgreSQL, fieldImport, "%s must be able to read everything in database %s at %s, and "+
			"the volume of the new "+
			"database needs room for the dump next to the data", cluster.Import.Username, cluster.Import.Database,
			cluster.Import.Host)
		add("import-firewall", Firewall, fieldImport, "let the pods with the label cnpg.io/cluster: %s in namespace "+
			"%s reach %s", cluster.Name,
			p.Namespace, net.JoinHostPort(cluster.Import.Host, strconv.Itoa(int(cluster.Import.Port))))
	}
}

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
