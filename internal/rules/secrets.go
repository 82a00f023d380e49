// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
	"bigbang.dev/mattermost-fn/internal/sops"
)

func caBundles(s *subject) {
	v1alpha1.Each(s.MattermostConfig, func(field string, ca *v1alpha1.CertificateAuthority) {
		given := s.givenOf(field, "pem", "configMapKeyRef", "secretKeyRef")
		if len(given) != 1 || given[0] == "pem" && ca.PEM == "" {
			s.oneOf(field, "pem, configMapKeyRef and secretKeyRef", given)
			return
		}
		if ca.PEM != "" {
			certificates(s, field+".pem", ca.PEM)
		}
	})
}

// certificates checks that the text contains only PEM certificates, and no private key.
func certificates(s *subject, field, text string) {
	rest := []byte(strings.TrimSpace(text))
	found := 0
	for len(rest) > 0 {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = after
		if strings.Contains(block.Type, "PRIVATE KEY") {
			s.errorf(field, "contains a private key, but only certificates belong here; remove the key, "+
				"also from Git's history, and replace it")
			return
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			s.errorf(field, "block %d of type %q is not a certificate; keep only what is between BEGIN CERTIFICATE and END "+
				"CERTIFICATE, unchanged", found+1, block.Type)
			return
		}
		found++
		if !certificate.IsCA && !bytes.Equal(certificate.RawIssuer, certificate.RawSubject) {
			s.warnf(field, "certificate %d is that of a single server, not of an authority, "+
				"so it stops working when that server renews it; use the certificate of the authority that signed it", found)
		}
	}
	if found == 0 {
		s.errorf(field, "contains no certificate; expected -----BEGIN CERTIFICATE----- and so on, indented below \"pem: |\"")
	} else if len(strings.TrimSpace(string(rest))) > 0 {
		s.errorf(field, "has text after certificate %d that is not PEM; a line may be damaged or missing", found)
	}
}

// placeholder matches placeholders that Flux, kubectl, Helm or users replace later.
var placeholder = pattern(`^(\$\{[^{}]+\}|\$\([^()]+\)|\{\{.*\}\}|<[^<>]+>)$`)

// unfinished reports whether a value is empty, encrypted or a placeholder, so that it cannot be checked further.
func unfinished(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || sops.IsEncrypted(text) || placeholder().MatchString(text)
}

// visible returns a secret value that is in the configuration or in a Secret among the resources.
func (s *subject) visible(value *v1alpha1.SecretValue) (text string, ok bool) {
	switch {
	case value == nil || value.ExternalSecret != nil:
		return "", false
	case value.IsPlain():
		return value.Value, true
	}
	text, state := s.resources.SecretKey(s.Namespace, value.SecretKeyRef.Name, value.SecretKeyRef.Key)
	return text, state == plan.KeyFound
}

func secretText(s *subject) {
	v1alpha1.Each(s.MattermostConfig, func(field string, value *v1alpha1.SecretValue) {
		if !value.IsPlain() || !s.given(field) {
			return
		}
		isLicense := field == "spec.enterprise.license" // a file of several lines, perhaps
		trimmed := strings.TrimSpace(value.Value)
		switch {
		case trimmed == "":
			s.errorf(field, "is empty; set it to the value, {secretKeyRef: {name, key}} or {externalSecret: "+
				"{store: {name}, key}}")
		case sops.IsEncrypted(value.Value):
			s.errorf(field, "is encrypted (SOPS); decrypt it before the function runs, or use {secretKeyRef: {name, key}}")
		case placeholder().MatchString(trimmed) && slices.Contains(notSecret, field):
			s.warnf(field, "looks like a placeholder, which the servers would use literally unless it is replaced later; "+
				"set the value, or use {secretKeyRef: {name, key}}")
		case placeholder().MatchString(trimmed):
			s.warnf(field, "looks like a placeholder; it would be base64-encoded literally, "+
				"so later substitution cannot reach it. "+
				"Substitute it before the function runs, or use {secretKeyRef: {name, key}}")
		case isLicense:
		case trimmed != value.Value:
			s.errorf(field, "has a space or line break at its beginning or end, which would be part of the value; "+
				"remove it (a block with | keeps the last line break, |- does not)")
		case strings.ContainsFunc(value.Value, unicode.IsControl):
			s.errorf(field, "contains a control character such as a line break; remove it")
		}
	})
	normalizedPassword(s)
}

