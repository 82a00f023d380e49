// SPDX-License-Identifier: Apache-2.0

package importer

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
)

//go:embed fields.tsv
var fieldsTable string

// settingField is a setting of the server that a field of the configuration sets.
type settingField struct {
	// field below spec.
	field string
	// form is how the value is written in the field.
	form string
}

// settingFields are the fields by the name of the setting, such as LdapSettings.LdapServer.
var settingFields = sync.OnceValue(func() map[string]settingField {
	fields := map[string]settingField{}
	for line := range strings.Lines(fieldsTable) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		fields[columns[0]] = settingField{columns[1], columns[2]}
	}
	return fields
})

// feature is a section of the configuration that is translated as a whole, or not at all: where one of its settings
// has a value from elsewhere, or a field that must be set is not known, all of them become settings.
type feature struct {
	// section below spec.
	section string
	// enabledBy are settings that must be true, and required those that must be known.
	enabledBy, required []string
	// equals are settings that must have a value.
	equals map[string]string
	// after is a field that must be set already.
	after string
	// together are settings of which all or none must be given.
	together []string
	// defaults are values that the server has without a setting, where the field has another default.
	defaults map[string]any
}

var features = []feature{
	{section: "sso", enabledBy: []string{"GitLabSettings.Enable"},
		required: []string{"GitLabSettings.Id", "GitLabSettings.Secret", "GitLabSettings.AuthEndpoint",
			"GitLabSettings.TokenEndpoint", "GitLabSettings.UserAPIEndpoint"}},
	{section: "openid", enabledBy: []string{"OpenIdSettings.Enable"},
		required: []string{"OpenIdSettings.Id", "OpenIdSettings.Secret", "OpenIdSettings.DiscoveryEndpoint"}},
	{section: "ldap", enabledBy: []string{"LdapSettings.Enable"},
		required: []string{"LdapSettings.LdapServer", "LdapSettings.BaseDN", "LdapSettings.IdAttribute",
			"LdapSettings.UsernameAttribute"},
		defaults: map[string]any{"ldap.connectionSecurity": "None", "ldap.port": 389}},
	{section: "saml", enabledBy: []string{"SamlSettings.Enable"},
		required: []string{"SamlSettings.IdpURL", "SamlSettings.IdpDescriptorURL"}},
	{section: "elasticsearch", enabledBy: []string{"ElasticsearchSettings.EnableIndexing"},
		required: []string{"ElasticsearchSettings.ConnectionURL"}},
	{section: "email", together: []string{"EmailSettings.SMTPUsername", "EmailSettings.SMTPPassword"},
		required: []string{"EmailSettings.SMTPServer", "EmailSettings.FeedbackEmail"},
		defaults: map[string]any{"email.connectionSecurity": "None", "email.port": 10025}},
	{section: "push", enabledBy: []string{"EmailSettings.SendPushNotifications"},
		required: []string{"EmailSettings.PushNotificationServer"}},
	{section: "guests", enabledBy: []string{"GuestAccountsSettings.Enable"}},
	{section: "compliance.monitoring"},
	{section: "compliance.export", enabledBy: []string{"MessageExportSettings.EnableExport"}},
	// Days and hours alone delete nothing.
	{section: "retention.messageDays", enabledBy: []string{"DataRetentionSettings.EnableMessageDeletion"}},
	{section: "retention.messageHours", enabledBy: []string{"DataRetentionSettings.EnableMessageDeletion"}},
	{section: "retention.fileDays", enabledBy: []string{"DataRetentionSettings.EnableFileDeletion"}},
	{section: "retention.fileHours", enabledBy: []string{"DataRetentionSettings.EnableFileDeletion"}},
	{section: "retention.deletionTime", after: "spec.retention"},
	{section: "retention.keepPinned", after: "spec.retention"},
	{section: "redis", equals: map[string]string{"CacheSettings.CacheType": "redis"},
		required: []string{"CacheSettings.RedisAddress"}},
	{section: "plugins"},
	{section: "logging"},
}

