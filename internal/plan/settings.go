// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// set sets one of Mattermost's own settings, encoded as the server parses it. Field is the field of the configuration
// that the value comes from.
func (b *builder) set(section, key string, value any, field string) {
	setting := known(section, key)
	text, err := setting.Encode(value)
	if err == nil {
		err = setting.Validate(text, b.release())
	}
	if err != nil {
		b.report.Report(result.Error, "", field, "%v", err)
		return
	}
	if setting.IsSecret(text) {
		b.setSecretEnv(setting.Env, b.settingsSecret(setting, text), field)
		return
	}
	b.setEnv(setting.Env, text, field)
}

// settingsSecret puts a value into the Secret of the settings.
func (b *builder) settingsSecret(setting settings.Setting, text string) v1alpha1.KeyRef {
	b.putSecret(b.SettingsSecretName(), ownership.ComponentSettings, setting.Env, text)
	return v1alpha1.KeyRef{Name: b.SettingsSecretName(), Key: setting.Env}
}

// release is the version of the server; the rules have validated it.
func (b *builder) release() settings.Release {
	major, minor, err := v1alpha1.ParseVersion(b.spec.Version)
	if err != nil {
		return settings.Newest
	}
	return settings.Release{Major: major, Minor: minor}
}

// setters returns functions that set a key of a section from a field below parent: set always does, text only if it is
// not empty.
func (b *builder) setters(section, parent string) (set func(key string, value any, field string),
	text func(key, value, field string)) {
	set = func(key string, value any, field string) { b.set(section, key, value, parent+"."+field) }
	text = func(key, value, field string) {
		if value != "" {
			set(key, value, field)
		}
	}
	return set, text
}

// setSecret sets one of Mattermost's own settings from a secret value.
func (b *builder) setSecret(section, key string, value *v1alpha1.SecretValue, field string) {
	setting := known(section, key)
	secret := b.SettingsSecretName()
	if value.ExternalSecret != nil {
		secret = b.ExternalSettingsSecretName()
	}
	b.setSecretEnv(setting.Env, b.secretRef(secret, ownership.ComponentSettings, setting.Env, value, field), field)
}

// known returns a setting that is named in this package. A test checks all of them.
func known(section, key string) settings.Setting {
	setting, ok := settings.Find(section, key)
	if !ok {
		panic(fmt.Sprintf("plan: Mattermost has no setting %s.%s", section, key))
	}
	return setting
}

// userSettings sets spec.settings, which overrides other fields. The rules have checked every name and value against
// the table of settings.
func (b *builder) userSettings() {
	for _, given := range settings.Flatten(b.spec.Settings) {
		setting, ok := settings.Find(given.Section, given.Key)
		if !ok || given.Value.IsPlain() && setting.Unneeded(given.Value.Value) {
			continue // reported by the rules, or not needed
		}
		switch {
		case given.Value.SecretKeyRef != nil:
			b.secretExists(*given.Value.SecretKeyRef, given.Field)
			b.override(Variable{EnvVar: EnvFromSecret(setting.Env, *given.Value.SecretKeyRef), Field: given.Field})
		case given.Value.ExternalSecret != nil:
			secret := b.externalSecret(b.ExternalSettingsSecretName(), ownership.ComponentSettings)
			secret.fetch(setting.Env, *given.Value.ExternalSecret)
			b.override(Variable{EnvVar: EnvFromSecret(setting.Env, v1alpha1.KeyRef{Name: secret.Name, Key: setting.Env}),
				Field: given.Field})
		default:
			value := given.Value.Value
			if states, ok := value.(map[string]any); ok && setting.Env == "MM_PLUGINSETTINGS_PLUGINSTATES" {
				// A map replaces the server's default, so it must repeat the prepackaged plugins.
				value = settings.MergePluginStates(states)
			}
			if text, err := setting.Encode(value); err == nil { // otherwise reported by the rules
				b.override(Variable{EnvVar: b.settingVariable(setting, text), Field: given.Field})
			}
		}
	}
}

// settingVariable returns the environment variable of a setting, from a Secret if the value may be secret.
func (b *builder) settingVariable(setting settings.Setting, text string) corev1.EnvVar {
	if setting.IsSecret(text) {
		return EnvFromSecret(setting.Env, b.settingsSecret(setting, text))
	}
	return corev1.EnvVar{Name: setting.Env, Value: text}
}
