// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/postgres"
)

// outsideDatabase are the fields that describe an external database. Two more, username and database, are also for one
// in the cluster.
var outsideDatabase = []string{"host", "port", "password", "sslMode", "ca", "parameters", "readReplicas"}

// inPatch says how a patch of an overlay replaces one form of a value by another: a merge keeps both. Field is that of
// the base, below the common mapping.
func inPatch(field string) string {
	return "In a patch write " + field + ": null, if the base has it"
}

// conflictf reports a field that cannot be combined with another one, which is that of the base in a patch.
func (s *subject) conflictf(field, base, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	s.errorf(field, "%s. %s", message, inPatch(base))
}

// oneOf reports a value with several forms, of which not exactly one is given.
func (s *subject) oneOf(field, forms string, given []string) {
	if len(given) > 1 {
		s.conflictf(field, given[0], "requires one of %s, got %d of them", forms, len(given))
		return
	}
	s.errorf(field, "requires one of %s, got none of them", forms)
}

// databaseOutside reports whether the configuration describes an external database, even if incompletely.
func (s *subject) databaseOutside() bool {
	return len(s.givenOf("spec.database", "inCluster", "existingSecret")) == 0 &&
		len(s.givenOf("spec.database", outsideDatabase...)) > 0
}

func databaseForm(s *subject) {
	database := s.spec.Database
	var forms []string
	forms = append(forms, s.givenOf("spec.database", "inCluster")...)
	if outside := s.givenOf("spec.database", outsideDatabase...); len(outside) > 0 {
		forms = append(forms, outside[0])
	}
	forms = append(forms, s.givenOf("spec.database", "existingSecret")...)
	if len(forms) > 1 {
		s.conflictf("spec.database."+forms[1], forms[0], "conflicts with spec.database.%s; describe the database in one "+
			"way: inCluster, or host and the fields next to it, or existingSecret", forms[0])
		return
	}
	if s.databaseOutside() {
		if database.Host == "" {
			s.errorf("spec.database.host", "is required; set it to the host of the database, "+
				"or remove spec.database for one in the cluster")
		}
		if database.Password == nil {
			s.errorf("spec.database.password", "is required; set it to a string, {secretKeyRef: {name, "+
				"key}} or {externalSecret: {store: {name}, key}}. For a connection without a password, "+
				"put the connection string into a Secret and set spec.database.existingSecret")
		}
	}
	if database.ExistingSecret == "" && !s.databaseOutside() && !database.Username.IsPlain() {
		s.errorf("spec.database.username", "must be a plain string for a database in the cluster: "+
			"its role is created with that name, and its probes use it. A reference requires spec.database.host")
	}
	if database.ExistingSecret != "" {
		for _, field := range s.givenOf("spec.database", "username", "database") {
			s.conflictf("spec.database."+field, field, "conflicts with spec.database.existingSecret, "+
				"whose connection contains it; remove it")
		}
	}
	if in := database.InCluster; in != nil && in.Engine == v1alpha1.EngineStatefulSet {
		switch {
		case in.Password == nil && !in.GeneratePassword:
			s.errorf("spec.database.inCluster.password", "is required: engine statefulset does not generate a password. "+
				"Set one, or set generatePassword: true if External Secrets runs in the cluster, or use engine cloudnative-pg, "+
				"whose operator generates one")
		case in.Password != nil && in.GeneratePassword:
			s.conflictf("spec.database.inCluster.generatePassword", "password", "conflicts with password; set only one")
		}
	}
}

// parameterFields are connection parameters that have, or contradict, a field.
var parameterFields = map[string]string{
	"sslmode":  "sslMode",
	"user":     "username",
	"password": "password",
	"host":     "host",
	"hostaddr": "host",
	"port":     "port",
	"dbname":   "database",
	"database": "database",
}

func databaseConnection(s *subject) {
	if !s.databaseOutside() {
		return
	}
	database := s.spec.Database
	if database.Host != "" {
		if err := v1alpha1.CheckHost(strings.Trim(database.Host, "[]")); err != nil {
			s.errorf("spec.database.host", "%v; port, user and database have their own fields", err)
		}
	}
	if database.Port != nil && (*database.Port < 1 || *database.Port > 65535) {
		s.errorf("spec.database.port", "%d is not a port; expected 1 to 65535", *database.Port)
	}
	for i, replica := range database.ReadReplicas {
		field := index("spec.database.readReplicas", i)
		if strings.Contains(replica, "@") { // what precedes it may be a password
			s.errorf(field, "contains a user; write only host or host:port, since the role of the database is used")
		} else if _, _, err := v1alpha1.ParseHostPort(replica, 5432); err != nil {
			s.errorf(field, "%v; write host or host:port", err)
		}
	}
	databaseParameters(s, database)
	sslMode(s, database)
	if strings.Contains(database.Database, "/") {
		s.warnf("spec.database.database", "contains a slash, at which many tools cut the connection string; "+
			"choose a name without one")
	}
	if len(database.ReadReplicas) > 0 && !s.spec.Enterprise.Enabled {
		s.warnf("spec.database.readReplicas", "are not used by a server without a license; remove them, "+
			"or set spec.enterprise with enabled: true and a license")
	}
}