// decided are variables that the configuration decides in another way, by name.
var decided = map[string]string{
	"MM_CLUSTERSETTINGS_ENABLE":        "follows enterprise.enabled",
	"MM_CLUSTERSETTINGS_CLUSTERNAME":   "the operator sets it",
	"MM_METRICSSETTINGS_ENABLE":        "follows monitoring.enabled",
	"MM_METRICSSETTINGS_LISTENADDRESS": "the operator sets it",
	"MM_SQLSETTINGS_DRIVERNAME":        "PostgreSQL is the only driver of Mattermost 11",
	"MM_FILESETTINGS_DRIVERNAME":       "follows objectStorage",
	"MM_FILESETTINGS_DIRECTORY":        "the operator sets it to the mount of the volume",
	"MM_INSTALL_TYPE":                  "the operator sets it",
}

// environment translates the variables of the server: to fields where there are some, to settings, to env.
func (t *translation) environment() error {
	t.dropDuplicates()
	t.siteURL()
	t.notifications()
	t.storeVariables()
	for _, f := range features {
		t.feature(f)
	}
	return t.remainingVariables()
}

// dropDuplicates keeps the last of several variables of one name, as the operator does.
func (t *translation) dropDuplicates() {
	var kept []variable
	for i, v := range t.variables {
		later := slices.IndexFunc(t.variables[i+1:], func(other variable) bool { return other.name == v.name })
		if later < 0 {
			kept = append(kept, v)
			continue
		}
		if winner := t.variables[i+1+later]; v.from != nil && (winner.from == nil || winner.from.path != v.from.path) {
			t.unnecessary(v.from, fmt.Sprintf("%s is set again by %s, which wins", v.name, winner.key()))
		}
	}
	t.variables = kept
}

// notifications keeps e-mail on where only its server is set: without spec.email mattermost-fn turns it off.
func (t *translation) notifications() {
	const sends = "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS"
	server := t.find("MM_EMAILSETTINGS_SMTPSERVER")
	email := server != nil && (server.valueFrom != nil || server.text != "")
	from := t.find("MM_EMAILSETTINGS_FEEDBACKEMAIL")
	if email && (from == nil || from.valueFrom == nil && from.text == "") && t.find(sends) == nil {
		t.variables = append(t.variables, variable{name: sends, text: "true", why: "the server's default"})
		t.todo("the sender of e-mail is not in the input: set email.from, and move the settings of EmailSettings to " +
			"spec.email")
	}
	push := t.find("MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS") != nil
	if !email || !push {
		t.change("mattermost-fn turns e-mail and push notifications off unless spec.email and spec.push are set, also " +
			"where they are set in the System Console: set them if they are in use")
	}
}

// take removes a variable and returns it; nil if there is none.
func (t *translation) take(name string) *variable {
	i := slices.IndexFunc(t.variables, func(v variable) bool { return v.name == name })
	if i < 0 {
		return nil
	}
	taken := t.variables[i]
	t.variables = slices.Delete(t.variables, i, i+1)
	return &taken
}

// find returns the variable of a setting without removing it; nil if there is none.
func (t *translation) find(name string) *variable {
	i := slices.IndexFunc(t.variables, func(v variable) bool { return v.name == name })
	if i < 0 {
		return nil
	}
	return &t.variables[i]
}

// siteURL translates the URL of the site to its host.
func (t *translation) siteURL() {
	v := t.take("MM_SERVICESETTINGS_SITEURL")
	if v == nil {
		return
	}
	if v.valueFrom != nil {
		if t.config.has("spec.host") || t.config.has("spec.domain") {
			t.unnecessary(v.from, "the site's URL follows spec.host or spec.domain")
		} else {
			t.notTranslated(v.from, "the URL of the site is in a Secret or ConfigMap that is not in the input: "+
				"set spec.host to its host")
		}
		return
	}
	t.site(v.text, v.from, v.why)
}

