// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/fn"
)

// writeDirectory writes what a run in place makes of a directory: new objects in one file per concern, as kpt packages
// have them, changed files with their comments, and no file that does not change. It writes nothing if there is an
// error.
func writeDirectory(streams ioStreams, options renderOptions, files []string) error {
	directory := options.directory
	if _, err := os.Stat(directory); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return refuse(streams, err)
		}
		defer os.Remove(directory) // succeeds only if nothing was written
	}
	run, err := runInPlace(streams, directory, files, options.from)
	if err != nil {
		return err
	}
	list, changes := run.list, run.changes
	contents := map[string][]byte{} // nil for a file to remove
	for _, change := range changes {
		file, _ := change.Object.File()
		if _, done := contents[file]; done || change.State == fn.Unchanged {
			continue
		}
		name, inside := below(directory, file)
		if !inside {
			return refuse(streams, fmt.Errorf("%s: %s is outside %s, which is the only directory that is written; "+
				"move the object there", file, change.Object, directory))
		}
		if _, err := os.Lstat(file); err == nil && change.State == fn.Added && !run.files[file] {
			return refuse(streams, fmt.Errorf("%s exists, but was not read: it has no objects, or a .krmignore hides it; "+
				"remove or rename it", filepath.Join(directory, name)))
		}
		var out bytes.Buffer
		if err := list.WriteFile(&out, file); err != nil {
			return refuse(streams, err)
		}
		contents[file] = out.Bytes()
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return refuse(streams, err)
	}
	defer root.Close()
	for _, file := range slices.Sorted(maps.Keys(contents)) {
		name, _ := below(directory, file)
		if err := replaceFile(root, name, contents[file]); err != nil {
			return refuse(streams, err)
		}
	}
	if !options.list {
		return nil
	}
	var out bytes.Buffer
	if err := listChanges(&out, changes, streams.outStyle()); err != nil {
		return err
	}
	return streams.write(out.Bytes())
}

// below returns the name of a file relative to a directory, and whether it is inside it.
func below(directory, file string) (string, bool) {
	name, err := filepath.Rel(directory, filepath.FromSlash(file))
	return name, err == nil && filepath.IsLocal(name)
}

// replaceFile writes a file completely or not at all, or removes it if it has no content. Links are followed only
// within the directory.
func replaceFile(root *os.Root, name string, content []byte) error {
	if len(content) == 0 {
		return root.Remove(name)
	}
	if parent := path.Dir(filepath.ToSlash(name)); parent != "." {
		if err := root.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	temporary := filepath.Join(filepath.Dir(name), "."+strings.TrimPrefix(filepath.Base(name), ".")+".mattermost-fn")
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return nil
}
