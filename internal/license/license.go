// Package license reads Mattermost's licence file: what it allows, how many may use it, and until when. It never prints
// what identifies the customer, and nobody outside it sees the file's contents.
package license

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Grace is how long the server goes on after the end of a licence before it removes it.
const Grace = 10 * 24 * time.Hour

// maxLength is what the server's database takes (LicenseRecord.IsValid, server/public/model/license.go).
const maxLength = 10000

// signatureLength is that of RSA with 2048 bits.
const signatureLength = 256

// License is what a licence file says.
type License struct {
	// ID identifies the licence, not the customer.
	ID string
	// Plan is the short name of what was bought: E10, E20, professional, enterprise, advanced or entry; empty in old files.
	Plan string
	// Seats is how many users may be active.
	Seats int
	// SeatsGiven is false where the file does not say: the server refuses such a licence.
	SeatsGiven bool
	// Starts is when it begins, which the server does not enforce.
	Starts time.Time
	// Expires is when it ends.
	Expires time.Time
	// Trial says that it is one.
	Trial bool

	features map[string]bool
	future   bool
}

// file is the JSON of a licence, as far as it is read (server/public/model/license.go). The customer is left out on
// purpose.
type file struct {
	ID        string                     `json:"id"`
	StartsAt  int64                      `json:"starts_at"`
	ExpiresAt int64                      `json:"expires_at"`
	Plan      string                     `json:"sku_short_name"`
	Trial     bool                       `json:"is_trial"`
	Features  map[string]json.RawMessage `json:"features"`
}

// Parse reads the text of a licence file: base64 of JSON followed by a signature. Its errors say what is wrong with the
// form, never what stands in it.
func Parse(text string) (*License, error) {
	document, _, err := split(text)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(document, &f); err != nil {
		return nil, errors.New("it is not a licence: what is encoded in it is not the JSON of one; copy the file again, whole")
	}
	if f.ExpiresAt == 0 || f.Features == nil {
		return nil, errors.New("it is not a licence: it holds no end or no features; copy the file again, whole")
	}
	l := &License{
		ID:       f.ID,
		Plan:     f.Plan,
		Starts:   time.UnixMilli(f.StartsAt).UTC(),
		Expires:  time.UnixMilli(f.ExpiresAt).UTC(),
		Trial:    f.Trial,
		features: map[string]bool{},
		future:   true,
	}
	for key, raw := range f.Features {
		var on bool
		switch {
		case key == "users":
			l.SeatsGiven = json.Unmarshal(raw, &l.Seats) == nil
		case json.Unmarshal(raw, &on) == nil && string(raw) != "null":
			l.features[key] = on
		}
	}
	if future, given := l.features[futureFeatures]; given {
		l.future = future
	}
	return l, nil
}

// split decodes the text into the JSON and the signature over it.
func split(text string) (document, signature []byte, err error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil, errors.New("it is empty; give the text of the licence file, which begins with eyJ")
	case strings.HasPrefix(text, "{"):
		return nil, nil, errors.New("it is decoded already, probably by a Secret's `data` without a second base64; give the text of the licence file as it is, which begins with eyJ")
	case len(text) > maxLength:
		return nil, nil, fmt.Errorf("it has %d characters, and the server stores at most %d; this is not a licence file", len(text), maxLength)
	}
	decoded, err := base64.StdEncoding.DecodeString(text) // which skips line breaks, as the server's does
	if err != nil {
		return nil, nil, errors.New("it is not base64 all through; a character was lost or a blank got in. Copy the licence file again, whole")
	}
	decoded = bytes.TrimRight(decoded, "\x00") // so does the server
	if len(decoded) <= signatureLength {
		return nil, nil, errors.New("it is too short to hold a licence and its signature; copy the licence file again, whole")
	}
	return decoded[:len(decoded)-signatureLength], decoded[len(decoded)-signatureLength:], nil
}

