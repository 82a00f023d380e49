// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 defines the fields of the External Secrets operator's Password generator that are emitted.
package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion and Kind identify the resource.
const (
	APIVersion = "generators.external-secrets.io/v1alpha1"
	Kind       = "Password"
)

// Password generates a new random password for every fetch of an ExternalSecret.
type Password struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec PasswordSpec `json:"spec"`
}

// PasswordSpec describes the composition of the password.
type PasswordSpec struct {
	// Length is the number of characters. Digits of them are digits, Symbols are symbols, and the others are letters.
	Length  int `json:"length"`
	Digits  int `json:"digits"`
	Symbols int `json:"symbols"`
	// NoUpper excludes upper-case letters.
	NoUpper bool `json:"noUpper"`
	// AllowRepeat allows a character to occur more than once.
	AllowRepeat bool   `json:"allowRepeat"`
	Encoding    string `json:"encoding"`
}
