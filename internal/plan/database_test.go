// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// How the server and the container that waits reach the database: which variables they get, which Secret the operator
// is given, what the emitted Secrets hold, and where the servers connect to. No connection string holds a credential.
func TestDatabase(t *testing.T) {
	cnpg := []Destination{{Kind: DestinationDatabase, Host: "chat-db-rw", Port: 5432, Namespace: "teams",
		PodLabels: map[string]string{"cnpg.io/cluster": "chat-db"}}}
	inCluster := []Destination{{Kind: DestinationDatabase, Host: "chat-db", Port: 5432, Namespace: "teams",
		PodLabels: map[string]string{"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": "chat"}}}
	outside := []Destination{{Kind: DestinationDatabase, Host: "db.example.com", Port: 5432}}
	const require, disable = "postgres://db.example.com:5432/mattermost?sslmode=require",
		"postgres://chat-db:5432/mattermost?sslmode=disable"
	const limited = " MM_SQLSETTINGS_MAXOPENCONNS=100"
	for _, test := range []struct {
		name, database string
		around         stream
		secret         string            // that the operator is given
		data           map[string]string // of the emitted Secret
		templates      map[string]string // of the emitted ExternalSecret of the operator's Secret
		env            string            // of the server
		destinations   []Destination
	}{
		{
			name: "none described: CloudNativePG, and no password anywhere", database: "{}", secret: "chat-database",
			data: map[string]string{keyConnectionString: "postgres://chat-db-rw:5432/mattermost?sslmode=require"},
			env: "MM_CONFIG=postgres://chat-db-rw:5432/mattermost?sslmode=require " +
				"MM_SQLSETTINGS_DATASOURCE=postgres://chat-db-rw:5432/mattermost?sslmode=require PGUSER<-chat-db-app/username " +
				"PGPASSWORD<-chat-db-app/password" + limited,
			destinations: cnpg,
		},
		{
			name: "a plain PostgreSQL", database: "{inCluster: {engine: statefulset, password: a@b}, username: u, database: d}",
			secret: "chat-database",
			data: map[string]string{"POSTGRES_PASSWORD": "a@b",
				keyConnectionString: "postgres://chat-db:5432/d?sslmode=disable"},
			env: "MM_CONFIG=postgres://chat-db:5432/d?sslmode=disable " +
				"MM_SQLSETTINGS_DATASOURCE=postgres://chat-db:5432/d?sslmode=disable PGUSER=u " +
				"PGPASSWORD<-chat-database/POSTGRES_PASSWORD" + limited,
			destinations: inCluster,
		},
		{
			name: "a plain PostgreSQL with its password in a Secret that nobody shows", database: "{inCluster: {engine: " +
				"statefulset, password: {secretKeyRef: {name: s, key: k}}}}", secret: "chat-database",
			data: map[string]string{keyConnectionString: disable},
			env: "MM_CONFIG=" + disable + " MM_SQLSETTINGS_DATASOURCE=" + disable +
				" PGUSER=mattermost PGPASSWORD<-s/k" + limited,
			destinations: inCluster,
		},
		{
			name: "a plain PostgreSQL with its password in a store", database: "{inCluster: {engine: statefulset, password: " +
				"{externalSecret: {store: {name: v}, key: k}}}}", secret: "chat-database",
			templates: map[string]string{"POSTGRES_PASSWORD": "{{ .password }}", keyConnectionString: disable},
			env: "MM_CONFIG=" + disable + " MM_SQLSETTINGS_DATASOURCE=" + disable +
				" PGUSER=mattermost PGPASSWORD<-chat-database/POSTGRES_PASSWORD" + limited,
			destinations: inCluster,
		},
		{
			name: "a plain PostgreSQL with a generated password", database: "{inCluster: {engine: statefulset, " +
				"generatePassword: true}}", secret: "chat-database",
			templates: map[string]string{"POSTGRES_PASSWORD": "{{ .password }}", keyConnectionString: disable},
			env: "MM_CONFIG=" + disable + " MM_SQLSETTINGS_DATASOURCE=" + disable +
				" PGUSER=mattermost PGPASSWORD<-chat-database/POSTGRES_PASSWORD" + limited,
			destinations: inCluster,
		},
		{
			name: "one outside", database: "{host: db.example.com, password: hunter2}", secret: "chat-database",
			data: map[string]string{keyConnectionString: require, "password": "hunter2"},
			env: "MM_CONFIG=" + require + " MM_SQLSETTINGS_DATASOURCE=" + require +
				" PGUSER=mattermost PGPASSWORD<-chat-database/password",
			destinations: outside,
		},
		{
			name: "one outside with its credentials in a Secret of another operator",
			database: "{host: db.example.com, username: {secretKeyRef: {name: app, key: username}}, password: {secretKeyRef: " +
				"{name: app, key: password}}}", secret: "chat-database",
			data: map[string]string{keyConnectionString: require},
			env: "MM_CONFIG=" + require + " MM_SQLSETTINGS_DATASOURCE=" + require +
				" PGUSER<-app/username PGPASSWORD<-app/password",
			destinations: outside,
		},
		{
			name: "one outside with its credentials in a store", database: "{host: db.example.com, username: {externalSecret: " +
				"{store: {name: v}, key: u}}, password: {externalSecret: {store: {name: v}, key: p}}}", secret: "chat-database",
			templates: map[string]string{"username": "{{ .username }}", "password": "{{ .password }}",
				keyConnectionString: require},
			env: "MM_CONFIG=" + require + " MM_SQLSETTINGS_DATASOURCE=" + require + " PGUSER<-chat-database/username " +
				"PGPASSWORD<-chat-database/password",
			destinations: outside,
		},
		{
			name: "one outside with its password alone in a store", database: "{host: db.example.com, username: u, password: " +
				"{externalSecret: {store: {name: v}, key: p}}}", secret: "chat-database",
			templates: map[string]string{"password": "{{ .password }}", keyConnectionString: require},
			env: "MM_CONFIG=" + require + " MM_SQLSETTINGS_DATASOURCE=" + require +
				" PGUSER=u PGPASSWORD<-chat-database/password",
			destinations: outside,
		},
		{
			name: "one outside with its user alone in a store", database: "{host: db.example.com, username: {externalSecret: " +
				"{store: {name: v}, key: u}}, password: {secretKeyRef: {name: app, key: password}}}", secret: "chat-database",
			data: map[string]string{keyConnectionString: require},
			env: "MM_CONFIG=" + require + " MM_SQLSETTINGS_DATASOURCE=" + require +
				" PGUSER<-chat-database-user/username PGPASSWORD<-app/password",
			destinations: outside,
		},
		{
			name: "one outside with everything",
			database: `{host: "[2001:db8::1]", port: 6432, username: u, password: p, database: d, sslMode: verify-full, ca: ` +
				`{pem: x}, parameters: {connect_timeout: "10"}, readReplicas: ["[2001:db8::2]", "2001:db8::3", ` +
				`"[2001:db8::4]:5433", r.example.com, "r.db.svc:5434"]}`,
			secret: "chat-database",
			data: map[string]string{"password": "p",
				keyConnectionString: "postgres://[2001:db8::1]:6432/d?connect_timeout=10&sslmode=verify-full" +
					"&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem"},
			env: strings.ReplaceAll("MM_CONFIG=postgres://[2001:db8::1]:6432/d?% "+
				"MM_SQLSETTINGS_DATASOURCE=postgres://[2001:db8::1]:6432/d?% "+
				"MM_SQLSETTINGS_DATASOURCEREPLICAS=postgres://[2001:db8::2]:6432/d?% postgres://[2001:db8::3]:6432/d?% "+
				"postgres://[2001:db8::4]:5433/d?% postgres://r.example.com:6432/d?% postgres://r.db.svc:5434/d?% "+
				"PGUSER=u PGPASSWORD<-chat-database/password", "%",
				"connect_timeout=10&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem"),
			destinations: []Destination{
				{Kind: DestinationDatabase, Host: "2001:db8::1", Port: 6432},
				{Kind: DestinationDatabase, Number: 2, Host: "2001:db8::2", Port: 6432},
				{Kind: DestinationDatabase, Number: 3, Host: "2001:db8::3", Port: 6432},
				{Kind: DestinationDatabase, Number: 4, Host: "2001:db8::4", Port: 5433},
				{Kind: DestinationDatabase, Number: 5, Host: "r.example.com", Port: 6432},
				{Kind: DestinationDatabase, Number: 6, Host: "r.db.svc", Port: 5434, Namespace: "db"},
			},
		},
		{
			name: "a Secret of the user's that is not among the resources", database: "{existingSecret: mine}", secret: "mine",
			destinations: []Destination{{Kind: DestinationDatabase, Port: 5432}},
		},
		{
			name: "a Secret of the user's that is", database: "{existingSecret: mine}",
			around: stream{"mine/" + keyConnectionString: "postgres://u:p@[2001:db8::1]:6432/d"}, secret: "mine",
			destinations: []Destination{{Kind: DestinationDatabase, Host: "2001:db8::1", Port: 6432}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, "  domain: a.b\n  database: "+test.database+"\n", test.around)
			if messages != "" {
				t.Errorf("messages %s", messages)
			}
			if p.Database.Secret != test.secret {
				t.Errorf("the operator is given %q, want %q", p.Database.Secret, test.secret)
			}
			if got := databaseVariables(p.Env); got != test.env {
				t.Errorf("the server gets\n%s\nwant\n%s", got, test.env)
			}
			wantWait := "MM_CONFIG<-mine/" + keyConnectionString
			if test.env != "" {
				wantWait = regexp.MustCompile(`MM_SQLSETTINGS\S+ (postgres://\S+ )*`).ReplaceAllString(strings.TrimSuffix(test.env,
					" MM_SQLSETTINGS_MAXOPENCONNS=100"), "")
			}
			if got := databaseVariables(p.Database.WaitEnv); got != wantWait {
				t.Errorf("the container that waits gets\n%s\nwant\n%s", got, wantWait)
			}
			var data, templates map[string]string
			for _, s := range p.Secrets {
				data = s.Data
			}
			for _, e := range p.ExternalSecrets {
				if e.Name == p.Database.Secret {
					templates = e.Templates
				}
			}
			if !reflect.DeepEqual(data, test.data) || !reflect.DeepEqual(templates, test.templates) {
				t.Errorf("emitted\n%v\n%v\nwant\n%v\n%v", data, templates, test.data, test.templates)
			}
			if !reflect.DeepEqual(p.Destinations, test.destinations) {
				t.Errorf("destinations\n%+v\nwant\n%+v", p.Destinations, test.destinations)
			}
		})
	}
}

