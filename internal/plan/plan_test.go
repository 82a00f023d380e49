// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// stream holds keys of Secrets by "name/key". A name that is there without the key is a Secret without it.
type stream map[string]string

const encrypted = "\x00encrypted"

func (s stream) SecretKey(namespace, name, key string) (string, KeyState) {
	if namespace != "teams" {
		return "", SecretMissing
	}
	text, ok := s[name+"/"+key]
	switch {
	case text == encrypted:
		return "", KeyEncrypted
	case ok:
		return text, KeyFound
	}
	for at := range s {
		if strings.HasPrefix(at, name+"/") {
			return "", KeyMissing
		}
	}
	return "", SecretMissing
}

// ConfigMapKey reads what is held under "ConfigMap name/key".
func (s stream) ConfigMapKey(namespace, name, key string) (string, KeyState) {
	return s.SecretKey(namespace, "ConfigMap "+name, key)
}

// Earlier returns the object of an earlier run that is in the stream under "earlier Kind name", in YAML.
func (s stream) Earlier(owner, _, kind, namespace, name string) *resourcelist.Item {
	if owner != "teams/chat" || namespace != "teams" {
		return nil
	}
	return s.object("earlier " + kind + " " + name)
}

// Foreign returns the user's object that is in the stream under "foreign Kind name", in YAML.
func (s stream) Foreign(_, kind, namespace, name string) *resourcelist.Item {
	if namespace != "teams" {
		return nil
	}
	return s.object("foreign " + kind + " " + name)
}

func (s stream) object(key string) *resourcelist.Item {
	if s[key] == "" {
		return nil
	}
	return resourcelist.NewItem(yaml.MustParse(s[key]).YNode())
}

// resolve makes the plan of a configuration chat in the namespace teams, and returns what was said, one line each.
func resolve(t testing.TB, spec string, around stream) (*Plan, string) {
	t.Helper()
	config, given := read(t, spec)
	report := &result.Reporter{}
	plan := New(config, given, around, report)
	var messages []string
	for _, r := range report.Results.Sort() {
		messages = append(messages, r.String())
	}
	return plan, strings.Join(messages, "\n")
}

// read decodes a configuration chat in the namespace teams, and returns which fields are given.
func read(t testing.TB, spec string) (*v1alpha1.MattermostConfig, func(field string) bool) {
	t.Helper()
	node, err := yaml.Parse("metadata: {name: chat, namespace: teams}\nspec:\n" + spec)
	if err != nil {
		t.Fatalf("%v in\n%s", err, spec)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node.YNode(), config)
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, spec)
	}
	config.SetDefaults()
	return config, func(field string) bool { _, given := lines[field]; return given }
}

// variable is what the server gets under a name: its value, or "secret NAME/KEY"; "(unset)" for none.
func variable(p *Plan, name string) string {
	for _, v := range p.Env {
		if v.Name != name {
			continue
		}
		if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
			return "secret " + v.ValueFrom.SecretKeyRef.Name + "/" + v.ValueFrom.SecretKeyRef.Key
		}
		return v.Value
	}
	return "(unset)"
}

// secret is what an emitted Secret holds under a key; "(unset)" for nothing.
func secret(p *Plan, name, key string) string {
	for _, s := range p.Secrets {
		if text, ok := s.Data[key]; ok && s.Name == name {
			return text
		}
	}
	return "(unset)"
}

