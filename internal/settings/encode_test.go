// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	for _, test := range []struct {
		name, setting string
		value         any
		want, err     string
	}{
		{"a string", "TeamSettings.SiteName", "Chat: <ours> & yours ", "Chat: <ours> & yours ", ""},
		{"an empty string", "TeamSettings.SiteName", "", "", ""},
		{"a number for a string", "EmailSettings.SMTPPort", int64(587), "",
			"is the number 587, expected a string; put quotes around it"},
		{"a boolean for a string", "TeamSettings.SiteName", true, "",
			"is the boolean true, expected a string; put quotes around it"},
		{"a list for a string", "TeamSettings.SiteName", []any{"a"}, "", "is a list, expected a string"},
		{"a number for a secret", "EmailSettings.SMTPPassword", int64(4711), "",
			"is a number, expected a string; put quotes around it"},
		{"null", "TeamSettings.SiteName", nil, "", "is null, expected a string; remove the setting to keep the default"},
		{"a NUL character", "TeamSettings.SiteName", "a\x00b", "",
			"contains a NUL character, which an environment variable cannot"},
		{"what is not UTF-8", "TeamSettings.SiteName", "a\xffb", "", "is not UTF-8, which Kubernetes requires"},

		{"true", "ServiceSettings.EnableTesting", true, "true", ""},
		{"false", "ServiceSettings.EnableTesting", false, "false", ""},
		{"yes", "ServiceSettings.EnableTesting", "yes", "", `is the string "yes", expected true or false`},
		{"a quoted boolean", "ServiceSettings.EnableTesting", "true", "",
			`is the string "true", expected true or false; write it without quotes`},
		{"a number for a boolean", "ServiceSettings.EnableTesting", int64(1), "", "is the number 1, expected true or false"},

		{"a number", "ServiceSettings.ReadTimeout", int64(300), "300", ""},
		{"a negative number", "ServiceSettings.GoroutineHealthThreshold", int64(-1), "-1", ""},
		{"the largest number", "FileSettings.MaxFileSize", int64(math.MaxInt64), "9223372036854775807", ""},
		{"the smallest number", "FileSettings.MaxFileSize", int64(math.MinInt64), "-9223372036854775808", ""},
		{"a large unsigned number", "FileSettings.MaxFileSize", uint64(1 << 60), "1152921504606846976", ""},
		{"an integer that YAML decodes as a float", "FileSettings.MaxFileSize", 1e9, "1000000000", ""},
		{"an int", "ServiceSettings.ReadTimeout", 5, "5", ""},
		{"a JSON number", "ServiceSettings.ReadTimeout", json.Number("5"), "5", ""},
		{"a fraction", "ServiceSettings.ReadTimeout", 1.5, "", "is the number 1.5, expected an integer; " +
			"from -9223372036854775808 to 9223372036854775807"},
		{"a float that is not exact", "FileSettings.MaxFileSize", 1e17, "", "is the number 1e+17, expected an integer; " +
			"from -9223372036854775808 to 9223372036854775807"},
		{"too large a number", "FileSettings.MaxFileSize", uint64(1 << 63), "",
			"is the number 9223372036854775808, expected an integer; from -9223372036854775808 to 9223372036854775807"},
		{"no number at all", "FileSettings.MaxFileSize", math.NaN(), "", "is the number NaN, expected an integer; " +
			"from -9223372036854775808 to 9223372036854775807"},
		{"a quoted number", "ServiceSettings.ReadTimeout", "300", "",
			`is the string "300", expected an integer; write it without quotes`},
		{"a number with a unit", "ServiceSettings.ReadTimeout", "300s", "", `is the string "300s", expected an integer`},

		{"a list", "ServiceSettings.TrustedProxyIPHeader", []any{"X-Forwarded-For", "X-Real-IP"},
			"X-Forwarded-For X-Real-IP", ""},
		{"a list of one", "DisplaySettings.CustomURLSchemes", []any{"git"}, "git", ""},
		{"an empty list", "DisplaySettings.CustomURLSchemes", []any{}, "", "is an empty list, which an environment " +
			"variable cannot express: an empty one is a list with one empty element; remove it, it is empty by default"},
		{"an empty list over a default", "AutoTranslationSettings.TargetLanguages", []any{}, "",
			`is an empty list, which an environment variable cannot express: an empty one is a list with one empty ` +
				`element; remove it, ` +
				`or empty it in the System Console (the default is ["en"])`},
		{"an element with a space", "ContentFlaggingSettings.AdditionalSettings.Reasons", []any{"Other", "Not nice"}, "",
			`element 1 is the string "Not nice", and in an environment variable elements are separated by spaces; ` +
				`a list with spaces can only be set in the System Console`},
		{"a secret element with a space", "SqlSettings.DataSourceReplicas", []any{"postgres://u:p w@h/d"}, "",
			`element 0 is a string, and in an environment variable elements are separated by spaces; ` +
				`a list with spaces can only be set in ` +
				`the System Console`},
		{"an empty element", "DisplaySettings.CustomURLSchemes", []any{"git", ""}, "git ", ""},
		{"an element that is a number", "TeamSettings.ExperimentalDefaultChannels", []any{"a", int64(5)}, "",
			"element 1 is the number 5, expected a string; put quotes around it"},
		{"an element that is a list", "TeamSettings.ExperimentalDefaultChannels", []any{[]any{"a"}}, "",
			"element 0 is a list, expected a string"},
		{"an element that is not UTF-8", "TeamSettings.ExperimentalDefaultChannels", []any{"\xff"}, "",
			"element 0 is not UTF-8, which Kubernetes requires"},
		{"a string for a list", "DisplaySettings.CustomURLSchemes", "git", "",
			`is the string "git", expected a list of strings; write each element after a dash`},

		{"a map", "PluginSettings.Plugins", map[string]any{"z": map[string]any{"b": int64(9007199254740993), "a": "<&>"},
			"a": map[string]any{"c": 0.1, "d": nil, "e": []any{true}}},
			`{"a":{"c":0.1,"d":null,"e":[true]},"z":{"a":"<&>","b":9007199254740993}}`, ""},
		{"an empty map", "PluginSettings.Plugins", map[string]any{}, "{}", ""},
		{"a string for a map", "PluginSettings.Plugins", "{}", "",
			`is the string "{}", expected an object; write it as a YAML mapping instead of a string`},
		{"a list for a map", "PluginSettings.Plugins", []any{}, "", "is a list, expected an object"},
		{"a map in a map that is not one of strings", "PluginSettings.Plugins",
			map[string]any{"a": map[string]any{"b": map[any]any{}}}, "",
			`contains a map[interface {}]interface {}, which JSON cannot express (at "b") (at "a")`},
		{"infinity in a map", "PluginSettings.Plugins", map[string]any{"a": map[string]any{"b": math.Inf(1)}}, "",
			`contains a number that JSON cannot express: NaN or infinity (at "b") (at "a")`},
		{"what is not UTF-8 in a map", "PluginSettings.Plugins", map[string]any{"a": map[string]any{"b": []any{"\xff"}}}, "",
			`contains a string that is not UTF-8 (at "b") (at "a")`},
		{"a key that is not UTF-8", "PluginSettings.Plugins", map[string]any{"\xff": map[string]any{}}, "",
			`contains a key that is not UTF-8`},
		{"a JSON number that is none", "PluginSettings.Plugins", map[string]any{"a": map[string]any{"b": json.Number("0x")}},
			"", `contains a number that JSON cannot express (at "b") (at "a")`},
		{"a plugin without settings", "PluginSettings.Plugins", map[string]any{"a": "b"}, "",
			`must have a plugin's settings at "a", or the server would silently keep the default; ` +
				`write an object such as {"com.mattermost.calls":{"defaultenabled":true}}`},
		{"a plugin's state that is a boolean", "PluginSettings.PluginStates", map[string]any{"playbooks": true}, "",
			`must have a plugin's state at "playbooks", or the server would silently keep the default; ` +
				`write an object such as {"playbooks":{"Enable":true}}`},
		{"targets", "ContentFlaggingSettings.NotificationSettings.EventTargetMapping",
			map[string]any{"flagged": []any{"reviewers", "author"}}, `{"flagged":["reviewers","author"]}`, ""},
		{"targets that are no list", "ContentFlaggingSettings.NotificationSettings.EventTargetMapping",
			map[string]any{"flagged": "reviewers"}, "",
			`must have a list of strings at "flagged", or the server would silently keep the default; ` +
				`write an object such as {"flagged":["reviewers"]}`},

		{"log targets", "LogSettings.AdvancedLoggingJSON",
			map[string]any{"c": map[string]any{"type": "console",
				"levels": []any{map[string]any{"id": int64(5), "name": "debug"}}}},
			`{"c":{"levels":[{"id":5,"name":"debug"}],"type":"console"}}`, ""},
		{"a log target that is a text", "LogSettings.AdvancedLoggingJSON", map[string]any{"c": "console"}, "",
			`must have a log target at "c", or the server would not start; write an object such as ` +
				`{"console":{"type":"console","format":"json","levels":[{"id":5,"name":"debug"}],"options":{"out":"stdout"}}}`},

		{"what no variable can hold", "SqlSettings.ReplicaLagSettings", []any{}, "", "cannot be set by environment: " +
			"it is a list of objects, and the server crashes at start when the variable is there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := setting(t, test.setting)
			got, err := s.Encode(test.value)
			switch {
			case test.err != "":
				if err == nil || err.Error() != test.err {
					t.Errorf("got  %q, %v\nwant %s", got, err, test.err)
				}
			case err != nil:
				t.Error(err)
			case got != test.want:
				t.Errorf("got  %q\nwant %q", got, test.want)
			default:
				if err := s.CheckEnv(got); err != nil {
					t.Errorf("%q %v", got, err)
				}
			}
		})
	}
}