// notSecret are the fields that may refer to a Secret although their value is not secret.
var notSecret = []string{"spec.database.username", "spec.sso.clientID", "spec.openid.clientID"}

func plainSecrets(s *subject) {
	var fields []string
	v1alpha1.Each(s.MattermostConfig, func(field string, value *v1alpha1.SecretValue) {
		if value.IsPlain() && !slices.Contains(notSecret, field) && value.Value != "" && !sops.IsEncrypted(value.Value) &&
			!placeholder().MatchString(value.Value) {
			fields = append(fields, field)
		}
	})
	for _, given := range settings.Flatten(s.spec.Settings) {
		if isPlainSecret(given) {
			fields = append(fields, given.Field)
		}
	}
	slices.Sort(fields)
	if len(fields) > 0 {
		s.warnf(fields[0], "%s: anyone with access to this file, or to Git, can read it, "+
			"and kpt writes the emitted Secrets to disk. Keep it in your own Secret and write {secretKeyRef: {name, key}}, "+
			"or in a store that External Secrets reads and write {externalSecret: {store: {name}, key}}",
			inPlainText(fields))
	}
	pluginSecrets(s)
	plainVariables(s, "spec.env", s.spec.Env)
	for i, container := range s.spec.Pod.InitContainers {
		plainVariables(s, index("spec.pod.initContainers", i)+".env", container.Env)
	}
	for i, container := range s.spec.Pod.Sidecars {
		plainVariables(s, index("spec.pod.sidecars", i)+".env", container.Env)
	}
}

// inPlainText returns the beginning of the message about secrets in fields; the message follows the first field.
func inPlainText(fields []string) string {
	if len(fields) == 1 {
		return "secret in plain text"
	}
	return "secrets in plain text, here and in " + strings.Join(fields[1:], ", ")
}

// isPlainSecret reports whether a setting is a secret, or contains one, that is written here.
func isPlainSecret(given settings.Given) bool {
	setting, ok := settings.Find(given.Section, given.Key)
	if !ok || setting.Unsettable != "" || !given.Value.IsPlain() || setting.Unneeded(given.Value.Value) {
		return false
	}
	text, err := setting.Encode(given.Value.Value)
	if err != nil {
		return setting.Sensitive
	}
	return text != "" && (setting.Sensitive || settings.HoldsUserInfo(text) || len(settings.SecretMembers(text)) > 0)
}

// pluginSecrets finds secrets in the settings of plugins. A part of them cannot be a reference, since the server reads
// them as one value.
func pluginSecrets(s *subject) {
	for _, id := range slices.Sorted(maps.Keys(orEmpty(s.spec.Plugins).Settings)) {
		text, err := json.Marshal(orEmpty(s.spec.Plugins).Settings[id].Value)
		if err != nil {
			continue // reported by the rule about plugins
		}
		for _, member := range settings.SecretMembers(string(text)) {
			s.warnf(entry("spec.plugins.settings", id), "secret in plain text at %q: anyone with access to this file, "+
				"or to Git, can read it. A single value cannot be a reference; to keep it elsewhere, "+
				"put the settings of all plugins as JSON into your own Secret and write settings: {PluginSettings: {Plugins: "+
				"{secretKeyRef: {name, key}}}}", member)
		}
	}
}

var (
	secretVariable = pattern(
		`(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY|CREDENTIALS?)(_|$)|` +
			`(PASSWORD|SECRET|SECRETACCESSKEY|ENCRYPTKEY|SALT|APIKEY|TOKEN|` +
			`_(API|ACCESS|PRIVATE|ENCRYPTION|SIGNING)_KEY)$|^MM_LICENSE$`)
	// aboutSecret matches variables that describe a secret but do not contain it.
	aboutSecret = pattern(
		`_(FILE|PATH|DIR|NAME|ID|URL|URI|ENDPOINT|ENABLED|TTL|LENGTH|EXPIRY|EXPIRATION|` +
			`TIMEOUT|TYPE|HEADER|ISSUER|AUDIENCE|VERSION)$`)
	// connectionVariable matches variables with a connection, which contains a secret if it has a user.
	connectionVariable = pattern(`(DATASOURCE|DATASOURCEREPLICAS|DATASOURCESEARCHREPLICAS|DSN)$|^MM_CONFIG$`)
)

