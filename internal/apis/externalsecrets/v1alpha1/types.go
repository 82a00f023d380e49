// Package v1alpha1 holds the fields of the External Secrets operator's Password generator that are emitted.
package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion and Kind of the resource.
const (
	APIVersion = "generators.external-secrets.io/v1alpha1"
	Kind       = "Password"
)

// Password makes a random password for every ExternalSecret that asks, each time anew.
type Password struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec PasswordSpec `json:"spec"`
}

// PasswordSpec says what the password is made of.
type PasswordSpec struct {
	// Length in characters, of which Digits are digits and Symbols are signs; the others are letters.
	Length  int `json:"length"`
	Digits  int `json:"digits"`
	Symbols int `json:"symbols"`
	// NoUpper leaves capital letters out.
	NoUpper bool `json:"noUpper"`
	// AllowRepeat lets a character stand in it more than once.
	AllowRepeat bool   `json:"allowRepeat"`
	Encoding    string `json:"encoding"`
}
