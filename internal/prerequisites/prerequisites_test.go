// SPDX-License-Identifier: Apache-2.0

package prerequisites_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/prerequisites"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// noSecrets is a stream without Secrets.
type noSecrets struct{}

func (noSecrets) SecretKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

// ofEveryPlan are the ids of prerequisites that the plan of an empty configuration has.
var ofEveryPlan = map[string]bool{
	"kyverno-service-account-token": true, "kyverno-injection-bypass": true, "kyverno-operator-images": true,
	"kyverno-service-account-token/files": true, "alloy-not-redacted": true, "fluent-bit-select": true,
	"fluent-bit-outputs":  true,
	"first-administrator": true, "certificate": true,
	"dns": true, "default-storage-class": true,
}

// list returns the prerequisites of a configuration, given by its spec without the domain, one per line.
func list(t *testing.T, spec string) string {
	t.Helper()
	var lines strings.Builder
	for _, p := range all(t, spec) {
		if ofEveryPlan[p.ID] {
			continue
		}
		fmt.Fprintf(&lines, "%s: %s: %s\n", p.Field, p.Topic, p.Message)
		if !slices.Contains(prerequisites.Topics, p.Topic) {
			t.Errorf("topic %q is not in Topics %v", p.Topic, prerequisites.Topics)
		}
	}
	return lines.String()
}

// all returns the prerequisites of a configuration, given by its spec without the domain.
func all(t *testing.T, spec string) []prerequisites.Prerequisite {
	t.Helper()
	text := "metadata: {name: chat, namespace: teams}\nspec:\n  domain: example.com\n" + spec
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	config := &v1alpha1.MattermostConfig{}
	if _, problems := decode.Strict(node.YNode(), config); len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, text)
	}
	config.SetDefaults()
	p := plan.New(config, func(string) bool { return true }, noSecrets{}, &result.Reporter{})
	return prerequisites.List(prerequisites.Input{
		Plan: p, Spec: &config.Spec, Time: prerequisites.Time(&config.Spec, time.Time{}),
	})
}

func TestBasicPlanHasNoPrerequisites(t *testing.T) {
	for _, spec := range []string{
		"",
		"  database: {inCluster: {engine: statefulset, password: p}}\n",
		// Configured, but not enabled.
		"  sso: {clientID: chat}\n  saml: {idpURL: https://a}\n  openid: {clientID: chat}\n  ldap: {server: " +
			"ldap.example.mil}\n",
		// In the cluster.
		"  redis: {address: \"redis.databases.svc:6379\"}\n  email: {server: relay, from: a@example.com}\n",
	} {
		if got := list(t, spec); got != "" {
			t.Errorf("for\n%sgot\n%s", spec, got)
		}
	}
}

