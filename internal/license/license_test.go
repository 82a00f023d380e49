package license_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/internal/license"
	"bigbang.dev/mattermost-fn/internal/license/licensetest"
)

var end = time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Plan: "enterprise", Expires: end, Features: map[string]any{"users": 500, "cluster": true, "ldap": false, "future_features": false}})
	l, err := license.Parse(text[:60] + "\n" + text[60:] + "\r\n") // line breaks as in a file
	if err != nil {
		t.Fatal(err)
	}
	if l.Plan != "enterprise" || l.Seats != 500 || !l.SeatsGiven || !l.Expires.Equal(end) {
		t.Errorf("got plan %q, %d seats (given: %t), end %s", l.Plan, l.Seats, l.SeatsGiven, l.Expires)
	}
	if got := l.FeatureKeys(); !slices.Equal(got, []string{"cluster"}) {
		t.Errorf("features: got %v, want only cluster: what the file does not name follows future_features", got)
	}
}

// The plan's name decides nothing: a professional licence with the feature cluster has it.
func TestHas(t *testing.T) {
	for name, test := range map[string]struct {
		features map[string]any
		feature  string
		want     bool
	}{
		"said so":                          {map[string]any{"cluster": true, "future_features": false}, "cluster", true},
		"said not":                         {map[string]any{"cluster": false, "future_features": true}, "cluster", false},
		"not named, future features":       {map[string]any{"future_features": true}, "cluster", true},
		"not named, no future features":    {map[string]any{"future_features": false}, "cluster", false},
		"not named, nothing of the future": {map[string]any{"users": 5}, "cluster", true},
		"cloud is never there by itself":   {map[string]any{"future_features": true}, "cloud", false},
		"null is not named":                {map[string]any{"cluster": nil, "future_features": false}, "cluster", false},
		"null, future features":            {map[string]any{"cluster": nil}, "cluster", true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := license.Parse(licensetest.New(t, licensetest.License{Plan: "professional", Expires: end, Features: test.features}))
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
		"empty":           {" \n", "empty"},
		"decoded already": {string(decoded), "decoded already"},
		"cut":             {good[:200], "too short"},
		"one lost":        {good[1:], "not base64"},
		"blank inside":    {good[:20] + " " + good[20:], "not base64"},
		"too long":        {strings.Repeat("eyJh", 3000), "at most 10000"},
		"other JSON":      {licensetest.Sign(t, []byte(`{"hello": "world"}`)), "no end or no features"},
		"no JSON":         {licensetest.Sign(t, []byte(`hello`)), "not the JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := license.Parse(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error that says %q", err, test.want)
			}
			if strings.Contains(err.Error(), "customer") || strings.Contains(err.Error(), "somebody") {
				t.Errorf("the error tells who the customer is: %v", err)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: end, Features: map[string]any{"users": 1}})
	if err := license.Verify(text, licensetest.PublicKey(t)); err != nil {
		t.Errorf("with the key it was signed with: %v", err)
	}
	for _, environment := range []string{"production", "test"} {
		if license.Verify(text, license.PublicKey(environment)) == nil {
			t.Errorf("a licence of our own making passes the %s key", environment)
		}
	}
	decoded, _ := base64.StdEncoding.DecodeString(text)
	changed := base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(decoded), `"users":1`, `"users":9`, 1)))
	if license.Verify(changed, licensetest.PublicKey(t)) == nil {
		t.Error("a changed licence passes")
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
	f.Add(licensetest.New(f, licensetest.License{Expires: end, Features: map[string]any{"users": 1, "cluster": "x", "ldap": nil}}))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := license.Parse(text)
		if err == nil {
			l.FeatureKeys()
			l.At(end)
		}
		license.Verify(text, license.PublicKey("production"))
	})
}
