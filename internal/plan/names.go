// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Names derives the name of every object from the name and namespace of an installation. No other code composes a name
// of an object, so that rules, plan and generators agree.
type Names struct {
	// Name is the installation's: of the Mattermost resource, of the Service and the ServiceAccount that the operator
	// creates.
	Name string
	// Namespace is the namespace of all objects that do not name another one.
	Namespace string
	// Cluster is the name of CloudNativePG's Cluster; empty for the default.
	Cluster string
}

// NamesOf returns the names of the installation that a configuration describes.
func NamesOf(config *v1alpha1.MattermostConfig) Names {
	names := Names{Name: config.Name, Namespace: config.Namespace}
	if in := config.Spec.Database.InCluster; in != nil && in.Engine == v1alpha1.EngineCloudNativePG {
		names.Cluster = in.Name
	}
	return names
}

// DatabaseSecretName is the Secret that the operator is given for the database, with the password if the function knows
// it.
func (n Names) DatabaseSecretName() string { return n.Name + "-database" }

// DatabaseConnectionSecretName replaces DatabaseSecretName while a database in the cluster that was handed over needs a
// Secret of that name which External Secrets owns, or External Secrets would own the new one.
func (n Names) DatabaseConnectionSecretName() string { return n.DatabaseSecretName() + "-connection" }

// DatabaseUserSecretName is the Secret with the name of the database's role, if External Secrets fetches only that.
func (n Names) DatabaseUserSecretName() string { return n.Name + "-database-user" }

// DatabaseName is the database that is emitted in the cluster.
func (n Names) DatabaseName() string { return cmp.Or(n.Cluster, n.PlainDatabaseName()) }

// PlainDatabaseName is the plain PostgreSQL without an operator, and the default of a Cluster.
func (n Names) PlainDatabaseName() string { return n.Name + "-db" }

// DatabaseImportSecretName is the Secret with the password of the database that is copied into DatabaseName.
func (n Names) DatabaseImportSecretName() string { return n.Name + "-database-import" }

// DatabaseImportCASecretName is the Secret with the certificate authority of that database.
func (n Names) DatabaseImportCASecretName() string { return n.DatabaseImportSecretName() + "-ca" }

// BackupStoreName is the ObjectStore that describes the archive of the database. It is the same for every Cluster of
// the installation.
func (n Names) BackupStoreName() string { return n.Name + "-backups" }

// DatabaseServiceName is the Service that CloudNativePG creates for the primary of DatabaseName.
func (n Names) DatabaseServiceName() string { return n.DatabaseName() + "-rw" }

// DatabaseRoleSecretName is the Secret that CloudNativePG creates with the role and password of DatabaseName.
func (n Names) DatabaseRoleSecretName() string { return n.DatabaseName() + "-app" }

// FilesName is the claim or the Tenant that stores files in the cluster.
func (n Names) FilesName() string { return n.Name + "-files" }

// FilesServiceHost is the host of the Service that the MinIO operator creates for the Tenant. It is the only one whose
// name depends on the Tenant's; the other is always called minio.
func (n Names) FilesServiceHost() string {
	return n.FilesName() + "-hl." + n.Namespace + ".svc.cluster.local"
}

// FilesConfigSecretName is the Secret with MinIO's configuration file.
func (n Names) FilesConfigSecretName() string { return n.FilesName() + "-config" }

// FilesSecretName is the Secret with the object storage's keys.
func (n Names) FilesSecretName() string { return n.Name + "-object-storage" }

// FilesKeysSecretName replaces FilesSecretName while a Tenant that was handed over needs a Secret of that name, which
// External Secrets owns.
func (n Names) FilesKeysSecretName() string { return n.FilesSecretName() + "-keys" }

// FilesCASecretName is the Secret with the object storage's certificate authority, for CloudNativePG's backups.
func (n Names) FilesCASecretName() string { return n.FilesSecretName() + "-ca" }

