// SPDX-License-Identifier: Apache-2.0

package license

import _ "embed"

// The public keys that the server itself checks licenses with, chosen there by MM_SERVICEENVIRONMENT
// (server/channels/utils/license-public-key.txt and license-public-key-test.txt).
var (
	//go:embed production.pem
	productionKey string
	//go:embed test.pem
	testKey string
)

// PublicKey returns the key for an environment, production or test; empty for any other.
func PublicKey(environment string) string {
	switch environment {
	case "production":
		return productionKey
	case "test":
		return testKey
	}
	return ""
}