// Verify checks the signature, RSA over SHA-512, with the given public key in PEM.
func Verify(text, publicKey string) error {
	block, _ := pem.Decode([]byte(publicKey))
	if block == nil {
		return errors.New("the public key is not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return errors.New("the public key cannot be read")
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return errors.New("the public key is not RSA")
	}
	document, signature, err := split(text)
	if err != nil {
		return err
	}
	digest := sha512.Sum512(document)
	if rsa.VerifyPKCS1v15(key, crypto.SHA512, digest[:], signature) != nil {
		return errors.New("its signature does not fit the public key: it was changed or cut, or is for another environment (test or production)")
	}
	return nil
}

// State is where a licence stands at a time.
type State int

// The states of a licence.
const (
	// Valid: it has not ended.
	Valid State = iota
	// InGrace: it has ended less than Grace ago, and the server still honours it.
	InGrace
	// Expired: the server removes it.
	Expired
)

// At says where the licence stands at a time.
func (l *License) At(now time.Time) State {
	switch {
	case !l.Expires.Before(now):
		return Valid
	case l.Expires.Add(Grace).After(now):
		return InGrace
	}
	return Expired
}

// Has says whether the licence holds a feature, by its key in the file, such as elastic_search. A feature that the file
// does not name is there if future features are, which they are unless the file says otherwise (Features.SetDefaults);
// only cloud never is.
func (l *License) Has(feature string) bool {
	if on, given := l.features[feature]; given {
		return on
	}
	return l.future && feature != "cloud"
}

const futureFeatures = "future_features"

// Feature is one thing that a licence can hold.
type Feature struct {
	// Key is its name in the licence file.
	Key string
	// What it opens.
	What string
}

// Features are all that the server asks for, sorted by key.
var Features = []Feature{
	{"advanced_logging", "log targets other than console and file"},
	{"announcement", "the banner over every page"},
	{"auto_translation", "automatic translation"},
	{"cluster", "several servers (high availability), and the Redis cache"},
	{"compliance", "compliance monitoring, and encryption of files in S3"},
	{"custom_permissions_schemes", "permission schemes"},
	{"custom_terms_of_service", "terms of service of your own"},
	{"data_retention", "deletion of old messages and files"},
	{"elastic_search", "search in Elasticsearch or OpenSearch"},
	{"email_notification_contents", "e-mails without the message's text"},
	{"enterprise_plugins", "licensed plugins"},
	{"google_oauth", "logging in with Google"},
	{"guest_accounts", "guest accounts"},
	{"guest_accounts_permissions", "permissions of guests"},
	{"id_loaded", "push notifications without the message's text"},
	{"ldap", "logging in with AD/LDAP"},
	{"ldap_groups", "groups from AD/LDAP"},
	{"lock_teammate_name_display", "one form of names for everybody"},
	{"message_export", "compliance export"},
	{"metrics", "metrics for Prometheus"},
	{"mfa", "enforced second factor"},
	{"mhpns", "Mattermost's hosted push service"},
	{"office365_oauth", "logging in with Entra ID"},
	{"openid", "logging in with OpenID Connect and, since version 11, with GitLab's protocol"},
	{"outgoing_oauth_connections", "outgoing OAuth connections"},
	{"remote_cluster_service", "connected workspaces"},
	{"saml", "logging in with SAML"},
	{"shared_channels", "shared channels"},
	{"theme_management", "themes for everybody"},
}

// FeatureKeys returns the keys of the features that the licence holds, sorted, those that future features bring included.
func (l *License) FeatureKeys() []string {
	var keys []string
	for _, feature := range Features {
		if l.Has(feature.Key) {
			keys = append(keys, feature.Key)
		}
	}
	sort.Strings(keys)
	return keys
}

// What returns what a feature opens; the key itself where it is not known.
func What(feature string) string {
	for _, f := range Features {
		if f.Key == feature {
			return f.What
		}
	}
	return feature
}
