// Package harness gives the end-to-end tests what lies around them: the project's own command and the tools that it
// is used with, ways to run them, and folders to run them in.
package harness

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

var root = sync.OnceValues(func() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module bigbang.dev/mattermost-fn\n")) {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no folder above this one holds the module bigbang.dev/mattermost-fn")
		}
		folder = parent
	}
})

// Root is the folder of the project.
func Root() string {
	folder, err := root()
	if err != nil {
		panic(err)
	}
	return folder
}