func TestNames(t *testing.T) {
	p := &Plan{Names: Names{Name: "chat", Namespace: "teams"}}
	for got, want := range map[string]string{
		p.DatabaseSecretName():      "chat-database",
		p.DatabaseName():            "chat-db",
		p.FilesName():               "chat-files",
		p.FilesSecretName():         "chat-object-storage",
		p.LicenseSecretName():       "chat-license",
		p.SSOSecretName():           "chat-sso",
		p.SSOClientSecretName():     "chat-sso-client",
		p.ElasticsearchSecretName(): "chat-elasticsearch",
		p.GossipServiceName():       "chat-gossip",
		p.Owner():                   "teams/chat",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	meta := p.ObjectMeta("server", "x")
	meta.Labels["mine"] = "x"
	if p.ObjectMeta("server", "x").Labels["mine"] != "" {
		t.Error("who adds a label to one object adds it to all")
	}
}

func TestIdentity(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, test := range []struct {
		name, spec string
		site       string
		image      Image
	}{
		{
			"a domain", "  domain: Example.COM\n", "https://chat.example.com",
			Image{Repository: "registry1.dso.mil/ironbank/opensource/mattermost/mattermost", Version: "11.10.0", Tag: "11.10.0",
				Reference: "registry1.dso.mil/ironbank/opensource/mattermost/mattermost:11.10.0", PullPolicy: "IfNotPresent",
				PullSecrets: []string{"private-registry"}},
		},
		{
			"a host, which wins, and another image", "  host: talk.example.org\n  profile: community\n  version: " +
				"11.9.1\n  image: {repository: registry.example.org:5000/mm, pullPolicy: Always}\n", "https://talk.example.org",
			Image{Repository: "registry.example.org:5000/mm", Version: "11.9.1", Tag: "11.9.1",
				Reference: "registry.example.org:5000/mm:11.9.1", PullPolicy: "Always", PullSecrets: []string{}},
		},
		{
			"a digest, which the operator gets as its version", "  domain: a.b\n  image: {digest: \"" + digest +
				"\", pullSecrets: [x]}\n", "https://chat.a.b",
			Image{Repository: "registry1.dso.mil/ironbank/opensource/mattermost/mattermost", Version: "11.10.0", Tag: digest,
				Reference: "registry1.dso.mil/ironbank/opensource/mattermost/mattermost@" + digest, PullPolicy: "IfNotPresent",
				PullSecrets: []string{"x"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := resolve(t, test.spec, nil)
			if p.Site.String() != test.site || p.Route.Host != p.Site.Host ||
				variable(p, "MM_SERVICESETTINGS_SITEURL") != test.site {
				t.Errorf("site %s, route %s, server %s, want %s", p.Site, p.Route.Host,
					variable(p, "MM_SERVICESETTINGS_SITEURL"), test.site)
			}
			if !reflect.DeepEqual(p.Image, test.image) {
				t.Errorf("image %+v\nwant  %+v", p.Image, test.image)
			}
		})
	}
}

func TestSize(t *testing.T) {
	const licensed = "  domain: a.b\n  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}\n"
	for _, test := range []struct {
		name, spec string
		replicas   int32
		resources  string // cpu/memory requests and limits
		messages   string
	}{
		{"nothing: Big Bang's size", "  domain: a.b\n", 1, "2/4Gi 2/4Gi", ""},
		{"100 users", "  domain: a.b\n  users: 100\n", 1, "100m/256Mi 2/4Gi", ""},
		{"1,000 users with a license", licensed + "  users: 1000\n", 2, "150m/256Mi 2/4Gi", ""},
		{"5,000 users with a license", licensed + "  users: 5000\n", 2, "500m/500Mi 4/8Gi", ""},
		{"10,000 users with a license", licensed + "  users: 10000\n", 2, "500m/500Mi 4/8Gi", ""},
		{"25,000 users with a license", licensed + "  users: 25000\n", 2, "1/4Gi 4/16Gi", ""},
		{
			"5,000 users without a license", "  domain: a.b\n  users: 5000\n", 1, "500m/500Mi 4/8Gi",
			"info: spec.users: 5000 users would get 2 servers; without a license it is one, " +
				"since messages would reach only the users on the same server",
		},
		{"replicas and users", licensed + "  users: 5000\n  replicas: 3\n", 3, "500m/500Mi 4/8Gi", ""},
		{"resources and users", licensed + "  users: 5000\n  resources: {limits: {cpu: 3, memory: 6Gi}, requests: {cpu: " +
			"3, memory: 6Gi}}\n", 2, "3/6Gi 3/6Gi", ""},
		{"quantities in another spelling", "  domain: a.b\n  resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: " +
			"{cpu: 0.5, memory: 1.5Gi}}\n", 1, "500m/1536Mi 1/1Gi", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, test.spec, nil)
			size := func(list corev1.ResourceList) string { return list.Cpu().String() + "/" + list.Memory().String() }
			if p.Replicas != test.replicas || messages != test.messages {
				t.Errorf("%d servers, messages %q, want %d and %q", p.Replicas, messages, test.replicas, test.messages)
			}
			if got := size(p.Resources.Requests) + " " + size(p.Resources.Limits); got != test.resources {
				t.Errorf("resources %s, want %s", got, test.resources)
			}
		})
	}
}