// drivers are the versions of the PostgreSQL driver that the server may have.
func (s *subject) drivers() []postgres.Driver {
	release := s.release()
	return postgres.Drivers(release.Major, release.Minor)
}

// refusedBy returns the first error of the drivers that the server may have, and whether all return one.
func (s *subject) refusedBy(check func(postgres.Driver) error) (first error, certain bool) {
	return postgres.Refused(s.drivers(), check)
}

// databaseParameters checks which parameters the PostgreSQL driver and PostgreSQL accept.
func databaseParameters(s *subject, database *v1alpha1.Database) {
	for _, name := range slices.Sorted(maps.Keys(database.Parameters)) {
		field, value := entry("spec.database.parameters", name), database.Parameters[name]
		if ours, ok := parameterFields[name]; ok {
			s.errorf(field, "contradicts or repeats spec.database.%s; use that field", ours)
			continue
		}
		if name == "sslrootcert" && database.CA != nil {
			s.conflictf(field, name, "conflicts with spec.database.ca, which sets it; set only one")
			continue
		}
		err, certain := s.refusedBy(func(d postgres.Driver) error { return d.CheckParameter(name, value) })
		switch parameter, known := postgres.Find(name); {
		case certain:
			s.errorf(field, "%v", err)
		case err != nil:
			s.warnf(field, "%v. Mattermost %s may have that driver, and would not start", err, s.spec.Version)
		case value == "":
			s.warnf(field, "has no effect: the driver omits empty values; remove it, or set a value")
		case known && parameter.BySuperuser():
			s.warnf(field, "is refused by PostgreSQL unless the role is a superuser, or since version 15 was granted it, "+
				"so no server would start; set it in the configuration of PostgreSQL or with ALTER ROLE")
		case known && parameter.ByAnyone() && (parameter.Since > postgres.Oldest || parameter.Until < postgres.Newest):
			s.warnf(field, "is a parameter of PostgreSQL %d to %d only; others refuse the connection, so no server would start",
				parameter.Since, parameter.Until)
		}
	}
}

// sslMode checks which modes the server's PostgreSQL driver accepts, and which check more than their name says.
func sslMode(s *subject, database *v1alpha1.Database) {
	const fix = "use require, or disable if the database has no TLS"
	_, certain := s.refusedBy(func(d postgres.Driver) error { return d.CheckParameter("sslmode", database.SSLMode) })
	authority := database.CA != nil || database.Parameters["sslrootcert"] != ""
	switch weak := database.SSLMode == "allow" || database.SSLMode == "prefer"; {
	case weak && certain:
		s.errorf("spec.database.sslMode", "%s is unknown to the PostgreSQL driver of this server, "+
			"so the server would not start; %s", database.SSLMode, fix)
	case weak && len(s.drivers()) > 1:
		s.warnf("spec.database.sslMode", "%s is known only to newer PostgreSQL drivers, "+
			"and with an older one the server does not start; %s", database.SSLMode, fix)
	case slices.ContainsFunc(s.drivers(), func(d postgres.Driver) bool {
		return d.ChecksHostName(database.SSLMode, authority)
	}):
		s.infof("spec.database.sslMode", "with %s the PostgreSQL driver before lib/pq 1.12 (Mattermost before 11.8) "+
			"compares the host name too: the certificate must be for %s", database.SSLMode, database.Host)
	}
}

func inClusterSettings(s *subject) {
	if in := s.spec.Database.InCluster; in != nil {
		inClusterDatabase(s, in)
	}
	if in := s.spec.ObjectStorage.InCluster; in != nil {
		inClusterObjectStorage(s, in)
	}
}

// maxMaxConnections is the largest max_connections of PostgreSQL (src/include/postmaster/postmaster.h, MAX_BACKENDS).
const maxMaxConnections = 1<<18 - 1

// clusterName matches the names of Clusters that CloudNativePG accepts (internal/webhook/v1/cluster_webhook.go).
var clusterName = pattern(`^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$`)

