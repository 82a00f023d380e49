// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// marker is in every secret of these tests and must not appear in any result.
const marker = "hunter2"

// TestNoResultTellsASecret fills every SecretValue of a configuration that has every section, in all forms at once and
// so mostly wrong, with texts that rules have something to say about.
func TestNoResultTellsASecret(t *testing.T) {
	texts := []string{
		marker, " " + marker, marker + "\n", "\n" + marker + "\n", "x\t" + marker, "ENC[AES256_GCM,data:" + marker + "]",
		"${" + marker + "}", "{\"" + marker + "\"}", "eyJ" + marker, "\"" + marker + "$",
		"-----BEGIN PRIVATE KEY-----\n" + marker,
		"$$" + marker, "$(" + marker + ")", "pg_" + marker, "'" + marker,
	}
	forms := []func(*v1alpha1.MattermostConfigSpec){
		func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.InCluster.Engine, spec.ObjectStorage.InCluster.Engine = v1alpha1.EngineStatefulSet,
				v1alpha1.EngineMinIO
		},
		func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.InCluster, spec.ObjectStorage.InCluster = nil, nil
			spec.Database.ExistingSecret, spec.ObjectStorage.ExistingSecret = "", ""
			spec.SSO.Provider = v1alpha1.SSOOpenID
		},
		func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.InCluster.Engine = v1alpha1.EngineCloudNativePG
		},
	}
	for _, text := range texts {
		for _, form := range forms {
			for _, switches := range []bool{true, false} {
				config := &v1alpha1.MattermostConfig{}
				fill(reflect.ValueOf(&config.Spec).Elem(), switches)
				form(&config.Spec)
				secrets := 0
				v1alpha1.Each(config, func(_ string, value *v1alpha1.SecretValue) {
					*value = v1alpha1.SecretValue{Value: text}
					secrets++
				})
				if secrets < 5 {
					t.Fatalf("only %d secrets were found", secrets)
				}
				mustNotTell(t, config)
			}
		}
	}
}

// TestNoResultTellsAMisplacedSecret does so for places that people put secrets into although there are fields for them.
func TestNoResultTellsAMisplacedSecret(t *testing.T) {
	const address = "https://chat:" + marker + "@example.com"
	for name, misplace := range map[string]func(*v1alpha1.MattermostConfigSpec){
		"database host": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.Host = "chat:" + marker + "@db.example.com"
		},
		"database URL": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.Host = "postgres://chat:" + marker + "@db/chat"
		},
		"database parameters": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.Parameters = map[string]string{"password": marker}
		},
		"read replicas": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Database.ReadReplicas = []string{"chat:" + marker + "@db.example.com", "postgres://chat:" + marker + "@db"}
		},
		"object storage": func(spec *v1alpha1.MattermostConfigSpec) { spec.ObjectStorage.Endpoint = address },
		"object storage, no URL": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.ObjectStorage.Endpoint = "chat:" + marker + "@example.com"
		},
		"issuer": func(spec *v1alpha1.MattermostConfigSpec) { spec.SSO.IssuerURL = address },
		"endpoints": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.SSO.IssuerURL, spec.SSO.AuthEndpoint, spec.SSO.TokenEndpoint, spec.SSO.UserAPIEndpoint = "", address, address,
				address+"?x"
		},
		"search": func(spec *v1alpha1.MattermostConfigSpec) { spec.Elasticsearch.URL = address },
		"logs":   func(spec *v1alpha1.MattermostConfigSpec) { spec.Logging.FluentBit.Outputs[0].URL = address },
		"host":   func(spec *v1alpha1.MattermostConfigSpec) { spec.Host = "chat:" + marker + "@example.com" },
		"certificate": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.SSO.CA = &v1alpha1.CertificateAuthority{PEM: marker}
		},
		"settings": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Settings = v1alpha1.Settings{
				"ServiceSettings": {"SiteURL": {Value: "host=db password=" + marker}, "WebsocketURL": {Value: address}},
				"SqlSettings": {"DriverName": {Value: "mysql://chat:" + marker + "@db"}, "AtRestEncryptKey": {Value: marker},
					"DataSource": {Value: "mysql://chat:" + marker + "@db"}},
				"EmailSettings": {"SMTPPassword": {Value: []any{marker}}},
			}
		},
		"environment": func(spec *v1alpha1.MattermostConfigSpec) {
			spec.Env = nil
			for _, name := range []string{
				"MM_CONFIG", "MM_SQLSETTINGS_DATASOURCE", "MM_SQLSETTINGS_DRIVERNAME", "MM_SQLSETTINGS_ATRESTENCRYPTKEY",
				"MM_FILESETTINGS_PUBLICLINKSALT",
				"MM_FILESETTINGS_DRIVERNAME", "MM_FILESETTINGS_DIRECTORY", "MM_EMAILSETTINGS_SMTPPASSWORD",
				"MM_SERVICESETTINGS_SITEURL", "MM_LICENSE",
			} {
				values := []string{address, "host=db password=" + marker, "mysql://chat:" + marker + "@db"}
				if setting, ok := settings.FindEnv(name); !ok || setting.Sensitive {
					values = append(values, marker) // alone it cannot be distinguished from any other wrong value
				}
				for _, value := range values {
					spec.Env = append(spec.Env, corev1.EnvVar{Name: name, Value: value})
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := &v1alpha1.MattermostConfig{}
			fill(reflect.ValueOf(&config.Spec).Elem(), true)
			config.Spec.Database.InCluster, config.Spec.ObjectStorage.InCluster = nil, nil
			misplace(&config.Spec)
			mustNotTell(t, config)
		})
	}
}

// mustNotTell holds the configuration, all of whose fields count as given, against all rules.
func mustNotTell(t *testing.T, config *v1alpha1.MattermostConfig) {
	t.Helper()
	config.SetDefaults()
	report := &result.Reporter{}
	rules.Run(config, func(string) bool { return true }, noResources{}, time.Time{}, report)
	if len(report.Results) == 0 {
		t.Error("no rule reports anything, so this test is void")
	}
	for _, r := range report.Results {
		if strings.Contains(r.String(), marker) {
			t.Errorf("a result contains a secret: %s", r)
		}
	}
}

// fill sets every field of our own types, so that no section is missing: texts to an example, lists to one element,
// switches as given.
func fill(v reflect.Value, switches bool) {
	ours := v.Type().PkgPath() == "" || v.Type().PkgPath() == reflect.TypeFor[v1alpha1.MattermostConfig]().PkgPath()
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), switches)
	case reflect.Struct:
		if !ours {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), switches)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), switches)
	case reflect.String:
		if v.Type().PkgPath() == "" { // one of the enumerations is better left to its default
			v.SetString("example")
		}
	case reflect.Bool:
		v.SetBool(switches)
	}
}

// noResources are the resources of a run that sees no others.
type noResources struct{}

func (noResources) Has(_, _, _, _ string) bool { return false }

func (noResources) FluentBitConfigs(string) []*resourcelist.Item { return nil }

func (noResources) SecretKey(_, _, _ string) (string, plan.KeyState) { return "", plan.SecretMissing }

func (noResources) ConfigMapKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

func (noResources) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

func (noResources) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }
