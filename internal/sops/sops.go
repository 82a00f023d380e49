// SPDX-License-Identifier: Apache-2.0

// Package sops recognizes values that SOPS has encrypted. The function never decrypts any.
package sops

import "strings"

// IsEncrypted reports whether a value was encrypted by SOPS, which starts every such value with ENC[ (sops,
// aes/cipher.go).
func IsEncrypted(value string) bool { return strings.HasPrefix(value, "ENC[") }