// The requirements on an identity provider depend on the product; those on Keycloak apply to no other.
func TestIdentityProviders(t *testing.T) {
	sso := func(more, endpoints string) string {
		return more + "  sso: {enabled: true, clientID: chat, clientSecret: {secretKeyRef: {name: sso, key: secret}}, " +
			endpoints + "}\n"
	}
	endpoints := func(base, userAPI string) string {
		return "authEndpoint: '" + base + "/a', tokenEndpoint: '" + base + "/t', userAPIEndpoint: '" + base + userAPI + "'"
	}
	const redirect = "spec.sso.clientID: identity provider: register exactly the redirect URI " +
		"https://chat.example.com/signup/gitlab/complete for the client chat, without a trailing slash\n"
	for _, test := range []struct{ name, spec, want string }{
		{"GitLab", sso("", endpoints("https://git.example.org", "/api/v4/user")), redirect +
			"spec.sso.scope: GitLab: allow the application the scope read_user; without read_user GitLab does not " +
			"identify the user\n"},
		{"another", sso("", endpoints("https://login.example.org", "/me")), redirect +
			"spec.sso.userAPIEndpoint: identity provider: respond at https://login.example.org/me with a non-zero integer as " +
			"id, with email and with username; without the integer or the e-mail address every login fails, " +
			"and without the name users get a random one\n"},
	} {
		got, _, _ := strings.Cut(list(t, test.spec), "spec: after a change")
		_, got, _ = strings.Cut(got, "(sso)\n")
		if got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	got := list(t, sso("  version: 11.5.0\n", "issuerURL: 'https://login.example.com/realms/a'"))
	if !strings.Contains(got, "Keycloak: add a mapper to the client that sets the claim username to the user name") ||
		strings.Contains(got, "preferred_username") {
		t.Errorf("for a version without the setting for user names, got\n%s", got)
	}
}

// Objects whose changes do not restart the servers are listed, except for those that Reloader watches.
func TestRestarts(t *testing.T) {
	const spec = "  database: {host: db.example.com, password: {secretKeyRef: {name: db, key: p}}, ca: " +
		"{configMapKeyRef: {name: ca, key: ca.crt}}}\n" +
		"  env: [{name: MY_X, valueFrom: {secretKeyRef: {name: more, key: k}}}]\n"
	for annotations, want := range map[string]string{
		"":                                    "Secret db, Secret more, ConfigMap ca only",
		"reloader.stakater.com/auto: 'true'":  "",
		"reloader.stakater.com/auto: 'false'": "Secret db, Secret more, ConfigMap ca only",
		"secret.reloader.stakater.com/auto: 'true'":          "the servers read ConfigMap ca only",
		"secret.reloader.stakater.com/reload: 'other, more'": "Secret db, ConfigMap ca only",
		"configmap.reloader.stakater.com/reload: ca":         "Secret db, Secret more only",
	} {
		got := list(t, spec+"  pod: {annotations: {"+annotations+"}}\n")
		if !strings.Contains(got, want) || strings.Contains(got, "rollout restart") != (want != "") {
			t.Errorf("with %s: got\n%s\nwant %q", annotations, got, want)
		}
	}
}

// What pods at Amazon have without keys is arranged there, for each ServiceAccount that uses the bucket.
func TestIdentitiesAtAmazon(t *testing.T) {
	const storage = "  objectStorage: {region: us-gov-west-1, bucket: files, credentials: "
	const backup = "  database: {inCluster: {image: 'pg:18', backup: {}}}\n"
	for spec, want := range map[string]string{
		storage + "podIdentity}\n": "s3:ListMultipartUploadParts in it with ServiceAccount chat in namespace teams, before",
		storage + "podIdentity}\n" + backup: "s3:ListMultipartUploadParts in it with ServiceAccount chat-db in namespace " +
			"teams, before",
		storage + "nodeRole}\n": "the IAM role of the nodes must allow s3:ListBucket on the bucket files",
		storage + "nodeRole}\n  serviceAccount: {create: false}\n": "ServiceAccount chat with the annotation " +
			"eks.amazonaws.com/role-arn, which the operator requires, empty for no role must exist in namespace teams",
		"  serviceAccount: {create: false}\n": "ServiceAccount chat must exist in namespace teams before the servers start",
		"  objectStorage: {region: us-gov-west-1, bucket: files, roleARN: 'arn:aws:iam::1:role/a'}\n" +
			"  serviceAccount: {create: false}\n": "ServiceAccount chat with the annotation eks.amazonaws.com/role-arn: " +
			"arn:aws:iam::1:role/a must exist",
	} {
		if got := list(t, spec); !strings.Contains(got, want) {
			t.Errorf("for\n%sgot\n%swant %q", spec, got, want)
		}
	}
}

// A license that was uploaded is a prerequisite.
func TestUploadedLicense(t *testing.T) {
	if got := list(t, "  enterprise: {enabled: true, license: {uploaded: true}}\n"); !strings.Contains(got,
		"Mattermost: upload the license (System Console") {
		t.Errorf("got %s", got)
	}
}

func TestRichPlan(t *testing.T) {
	got := list(t, `
  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  replicas: 3
  sso:
    enabled: true
    issuerURL: https://login.example.mil/realms/a
    clientID: chat
    clientSecret: {secretKeyRef: {name: sso, key: secret}}
    scope: ""
  openid:
    enabled: true
    issuerURL: https://partners.example.com/realms/b
    clientID: partner
    clientSecret: {secretKeyRef: {name: partners, key: secret}}
  saml: {enabled: true, idpURL: "https://login.example.mil/saml", idpDescriptorURL: "https://login.example.mil"}
  database:
    host: db.example.mil
    username: chat
    database: messages
    password: hunter2
    readReplicas: [replica.example.mil]
  objectStorage: {endpoint: "https://s3.example.mil", bucket: chat, existingSecret: s3}
  elasticsearch: {enabled: true, url: "https://search.example.mil:9200"}
  ldap: {enabled: true, server: ldap.example.mil, baseDN: dc=mil, idAttribute: uid, usernameAttribute: uid}
  email: {server: smtp.example.mil, from: chat@example.mil}
  push: {}
  redis: {address: "cache.example.mil:6379"}
  compliance: {export: {enabled: true, format: globalrelay, globalRelay: {customerType: CUSTOM,
    server: relay.example.mil}}}
`)
	want := `spec.objectStorage.bucket: Kubernetes: the bucket chat must exist at s3.example.mil before the servers start
spec: firewall: let the cluster reach db.example.mil:5432 (database), replica.example.mil:5432 (database-2), s3.example.mil:443 (objectStorage), login.example.mil:443 (sso), search.example.mil:9200 (elasticsearch), ldap.example.mil:636 (ldap), partners.example.com:443 (openid), smtp.example.mil:587 (mail), global.push.mattermost.com:443 (push), relay.example.mil:25 (mail-2), cache.example.mil:6379 (redis)
spec.sso.clientID: identity provider: register exactly the redirect URI https://chat.example.com/signup/gitlab/complete for the client chat, without a trailing slash
spec.openid.clientID: identity provider: register exactly the redirect URI https://chat.example.com/signup/openid/complete for the client partner, without a trailing slash
spec.saml: identity provider: register the service provider https://chat.example.com with the assertion consumer service https://chat.example.com/login/sso/saml
spec.sso.clientID: Keycloak: add a mapper to the client that sets the claim id to a non-zero integer (user attribute to claim id, JSON type long, added to userinfo), and make sure that userinfo contains email; without the integer every login fails
spec.sso.clientID: Keycloak: from version 24 on, declare the user attribute of the claim id in the realm's user profile, or enable unmanaged attributes; otherwise Keycloak drops it
spec.sso.clientID: Keycloak: keep the client scope profile, which adds preferred_username and name to userinfo, in the client's default scopes; otherwise users get random names
spec.sso.scope: Keycloak: add a default client scope named openid to the client; without it Keycloak 20 and later respond with 403
spec.database.username: PostgreSQL: from version 15 on, make chat the owner of the database messages (ALTER DATABASE "messages" OWNER TO "chat"), or grant it the schema (GRANT ALL ON SCHEMA public TO "chat"); otherwise it cannot create tables
spec.database: PostgreSQL: max_connections must leave room for 600 (3 servers, 200 connections each, replicas included)
spec.database.readReplicas: PostgreSQL: set hot_standby_feedback = on at every read replica; otherwise long searches are canceled
spec.elasticsearch.url: Elasticsearch: install the plugin analysis-icu on every node and set action.destructive_requires_name to false; then start the bulk index in the System Console once
spec.saml.idpCertificateFile: Mattermost: upload the identity provider's certificate under the name saml-idp.crt once (System Console, or mmctl saml); it is stored in the database
spec: after a change: the servers read Secret license, Secret partners, Secret s3, Secret sso only when they start: after a change run kubectl -n teams rollout restart deployment/chat, or let Reloader do it (docs/secrets.md)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The values that the stores must contain, and the tasks when a value changes there or a generated one is lost.
func TestExternalSecrets(t *testing.T) {
	const fetched = "{externalSecret: {store: {name: %s}, key: %s}}"
	got := list(t, "  database: {inCluster: {engine: statefulset, password: "+fmt.Sprintf(fetched, "vault",
		"chat, property: database")+"}}\n"+
		"  redis: {address: \"redis.databases.svc:6379\", password: "+fmt.Sprintf(fetched, "vault", "cache")+"}\n"+
		"  settings: {FileSettings: {PublicLinkSalt: "+fmt.Sprintf(fetched, "aws, kind: ClusterSecretStore",
		"chat/salt")+"}}\n"+
		"  objectStorage: {inCluster: {engine: minio, generateKeys: true}}\n")
	want := `spec: External Secrets: ClusterSecretStore aws must contain chat/salt
spec: External Secrets: SecretStore vault must contain cache, chat (database)
spec: after a change: keep a copy of Secret chat-object-storage outside the cluster once it exists: its password is the only one that the volume accepts, and a newly generated one does not work
spec: after a change: after a value changes in its store, it is in the Secret within an hour, but restarts nothing; then run kubectl -n teams rollout restart deployment/chat
spec.database.inCluster.password: after a change: the password in the Secret takes effect only for a new volume; after a change in the store, change it in PostgreSQL within the hour (ALTER ROLE "mattermost" PASSWORD ...)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Each prerequisite has its own trigger.
func TestTriggers(t *testing.T) {
	for _, test := range []struct{ spec, want, not string }{
		{"  objectStorage: {inCluster: {existingClaim: theirs}}\n",
			"Kubernetes: PersistentVolumeClaim theirs must exist in " +
				"the namespace teams before the servers start, and its files must be writable for their user", "ReadWriteMany"},
		{"  objectStorage: {inCluster: {existingClaim: theirs, accessModes: [ReadWriteMany]}}\n",
			"PersistentVolumeClaim theirs with the access mode ReadWriteMany must exist", "chat-files"},
		{"  objectStorage: {inCluster: {}}\n", "", "PersistentVolumeClaim"},
		{"  sso: {enabled: true, issuerURL: https://a.example.mil, clientID: c, clientSecret: s}\n",
			"Keycloak: add a mapper to the client", "default client scope"},
		{"  sso: {enabled: true, issuerURL: https://a.example.mil, clientID: c, clientSecret: s}\n  edition: team\n",
			"default client scope named openid", "signup/openid"},
		{"  sso: {enabled: true, provider: openid, issuerURL: https://a, clientID: {secretKeyRef: {name: c, key: id}}, " +
			"clientSecret: s}\n", "https://chat.example.com/signup/openid/complete for the client, without", "Keycloak"},
		{"  sso: {enabled: true, issuerURL: https://a.mil/realms/r, clientID: {secretKeyRef: {name: c, key: id}}, " +
			"clientSecret: s}\n", "https://chat.example.com/signup/gitlab/complete for the client, without", "signup/openid"},
		{"  sso: {enabled: true, provider: openid, issuerURL: https://a.example.mil, clientID: c, clientSecret: s}\n",
			"https://chat.example.com/signup/openid/complete for the client c", "Keycloak"},
		{"  saml: {enabled: true, idpURL: https://a, idpDescriptorURL: a, serviceProviderIdentifier: mm}\n",
			"register the service provider mm with", "private key"},
		{"  saml: {enabled: true, idpURL: https://a, idpDescriptorURL: a, encrypt: true}\n",
			"private key under the name saml-private.key and its certificate under the name saml-public.crt", ""},
		{"  database: {existingSecret: db}\n", "max_connections must leave room for 100 (one server, 100 connections each)",
			"owner of"},
		{"  database: {host: db.databases.svc, password: p}\n", "make mattermost the owner", "firewall"},
		{"  elasticsearch: {enabled: true}\n", "analysis-icu", "firewall"},
		{"  email: {server: 192.0.2.25, from: a@example.mil}\n", "reach 192.0.2.25:587 (mail)", "PostgreSQL"},
		{"  networkPolicies: {allow: [{host: proxy.example.com, port: 3128}, {cidr: 10.1.2.0/24, port: 6514}]}\n",
			"let the cluster reach proxy.example.com:3128 (allowed-1), 10.1.2.0/24 port 6514", ""},
		{"  plugins: {settings: {com.mattermost.calls: {udpserverport: 8444, icehostoverride: calls.example.com}}}\n",
			"let clients reach UDP and TCP port 8444 of the servers, for the media of Calls", "NetworkPolicy"},
		{"  plugins: {states: {com.mattermost.calls: true}}\n  networkPolicies: {enabled: true}\n",
			"set spec.calls, which makes Service and policies for it, or rtcdserviceurl", "port 8444"},
		{"  calls: {enabled: true, host: calls.example.com, port: 9443}\n",
			"let clients reach UDP and TCP calls.example.com:9443 for the media of Calls, at the load balancer of Service " +
				"chat-calls", "8443"},
		{"  calls: {enabled: true, service: {type: NodePort, nodePort: 30443}}\n",
			"let clients reach UDP and TCP port 30443 for the media of Calls, at the nodes", "8443"},
		{"  route: {type: none}\n  service: {type: LoadBalancer}\n",
			"the load balancer of Service chat-external must terminate TLS on port 443", "proxy pass"},
		{"  service: {type: NodePort}\n",
			"let your load balancer pass https://chat.example.com, WebSockets included, to the port of the nodes", ""},
		{"  plugins: {states: {com.mattermost.calls: false}, settings: {com.mattermost.calls: {udpserverport: 8444}}}\n",
			"", "Calls"},
		{"  plugins: {settings: {com.mattermost.calls: {rtcdserviceurl: 'https://rtcd.example.com'}}}\n", "", "Calls"},
		{"  onlineServices: {notices: true, diagnostics: true}\n",
			"let the cluster reach notices.mattermost.com:443 (notices), o94110.ingest.us.sentry.io:443 (diagnostics), " +
				"pdat.matterlytics.com:443 (diagnostics-2)", "securityupdate"},
		{"  push: {server: hosted-us}\n", "reach us.push.mattermost.com:443 (push)", ""},
	} {
		got := list(t, test.spec)
		if !strings.Contains(got, test.want) || test.not != "" && strings.Contains(got, test.not) {
			t.Errorf("for\n%sgot\n%swant %q, not %q", test.spec, got, test.want, test.not)
		}
	}
}

// Every new installation has an account that nobody else may create first, by sign-up or single sign-on, however the
// site is exposed.
func TestFirstAdministrator(t *testing.T) {
	const sso = "  sso: {enabled: true, issuerURL: https://a.example.mil/realms/a, clientID: c, clientSecret: s}\n"
	for _, spec := range []string{
		"", "  route: {type: none}\n", "  route: {type: none}\n  service: {type: LoadBalancer}\n", sso,
		"  database: {host: db.example.mil, password: p}\n", "  profile: community\n  route: {gateways: [a/b]}\n",
	} {
		list := all(t, spec)
		i := slices.IndexFunc(list, func(p prerequisites.Prerequisite) bool { return p.ID == "first-administrator" })
		if i < 0 {
			t.Errorf("for\n%sthe first administrator is not mentioned", spec)
			continue
		}
		if p := list[i]; !strings.Contains(p.Message, "the first account becomes system administrator: create it before") ||
			!strings.Contains(p.Command, "kubectl -n teams port-forward deployment/chat 8065:8065\ncurl ") {
			t.Errorf("for\n%sgot %s: %s", spec, p.Message, p.Command)
		}
	}
}

// A prerequisite never contains a secret.
func TestPrerequisitesKeepSecrets(t *testing.T) {
	got := list(t, "  database: {host: db.example.mil, password: hunter2}\n  sso: {enabled: true, issuerURL: "+
		"https://a.example.mil, clientID: c, clientSecret: hunter2}\n")
	if strings.Contains(got, "hunter2") {
		t.Errorf("a prerequisite contains a secret:\n%s", got)
	}
}

func (noSecrets) ConfigMapKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

func (noSecrets) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

func (noSecrets) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }

// The plugin, the directory in the archive and the next two runs are named. Without a time there are no runs.
func TestBackups(t *testing.T) {
	const backup = "  database: {inCluster: {backup: {schedule: \"0 30 1 * * SUN\"METHOD}}}\n" +
		"  objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: keys}\n"
	const plugin, runs = "install the Barman Cloud plugin 0.15 and cert-manager", "the next backups start at "
	const directory = "the directory s3://b/postgresql/chat-db must be empty when Cluster chat-db is created"
	for _, test := range []struct {
		name, spec  string
		has, hasNot []string
	}{
		{"no clock", strings.Replace(backup, "METHOD", "", 1), []string{plugin, directory}, []string{runs}},
		{
			"a Friday", strings.Replace(backup, "METHOD", "", 1) + "  evaluationTime: \"2026-11-27\"\n",
			[]string{plugin, runs + "2026-11-29 01:30:00 and 2026-12-06 01:30:00, "}, nil,
		},
		{
			"the built-in form", strings.Replace(backup, "METHOD", ", method: barmanObjectStore", 1),
			[]string{directory}, []string{plugin},
		},
		{
			"a restore", "  database: {inCluster: {recover: {from: old, objectStore: elsewhere}}}\n",
			[]string{
				plugin, "Cluster chat-db must not exist in namespace teams", "keep ObjectStore elsewhere and the directory old",
				"restore the uploaded files to the same time",
			}, []string{runs, "must be empty"},
		},
		{
			"a Secret with the role", "  database: {inCluster: {existingSecret: mine}}\n",
			[]string{"Secret mine must contain username (mattermost) and password"}, []string{plugin, runs},
		},
		{
			"an import", "  database: {inCluster: {import: {host: db.example.com, username: bn, password: x}}}\n",
			[]string{
				"Cluster chat-db must not exist in namespace teams", "stop the servers of the other database",
				"bn must be able to read everything in database mattermost at db.example.com",
				"let the pods with the label cnpg.io/cluster: chat-db in namespace teams reach db.example.com:5432",
			}, []string{plugin, runs},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := list(t, test.spec)
			for _, part := range test.has {
				if !strings.Contains(got, part) {
					t.Errorf("%q is not in\n%s", part, got)
				}
			}
			for _, part := range test.hasNot {
				if strings.Contains(got, part) {
					t.Errorf("%q is in\n%s", part, got)
				}
			}
		})
	}
	config := &v1alpha1.MattermostConfigSpec{}
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	if got := prerequisites.Time(config, now); got != now {
		t.Errorf("without an evaluation time it is %s, want now", got)
	}
}

// Before 11.9 another image waits for the database, which nodes must be able to pull.
func TestWaitImage(t *testing.T) {
	for spec, want := range map[string]string{
		"":                     "",
		"  version: 11.9.0\n":  "",
		"  version: 11.8.0\n":  "nodes must be able to pull registry1.dso.mil/",
		"  version: 10.11.0\n": "nodes must be able to pull registry1.dso.mil/",
		"  version: 11.8.0\n  database: {waitImage: 'mirror.example.mil/postgres:17'}\n": "nodes must be able to pull " +
			"mirror.example.mil/postgres:17, ",
	} {
		got := ""
		for _, p := range all(t, spec) {
			if p.ID == "wait-image" {
				got = p.Message
			}
		}
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", spec, got, want)
		}
	}
}
