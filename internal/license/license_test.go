// SPDX-License-Identifier: Apache-2.0

package license_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/internal/license"
	"bigbang.dev/mattermost-fn/internal/license/licensetest"
)

var end = time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Plan: "enterprise", Expires: end,
		Features: map[string]any{"users": 500, "cluster": true, "ldap": false, "future_features": false}})
	l, err := license.Parse(text[:60] + "\n" + text[60:] + "\r\n") // line breaks as in a file
	if err != nil {
		t.Fatal(err)
	}
	if l.Plan != "enterprise" || l.Seats != 500 || !l.SeatsGiven || !l.Expires.Equal(end) {
		t.Errorf("got plan %q, %d seats (given: %t), end %s", l.Plan, l.Seats, l.SeatsGiven, l.Expires)
	}
	if got := l.FeatureKeys(); !slices.Equal(got, []string{"announcement", "cluster", "theme_management"}) {
		t.Errorf("features: got %v, want cluster and the two that need no name: all others follow future_features", got)
	}
}

// The plan's name decides nothing: a professional license with the feature cluster has it.
func TestHas(t *testing.T) {
	for name, test := range map[string]struct {
		features map[string]any
		feature  string
		want     bool
	}{
		"true":                             {map[string]any{"cluster": true, "future_features": false}, "cluster", true},
		"false":                            {map[string]any{"cluster": false, "future_features": true}, "cluster", false},
		"not named, future features":       {map[string]any{"future_features": true}, "cluster", true},
		"not named, no future features":    {map[string]any{"future_features": false}, "cluster", false},
		"not named, nothing of the future": {map[string]any{"users": 5}, "cluster", true},
		"cloud is never there by itself":   {map[string]any{"future_features": true}, "cloud", false},
		"the banner needs no name":         {map[string]any{"future_features": false}, "announcement", true},
		"themes need no name":              {map[string]any{"future_features": false}, "theme_management", true},
		"the banner, false":                {map[string]any{"announcement": false}, "announcement", false},
		"in capitals":                      {map[string]any{"CLUSTER": false}, "cluster", false},
		"null is not named":                {map[string]any{"cluster": nil, "future_features": false}, "cluster", false},
		"null, future features":            {map[string]any{"cluster": nil}, "cluster", true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := license.Parse(licensetest.New(t, licensetest.License{Plan: "professional", Expires: end,
				Features: test.features}))
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Has(test.feature); got != test.want {
				t.Errorf("Has(%q) = %t, want %t", test.feature, got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	good := licensetest.New(t, licensetest.License{Expires: end, Features: map[string]any{"users": 1}})
	decoded, _ := base64.StdEncoding.DecodeString(good)
	for name, test := range map[string]struct{ text, want string }{
		"empty":                {" \n", "empty"},
		"already decoded":      {string(decoded), "already decoded"},
		"cut":                  {good[:200], "too short"},
		"one lost":             {good[1:], "not base64"},
		"space inside":         {good[:20] + " " + good[20:], "contains a space or tab"},
		"spaces at the end":    {good + "  ", "begins or ends with a space, tab"},
		"tab at the beginning": {"\t" + good, "begins or ends with a space, tab"},
		"byte order mark":      {"\ufeff" + good, "byte order mark"},
		"too long":             {strings.Repeat("eyJh", 40000), "an environment variable has at most 131060"},
		"other JSON":           {licensetest.Sign(t, []byte(`{"hello": "world"}`)), "no expiry date or no features"},
		"no JSON":              {licensetest.Sign(t, []byte(`hello`)), "does not contain the JSON"},
		"fractions of users": {licensetest.Sign(t, []byte(`{"expires_at": 1, "features": {"users": 10.5}}`)),
			"expects an integer as features.users"},
		"a feature as string": {licensetest.Sign(t, []byte(`{"expires_at": 1, "features": {"cluster": "true"}}`)),
			"expects true or false as features.cluster"},
		"customer as string": {licensetest.Sign(t, []byte(`{"expires_at": 1, "features": {}, "customer": "customer-name"}`)),
			"expects an object as customer"},
		"customer's number": {licensetest.Sign(t, []byte(`{"expires_at": 1, "features": {}, "customer": {"email": 17}}`)),
			"expects a string as customer.email"},
		"features as list": {licensetest.Sign(t, []byte(`{"expires_at": 1, "features": []}`)),
			"expects an object as features"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := license.Parse(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "customer-name") || strings.Contains(err.Error(), "someone") ||
				strings.Contains(err.Error(), "17") {
				t.Errorf("the error contains who the customer is: %v", err)
			}
		})
	}
}

// The server takes a license of any length as MM_LICENSE.
func TestParseLong(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: end,
		Features: map[string]any{"users": 1, "unknown": strings.Repeat("x", 8000)}})
	l, err := license.Parse(text)
	if err != nil || l.Length != len(text) || l.Length <= license.MaxStored {
		t.Errorf("got %v, %v for %d characters", l, err, len(text))
	}
}

// testdata/server.jsonl is what the server itself reads (tools/server-license). It is the judge of what is accepted and
// of what a license has; only a license without features, with which the server crashes, and one without an end are
// refused here.
func TestParseAgreesWithTheServer(t *testing.T) {
	answers, err := os.ReadFile("testdata/server.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for line := range strings.Lines(string(answers)) {
		var server struct {
			Document, ID, Plan string
			Refused, Crashes   bool
			Trial, Enforced    bool
			Starts, Expires    int64
			Seats              int
			Has, Lacks         []string
		}
		if err := json.Unmarshal([]byte(line), &server); err != nil {
			t.Fatal(err)
		}
		l, err := license.Parse(licensetest.Sign(t, []byte(server.Document)))
		if server.Refused || server.Crashes {
			if refused++; err == nil {
				t.Errorf("%s: the server refuses it", server.Document)
			}
			continue
		}
		if server.Expires == 0 {
			if err == nil || !strings.Contains(err.Error(), "no expiry date") {
				t.Errorf("%s: got %v, want an error about its expiry date", server.Document, err)
			}
			// Its features are compared all the same.
			end := `{"expires_at":1,` + strings.TrimPrefix(server.Document, "{")
			server.Expires = 1
			if strings.Contains(server.Document, `"expires_at"`) {
				continue
			}
			l, err = license.Parse(licensetest.Sign(t, []byte(end)))
		}
		if accepted++; err != nil {
			t.Errorf("%s: the server takes it, and here: %v", server.Document, err)
			continue
		}
		if l.ID != server.ID || l.Plan != server.Plan || l.Starts.UnixMilli() != server.Starts ||
			l.Expires.UnixMilli() != server.Expires ||
			l.Trial != server.Trial || l.SeatsEnforced != server.Enforced || l.Seats != server.Seats {
			t.Errorf("%s: got %+v, the server reads %+v", server.Document, l, server)
		}
		for _, feature := range append(license.Features, license.Feature{Key: "cloud"}) {
			want := slices.Contains(server.Has, feature.Key)
			if server.Has == nil {
				want = !slices.Contains(server.Lacks, feature.Key)
			}
			// Of this one the server's defaults say nothing.
			if feature.Key != "auto_translation" && l.Has(feature.Key) != want {
				t.Errorf("%s: Has(%q) = %t, the server says %t", server.Document, feature.Key, !want, want)
			}
		}
	}
	if accepted < 200 || refused < 200 {
		t.Errorf("only %d licenses are accepted and %d refused", accepted, refused)
	}
}

func TestVerify(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: end, Features: map[string]any{"users": 1}})
	if err := license.Verify(text, licensetest.PublicKey(t)); err != nil {
		t.Errorf("with the key it was signed with: %v", err)
	}
	for _, environment := range []string{"production", "test"} {
		if license.Verify(text, license.PublicKey(environment)) == nil {
			t.Errorf("a license of our own making passes the %s key", environment)
		}
	}
	decoded, _ := base64.StdEncoding.DecodeString(text)
	changed := base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(decoded), `"users":1`, `"users":9`, 1)))
	if license.Verify(changed, licensetest.PublicKey(t)) == nil {
		t.Error("a changed license passes")
	}
}

func TestAt(t *testing.T) {
	l, err := license.Parse(licensetest.New(t, licensetest.License{Expires: end, Features: map[string]any{}}))
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[time.Time]license.State{
		end.Add(-time.Second):                license.Valid,
		end:                                  license.Valid,
		end.Add(time.Second):                 license.InGrace,
		end.Add(license.Grace - time.Second): license.InGrace,
		end.Add(license.Grace):               license.Expired,
	} {
		if got := l.At(when); got != want {
			t.Errorf("at %s: got %d, want %d", when, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("eyJ")
	f.Add("{\"id\":1}")
	f.Add(strings.Repeat("eyJh", 200))
	f.Add(licensetest.New(f, licensetest.License{Expires: end,
		Features: map[string]any{"users": 1, "cluster": "x", "ldap": nil}}))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := license.Parse(text)
		if err == nil {
			l.FeatureKeys()
			l.At(end)
		}
		license.Verify(text, license.PublicKey("production"))
	})
}