// databaseVariables returns the variables that say how to reach a database, in their order.
func databaseVariables(env Environment) string {
	var found []string
	for _, v := range env {
		switch {
		case v.Name != "MM_CONFIG" && !strings.HasPrefix(v.Name, "MM_SQL") && !strings.HasPrefix(v.Name, "PG"):
		case v.ValueFrom != nil:
			found = append(found, v.Name+"<-"+v.ValueFrom.SecretKeyRef.Name+"/"+v.ValueFrom.SecretKeyRef.Key)
		default:
			found = append(found, v.Name+"="+v.Value)
		}
	}
	return strings.Join(found, " ")
}

// What the user's own variables say reaches the container that waits, too.
func TestVariablesOfTheUserReachTheContainerThatWaits(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n  database: {existingSecret: mine}\n  env:\n  - {name: PGUSER, value: "+
		"u}\n  - {name: PGPASSWORD, valueFrom: {secretKeyRef: {name: s, key: k}}}\n", nil)
	if got, want := databaseVariables(p.Database.WaitEnv),
		"MM_CONFIG<-mine/DB_CONNECTION_STRING PGUSER=u PGPASSWORD<-s/k"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Values that pods read from Secrets among the resources are held to what the program that reads them takes.
func TestSecretsThatPodsRead(t *testing.T) {
	const outside = "{host: db.example.com, password: {secretKeyRef: {name: s, key: k}}}"
	for _, test := range []struct {
		name, database string
		around         stream
		want           string
	}{
		{"a line break after a password", outside, stream{"s/k": "hunter2\n"},
			`error: spec.database.password: key "k" of Secret s contains a line break`},
		{"a space before a user", "{host: db, username: {secretKeyRef: {name: s, key: u}}, password: p}",
			stream{"s/u": " hunter2"},
			`error: spec.database.username: key "u" of Secret s contains a line break or other control ` +
				`character, or has a space`},
		{"an empty password", outside, stream{"s/other": "hunter2"},
			`error: spec.database.password: Secret s, which is among the resources, has no value for key "k"`},
		{"the keyword form", "{existingSecret: s}", stream{"s/" + keyConnectionString: "host=db password=hunter2"},
			"error: spec.database.existingSecret: key DB_CONNECTION_STRING of Secret s is not a URL"},
		{"what CloudNativePG writes", "{existingSecret: s}",
			stream{"s/" + keyConnectionString: "postgresql://u:hunter2@db/d"},
			"error: spec.database.existingSecret: key DB_CONNECTION_STRING of Secret s begins with postgresql://"},
		{"a URL that the operator refuses", "{existingSecret: s}",
			stream{"s/" + keyConnectionString: "postgres://u:hunter2@db/d", "s/" + keyCheckURL: "postgresql://u:hunter2@db/d"},
			"error: spec.database.existingSecret: key DB_CONNECTION_CHECK_URL of Secret s must begin with"},
		{"a line break after a data source", "{existingSecret: s}",
			stream{"s/" + keyConnectionString: "postgres://u:hunter2@db/d", "s/" + keyDataSource: "postgres://u:hunter2@db/d\n"},
			"error: spec.database.existingSecret: key MM_SQLSETTINGS_DATASOURCE of Secret s contains a line break"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, messages := resolve(t, "  domain: a.b\n  database: "+test.database+"\n", test.around)
			if !strings.HasPrefix(messages, test.want) || strings.Contains(messages, "hunter2") ||
				strings.Contains(messages, "\n") {
				t.Errorf("messages %s\nwant %s…", messages, test.want)
			}
		})
	}
}

