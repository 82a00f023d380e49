// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExplain(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"spec.database.port", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    spec.database.port <integer>
MINIMUM:  1
MAXIMUM:  65535

DESCRIPTION:
    The port. Default: 5432.
`},
		{"sso.provider", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    spec.sso.provider <string>
ALLOWED:  gitlab, openid

DESCRIPTION:
    The protocol. gitlab: GitLab's OAuth protocol, with Keycloak, as in Big
    Bang, or with GitLab itself. openid: OpenID Connect, which is licensed.
    Default: gitlab.
`},
		{"settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword
          <string>
DEFAULT:  ""
VARIABLE: MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPPASSWORD
LICENSE:  message_export (Enterprise)

DESCRIPTION:
    A setting of Mattermost's config.json, which takes a string. Each dot in its
    name is one level of YAML.

    It is a secret: it is passed to the server in a Secret, and may be
    {secretKeyRef: {key, name}} or {externalSecret: {key, property, store:
    {kind, name}}}.
`},
		{"enterprise", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    spec.enterprise <object>

DESCRIPTION:
    Licensed features: more than one replica, metrics, Elasticsearch.

FIELDS:
    enabled <boolean>
        Whether this installation is licensed.

    license <License>
        The contents of the license file, which begin with eyJ. If the function
        can read them, the features in the license decide what may be used. For
        a license that was uploaded to Mattermost, set {uploaded: true}. A
        license in env, as MM_LICENSE, needs nothing here.

    verify <string>
        Whether the license's signature is verified, and with which of
        Mattermost's public keys: production, test or none. Default: none.

    A License is a plain string or {externalSecret: {key, property, store:
    {kind, name}}} or {secretKeyRef: {key, name}} or {uploaded: true}.
`},
		{"enterprise.license", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    spec.enterprise.license <License>

DESCRIPTION:
    The contents of the license file, which begin with eyJ. If the function can
    read them, the features in the license decide what may be used. For a
    license that was uploaded to Mattermost, set {uploaded: true}. A license in
    env, as MM_LICENSE, needs nothing here.

FORMS:
    a plain string
        The value itself. It is written to an emitted Secret, and causes a
        warning, since the configuration contains it as well.

    externalSecret: {key, property, store: {kind, name}}
        A value that External Secrets fetches in the cluster. An ExternalSecret
        is emitted, which creates the Secret.

    secretKeyRef: {key, name}
        A key of a Secret in the same namespace. It is referenced, never copied,
        except into the configuration file of MinIO in the cluster, for which
        the Secret must be among the function's input resources.

    uploaded: true
        The license was uploaded, in the System Console or with mmctl, and is in
        Mattermost's database. Nothing is emitted for it, and licensed features
        are allowed. The server prefers it to a license in a file, but not to
        MM_LICENSE.
`},
		{"metadata", `KIND:     MattermostConfig
VERSION:  mattermost.bigbang.dev/v1alpha1

FIELD:    metadata <object>

DESCRIPTION:
    The name and the namespace of the installation.

FIELDS:
    annotations <map[string]string>
        Annotations of the configuration itself, such as those by which
        kustomize and kpt find the function. They are not copied to emitted
        objects.

    labels <map[string]string>
        Labels of the configuration itself. They are not copied to emitted
        objects.

    name <string> -required-
        The name of the installation and of its Service, and the beginning of
        every other name: a DNS label of at most 45 characters.

    namespace <string>
        The namespace of the installation. Default: mattermost.
`},
	} {
		t.Run(test.path, func(t *testing.T) {
			got, err := Explain(test.path)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func TestExplainContains(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"", "\nFIELDS:\n    apiVersion <string> -required-\n"},
		{"spec", "\n    sso <object>\n        Single sign-on.\n"},
		{"logging.fluentBit.outputs", "\nFIELD:    spec.logging.fluentBit.outputs <[]object>\n"},
		{"logging.fluentBit.outputs", "\n    url <string> -required-\n"},
		{"networkPolicies.egress", "<map[string][]string>"},
		{"resources", "\n    limits <map[string]quantity>\n"},
		{"users", "\nALLOWED:  100, 1000, 5000, 10000, 25000\n"},
		{"monitoring.serviceMonitor.interval", "\nPATTERN:  ^"},
		{"env.valueFrom.secretKeyRef.name", "\nDEFAULT:  \"\"\n"},
		{"resources", "used by this container.\n\n        This field depends on"}, // paragraphs
		{"kind", "\nALLOWED:  MattermostConfig\n"},
		{"pod.volumes", "<any>"},
		{"spec.settings", "\nSECTIONS:\n    ServiceSettings ("},
		{"settings.MessageExportSettings", "\n    GlobalRelaySettings.SMTPPassword <string>\n"},
		{"settings.MessageExportSettings.GlobalRelaySettings", "\nSETTINGS:\n    CustomerType <string>\n"},
		{"settings.TeamSettings.SiteName", "\nDEFAULT:  \"Mattermost\"\nVARIABLE: MM_TEAMSETTINGS_SITENAME\n"},
		{"settings.ElasticsearchSettings.EnableIndexing", "\nLICENSE:  elastic_search (Enterprise)\n"},
		{"settings.SqlSettings.DataSource", "\nDEFAULT:  the server's own\n"},
		{"settings.SqlSettings.ReplicaLagSettings", "\n    It cannot be set here: it is a list of objects"},
		{"settings.PluginSettings.PluginStates", "A value is merged into the default."},
	} {
		got, err := Explain(test.path)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
		} else if !strings.Contains(got, test.want) {
			t.Errorf("%s does not contain %q:\n%s", test.path, test.want, got)
		}
	}
}

func TestExplainPaths(t *testing.T) {
	for want, paths := range map[string][]string{
		"":              {"MattermostConfig", "mattermostconfig", "."},
		"spec":          {"MattermostConfig.spec", ".spec"},
		"spec.sso":      {"sso", "MattermostConfig.spec.sso", "MattermostConfig.sso"},
		"spec.env.name": {"env.name", "env[0].name", "spec.env[].name", "spec.env[*].name"},
		"spec.enterprise.license.secretKeyRef.key": {"enterprise.license.secretKeyRef.key"},
	} {
		full, err := Explain(want)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if got, err := Explain(path); err != nil || got != full {
				t.Errorf("%q is not the same as %q: %v", path, want, err)
			}
		}
	}
}

func TestExplainUnknown(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"spec.sso.client_id",
			`unknown field "client_id" in spec.sso; did you mean "clientID"? (fields: authEndpoint, buttonText, ca, clientID, `},
		{"logging.fluentBit.outputs[0].ulr",
			`unknown field "ulr" in spec.logging.fluentBit.outputs; did you mean "url"? (fields: caFile, `},
		{"ssso", `unknown field "ssso" in spec; did you mean "sso"? (fields: allow, availability, `},
		{"speec.sso",
			`unknown field "speec" in MattermostConfig; did you mean "spec"? (fields: apiVersion, kind, metadata, spec)`},
		{"kubernetes", `unknown field "kubernetes" in spec (fields: allow, availability, `},
		{"domain.name", `spec.domain is a string and has no fields: cannot explain "name"`},
		{"settings.ServiceSetings", "unknown section ServiceSetings; did you mean ServiceSettings? (sections: " +
			"ServiceSettings, TeamSettings, "},
		{"settings.ServiceSettings.SiteUrl", "unknown setting ServiceSettings.SiteUrl; " +
			"did you mean ServiceSettings.SiteURL?"},
		{"settings.ServiceSettings.SMTPPort", "unknown setting ServiceSettings.SMTPPort; " +
			"did you mean EmailSettings.SMTPPort?"},
		{"settings.ServiceSettings.Zzzzzzzzzzzz", "unknown setting ServiceSettings.Zzzzzzzzzzzz ('mattermost-fn explain " +
			"spec.settings.ServiceSettings' lists"},
		{"settings.AutoTranslationSettings.TimeoutsMs.Fetch", "AutoTranslationSettings.TimeoutsMs.Fetch "},
		{"settings.PluginSettings.PluginStates.playbooks", "PluginSettings.PluginStates takes an object: " +
			"its contents are not explained"},
		{"plugins.settings.playbooks", "spec.plugins.settings is passed on unchanged"},
		{"pod.labels.app", `spec.pod.labels is a map[string]string with keys of your choice: no field "app" to explain`},
		{"pod.affinity.nodeAffinity",
			`spec.pod.affinity is passed on unchanged: its fields are those of Kubernetes or of a plugin, ` +
				`and not explained here`},
		{"enterprise.license.value",
			`unknown field "value" in spec.enterprise.license (fields: externalSecret, secretKeyRef, uploaded)`},
	} {
		got, err := Explain(test.path)
		if err == nil {
			t.Errorf("%s: no error, got:\n%s", test.path, got)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant: %s", test.path, err, test.want)
		}
	}
}

// Every field can be explained within the width of a terminal.
func TestExplainEverything(t *testing.T) {
	t.Parallel()
	root, err := loadSchema()
	if err != nil {
		t.Fatal(err)
	}
	explained := 0
	var walk func(path string, node *schemaNode)
	walk = func(path string, node *schemaNode) {
		text, err := Explain(path)
		if err != nil {
			t.Fatal(err)
		}
		explained++
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if wide := utf8.RuneCountInString(line) > explainWidth; wide && strings.Contains(strings.TrimSpace(line), " ") &&
				!strings.HasPrefix(line, "PATTERN:") {
				t.Errorf("%s: too wide: %s", path, line)
			}
			if line != strings.TrimRight(line, " ") {
				t.Errorf("%s: %q ends with a space", path, line)
			}
		}
		for _, name := range node.element().fields() {
			walk(strings.TrimPrefix(path+"."+name, "."), node.element().Properties[name])
		}
	}
	walk("", root)
	if explained < 150 {
		t.Errorf("only %d fields", explained)
	}
}