func TestCheckEnv(t *testing.T) {
	for _, test := range []struct{ name, setting, value, err string }{
		{"true", "ServiceSettings.EnableTesting", "true", ""},
		{"TRUE", "ServiceSettings.EnableTesting", "TRUE", ""},
		{"t", "ServiceSettings.EnableTesting", "t", ""},
		{"0", "ServiceSettings.EnableTesting", "0", ""},
		{"yes", "ServiceSettings.EnableTesting", "yes",
			`is the string "yes", which the server does not parse as a boolean: it would silently keep the default (false); ` +
				`write true or false`},
		{"an empty boolean", "ServiceSettings.EnableTesting", "",
			`is the string "", which the server does not parse as a boolean: it would silently keep the default (false)` +
				`; write true or false`},
		{"a boolean and a space", "ServiceSettings.EnableTesting", "true ",
			`is the string "true ", which the server does not parse as a boolean: it would silently keep the default (false)` +
				`; write true or false`},
		{"a number", "ServiceSettings.ReadTimeout", "300", ""},
		{"a number with a sign", "ServiceSettings.ReadTimeout", "+300", ""},
		{"a hexadecimal number", "ServiceSettings.ReadTimeout", "0x10",
			`is the string "0x10", which the server does not parse as an integer: it would silently keep the default ` +
				`(300); write digits only`},
		{"a fraction", "ServiceSettings.ReadTimeout", "1.0",
			`is the string "1.0", which the server does not parse as an integer: it would silently keep the default ` +
				`(300); write digits only`},
		{"too large a number", "ServiceSettings.ReadTimeout", "9223372036854775808",
			`is the string "9223372036854775808", which the server does not parse as an integer: ` +
				`it would silently keep the default (300); write digits only`},
		{"a list", "ServiceSettings.TrustedProxyIPHeader", "X-Forwarded-For X-Real-IP", ""},
		{"a map", "PluginSettings.PluginStates", ` {"playbooks": {"Enable": true}} `, ""},
		{"a map with the key in lower case", "PluginSettings.PluginStates", `{"playbooks":{"enable":true}}`, ""},
		{"a boolean for a map", "PluginSettings.PluginStates", "true",
			`is JSON, but not an object; write one such as {"playbooks":{"Enable":true}}`},
		{"null for a map", "PluginSettings.PluginStates", "null",
			`is JSON, but not an object; write one such as {"playbooks":{"Enable":true}}`},
		{"single quotes", "PluginSettings.PluginStates", `{'playbooks':{}}`,
			`is not JSON (error at byte 2); write an object such as {"playbooks":{"Enable":true}}`},
		{"nothing for a map", "PluginSettings.PluginStates", "",
			`is not JSON (error at byte 0); write an object such as {"playbooks":{"Enable":true}}`},
		{"a state that is null", "PluginSettings.PluginStates", `{"playbooks":null}`,
			`must have a plugin's state at "playbooks", or the server would silently keep the default; ` +
				`write an object such as {"playbooks":{"Enable":true}}`},
		{"a state with a quoted boolean", "PluginSettings.PluginStates", `{"playbooks":{"Enable":"true"}}`,
			`must have a plugin's state at "playbooks", or the server would silently keep the default; ` +
				`write an object such as {"playbooks":{"Enable":true}}`},
		{"any string", "TeamSettings.SiteName", "  ", ""},
		{"a secret", "SqlSettings.DataSource", "postgres://u:p@h/d", ""},
		{"a NUL character", "SqlSettings.DataSource", "\x00", "contains a NUL character, " +
			"which an environment variable cannot"},
		{"what is ignored", "ClusterSettings.EnableExperimentalGossipEncryption", "true",
			"cannot be set by environment: it is deprecated and unset, and the server ignores the variable of an unset " +
				"setting; use ClusterSettings.EnableGossipEncryption"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := setting(t, test.setting).CheckEnv(test.value)
			if test.err == "" && err != nil || test.err != "" && (err == nil || err.Error() != test.err) {
				t.Errorf("got  %v\nwant %s", err, test.err)
			}
		})
	}
}

