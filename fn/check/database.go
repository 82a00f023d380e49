package check

import (
	"slices"
	"strings"

	"mattermost-fn/fn/v1alpha1"
)

func databaseForm(s *subject) {
	database := s.spec.Database
	var forms []string
	if s.given("spec.database.inCluster") {
		forms = append(forms, "inCluster")
	}
	for _, field := range []string{"host", "port", "password", "sslMode", "ca", "parameters", "readReplicas"} {
		if s.given("spec.database." + field) {
			forms = append(forms, field)
			break
		}
	}
	if s.given("spec.database.existingSecret") {
		forms = append(forms, "existingSecret")
	}
	if len(forms) > 1 {
		s.errorf("spec.database."+forms[1], "stands beside spec.database.%s; describe the database in one way: inCluster, host and the fields beside it, or existingSecret", forms[0])
		return
	}
	if len(forms) == 1 && !slices.Contains([]string{"inCluster", "existingSecret"}, forms[0]) {
		if database.Host == "" && !s.given("spec.database.host") {
			s.errorf("spec.database.host", "is missing; give the host of the database, or leave spec.database out for one in the cluster")
		}
		if database.Password == nil && !s.given("spec.database.password") {
			s.errorf("spec.database.password", "is missing; give it as text or {secretKeyRef: {name, key}}. For a connection without one, put the whole of it into a Secret and name that in spec.database.existingSecret")
		}
	}
	if in := database.InCluster; in != nil && in.Engine == v1alpha1.EngineStatefulSet && in.Password == nil {
		s.errorf("spec.database.inCluster.password", "is missing; nothing makes a password for engine statefulset. Give one, or use engine cloudnative-pg, whose operator makes one")
	}
}

func databaseConnection(s *subject) {
	database := s.spec.Database
	if !database.Outside() {
		return
	}
	if database.Host != "" {
		if err := v1alpha1.CheckHost(strings.Trim(database.Host, "[]")); err != nil {
			s.errorf("spec.database.host", "%v; port, user and database have fields of their own", err)
		}
	}
	if database.Port != nil && (*database.Port < 1 || *database.Port > 65535) {
		s.errorf("spec.database.port", "%d is not a port; expected 1 to 65535", *database.Port)
	}
	for i, replica := range database.ReadReplicas {
		if _, _, err := v1alpha1.ParseHostPort(replica, 5432); err != nil {
			s.errorf(index("spec.database.readReplicas", i), "%v; write host or host:port", err)
		}
	}
	for name := range database.Parameters {
		switch name {
		case "sslmode":
			s.errorf("spec.database.parameters.sslmode", "has a field of its own; use spec.database.sslMode")
		case "user", "password", "host", "port", "dbname":
			s.errorf("spec.database.parameters."+name, "would override what the fields of spec.database say; use those")
		case "sslrootcert":
			if database.CA != nil {
				s.errorf("spec.database.parameters.sslrootcert", "stands beside spec.database.ca; keep one of the two")
			}
		}
	}
	if strings.Contains(database.Database, "/") || strings.Contains(database.Username, "/") {
		s.warnf("spec.database", "a slash in the name of the database or role is legal but breaks many tools")
	}
	if len(database.ReadReplicas) > 0 && !s.spec.Enterprise.Enabled {
		s.warnf("spec.database.readReplicas", "are not used by a server without a licence")
	}
}

func inClusterSettings(s *subject) {
	if in := s.spec.Database.InCluster; in != nil {
		switch in.Engine {
		case v1alpha1.EngineStatefulSet:
			if in.Instances != nil && *in.Instances > 1 {
				s.errorf("spec.database.inCluster.instances", "engine statefulset is one server; use engine cloudnative-pg for more")
			}
			if in.Backup != nil {
				s.errorf("spec.database.inCluster.backup", "is made by engine cloudnative-pg only; use that, or make copies with a tool of your own")
			}
		default:
			if in.Password != nil {
				s.errorf("spec.database.inCluster.password", "is not used: CloudNativePG makes the password itself. Remove it")
			}
			if in.Instances != nil && *in.Instances < 1 {
				s.errorf("spec.database.inCluster.instances", "got %d; at least one server must run", *in.Instances)
			}
			if in.Instances != nil && *in.Instances == 2 {
				s.warnf("spec.database.inCluster.instances", "two servers lose one to every maintenance; three keep a copy at all times")
			}
		}
		storageSize(s, "spec.database.inCluster.storage", in.Storage)
	}
	if in := s.spec.ObjectStorage.InCluster; in != nil {
		if in.Engine == v1alpha1.EngineVolume {
			for _, field := range []string{"accessKey", "accessSecret", "image", "resources"} {
				if s.given("spec.objectStorage.inCluster." + field) {
					s.errorf("spec.objectStorage.inCluster."+field, "is for engine minio; remove it, or set engine: minio")
				}
			}
			for _, field := range []string{"bucket", "region", "pathPrefix", "serverSideEncryption"} {
				if s.given("spec.objectStorage." + field) {
					s.errorf("spec.objectStorage."+field, "has no meaning for a volume; remove it")
				}
			}
		}
		storageSize(s, "spec.objectStorage.inCluster.storage", in.Storage)
	}
}

func storageSize(s *subject, field string, storage *v1alpha1.Storage) {
	if storage.Size != nil && storage.Size.Sign() <= 0 {
		s.errorf(field+".size", "%s is not a size; write for example 10Gi", storage.Size)
	} else if storage.Size != nil && storage.Size.Value() < 1<<20 {
		s.errorf(field+".size", "%s is less than a mebibyte; a unit is probably missing, such as %sGi", storage.Size, storage.Size)
	}
}

func backup(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil || in.Backup == nil || in.Engine != v1alpha1.EngineCloudNativePG {
		return
	}
	if !s.spec.ObjectStorage.Outside() {
		s.errorf("spec.database.inCluster.backup", "goes to the object storage outside, and there is none: a copy beside the original is lost together with it. Describe one in spec.objectStorage, or remove backup")
	}
	if fields := strings.Fields(in.Backup.Schedule); len(fields) != 6 {
		s.errorf("spec.database.inCluster.backup.schedule", "%q has %d fields; CloudNativePG takes six, seconds first, such as \"0 0 2 * * *\"", in.Backup.Schedule, len(fields))
	}
	if !retention.MatchString(in.Backup.Retention) {
		s.errorf("spec.database.inCluster.backup.retention", "%q is not a time; write a number and d, w or m, such as 30d", in.Backup.Retention)
	}
}
