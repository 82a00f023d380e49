package commands

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"mattermost-fn/fn/resourcelist"
	"mattermost-fn/fn/v1alpha1"
)

// readFiles reads every YAML file that is named, of a folder those directly in it, and of "-" standard input.
func readFiles(std streams, names []string) (*resourcelist.List, error) {
	list := &resourcelist.List{}
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); name != "-" && err == nil && info.IsDir() {
			if files, err = yamlFiles(name); err != nil {
				return nil, err
			}
		}
		for _, file := range files {
			data, err := readFile(std, file)
			if err != nil {
				return nil, err
			}
			if err := list.ReadFile(file, data); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func readFile(std streams, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(std.in)
	}
	return os.ReadFile(name)
}

func yamlFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); !entry.IsDir() && (extension == ".yaml" || extension == ".yml") {
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	sort.Strings(files)
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no YAML files", folder)
	}
	return files, nil
}

// forCluster says whether an item is one to apply: not our configuration or another tool's, and not marked as local.
func forCluster(item *resourcelist.Item) bool {
	if item.Name == "" || item.Group() == v1alpha1.Group || strings.HasPrefix(item.APIVersion, "kustomize.config.k8s.io/") || strings.HasPrefix(item.APIVersion, "kpt.dev/") {
		return false
	}
	return !item.IsLocalConfig()
}