// Quantities come out in the API server's spelling, which the operators would write back otherwise.
func TestDatabasesInTheCluster(t *testing.T) {
	p, _ := resolve(t, `
  domain: a.b
  database: {inCluster: {instances: 3, image: img, storage: {size: 10240Mi, storageClassName: fast},
    resources: {limits: {cpu: 1000m}}, backup: {}}, username: u, database: d}
  objectStorage: {region: us-gov-west-1, bucket: b, pathPrefix: /chat/,
    roleARN: "arn:aws-us-gov:iam::123456789012:role/chat"}
`, nil)
	cluster := p.Database.CloudNativePG
	if cluster.Name != "chat-db" || cluster.Database != "d" || cluster.Owner != "u" || cluster.Instances != 3 ||
		cluster.Image != "img" ||
		cluster.Storage != (Storage{"10Gi", "fast"}) || cluster.Resources.Limits.Cpu().String() != "1" {
		t.Errorf("cluster %+v", cluster)
	}
	want := Backup{Method: "plugin", Schedule: "0 0 2 * * *", ServerName: "chat-db"}
	if *cluster.Backup != want {
		t.Errorf("backup %+v, want %+v", *cluster.Backup, want)
	}
	wantArchive := Archive{
		Name: "chat-backups", Retention: "30d", DestinationPath: "s3://b/chat/postgresql", IsAmazon: true,
		EndpointURL: "https://s3.us-gov-west-1.amazonaws.com", RoleARN: "arn:aws-us-gov:iam::123456789012:role/chat",
		Resources: corev1.ResourceRequirements{
			Requests: quantities("500m", "512Mi"), Limits: quantities("500m", "512Mi"),
		},
	}
	if !reflect.DeepEqual(*cluster.Archive, wantArchive) {
		t.Errorf("archive %+v, want %+v", *cluster.Archive, wantArchive)
	}
	for profile, want := range map[string]StatefulSet{
		"bigbang":   {Image: "registry1.dso.mil/ironbank/opensource/postgres/postgresql:18.3", User: new(int64(1001))},
		"community": {Image: "docker.io/library/postgres:18.4", User: new(int64(999))},
	} {
		p, _ := resolve(t, "  domain: a.b\n  profile: "+profile+"\n  database: {inCluster: {engine: "+
			"statefulset, password: p}}\n", nil)
		if set := p.Database.StatefulSet; set.Image != want.Image || *set.User != *want.User || set.Storage.Size != "10Gi" ||
			set.PasswordRef != (v1alpha1.KeyRef{Name: "chat-database", Key: "POSTGRES_PASSWORD"}) {
			t.Errorf("%s: %+v", profile, set)
		}
	}
}