// site translates a URL to spec.host, or leaves the domain that leads to the same host.
func (t *translation) site(text string, from *value, why string) {
	site, err := url.Parse(text)
	switch {
	case text == "":
		t.unnecessary(from, "empty")
		return
	case err != nil || site.Hostname() == "" || !strings.HasPrefix(site.Scheme, "http"):
		t.notTranslated(from, "is not a URL; set spec.host to the host name of the site")
		return
	case strings.Trim(site.Path, "/") != "":
		t.notTranslated(from, "the site must not be below a path: give it a host of its own, and set spec.host")
		return
	case site.Port() != "" && site.Port() != "443":
		t.notTranslated(from, "the site must be at https://<host> without a port: set spec.host, and expose it on 443")
		return
	}
	if site.Scheme == "http" {
		t.change("the site's URL begins with https:// instead of http://: the route must terminate TLS")
	}
	host := strings.ToLower(site.Hostname())
	if domain := t.config.text("spec.domain"); domain != "" {
		if host == "chat."+strings.ToLower(domain) {
			t.mark(from, Translated, "", "spec.domain")
			return
		}
		t.config.remove("spec", "domain")
		t.refield("spec.domain", "spec.host")
	}
	key := why
	if from != nil {
		key = strings.Join(from.sourceKeys(), ", ")
	}
	t.mark(from, Translated, "", "spec.host")
	t.config.set("spec.host", host, key)
}

// feature translates the settings of one section of the configuration.
func (t *translation) feature(f feature) {
	if !t.isComplete(f) {
		return
	}
	settingNames := map[string]bool{}
	for setting, field := range settingFields() {
		if field.field == f.section || strings.HasPrefix(field.field, f.section+".") {
			settingNames[setting] = true
		}
	}
	any := false
	for _, v := range slices.Clone(t.variables) {
		setting, known := settings.FindEnv(v.name)
		if !known || !settingNames[setting.Name()] {
			continue
		}
		field := settingFields()[setting.Name()]
		if content, ok := t.fieldValue(v, setting, field.form); ok {
			t.setVariable("spec."+field.field, content, v)
			t.take(v.name)
			any = true
		}
	}
	if !any {
		return
	}
	for _, name := range f.enabledBy {
		setting := mustFind(name)
		if v := t.find(setting.Env); v != nil && settingFields()[name].field == "" {
			t.mark(v.from, Translated, "", "spec."+f.section)
			t.take(setting.Env)
		}
	}
	for field, content := range f.defaults {
		if !t.config.has("spec." + field) {
			t.config.set("spec."+field, content, "the server's default")
		}
	}
	if f.section == "sso" {
		t.issuer()
	}
}

// isComplete reports whether a feature is on and everything is known that its fields need.
func (t *translation) isComplete(f feature) bool {
	get := func(name string) *variable {
		return t.find(mustFind(name).Env)
	}
	if f.after != "" && !t.config.has(f.after) {
		return false
	}
	for name, text := range f.equals {
		if v := get(name); v == nil || v.text != text {
			return false
		}
	}
	given := 0
	for _, name := range f.together {
		if v := get(name); v != nil && (v.valueFrom != nil || v.text != "") {
			given++
		}
	}
	if given != 0 && given != len(f.together) {
		return false
	}
	for _, name := range f.enabledBy {
		v := get(name)
		if v == nil || v.valueFrom != nil {
			return false
		}
		if on, err := strconv.ParseBool(v.text); err != nil || !on {
			return false
		}
	}
	for _, name := range f.required {
		v := get(name)
		if v == nil || v.valueFrom == nil && strings.TrimSpace(v.text) == "" {
			return false
		}
		form := settingFields()[name].form
		if v.valueFrom != nil && (v.ref() == nil || form != "secret" && form != "reference") {
			return false
		}
	}
	return true
}

// mustFind returns a setting that is named in this package.
func mustFind(name string) settings.Setting {
	section, key, _ := strings.Cut(name, ".")
	setting, ok := settings.Find(section, key)
	if !ok {
		panic("importer: Mattermost has no setting " + name)
	}
	return setting
}

// hostedPush are the URLs of Mattermost's own push proxies by the name of the field.
var hostedPush = map[string]string{
	"https://us.push.mattermost.com":     "hosted-us",
	"https://eu.push.mattermost.com":     "hosted-eu",
	"https://ap.push.mattermost.com":     "hosted-ap",
	"https://global.push.mattermost.com": "hosted-global",
	"https://push.mattermost.com":        "hosted-global",
}

