// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// connection is the address of a PostgreSQL database, with its credentials.
type connection struct {
	host, port, user, password, database string
	parameters                           map[string]string
}

// looseURL splits a connection whose password has characters that are not encoded, as charts compose them: the password
// ends at the last @.
var looseURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^postgres(?:ql)?://([^:/@]*)(?::(.*))?@([^@/:]+)(?::(\d+))?/([^?/]*)(?:\?(.*))?$`)
})

// parseConnection parses the URL of a PostgreSQL database.
func parseConnection(text string) (connection, bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return connection{}, false
	}
	c := connection{parameters: map[string]string{}}
	query := ""
	if u, err := url.Parse(text); err == nil && u.Hostname() != "" && u.Fragment == "" &&
		!strings.Contains(u.Path+u.RawQuery, "@") {
		c.host, c.port, c.database, query = u.Hostname(), u.Port(), strings.Trim(u.Path, "/"), u.RawQuery
		if u.User != nil {
			c.user = u.User.Username()
			c.password, _ = u.User.Password()
		}
	} else if found := looseURL().FindStringSubmatch(text); found != nil {
		c.user, c.password, c.host, c.port, c.database, query = found[1], found[2], found[3], found[4], found[5], found[6]
	}
	parameters, err := url.ParseQuery(query)
	if err != nil || c.host == "" || strings.ContainsAny(c.host, ", ") {
		return connection{}, false
	}
	for name, values := range parameters {
		c.parameters[name] = values[len(values)-1]
	}
	return c, true
}

// connect translates the connection string of the server.
func (t *translation) connect(text string, from *value) {
	const instead = "set database.host, username and password, or put the connection into a Secret and name it in " +
		"database.existingSecret"
	switch {
	case text == "":
		t.unnecessary(from, "empty")
		return
	case strings.Contains(text, "@tcp(") || strings.HasPrefix(text, "mysql://"):
		t.notTranslated(from, noMySQL)
		return
	}
	c, ok := parseConnection(text)
	if !ok {
		t.notTranslated(from, "is not the URL of one PostgreSQL database (postgres://user:password@host:5432/name): "+instead)
		return
	}
	t.describe(c, from)
}

// noMySQL is the way from MySQL.
const noMySQL = "Mattermost 11 has no MySQL: migrate the data to PostgreSQL with the earlier version " +
	"(Mattermost's migration-assist and pgloader), then describe that database in spec.database"

// describe translates a connection to the fields of an external database.
func (t *translation) describe(c connection, from *value) {
	t.set("spec.database.host", c.host, from)
	if c.port != "" && c.port != "5432" {
		if port, err := strconv.Atoi(c.port); err == nil {
			t.set("spec.database.port", port, from)
		}
	}
	if c.user != "" && c.user != "mattermost" {
		t.set("spec.database.username", c.user, from)
	}
	if c.database != "" && c.database != "mattermost" {
		t.set("spec.database.database", c.database, from)
	}
	if c.password != "" {
		t.set("spec.database.password",
			secretKeyRef(t.keep(t.credentialsName(), "database-password", c.password, from)), from)
	}
	parameters := maps.Clone(c.parameters)
	if mode := parameters["sslmode"]; mode != "" && mode != "require" {
		t.set("spec.database.sslMode", mode, from)
	}
	for _, decided := range []string{"sslmode", "binary_parameters", "sslrootcert"} {
		delete(parameters, decided)
	}
	if len(parameters) > 0 {
		t.set("spec.database.parameters", parameters, from)
	}
	if c.parameters["sslrootcert"] != "" {
		t.rootCertificate = from
	}
}

// databaseAuthority says what to do about the file with the database's certificate authority, unless a volume of the
// pods became spec.database.ca.
func (t *translation) databaseAuthority() {
	if t.rootCertificate != nil && !t.config.has("spec.database.ca") {
		t.todo("the connection to the database names a certificate authority in a file (sslrootcert): "+
			"put it into a ConfigMap or Secret, and set database.ca; %s", t.rootCertificate.where())
	}
}

// storeVariables translates the variables that say where messages and files are.
func (t *translation) storeVariables() {
	t.databaseVariables()
	t.replicaVariable()
	t.fileVariables()
}

