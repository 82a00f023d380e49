// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/postgres"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Keys of the Secret that the operator reads (mattermost-operator, pkg/mattermost/database_external.go).
const (
	keyConnectionString = "DB_CONNECTION_STRING"
	keyCheckURL         = "DB_CONNECTION_CHECK_URL"
	keyDataSource       = "MM_SQLSETTINGS_DATASOURCE"
	keyReplicas         = "MM_SQLSETTINGS_DATASOURCEREPLICAS"
)

// Keys of Secrets with credentials: those that CloudNativePG, and most operators of databases, use, and that of the
// PostgreSQL image.
const (
	keyUsername         = "username"
	keyPassword         = "password"
	keyPostgresPassword = "POSTGRES_PASSWORD"
)

// database decides where messages are stored and how the server connects.
func (b *builder) database() {
	database := b.spec.Database
	b.Database.Secret = b.databaseSecretName()
	b.waitForDatabase()
	switch {
	case database.ExistingSecret != "":
		b.existingDatabase(database.ExistingSecret)
	case database.IsExternal():
		b.outsideDatabase(database)
	case database.InCluster.Engine == v1alpha1.EngineStatefulSet:
		b.statefulSet(database)
	default:
		b.cloudNativePG(database)
	}
	b.operatorSecret()
}

// databaseSecretName returns the name of the Secret for the operator. An earlier plain PostgreSQL that is no longer
// needed keeps running with its password in the Secret of the usual name. Keys can be added to a Secret, but not to one
// that External Secrets owns. Once changed, the name stays.
func (b *builder) databaseSecretName() string {
	usual, other := b.DatabaseSecretName(), b.DatabaseConnectionSecretName()
	isFetched := func(name string) bool {
		return b.stream.Earlier(b.Owner(), "external-secrets.io", "ExternalSecret", b.Namespace, name) != nil
	}
	database := b.spec.Database
	inCluster := !database.IsExternal() && database.ExistingSecret == ""
	switch {
	case inCluster && database.InCluster.Engine == v1alpha1.EngineStatefulSet, database.ExistingSecret != "":
	case isFetched(other), b.stream.Earlier(b.Owner(), "", "Secret", b.Namespace, other) != nil:
		return other
	case b.stream.Earlier(b.Owner(), "apps", "StatefulSet", b.Namespace, b.PlainDatabaseName()) == nil:
	case isFetched(usual), !inCluster && database.Password.ExternalSecret != nil:
		return other
	}
	return usual
}

// waitForDatabase decides how the pod waits for the database before the server starts. The operator's own container
// violates pod security standard restricted.
func (b *builder) waitForDatabase() {
	if v1alpha1.AtLeast(b.Image.Version, 11, 9) {
		b.Database.WaitImage = b.Image.Reference
		b.Database.WaitCommand = []string{"/mattermost/bin/mattermost", "db", "ping", "--timeout=5m0s"}
		return
	}
	// Since 11.9 the server can ping its database; before, pg_isready does.
	b.Database.WaitImage = cmp.Or(b.spec.Database.WaitImage, b.Profile.PostgreSQLImage())
	// pg_isready rejects parameters that only the server's driver knows, and a connection without a user if the image has
	// no user with the container's id, although it uses neither (run with pg_isready 15 as uid 2000).
	b.Database.WaitCommand = []string{"/bin/sh", "-c",
		`export PGUSER="${PGUSER:-mattermost}"; until pg_isready --dbname="${MM_CONFIG%%\?*}" --timeout=3; do sleep 3; done`}
}

// waitEnvironment returns the part of the server's environment that the waiting container needs: the operator does not
// pass it.
func (b *builder) waitEnvironment() Environment {
	var env Environment
	for _, variable := range b.Env {
		if variable.Name == "MM_CONFIG" || strings.HasPrefix(variable.Name, "PG") {
			env = append(env, variable)
		}
	}
	if !slices.ContainsFunc(env, func(v Variable) bool { return v.Name == "MM_CONFIG" }) {
		env = slices.Insert(env, 0, Variable{EnvVar: EnvFromSecret("MM_CONFIG",
			v1alpha1.KeyRef{Name: b.Database.Secret, Key: keyConnectionString})})
	}
	return env
}

