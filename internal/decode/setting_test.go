// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"reflect"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

func TestSettingValues(t *testing.T) {
	for _, test := range []struct {
		yaml     string
		want     any
		messages string
	}{
		{yaml: `text`, want: "text"},
		{yaml: `""`, want: ""},
		{yaml: `"true"`, want: "true"},
		{yaml: `'5'`, want: "5"},
		{yaml: `true`, want: true},
		{yaml: `False`, want: false},
		{yaml: `5`, want: int64(5)},
		{yaml: `-1`, want: int64(-1)},
		{yaml: `0`, want: int64(0)},
		{yaml: `9223372036854775807`, want: int64(9223372036854775807)},
		{yaml: `1.5`, want: 1.5},
		{yaml: `1e3`, want: 1000.0},
		{yaml: `[]`, want: []any{}},
		{yaml: `[a, 1, true, [b]]`, want: []any{"a", int64(1), true, []any{"b"}}},
		{yaml: `{}`, want: map[string]any{}},
		{yaml: `{a: {b: {c: [1, {d: e}]}}}`,
			want: map[string]any{"a": map[string]any{"b": map[string]any{"c": []any{int64(1), map[string]any{"d": "e"}}}}}},
		{yaml: `{com.example.a: 1}`, want: map[string]any{"com.example.a": int64(1)}},
		{yaml: `&a {x: &b 7, y: *b}`, want: map[string]any{"x": int64(7), "y": int64(7)}},
		{yaml: `{<<: {x: 1, y: 2}, y: 3}`, want: map[string]any{"x": int64(1), "y": int64(3)}},
		{yaml: "|\n      two\n      lines\n", want: "two\nlines\n"},
		{yaml: `{a: {secretKeyRef: {name: n, key: k}}}`, want: map[string]any{"a": &v1alpha1.KeyRef{Name: "n", Key: "k"}}},
		{yaml: `{a: {externalSecret: {store: {name: n}, key: k, property: p}}}`,
			want: map[string]any{"a": &v1alpha1.ExternalRef{Store: v1alpha1.StoreRef{Name: "n"}, Key: "k", Property: "p"}}},
		{yaml: `{secretKeyRef: {name: n, key: k}, other: 1}`, want: map[string]any{
			"secretKeyRef": map[string]any{"name": "n", "key": "k"}, "other": int64(1),
		}},

		{yaml: `010`, messages: "got a number that tools read differently; quote it, or write a decimal number"},
		{yaml: `0x1F`, messages: "got a number that tools read differently"},
		{yaml: `0o17`, messages: "got a number that tools read differently"},
		{yaml: `99999999999999999999`, want: 1e20},
		{yaml: `.inf`, messages: "got a number that tools read differently"},
		{yaml: `.nan`, messages: "got a number that tools read differently"},
		{yaml: `2042-04-24`, messages: "got a date that tools read differently"},
		{yaml: `!!binary aGk=`, messages: "got a string that tools read differently"},
		{yaml: `!mine x`, messages: "got a string that tools read differently"},
		{yaml: `{a: null}`, want: map[string]any{"a": nil},
			messages: `spec.settings.S.K: empty value; remove it, or set "" for an empty string`},
		{yaml: `[a, ~]`, want: []any{"a", nil}, messages: `spec.settings.S.K[1]: empty value;`},
		{yaml: `{a: 1, a: 2}`, want: map[string]any{"a": int64(1)}, messages: "spec.settings.S.K: duplicate field"},
		{yaml: `{secretKeyRef: text}`, messages: "spec.settings.S.K.secretKeyRef: expected a mapping of fields (key, " +
			"name), got a string"},
		{yaml: `{secretKeyRef: {nam: n}}`, messages: "spec.settings.S.K.secretKeyRef.nam: unknown field; did you mean name?"},
	} {
		t.Run(test.yaml, func(t *testing.T) {
			config, _, messages := read(t, "spec:\n  settings:\n    S:\n     K: "+test.yaml+"\n")
			if (test.messages == "") != (messages == "") || !strings.Contains(messages, test.messages) {
				t.Errorf("got %q, want %q", messages, test.messages)
			}
			got := config.Spec.Settings["S"]["K"]
			if strings.HasPrefix(test.yaml, "{secretKeyRef: {nam:") || strings.HasPrefix(test.yaml, "{secretKeyRef: text") {
				return
			}
			if !reflect.DeepEqual(got.Value, test.want) || got.SecretKeyRef != nil {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestSettingFromSecret(t *testing.T) {
	config, lines, messages := read(t, `
spec:
  settings:
    EmailSettings:
      SMTPPassword:
        secretKeyRef:
          name: smtp
          key: password
    MessageExportSettings:
      GlobalRelaySettings: {SMTPPassword: {secretKeyRef: {name: relay, key: password}}}
`)
	if messages != "" {
		t.Fatal(messages)
	}
	want := v1alpha1.SettingValue{SecretKeyRef: &v1alpha1.KeyRef{Name: "smtp", Key: "password"}}
	if got := config.Spec.Settings["EmailSettings"]["SMTPPassword"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
	for path, want := range map[string]int{
		"spec.settings.EmailSettings.SMTPPassword":                                   6,
		"spec.settings.EmailSettings.SMTPPassword.secretKeyRef.name":                 7,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword":       10,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword.other": 10,
	} {
		if got := lines.Of(path); got != want {
			t.Errorf("line of %s is %d, want %d", path, got, want)
		}
	}
}

// A setting that is null is not set, and neither is an empty section.
func TestNullSettings(t *testing.T) {
	config, lines, messages := read(t, "spec:\n  settings:\n    EmailSettings: {SMTPServer: null, SMTPPort: "+
		"\"25\"}\n    LdapSettings:\n")
	if messages != "" {
		t.Error(messages)
	}
	if want := (v1alpha1.Settings{"EmailSettings": {"SMTPPort": {Value: "25"}}}); !reflect.DeepEqual(config.Spec.Settings,
		want) {
		t.Errorf("got %#v", config.Spec.Settings)
	}
	if _, given := lines["spec.settings.EmailSettings.SMTPServer"]; given {
		t.Error("a null setting has a line")
	}
}

// Messages about a setting never contain its value, which may be a password.
func TestMessagesContainNoSettings(t *testing.T) {
	for _, value := range []string{
		"2042-04-24", "0x424242", "0424242", "!hunter2 {}", "!hunter2 hunter2", "!!binary hunter2", "{secretKeyRef: hunter2}",
		"{secretKeyRef: [hunter2]}",
		"{secretKeyRef: {name: a, key: 424242}}", "{externalSecret: hunter2}",
		"{externalSecret: {store: {name: a}, key: 424242}}", "[{a: 0x424242}]", "{a: {b: 2042-04-24}}",
	} {
		_, _, messages := read(t, "spec:\n  settings: {EmailSettings: {SMTPPassword: "+value+"}}\n")
		for _, secret := range []string{"unter2", "424242", "2042"} {
			if strings.Contains(messages, secret) {
				t.Errorf("%s: the message contains the secret: %s", value, messages)
			}
		}
	}
}

func TestSettingsOfWrongType(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"settings: text", "2: spec.settings: expected a mapping of names to values, got a string"},
		{"settings: {EmailSettings: [a]}", "2: spec.settings.EmailSettings: " +
			"expected a mapping of names to values, got a list"},
		{"settings: {EmailSettings: {a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}}",
			"2: spec.settings.EmailSettings.a"},
	} {
		if _, _, messages := read(t, "spec:\n  "+test.yaml+"\n"); !strings.HasPrefix(messages, test.want) ||
			strings.Count(messages, "\n") != 1 {
			t.Errorf("%.60s: got %.300s", test.yaml, messages)
		}
	}
}

// In place of a secret there may be a mapping with the secret as a key, so messages contain keys only where the setting
// has a mapping as its value.
func TestKeysInMessages(t *testing.T) {
	for value, want := range map[string]string{
		"{EmailSettings: {SMTPPassword: {Pa55: 1, Pa55: 2}}}":             "EmailSettings.SMTPPassword: duplicate",
		"{EmailSettings: {SMTPPassword: {<<: {Pa55: 1, Pa55: 2}}}}":       "EmailSettings.SMTPPassword: duplicate",
		"{EmailSettings: {SMTPPassword: {a: {Pa55: null}}}}":              "EmailSettings.SMTPPassword: empty value",
		"{EmailSettings: {NoSuchSetting: {Pa55: [null]}}}":                "EmailSettings.NoSuchSetting: empty value",
		"{LogSettings: {AdvancedLoggingJSON: {t: {type: tcp, type: x}}}}": "LogSettings.AdvancedLoggingJSON.t.type:",
		"{MessageExportSettings: {GlobalRelaySettings: {SMTPPassword: {Pa55: null}}}}": "MessageExportSettings." +
			"GlobalRelaySettings.SMTPPassword: empty value",
	} {
		_, _, messages := read(t, "spec:\n  settings: "+value+"\n")
		want = "spec.settings." + want
		if !strings.Contains(messages, want) || strings.Contains(messages, "Pa55") {
			t.Errorf("%s: got %q, want %q", value, messages, want)
		}
	}
}