func (t *translation) databaseVariables() {
	config, source := t.take("MM_CONFIG"), t.take("MM_SQLSETTINGS_DATASOURCE")
	user, password := t.take("PGUSER"), t.take("PGPASSWORD")
	dsn := config
	if dsn == nil || dsn.valueFrom == nil && !strings.Contains(dsn.text, "://") {
		dsn = source
	}
	for _, v := range []*variable{config, source, user, password} {
		if v != nil && v != dsn && t.config.has("spec.database") {
			t.unnecessary(v.from, "the database is described by spec.database")
		}
	}
	if dsn == nil {
		return
	}
	switch ref := dsn.ref(); {
	case dsn.valueFrom == nil:
		c, ok := parseConnection(dsn.text)
		if !ok || c.password != "" || user == nil || password == nil || password.ref() == nil {
			t.connect(dsn.text, dsn.from)
			break
		}
		t.withCredentials(c, *dsn, *user, *password)
	case t.config.has("spec.database"):
		t.unnecessary(dsn.from, "the database is described by spec.database")
	case ref == nil:
		t.notTranslated(dsn.from, "put the connection into a Secret and name it in database.existingSecret")
	case ref.Key == "DB_CONNECTION_STRING":
		t.mark(dsn.from, Translated, "", "spec.database.existingSecret")
		t.config.set("spec.database.existingSecret", t.refer(*ref).Name, dsn.key())
	default:
		t.connectionInSecret(*ref, dsn.from)
	}
	for _, v := range []*variable{config, source, user, password} {
		if v != nil {
			t.unnecessary(v.from, "the database is described by spec.database")
		}
	}
}

// replicaVariable translates the connections to read replicas, where they have the credentials of the database.
func (t *translation) replicaVariable() {
	v := t.find("MM_SQLSETTINGS_DATASOURCEREPLICAS")
	if v == nil || v.valueFrom != nil || !t.config.has("spec.database.host") {
		return
	}
	var hosts []any
	for text := range strings.FieldsSeq(v.text) {
		c, ok := parseConnection(text)
		if !ok || c.password != "" {
			return
		}
		hosts = append(hosts, c.address())
	}
	if len(hosts) > 0 {
		t.setVariable("spec.database.readReplicas", hosts, *v)
		t.take(v.name)
	}
}

// address returns host, or host:port for another port than the default.
func (c connection) address() string {
	if c.port == "" || c.port == "5432" {
		return c.host
	}
	return c.host + ":" + c.port
}

// connectionInSecret translates a connection string under a key of a Secret that the operator does not read.
func (t *translation) connectionInSecret(ref v1alpha1.KeyRef, from *value) {
	if text, known := t.cluster.secretKey(ref.Name, ref.Key); known {
		t.connect(text, from)
		return
	}
	if t.config.has("spec.database") {
		return
	}
	if ref.Key == "DB_CONNECTION_STRING" {
		t.set("spec.database.existingSecret", t.refer(ref).Name, from)
		return
	}
	t.set("spec.database.existingSecret", ref.Name, from)
	t.refer(v1alpha1.KeyRef{Name: ref.Name, Key: "DB_CONNECTION_STRING"})
	t.todo("the operator reads the connection of the database from the key DB_CONNECTION_STRING only: add it to "+
		"Secret %s with the value of the key %s", ref.Name, ref.Key)
}

// withCredentials translates a connection whose credentials are in variables, as mattermost-fn emits it.
func (t *translation) withCredentials(c connection, dsn, user, password variable) {
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	name, isService := strings.CutSuffix(c.host, "-rw")
	cluster := t.cluster.find("postgresql.cnpg.io", "Cluster", name)
	if isService && t.installation().isOurs() &&
		(cluster == nil && name == names.DatabaseName() && password.ref().Name == name+"-app" || cluster.isOurs()) {
		t.cloudNativePG(name, cluster, dsn)
		for _, v := range []variable{user, password} {
			t.mark(v.from, Translated, "", "spec.database.inCluster")
		}
		return
	}
	if c.host == names.PlainDatabaseName() && password.ref().Name == names.DatabaseSecretName() &&
		t.installation().isOurs() {
		t.statefulSet(dsn, user, password)
		return
	}
	t.describe(c, dsn.from)
	if ref := user.ref(); ref != nil {
		t.set("spec.database.username", t.own(*ref, user.from), user.from)
	} else if user.valueFrom == nil && user.text != "mattermost" {
		t.set("spec.database.username", user.text, user.from)
	} else {
		t.unnecessary(user.from, "the default")
	}
	t.set("spec.database.password", t.own(*password.ref(), password.from), password.from)
}