func inClusterDatabase(s *subject, in *v1alpha1.InClusterDatabase) {
	const field = "spec.database.inCluster"
	plain := in.Engine == v1alpha1.EngineStatefulSet
	switch {
	case in.Instances == nil:
	case *in.Instances < 1:
		s.errorf(field+".instances", "must be at least 1, got %d", *in.Instances)
	case plain && *in.Instances > 1:
		s.errorf(field+".instances", "engine statefulset supports one server; use engine cloudnative-pg for more")
	case *in.Instances == 2:
		s.warnf(field+".instances", "with two servers there is no second copy while one is down; set it to 3")
	}
	if n := in.MaxConnections; n != nil && (*n < 1 || *n > maxMaxConnections) {
		s.errorf(field+".maxConnections", "must be between 1 and %d, got %d", maxMaxConnections, *n)
	}
	if plain {
		for _, name := range s.givenOf(field, "name", "recover", "import", "existingSecret") {
			s.errorf(field+"."+name, "is for engine cloudnative-pg; remove it, or use that engine")
		}
	}
	if in.Name != "" && !clusterName().MatchString(in.Name) {
		s.errorf(field+".name", "%q is not the name of a Cluster; write at most 50 lower-case letters, digits and hyphens, "+
			"beginning with a letter", in.Name)
	}
	if in.UserID != nil && *in.UserID < 1 {
		s.errorf(field+".userID", "must be at least 1, got %d: PostgreSQL does not run as root", *in.UserID)
	}
	if name := in.ExistingSecret; name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		s.errorf(field+".existingSecret", "%q is not the name of an object; write lower-case letters, digits, hyphens "+
			"and dots", name)
	}
	if plain && in.Backup != nil {
		s.errorf(field+".backup", "requires engine cloudnative-pg; use that, or make backups with another tool")
	}
	if !plain && in.Password != nil {
		s.errorf(field+".password", "has no effect: CloudNativePG generates the password. Remove it")
	}
	if !plain && in.GeneratePassword {
		s.errorf(field+".generatePassword", "requires engine statefulset: CloudNativePG generates the password. Remove it")
	}
	if plain {
		roleOfInitdb(s)
	}
	storageSize(s, field+".storage", in.Storage)
}

// roleOfInitdb finds role names with which the image's initdb fails, so that the database never starts: CREATE
// EXTENSION plpgsql refuses an owner with a quote, a dollar sign or a backslash (run with initdb 15.18; PostgreSQL
// src/backend/commands/extension.c since August 2023), and names that begin with pg_ are PostgreSQL's.
func roleOfInitdb(s *subject) {
	const field = "spec.database.username"
	role := s.spec.Database.Username.Value
	switch {
	case strings.ContainsAny(role, `"$'\`):
		s.errorf(field, "contains a quote, a dollar sign or a backslash, which PostgreSQL rejects in the name of the role "+
			"that owns a new server; use engine cloudnative-pg, or another name")
	case strings.HasPrefix(role, "pg_"):
		s.errorf(field, "begins with pg_, which PostgreSQL reserves for its own roles; choose another name")
	}
}

func inClusterObjectStorage(s *subject, in *v1alpha1.InClusterObjectStorage) {
	const field = "spec.objectStorage.inCluster"
	if in.Engine == v1alpha1.EngineVolume {
		for _, name := range s.givenOf(field, "accessKey", "accessSecret", "generateKeys", "image", "resources") {
			s.errorf(field+"."+name, "requires engine minio; remove it, or set engine: minio")
		}
		claim(s, in)
	} else {
		for _, name := range s.givenOf(field, "existingClaim", "accessModes") {
			s.errorf(field+"."+name, "requires engine volume; remove it, or set engine: volume")
		}
	}
	if s.given(field) {
		fields := s.givenOf("spec.objectStorage", "bucket", "region", "pathPrefix")
		if in.Engine == v1alpha1.EngineMinIO {
			fields = s.givenOf("spec.objectStorage", "bucket")
		}
		if s.spec.ObjectStorage.ServerSideEncryption {
			fields = append(fields, "serverSideEncryption")
		}
		for _, name := range fields {
			s.errorf("spec.objectStorage."+name, "is for an external service and has no effect with "+
				"engine %s; remove it", in.Engine)
		}
	}
	storageSize(s, field+".storage", in.Storage)
}

func storageSize(s *subject, field string, storage *v1alpha1.Storage) {
	switch {
	case storage == nil || storage.Size == nil:
	case storage.Size.Sign() <= 0:
		s.errorf(field+".size", "%s is not a size; write for example 10Gi", storage.Size)
	case tooFewBytes(*storage.Size):
		s.errorf(field+".size", "%s is less than a mebibyte; %s", storage.Size, unitIsMissing)
	}
}

// unitIsMissing is the fix if tooFewBytes is true.
const unitIsMissing = "write the unit, such as Gi or Mi (a number alone is bytes, and m means a thousandth)"

// tooFewBytes says that an amount of memory or storage is so small that its unit must be wrong.
func tooFewBytes(quantity resource.Quantity) bool { return quantity.Value() < 1<<20 }