func TestLicense(t *testing.T) {
	for _, test := range []struct {
		name, spec        string
		operator, server  string
		emitted, messages string
	}{
		{"none", "  domain: a.b\n", "", "(unset)", "(unset)", ""},
		{"plain text", "  domain: a.b\n  enterprise: {enabled: true, license: eyJ}\n", "chat-license",
			"secret chat-license/license", "eyJ", ""},
		{"a key of the name that the operator reads", "  domain: a.b\n  enterprise: {enabled: true, license: " +
			"{secretKeyRef: {name: l, key: license}}}\n", "l", "secret l/license", "(unset)", ""},
		{
			"a key of another name", "  domain: a.b\n  enterprise: {enabled: true, license: {secretKeyRef: " +
				"{name: l, key: lic}}}\n", "", "secret l/lic", "(unset)",
			`info: spec.enterprise.license: the server reads key "lic" of Secret l only as MM_LICENSE: ` +
				`the operator's licenseSecret reads only the key "license"`,
		},
		{"not enabled", "  domain: a.b\n  enterprise: {enabled: false, license: eyJ}\n", "", "(unset)", "(unset)", ""},
		{"uploaded", "  domain: a.b\n  users: 1000\n  enterprise: {enabled: true, license: {uploaded: true}}\n", "",
			"(unset)", "(unset)", ""},
		{
			"in the environment", "  domain: a.b\n  users: 1000\n  enterprise: {enabled: true}\n  env: [{name: MM_LICENSE, " +
				"valueFrom: {secretKeyRef: {name: l, key: lic}}}]\n",
			"", "secret l/lic", "(unset)", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, test.spec, nil)
			if p.LicenseSecret != test.operator || variable(p, "MM_LICENSE") != test.server ||
				secret(p, "chat-license", "license") != test.emitted || messages != test.messages {
				t.Errorf("operator %q, server %q, emitted %q, messages %q", p.LicenseSecret, variable(p, "MM_LICENSE"),
					secret(p, "chat-license", "license"), messages)
			}
		})
	}
}