// cloudNativePG translates the database that mattermost-fn emits by default.
func (t *translation) cloudNativePG(name string, cluster *value, dsn variable) {
	const field = "spec.database.inCluster."
	t.mark(dsn.from, Translated, "", "spec.database.inCluster")
	if cluster == nil {
		t.config.set(field+"engine", string(v1alpha1.EngineCloudNativePG), dsn.key())
		t.todo("the database is Cluster %s of CloudNativePG, which is not in the input: import it too, or set instances, "+
			"storage, resources and backup in database.inCluster to its values", name)
		return
	}
	spec := cluster.at("spec")
	t.config.set(field+"engine", string(v1alpha1.EngineCloudNativePG), "Cluster "+name)
	if names := (plan.Names{Name: t.name}); name != names.PlainDatabaseName() {
		t.config.set(field+"name", name, "Cluster "+name)
	}
	t.copyTo(field+"instances", spec.at("instances"))
	t.copyTo(field+"image", spec.at("imageName"))
	t.copyTo(field+"storage.size", spec.at("storage", "size"))
	t.copyTo(field+"storage.storageClassName", spec.at("storage", "storageClass"))
	t.copyTo(field+"resources", spec.at("resources"))
	if limit := spec.at("postgresql", "parameters", "max_connections"); limit != nil {
		if number, ok := limit.int(); ok {
			t.set(field+"maxConnections", number, limit)
		}
	}
	t.copyTo(field+"userID", spec.at("postgresUID"))
	t.parameters(spec.at("postgresql", "parameters"))
	t.initialized(spec.at("bootstrap", "initdb"))
	t.initialized(spec.at("bootstrap", "recovery"))
	t.imported(spec)
	t.backup(name, spec)
	t.recovery(spec)
	t.todo("compare the database with mattermost-fn render --diff before you apply anything")
}

