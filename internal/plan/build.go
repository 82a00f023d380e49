// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// Stream reads the other resources of the input. A kustomize generator sees none.
type Stream interface {
	// SecretKey reads one key of a Secret.
	SecretKey(namespace, name, key string) (string, KeyState)
	// ConfigMapKey reads one key of a ConfigMap. SecretMissing means that the ConfigMap is not among the resources.
	ConfigMapKey(namespace, name, key string) (string, KeyState)
	// Earlier returns an object that an earlier run emitted for the owner, or handed over when the owner no longer needed
	// it. It returns nil if there is none.
	Earlier(owner, group, kind, namespace, name string) *resourcelist.Item
	// Foreign returns an object that mattermost-fn does not manage; nil if there is none.
	Foreign(group, kind, namespace, name string) *resourcelist.Item
}

// KeyState is the outcome of reading a key of a Secret.
type KeyState int

// The outcomes of reading a key.
const (
	// KeyFound: the value is readable.
	KeyFound KeyState = iota
	// SecretMissing: no such Secret is among the resources.
	SecretMissing
	// KeyMissing: the Secret exists, but the key does not, or is empty.
	KeyMissing
	// KeyEncrypted: the value is encrypted by SOPS.
	KeyEncrypted
	// KeyUnreadable: the value is not base64, or not text.
	KeyUnreadable
	// SecretSealed: there is a SealedSecret of that name, which only the cluster can decrypt.
	SecretSealed
	// SecretFetched: there is an ExternalSecret of that name, from which the cluster creates the Secret.
	SecretFetched
)

// New resolves a configuration whose defaults are set and that has passed the rules. Given reports whether a field is
// set in the configuration. Problems that only appear here, such as a Secret that cannot be read, are reported.
func New(config *v1alpha1.MattermostConfig, given func(field string) bool, stream Stream,
	report *result.Reporter) *Plan {
	b := &builder{
		Plan: &Plan{
			Names:              NamesOf(config),
			DeletionProtection: *config.Spec.DeletionProtection,
		},
		spec:     &config.Spec,
		given:    given,
		stream:   stream,
		report:   report,
		secrets:  map[string]*Secret{},
		external: map[string]*ExternalSecret{},
		known:    map[string]string{},
		unseen:   map[Source]bool{},
	}
	// The basics, which later phases read: the image, the edition, the number of servers and the license.
	b.identity()
	b.size()
	b.license()

	// What every server needs, and where it stores messages and files.
	b.server()
	b.authorities()
	b.database()
	b.serviceAccount()
	b.files()

	// Optional features. Each sets its own variables, in the order in which they are emitted.
	b.sso()
	b.elasticsearch()
	b.ldap()
	b.saml()
	b.openID()
	b.email()
	b.push()
	b.compliance()
	b.retention()
	b.guests()
	b.redis()
	b.plugins()
	b.calls()

	// How the servers are reached, observed and scheduled.
	b.route()
	b.service()
	b.networkPolicies()
	b.onlineServices()
	b.monitoring()
	b.logging()
	b.pod()
	b.namespace()

	// The user's own settings override all variables above, and spec.env overrides both.
	b.userSettings()
	b.userEnvironment()
	b.checkMaxOpenConns()

	// Last, because they depend on everything: order, and checksums of what the pods read.
	b.finish()
	return b.Plan
}

type builder struct {
	*Plan
	spec   *v1alpha1.MattermostConfigSpec
	given  func(string) bool
	stream Stream
	report *result.Reporter

	secrets  map[string]*Secret
	external map[string]*ExternalSecret
	// known contains the values that the pods read when they start, by place, for the checksum; unseen those that cannot
	// be read here.
	known  map[string]string
	unseen map[Source]bool
}

