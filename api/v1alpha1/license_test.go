// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestLicensed(t *testing.T) {
	given := &License{SecretValue: &SecretValue{Value: "eyJ"}}
	for name, test := range map[string]struct {
		spec MattermostConfigSpec
		want bool
	}{
		"none":        {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true}}, false},
		"given":       {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true, License: given}}, true},
		"not enabled": {MattermostConfigSpec{Enterprise: &Enterprise{License: given}}, false},
		"uploaded": {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true,
			License: &License{Uploaded: true}}}, true},
		"in env": {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true},
			Env: []corev1.EnvVar{{Name: "MM_LICENSE", Value: "eyJ"}}}, true},
		"in env by reference": {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true},
			Env: []corev1.EnvVar{{Name: "MM_LICENSE", ValueFrom: &corev1.EnvVarSource{}}}}, true},
		"empty in env": {MattermostConfigSpec{Enterprise: &Enterprise{Enabled: true},
			Env: []corev1.EnvVar{{Name: "MM_LICENSE"}}}, false},
	} {
		if got := test.spec.Licensed(); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

// Each visits a license in the configuration under its own path, and no secret if it was uploaded.
func TestEachSecretFindsTheLicense(t *testing.T) {
	for want, license := range map[string]*License{
		"spec.enterprise.license": {SecretValue: &SecretValue{Value: "eyJ"}},
		"":                        {Uploaded: true},
	} {
		config := &MattermostConfig{}
		config.Spec.Enterprise = &Enterprise{License: license}
		found := ""
		Each(config, func(field string, _ *SecretValue) { found += field })
		if found != want {
			t.Errorf("found %q, want %q", found, want)
		}
	}
}

func TestLicenseIsNotPrinted(t *testing.T) {
	for _, license := range []License{{SecretValue: &SecretValue{Value: "hunter2"}}, {Uploaded: true}} {
		for _, format := range []string{"%v", "%s", "%+v", "%#v"} {
			switch got := fmt.Sprintf(format, license); got {
			case "(secret)", "(uploaded license)":
			default:
				t.Errorf("%s prints %q", format, got)
			}
		}
	}
}
