// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist/scan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// ID identifies an object.
type ID struct {
	// APIVersion is, for example, apps/v1.
	APIVersion string
	// Kind is, for example, Deployment.
	Kind string
	// Namespace is empty if the object has none.
	Namespace string
	// Name is empty for objects without metadata, such as kustomization.yaml, which kpt sends too.
	Name string
}

// Group returns the API group; empty for the core group.
func (id ID) Group() string {
	group, _, found := strings.Cut(id.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Same reports whether both identify the same object, in any version of the API group.
func (id ID) Same(other ID) bool {
	return id.Group() == other.Group() && id.Kind == other.Kind &&
		id.Namespace == other.Namespace && id.Name == other.Name
}

// String returns kind, namespace and name for messages.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// Item is one object of a list. Its identity is known without parsing it. Node parses it; after changing the node, call
// Changed, because an unchanged item is written as it was read.
type Item struct {
	ID
	// File is the file of the object, if the host provides it; Index is the object's index in the file. In kpt, the file
	// is relative to Package.
	File  string
	Index int
	// Package is the directory of the kpt package that contains File; empty if the host provides none. When kpt renders a
	// package, it also sends the objects of the packages in it.
	Package string
	// root is the directory of the outermost kpt package in the list.
	root string
	// LinesAreOfFile is true if the line numbers of the node are line numbers of File.
	LinesAreOfFile bool

	// text contains the object as an element of the list, including its dash. It is empty once the node has changed, and
	// for an object that was created from a node.
	text []byte
	// manifest contains a generated object as a document; empty for any other object.
	manifest []byte
	// labels and annotations of an object with a text or manifest.
	labels, annotations []scan.Pair

	// node is nil until it is first needed.
	node *yaml.Node
	// document is the YAML document of the object, with the comments around it; nil for an object of a ResourceList.
	document *yaml.Node
	// problem is the error of parsing the node.
	problem error
}

// Annotations with the file of an object, from hosts before kpt 1.0. kpt still writes them.
const (
	LegacyPath  = "config.kubernetes.io/path"
	LegacyIndex = "config.kubernetes.io/index"
)

// PackagePath is the annotation in which kpt names the directory of an object's package (kpt, pkg/kptfile/kptfileutil
// and pkg/lib/kptops/render.go).
const PackagePath = "internal.config.kubernetes.io/package-path"

// NewItem returns an item for a mapping.
func NewItem(node *yaml.Node) *Item {
	spellNulls(node, false)
	item := &Item{node: node}
	item.APIVersion = Text(Field(node, "apiVersion"))
	item.Kind = Text(Field(node, "kind"))
	item.Name = Text(Field(node, "metadata", "name"))
	item.Namespace = Text(Field(node, "metadata", "namespace"))
	item.locate()
	return item
}

// Generated returns an item for a generated manifest, which must be in block style, begin with apiVersion, kind and
// metadata, and have annotations.
func Generated(manifest []byte, id ID, labels, annotations map[string]string) *Item {
	item := &Item{ID: id, manifest: manifest}
	for key, value := range labels {
		item.labels = append(item.labels, scan.Pair{Key: []byte(key), Value: []byte(value)})
	}
	for key, value := range annotations {
		item.annotations = append(item.annotations, scan.Pair{Key: []byte(key), Value: []byte(value)})
	}
	return item
}

// read sets the item to a scanned object. It parses the object only if it is ambiguous. The error means that the list
// must be parsed as a whole.
func (i *Item) read(object *scan.Object) error {
	if !object.Ambiguous {
		*i = Item{
			ID:   ID{object.APIVersion, object.Kind, object.Namespace, object.Name},
			text: object.Text, labels: object.Labels, annotations: object.Annotations,
		}
		i.locate()
		return nil
	}
	node, err := parse(object.Text)
	switch {
	case err != nil:
		return err
	case node.Kind != yaml.MappingNode:
		return errors.New("an item is not an object")
	}
	*i = *NewItem(node)
	i.text = object.Text
	return nil
}

// locate sets the file of an item from its annotations.
func (i *Item) locate() {
	i.File = cmp.Or(i.Annotation(kioutil.PathAnnotation), i.Annotation(LegacyPath))
	i.Index, _ = strconv.Atoi(cmp.Or(i.Annotation(kioutil.IndexAnnotation), i.Annotation(LegacyIndex)))
	i.Package = i.Annotation(PackagePath)
}

// Place returns the file of the object with the directory of its package, or an empty string if it is not known.
func (i *Item) Place() string {
	if i.File == "" {
		return ""
	}
	return path.Join(i.Package, i.File)
}

// Path returns the file of the object for messages: relative to the outermost package, or an empty string if it is not
// known. The directories of packages are absolute, and results, which kpt stores, must not depend on the machine.
func (i *Item) Path() string {
	switch {
	case i.File == "" || i.Package == i.root:
		return i.File
	case i.root == "/":
		return strings.TrimPrefix(i.Place(), "/")
	}
	return strings.TrimPrefix(i.Place(), i.root+"/")
}

// PlaceAt gives the item the file of another item.
func (i *Item) PlaceAt(other *Item) {
	i.File, i.Index, i.Package, i.root = other.File, other.Index, other.Package, other.root
}

// findRoot sets the outermost package of all items.
func findRoot(items []*Item) {
	root, found := "", false
	for _, item := range items {
		switch {
		case item.Package == "":
		case !found:
			root, found = path.Clean(item.Package), true
		default:
			for item.Package != root && !strings.HasPrefix(item.Package, strings.TrimSuffix(root, "/")+"/") &&
				path.Dir(root) != root {
				root = path.Dir(root)
			}
		}
	}
	for _, item := range items {
		item.root = root
	}
}

// maxObject limits the size of an object that is parsed, in bytes: the API server accepts no larger request
// (k8s.io/apiserver, MaxRequestBodyBytes).
const maxObject = 3 << 20

// parse parses an object in the form that it has in a ResourceList: a list with one element, or a mapping with one
// field.
func parse(text []byte) (*yaml.Node, error) {
	if len(text) > maxObject {
		return nil, fmt.Errorf("object too large: %d MB; the API server accepts at most %d MB",
			len(text)>>20, maxObject>>20)
	}
	return parseAny(text)
}

// parseAny is parse without a limit on the size.
func parseAny(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, errors.New("empty object")
	}
	inner := document.Content[0].Content
	single := len(inner) == 1 && document.Content[0].Kind == yaml.SequenceNode ||
		len(inner) == 2 && document.Content[0].Kind == yaml.MappingNode
	if !single {
		return nil, errors.New("more than one object")
	}
	node := inner[len(inner)-1]
	spellNulls(node, false)
	return node, nil
}

// spellNulls makes the nulls in flow mappings such as {host} explicit: the encoder would write them as empty strings.
func spellNulls(node *yaml.Node, inFlow bool) {
	inFlow = inFlow || node.Style&yaml.FlowStyle != 0
	for _, child := range node.Content {
		if inFlow && child.Kind == yaml.ScalarNode && child.Value == "" && child.ShortTag() == yaml.NodeTagNull {
			child.Value = "null"
		}
		spellNulls(child, inFlow)
	}
}

// Field returns the value of a field of nested mappings, with aliases resolved, or nil if it does not exist.
func Field(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		var value *yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name && node.Content[i].Kind == yaml.ScalarNode {
				value = node.Content[i+1]
				break
			}
		}
		if value != nil && value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		node = value
	}
	return node
}

