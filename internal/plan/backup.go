// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// fieldBackup is the field of backups.
const fieldBackup = "spec.database.inCluster.backup"

// archive stores copies of the database in the object storage, in a directory of its own, or restores it from there.
func (b *builder) archive(cluster *CloudNativePG, files *v1alpha1.ObjectStorage, endpoint v1alpha1.ServiceURL,
	keys fileKeys) {
	wanted := b.spec.Database.InCluster.Backup
	restores := cluster.Recovery != nil && cluster.Recovery.ObjectStore == b.BackupStoreName()
	if wanted == nil && !restores {
		return
	}
	folder := strings.TrimPrefix(path.Join(files.PathPrefix, "postgresql"), "/")
	cluster.Archive = &Archive{
		DestinationPath: "s3://" + files.Bucket + "/" + folder,
		EndpointURL:     endpoint.String(),
		IsAmazon:        v1alpha1.IsAmazonHost(endpoint.Host),
		AccessKey:       keys.access,
		SecretKey:       keys.secret,
		RoleARN:         files.RoleARN,
		CABundle: b.caSecret(files.CA, b.FilesCASecretName(), ownership.ComponentObjectStorage,
			"spec.objectStorage.ca"),
	}
	if wanted == nil {
		cluster.Archive.Name = b.BackupStoreName()
		// Like that of the database, which the container is next to.
		cluster.Archive.Resources = b.withoutNullLimit(fieldDatabaseResources, corev1.ResourceRequirements{
			Requests: quantities(v1alpha1.DefaultCPU, "512Mi"), Limits: quantities(v1alpha1.DefaultCPU, "512Mi"),
		}, v1alpha1.DefaultCPU)
		return
	}
	cluster.Archive.Retention = wanted.Retention
	cluster.Archive.Resources = b.withoutNullLimit("spec.database.inCluster.backup.resources", *wanted.Resources,
		v1alpha1.DefaultCPU)
	existing := b.existingCluster()
	cluster.Backup = &Backup{
		Method:     b.backupMethod(wanted, existing),
		Schedule:   wanted.Schedule,
		ServerName: b.serverName(wanted, existing),
	}
	if cluster.Backup.Method == v1alpha1.BackupPlugin || restores {
		cluster.Archive.Name = b.BackupStoreName()
	}
	b.checkNewDirectory(cluster)
}

// checkNewDirectory reports a database that would archive into the directory that it is restored from: CloudNativePG's
// webhook accepts it, and the restore ends with "Expected empty archive" (plugin-barman-cloud, issue 350).
func (b *builder) checkNewDirectory(cluster *CloudNativePG) {
	recovery := cluster.Recovery
	if recovery == nil || recovery.ServerName != cluster.Backup.ServerName ||
		recovery.ObjectStore != b.BackupStoreName() {
		return
	}
	b.report.Report(result.Error, ruleid.Restore, fieldBackup+".serverName", "is %s, the directory that the database is "+
		"restored from: CloudNativePG archives nothing into a directory that another database has used, and the restore "+
		"fails. Set another name, such as %s-2", cluster.Backup.ServerName, cluster.Backup.ServerName)
}

// existingCluster is the Cluster of the database that is among the resources.
type existingCluster struct {
	// node is nil if there is none.
	node *yaml.Node
	// foreign is true if mattermost-fn does not manage it.
	foreign bool
}

func (b *builder) existingCluster() existingCluster {
	const group, kind = "postgresql.cnpg.io", "Cluster"
	if item := b.stream.Earlier(b.Owner(), group, kind, b.Namespace, b.DatabaseName()); item != nil {
		return existingCluster{node: item.Node()}
	}
	if item := b.stream.Foreign(group, kind, b.Namespace, b.DatabaseName()); item != nil {
		return existingCluster{node: item.Node(), foreign: true}
	}
	return existingCluster{}
}

// text returns a scalar field of the Cluster; empty if there is no Cluster.
func (c existingCluster) text(path ...string) string {
	if c.node == nil {
		return ""
	}
	return resourcelist.Text(resourcelist.Field(c.node, path...))
}

// isBuiltIn reports whether the Cluster is backed up by the operator's own code.
func (c existingCluster) isBuiltIn() bool {
	return c.text("spec", "backup", "barmanObjectStore", "destinationPath") != ""
}