// The environment of a server, in its order, each name once.
func TestEnvironment(t *testing.T) {
	p, messages := resolve(t, `
  domain: a.b
  logging: {level: DEBUG, json: false}
  env:
  - {name: MM_OTHER, value: x}
  - {name: MM_LOGSETTINGS_CONSOLELEVEL, value: WARN}
  - {name: MM_CLUSTERSETTINGS_ENABLE, value: "true"}
  - {name: MM_SERVICESETTINGS_SITEURL, value: https://x}
`, nil)
	want := []corev1.EnvVar{
		{Name: "MM_SERVICESETTINGS_SITEURL", Value: "https://x"},
		{Name: "MM_CLUSTERSETTINGS_ENABLE", Value: "true"},
		{Name: "MM_METRICSSETTINGS_ENABLE", Value: "false"},
		{Name: "MM_LOGSETTINGS_ENABLECONSOLE", Value: "true"},
		{Name: "MM_LOGSETTINGS_CONSOLELEVEL", Value: "WARN"},
		{Name: "MM_LOGSETTINGS_CONSOLEJSON", Value: "false"},
		{Name: "MM_LOGSETTINGS_ENABLEFILE", Value: "false"},
		{Name: "MM_CONFIG", Value: "postgres://chat-db-rw:5432/mattermost?sslmode=require"},
		{Name: "MM_SQLSETTINGS_DATASOURCE", Value: "postgres://chat-db-rw:5432/mattermost?sslmode=require"},
		EnvFromSecret("PGUSER", v1alpha1.KeyRef{Name: "chat-db-app", Key: "username"}),
		EnvFromSecret("PGPASSWORD", v1alpha1.KeyRef{Name: "chat-db-app", Key: "password"}),
		{Name: "MM_SQLSETTINGS_MAXOPENCONNS", Value: "100"},
		{Name: "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS", Value: "false"},
		{Name: "MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS", Value: "false"},
		{Name: "MM_OTHER", Value: "x"},
	}
	if got := p.Env.EnvVars(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	for _, v := range p.Env {
		if fromEnv := strings.HasPrefix(v.Field, "spec.env["); v.Verbatim != fromEnv {
			t.Errorf("%s of %q is verbatim: %t", v.Name, v.Field, v.Verbatim)
		}
	}
	// A default, such as the host made of the domain, is no source: only what the configuration itself says twice is worth
	// a warning.
	wantMessages := "warning: spec.env[1]: MM_LOGSETTINGS_CONSOLELEVEL is also set by spec.logging.level; " +
		"the value here wins. Keep one of the two [MM051]"
	if messages != wantMessages {
		t.Errorf("messages\n%s\nwant\n%s", messages, wantMessages)
	}
}

// Two sources of one variable: the warning names the field that really said it.
func TestTwoSources(t *testing.T) {
	const sso = "  sso: {enabled: true, clientID: c, clientSecret: s, %}\n"
	for _, test := range []struct{ spec, name, source string }{
		{"  host: a.b\n", "MM_SERVICESETTINGS_SITEURL", "spec.host"},
		{"  domain: a.b\n  enterprise: {enabled: true}\n", "MM_CLUSTERSETTINGS_ENABLE", "spec.enterprise.enabled"},
		{"  domain: a.b\n" + strings.Replace(sso, "%", "issuerURL: 'https://l/r'", 1), "MM_GITLABSETTINGS_TOKENENDPOINT",
			"spec.sso.issuerURL"},
		{"  domain: a.b\n" + strings.Replace(sso, "%", "authEndpoint: 'https://l/a', tokenEndpoint: 'https://l/t', "+
			"userAPIEndpoint: 'https://l/u'", 1), "MM_GITLABSETTINGS_TOKENENDPOINT", "spec.sso.tokenEndpoint"},
		{"  domain: a.b\n" + strings.Replace(sso, "%", "emailSignIn: true", 1), "MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL",
			"spec.sso.emailSignIn"},
		{"  domain: a.b\n" + strings.Replace(sso, ", %", "", 1), "MM_GITLABSETTINGS_SECRET", "spec.sso.clientSecret"},
		{"  domain: a.b\n  objectStorage: {endpoint: 'http://s', bucket: b, existingSecret: x}\n",
			"MM_FILESETTINGS_AMAZONS3SSL", "spec.objectStorage.endpoint"},
		{"  domain: a.b\n  elasticsearch: {enabled: true, url: 'https://e'}\n", "MM_ELASTICSEARCHSETTINGS_CONNECTIONURL",
			"spec.elasticsearch.url"},
	} {
		p, messages := resolve(t, test.spec+"  env: [{name: "+test.name+", value: mine}]\n", nil)
		want := "warning: spec.env[0]: " + test.name + " is also set by " + test.source + "; the value here wins. " +
			"Keep one of the two [MM051]"
		if messages != want || variable(p, test.name) != "mine" {
			t.Errorf("%s: %q, messages %q, want %q", test.name, variable(p, test.name), messages, want)
		}
	}
}

// A secret is in the user's Secret, which is referenced, or plain text in the configuration, which goes into an emitted
// Secret.
func TestSecretReferences(t *testing.T) {
	const sso = "  domain: a.b\n  sso: {enabled: true, clientID: c, issuerURL: 'https://l/r', clientSecret: %}\n"
	const ref = "{secretKeyRef: {name: keycloak, key: secret}}"
	for _, test := range []struct {
		name, value    string
		around         stream
		server, copied string
		messages       string
	}{
		{"plain text", "hunter2", nil, "secret chat-sso/client-secret", "hunter2", ""},
		{"a Secret that is not among the resources may be in the cluster", ref, nil, "secret keycloak/secret", "(unset)", ""},
		{"a Secret among the resources", ref, stream{"keycloak/secret": "hunter2"}, "secret keycloak/secret", "(unset)", ""},
		{"an encrypted one is as good, since it is only referenced", ref, stream{"keycloak/secret": encrypted},
			"secret keycloak/secret", "(unset)", ""},
		{
			"one without the key", ref, stream{"keycloak/other": "x"}, "secret keycloak/secret", "(unset)",
			`error: spec.sso.clientSecret: Secret keycloak, which is among the resources, ` +
				`has no value for key "secret"; correct the key, or add it to the Secret`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, strings.Replace(sso, "%", test.value, 1), test.around)
			if server, copied := variable(p, "MM_GITLABSETTINGS_SECRET"),
				secret(p, "chat-sso", "client-secret"); server != test.server || copied != test.copied ||
				messages != test.messages {
				t.Errorf("server %q, copied %q, messages %q\nwant   %q, copied %q, messages %q", server, copied, messages,
					test.server,
					test.copied, test.messages)
			}
		})
	}
}