// plainVariables reports variables of containers with a secret as their value. They are Kubernetes fields, so they are
// emitted unchanged.
func plainVariables(s *subject, field string, variables []corev1.EnvVar) {
	for i, variable := range variables {
		setting, isSetting := settings.FindEnv(variable.Name)
		if isSetting && setting.Sensitive && field == "spec.env" {
			continue // environmentSettings rejects it
		}
		if !isSecretVariable(variable, setting, isSetting) {
			continue
		}
		s.warnf(index(field, i)+".value", "%s: secret in plain text, which would be in the Mattermost resource, "+
			"where anyone with access to it can read it; use valueFrom: {secretKeyRef: {name, key}}", variable.Name)
	}
}

func isSecretVariable(variable corev1.EnvVar, setting settings.Setting, isSetting bool) bool {
	value := variable.Value
	switch {
	case value == "" || placeholder().MatchString(value):
		return false
	case settings.HoldsUserInfo(value), connectionVariable().MatchString(variable.Name) && strings.Contains(value, "@"):
		return true
	case variable.Name == settings.AdditionalAudit:
		return len(settings.SecretMembers(value)) > 0
	case isSetting:
		return setting.Sensitive || (setting.Type == settings.Map || setting.Type == settings.JSON) &&
			len(settings.SecretMembers(value)) > 0
	}
	_, err := strconv.ParseBool(value)
	return err != nil && secretVariable().MatchString(variable.Name) && !aboutSecret().MatchString(variable.Name)
}

// savedSecrets reports which secrets of its environment the server saves in clear text.
func savedSecrets(s *subject, p *plan.Plan) {
	for _, variable := range p.Env {
		if setting, ok := settings.FindEnv(variable.Name); ok && setting.Sensitive && setting.SavedInClear() &&
			s.given(variable.Field) {
			s.infof(variable.Field, "the server does not notice that %s comes from its environment: "+
				"once anyone saves the configuration in the System Console, its database has the value in clear text. "+
				"Restrict who can read the table Configurations", setting.Name())
		}
	}
}

// notAName does not quote the name: some users write the secret itself instead of a reference to a Secret.
const notAName = "is not a valid object name; write lower-case letters, digits, dots and hyphens"

func references(s *subject) {
	name := func(field, name string) {
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			s.errorf(field, notAName)
		}
	}
	v1alpha1.Each(s.MattermostConfig, func(field string, ref *v1alpha1.KeyRef) {
		if ref.Name == "" {
			s.errorf(field+".name", "is required; set it to the name of the object in the namespace %s", s.Namespace)
		} else {
			name(field+".name", ref.Name)
		}
		if ref.Key == "" {
			s.errorf(field+".key", "is required; set it to the key in the object's data")
		} else if len(validation.IsConfigMapKey(ref.Key)) > 0 {
			s.errorf(field+".key", "is not a valid key; write letters, digits, dots, hyphens and underscores")
		}
	})
	named := map[string]string{
		"spec.database.existingSecret":      s.spec.Database.ExistingSecret,
		"spec.objectStorage.existingSecret": s.spec.ObjectStorage.ExistingSecret,
		"spec.route.tlsSecret":              s.spec.Route.TLSSecret,
		"spec.route.ingressClass":           s.spec.Route.IngressClass,
		"spec.route.sectionName":            s.spec.Route.SectionName,
	}
	if in := s.spec.Database.InCluster; in != nil && in.Storage != nil {
		named["spec.database.inCluster.storage.storageClassName"] = in.Storage.StorageClassName
	}
	if in := s.spec.ObjectStorage.InCluster; in != nil && in.Storage != nil {
		named["spec.objectStorage.inCluster.storage.storageClassName"] = in.Storage.StorageClassName
	}
	for field, value := range named {
		if value != "" {
			name(field, value)
		}
	}
	for i, secret := range *s.spec.Image.PullSecrets {
		name(index("spec.image.pullSecrets", i), secret)
	}
	ownSecrets(s)
}

