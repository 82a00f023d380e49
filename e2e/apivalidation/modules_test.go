// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"strings"
	"testing"
)

func TestAModuleWithAnotherSumIsRefused(t *testing.T) {
	changed := modules[0]
	changed.sum = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	err := New().loadModule(changed)
	if err == nil || !strings.Contains(err.Error(), "want h1:AAAA") {
		t.Errorf("error %v", err)
	}
}

func TestAModuleThatDoesNotExistIsNamed(t *testing.T) {
	err := New().loadModule(module{path: "istio.io/api", version: "v0.0.0-not-there"})
	if err == nil || !strings.Contains(err.Error(), "istio.io/api@v0.0.0-not-there") {
		t.Errorf("error %v", err)
	}
}
