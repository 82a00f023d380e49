// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/schedule"
)

// serverName is a directory in the archive.
var serverName = pattern(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// retention matches how long CloudNativePG keeps backups.
var retention = pattern(`^[1-9][0-9]*[dwm]$`)

func backup(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil || in.Backup == nil || in.Engine != v1alpha1.EngineCloudNativePG {
		return
	}
	const field = "spec.database.inCluster.backup"
	if !s.objectStorageOutside() {
		s.errorf(field, "requires object storage outside the cluster: a copy next to the original would be lost "+
			"with it. Describe one in spec.objectStorage, or remove backup")
	}
	backupSchedule(s, field+".schedule", in.Backup.Schedule)
	if name := in.Backup.ServerName; name != "" && !serverName().MatchString(name) {
		s.errorf(field+".serverName", "%q must be the name of a directory in the archive: letters, digits, "+
			"dots, hyphens and "+
			"underscores, at most 63, such as mattermost-db-2", name)
	}
	if in.Backup.Method == v1alpha1.BackupBuiltIn && s.given(field+".resources") {
		s.errorf(field+".resources", "has no effect unless method is plugin; remove it")
	}
	if !retention().MatchString(in.Backup.Retention) {
		s.errorf(field+".retention", "%q is not a retention period; write a number and d, w or m for days, "+
			"weeks or months, such as 30d",
			in.Backup.Retention)
	}
}

// backupSchedule checks when backups are made. CloudNativePG refuses what its parser refuses, and accepts schedules
// that never run or that run all the time.
func backupSchedule(s *subject, field, text string) {
	const example = "write six fields with the seconds first, such as \"0 0 2 * * *\" for every night at 02:00"
	parsed, err := schedule.Parse(text)
	if err != nil {
		s.errorf(field, "%q is refused by CloudNativePG (%v); %s", text, err, example)
		return
	}
	shortest := parsed.Shortest()
	switch {
	case !schedule.HasSixFields(text):
		s.errorf(field, "%q has %d fields; CloudNativePG reads the first as seconds, the second as minutes and the third as "+
			"hours; %s", text, len(strings.Fields(text)), example)
	case shortest == 0:
		s.errorf(field, "%q never runs, or only once: no date of the next five years matches; %s", text, example)
	case shortest <= time.Second:
		s.errorf(field, "%q runs every second; %s", text, example)
	case shortest < time.Hour:
		s.warnf(field, "%q runs more than once per hour, and each run copies the whole database, although the write-ahead "+
			"log is archived all the time; %s", text, example)
	}
}

// restore checks how a new database is filled. CloudNativePG accepts much of it and then creates an empty database.
func restore(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil || in.Engine != v1alpha1.EngineCloudNativePG {
		return
	}
	const field = "spec.database.inCluster"
	if in.Recover != nil && in.Import != nil {
		s.conflictf(field+".import", "recover", "conflicts with recover; set only one")
		return
	}
	if in.Recover != nil {
		recoverSource(s, field+".recover", in)
		recoverTarget(s, field+".recover", in.Recover)
	}
	if in.Import != nil {
		databaseImport(s, field+".import", in.Import)
	}
}

// recoverSource checks what a database is restored from.
func recoverSource(s *subject, field string, in *v1alpha1.InClusterDatabase) {
	switch from := in.Recover.From; {
	case from == "":
		s.errorf(field+".from", "is required; set it to the directory of the backups in the archive, which is the name of "+
			"the Cluster that made them unless it had backup.serverName")
	case !serverName().MatchString(from):
		s.errorf(field+".from", "%q must be the name of a directory in the archive: letters, digits, dots, hyphens and "+
			"underscores, at most 63", from)
	}
	switch store := in.Recover.ObjectStore; {
	case store != "" && len(validation.IsDNS1123Subdomain(store)) > 0:
		s.errorf(field+".objectStore", "%q is not the name of an object; write lower-case letters, digits, hyphens and dots",
			store)
	case store == "" && !s.objectStorageOutside():
		s.errorf(field, "requires the object storage with the backups: describe it in spec.objectStorage, or name an "+
			"ObjectStore in objectStore")
	}
	if in.Image == "" {
		s.errorf("spec.database.inCluster.image", "is required with recover: a backup can be read only by the major version "+
			"of PostgreSQL that made it, and the operator's default changes. Set the image that the backed-up database had")
	}
	switch {
	case in.Backup == nil:
		s.warnf(field, "the restored database has no backups; set spec.database.inCluster.backup")
	case in.Backup.Method == v1alpha1.BackupBuiltIn:
		s.errorf("spec.database.inCluster.backup.method", "must be plugin with recover, which reads the archive with the "+
			"Barman Cloud plugin; archives of barmanObjectStore have the same form")
	}
}

// walPosition is a position in the write-ahead log.
var walPosition = pattern(`^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$`)

// recoverTarget checks where a restore ends.
func recoverTarget(s *subject, field string, r *v1alpha1.Recovery) {
	if targets := s.givenOf(field, "targetTime", "targetLSN", "targetImmediate"); len(targets) > 1 {
		s.conflictf(field+"."+targets[1], targets[0], "conflicts with %s; set only one", targets[0])
	}
	if r.TargetTime != "" {
		when, err := time.Parse(time.RFC3339, r.TargetTime)
		now := s.now
		if configured := s.evaluationTime(); !configured.IsZero() {
			now = configured
		}
		switch {
		case err != nil:
			s.errorf(field+".targetTime", "%q is not a time with a time zone; write for example \"2026-11-20T02:30:00Z\"",
				r.TargetTime)
		case !now.IsZero() && when.After(now):
			s.errorf(field+".targetTime", "%s is in the future, and a restore to a time after the last transaction in the "+
				"archive fails; remove it to restore everything", r.TargetTime)
		}
	}
	if r.TargetLSN != "" && !walPosition().MatchString(r.TargetLSN) {
		s.errorf(field+".targetLSN", "%q is not a position in the write-ahead log; write for example 0/7000060", r.TargetLSN)
	}
	if r.TargetImmediate && r.BackupID == "" {
		s.errorf(field+".targetImmediate", "requires backupID; set it to the backup to restore")
	}
}

// databaseImport checks the database that is copied.
func databaseImport(s *subject, field string, i *v1alpha1.DatabaseImport) {
	if i.Host == "" {
		s.errorf(field+".host", "is required; set it to the host of the other database, such as "+
			"mattermost-postgresql.mattermost.svc")
	} else if err := v1alpha1.CheckHost(strings.Trim(i.Host, "[]")); err != nil {
		s.errorf(field+".host", "%v; port, user and database have fields of their own", err)
	}
	if i.Port != nil && (*i.Port < 1 || *i.Port > 65535) {
		s.errorf(field+".port", "must be between 1 and 65535, got %d", *i.Port)
	}
	if i.Password == nil {
		s.errorf(field+".password", "is required; set it to a string, {secretKeyRef: {name, key}} or {externalSecret: "+
			"{store: {name}, key}}")
	}
	names := s.names()
	if host, _, _ := strings.Cut(i.Host, "."); host == names.DatabaseServiceName() {
		s.errorf(field+".host", "is the database that is created: CloudNativePG would copy it into itself. Set the host of "+
			"the other database, or spec.database.inCluster.name to another name")
	}
	verifies := i.SSLMode == "verify-ca" || i.SSLMode == "verify-full"
	switch {
	case i.CA != nil && !verifies:
		s.warnf(field+".ca", "has no effect unless sslMode is verify-ca or verify-full")
	case i.CA == nil && verifies:
		s.errorf(field+".sslMode", "%s requires ca: the import trusts no certificate authority by itself. For Amazon RDS "+
			"use its bundle", i.SSLMode)
	}
}