// serverName returns the directory of the Cluster in its archive; empty if it has no archive.
func (c existingCluster) serverName() string {
	name := c.text("metadata", "name")
	if c.isBuiltIn() {
		return cmp.Or(c.text("spec", "backup", "barmanObjectStore", "serverName"), name)
	}
	var plugins *yaml.Node
	if c.node != nil {
		plugins = resourcelist.Field(c.node, "spec", "plugins")
	}
	if plugins == nil {
		return ""
	}
	for _, plugin := range plugins.Content {
		if resourcelist.Text(resourcelist.Field(plugin, "name")) == BarmanCloud {
			return cmp.Or(resourcelist.Text(resourcelist.Field(plugin, "parameters", "serverName")), name)
		}
	}
	return ""
}

// BarmanCloud is the name of the Barman Cloud plugin in a Cluster.
const BarmanCloud = "barman-cloud.cloudnative-pg.io"

// backupMethod decides what writes the backups. CloudNativePG stops reconciling a Cluster whose plugin it does not know
// (internal/controller/cluster_controller.go), so a Cluster that exists is not moved to the plugin by itself.
func (b *builder) backupMethod(wanted *v1alpha1.Backup, existing existingCluster) v1alpha1.BackupMethod {
	const method = fieldBackup + ".method"
	const removed = "CloudNativePG deprecates backups by its own code (barmanObjectStore) and removes " +
		"them in 1.31 or 1.32. "
	const move = "Install the Barman Cloud plugin, then set method: plugin; the archive stays the same (docs/backup.md)"
	switch {
	case wanted.Method == v1alpha1.BackupBuiltIn:
		b.report.Report(result.Warning, ruleid.BackupForm, method, removed+move)
		return v1alpha1.BackupBuiltIn
	case wanted.Method == v1alpha1.BackupPlugin && existing.foreign && existing.isBuiltIn():
		b.report.Report(result.Error, ruleid.BackupForm, method,
			"Cluster %s, which is among the resources and not managed by "+
				"mattermost-fn, has spec.backup.barmanObjectStore: CloudNativePG refuses a Cluster that has both. "+
				"Remove spec.backup there", b.DatabaseName())
	case wanted.Method == "" && existing.isBuiltIn():
		b.report.Report(result.Warning, ruleid.BackupForm, fieldBackup, removed+"Cluster %s, which is among the resources, "+
			"keeps them. "+move, b.DatabaseName())
		return v1alpha1.BackupBuiltIn
	}
	return v1alpha1.BackupPlugin
}

// serverName decides the directory of the database in the archive. A Cluster that exists keeps its own, so that
// archiving goes on, unless another one is configured.
func (b *builder) serverName(wanted *v1alpha1.Backup, existing existingCluster) string {
	earlier := existing.serverName()
	if wanted.ServerName == "" {
		return cmp.Or(earlier, b.DatabaseName())
	}
	if earlier != "" && earlier != wanted.ServerName {
		b.report.Report(result.Warning, ruleid.Backup, fieldBackup+".serverName", "the archive of Cluster %s changes from "+
			"directory %s to %s: backups in the earlier directory no longer continue, are not deleted after the retention, "+
			"and nothing can be restored from the new one before the next backup. Keep %s, unless the Cluster is "+
			"created again", b.DatabaseName(), earlier, wanted.ServerName, earlier)
	}
	return wanted.ServerName
}

// caSecret returns the CA certificate of a service for CloudNativePG, which reads it only from a Secret. It is emitted
// in the Secret with the given name if the configuration contains it.
func (b *builder) caSecret(ca *v1alpha1.CertificateAuthority, name string, component ownership.Component,
	field string) *v1alpha1.KeyRef {
	switch {
	case ca == nil:
		return nil
	case ca.SecretKeyRef != nil:
		return ca.SecretKeyRef
	case ca.PEM != "":
		b.putSecret(name, component, "ca.crt", ca.PEM)
		return &v1alpha1.KeyRef{Name: name, Key: "ca.crt"}
	}
	b.report.Report(result.Error, "", field+".configMapKeyRef",
		"CloudNativePG reads a certificate authority from a Secret only; use secretKeyRef or pem")
	return nil
}