func (b *builder) identity() {
	host := b.spec.Host
	if host == "" {
		host = "chat." + b.spec.Domain
	}
	b.Site = &url.URL{Scheme: "https", Host: strings.ToLower(host)}
	b.Profile = b.spec.Profile
	b.Edition = b.spec.Edition
	b.Enterprise = b.spec.Enterprise.Enabled

	image := b.spec.Image
	b.Image = Image{
		Repository:  image.Repository,
		Version:     b.spec.Version,
		Tag:         b.spec.Version,
		Reference:   image.Repository + ":" + b.spec.Version,
		PullPolicy:  image.PullPolicy,
		PullSecrets: *image.PullSecrets,
	}
	if image.Digest != "" {
		b.Image.Tag = image.Digest
		b.Image.Reference = image.Repository + "@" + image.Digest
	}
}

// license passes the license to the operator and to the server. The operator mounts the file, which the server reads
// only while its database has no license; MM_LICENSE wins over both, so that a renewed license is used
// (server/channels/app/platform/license.go).
func (b *builder) license() {
	value := b.spec.Enterprise.LicenseValue()
	if !b.Enterprise || value == nil {
		return
	}
	ref := b.secretRef(b.LicenseSecretName(), ownership.ComponentLicense, "license", value, "spec.enterprise.license")
	b.setSecretEnv(v1alpha1.LicenseVariable, ref, "spec.enterprise.license")
	if isLicenseFile(value) {
		b.LicenseSecret = ref.Name
	} else {
		b.report.Report(result.Info, "", "spec.enterprise.license",
			"the server reads key %q of Secret %s only as MM_LICENSE: the operator's licenseSecret reads only "+
				"the key \"license\"", ref.Key, ref.Name)
	}
}

// isLicenseFile reports whether the operator mounts the license: it reads only the key "license", which Secrets of the
// function and of External Secrets have too.
func isLicenseFile(value *v1alpha1.SecretValue) bool {
	return value.SecretKeyRef == nil || value.SecretKeyRef.Key == "license"
}

// server sets what every server needs.
func (b *builder) server() {
	// With spec.domain the host is a default, which may be overridden without a warning.
	b.setEnv("MM_SERVICESETTINGS_SITEURL", b.Site.String(), "spec.host")
	// The operator always turns clustering and metrics on. Without a license, clustering has no effect, and metrics open
	// an unauthenticated profiler on port 8067 (server/channels/app/platform/metrics.go).
	b.setEnv("MM_CLUSTERSETTINGS_ENABLE", fmt.Sprint(b.Enterprise), "spec.enterprise.enabled")
	b.setEnv("MM_METRICSSETTINGS_ENABLE", fmt.Sprint(b.Enterprise && b.spec.Monitoring.Enabled), "spec.monitoring.enabled")
	b.setEnv("MM_LOGSETTINGS_ENABLECONSOLE", "true", noField)
	b.setEnv("MM_LOGSETTINGS_CONSOLELEVEL", b.spec.Logging.Level, "spec.logging.level")
	b.setEnv("MM_LOGSETTINGS_CONSOLEJSON", fmt.Sprint(*b.spec.Logging.JSON), "spec.logging.json")
	// Nothing reads a log file in the container, and it fills the node's disk.
	b.setEnv("MM_LOGSETTINGS_ENABLEFILE", "false", noField)
}

// noField is the field of a value that no field of the configuration sets, so setting it elsewhere conflicts with
// nothing.
const noField = ""

// setEnv sets an environment variable of the server. Field is the field of the configuration that the value comes from.
func (b *builder) setEnv(name, value, field string) {
	b.Env = append(b.Env, Variable{EnvVar: corev1.EnvVar{Name: name, Value: value}, Field: field})
}

// setSecretEnv sets an environment variable of the server from a key of a Secret.
func (b *builder) setSecretEnv(name string, ref v1alpha1.KeyRef, field string) {
	b.Env = append(b.Env, Variable{EnvVar: EnvFromSecret(name, ref), Field: field})
}

// EnvFromSecret returns an environment variable with the value of a key of a Secret.
func EnvFromSecret(name string, ref v1alpha1.KeyRef) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: ref.Name}, Key: ref.Key,
	}}}
}