// A secret that becomes part of a larger value must be readable; where it is not, the ways out are named.
func TestSecretsInsideALargerValue(t *testing.T) {
	const (
		external = "use {externalSecret: {store: {name}, key}}, if External Secrets runs in the cluster, " +
			"which then composes it there; "
		missing = "the value must become part of a larger one, but Secret s is not among the resources (a kustomize " +
			"generator sees none). Options: %; " + external + "run the function where it sees " +
			"the Secret (a kustomize transformer, a kpt package that contains it, or the command with the Secret's file too); " +
			"or write the value here in plain text"
		unreadable = `the value must become part of a larger one, but key "k" of Secret s is encrypted ` +
			`(SOPS). Options: %; ` + external + "decrypt it before the function runs; or write the value here in plain text"
	)
	const instead = "set generateKeys: true instead of both keys, where External Secrets runs; " +
		"use an object storage outside, or engine volume"
	for _, test := range []struct{ spec, field, instead string }{
		{"  objectStorage: {inCluster: {engine: minio, accessKey: @, accessSecret: s}}\n",
			"spec.objectStorage.inCluster.accessKey", instead},
		{"  objectStorage: {inCluster: {engine: minio, accessKey: a, accessSecret: @}}\n",
			"spec.objectStorage.inCluster.accessSecret", instead},
	} {
		t.Run(test.field, func(t *testing.T) {
			spec := "  domain: a.b\n" + strings.Replace(test.spec, "@", "{secretKeyRef: {name: s, key: k}}", 1)
			for _, c := range []struct {
				name   string
				around stream
				want   string
			}{
				{"it is there", stream{"s/k": "hunter22"}, ""},
				{"the Secret is missing", nil, "error: " + test.field + ": " + strings.Replace(missing, "%", test.instead, 1)},
				{"the key is missing", stream{"s/other": "x"}, "error: " + test.field +
					`: Secret s, which is among the resources, has no value for key "k"; correct the key, ` +
					`or add it to the Secret`},
				{
					"it ends with a line break", stream{"s/k": "hunter22\n"},
					"error: " + test.field +
						`: key "k" of Secret s contains a line break or other control character, ` +
						`or has a space at its beginning or end, ` +
						`which would become part of the value; write the Secret without it (echo -n, or a block with |-)`,
				},
				{"it is encrypted", stream{"s/k": encrypted}, "error: " + test.field + ": " +
					strings.Replace(unreadable, "%", test.instead, 1)},
			} {
				if _, messages := resolve(t, spec, c.around); messages != c.want {
					t.Errorf("%s: messages\n%s\nwant\n%s", c.name, messages, c.want)
				}
			}
		})
	}
}

