package transformers

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// place says in which file a new object goes, where the host keeps objects in files: beside the configuration's own file
// a folder for each installation, and in it a file for each concern. A file that holds anything of somebody else's is not
// written to.
func (c *Changes) place(item *resourcelist.Item, owner string) {
	if item.File != "" { // a patch of the user's says where
		return
	}
	if c.files == nil {
		c.files = map[string]*file{}
		for _, there := range c.list.Items {
			if there != item && there.File != "" {
				c.fileOf(path.Clean(there.File)).add(there, Owner(there))
			}
		}
	}
	folder := c.folder(owner)
	name := path.Join(folder, concern(item)+".yaml")
	for i := 2; !c.fileOf(name).belongsTo(owner); i++ {
		name = path.Join(folder, fmt.Sprintf("%s-%d.yaml", concern(item), i))
	}
	item.File, item.Index = name, c.fileOf(name).next
	c.fileOf(name).add(item, owner)
	if c.list.Folder != "" { // nobody there reads annotations
		return
	}
	item.Annotate(kioutil.PathAnnotation, name)
	item.Annotate(kioutil.IndexAnnotation, strconv.Itoa(item.Index))
	if c.host.legacyAnnotations { // a function built on kyaml refuses a list of which only some objects have them
		item.Annotate(resourcelist.LegacyPath, name)
		item.Annotate(resourcelist.LegacyIndex, strconv.Itoa(item.Index))
	}
}

// folder is the installation's: its name, with the namespace where another one beside it has the same.
func (c *Changes) folder(owner string) string {
	if c.folders == nil {
		c.folders = map[string]int{}
		for other := range c.live {
			c.folders[path.Join(c.beside(other), path.Base(other))]++
		}
	}
	beside, name := c.beside(owner), path.Base(owner)
	if folder := path.Join(beside, name); c.folders[folder] < 2 {
		return folder
	}
	return path.Join(beside, path.Dir(owner)+"-"+name)
}

// beside is the folder in which the configuration lies; the topmost one where it lies elsewhere.
func (c *Changes) beside(owner string) string {
	file := c.live[owner]
	if c.list.Folder != "" && !inside(c.list.Folder, file) {
		return c.list.Folder
	}
	return path.Dir(file)
}

// file is what is known of a file.
type file struct {
	owners map[string]bool
	// next is the place behind the last object.
	next int
}

func (c *Changes) fileOf(name string) *file {
	if c.files[name] == nil {
		c.files[name] = &file{owners: map[string]bool{}}
	}
	return c.files[name]
}

func (f *file) add(item *resourcelist.Item, owner string) {
	f.owners[owner] = true
	f.next = max(f.next, item.Index+1)
}

func (f *file) belongsTo(owner string) bool {
	return len(f.owners) == 0 || len(f.owners) == 1 && f.owners[owner]
}

// concern is what an object is about, as the name of its file.
func concern(item *resourcelist.Item) string {
	switch item.Kind {
	case "Secret", "ExternalSecret", "Password":
		return "secrets"
	}
	switch component := ownership.Component(item.Label(ownership.LabelComponent)); component {
	case ownership.ComponentGossip:
		return string(ownership.ComponentServer)
	case ownership.ComponentNetwork:
		return "network-policies"
	case ownership.ComponentDatabase, ownership.ComponentObjectStorage, ownership.ComponentServer, ownership.ComponentRoute,
		ownership.ComponentMesh, ownership.ComponentMonitoring, ownership.ComponentLogging, ownership.ComponentNamespace:
		return string(component)
	}
	return strings.ToLower(item.Kind)
}