// ownSecrets reports references to a Secret that the function itself emits: it would overwrite the user's Secret, and
// whatever creates that in the cluster would overwrite the emitted one.
func ownSecrets(s *subject) {
	emitted := s.names()
	find := func(field string, value *v1alpha1.SecretValue, secrets ...string) {
		if value != nil && value.SecretKeyRef != nil && slices.Contains(secrets, value.SecretKeyRef.Name) {
			s.errorf(field+".secretKeyRef.name", "%q is the name of a Secret that the function emits; "+
				"use a Secret with another name", value.SecretKeyRef.Name)
		}
	}
	database, files := s.spec.Database, s.spec.ObjectStorage
	find("spec.database.password", database.Password, emitted.DatabaseSecretName())
	if in := database.InCluster; in != nil {
		find("spec.database.inCluster.password", in.Password, emitted.DatabaseSecretName())
	}
	if !operatorKeys(files.AccessKey, files.AccessSecret) {
		find("spec.objectStorage.accessKey", files.AccessKey, emitted.FilesSecretName())
		find("spec.objectStorage.accessSecret", files.AccessSecret, emitted.FilesSecretName())
	}
	if in := files.InCluster; in != nil {
		secrets := []string{emitted.FilesConfigSecretName(), emitted.FilesSecretName()}
		if operatorKeys(in.AccessKey, in.AccessSecret) {
			secrets = secrets[:1]
		}
		find("spec.objectStorage.inCluster.accessKey", in.AccessKey, secrets...)
		find("spec.objectStorage.inCluster.accessSecret", in.AccessSecret, secrets...)
	}
	if sso := s.spec.SSO; sso.ClientID != nil && sso.ClientSecret != nil {
		if sso.ClientSecret.SecretKeyRef == nil { // otherwise nothing is emitted
			find("spec.sso.clientID", sso.ClientID, emitted.SSOSecretName())
		}
		if sso.ClientID.ExternalSecret != nil {
			find("spec.sso.clientSecret", sso.ClientSecret, emitted.SSOClientSecretName())
		}
	}
	settingsSecrets := []string{emitted.SettingsSecretName(), emitted.ExternalSettingsSecretName()}
	for field, value := range map[string]*v1alpha1.SecretValue{
		"spec.ldap.bindPassword":   orEmpty(s.spec.LDAP).BindPassword,
		"spec.openid.clientID":     orEmpty(s.spec.OpenID).ClientID,
		"spec.openid.clientSecret": orEmpty(s.spec.OpenID).ClientSecret,
		"spec.email.password":      orEmpty(s.spec.Email).Password,
		"spec.compliance.export.globalRelay.password": orEmpty(
			orEmpty(orEmpty(s.spec.Compliance).Export).GlobalRelay).Password,
		"spec.redis.password": orEmpty(s.spec.Redis).Password,
	} {
		find(field, value, settingsSecrets...)
	}
	for _, given := range settings.Flatten(s.spec.Settings) {
		find(given.Field, &v1alpha1.SecretValue{SecretKeyRef: given.Value.SecretKeyRef}, settingsSecrets...)
	}
	for i, output := range s.spec.Logging.FluentBit.Outputs {
		find(index("spec.logging.fluentBit.outputs", i)+".password", output.Password, emitted.LogSecretName(output.Name))
	}
}

// operatorKeys reports whether one Secret contains both keys under the names that the Mattermost operator reads, so
// that the operator uses it and none is emitted.
func operatorKeys(accessKey, accessSecret *v1alpha1.SecretValue) bool {
	if accessKey == nil || accessSecret == nil || accessKey.SecretKeyRef == nil || accessSecret.SecretKeyRef == nil {
		return false
	}
	key, secret := accessKey.SecretKeyRef, accessSecret.SecretKeyRef
	return key.Name == secret.Name && key.Key == "accesskey" && secret.Key == "secretkey"
}

