// SPDX-License-Identifier: Apache-2.0

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

// assignFile chooses the file of a new object for hosts that keep objects in files: a directory per installation next
// to the configuration's file, and in it a file per concern. It skips files that contain objects of other owners.
func (c *Changes) assignFile(item *resourcelist.Item, owner string) {
	if item.File != "" { // set by a patch in spec.patches
		return
	}
	if c.files == nil {
		c.files = map[string]*file{}
		for _, other := range c.items {
			if other != item && other.File != "" {
				c.fileOf(other.Place()).add(other, c.owners.Of(other))
			}
		}
	}
	item.Package = c.configurations[owner].Package
	directory := c.directory(owner)
	item.File = path.Join(directory, concern(item)+".yaml")
	for i := 2; !c.fileOf(item.Place()).belongsTo(owner); i++ {
		item.File = path.Join(directory, fmt.Sprintf("%s-%d.yaml", concern(item), i))
	}
	item.Index = c.fileOf(item.Place()).next
	c.fileOf(item.Place()).add(item, owner)
	if c.list.Directory != "" { // no host reads the annotations
		return
	}
	item.Annotate(kioutil.PathAnnotation, item.File)
	item.Annotate(kioutil.IndexAnnotation, strconv.Itoa(item.Index))
	if item.Package != "" {
		item.Annotate(resourcelist.PackagePath, item.Package)
	}
	if c.host.legacyAnnotations { // functions built on kyaml reject a list in which only some objects have them
		item.Annotate(resourcelist.LegacyPath, item.File)
		item.Annotate(resourcelist.LegacyIndex, strconv.Itoa(item.Index))
	}
}

// directory returns the installation's directory: its name, prefixed with the namespace where two installations would
// share the directory, or where the directory is another kpt package, whose own run would not find the configuration.
func (c *Changes) directory(owner string) string {
	if c.directories == nil {
		c.directories = map[string]int{}
		for other := range c.configurations {
			c.directories[path.Join(c.configurations[other].Package, c.configDirectory(other), path.Base(other))]++
		}
	}
	parent, name, inPackage := c.configDirectory(owner), path.Base(owner), c.configurations[owner].Package
	ours, _ := c.host.packageOf(path.Join(inPackage, parent, "file"))
	foreign := func(directory string) bool {
		theirs, _ := c.host.packageOf(path.Join(inPackage, directory, "file"))
		return theirs != ours
	}
	if directory := path.Join(parent, name); c.directories[path.Join(inPackage, directory)] < 2 && !foreign(directory) {
		return directory
	}
	long := path.Join(parent, path.Dir(owner)+"-"+name)
	directory := long
	for i := 2; foreign(directory); i++ {
		directory = fmt.Sprintf("%s-%d", long, i)
	}
	return directory
}

// configDirectory returns the directory of the configuration's file, or the directory that was read if the file is
// outside it.
func (c *Changes) configDirectory(owner string) string {
	file := c.configurations[owner].File
	if c.list.Directory != "" && !inside(c.list.Directory, file) {
		return c.list.Directory
	}
	return path.Dir(file)
}

// file describes the contents of a file.
type file struct {
	owners map[string]bool
	// next is the index after the last object.
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

// concern returns the base name of the file for an object, without its extension.
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
	case ownership.ComponentDatabase, ownership.ComponentObjectStorage, ownership.ComponentServer,
		ownership.ComponentRoute, ownership.ComponentMesh, ownership.ComponentMonitoring,
		ownership.ComponentLogging, ownership.ComponentNamespace:
		return string(component)
	}
	return strings.ToLower(item.Kind)
}
