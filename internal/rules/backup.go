// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"time"

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
