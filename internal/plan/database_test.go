package plan

import (
	"reflect"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Which Secret the operator is given, which key the server's connection stands in, what the Secrets hold, and where the
// servers connect to.
func TestDatabase(t *testing.T) {
	for _, test := range []struct {
		says, database string
		around         stream
		secret         string
		connection     v1alpha1.KeyRef
		data           map[string]string
		destinations   []Destination
	}{
		{
			says: "none described: CloudNativePG, and no password anywhere", database: "{}",
			secret: "chat-database", connection: v1alpha1.KeyRef{Name: "chat-db-app", Key: "uri"},
			data:         map[string]string{keyConnectionString: "postgres://mattermost@chat-db-rw:5432/mattermost?sslmode=require"},
			destinations: []Destination{{Name: "database", Host: "chat-db-rw", Port: 5432, Namespace: "teams", PodLabels: map[string]string{"cnpg.io/cluster": "chat-db"}}},
		},
		{
			says: "a plain PostgreSQL", database: "{inCluster: {engine: statefulset, password: a@b}, username: u, database: d}",
			secret: "chat-database", connection: v1alpha1.KeyRef{Name: "chat-database", Key: keyConnectionString},
			data: map[string]string{
				"POSTGRES_PASSWORD": "a@b",
				keyConnectionString: "postgres://u:a%40b@chat-db:5432/d?sslmode=disable",
				keyCheckURL:         "postgres://u:a%40b@chat-db:5432/d?sslmode=disable",
				keyDataSource:       "postgres://u:a%40b@chat-db:5432/d?sslmode=disable",
			},
			destinations: []Destination{{Name: "database", Host: "chat-db", Port: 5432, Namespace: "teams", PodLabels: map[string]string{"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": "chat"}}},
		},
		{
			says: "a plain PostgreSQL with its password elsewhere", database: "{inCluster: {engine: statefulset, password: {secretKeyRef: {name: s, key: k}}}}",
			around: stream{"s/k": "hunter2"},
			secret: "chat-database", connection: v1alpha1.KeyRef{Name: "chat-database", Key: keyConnectionString},
			data: map[string]string{
				keyConnectionString: "postgres://mattermost:hunter2@chat-db:5432/mattermost?sslmode=disable",
				keyCheckURL:         "postgres://mattermost:hunter2@chat-db:5432/mattermost?sslmode=disable",
				keyDataSource:       "postgres://mattermost:hunter2@chat-db:5432/mattermost?sslmode=disable",
			},
			destinations: []Destination{{Name: "database", Host: "chat-db", Port: 5432, Namespace: "teams", PodLabels: map[string]string{"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": "chat"}}},
		},
		{
			says: "one outside", database: "{host: db.example.com, password: hunter2}",
			secret: "chat-database", connection: v1alpha1.KeyRef{Name: "chat-database", Key: keyConnectionString},
			data: map[string]string{
				keyConnectionString: "postgres://mattermost:hunter2@db.example.com:5432/mattermost?sslmode=require",
				keyCheckURL:         "postgres://mattermost:hunter2@db.example.com:5432/mattermost?sslmode=require",
				keyDataSource:       "postgres://mattermost:hunter2@db.example.com:5432/mattermost?sslmode=require",
			},
			destinations: []Destination{{Name: "database", Host: "db.example.com", Port: 5432}},
		},
		{
			says: "one outside with everything", database: `{host: "[2001:db8::1]", port: 6432, username: u, password: p, database: d, sslMode: verify-full, ca: {pem: x}, parameters: {connect_timeout: "10"}, readReplicas: ["[2001:db8::2]", "2001:db8::3", "[2001:db8::4]:5433", r.example.com, "r.db.svc:5434"]}`,
			secret: "chat-database", connection: v1alpha1.KeyRef{Name: "chat-database", Key: keyConnectionString},
			data: map[string]string{
				keyConnectionString: "postgres://u:p@[2001:db8::1]:6432/d?connect_timeout=10&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem",
				keyCheckURL:         "postgres://u:p@[2001:db8::1]:6432/d?connect_timeout=10&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem",
				keyDataSource:       "postgres://u:p@[2001:db8::1]:6432/d?connect_timeout=10&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem",
				keyReplicas: strings.ReplaceAll("postgres://u:p@[2001:db8::2]:6432/d?% postgres://u:p@[2001:db8::3]:6432/d?% postgres://u:p@[2001:db8::4]:5433/d?% postgres://u:p@r.example.com:6432/d?% postgres://u:p@r.db.svc:5434/d?%",
					"%", "connect_timeout=10&sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fchat-database-ca.pem"),
			},
			destinations: []Destination{
				{Name: "database", Host: "2001:db8::1", Port: 6432},
				{Name: "database-2", Host: "2001:db8::2", Port: 6432},
				{Name: "database-3", Host: "2001:db8::3", Port: 6432},
				{Name: "database-4", Host: "2001:db8::4", Port: 5433},
				{Name: "database-5", Host: "r.example.com", Port: 6432},
				{Name: "database-6", Host: "r.db.svc", Port: 5434, Namespace: "db"},
			},
		},
		{
			says: "a Secret of the user's that is not among the resources", database: "{existingSecret: mine}",
			secret: "mine", connection: v1alpha1.KeyRef{Name: "mine", Key: keyConnectionString},
			destinations: []Destination{{Name: "database", Port: 5432}},
		},
		{
			says: "a Secret of the user's that tells where the database is", database: "{existingSecret: mine}",
			around: stream{"mine/" + keyConnectionString: "postgres://u:p@[2001:db8::1]:6432/d"},
			secret: "mine", connection: v1alpha1.KeyRef{Name: "mine", Key: keyConnectionString},
			destinations: []Destination{{Name: "database", Host: "2001:db8::1", Port: 6432}},
		},
		{
			says: "a Secret of the user's that cannot be read as a URL", database: "{existingSecret: mine}",
			around: stream{"mine/" + keyConnectionString: "host=db user=u"},
			secret: "mine", connection: v1alpha1.KeyRef{Name: "mine", Key: keyConnectionString},
			destinations: []Destination{{Name: "database", Port: 5432}},
		},
	} {
		t.Run(test.says, func(t *testing.T) {
			p, said := resolve(t, "  domain: a.b\n  database: "+test.database+"\n", test.around)
			if said != "" {
				t.Errorf("said %s", said)
			}
			if p.Database.Secret != test.secret || p.Database.Connection != test.connection {
				t.Errorf("operator %q, server %v, want %q and %v", p.Database.Secret, p.Database.Connection, test.secret, test.connection)
			}
			var data map[string]string
			for _, s := range p.Secrets {
				data = s.Data
			}
			if !reflect.DeepEqual(data, test.data) {
				t.Errorf("emitted\n%v\nwant\n%v", data, test.data)
			}
			if !reflect.DeepEqual(p.Destinations, test.destinations) {
				t.Errorf("destinations\n%+v\nwant\n%+v", p.Destinations, test.destinations)
			}
		})
	}
}

// Quantities come out in the API server's spelling, which the operators would write back otherwise.
func TestDatabasesInTheCluster(t *testing.T) {
	p, _ := resolve(t, `
  domain: a.b
  database: {inCluster: {instances: 3, image: img, storage: {size: 10240Mi, storageClassName: fast}, resources: {limits: {cpu: 1000m}}, backup: {}}, username: u, database: d}
  objectStorage: {region: us-gov-west-1, bucket: b, pathPrefix: /chat/, roleARN: "arn:aws-us-gov:iam::123456789012:role/chat"}
`, nil)
	cluster := p.Database.CloudNativePG
	if cluster.Name != "chat-db" || cluster.Database != "d" || cluster.Owner != "u" || cluster.Instances != 3 || cluster.Image != "img" ||
		cluster.Storage != (Storage{"10Gi", "fast"}) || cluster.Resources.Limits.Cpu().String() != "1" {
		t.Errorf("cluster %+v", cluster)
	}
	want := Backup{
		Schedule: "0 0 2 * * *", Retention: "30d", DestinationPath: "s3://b/chat/postgresql",
		EndpointURL: "https://s3.us-gov-west-1.amazonaws.com", RoleARN: "arn:aws-us-gov:iam::123456789012:role/chat",
	}
	if *cluster.Backup != want {
		t.Errorf("backup %+v, want %+v", *cluster.Backup, want)
	}
	for profile, want := range map[string]StatefulSet{
		"bigbang":   {Image: "registry1.dso.mil/ironbank/opensource/postgres/postgresql:18.3", User: 26},
		"community": {Image: "docker.io/library/postgres:18.4", User: 999},
	} {
		p, _ := resolve(t, "  domain: a.b\n  profile: "+profile+"\n  database: {inCluster: {engine: statefulset, password: p}}\n", nil)
		if set := p.Database.StatefulSet; set.Image != want.Image || set.User != want.User || set.Storage.Size != "10Gi" || set.PasswordRef != (v1alpha1.KeyRef{Name: "chat-database", Key: "POSTGRES_PASSWORD"}) {
			t.Errorf("%s: %+v", profile, set)
		}
	}
}

// Servers can wait for the database themselves since 11.9.
func TestWaitingForTheDatabase(t *testing.T) {
	for _, test := range []struct{ version, profile, image, command string }{
		{"11.10.0", "community", "mattermost/mattermost-enterprise-edition:11.10.0", "/mattermost/bin/mattermost"},
		{"11.9.0", "bigbang", "registry1.dso.mil/ironbank/opensource/mattermost/mattermost:11.9.0", "/mattermost/bin/mattermost"},
		{"11.8.3", "bigbang", "registry1.dso.mil/ironbank/opensource/postgres/postgresql:18.3", "/bin/sh"},
		{"10.11.2", "community", "docker.io/library/postgres:18.4", "/bin/sh"},
	} {
		p, _ := resolve(t, "  domain: a.b\n  version: \""+test.version+"\"\n  profile: "+test.profile+"\n", nil)
		if p.Database.WaitImage != test.image || p.Database.WaitCommand[0] != test.command {
			t.Errorf("%s waits with %s in %s, want %s in %s", test.version, p.Database.WaitCommand, p.Database.WaitImage, test.command, test.image)
		}
	}
}