// existingDatabase uses the user's Secret.
func (b *builder) existingDatabase(secret string) {
	const field = "spec.database.existingSecret"
	b.Database.Secret = secret
	destination := Destination{Kind: DestinationDatabase, Port: 5432}
	b.secretExists(v1alpha1.KeyRef{Name: secret, Key: keyConnectionString}, field)
	for key, check := range map[string]func(string) error{
		keyConnectionString: checkConnection, keyCheckURL: checkURL, keyDataSource: strayWhitespace,
		keyReplicas: strayWhitespace,
	} {
		ref := v1alpha1.KeyRef{Name: secret, Key: key}
		b.remember(ref)
		text, state := b.stream.SecretKey(b.Namespace, secret, key)
		if state != KeyFound {
			continue
		}
		if err := check(text); err != nil {
			b.report.Report(result.Error, "", field, "key %s of Secret %s %v", key, secret, err)
			continue
		}
		switch key {
		case keyConnectionString:
			destination.Host, destination.Port = addressOf(text)
			b.checkDriver(text, key, field)
		case keyDataSource:
			b.checkDriver(text, key, field)
		}
	}
	b.destination(destination)
	if replicas, state := b.stream.SecretKey(b.Namespace, secret, keyReplicas); state == KeyFound {
		for i, replica := range strings.Fields(replicas) {
			if host, port := addressOf(replica); host != "" {
				b.destination(Destination{Kind: DestinationDatabase, Number: i + 2, Host: host, Port: port})
			}
		}
	}
}

// checkDriver reports a connection string that the server's PostgreSQL driver rejects.
func (b *builder) checkDriver(text, key, field string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return // not a URL
	}
	release := b.release()
	err, certain := postgres.Refused(postgres.Drivers(release.Major, release.Minor),
		func(d postgres.Driver) error { return d.CheckURL(u) })
	switch {
	case certain:
		b.report.Report(result.Error, "", field, "key %s of Secret %s %v", key, b.Database.Secret, err)
	case err != nil:
		b.report.Report(result.Warning, "", field, "key %s of Secret %s %v. Mattermost %s may have that driver, "+
			"and would not start", key, b.Database.Secret, err, b.spec.Version)
	}
}

// addressOf returns host and port of a connection string that checkConnection accepts; no host where it names several.
func addressOf(text string) (host string, port int32) {
	u, err := url.Parse(text)
	if err != nil {
		return "", 5432
	}
	host, port, err = v1alpha1.ParseHostPort(u.Host, 5432)
	if err != nil {
		return "", 5432
	}
	return host, port
}

// outsideDatabase connects to a database outside the cluster.
func (b *builder) outsideDatabase(database *v1alpha1.Database) {
	primary := connection{host: unbracketed(database.Host), port: *database.Port, database: database.Database}
	primary.parameters = maps.Clone(database.Parameters)
	if primary.parameters == nil {
		primary.parameters = map[string]string{}
	}
	primary.parameters["sslmode"] = database.SSLMode
	if file := b.caFile("database"); file != "" {
		primary.parameters["sslrootcert"] = file
	}
	b.destination(Destination{Kind: DestinationDatabase, Host: primary.host, Port: primary.port})
	var replicas []connection
	for i, address := range database.ReadReplicas {
		replica := primary
		replica.host, replica.port, _ = v1alpha1.ParseHostPort(address, *database.Port)
		replicas = append(replicas, replica)
		b.destination(Destination{Kind: DestinationDatabase, Number: i + 2, Host: replica.host, Port: replica.port})
	}
	b.connect(primary, replicas...)
	b.credential("PGUSER", b.outsideUser(database), "spec.database.username")
	b.credential("PGPASSWORD", b.databaseSecret(keyPassword, database.Password, "spec.database.password"),
		"spec.database.password")
}

// outsideUser returns the role's name, which is not secret if the configuration contains it.
func (b *builder) outsideUser(database *v1alpha1.Database) corev1.EnvVar {
	const field = "spec.database.username"
	username := database.Username
	switch {
	case username.IsPlain():
		return corev1.EnvVar{Value: username.Value}
	case username.ExternalSecret != nil && database.Password.ExternalSecret == nil:
		// Here External Secrets does not own the Secret of the connection, so the name needs a Secret of its own.
		return EnvFromSecret("", b.secretRef(b.DatabaseUserSecretName(), ownership.ComponentDatabase, keyUsername,
			username, field))
	}
	return b.databaseSecret(keyUsername, username, field)
}