// fieldValue returns the value of a field, and whether the variable can be written there.
func (t *translation) fieldValue(v variable, setting settings.Setting, form string) (any, bool) {
	if form == "secret" || form == "reference" {
		return t.secretValue(v, setting, form == "secret")
	}
	if v.valueFrom != nil || setting.CheckEnv(v.text) != nil {
		return nil, false
	}
	switch form {
	case "bool":
		on, err := strconv.ParseBool(v.text)
		return on, err == nil
	case "int", "positive":
		number, err := strconv.ParseInt(v.text, 10, 32)
		return number, err == nil && (form == "int" || number > 0)
	case "security":
		if v.text == "" {
			return "None", true
		}
		return v.text, v.text == "TLS" || v.text == "STARTTLS"
	case "level":
		level := strings.ToUpper(v.text)
		return level, slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level)
	case "discovery":
		issuer, ok := strings.CutSuffix(v.text, "/.well-known/openid-configuration")
		return issuer, ok
	case "push":
		if hosted := hostedPush[strings.TrimSuffix(v.text, "/")]; hosted != "" {
			return hosted, true
		}
		return v.text, v.text != ""
	case "commas":
		var parts []string
		for part := range strings.SplitSeq(v.text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		return parts, len(parts) > 0
	}
	return v.text, v.text != "" && !settings.HoldsUserInfo(v.text)
}

// secretValue returns a reference to the secret of a variable; a value that is not secret as it is.
func (t *translation) secretValue(v variable, setting settings.Setting, secret bool) (any, bool) {
	switch ref := v.ref(); {
	case ref != nil:
		return t.own(*ref, v.from), true
	case v.valueFrom != nil:
		return nil, false
	case !secret:
		return v.text, v.text != ""
	case v.text == "":
		return nil, false
	}
	return secretKeyRef(t.keep(t.credentialsName(), setting.Env, v.text, v.from)), true
}

// own returns a reference to a key of a Secret that mattermost-fn does not emit itself. Where it emitted the Secret,
// from a value or from an ExternalSecret, the value moves to the Secret of the credentials, or the reference to the
// store is the value.
func (t *translation) own(ref v1alpha1.KeyRef, from *value) any {
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	external := t.cluster.find("external-secrets.io", "ExternalSecret", ref.Name)
	if external.isOurs() {
		if fetched := fetchedBy(external, ref.Key); fetched != nil {
			return fetched
		}
	}
	// The names under which mattermost-fn emits Secrets, and does not accept those of users.
	emitted := []string{names.DatabaseSecretName(), names.DatabaseConnectionSecretName(), names.DatabaseUserSecretName(),
		names.FilesSecretName(), names.FilesKeysSecretName(), names.FilesConfigSecretName(), names.SSOSecretName(),
		names.SSOClientSecretName(), names.ElasticsearchSecretName(), names.SettingsSecretName(),
		names.ExternalSettingsSecretName()}
	secret := t.cluster.find("", "Secret", ref.Name)
	switch {
	case secret != nil && !secret.isOurs(), secret == nil && !slices.Contains(emitted, ref.Name),
		!t.installation().isOurs():
		return secretKeyRef(t.refer(ref))
	}
	text, known := t.cluster.secretKey(ref.Name, ref.Key)
	if !known {
		t.todo("Secret %s, key %q: mattermost-fn emitted it from a value in the earlier configuration. Copy the value to "+
			"Secret %s under the same key", ref.Name, ref.Key, t.credentialsName())
		return secretKeyRef(t.refer(v1alpha1.KeyRef{Name: t.credentialsName(), Key: ref.Key}))
	}
	into := t.credentialsName()
	if ref.Key == "license" {
		into = t.licenseSecretName()
	}
	return secretKeyRef(t.keep(into, ref.Key, text, from))
}