// Text returns the value of a scalar as a string. It is empty for null and for any other node.
func Text(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode || node.ShortTag() == yaml.NodeTagNull {
		return ""
	}
	return node.Value
}

// ServerVariable returns the value of an environment variable of the server in a Mattermost resource; empty if it has
// none, or takes the value from elsewhere.
func ServerVariable(mattermost *Item, name string) string {
	environment := Field(mattermost.Node(), "spec", "mattermostEnv")
	if environment == nil || environment.Kind != yaml.SequenceNode {
		return ""
	}
	for _, variable := range environment.Content {
		if Text(Field(variable, "name")) == name {
			return Text(Field(variable, "value"))
		}
	}
	return ""
}

// Node returns the object, a mapping. It is empty if the object is invalid YAML; List.Problems then returns the error.
// Callers that change the node must call Changed.
func (i *Item) Node() *yaml.Node {
	if i.node != nil {
		return i.node
	}
	text := i.text
	if text == nil {
		text = asElement(i.manifest)
	}
	node, err := parse(text)
	if err != nil {
		i.problem = fmt.Errorf("is not valid YAML (lines are counted from the start of the object): %s", reason(text, err))
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	}
	i.node = node
	return node
}

// IsReadable reports whether the object is valid YAML.
func (i *Item) IsReadable() bool {
	i.Node()
	return i.problem == nil
}

// Copy returns a copy of the item. Changes to the node of one have no effect on the other.
func (i *Item) Copy() *Item {
	copied, copies := *i, map[*yaml.Node]*yaml.Node{}
	copied.node = copyNode(i.Node(), copies)
	if i.document != nil {
		copied.document = copyNode(i.document, copies)
	}
	return &copied
}