// The checksum changes when, and only when, something changes that the server's pods read from a Secret or as a
// certificate authority.
func TestSecretsChecksum(t *testing.T) {
	const base = `
  domain: a.b
  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}
  database: {host: db, password: hunter2, ca: {secretKeyRef: {name: authority, key: ca.crt}}}
  objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: keys}
  elasticsearch: {enabled: true, password: hunter3, ca: {pem: one}}
  logging: {fluentBit: {outputs: [{name: es, url: 'https://es', username: u, password: hunter4}]}}
  env:
  - {name: MM_X, valueFrom: {secretKeyRef: {name: more, key: k}}}
  - {name: MM_Y, valueFrom: {configMapKeyRef: {name: plain, key: k}}}
  ldap: {enabled: true, server: l, baseDN: dc=a, idAttribute: a, usernameAttribute: b, ca: {configMapKeyRef: {name: ca,
    key: k}}}
  pod:
    volumes: [{name: file, secret: {secretName: file, items: [{key: k, path: p}]}}, {name: map, configMap: {name: map}}]
    volumeMounts: [{name: file, mountPath: /p, subPath: p}, {name: map, mountPath: /m}]
    initContainers: [{name: i, image: x, env: [{name: A, valueFrom: {secretKeyRef: {name: init, key: k}}}]}]
    sidecars: [{name: s, image: x, volumeMounts: [{name: map, mountPath: /f, subPath: f}]}]
`
	around := stream{"ConfigMap plain/k": "v", "ConfigMap ca/k": "pem", "file/k": "v", "ConfigMap map/f": "v",
		"ConfigMap map/other": "v", "init/k": "v", "l/license": "eyJ", "authority/ca.crt": "pem", "keys/accesskey": "a",
		"keys/secretkey": "s", "more/k": "v"}
	sum := func(spec string, around stream) string {
		p, messages := resolve(t, spec, around)
		if messages != "" {
			t.Fatalf("messages %s", messages)
		}
		return p.SecretsChecksum
	}
	first := sum(base, around)
	if len(first) != 16 {
		t.Errorf("%q is not 64 bits in hexadecimal", first)
	}
	for name, change := range map[string]struct {
		old, new, secret string
		changes          bool
	}{
		"nothing":                          {},
		"the site":                         {old: "domain: a.b", new: "domain: c.d"},
		"the log level":                    {old: "logging: {", new: "logging: {level: DEBUG, "},
		"a password that Fluent Bit reads": {old: "hunter4", new: "hunter5"},
		"the database's password":          {old: "hunter2", new: "hunter5", changes: true},
		"the database's host":              {old: "host: db", new: "host: db2", changes: true},
		"the search password":              {old: "hunter3", new: "hunter5", changes: true},
		"a certificate":                    {old: "pem: one", new: "pem: two", changes: true},
		"the license":                      {secret: "l/license", changes: true},
		"a referenced authority":           {secret: "authority/ca.crt", changes: true},
		"a key of the object storage":      {secret: "keys/secretkey", changes: true},
		"a variable's Secret":              {secret: "more/k", changes: true},
		"a variable's ConfigMap":           {secret: "ConfigMap plain/k", changes: true},
		"an authority in a ConfigMap":      {secret: "ConfigMap ca/k", changes: true},
		"a single file of a Secret":        {secret: "file/k", changes: true},
		"a single file of a ConfigMap":     {secret: "ConfigMap map/f", changes: true},
		"a file of a mounted directory":    {secret: "ConfigMap map/other"},
		"an init container's Secret":       {secret: "init/k", changes: true},
	} {
		changed := stream{}
		for at, text := range around {
			changed[at] = text
			if at == change.secret {
				changed[at] = "changed"
			}
		}
		if got := sum(strings.Replace(base, change.old, change.new, 1), changed); (got != first) != change.changes {
			t.Errorf("%s: %s, was %s", name, got, first)
		}
	}
	role := func(name string) string {
		return sum("  domain: a.b\n  database: {existingSecret: x}\n  objectStorage: {region: us-east-1, bucket: b, "+
			"roleARN: 'arn:aws:iam::123456789012:role/"+name+"'}\n", nil)
	}
	first, other, again := role("one"), role("two"), role("one")
	if first == other || first != again {
		t.Errorf("checksums of a role, another one and the first again: %s, %s, %s", first, other, again)
	}
	if p, _ := resolve(t, "  domain: a.b\n  database: {existingSecret: x}\n", nil); p.SecretsChecksum != "" {
		t.Errorf("nothing is known, and the checksum is %q", p.SecretsChecksum)
	}
	// Where one value ends and the next begins counts.
	if checksum(map[string]string{"a": "bc"}) == checksum(map[string]string{"ab": "c"}) ||
		checksum(map[string]string{"a": "1\n1:b=1:2"}) == checksum(map[string]string{"a": "1", "b": "2"}) {
		t.Error("different values have one checksum")
	}
}

