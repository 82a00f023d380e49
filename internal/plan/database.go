package plan

import (
	"fmt"
	"maps"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Keys of the Secret that the operator reads (mattermost-operator, pkg/mattermost/database_external.go).
const (
	keyConnectionString = "DB_CONNECTION_STRING"
	keyCheckURL         = "DB_CONNECTION_CHECK_URL"
	keyDataSource       = "MM_SQLSETTINGS_DATASOURCE"
	keyReplicas         = "MM_SQLSETTINGS_DATASOURCEREPLICAS"
)

// database decides where messages are stored and how the server connects.
func (b *builder) database() {
	database := b.spec.Database
	b.Database.Secret = b.DatabaseSecretName()
	b.Database.Connection = v1alpha1.KeyRef{Name: b.Database.Secret, Key: keyConnectionString}
	b.waitForDatabase()
	switch {
	case database.ExistingSecret != "":
		b.existingDatabase(database.ExistingSecret)
	case database.Outside():
		b.outsideDatabase(database)
	case database.InCluster.Engine == v1alpha1.EngineStatefulSet:
		b.statefulSet(database)
	default:
		b.cloudNativePG(database)
	}
}

// waitForDatabase decides what waits for the database before the server starts. The operator's own container does not
// pass the restricted pod security level.
func (b *builder) waitForDatabase() {
	if v1alpha1.AtLeast(b.Image.Version, 11, 9) {
		b.Database.WaitImage = b.Image.Reference
		b.Database.WaitCommand = []string{"/mattermost/bin/mattermost", "db", "ping", "--timeout=5m0s"}
		return
	}
	// The server can ping its database since 11.9; before, PostgreSQL's own tool does.
	b.Database.WaitImage = b.Profile.PostgreSQLImage()
	b.Database.WaitCommand = []string{"/bin/sh", "-c", `until pg_isready --dbname="$MM_CONFIG" --timeout=3; do sleep 3; done`}
}

// existingDatabase refers to a Secret of the user's.
func (b *builder) existingDatabase(secret string) {
	b.Database.Secret = secret
	b.Database.Connection.Name = secret
	b.secretExists(b.Database.Connection, "spec.database.existingSecret")
	destination := Destination{Name: "database", Port: 5432, CIDRs: b.spec.NetworkPolicies.Egress["database"]}
	for _, key := range []string{keyConnectionString, keyCheckURL, keyDataSource, keyReplicas} {
		b.remember(v1alpha1.KeyRef{Name: secret, Key: key})
	}
	if text, state := b.stream.SecretKey(b.Namespace, secret, keyConnectionString); state == KeyFound {
		if u, err := url.Parse(text); err == nil {
			if host, port, err := v1alpha1.ParseHostPort(u.Host, 5432); err == nil {
				destination.Host, destination.Port = host, port
			}
		}
	}
	b.destination(destination)
}

// outsideDatabase puts the connection strings into a Secret. Besides DB_CONNECTION_STRING, from which the server reads its
// configuration, MM_SQLSETTINGS_DATASOURCE must be there: the server stores the first one it sees and would go on using
// it after the password has changed (server/config/database.go).
func (b *builder) outsideDatabase(database *v1alpha1.Database) {
	connection := dsn{user: database.Username, host: unbracketed(database.Host), port: *database.Port, database: database.Database}
	connection.parameters = maps.Clone(database.Parameters)
	if connection.parameters == nil {
		connection.parameters = map[string]string{}
	}
	connection.parameters["sslmode"] = database.SSLMode
	if authority := b.authority("database", database.CA, "spec.database.ca"); authority != nil {
		connection.parameters["sslrootcert"] = authority.File()
	}
	connections := []dsn{connection}
	b.destination(Destination{Name: "database", Host: connection.host, Port: connection.port, CIDRs: b.spec.NetworkPolicies.Egress["database"]})
	for i, address := range database.ReadReplicas {
		replica := connection
		replica.host, replica.port, _ = v1alpha1.ParseHostPort(address, *database.Port)
		connections = append(connections, replica)
		b.destination(Destination{Name: fmt.Sprintf("database-%d", i+2), Host: replica.host, Port: replica.port, CIDRs: b.spec.NetworkPolicies.Egress["database"]})
	}
	if database.Password.ExternalSecret != nil {
		b.externalSecret(b.Database.Secret, "database").fetch(passwordValue, *database.Password.ExternalSecret)
		b.composeConnections(connections)
		return
	}
	password, ok := b.secretText(database.Password, "spec.database.password", "give the whole connection in spec.database.existingSecret")
	if ok {
		b.putConnections(password, connections)
	}
}

// putConnections puts the connection to the database, and those to its read replicas, into the Secret that the operator
// is given.
func (b *builder) putConnections(password string, connections []dsn) {
	b.eachConnection(connections, func(d dsn) string {
		d.password = password
		return d.String()
	}, func(key, text string) { b.putSecret(b.Database.Secret, "database", key, text) })
}

// composeConnections does so where External Secrets knows the password.
func (b *builder) composeConnections(connections []dsn) {
	external := b.externalSecret(b.Database.Secret, "database")
	b.eachConnection(connections, func(d dsn) string { return d.template(passwordValue) }, external.put)
}

// eachConnection writes connections, of which the first is the database's and the others are its read replicas', and puts
// them under the operator's keys.
func (b *builder) eachConnection(connections []dsn, write func(dsn) string, put func(key, text string)) {
	for _, key := range []string{keyConnectionString, keyCheckURL, keyDataSource} {
		put(key, write(connections[0]))
	}
	var replicas []string
	for _, replica := range connections[1:] {
		replicas = append(replicas, write(replica))
	}
	if len(replicas) > 0 {
		put(keyReplicas, strings.Join(replicas, " "))
	}
}

// statefulSet is one PostgreSQL beside the server, without TLS.
func (b *builder) statefulSet(database *v1alpha1.Database) {
	in := database.InCluster
	b.Database.StatefulSet = &StatefulSet{
		Name:           b.DatabaseName(),
		Database:       database.Database,
		Owner:          database.Username,
		Image:          in.Image,
		MaxConnections: b.maxConnections(),
		User:           b.Profile.PostgreSQLUser(),
		Storage:        storage(in.Storage),
		Resources:      *in.Resources,
	}
	b.destination(Destination{Name: "database", Host: b.DatabaseName(), Port: 5432, Namespace: b.Namespace, PodLabels: map[string]string{
		"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": b.Name,
	}})
	connections := []dsn{{
		user: database.Username, host: b.DatabaseName(), port: 5432, database: database.Database,
		parameters: map[string]string{"sslmode": "disable"},
	}}
	const field, key = "spec.database.inCluster.password", "POSTGRES_PASSWORD"
	if in.GeneratePassword || in.Password.ExternalSecret != nil {
		// One Secret for the database and its connections, so that they agree.
		external := b.externalSecret(b.Database.Secret, "database")
		if external.Generated = in.GeneratePassword; !external.Generated {
			external.fetch(passwordValue, *in.Password.ExternalSecret)
		}
		external.put(key, insert(passwordValue))
		b.composeConnections(connections)
		b.Database.StatefulSet.PasswordRef = v1alpha1.KeyRef{Name: external.Name, Key: key}
		return
	}
	password, ok := b.secretText(in.Password, field, "use engine cloudnative-pg, which makes the password itself")
	if ok {
		b.Database.StatefulSet.PasswordRef = b.secretRef(b.Database.Secret, "database", key, in.Password, field)
		b.putConnections(password, connections)
	}
}

// cloudNativePG is a database whose operator makes the password. The Secret that the Mattermost operator insists on holds
// the connection without it; what the server uses is the operator-made Secret, through variables that replace the
// operator's own.
func (b *builder) cloudNativePG(database *v1alpha1.Database) {
	in := database.InCluster
	cluster := &CloudNativePG{
		Name:           b.DatabaseName(),
		Database:       database.Database,
		Owner:          database.Username,
		Instances:      *in.Instances,
		MaxConnections: b.maxConnections(),
		Image:          in.Image,
		Storage:        storage(in.Storage),
		Resources:      *in.Resources,
	}
	b.Database.CloudNativePG = cluster
	b.Database.Connection = v1alpha1.KeyRef{Name: cluster.Name + "-app", Key: "uri"}
	b.putSecret(b.Database.Secret, "database", keyConnectionString, dsn{
		user: database.Username, host: cluster.Name + "-rw", port: 5432, database: database.Database,
		parameters: map[string]string{"sslmode": "require"},
	}.String())
	b.setSecretEnv("MM_CONFIG", b.Database.Connection, "spec.database")
	b.setSecretEnv("MM_SQLSETTINGS_DATASOURCE", b.Database.Connection, "spec.database")
	b.destination(Destination{Name: "database", Host: cluster.Name + "-rw", Port: 5432, Namespace: b.Namespace, PodLabels: map[string]string{
		"cnpg.io/cluster": cluster.Name,
	}})
}

func storage(s *v1alpha1.Storage) Storage {
	return Storage{Size: s.Size.String(), StorageClassName: s.StorageClassName}
}

func unbracketed(host string) string {
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// WaitResources are those of the container that waits for the database.
func (p *Plan) WaitResources() corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Requests: quantities("100m", "128Mi"), Limits: quantities("100m", "128Mi")}
}

// ConnectionsPerServer is how many connections a server opens to each data source (SqlSettings.MaxOpenConns).
const ConnectionsPerServer = 100

// maxConnections leaves room for one more server, which a rolling update starts, and for PostgreSQL's own limit of 100 to
// be what others may use.
func (b *builder) maxConnections() int32 { return (b.Replicas + 1) * ConnectionsPerServer }