// copyNode copies a node with its children. Copies maps nodes to their copies: a node that occurs in it is not copied
// again, and aliases refer to the copies of their anchors.
func copyNode(node *yaml.Node, copies map[*yaml.Node]*yaml.Node) *yaml.Node {
	if copied := copies[node]; copied != nil {
		return copied
	}
	copied := *node
	copies[node] = &copied
	copied.Content = nil
	for _, child := range node.Content {
		copied.Content = append(copied.Content, copyNode(child, copies))
	}
	if anchor := copies[node.Alias]; anchor != nil {
		copied.Alias = anchor
	}
	return &copied
}

// Changed records that the node was changed, so that it is encoded again.
func (i *Item) Changed() { i.text, i.manifest = nil, nil }

// Label returns the value of a label; empty if there is none.
func (i *Item) Label(name string) string {
	value, _ := i.pair("labels", i.labels, name)
	return value
}

// Annotation returns the value of an annotation; empty if there is none.
func (i *Item) Annotation(name string) string {
	value, _ := i.pair("annotations", i.annotations, name)
	return value
}

// HasAnnotation reports whether an annotation has a value that is not empty.
func (i *Item) HasAnnotation(name string) bool {
	if i.node == nil {
		for _, pair := range i.annotations {
			if string(pair.Key) == name && !pair.Ambiguous {
				return len(pair.Value) > 0
			}
		}
	}
	return i.Annotation(name) != ""
}

func (i *Item) pair(field string, pairs []scan.Pair, name string) (value string, found bool) {
	if i.node == nil {
		for _, pair := range pairs {
			switch {
			case string(pair.Key) != name:
			case pair.Ambiguous:
				return i.pairOfNode(field, name)
			default:
				return string(pair.Value), true
			}
		}
		return "", false
	}
	return i.pairOfNode(field, name)
}

func (i *Item) pairOfNode(field, name string) (value string, found bool) {
	node := Field(i.Node(), "metadata", field, name)
	return Text(node), node != nil
}

// Annotate adds an annotation to a generated object that does not have it.
func (i *Item) Annotate(name, value string) {
	i.annotations = append(i.annotations, scan.Pair{Key: []byte(name), Value: []byte(value)})
	const block = "\n  annotations:\n"
	at := bytes.Index(i.manifest, []byte(block))
	if at < 0 || strings.ContainsFunc(value, unicode.IsControl) {
		metadata := Field(i.Node(), "metadata")
		annotations := Field(metadata, "annotations")
		if annotations == nil { // removed by a patch in spec.patches
			annotations = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
			metadata.Content = append(metadata.Content, stringNode("annotations"), annotations)
		}
		annotations.Content = append(annotations.Content, stringNode(name), stringNode(value))
		i.Changed()
		return
	}
	at += len(block)
	if !plainFile().MatchString(value) {
		value = "'" + strings.ReplaceAll(value, "'", "''") + "'"
	}
	line := "    " + name + ": " + value + "\n"
	i.manifest = slices.Concat(i.manifest[:at], []byte(line), i.manifest[at:])
	i.node = nil
}

// plainFile matches names of files that need no quotes in YAML. Hosts write them without.
var plainFile = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9_./-]*\.(yaml|yml|json)$`)
})

// Is reports whether the object has the same bytes as a generated one, apart from annotations of hosts. It may be false
// for equal objects that are written differently.
func (i *Item) Is(generated *Item) bool {
	if i.text == nil || generated.manifest == nil {
		return false
	}
	ours := asElement(generated.manifest)
	metadata, annotations := false, false // whether the current line is inside them
	for line := range bytes.Lines(i.text) {
		switch column := indentation(line); {
		case column == 2:
			metadata, annotations = string(line) == "  metadata:\n", false
		case column == 4:
			annotations = metadata && string(line) == "    annotations:\n"
		case column == 6 && annotations && IsHostAnnotation(string(line[6:])):
			continue
		}
		if !bytes.HasPrefix(ours, line) {
			return false
		}
		ours = ours[len(line):]
	}
	return len(ours) == 0
}

func indentation(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// IsHostAnnotation reports whether kustomize or kpt uses an annotation to track an object. Such annotations must be
// kept, and so must local-config, which users set.
func IsHostAnnotation(key string) bool {
	return slices.ContainsFunc(hostPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

var hostPrefixes = []string{
	"internal.config.kubernetes.io/", "internal.config.k8s.io/", "config.kubernetes.io/", "config.k8s.io/",
	"kustomize.config.k8s.io/", "internal.kpt.dev/",
}

// IsLocalConfig reports whether the object is for tools only and must not be applied to a cluster. Like kpt, it accepts
// any value of the annotation except false.
func (i *Item) IsLocalConfig() bool {
	value, found := i.pair("annotations", i.annotations, "config.kubernetes.io/local-config")
	return found && value != "false"
}

// Resource returns the object's identity for a result.
func (i *Item) Resource() result.Resource {
	return result.Resource{APIVersion: i.APIVersion, Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}
