// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/nearest"
	"bigbang.dev/mattermost-fn/internal/postgres"
)

// ownParameters are parameters of PostgreSQL that CloudNativePG sets itself and refuses in a Cluster (cloudnative-pg
// 1.30, pkg/postgres/configuration.go, FixedConfigurationParameters). A plain PostgreSQL would not be found, or not
// start, with most of them.
var ownParameters = []string{
	"allow_system_table_mods", "archive_cleanup_command", "archive_command", "archive_mode", "bonjour", "bonjour_name",
	"cluster_name", "config_file", "data_directory", "data_sync_retry", "event_source", "external_pid_file", "hba_file",
	"hot_standby", "ident_file", "jit_provider", "listen_addresses", "log_destination", "log_directory", "log_file_mode",
	"log_filename", "log_rotation_age", "log_rotation_size", "log_truncate_on_rotation", "logging_collector",
	"pg_failover_slots.primary_dsn", "pg_failover_slots.standby_slot_names", "port", "primary_conninfo",
	"primary_slot_name", "promote_trigger_file", "recovery_end_command", "recovery_min_apply_delay", "recovery_target",
	"recovery_target_action", "recovery_target_inclusive", "recovery_target_lsn", "recovery_target_name",
	"recovery_target_time", "recovery_target_timeline", "recovery_target_xid", "restart_after_crash", "restore_command",
	"shared_preload_libraries", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_crl_file", "ssl_dh_params_file",
	"ssl_ecdh_curve", "ssl_key_file", "ssl_passphrase_command", "ssl_passphrase_command_supports_reload",
	"ssl_prefer_server_ciphers", "stats_temp_directory", "synchronized_standby_slots", "synchronous_standby_names",
	"syslog_facility", "syslog_ident", "syslog_sequence_numbers", "syslog_split_messages", "temp_tablespaces",
	"unix_socket_directories", "unix_socket_group", "unix_socket_permissions",
}

// parameterName matches the names of parameters, with that of an extension before a dot.
var parameterName = pattern(`^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$`)

// databaseParametersInCluster checks the parameters of the database in the cluster. PostgreSQL does not start with an
// unknown name or a value that it refuses.
func databaseParametersInCluster(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil {
		return
	}
	_, tag, _ := v1alpha1.SplitImage(in.Image)
	major := leadingNumber(tag)
	for _, name := range slices.Sorted(maps.Keys(in.Parameters)) {
		field, value := entry("spec.database.inCluster.parameters", name), in.Parameters[name]
		parameter, known := postgres.Find(name)
		switch {
		case !parameterName().MatchString(name):
			s.errorf(field, "is not the name of a parameter; write letters, digits and underscores, with the name of an "+
				"extension and a dot before it if it is one of an extension")
		case name == "max_connections":
			s.errorf(field, "has a field of its own, from which the connections of the servers follow; set "+
				"spec.database.inCluster.maxConnections")
		case slices.Contains(ownParameters, strings.ToLower(name)):
			s.errorf(field, "cannot be set: what runs the database sets it, or depends on its default; remove it")
		case known && parameter.Name != name:
			s.errorf(field, "must be written %s", parameter.Name)
		case known && parameter.Context == "internal":
			s.errorf(field, "cannot be set: PostgreSQL only shows it; remove it")
		case !known && !strings.Contains(name, "."):
			unknownParameter(s, field, name)
		case known && major > 0 && (major < parameter.Since || major > parameter.Until):
			s.errorf(field, "is not a parameter of PostgreSQL %d, which does not start with it, but of %d to %d; remove it",
				major, parameter.Since, parameter.Until)
		case known && parameter.Expected(value) != "":
			s.errorf(field, "is %q, with which PostgreSQL does not start; must be %s", value, parameter.Expected(value))
		case name == "shared_buffers":
			if _, ok := postgres.Memory(value); !ok {
				s.errorf(field, "is %q, with which PostgreSQL does not start; must be an amount of memory such as 256MB", value)
			}
		}
	}
}

func unknownParameter(s *subject, field, name string) {
	if near := nearest.Nearest(name, postgres.Names()); near != "" {
		s.errorf(field, "is unknown to PostgreSQL, which does not start with it; did you mean %s?", near)
		return
	}
	s.errorf(field, "is unknown to PostgreSQL, which does not start with it; remove it")
}