// parameters translates the parameters of PostgreSQL, except for max_connections.
func (t *translation) parameters(parameters *value) {
	kept := map[string]any{}
	for _, key := range parameters.keysOf() {
		if key != "max_connections" {
			kept[key] = parameters.fields[key].string()
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.database.inCluster.parameters", kept, parameters.sourceKeys()...)
	}
}

// initialized translates names of database and role, and the Secret of the role.
func (t *translation) initialized(initdb *value) {
	t.copyTo("spec.database.database", initdb.at("database"))
	t.copyTo("spec.database.username", initdb.at("owner"))
	t.copyTo("spec.database.inCluster.existingSecret", initdb.at("secret", "name"))
}

// imported translates the database that CloudNativePG copied when it created this one.
func (t *translation) imported(spec *value) {
	const field = "spec.database.inCluster.import."
	from := spec.at("bootstrap", "initdb", "import")
	if from == nil {
		return
	}
	for _, origin := range spec.at("externalClusters").all() {
		if origin.at("name").string() != from.at("source", "externalCluster").string() {
			continue
		}
		parameters := origin.at("connectionParameters")
		t.copyTo(field+"host", parameters.at("host"))
		t.copyTo(field+"database", parameters.at("dbname"))
		t.copyTo(field+"username", parameters.at("user"))
		t.copyTo(field+"sslMode", parameters.at("sslmode"))
		if port, ok := parameters.at("port").int(); ok && port != 5432 {
			t.config.set(field+"port", port, parameters.sourceKeys()...)
		}
		for _, secret := range []struct{ to, at string }{{"password", "password"}, {"ca", "sslRootCert"}} {
			if ref := origin.at(secret.at); ref != nil {
				key := v1alpha1.KeyRef{Name: ref.at("name").string(), Key: ref.at("key").string()}
				t.set(field+secret.to, t.own(key, ref), ref)
			}
		}
	}
}

// backup translates the scheduled backups of the database.
func (t *translation) backup(name string, spec *value) {
	const field = "spec.database.inCluster.backup."
	scheduled := t.cluster.find("postgresql.cnpg.io", "ScheduledBackup", name)
	if scheduled == nil || len(spec.at("plugins").all()) == 0 {
		return
	}
	parameters := spec.at("plugins").items[0].at("parameters")
	t.copyTo(field+"schedule", scheduled.at("spec", "schedule"))
	if server := parameters.at("serverName"); server.string() != name {
		t.copyTo(field+"serverName", server)
	}
	store := t.cluster.find("barmancloud.cnpg.io", "ObjectStore", parameters.at("barmanObjectName").string())
	t.copyTo(field+"retention", store.at("spec", "retentionPolicy"))
	t.copyTo(field+"resources", store.at("spec", "instanceSidecarConfiguration", "resources"))
}

// recovery translates what a database was restored from.
func (t *translation) recovery(spec *value) {
	const field = "spec.database.inCluster.recover."
	recovery := spec.at("bootstrap", "recovery")
	if recovery == nil {
		return
	}
	for _, origin := range spec.at("externalClusters").all() {
		if origin.at("name").string() == recovery.at("source").string() {
			parameters := origin.at("plugin", "parameters")
			t.copyTo(field+"from", parameters.at("serverName"))
			names := plan.Names{Name: t.name, Namespace: t.namespace}
			if store := parameters.at("barmanObjectName"); store.string() != names.BackupStoreName() {
				t.copyTo(field+"objectStore", store)
			}
		}
	}
	for _, key := range []string{"targetTime", "targetLSN", "targetImmediate", "backupID"} {
		t.copyTo(field+key, recovery.at("recoveryTarget", key))
	}
}

// statefulSet translates the plain PostgreSQL that mattermost-fn emits on request.
func (t *translation) statefulSet(dsn, user, password variable) {
	const field = "spec.database.inCluster."
	t.mark(dsn.from, Translated, "", "spec.database.inCluster")
	t.mark(user.from, Translated, "", "spec.database.inCluster")
	t.config.set(field+"engine", string(v1alpha1.EngineStatefulSet), dsn.key())
	if c, ok := parseConnection(dsn.text); ok && c.database != "mattermost" {
		t.config.set("spec.database.database", c.database, dsn.key())
	}
	if user.valueFrom == nil && user.text != "mattermost" {
		t.config.set("spec.database.username", user.text, user.key())
	}
	if t.isGeneratedPassword(password.ref().Name) {
		t.config.set(field+"generatePassword", true, "ExternalSecret "+password.ref().Name)
		t.mark(password.from, Translated, "", field+"generatePassword")
	} else {
		t.set(field+"password", t.own(*password.ref(), password.from), password.from)
	}
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	set := t.cluster.find("apps", "StatefulSet", names.PlainDatabaseName())
	if set == nil {
		t.todo("the database is StatefulSet %s, which is not in the input: set storage and resources in database.inCluster "+
			"to its values", names.PlainDatabaseName())
		return
	}
	for _, container := range set.at("spec", "template", "spec", "containers").all() {
		t.copyTo(field+"image", container.at("image"))
		t.copyTo(field+"resources", container.at("resources"))
		for _, argument := range container.at("args").all() {
			if limit, ok := strings.CutPrefix(argument.string(), "max_connections="); ok {
				if number, err := strconv.Atoi(limit); err == nil {
					t.set(field+"maxConnections", number, argument)
				}
			}
		}
	}
	for _, claim := range set.at("spec", "volumeClaimTemplates").all() {
		t.copyTo(field+"storage.size", claim.at("spec", "resources", "requests", "storage"))
		t.copyTo(field+"storage.storageClassName", claim.at("spec", "storageClassName"))
	}
}

// isGeneratedPassword reports whether External Secrets generated the contents of a Secret.
func (t *translation) isGeneratedPassword(secret string) bool {
	external := t.cluster.find("external-secrets.io", "ExternalSecret", secret)
	return external != nil && external.isOurs() && len(external.at("spec", "dataFrom").all()) > 0
}

// fileVariables translates the variables that say where files are, next to what the operator is told.
func (t *translation) fileVariables() {
	const prefix = "MM_FILESETTINGS_AMAZONS3"
	ssl, region, path := t.take(prefix+"SSL"), t.take(prefix+"REGION"), t.take(prefix+"PATHPREFIX")
	sse, endpoint, bucket := t.take(prefix+"SSE"), t.take(prefix+"ENDPOINT"), t.take(prefix+"BUCKET")
	key, secret := t.take(prefix+"ACCESSKEYID"), t.take(prefix+"SECRETACCESSKEY")
	all := []*variable{ssl, region, path, sse, endpoint, bucket, key, secret}
	t.azureVariables()
	const field = "spec.objectStorage."
	plainText := func(v *variable) string {
		if v == nil || v.valueFrom != nil {
			return ""
		}
		return v.text
	}
	if plainText(bucket) != "" && !t.config.has("spec.objectStorage") {
		t.setVariable(field+"bucket", bucket.text, *bucket)
		address := plainText(endpoint)
		if address == "" {
			address = "s3.amazonaws.com"
		} else {
			t.mark(endpoint.from, Translated, "", field+"endpoint")
		}
		t.config.set(field+"endpoint", "https://"+address, bucket.key())
	}
	if t.config.has(field+"bucket") && !t.config.has(field+"existingSecret") {
		for name, v := range sorted(map[string]*variable{"accessKey": key, "accessSecret": secret}) {
			switch {
			case v == nil:
			case v.ref() != nil:
				t.setVariable(field+name, t.own(*v.ref(), v.from), *v)
			case v.text != "":
				t.setVariable(field+name, secretKeyRef(t.keep(t.credentialsName(), strings.ToLower(
					strings.Replace(name, "accessSecret", "secretkey", 1)), v.text, v.from)), *v)
			}
		}
	}
	if t.config.has(field + "endpoint") {
		endpoint := t.config.get("spec", "objectStorage", "endpoint")
		if text := plainText(ssl); text == "false" {
			endpoint.value = "http://" + strings.TrimPrefix(endpoint.value.(string), "https://")
			t.mark(ssl.from, Translated, "", field+"endpoint")
		} else if ssl != nil && ssl.valueFrom == nil {
			t.mark(ssl.from, Translated, "", field+"endpoint")
		}
		if text := plainText(region); text != "" {
			t.setVariable(field+"region", text, *region)
		}
		if text := plainText(path); text != "" {
			t.setVariable(field+"pathPrefix", text, *path)
		}
		if text := plainText(sse); text == "true" && t.config.text("spec.enterprise.enabled") == "true" {
			t.setVariable(field+"serverSideEncryption", true, *sse)
		}
	}
	for _, v := range all {
		if v == nil || v.from == nil {
			continue
		}
		if !v.from.marked() && v.valueFrom != nil {
			t.notTranslated(v.from, "its value is in a Secret or ConfigMap that is not in the input: "+
				"set it in spec.objectStorage")
		}
		t.unnecessary(v.from, "follows objectStorage")
	}
}

// s3 translates an S3 service. The address has no scheme: TLS is the default of every source.
func (t *translation) s3(address, bucket *value, tls bool) {
	scheme := "https://"
	if !tls {
		scheme = "http://"
	}
	text := strings.TrimRight(address.string(), "/")
	if at := strings.Index(text, "://"); at >= 0 {
		scheme, text = text[:at+3], text[at+3:]
	}
	t.set("spec.objectStorage.endpoint", scheme+text, address)
	t.textTo("spec.objectStorage.bucket", bucket)
}

// emptyExcept records all values below one, which a feature that is off does not need.
func (t *translation) off(v *value, why string) {
	if v == nil {
		return
	}
	v.leaves(func(leaf *value) {
		if !leaf.marked() {
			t.unnecessary(leaf, why)
		}
	})
}

// sorted iterates over a mapping in a fixed order.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range sortedKeys(m) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// sortedKeys returns the keys of a mapping in a fixed order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
