// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"sigs.k8s.io/kustomize/kyaml/kio"

	"bigbang.dev/mattermost-fn/fn"
)

// readFiles reads every YAML file that is named, of a folder those directly in it, and of "-" standard input.
func readFiles(streams ioStreams, names []string) (*fn.List, error) {
	list := &fn.List{}
	return list, addFiles(streams, list, names, nil)
}

// addFiles adds to a list what the named files hold, but those that have been read already.
func addFiles(streams ioStreams, list *fn.List, names []string, already []os.FileInfo) error {
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); name != "-" && err == nil && info.IsDir() {
			if files, err = yamlFiles(name); err != nil {
				return err
			}
		}
		for _, file := range files {
			if info, err := os.Stat(file); file != "-" && err == nil &&
				slices.ContainsFunc(already, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
				continue
			}
			data, err := readFile(streams, file)
			if err != nil {
				return err
			}
			if err := list.ReadFile(file, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// readDirectory reads what kpt would read of a folder: YAML, JSON and Kptfiles in it and below, but what a .krmignore
// names. Then come the named files that do not lie there.
func readDirectory(streams ioStreams, directory string, names []string) (*fn.List, error) {
	if info, err := os.Stat(directory); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder; name the folder first: "+
			"mattermost-fn render --diff FOLDER %[1]s", directory)
	}
	var files []string
	walk := kio.LocalPackageReader{
		PackagePath: directory, PackageFileName: kptfile, IncludeSubpackages: true,
		// It is asked for every file that is not ignored. Reading them is left to us, who keep the numbers of lines.
		FileSkipFunc: func(name string) bool {
			if extension := filepath.Ext(name); slices.Contains([]string{".yaml", ".yml", ".json"}, extension) ||
				filepath.Base(name) == kptfile {
				files = append(files, filepath.ToSlash(filepath.Join(directory, name)))
			}
			return true
		},
	}
	if _, err := walk.Read(); err != nil {
		return nil, err
	}
	list := &fn.List{Directory: filepath.ToSlash(filepath.Clean(directory))}
	var already []os.FileInfo
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := list.ReadFile(file, data); err != nil {
			return nil, fmt.Errorf("%w. Files that hold no resources are named in %s", err,
				filepath.Join(directory, ".krmignore"))
		}
		info, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		already = append(already, info)
	}
	return list, addFiles(streams, list, names, already)
}

// kptfile is the name of the file that makes a folder a package.
const kptfile = "Kptfile"

func readFile(streams ioStreams, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(streams.in)
	}
	return os.ReadFile(name)
}

func yamlFiles(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); !entry.IsDir() && (extension == ".yaml" || extension == ".yml") {
			files = append(files, filepath.Join(directory, entry.Name()))
		}
	}
	sort.Strings(files)
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no YAML files", directory)
	}
	return files, nil
}