func uncheckedTLS(s *subject) {
	if s.spec.Elasticsearch.Enabled && s.spec.Elasticsearch.SkipTLSVerify {
		s.warnf("spec.elasticsearch.skipTLSVerify", "the certificate is not verified, so a man-in-the-middle can read and "+
			"change searches; set spec.elasticsearch.ca instead")
	}
	for i, output := range s.spec.Logging.FluentBit.Outputs {
		if output.SkipTLSVerify {
			s.warnf(index("spec.logging.fluentBit.outputs", i)+".skipTLSVerify", "the certificate is not verified, "+
				"so a man-in-the-middle can read the password and all log lines; set caFile instead")
		}
	}
	if ldap := orEmpty(s.spec.LDAP); ldap.Enabled {
		unencrypted(s, "spec.ldap.connectionSecurity", ldap.ConnectionSecurity, ldap.Server)
	}
	email := orEmpty(s.spec.Email)
	unencrypted(s, "spec.email.connectionSecurity", email.ConnectionSecurity, email.Server)
	uncheckedSettings(s)
	if database := s.spec.Database; database.IsExternal() && !inCluster(database.Host) {
		const fix = "use require, or better verify-full with spec.database.ca"
		switch database.SSLMode {
		case "disable":
			s.warnf("spec.database.sslMode", "disable sends messages and the password unencrypted; %s", fix)
		case "allow", "prefer":
			s.warnf("spec.database.sslMode", "%s allows a downgrade: a man-in-the-middle can force an unencrypted connection "+
				"for messages and the password; %s", database.SSLMode, fix)
		}
	}
}

// insecure are settings that disable the verification of certificates or signatures, and the consequences.
var insecure = map[string]struct {
	unchecked func(value string) bool
	then      string
}{
	"MM_EMAILSETTINGS_SKIPSERVERCERTIFICATEVERIFICATION": {isOn,
		"a man-in-the-middle can read every e-mail and the password; set spec.email.ca instead"},
	"MM_LDAPSETTINGS_SKIPCERTIFICATEVERIFICATION": {isOn,
		"a man-in-the-middle can read every password and log in as any user; set spec.ldap.ca instead"},
	"MM_ELASTICSEARCHSETTINGS_SKIPTLSVERIFICATION": {isOn,
		"a man-in-the-middle can read and change searches; set spec.elasticsearch.ca instead"},
	"MM_SERVICESETTINGS_ENABLEINSECUREOUTGOINGCONNECTIONS": {isOn, "a man-in-the-middle can impersonate the identity " +
		"provider or services of integrations; set ca in the section of the service instead"},
	"MM_FILESETTINGS_AMAZONS3SSL": {isOff, "files and keys are sent unencrypted; write the scheme of the service in " +
		"spec.objectStorage.endpoint instead"},
	"MM_SAMLSETTINGS_VERIFY": {isOff, "anyone can forge a response of the identity provider and log in as " +
		"any user; remove it"},
}

// uncheckedSettings is uncheckedTLS for spec.settings and spec.env.
func uncheckedSettings(s *subject) {
	for _, variable := range s.variables() {
		if setting, ok := insecure[variable.name]; ok && variable.known && setting.unchecked(variable.value) {
			s.warnf(variable.field, "%sdisables the protection of the connection: %s", variable.prefix(), setting.then)
		}
	}
}

// unencrypted reports a connection to an external service without TLS.
func unencrypted(s *subject, field, security, host string) {
	if security == "None" && host != "" && !inCluster(host) {
		s.warnf(field, "None sends passwords and messages unencrypted; use TLS or STARTTLS")
	}
}

func unmaintained(s *subject) {
	if in := s.spec.ObjectStorage.InCluster; in != nil && in.Engine == v1alpha1.EngineMinIO {
		s.warnf("spec.objectStorage.inCluster.engine", "MinIO's community edition was archived in April 2026 and gets no "+
			"security fixes; use an external S3 service, or a volume for one replica")
	}
	if s.spec.Route.Type == v1alpha1.RouteIngress && s.spec.Route.IngressClass == "nginx" {
		s.warnf("spec.route.ingressClass", "nginx is the class of ingress-nginx, which was retired in March 2026 and gets "+
			"no security fixes; use a route of type gatewayAPI or istio, or another controller (this does not concern F5's "+
			"NGINX controller, whose class has the same name)")
	}
}
