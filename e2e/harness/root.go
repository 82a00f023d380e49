// SPDX-License-Identifier: Apache-2.0

// Package harness builds and runs the project's command and the tools that it is used with, in directories of their
// own.
package harness

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

var root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module bigbang.dev/mattermost-fn\n")) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no directory above this one holds the module bigbang.dev/mattermost-fn")
		}
		dir = parent
	}
})

// Root is the directory of the project.
func Root() string {
	dir, err := root()
	if err != nil {
		panic(err)
	}
	return dir
}