// fetchedBy returns the value of a field for a key of a Secret that External Secrets creates; nil if it does not fetch
// the key as it is.
func fetchedBy(external *value, key string) any {
	store := map[string]any{"name": external.at("spec", "secretStoreRef", "name").string()}
	if kind := external.at("spec", "secretStoreRef", "kind").string(); kind != string(v1alpha1.KindSecretStore) {
		store["kind"] = kind
	}
	for _, data := range external.at("spec", "data").all() {
		if data.at("secretKey").string() != key {
			continue
		}
		remote := map[string]any{"store": store, "key": data.at("remoteRef", "key").string()}
		if property := data.at("remoteRef", "property"); property != nil {
			remote["property"] = property.string()
		}
		return map[string]any{"externalSecret": remote}
	}
	return nil
}

// setVariable sets a field from a variable.
func (t *translation) setVariable(field string, content any, v variable) {
	t.mark(v.from, Translated, "", field)
	var keys []string
	if v.from != nil {
		keys = v.from.sourceKeys()
	} else if v.why != "" {
		keys = []string{v.why}
	}
	t.config.set(field, content, keys...)
}

// issuer replaces the three endpoints of a Keycloak realm by the issuer.
func (t *translation) issuer() {
	const endpoints = "/protocol/openid-connect/"
	issuer, ok := strings.CutSuffix(t.config.text("spec.sso.authEndpoint"), endpoints+"auth")
	if !ok || t.config.text("spec.sso.tokenEndpoint") != issuer+endpoints+"token" ||
		t.config.text("spec.sso.userAPIEndpoint") != issuer+endpoints+"userinfo" {
		return
	}
	var from []string
	for _, field := range []string{"authEndpoint", "tokenEndpoint", "userAPIEndpoint"} {
		from = append(from, t.config.get("spec", "sso", field).from...)
		t.config.remove("spec", "sso", field)
	}
	t.config.set("spec.sso.issuerURL", issuer, from...)
	t.refield("spec.sso.authEndpoint", "spec.sso.issuerURL")
	t.refield("spec.sso.tokenEndpoint", "spec.sso.issuerURL")
	t.refield("spec.sso.userAPIEndpoint", "spec.sso.issuerURL")
}

// refield replaces a field, and all fields in it, by another one in the records.
func (t *translation) refield(old, renamed string) {
	for _, in := range t.inputs {
		in.entries(func(entry *Entry) {
			for i, field := range entry.Fields {
				if field == old || strings.HasPrefix(field, old+".") {
					entry.Fields[i] = renamed
				}
			}
			slices.Sort(entry.Fields)
			entry.Fields = slices.Compact(entry.Fields)
		})
	}
}

// remainingVariables translates all variables that no field describes.
func (t *translation) remainingVariables() error {
	byFields := t.planned()
	for _, v := range t.variables {
		if reason, ok := decided[v.name]; ok {
			t.unnecessary(v.from, reason)
			continue
		}
		if planned, ok := byFields[v.name]; ok && sameVariable(planned, v) {
			t.unnecessary(v.from, "mattermost-fn sets the same value")
			continue
		}
		if err := t.remainingVariable(v); err != nil {
			return err
		}
	}
	return nil
}

func sameVariable(planned corev1.EnvVar, v variable) bool {
	if planned.ValueFrom == nil && v.valueFrom == nil {
		return planned.Value == v.text
	}
	if planned.ValueFrom == nil || planned.ValueFrom.SecretKeyRef == nil || v.ref() == nil {
		return false
	}
	ref := planned.ValueFrom.SecretKeyRef
	return ref.Name == v.ref().Name && ref.Key == v.ref().Key
}

func (t *translation) remainingVariable(v variable) error {
	setting, known := settings.FindEnv(v.name)
	if !known {
		switch {
		case t.knownUseless(v):
		default:
			t.toEnv(v)
		}
		return nil
	}
	switch {
	case setting.Unsettable != "":
		t.unnecessary(v.from, "the environment cannot set "+setting.Name()+": "+setting.Unsettable)
	case v.ref() != nil && setting.Sensitive:
		t.setSetting(setting, t.own(*v.ref(), v.from), v)
	case v.valueFrom != nil:
		t.toEnv(v)
	case setting.CheckEnv(v.text) != nil:
		t.notTranslated(v.from, fmt.Sprintf("the server ignores this value of %s and keeps its default: "+
			"remove it, or correct it and set settings.%s", v.name, setting.Name()))
	case setting.Sensitive && v.text != "":
		t.setSetting(setting, secretKeyRef(t.keep(t.credentialsName(), setting.Env, v.text, v.from)), v)
	case setting.IsSecret(v.text) && v.text != "":
		t.toEnv(v)
	default:
		t.setSetting(setting, settingValue(setting, v.text), v)
	}
	return nil
}

