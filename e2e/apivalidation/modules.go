// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A module carries definitions. The sum is the one that a go.sum would hold; none of these modules is a dependency of
// anything here, so they have no go.sum of their own.
type module struct {
	path, version, sum string
	definitions        string // glob inside the module
}

var modules = []module{
	{"istio.io/api", "v1.31.1", "h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=",
		"kubernetes/customresourcedefinitions.gen.yaml"},
	{"sigs.k8s.io/gateway-api", "v1.6.0", "h1:735YBRj5NXFrOGX0GoSjwzUIzbz8kiEOfADsqHFmHgE=", "config/crd/standard/*.yaml"},
	{"github.com/cloudnative-pg/cloudnative-pg", "v1.30.0", "h1:fnhVq44xXx97MNiuvJsPrX1vSjYbgdyBK5MSGfdHdp0=",
		"config/crd/bases/*.yaml"},
	{"github.com/cloudnative-pg/plugin-barman-cloud", "v0.15.0", "h1:gNVytrzzYUE08wxLDrjfJqy1FPPSFkMe1OEr4s4pVI0=",
		"config/crd/bases/*.yaml"},
	{"github.com/external-secrets/external-secrets", "v1.3.2", "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		"config/crds/bases/*.yaml"},
}

// LoadModules loads the definitions that Go modules carry, from the module cache or the module proxy.
func (v *Validator) LoadModules() error {
	for _, m := range modules {
		if err := v.loadModule(m); err != nil {
			return fmt.Errorf("definitions of %s@%s: %w", m.path, m.version, err)
		}
	}
	return nil
}

func (v *Validator) loadModule(m module) error {
	dir, err := m.download()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, m.definitions))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no file matches %s", m.definitions)
	}
	return v.loadFiles(files)
}

func (v *Validator) loadFiles(files []string) error {
	for _, file := range slices.Sorted(slices.Values(files)) {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := v.Load(file, text); err != nil {
			return err
		}
	}
	return nil
}

// download returns the directory of the module's files, once the go command and the pinned sum agree on them.
func (m module) download() (string, error) {
	command := exec.Command("go", "mod", "download", "-json", m.path+"@"+m.version)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, runErr := command.Output()
	var got struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(stdout, &got); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, runErr, stderr.Bytes())
	}
	if got.Error != "" {
		return "", fmt.Errorf("%s: %s", command, got.Error)
	}
	if got.Sum != m.sum {
		return "", fmt.Errorf("sum is %s, want %s", got.Sum, m.sum)
	}
	return got.Dir, nil
}