// storeOf returns the field that decides an environment variable about where messages or files are; empty for any other
// variable. The operator sets some of them itself, and what is emitted, waited for and backed up follows the field.
func (b *builder) storeOf(variable Variable) string {
	switch variable.Name {
	case "MM_CONFIG", "MM_SQLSETTINGS_DATASOURCE":
		return "spec.database"
	case "MM_FILESETTINGS_DRIVERNAME":
		if variable.ValueFrom == nil && variable.Value != b.Files.driver() {
			return "spec.objectStorage"
		}
	case "MM_FILESETTINGS_AMAZONS3BUCKET", "MM_FILESETTINGS_AMAZONS3ENDPOINT":
		if b.Files.S3 != nil {
			return "spec.objectStorage"
		}
	}
	return ""
}

// storeFix returns what to do about a variable that decides where messages or files are.
func storeFix(store, value string) string {
	switch {
	case store == "spec.database":
		return "Describe the other one in spec.database (a connection of your own in spec.database.existingSecret), and " +
			"remove this"
	case value == azureDriver:
		return "It takes effect together with AzureStorageAccount and AzureContainer, if spec.objectStorage describes no " +
			"other store; or describe the container in spec.objectStorage.azure, and remove this"
	}
	return "Describe the other one in spec.objectStorage (endpoint and bucket of an S3 service, azure, or inCluster), " +
		"and remove this"
}

// override sets an environment variable of the server, and replaces the value of an earlier field.
func (b *builder) override(variable Variable) {
	store := b.storeOf(variable)
	if store != "" {
		b.report.Report(result.Warning, ruleid.SetTwice, variable.Field,
			"%s contradicts %s or its default: the function emits, waits for and backs up that one, "+
				"but the server would use another one. %s", variable.Name, store, storeFix(store, variable.Value))
	}
	at := slices.IndexFunc(b.Env, func(v Variable) bool { return v.Name == variable.Name })
	if at < 0 {
		b.Env = append(b.Env, variable)
		return
	}
	if earlier := b.Env[at].Field; b.given(earlier) && store == "" {
		b.report.Report(result.Warning, ruleid.SetTwice, variable.Field, "%s is also set by %s; the value here wins. "+
			"Keep one of the two", variable.Name, earlier)
	}
	b.Env[at] = variable
}

// userEnvironment sets spec.env, which overrides fields and settings.
func (b *builder) userEnvironment() {
	for i, variable := range b.spec.Env {
		b.override(Variable{EnvVar: variable, Field: fmt.Sprintf("spec.env[%d]", i), Verbatim: true})
	}
}

// secretRef returns the reference to a secret value: in the user's Secret, in an emitted one, or in one that External
// Secrets creates.
func (b *builder) secretRef(secret string, component ownership.Component, key string, value *v1alpha1.SecretValue,
	field string) v1alpha1.KeyRef {
	if value.SecretKeyRef != nil {
		if component == "license" { // which may have line breaks
			b.secretExists(*value.SecretKeyRef, field)
		} else {
			b.checkSecret(*value.SecretKeyRef, field)
		}
		return *value.SecretKeyRef
	}
	if value.ExternalSecret != nil {
		b.externalSecret(secret, component).fetch(key, *value.ExternalSecret)
	} else {
		b.putSecret(secret, component, key, value.Value)
	}
	return v1alpha1.KeyRef{Name: secret, Key: key}
}

// checkSecret reports a value for the pods that is missing or wrong, if the Secret is among the resources. Otherwise it
// may be in the cluster.
func (b *builder) checkSecret(ref v1alpha1.KeyRef, field string) {
	b.secretExists(ref, field)
	if text, state := b.stream.SecretKey(b.Namespace, ref.Name, ref.Key); state == KeyFound {
		if err := strayWhitespace(text); err != nil {
			b.report.Report(result.Error, "", field, "key %q of Secret %s %v", ref.Key, ref.Name, err)
		}
	}
}

// secretExists reports a missing key of a Secret that is among the resources.
func (b *builder) secretExists(ref v1alpha1.KeyRef, field string) {
	if _, state := b.stream.SecretKey(b.Namespace, ref.Name, ref.Key); state == KeyMissing {
		b.report.Report(result.Error, "", field, "Secret %s, which is among the resources, has no value for key %q; "+
			"correct the key, or add it to the Secret", ref.Name, ref.Key)
	}
}