// Servers can wait for the database themselves since 11.9.
func TestWaitingForTheDatabase(t *testing.T) {
	for _, test := range []struct{ version, profile, image, command string }{
		{"11.10.0", "community", "mattermost/mattermost-enterprise-edition:11.10.0", "/mattermost/bin/mattermost"},
		{"11.9.0", "bigbang", "registry1.dso.mil/ironbank/opensource/mattermost/mattermost:11.9.0",
			"/mattermost/bin/mattermost"},
		{"11.8.3", "bigbang", "registry1.dso.mil/ironbank/opensource/postgres/postgresql:18.3", "/bin/sh"},
		{"10.11.2", "community", "docker.io/library/postgres:18.4", "/bin/sh"},
	} {
		p, _ := resolve(t, "  domain: a.b\n  version: \""+test.version+"\"\n  profile: "+test.profile+"\n", nil)
		if p.Database.WaitImage != test.image || p.Database.WaitCommand[0] != test.command {
			t.Errorf("%s waits with %s in %s, want %s in %s", test.version, p.Database.WaitCommand, p.Database.WaitImage,
				test.command, test.image)
		}
	}
	const own = "registry.example.com/postgres:18"
	p, _ := resolve(t, "  domain: a.b\n  version: 11.8.3\n"+
		"  database: {host: db.example.com, password: p, waitImage: '"+own+"'}\n", nil)
	if p.Database.WaitImage != own {
		t.Errorf("waits with %s, want %s", p.Database.WaitImage, own)
	}
}

