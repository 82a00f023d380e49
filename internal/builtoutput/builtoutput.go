// SPDX-License-Identifier: Apache-2.0

// Package builtoutput checks what another program made of emitted objects. kustomize changes names, namespaces, labels
// and images in the fields that it knows; the same values in other fields, which the objects need to work together,
// stay as they were emitted.
//
// Each object knows from its ownership metadata how it was emitted, and so a check needs no configuration: it compares
// what changed with what did not.
package builtoutput

import (
	"cmp"
	"fmt"
	"strings"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// Check returns an error or a warning for each contradiction between emitted objects. Items are all objects of the
// output, also those of others.
func Check(items []*resourcelist.Item) result.Results {
	o := read(items)
	for _, object := range o.objects {
		o.namespace(object)
		o.text(object)
		o.references(object)
		o.selectors(object)
		o.images(object)
		o.replicas(object)
		o.lists(object)
	}
	o.duplicates()
	return o.results.Sort()
}

// output is what was built.
type output struct {
	// objects are those that mattermost-fn emitted.
	objects []*object
	// exists contains all objects, and those that operators create because of them.
	exists map[identity]bool
	// theirs are the objects of others among them.
	theirs []identity
	// misplaced are the objects that another namespace needs and that were reported.
	misplaced map[identity]bool
	// names contains the names of all objects by group, kind and namespace.
	names   map[identity][]string
	results result.Results
}

// identity identifies an object. The name is empty for all of a kind.
type identity struct{ group, kind, namespace, name string }

func identityOf(item *resourcelist.Item) identity {
	return identity{item.Group(), item.Kind, item.Namespace, item.Name}
}

// object is an object that mattermost-fn emitted.
type object struct {
	*resourcelist.Item
	// was is the object as it was emitted.
	was identity
	// prefix and suffix were added to its name.
	prefix, suffix string
	// before is the installation as it was emitted, now as it is: namespace and name of the Mattermost resource. They are
	// equal unless something changed them.
	before, now installation
	// server is the Mattermost resource of the installation; nil if it is not part of the output.
	server *object
}

type installation struct{ namespace, name string }

func (i installation) String() string { return i.namespace + "/" + i.name }

// IsEmitted reports whether mattermost-fn emitted an object, whatever changed it since then.
func IsEmitted(item *resourcelist.Item) bool {
	return ownership.IsEmitted(item.Group(), item.Kind) && ownership.IsManaged(
		item.Label(ownership.LabelManagedBy), item.Annotation(ownership.AnnotationOwner))
}

func read(items []*resourcelist.Item) *output {
	o := &output{exists: map[identity]bool{}, names: map[identity][]string{}, misplaced: map[identity]bool{}}
	var servers []*object
	for _, item := range items {
		for _, id := range madeBy(item, item.Namespace, item.Name) {
			o.exists[id] = true
			if !IsEmitted(item) {
				o.theirs = append(o.theirs, id)
			}
		}
		all := identityOf(item)
		all.name = ""
		o.names[all] = append(o.names[all], item.Name)
		if !IsEmitted(item) || !item.IsReadable() {
			continue
		}
		emitted := newObject(item)
		o.objects = append(o.objects, emitted)
		if isServer(item) {
			servers = append(servers, emitted)
		}
	}
	for _, object := range o.objects {
		object.findServer(servers)
	}
	return o
}

func isServer(item *resourcelist.Item) bool {
	return mattermostv1beta1.Is(item.Group(), item.Kind)
}

// newObject returns an object with what its ownership metadata says. The metadata of releases before 0.4 does not name
// the object itself, which then counts as unchanged.
func newObject(item *resourcelist.Item) *object {
	o := &object{Item: item, was: identityOf(item)}
	o.before.namespace, o.before.name, _ = strings.Cut(item.Annotation(ownership.AnnotationOwner), "/")
	if _, named, found := strings.Cut(item.Annotation(ownership.AnnotationObject), " "); found {
		namespace, name, found := strings.Cut(named, "/")
		if !found {
			namespace, name = "", named
		}
		o.was.namespace, o.was.name = namespace, name
	}
	if at := strings.Index(item.Name, o.was.name); at >= 0 {
		o.prefix, o.suffix = item.Name[:at], item.Name[at+len(o.was.name):]
	}
	o.now = installation{o.before.namespace, o.prefix + o.before.name + o.suffix}
	if o.was.namespace == o.before.namespace {
		o.now.namespace = item.Namespace
	}
	return o
}

// findServer finds the Mattermost resource of the installation: of several with the same owner, such as the same base
// in two overlays, the one whose name and namespace changed as the object's did.
func (o *object) findServer(servers []*object) {
	var best *object
	rank := func(s *object) int {
		switch {
		case s.Namespace == o.now.namespace && s.Name == o.now.name:
			return 3
		case s.Namespace == o.now.namespace:
			return 2
		}
		return 1
	}
	for _, s := range servers {
		if s.before == o.before && (best == nil || rank(s) > rank(best)) {
			best = s
		}
	}
	if best != nil {
		o.server, o.now = best, installation{best.Namespace, best.Name}
	}
}

// report adds a finding, a sentence about the object. The fix says what to do instead.
func (o *output) report(object *object, severity result.Severity, field, fix, format string, args ...any) {
	o.results = append(o.results, result.Result{
		Severity: severity, Rule: ruleid.BuiltOutput, Resource: object.Resource(), File: object.Path(),
		FileIndex: object.Index, Field: field, Message: object.String() + " " + fmt.Sprintf(format, args...) + ". " + fix,
	})
}

// The fixes of several findings.
const (
	fixIdentity = "Set namespace, namePrefix or nameSuffix in the kustomization of the directory that generators: " +
		"names, or change the MattermostConfig, instead of its output"
	fixRename = "List " + component + " under components:, or rename in the kustomization of the directory that " +
		"generators: names"
	component = "the Component of examples/component"
)

// namespace reports an object that was emitted for another namespace than that of its installation, where another
// program reads it, and that is no longer there.
func (o *output) namespace(object *object) {
	if object.was.namespace == object.before.namespace || object.was.namespace == object.Namespace {
		return
	}
	severity, what := result.Warning, "Grafana does not find it there"
	if object.Label(ownership.LabelComponent) == string(ownership.ComponentLogging) {
		severity, what = result.Error, "Fluent Bit cannot mount it from there, so that the log is not redacted"
	}
	o.report(object, severity, "metadata.namespace", fixIdentity, "was emitted for namespace %s and is in %s: %s",
		cmp.Or(object.was.namespace, "(none)"), object.Namespace, what)
}

// isPlain matches values that messages may contain: labels, names and images. Others could be secrets in a wrong place.
var isPlain = pattern(`^[A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*(@sha256:[0-9a-f]{0,64})?$`)

// shown returns a value for a message.
func shown(value string) string {
	if !isPlain().MatchString(value) || strings.Contains(value, "//") {
		return "(another value)"
	}
	return value
}
