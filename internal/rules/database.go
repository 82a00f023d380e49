package rules

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// outsideDatabase are the fields that describe a database outside. Two more, username and database, go with one in the
// cluster too.
var outsideDatabase = []string{"host", "port", "password", "sslMode", "ca", "parameters", "readReplicas"}

// databaseOutside says that the configuration describes a database outside, however badly.
func (s *subject) databaseOutside() bool {
	return len(s.givenOf("spec.database", "inCluster", "existingSecret")) == 0 && len(s.givenOf("spec.database", outsideDatabase...)) > 0
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
		s.errorf("spec.database."+forms[1], "stands beside spec.database.%s; describe the database in one way: inCluster, or host and the fields beside it, or existingSecret", forms[0])
		return
	}
	if s.databaseOutside() {
		if database.Host == "" {
			s.errorf("spec.database.host", "is missing; give the host of the database, or leave spec.database out for one in the cluster")
		}
		if database.Password == nil {
			s.errorf("spec.database.password", "is missing; give it as text, {secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}. For a connection without one, put the whole of it into a Secret and name that in spec.database.existingSecret")
		}
	}
	if database.ExistingSecret == "" && !s.databaseOutside() && !database.Username.IsPlain() {
		s.errorf("spec.database.username", "must be a plain string for a database in the cluster: its role is created with that name, and its probes use it. Only spec.database.host goes with a reference")
	}
	if database.ExistingSecret != "" {
		for _, field := range s.givenOf("spec.database", "username", "database") {
			s.errorf("spec.database."+field, "stands beside spec.database.existingSecret, whose connection says it already; remove it")
		}
	}
	if in := database.InCluster; in != nil && in.Engine == v1alpha1.EngineStatefulSet {
		switch {
		case in.Password == nil && !in.GeneratePassword:
			s.errorf("spec.database.inCluster.password", "is missing; nothing makes a password for engine statefulset. Give one, or set generatePassword: true where External Secrets runs, or use engine cloudnative-pg, whose operator makes one")
		case in.Password != nil && in.GeneratePassword:
			s.errorf("spec.database.inCluster.generatePassword", "stands beside password; keep one of the two")
		}
	}
}

// parameterFields are connection parameters that are, or contradict, a field of ours.
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
			s.errorf("spec.database.host", "%v; port, user and database have fields of their own", err)
		}
	}
	if database.Port != nil && (*database.Port < 1 || *database.Port > 65535) {
		s.errorf("spec.database.port", "%d is not a port; expected 1 to 65535", *database.Port)
	}
	for i, replica := range database.ReadReplicas {
		field := index("spec.database.readReplicas", i)
		if strings.Contains(replica, "@") { // what stands before it may be a password
			s.errorf(field, "holds a user; write host or host:port only, the role of the database itself is used")
		} else if _, _, err := v1alpha1.ParseHostPort(replica, 5432); err != nil {
			s.errorf(field, "%v; write host or host:port", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(database.Parameters)) {
		if ours, ok := parameterFields[name]; ok {
			s.errorf(entry("spec.database.parameters", name), "contradicts spec.database.%s or says it twice; use that field", ours)
		} else if name == "sslrootcert" && database.CA != nil {
			s.errorf(entry("spec.database.parameters", name), "stands beside spec.database.ca, which sets it; keep one of the two")
		}
	}
	sslMode(s, database)
	if strings.Contains(database.Database, "/") {
		s.warnf("spec.database.database", "contains a slash, at which many tools cut the connection string; choose a name without")
	}
	if len(database.ReadReplicas) > 0 && !s.spec.Enterprise.Enabled {
		s.warnf("spec.database.readReplicas", "are not used by a server without a licence; remove them, or set spec.enterprise with enabled: true and a license")
	}
}

// sslMode knows what the server's PostgreSQL driver, lib/pq, takes: allow and prefer only since its 1.12 of March 2026,
// which no server before 11.6 can hold.
func sslMode(s *subject, database *v1alpha1.Database) {
	if database.SSLMode != "allow" && database.SSLMode != "prefer" {
		return
	}
	const fix = "use require, or disable where the database speaks no TLS"
	if !v1alpha1.AtLeast(s.spec.Version, 11, 6) {
		s.errorf("spec.database.sslMode", "%s is unknown to the PostgreSQL driver of this server, which then does not start; %s", database.SSLMode, fix)
	} else {
		s.warnf("spec.database.sslMode", "%s is known only to newer PostgreSQL drivers, and with an older one the server does not start; %s", database.SSLMode, fix)
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

func inClusterDatabase(s *subject, in *v1alpha1.InClusterDatabase) {
	const field = "spec.database.inCluster"
	plain := in.Engine == v1alpha1.EngineStatefulSet
	switch {
	case in.Instances == nil:
	case *in.Instances < 1:
		s.errorf(field+".instances", "got %d; at least one server must run", *in.Instances)
	case plain && *in.Instances > 1:
		s.errorf(field+".instances", "engine statefulset is one server; use engine cloudnative-pg for more")
	case *in.Instances == 2:
		s.warnf(field+".instances", "with two servers there is no second copy while one is maintained or lost; write 3")
	}
	if plain && in.Backup != nil {
		s.errorf(field+".backup", "is made by engine cloudnative-pg only; use that, or make copies with a tool of your own")
	}
	if !plain && in.Password != nil {
		s.errorf(field+".password", "is not used: CloudNativePG makes the password itself. Remove it")
	}
	if !plain && in.GeneratePassword {
		s.errorf(field+".generatePassword", "is for engine statefulset: CloudNativePG makes the password itself. Remove it")
	}
	storageSize(s, field+".storage", in.Storage)
}

func inClusterObjectStorage(s *subject, in *v1alpha1.InClusterObjectStorage) {
	const field = "spec.objectStorage.inCluster"
	if in.Engine == v1alpha1.EngineVolume {
		for _, name := range s.givenOf(field, "accessKey", "accessSecret", "generateKeys", "image", "resources") {
			s.errorf(field+"."+name, "is for engine minio; remove it, or set engine: minio")
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
			s.errorf("spec.objectStorage."+name, "is for a service outside and has no meaning for engine %s; remove it", in.Engine)
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

// unitIsMissing is the fix for what tooFewBytes finds.
const unitIsMissing = "write the unit, such as Gi or Mi (a number alone is bytes, and m means a thousandth)"

// tooFewBytes says that an amount of memory or storage is so small that its unit must be wrong.
func tooFewBytes(quantity resource.Quantity) bool { return quantity.Value() < 1<<20 }

// retention is what CloudNativePG takes for how long backups are kept.
var retention = pattern(`^[1-9][0-9]*[dwm]$`)

func backup(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil || in.Backup == nil || in.Engine != v1alpha1.EngineCloudNativePG {
		return
	}
	const field = "spec.database.inCluster.backup"
	if !s.objectStorageOutside() {
		s.errorf(field, "goes to the object storage outside, and there is none: a copy beside the original is lost together with it. Describe one in spec.objectStorage, or remove backup")
	}
	if fields := strings.Fields(in.Backup.Schedule); len(fields) != 6 {
		s.errorf(field+".schedule", "%q has %d fields; CloudNativePG takes six, seconds first, such as \"0 0 2 * * *\", and of five it takes the first for seconds too", in.Backup.Schedule, len(fields))
	}
	if !retention().MatchString(in.Backup.Retention) {
		s.errorf(field+".retention", "%q is not a time; write a number and d, w or m for days, weeks or months, such as 30d", in.Backup.Retention)
	}
}
