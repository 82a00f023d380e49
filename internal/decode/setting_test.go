package decode

import (
	"reflect"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

func TestSettingValues(t *testing.T) {
	for _, test := range []struct {
		yaml string
		want any
		said string
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
		{yaml: `{a: {b: {c: [1, {d: e}]}}}`, want: map[string]any{"a": map[string]any{"b": map[string]any{"c": []any{int64(1), map[string]any{"d": "e"}}}}}},
		{yaml: `{com.example.a: 1}`, want: map[string]any{"com.example.a": int64(1)}},
		{yaml: `&a {x: &b 7, y: *b}`, want: map[string]any{"x": int64(7), "y": int64(7)}},
		{yaml: `{<<: {x: 1, y: 2}, y: 3}`, want: map[string]any{"x": int64(1), "y": int64(3)}},
		{yaml: "|\n      two\n      lines\n", want: "two\nlines\n"},
		{yaml: `{a: {secretKeyRef: {name: n, key: k}}}`, want: map[string]any{"a": &v1alpha1.KeyRef{Name: "n", Key: "k"}}},
		{yaml: `{a: {externalSecret: {store: {name: n}, key: k, property: p}}}`, want: map[string]any{"a": &v1alpha1.ExternalRef{Store: v1alpha1.StoreRef{Name: "n"}, Key: "k", Property: "p"}}},
		{yaml: `{secretKeyRef: {name: n, key: k}, other: 1}`, want: map[string]any{
			"secretKeyRef": map[string]any{"name": "n", "key": "k"}, "other": int64(1),
		}},

		{yaml: `010`, said: "got a number, which means different things to different tools; quote it, or write a plain decimal number"},
		{yaml: `0x1F`, said: "got a number, which means"},
		{yaml: `0o17`, said: "got a number, which means"},
		{yaml: `99999999999999999999`, want: 1e20},
		{yaml: `.inf`, said: "got a number, which means"},
		{yaml: `.nan`, said: "got a number, which means"},
		{yaml: `2042-04-24`, said: "got a date, which means"},
		{yaml: `!!binary aGk=`, said: "which means"},
		{yaml: `!mine x`, said: "which means"},
		{yaml: `{a: null}`, want: map[string]any{"a": nil}, said: `spec.settings.S.K.a: is empty; remove it, or write "" for an empty text`},
		{yaml: `[a, ~]`, want: []any{"a", nil}, said: `spec.settings.S.K[1]: is empty;`},
		{yaml: `{a: 1, a: 2}`, want: map[string]any{"a": int64(1)}, said: "spec.settings.S.K.a: stands twice"},
		{yaml: `{secretKeyRef: text}`, said: "spec.settings.S.K.secretKeyRef: got text, expected fields: key, name"},
		{yaml: `{secretKeyRef: {nam: n}}`, said: "spec.settings.S.K.secretKeyRef.nam: there is no such field; did you mean name?"},
	} {
		t.Run(test.yaml, func(t *testing.T) {
			config, _, said := read(t, "spec:\n  settings:\n    S:\n     K: "+test.yaml+"\n")
			if (test.said == "") != (said == "") || !strings.Contains(said, test.said) {
				t.Errorf("said %q, want %q", said, test.said)
			}
			got := config.Spec.Settings["S"]["K"]
			if strings.HasPrefix(test.yaml, "{secretKeyRef: {nam:") || strings.HasPrefix(test.yaml, "{secretKeyRef: text") {
				return
			}
			if !reflect.DeepEqual(got.Value, test.want) || got.SecretKeyRef != nil {
				t.Errorf("read %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestSettingFromASecret(t *testing.T) {
	config, lines, said := read(t, `
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
	if said != "" {
		t.Fatal(said)
	}
	want := v1alpha1.SettingValue{SecretKeyRef: &v1alpha1.KeyRef{Name: "smtp", Key: "password"}}
	if got := config.Spec.Settings["EmailSettings"]["SMTPPassword"]; !reflect.DeepEqual(got, want) {
		t.Errorf("read %#v", got)
	}
	for path, want := range map[string]int{
		"spec.settings.EmailSettings.SMTPPassword":                                   6,
		"spec.settings.EmailSettings.SMTPPassword.secretKeyRef.name":                 7,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword":       10,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword.other": 10,
	} {
		if got := lines.Of(path); got != want {
			t.Errorf("%s stands in line %d, want %d", path, got, want)
		}
	}
}

// A null is a setting that is not given, and an empty section none.
func TestSettingsThatAreNull(t *testing.T) {
	config, lines, said := read(t, "spec:\n  settings:\n    EmailSettings: {SMTPServer: null, SMTPPort: \"25\"}\n    LdapSettings:\n")
	if said != "" {
		t.Error(said)
	}
	if want := (v1alpha1.Settings{"EmailSettings": {"SMTPPort": {Value: "25"}}}); !reflect.DeepEqual(config.Spec.Settings, want) {
		t.Errorf("read %#v", config.Spec.Settings)
	}
	if _, given := lines["spec.settings.EmailSettings.SMTPServer"]; given {
		t.Error("a null counts as given")
	}
}

// Whatever is wrong with a setting, its value is not told: it may be a password.
func TestSettingsAreNotTold(t *testing.T) {
	for _, value := range []string{
		"2042-04-24", "0x424242", "0424242", "!hunter2 {}", "!hunter2 hunter2", "!!binary hunter2", "{secretKeyRef: hunter2}", "{secretKeyRef: [hunter2]}",
		"{secretKeyRef: {name: a, key: 424242}}", "{externalSecret: hunter2}", "{externalSecret: {store: {name: a}, key: 424242}}", "[{a: 0x424242}]", "{a: {b: 2042-04-24}}",
	} {
		_, _, said := read(t, "spec:\n  settings: {EmailSettings: {SMTPPassword: "+value+"}}\n")
		for _, secret := range []string{"unter2", "424242", "2042"} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: told the secret: %s", value, said)
			}
		}
	}
}

func TestSettingsOfTheWrongShape(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"settings: text", "2: spec.settings: got text"},
		{"settings: {EmailSettings: [a]}", "2: spec.settings.EmailSettings: got a list, expected a mapping of names to values"},
		{"settings: {EmailSettings: {a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}}", "2: spec.settings.EmailSettings.a"},
	} {
		if _, _, said := read(t, "spec:\n  "+test.yaml+"\n"); !strings.HasPrefix(said, test.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%.60s: said %.300s", test.yaml, said)
		}
	}
}