func TestCaution(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"ServiceSettings.TrustedProxyIPHeader", "X-Forwarded-For X-Real-IP", ""},
		{"ServiceSettings.TrustedProxyIPHeader", "X-Forwarded-For  X-Real-IP",
			"has an empty element 1 for the server; separate elements by one space, without spaces around them"},
		{"ServiceSettings.TrustedProxyIPHeader", "X-Forwarded-For ",
			"has an empty element 1 for the server; separate elements by one space, without spaces around them"},
		{"SqlSettings.DataSourceReplicas", " postgres://u:hunter2@h/d",
			"has an empty element 0 for the server; separate elements by one space, without spaces around them"},
		{"AutoTranslationSettings.TargetLanguages", "", "is a list with one empty element for the server; " +
			"remove it, or write elements"},
		{"LocalizationSettings.DefaultServerLocale", "pt-BR", ""},
		{"LocalizationSettings.DefaultServerLocale", "pt_br",
			`is "pt_br", which the server does not have: it uses en instead; did you mean pt-BR?; one of bg, de, en, en-AU, ` +
				`es, fa, fr, hu, it, ja, ko, nl, pl, pt-BR, ro, ru, sv, tr, uk, vi, zh-CN, zh-TW`},
		{"LocalizationSettings.DefaultClientLocale", "xx",
			`is "xx", which the server does not have: it uses en instead; one of bg, de, en, en-AU, es, fa, fr, hu, it, ja, ` +
				`ko, nl, pl, pt-BR, ro, ru, sv, tr, uk, vi, zh-CN, zh-TW`},
		{"LocalizationSettings.AvailableLocales", "", ""},
		{"LocalizationSettings.AvailableLocales", "de,fr", ""},
		{"LocalizationSettings.AvailableLocales", "de, fr",
			`contains " fr", which the server does not have: it offers all locales instead; did you mean fr?; ` +
				`separate them by commas without spaces, each one of bg, de, en, en-AU, es, fa, fr, hu, it, ja, ko, nl, pl, ` +
				`pt-BR, ro, ru, sv, tr, uk, vi, zh-CN, zh-TW`},
		{"TeamSettings.SiteName", "  ", ""},
	} {
		err := setting(t, test.name).Caution(test.value)
		if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("%s=%q\ngot  %v\nwant %s", test.name, test.value, err, test.want)
		}
	}
}