// What the pods read and nobody here can see is listed; what is emitted, or made by an operator, is not.
func TestUnseen(t *testing.T) {
	p, messages := resolve(t, `
  domain: a.b
  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}
  sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: 'https://l/realms/r', ca: {configMapKeyRef: {name: ca,
    key: k}}}
  email: {server: m, from: a@b, username: u, password: {externalSecret: {store: {name: s}, key: k}}}
  env:
  - {name: MM_X, valueFrom: {secretKeyRef: {name: seen, key: k}}}
  - {name: MM_Y, valueFrom: {secretKeyRef: {name: sops, key: k}}}
  - {name: MM_Z, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
  pod:
    volumes: [{name: dir, configMap: {name: directory}}]
    volumeMounts: [{name: dir, mountPath: /d}]
    sidecars: [{name: s, image: x, envFrom: [{secretRef: {name: seen}}, {configMapRef: {name: all}}]}]
`, stream{"seen/k": "v", "sops/k": encrypted})
	want := []Source{{"Secret", "l"}, {"Secret", "seen"}, {"Secret", "sops"}, {"ConfigMap", "all"}, {"ConfigMap", "ca"}}
	if !slices.Equal(p.Unseen, want) || messages != "" {
		t.Errorf("got %v, messages %q, want %v", p.Unseen, messages, want)
	}
}

// Every CA certificate is a file of its own, mounted from where it is.
func TestCABundles(t *testing.T) {
	for _, test := range []struct {
		ca   string
		want CABundle
	}{
		{"{pem: text}", CABundle{Name: "chat-sso-ca", Volume: "sso-ca", ConfigMap: "chat-sso-ca", Key: "ca.crt",
			PEM: "text"}},
		{"{configMapKeyRef: {name: c, key: k}}", CABundle{Name: "chat-sso-ca", Volume: "sso-ca", ConfigMap: "c", Key: "k"}},
		{"{secretKeyRef: {name: s, key: k}}", CABundle{Name: "chat-sso-ca", Volume: "sso-ca", Secret: "s", Key: "k"}},
	} {
		p, messages := resolve(t, "  domain: a.b\n  sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: "+
			"'https://l/r', ca: "+test.ca+"}\n", nil)
		if len(p.CABundles) != 1 || p.CABundles[0] != test.want || messages != "" {
			t.Errorf("%+v, messages %q, want %+v", p.CABundles, messages, test.want)
		}
	}
	if file := (CABundle{Name: "chat-sso-ca"}).File(); file != "/etc/ssl/certs/chat-sso-ca.pem" {
		t.Errorf("file %s", file)
	}
	_, messages := resolve(t, "  domain: a.b\n  sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: "+
		"'https://l/r', ca: {secretKeyRef: {name: s, key: k}}}\n", stream{"s/other": "x"})
	if !strings.HasPrefix(messages, "error: spec.sso.ca.secretKeyRef: ") {
		t.Errorf("messages %q", messages)
	}
	_, messages = resolve(t, "  domain: a.b\n  sso: {enabled: true, clientID: c, clientSecret: s, "+
		"issuerURL: 'https://l/r', "+
		"ca: {configMapKeyRef: {name: c, key: k}}}\n", stream{"ConfigMap c/other": "x"})
	if !strings.HasPrefix(messages, "error: spec.sso.ca.configMapKeyRef: ") {
		t.Errorf("messages %q", messages)
	}
}
