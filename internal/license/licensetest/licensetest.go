// SPDX-License-Identifier: Apache-2.0

// Package licensetest makes licenses for tests, signed with a key that is made on the spot: a real server refuses them.
package licensetest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"slices"
	"sync"
	"testing"
	"time"
)

// key is made once: two thousand bits take a while.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// PublicKey returns the key that checks what New makes, in PEM.
func PublicKey(t testing.TB) string {
	t.Helper()
	private, err := key()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// License is what New writes into a license.
type License struct {
	// ID and Customer identify it; both have a value that tests can look for.
	ID, Customer string
	// Plan is sku_short_name.
	Plan string
	// Expires is its end.
	Expires time.Time
	// Features as they stand in the file, such as users, cluster, future_features.
	Features map[string]any
}

// New returns the text of a license file.
func New(t testing.TB, l License) string {
	t.Helper()
	if l.ID == "" {
		l.ID = "license-id-for-tests"
	}
	if l.Customer == "" {
		l.Customer = "customer-name-for-tests"
	}
	document, err := json.Marshal(map[string]any{
		"id": l.ID, "issued_at": 1, "starts_at": 1, "expires_at": l.Expires.UnixMilli(),
		"customer": map[string]string{"id": "customer-id", "name": l.Customer, "email": "someone@example.com",
			"company": l.Customer},
		"features": l.Features,
		"sku_name": l.Plan, "sku_short_name": l.Plan,
	})
	if err != nil {
		t.Fatal(err)
	}
	return Sign(t, document)
}

// Sign returns the text of a license file with any JSON in it.
func Sign(t testing.TB, document []byte) string {
	t.Helper()
	private, err := key()
	if err != nil {
		t.Fatal(err)
	}
	for {
		digest := sha512.Sum512(document)
		signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA512, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		if signature[len(signature)-1] != 0 {
			return base64.StdEncoding.EncodeToString(slices.Concat(document, signature))
		}
		// The server takes zeros at the end for padding, and so reads no such license.
		document = slices.Concat(document, []byte{'\n'})
	}
}