// knownUseless handles variables without effect, and reports whether it is one.
func (t *translation) knownUseless(v variable) bool {
	if removed, ok := settings.FindRemovedEnv(v.name); ok {
		t.unnecessary(v.from, removed.Name()+" "+removed.Why())
		return true
	}
	if _, ok := settings.FindPhantom(v.name); ok {
		t.unnecessary(v.from, "the server does not read it")
		return true
	}
	if strings.HasPrefix(strings.ToUpper(v.name), "MM_") && !settings.Reserved(v.name) {
		instead := "Mattermost has no such setting, so the server ignores it: remove it, or correct the name"
		if near, ok := settings.NearestEnv(v.name); ok {
			instead += "; did you mean " + near.Env + "?"
		}
		if v.from == nil {
			return true
		}
		t.notTranslated(v.from, instead)
		return true
	}
	return false
}

// setSetting sets one of Mattermost's own settings.
func (t *translation) setSetting(setting settings.Setting, content any, v variable) {
	path := append([]string{"spec", "settings", setting.Section}, strings.Split(setting.Key, ".")...)
	t.mark(v.from, Translated, "", "spec.settings."+setting.Name())
	var keys []string
	if v.from != nil {
		keys = v.from.sourceKeys()
	} else if v.why != "" {
		keys = []string{v.why}
	}
	t.config.setAt(path, content, keys...)
}

// settingValue returns the value of a setting as config.json has it.
func settingValue(setting settings.Setting, text string) any {
	switch setting.Type {
	case settings.Bool:
		if on, err := strconv.ParseBool(text); err == nil {
			return on
		}
	case settings.Int:
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number
		}
	case settings.List:
		return strings.Fields(text)
	case settings.Map, settings.JSON:
		var object map[string]any
		if json.Unmarshal([]byte(text), &object) == nil {
			return object
		}
	}
	return text
}

// toEnv adds a variable to spec.env. A value that may be secret goes into a Secret.
func (t *translation) toEnv(v variable) {
	entry := map[string]any{"name": v.name}
	switch {
	case v.ref() != nil:
		own, _ := t.own(*v.ref(), v.from).(map[string]any)
		if ref, ok := own["secretKeyRef"].(map[string]any); ok {
			if v.valueFrom.SecretKeyRef.Optional != nil && ref["name"] == v.ref().Name {
				ref["optional"] = *v.valueFrom.SecretKeyRef.Optional
			}
			entry["valueFrom"] = own
		} else {
			entry["valueFrom"] = v.valueFrom
		}
	case v.valueFrom != nil:
		entry["valueFrom"] = v.valueFrom
	case mayBeSecret(v.name, v.text):
		entry["valueFrom"] = secretKeyRef(t.keep(t.credentialsName(), v.name, v.text, v.from))
	default:
		entry["value"] = v.text
	}
	field := t.config.place([]string{"spec", "env"})
	list, _ := field.value.([]any)
	index := len(list)
	list = append(list, entry)
	field.value = list
	if v.from != nil {
		field.from = append(field.from, v.from.sourceKeys()...)
	}
	t.mark(v.from, Translated, "", fmt.Sprintf("spec.env[%d]", index))
}

// mayBeSecret reports whether the value of a variable belongs in a Secret. A name such as PASSWORD_FILE is taken for
// one too: a Secret with too much in it does no harm.
func mayBeSecret(name, text string) bool {
	if text == "" {
		return false
	}
	if setting, known := settings.FindEnv(name); known && setting.IsSecret(text) {
		return true
	}
	if settings.HoldsUserInfo(text) || len(settings.SecretMembers(text)) > 0 {
		return true
	}
	lower := strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "api_key",
		"private", "license", "datasource", "connection", "_key", "salt", "pass"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}