// CABundleName is the ConfigMap with the certificate authority of a service, such as sso.
func (n Names) CABundleName(service string) string { return n.Name + "-" + caVolumeName(service) }

// caVolumeName is the servers' volume with the certificate authority of a service.
func caVolumeName(service string) string { return service + "-ca" }

// LicenseSecretName is the Secret with the license.
func (n Names) LicenseSecretName() string { return n.Name + "-license" }

// SSOSecretName is the Secret with the identity provider's client secret.
func (n Names) SSOSecretName() string { return n.Name + "-sso" }

// SSOClientSecretName is the Secret with the client's ID at the identity provider, if External Secrets fetches only
// that.
func (n Names) SSOClientSecretName() string { return n.SSOSecretName() + "-client" }

// ElasticsearchSecretName is the Secret with the password for search.
func (n Names) ElasticsearchSecretName() string { return n.Name + "-elasticsearch" }

// GossipServiceName is the Service through which servers of one cluster reach each other in a mesh.
func (n Names) GossipServiceName() string { return n.Name + "-gossip" }

// ExternalServiceName is the Service for clients outside the cluster.
func (n Names) ExternalServiceName() string { return n.Name + "-external" }

// CallsServiceName is the Service for the media of calls.
func (n Names) CallsServiceName() string { return n.Name + "-calls" }

// SettingsSecretName is the Secret with Mattermost's own settings that are secret.
func (n Names) SettingsSecretName() string { return n.Name + "-settings" }

// ExternalSettingsSecretName is the Secret with those of Mattermost's own settings that External Secrets fetches. It
// owns its Secrets alone, and values that are known here must not be in its templates.
func (n Names) ExternalSettingsSecretName() string { return n.SettingsSecretName() + "-external" }

// NetworkPolicyName is the NetworkPolicy for a purpose, such as default-deny.
func (n Names) NetworkPolicyName(purpose string) string { return n.Name + "-" + purpose }

// ServiceEntryName is the ServiceEntry for a service outside the mesh.
func (n Names) ServiceEntryName(service string) string { return n.Name + "-" + service }

// DashboardName is the ConfigMap with the dashboard. Installations share the dashboards' namespace. Namespaces contain
// no dot, so it keeps the names apart.
func (n Names) DashboardName() string { return n.Namespace + "." + n.Name + "-dashboard" }

// LogConfigName is the ConfigMap with Fluent Bit's classic configuration, in Fluent Bit's namespace.
func (n Names) LogConfigName() string { return n.Namespace + "." + n.Name + "-fluent-bit" }

// LogScriptName is the ConfigMap with the script that redacts log lines.
func (n Names) LogScriptName() string { return n.Name + "-log-redact" }

// LogParserName is the Parser of the servers' lines. The Fluent operator appends a hash of the namespace.
func (n Names) LogParserName() string { return n.Name + "-json" }

// LogFileParserName is the same parser in a file, next to those of the whole cluster: Fluent Bit does not start if two
// have the same name.
func (n Names) LogFileParserName() string { return n.LogAlias(n.LogParserName()) }

// LogOutputName is an output of Fluent Bit.
func (n Names) LogOutputName(output string) string { return n.Name + "-" + output }

// LogSecretName is the Secret with the user and password of an output.
func (n Names) LogSecretName(output string) string { return n.LogOutputName(output) + "-log" }

// LogAlias is the name of an output in Fluent Bit's own metrics, which are those of the whole cluster. Names of objects
// contain no underscore, so a-b/c and a/b-c have different aliases.
func (n Names) LogAlias(output string) string { return n.Namespace + "_" + output }

// LogStepAlias is the name of a filter in Fluent Bit's own metrics.
func (n Names) LogStepAlias(step string) string { return n.LogAlias(n.Name + "_" + step) }

// JobServerName is the Deployment of the operator's job server, which this function never asks for and the operator
// deletes.
func (n Names) JobServerName() string { return n.Name + "-jobserver" }
