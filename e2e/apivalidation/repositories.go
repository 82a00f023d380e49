// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A repository carries definitions that no Go module on the proxy carries.
type repository struct {
	dir    string // in definitions.sha256, and in ../shared/crds if it exists
	commit string
	source string // owner, name and path of the definitions there
	groups []string
}

// url is where GitHub serves a file of the repository at its commit.
func (r repository) url(file string) string {
	parts := strings.SplitN(r.source, "/", 3)
	return "https://raw.githubusercontent.com/" + parts[0] + "/" + parts[1] + "/" + r.commit + "/" + parts[2] + "/" + file
}

var repositories = []repository{
	{"mattermost", "07a736bb", "mattermost/mattermost-operator/config/crd/bases",
		[]string{"installation.mattermost.com", "mattermost.com"}},
	{"fluentbit", "00625bfd", "fluent/fluent-operator/config/crd/bases", []string{"fluentbit.fluent.io"}},
	{"prometheus", "6adcebc50", "prometheus-operator/prometheus-operator/example/prometheus-operator-crd",
		[]string{"monitoring.coreos.com"}},
	{"minio", "0ee2c254", "minio/operator/resources/base/crds", []string{"minio.min.io"}},
}

// definitionSums pins every file of the repositories, in the form of sha256sum.
//
//go:embed definitions.sha256
var definitionSums []byte

// DeferRepositories declares the groups of the repositories outside, for a validator that must do without the network.
func (v *Validator) DeferRepositories() {
	for _, r := range repositories {
		v.Outside(r.groups...)
	}
}

// LoadRepositories loads the definitions that no module carries. They are read from ../shared/crds where
// that directory exists, else from the project's .cache/crds, filled from GitHub. Either way every file must
// have its pinned sum.
func (v *Validator) LoadRepositories(root string) error {
	shelf := shelf{dir: filepath.Join(root, "..", "shared", "crds")}
	if _, err := os.Stat(shelf.dir); errors.Is(err, fs.ErrNotExist) {
		shelf.dir, shelf.fetch = filepath.Join(root, ".cache", "crds"), download
	}
	return v.loadPinned(shelf, definitionSums)
}

// loadPinned loads every file that a list in the form of sha256sum names.
func (v *Validator) loadPinned(shelf shelf, sums []byte) error {
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			return fmt.Errorf("%q is not a line of sha256sum", lines.Text())
		}
		text, err := shelf.read(name, sum)
		if err != nil {
			return err
		}
		if err := v.Load(name, text); err != nil {
			return err
		}
	}
	return nil
}

// A shelf is a directory of pinned files. With fetch it downloads missing ones.
type shelf struct {
	dir   string
	fetch func(name string) ([]byte, error)
}

func (s shelf) read(name, sum string) ([]byte, error) {
	file := filepath.Join(s.dir, filepath.FromSlash(name))
	text, err := os.ReadFile(file)
	if err == nil && hasSum(text, sum) {
		return text, nil
	}
	if s.fetch == nil {
		if err == nil {
			err = wrongSum(file, sum)
		}
		return nil, err
	}
	if text, err = s.fetch(name); err != nil {
		return nil, err
	}
	if !hasSum(text, sum) {
		return nil, wrongSum(name, sum)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	return text, os.WriteFile(file, text, 0o644)
}

func wrongSum(name, sum string) error {
	return fmt.Errorf("%s does not have the pinned SHA-256 sum %s", name, sum)
}

func hasSum(text []byte, sum string) bool {
	got := sha256.Sum256(text)
	return hex.EncodeToString(got[:]) == sum
}

var github = http.Client{Timeout: time.Minute}

// download fetches "directory/file" of a repository.
func download(name string) ([]byte, error) {
	dir, file, _ := strings.Cut(name, "/")
	for _, r := range repositories {
		if r.dir != dir {
			continue
		}
		answer, err := github.Get(r.url(file))
		if err != nil {
			return nil, fmt.Errorf("../shared/crds does not exist, and GitHub does not answer: %w", err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", r.url(file), answer.Status)
		}
		return io.ReadAll(answer.Body)
	}
	return nil, fmt.Errorf("definitions.sha256: %s belongs to no repository", name)
}