// configMapExists reports a missing key of a ConfigMap that is among the resources.
func (b *builder) configMapExists(ref v1alpha1.KeyRef, field string) {
	if _, state := b.stream.ConfigMapKey(b.Namespace, ref.Name, ref.Key); state == KeyMissing {
		b.report.Report(result.Error, "", field, "ConfigMap %s, which is among the resources, has no value for key %q; "+
			"correct the key, or add it to the ConfigMap", ref.Name, ref.Key)
	}
}

// secretText returns a secret value that must become part of a larger one. It does not handle values that External
// Secrets fetches: then the larger one is a template.
func (b *builder) secretText(value *v1alpha1.SecretValue, field, instead string) (string, bool) {
	if value.SecretKeyRef == nil {
		return value.Value, true
	}
	ref := *value.SecretKeyRef
	text, state := b.stream.SecretKey(b.Namespace, ref.Name, ref.Key)
	switch state {
	case KeyFound:
		err := strayWhitespace(text)
		if err == nil {
			return text, true
		}
		b.report.Report(result.Error, "", field, "key %q of Secret %s %v", ref.Key, ref.Name, err)
	case KeyMissing:
		b.secretExists(ref, field)
	default:
		why, way := unknown(state, ref)
		b.report.Report(result.Error, "", field, "the value must become part of a larger one, but %s. Options: %s; "+
			"use {externalSecret: {store: {name}, key}}, if External Secrets runs in the cluster, "+
			"which then composes it there; %sor write the value here in plain text",
			why, instead, way)
	}
	return "", false
}

// unknown returns why a value cannot be read here, and what to do about that.
func unknown(state KeyState, ref v1alpha1.KeyRef) (why, way string) {
	switch state {
	case KeyEncrypted:
		return fmt.Sprintf("key %q of Secret %s is encrypted (SOPS)", ref.Key, ref.Name),
			"decrypt it before the function runs; "
	case KeyUnreadable:
		return fmt.Sprintf("key %q of Secret %s is not base64, or not text", ref.Key, ref.Name), "correct the Secret; "
	case SecretSealed:
		return fmt.Sprintf("Secret %s is sealed: only the cluster can decrypt SealedSecret %s", ref.Name, ref.Name), ""
	case SecretFetched:
		return fmt.Sprintf("Secret %s is created in the cluster from ExternalSecret %s", ref.Name, ref.Name), ""
	}
	return fmt.Sprintf("Secret %s is not among the resources (a kustomize generator sees none)", ref.Name),
		"run the function where it sees the Secret (a kustomize transformer, a kpt package that contains it, " +
			"or the command with the Secret's file too); "
}

// putSecret adds a key to a Secret that is emitted.
func (b *builder) putSecret(name string, component ownership.Component, key, value string) {
	secret := b.secrets[name]
	if secret == nil {
		secret = &Secret{Name: name, Component: component, Data: map[string]string{}}
		b.secrets[name] = secret
	}
	secret.Data[key] = value
}

// isReadByServers reports whether the servers read a Secret, rather than Fluent Bit or CloudNativePG's import alone.
func (b *builder) isReadByServers(name string, component ownership.Component) bool {
	return component != ownership.ComponentLogging && name != b.DatabaseImportSecretName() &&
		name != b.DatabaseImportCASecretName()
}

// finish sorts what was collected and computes the checksum.
func (b *builder) finish() {
	for _, secret := range b.secrets {
		b.Secrets = append(b.Secrets, *secret)
		if !b.isReadByServers(secret.Name, secret.Component) {
			continue
		}
		for key, value := range secret.Data {
			b.known["Secret/"+secret.Name+"/"+key] = value
		}
	}
	sort.Slice(b.Secrets, func(i, j int) bool { return b.Secrets[i].Name < b.Secrets[j].Name })
	b.finishExternal()
	b.Database.WaitEnv = b.waitEnvironment()
	b.scrapeAnnotations()
	b.restarts()
}
