// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// recovery says what the database is restored from when it is created.
func (b *builder) recovery(wanted *v1alpha1.Recovery) *Recovery {
	if wanted == nil {
		return nil
	}
	b.refuseForeign("spec.database.inCluster.recover")
	return &Recovery{
		ObjectStore:     cmp.Or(wanted.ObjectStore, b.BackupStoreName()),
		ServerName:      wanted.From,
		TargetTime:      wanted.TargetTime,
		TargetLSN:       wanted.TargetLSN,
		TargetImmediate: wanted.TargetImmediate,
		BackupID:        wanted.BackupID,
	}
}

// databaseImport says which database is copied into this one when it is created.
func (b *builder) databaseImport(wanted *v1alpha1.DatabaseImport) *Import {
	if wanted == nil {
		return nil
	}
	const field = "spec.database.inCluster.import"
	b.refuseForeign(field)
	host := unbracketed(wanted.Host)
	service, rest, _ := strings.Cut(host, ".")
	return &Import{
		Host:     host,
		Port:     *wanted.Port,
		Database: wanted.Database,
		Username: wanted.Username,
		SSLMode:  wanted.SSLMode,
		PasswordRef: b.secretRef(b.DatabaseImportSecretName(), ownership.ComponentDatabase, keyPassword, wanted.Password,
			field+".password"),
		CABundle: b.caSecret(wanted.CA, b.DatabaseImportCASecretName(), ownership.ComponentDatabase, field+".ca"),
		IsStatefulSet: service == b.PlainDatabaseName() && (rest == "" || rest == b.Namespace ||
			strings.HasPrefix(rest, b.Namespace+".svc")),
	}
}

// refuseForeign reports a Cluster of the user's that exists and so cannot be filled. Transformers report a Cluster that
// mattermost-fn manages: only they know whether it was created in the same way.
func (b *builder) refuseForeign(field string) {
	if b.existingCluster().foreign {
		b.report.Report(result.Error, ruleid.Restore, field, "Cluster %s is among the resources and not managed by "+
			"mattermost-fn: CloudNativePG fills a database only when it creates it. Remove this, or set "+
			"spec.database.inCluster.name to another name", b.DatabaseName())
	}
}
