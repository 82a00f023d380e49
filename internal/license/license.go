// SPDX-License-Identifier: Apache-2.0

// Package license reads Mattermost's license file as the server does: what it allows, how many may use it, and until
// when. It never prints what identifies the customer, and does not expose the file's contents.
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
	"strings"
	"time"
	"unicode"
)

// Grace is how long the server keeps a license after its expiry.
const Grace = 10 * 24 * time.Hour

// MaxStored is how many characters the server's database stores (server/public/model/license.go,
// LicenseRecord.IsValid). It applies to a license that is uploaded or read from a file, not to MM_LICENSE.
const MaxStored = 10000

// maxLength is the maximum size of an environment variable in Linux (MAX_ARG_STRLEN), including its name and the final
// zero byte.
const maxLength = 32*4096 - len("MM_LICENSE=") - 1

// signatureLength is that of RSA with 2048 bits.
const signatureLength = 256

// License is the content of a license file.
type License struct {
	// ID identifies the license, not the customer.
	ID string
	// Plan is the short name of what was bought: E10, E20, professional, enterprise, advanced or entry; empty in old
	// files.
	Plan string
	// Seats is how many users may be active.
	Seats int
	// SeatsGiven is false if the file has no seats: the server rejects such a license as an upload.
	SeatsGiven bool
	// SeatsEnforced means that no users can be added beyond the seats.
	SeatsEnforced bool
	// Starts is the start date, which the server does not enforce.
	Starts time.Time
	// Expires is the expiry date.
	Expires time.Time
	// Trial is true for a trial license.
	Trial bool
	// Length is how many characters the file has.
	Length int

	features map[string]bool
}

// Parse parses a license file: base64 of JSON followed by a signature. It accepts what the server accepts as
// MM_LICENSE, except for a license without features, with which the server does not start, and one without an expiry
// date, which has expired already. Its errors never contain contents of the file.
func Parse(text string) (*License, error) {
	document, _, err := split(text)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(document, &f); err != nil {
		return nil, malformed(err)
	}
	if f.ExpiresAt == 0 || f.Features == nil {
		return nil, errors.New("it is not a license: it has no expiry date or no features; copy the whole file again")
	}
	l := &License{
		ID:            f.ID,
		Plan:          f.SKUShortName,
		SeatsEnforced: f.IsSeatCountEnforced,
		Starts:        time.UnixMilli(f.StartsAt).UTC(),
		Expires:       time.UnixMilli(f.ExpiresAt).UTC(),
		Trial:         f.IsTrial,
		Length:        len(text),
		features:      f.Features.flags(),
	}
	if users := f.Features.users(); users != nil {
		l.Seats, l.SeatsGiven = *users, true
	}
	return l, nil
}

// malformed returns the error for JSON that the server does not accept as a license.
func malformed(err error) error {
	if typed := new(json.UnmarshalTypeError); errors.As(err, &typed) && typed.Field != "" {
		return fmt.Errorf("it is not a license: the server expects %s as %s and rejects any other value",
			expected(typed.Type), typed.Field)
	}
	return errors.New("it is not a license: it does not contain the JSON of a license; copy the whole file again")
}

// split decodes the text into the JSON and the signature over it, as the server does with the value of MM_LICENSE: line
// breaks do not matter, and every other character must be base64 (server/channels/utils/license.go, ValidateLicense).
func split(text string) (document, signature []byte, err error) {
	trimmed := strings.TrimFunc(text, isSpace)
	switch {
	case trimmed == "":
		return nil, nil, errors.New("it is empty; set it to the content of the license file, which begins with eyJ")
	case strings.HasPrefix(trimmed, "{"):
		return nil, nil, errors.New("it is already decoded, probably because a Secret's `data` was not base64-encoded a " +
			"second time; use the unchanged content of the license file, which begins with eyJ")
	case len(text) > maxLength:
		return nil, nil, fmt.Errorf("it has %d characters, but an environment variable has at most %d; "+
			"this is not a license file", len(text), maxLength)
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, nil, notBase64(text, trimmed)
	}
	decoded = bytes.TrimRight(decoded, "\x00") // so does the server
	if len(decoded) <= signatureLength {
		return nil, nil, errors.New("it is too short to contain a license and its signature; " +
			"copy the whole license file again")
	}
	return decoded[:len(decoded)-signatureLength], decoded[len(decoded)-signatureLength:], nil
}

// notBase64 returns the error for a string that is not base64.
func notBase64(text, trimmed string) error {
	const consequence = "with it the server runs without a license"
	decodes := func(text string) bool {
		_, err := base64.StdEncoding.DecodeString(text)
		return err == nil
	}
	switch {
	case decodes(trimmed):
		return fmt.Errorf("it begins or ends with a space, tab or byte order mark, and %s; remove it", consequence)
	case decodes(strings.Join(strings.FieldsFunc(text, isSpace), "")):
		return fmt.Errorf("it contains a space or tab, and %s; remove it (in YAML a string over several lines "+
			"requires a block with |)", consequence)
	}
	return errors.New("it is not base64: a character is missing or wrong. Copy the whole license file again")
}

// isSpace reports whether a character is one that editors and YAML add. This includes line breaks, which do not matter.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }

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
		return errors.New("its signature does not match the public key: it was changed or truncated, " +
			"or is for another environment (test or production)")
	}
	return nil
}

// State is the state of a license at a time.
type State int

// The states of a license.
const (
	// Valid: it has not expired.
	Valid State = iota
	// InGrace: it expired less than Grace ago, and the server still honors it.
	InGrace
	// Expired: the server removes it.
	Expired
)

// At returns the state of the license at a time.
func (l *License) At(now time.Time) State {
	switch {
	case !l.Expires.Before(now):
		return Valid
	case l.Expires.Add(Grace).After(now):
		return InGrace
	}
	return Expired
}

// Has reports whether the license has a feature, by its key in the file, such as elastic_search. Features that the file
// does not name are those that the server fills in (server/public/model/license.go, Features.SetDefaults).
func (l *License) Has(feature string) bool {
	if on, given := l.features[feature]; given {
		return on
	}
	switch feature {
	case "announcement", "theme_management":
		return true
	case "cloud":
		return false
	}
	future, given := l.features[futureFeatures]
	return future || !given
}

// FeatureKeys returns the keys of the features that the license has, sorted, those that future features bring included.
func (l *License) FeatureKeys() []string {
	var keys []string
	for _, feature := range Features {
		if l.Has(feature.Key) {
			keys = append(keys, feature.Key)
		}
	}
	return keys
}
