// SPDX-License-Identifier: Apache-2.0

package builtoutput

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"bigbang.dev/mattermost-fn/internal/references"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// madeBy returns an object with a namespace and name, and the objects that operators create because of it.
func madeBy(item *resourcelist.Item, namespace, name string) []identity {
	named := *item
	named.Namespace, named.Name = namespace, name
	var made []identity
	for _, ref := range references.MadeBy(&named) {
		made = append(made, identity{ref.Group, ref.Kind, ref.Namespace, ref.Name})
	}
	return made
}

// hash matches what kustomize appends to the name of a generated Secret or ConfigMap (kustomize, api/hasher/hasher.go).
var hash = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-[2456789bcdfghkmt]{10}$`) })

// references reports names of objects that are not in the output, where an object is that had the name before.
// References to objects that only the cluster has are prerequisites.
func (o *output) references(object *object) {
	for _, ref := range references.Of(object.Item) {
		id := identity{ref.Group, ref.Kind, cmp.Or(ref.Namespace, object.Namespace), ref.Name}
		if o.exists[id] || reported(o.results, object, ref.Field) {
			continue
		}
		if name := o.renamed(object, id); name != "" {
			fix := fixRename
			if name != ref.Name && hash().MatchString(name[max(0, len(name)-11):]) {
				fix = "List " + component + " under components:, or set generatorOptions: {disableNameSuffixHash: true}"
			}
			o.report(object, result.Error, ref.Field, fix, "names %s %s, which is not in the output; it is called %s there",
				ref.Kind, ref.Name, name)
			continue
		}
		o.elsewhere(object, ref, id)
	}
}

// elsewhere reports a Secret or ConfigMap that is in the output with another namespace than that of the object that
// names it, or with none, so that kubectl puts it into another one. A kustomization's secretGenerator without namespace
// makes such a Secret. Two installations may have Secrets of the same name, of which only one is in the output.
func (o *output) elsewhere(object *object, ref references.Reference, id identity) {
	if id.group != "" || id.kind != "Secret" && id.kind != "ConfigMap" || o.misplaced[id] {
		return
	}
	for _, other := range o.theirs {
		hashed, found := strings.CutPrefix(other.name, id.name)
		if !found || other.group != id.group || other.kind != id.kind || other.namespace == id.namespace ||
			hashed != "" && !hash().MatchString(hashed) || o.hasInstallation(other.namespace) {
			continue
		}
		severity, where := result.Warning, "namespace "+other.namespace
		if other.namespace == "" {
			severity, where = result.Error, "no namespace"
		}
		fix := "Add namespace: " + id.namespace + " to it, or to its entry in secretGenerator or configMapGenerator"
		if hashed != "" {
			fix += ", and set generatorOptions: {disableNameSuffixHash: true}"
		}
		o.misplaced[id] = true
		o.report(object, severity, ref.Field, fix, "names %s %s of namespace %s, which is not in the output; %s with %s "+
			"is, and pods cannot read that", id.kind, id.name, id.namespace, other.name, where)
		return
	}
}

// hasInstallation reports whether a Mattermost resource is in a namespace.
func (o *output) hasInstallation(namespace string) bool {
	return slices.ContainsFunc(o.objects, func(object *object) bool {
		return isServer(object.Item) && object.Namespace == namespace
	})
}

func reported(results result.Results, object *object, field string) bool {
	return slices.ContainsFunc(results, func(r result.Result) bool {
		return r.Resource == object.Resource() && r.Field == field
	})
}

// renamed returns the name that an object has now that another object names; empty if it is not in the output.
func (o *output) renamed(by *object, id identity) string {
	// Of several copies, that of the same installation is meant.
	candidates := slices.Clone(o.objects)
	slices.SortStableFunc(candidates, func(a, b *object) int {
		return cmp.Compare(distance(a, by), distance(b, by))
	})
	for _, other := range candidates {
		if other.Namespace != id.namespace {
			continue
		}
		before := madeBy(other.Item, other.Namespace, other.was.name)
		if i := slices.Index(before, id); i >= 0 {
			return madeBy(other.Item, other.Namespace, other.Name)[i].name
		}
	}
	all := id
	all.name = ""
	for _, name := range o.names[all] {
		for _, changed := range []string{by.prefix + id.name + by.suffix, id.name} {
			rest, found := strings.CutPrefix(name, changed)
			if found && (rest == "" || hash().MatchString(rest)) {
				return name
			}
		}
	}
	return ""
}

// distance is 0 for an object whose name changed as that of another object did, otherwise 1.
func distance(a, b *object) int {
	if a.prefix == b.prefix && a.suffix == b.suffix {
		return 0
	}
	return 1
}