// databaseSecret returns a variable with a credential, from the user's Secret, or from the Secret of the connection,
// which the function emits or External Secrets creates.
func (b *builder) databaseSecret(key string, value *v1alpha1.SecretValue, field string) corev1.EnvVar {
	ref := b.secretRef(b.Database.Secret, ownership.ComponentDatabase, key, value, field)
	if value.ExternalSecret != nil {
		b.externalSecret(b.Database.Secret, ownership.ComponentDatabase).put(key, insert(key))
	}
	return EnvFromSecret("", ref)
}

// connect sets the server's connection. MM_SQLSETTINGS_DATASOURCE must be set in addition to MM_CONFIG, from which the
// server reads its configuration: it stores the first value that it sees and would never use another one
// (server/config/database.go).
func (b *builder) connect(primary connection, replicas ...connection) {
	b.Database.connection = primary.String()
	b.setEnv("MM_CONFIG", primary.String(), "spec.database")
	b.setEnv("MM_SQLSETTINGS_DATASOURCE", primary.String(), "spec.database")
	var sources []string
	for _, replica := range replicas {
		sources = append(sources, replica.String())
	}
	if len(sources) > 0 {
		b.setEnv("MM_SQLSETTINGS_DATASOURCEREPLICAS", strings.Join(sources, " "), "spec.database.readReplicas")
	}
}

// credential sets PGUSER or PGPASSWORD.
func (b *builder) credential(name string, variable corev1.EnvVar, field string) {
	variable.Name = name
	b.Env = append(b.Env, Variable{EnvVar: variable, Field: field})
}

// operatorSecret completes the Secret that the operator requires: the operator reads the connection from it, and the
// server's own variables override that.
func (b *builder) operatorSecret() {
	switch {
	case b.Database.connection == "":
	case b.external[b.Database.Secret] != nil:
		b.external[b.Database.Secret].put(keyConnectionString, b.Database.connection)
	default:
		b.putSecret(b.Database.Secret, ownership.ComponentDatabase, keyConnectionString, b.Database.connection)
	}
}

// statefulSet is one PostgreSQL next to the server, without TLS.
func (b *builder) statefulSet(database *v1alpha1.Database) {
	in := database.InCluster
	resources, parameters := b.databaseSize("apps", "StatefulSet")
	image, user := b.databaseImage("apps", "StatefulSet")
	b.Database.StatefulSet = &StatefulSet{
		Name:           b.DatabaseName(),
		Database:       database.Database,
		Owner:          database.Username.Value,
		Image:          image,
		MaxConnections: b.maxConnections("apps", "StatefulSet"),
		Parameters:     parameters,
		User:           b.userID("spec.database.inCluster.userID", in.UserID, user),
		Version:        b.podVersion(tagOf(image)),
		PasswordRef:    b.statefulSetPassword(in),
		Storage:        storage(in.Storage),
		Resources:      resources,
	}
	b.destination(Destination{Kind: DestinationDatabase, Host: b.DatabaseName(), Port: 5432, Namespace: b.Namespace,
		PodLabels: map[string]string{
			ownership.LabelName: "postgresql", ownership.LabelInstance: b.Name,
		}})
	b.connect(connection{host: b.DatabaseName(), port: 5432, database: database.Database,
		parameters: map[string]string{"sslmode": "disable"}})
	b.setEnv("PGUSER", database.Username.Value, "spec.database.username")
	b.setSecretEnv("PGPASSWORD", b.Database.StatefulSet.PasswordRef, "spec.database.inCluster.password")
	b.shareConnections(b.Database.StatefulSet.MaxConnections)
}

// statefulSetPassword returns where the database and the servers read the password. The key never changes its name: a
// generated password is in an immutable Secret, and the volume accepts no new one.
func (b *builder) statefulSetPassword(in *v1alpha1.InClusterDatabase) v1alpha1.KeyRef {
	ref := v1alpha1.KeyRef{Name: b.Database.Secret, Key: keyPostgresPassword}
	switch {
	case in.GeneratePassword:
		external := b.externalSecret(b.Database.Secret, ownership.ComponentDatabase)
		external.Generated = true
		external.put(keyPostgresPassword, insert(passwordValue))
	case in.Password.ExternalSecret != nil:
		external := b.externalSecret(b.Database.Secret, ownership.ComponentDatabase)
		external.fetch(passwordValue, *in.Password.ExternalSecret)
		external.put(keyPostgresPassword, insert(passwordValue))
	default:
		return b.secretRef(b.Database.Secret, ownership.ComponentDatabase, keyPostgresPassword, in.Password,
			"spec.database.inCluster.password")
	}
	return ref
}