// TestSecretsAreNotShown gives every sensitive setting a value of every kind and form, and looks for it in the errors.
func TestSecretsAreNotShown(t *testing.T) {
	const secret = "hunter2"
	for s := range All() {
		if !s.Sensitive {
			continue
		}
		s.Unsettable = "" // so that everything else is looked at
		errs := []error{s.Caution(secret + "  " + secret), s.CheckEnv(secret + "  " + secret), s.CheckEnv(" "),
			s.Validate(secret, Newest), s.Validate(secret+","+secret, Newest), s.Validate("", Newest)}
		for _, value := range []any{secret, 4711, 4711.5, []any{secret + " " + secret}, []any{secret, 4711},
			[]any{secret, secret + "\xff"}, map[string]any{secret: secret}, nil} {
			_, err := s.Encode(value)
			errs = append(errs, err)
		}
		for _, err := range errs {
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "4711")) {
				t.Errorf("%s %v", s.Name(), err)
			}
		}
	}
}

// FuzzEncode holds that whatever Encode makes is read back by the server as what was given.
func FuzzEncode(f *testing.F) {
	f.Add("text", int64(5), 1.5, true)
	f.Add("", int64(math.MinInt64), math.Inf(-1), false)
	f.Add("a  b ", int64(-1), 1e21, true)
	f.Add("ä\x00\xff", int64(0), math.NaN(), true)
	f.Add(`{"a":"<&>\u2028"}`, int64(1)<<53+1, 0.1, false)
	f.Fuzz(func(t *testing.T, text string, number int64, float float64, on bool) {
		values := []any{
			text, number, float, on, nil, uint64(number), json.Number(text),
			[]any{text}, []any{text, text}, []any{text, number},
			map[string]any{text: text}, map[string]any{text: map[string]any{"Enable": on},
				"b": map[string]any{text: float, "n": number}},
			map[string]any{text: []any{text, text}},
			map[string]any{"a": map[string]any{"type": text, "levels": []any{map[string]any{"id": number, "name": text}}}},
		}
		for _, name := range []string{
			"TeamSettings.SiteName", "SqlSettings.DataSource", "ServiceSettings.EnableTesting", "FileSettings.MaxFileSize",
			"DisplaySettings.CustomURLSchemes",
			"SqlSettings.DataSourceReplicas", "PluginSettings.PluginStates", "PluginSettings.Plugins",
			"LogSettings.AdvancedLoggingJSON",
			"ContentFlaggingSettings.NotificationSettings.EventTargetMapping", "SqlSettings.ReplicaLagSettings",
		} {
			s := setting(t, name)
			for _, value := range values {
				encoded, err := s.Encode(value)
				if err != nil {
					if encoded != "" {
						t.Errorf("%s: %v gives %q and the error %v", name, value, encoded, err)
					}
					continue
				}
				if err := s.CheckEnv(encoded); err != nil {
					t.Errorf("%s: %v gives %q, which %v", name, value, encoded, err)
				}
				again, err := s.Encode(readBack(t, s, encoded))
				if err != nil || again != encoded {
					t.Errorf("%s: %v gives %q, then %q, %v", name, value, encoded, again, err)
				}
				_ = s.Validate(encoded, Newest)
				_ = s.FeatureFor(encoded)
			}
		}
	})
}

// readBack reads a value as the server does.
func readBack(t *testing.T, s Setting, encoded string) any {
	t.Helper()
	switch s.Type {
	case Bool, Int:
		var value any
		decoder := json.NewDecoder(strings.NewReader(encoded))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		return value
	case List:
		var list []any
		for _, element := range strings.Split(encoded, " ") {
			list = append(list, element)
		}
		return list
	case Map, JSON:
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(encoded))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			t.Fatal(err)
		}
		return object
	}
	return encoded
}