// TestExistingConnections holds connections in a Secret against the PostgreSQL driver of the version, which was tried
// with each. No message quotes a value.
func TestExistingConnections(t *testing.T) {
	const old, between, latest = "11.4.0", "11.6.0", "11.10.0"
	for _, test := range []struct{ version, connection, severity, want string }{
		{old, "postgres://mm:hunter2@db:5432/chat?sslmode=require", "", ""},
		{old, "postgres://db/chat?user=mm&password=hunter2&sslmode=disable&connect_timeout=10", "", ""},
		{old, "postgres://mm:hunter2@db/chat?sslmode=prefer", "error",
			"sets the parameter sslmode, which has a value that lib/pq 1.10.9 does not accept: it must be disable or require"},
		{between, "postgres://mm:hunter2@db/chat?sslmode=prefer", "warning", "Mattermost 11.6.0 may have that driver"},
		{latest, "postgres://mm:hunter2@db/chat?sslmode=prefer", "", ""},
		{latest, "postgres://mm:hunter2@db/chat?sslmode=requre", "error", "sslmode, which has a value that lib/pq 1.12"},
		{old, "postgres://mm:hunter2@db/chat?target_session_attrs=read-write", "error",
			"sets the parameter target_session_attrs, which is unknown to lib/pq 1.10.9"},
		{latest, "postgres://mm:hunter2@db/chat?target_session_attrs=read-write", "", ""},
		{latest, "postgres://mm:hunter2@db/chat?target_session_attrs=hunter2", "error",
			"target_session_attrs, which has a value"},
		{latest, "postgres://mm:hunter2@db/chat?pool_max_conns=10", "error",
			"sets the parameter pool_max_conns, which is unknown to the driver and to PostgreSQL"},
		{latest, "postgres://mm:hunter2@db/chat?statement_timeout=hunter2", "error",
			"statement_timeout, which has a value that"},
		{latest, "postgres://mm:hunter2@db/chat?options=-c%20work_mem%3Dhunter2", "error",
			"sets the parameter options, which sets work_mem, which has a value that PostgreSQL rejects"},
		{latest, "postgres://mm:p@db/chat?hunter2@x=1", "error", "sets a parameter, which is"},
		{old, "postgres://mm:hunter2@one,two:5432/chat", "error", "names several hosts, which lib/pq 1.10.9 treats as"},
		{between, "postgres://mm:hunter2@one,two:5432/chat", "warning", "may have that driver"},
		{latest, "postgres://mm:hunter2@one,two:5432/chat", "", ""},
		{latest, "postgres://mm:hunter2@one:5432,two:5432/chat", "error", "names several hosts with a port each"},
	} {
		_, said := resolve(t, "  domain: a.b\n  version: "+test.version+"\n  database: {existingSecret: s}\n",
			stream{"s/DB_CONNECTION_STRING": test.connection})
		prefix := ""
		if test.severity != "" {
			prefix = test.severity + ": spec.database.existingSecret: key DB_CONNECTION_STRING of Secret s "
		}
		if !strings.HasPrefix(said, prefix) || !strings.Contains(said, test.want) || (said == "") != (test.want == "") {
			t.Errorf("%s: %s: %s\nwant %s%s", test.version, test.connection, said, prefix, test.want)
		}
		if strings.Contains(said, "hunter2") {
			t.Errorf("the message quotes the connection: %s", said)
		}
	}
	_, said := resolve(t, "  domain: a.b\n  version: 11.4.0\n  database: {existingSecret: s}\n", stream{
		"s/DB_CONNECTION_STRING":      "postgres://mm:p@db/chat",
		"s/MM_SQLSETTINGS_DATASOURCE": "postgres://mm:p@db/chat?sslmode=prefer",
	})
	if !strings.Contains(said, "key MM_SQLSETTINGS_DATASOURCE of Secret s sets the parameter sslmode") {
		t.Errorf("the connection of the store: %s", said)
	}
}