// cloudNativePG is a database whose operator creates user and password, in the Secret <cluster>-app. Only the keys
// username and password of that Secret are usable: its connection strings begin with postgresql:// (CloudNativePG,
// pkg/specs/secrets.go).
func (b *builder) cloudNativePG(database *v1alpha1.Database) {
	in := database.InCluster
	resources, parameters := b.databaseSize("postgresql.cnpg.io", "Cluster")
	image, userID := b.databaseImage("postgresql.cnpg.io", "Cluster")
	cluster := &CloudNativePG{
		Name:           b.DatabaseName(),
		Database:       database.Database,
		Owner:          database.Username.Value,
		Instances:      *in.Instances,
		MaxConnections: b.maxConnections("postgresql.cnpg.io", "Cluster"),
		Parameters:     parameters,
		RoleSecret:     in.ExistingSecret,
		Image:          image,
		Storage:        storage(in.Storage),
		Resources:      resources,
		Recovery:       b.recovery(in.Recover),
		Import:         b.databaseImport(in.Import),
	}
	if in.UserID != nil || userID != v1alpha1.CloudNativePGUser {
		cluster.User = b.userID("spec.database.inCluster.userID", in.UserID, userID)
	}
	if major := majorVersion(image); major > 0 {
		cluster.Version = b.podVersion(strconv.Itoa(major))
	}
	b.Database.CloudNativePG = cluster
	b.connect(connection{host: b.DatabaseServiceName(), port: 5432, database: database.Database,
		parameters: map[string]string{"sslmode": "require"}})
	user, password := b.roleSecret(cluster)
	b.setSecretEnv("PGUSER", user, "spec.database.username")
	b.setSecretEnv("PGPASSWORD", password, noField)
	b.shareConnections(cluster.MaxConnections)
	b.destination(Destination{Kind: DestinationDatabase, Host: b.DatabaseServiceName(), Port: 5432, Namespace: b.Namespace,
		PodLabels: map[string]string{
			"cnpg.io/cluster": cluster.Name,
		}})
}

// roleSecret returns where the servers read the name of the role and its password: CloudNativePG creates no Secret if
// it is given one (api/v1/cluster_funcs.go, GetApplicationSecretName).
func (b *builder) roleSecret(cluster *CloudNativePG) (user, password v1alpha1.KeyRef) {
	const field = "spec.database.inCluster.existingSecret"
	name := cluster.RoleSecret
	if name == "" {
		name = b.DatabaseRoleSecretName()
	}
	user, password = v1alpha1.KeyRef{Name: name, Key: keyUsername}, v1alpha1.KeyRef{Name: name, Key: keyPassword}
	if cluster.RoleSecret == "" {
		return user, password
	}
	b.checkSecret(user, field)
	b.checkSecret(password, field)
	text, state := b.stream.SecretKey(b.Namespace, name, keyUsername)
	if state == KeyFound && text != cluster.Owner {
		b.report.Report(result.Error, "", field, "key %q of Secret %s is not the role that owns the database (%s), and "+
			"CloudNativePG refuses it; correct the Secret, or set spec.database.username", keyUsername, name, cluster.Owner)
	}
	return user, password
}

func storage(s *v1alpha1.Storage) Storage {
	return Storage{Size: s.Size.String(), StorageClassName: s.StorageClassName}
}

func unbracketed(host string) string {
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// WaitResources are those of the container that waits for the database. It has a CPU limit if the servers have one.
func (p *Plan) WaitResources() corev1.ResourceRequirements {
	resources := corev1.ResourceRequirements{Requests: quantities("100m", "128Mi"), Limits: quantities("100m", "128Mi")}
	if _, limited := p.Resources.Limits[corev1.ResourceCPU]; !limited {
		delete(resources.Limits, corev1.ResourceCPU)
	}
	return resources
}
