// SPDX-License-Identifier: Apache-2.0

// Package adoption finds out which fields of running objects belong to Helm, Flux or another tool, and prints the
// kubectl commands with which they become those of server-side apply, without leaving fields behind. It runs nothing.
//
// A field stays in the cluster as long as one manager owns it. After a forced apply, Helm is still an owner of all
// fields that the new manifest does not have: of a size, which overrides replicas, or of an object storage, which the
// operator prefers to a volume.
package adoption

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Object is a running object, or what it will be.
type Object map[string]any

// Manager is the name under which kubectl applies.
const Manager = "kubectl"

// operatorManagers write defaults into their own resources. Their fields are left to them.
var operatorManagers = []string{"mattermost-operator", "manager"}

// entry is one of an object's managedFields.
type entry struct {
	index              int
	manager, operation string
	// fields are the paths of the fields below spec and metadata that the manager owns, such as spec/size.
	fields []string
}

// Commands returns a shell script for the running objects. Desired returns what an object will be; nil if that is not
// known.
func Commands(running []Object, desired func(Object) Object) (string, error) {
	var before, after, leftOver []string
	for _, object := range running {
		if err := checkNames(object); err != nil {
			return "", err
		}
		entries, err := managedFields(object)
		if err != nil {
			return "", err
		}
		steps := plan(object, entries, desired(object))
		before = append(before, steps.before...)
		after = append(after, steps.after...)
		leftOver = append(leftOver, steps.leftOver...)
	}
	var b strings.Builder
	b.WriteString("# mattermost-fn only prints these commands. Run them in this order, while nothing else applies the " +
		"objects:\n# suspend Flux, and turn off automatic sync in Argo CD.\n")
	section(&b, "Before the first apply: the fields of other tools become those of kubectl", before)
	section(&b, "Apply", []string{"kubectl apply --server-side --force-conflicts -f rendered.yaml"})
	section(&b, "After it: other tools give up the fields that they applied", after)
	section(&b, "Fields that nothing would remove", leftOver)
	section(&b, "Check: only kubectl, and the operator, are left", checks(running))
	return b.String(), nil
}

func section(b *strings.Builder, heading string, commands []string) {
	if len(commands) == 0 {
		return
	}
	fmt.Fprintf(b, "\n# %s.\n", heading)
	for _, command := range commands {
		b.WriteString(command + "\n")
	}
}

// steps are the commands for one object.
type steps struct{ before, after, leftOver []string }

// plan decides the commands for one object.
func plan(object Object, entries []entry, desired Object) steps {
	var s steps
	applies := slices.ContainsFunc(entries, func(e entry) bool {
		return e.manager == Manager && e.operation == "Apply"
	})
	var staying []entry
	for _, e := range entries {
		switch {
		case e.manager == Manager && e.operation == "Apply":
		case e.operation == "Apply":
			s.after = append(s.after, release(object, e))
		case slices.Contains(operatorManagers, e.manager):
			staying = append(staying, e)
		case e.manager == "kubectl-client-side-apply" && hasLastApplied(object):
			// kubectl itself takes these over with the first server-side apply.
		case !applies:
			applies = true
			s.before = append(s.before, rename(object, e))
		default:
			staying = append(staying, e)
		}
	}
	s.leftOver = removals(object, staying, desired)
	return s
}

// rename makes an entry that was written with Update one of kubectl's server-side apply: the next apply then removes
// what it does not contain. The test keeps the patch from changing another entry.
func rename(object Object, e entry) string {
	path := fmt.Sprintf("/metadata/managedFields/%d/", e.index)
	patch := []map[string]any{
		{"op": "test", "path": path + "manager", "value": e.manager},
		{"op": "test", "path": path + "operation", "value": e.operation},
		{"op": "replace", "path": path + "manager", "value": Manager},
		{"op": "replace", "path": path + "operation", "value": "Apply"},
	}
	return fmt.Sprintf("kubectl patch %s --type=json -p %s", target(object), quoted(patch))
}

// release applies the object without fields as its earlier manager, which then owns none.
func release(object Object, e entry) string {
	bare := map[string]any{"apiVersion": object["apiVersion"], "kind": object["kind"],
		"metadata": map[string]any{"name": name(object), "namespace": namespace(object)}}
	return fmt.Sprintf("echo %s | kubectl apply --server-side --field-manager=%s -f -", quoted(bare), quote(e.manager))
}

// removals returns the command that removes fields of managers that stay, where the desired object has none.
func removals(object Object, staying []entry, desired Object) []string {
	var paths []string
	for _, e := range staying {
		for _, field := range e.fields {
			if !strings.HasPrefix(field, "spec/") || slices.Contains(paths, field) {
				continue
			}
			value, there := lookup(object, field)
			if !there || isEmpty(value) {
				continue
			}
			if desired == nil && !slices.Contains(known, strings.Split(field, "/")[1]) {
				continue
			}
			if _, wanted := lookup(desired, field); wanted && desired != nil {
				continue
			}
			paths = append(paths, field)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	slices.Sort(paths)
	var patch []map[string]any
	for i, path := range paths {
		if i > 0 && strings.HasPrefix(path, paths[i-1]+"/") {
			continue
		}
		patch = append(patch, map[string]any{"op": "remove", "path": "/" + path})
	}
	return []string{fmt.Sprintf("kubectl patch %s --type=json -p %s", target(object), quoted(patch))}
}

// known are fields of the Mattermost resource that a configuration never has, and that change what the operator does.
var known = []string{"size", "elasticSearch", "ingressName", "ingressAnnotations", "useIngressTLS", "jobServer"}

func checks(running []Object) []string {
	var commands []string
	for _, object := range running {
		commands = append(commands, fmt.Sprintf(`kubectl get %s --show-managed-fields `+
			`-o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation} {.subresource}{"\n"}{end}'`, target(object)))
	}
	return commands
}

// target returns the object as an argument of kubectl.
func target(object Object) string {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	resource := kind
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		resource = kind + "." + version + "." + group
	}
	text := resource + "/" + name(object)
	if namespace := namespace(object); namespace != "" {
		text += " -n " + namespace
	}
	return text
}

func metadata(object Object) map[string]any {
	m, _ := object["metadata"].(map[string]any)
	return m
}

func name(object Object) string {
	text, _ := metadata(object)["name"].(string)
	return text
}

func namespace(object Object) string {
	text, _ := metadata(object)["namespace"].(string)
	return text
}

func hasLastApplied(object Object) bool {
	annotations, _ := metadata(object)["annotations"].(map[string]any)
	return annotations["kubectl.kubernetes.io/last-applied-configuration"] != nil
}

// checkNames refuses what is no name of an object: it would become part of a command.
func checkNames(object Object) error {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	group, version, hasGroup := strings.Cut(apiVersion, "/")
	if !hasGroup {
		group, version = "", apiVersion
	}
	switch {
	case len(validation.IsDNS1123Subdomain(name(object))) > 0,
		namespace(object) != "" && len(validation.IsDNS1123Label(namespace(object))) > 0,
		group != "" && len(validation.IsDNS1123Subdomain(group)) > 0,
		len(validation.IsDNS1123Label(version)) > 0,
		len(validation.IsDNS1123Label(strings.ToLower(kind))) > 0:
		return errors.New("an object has an apiVersion, kind, name or namespace that the cluster would not accept")
	}
	return nil
}

// managedFields returns the entries of an object, without those of subresources such as the status.
func managedFields(object Object) ([]entry, error) {
	list, _ := metadata(object)["managedFields"].([]any)
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no metadata.managedFields, which kubectl hides: "+
			"kubectl get %s -o yaml --show-managed-fields", object["kind"], target(object))
	}
	var entries []entry
	for i, item := range list {
		managed, _ := item.(map[string]any)
		if subresource, _ := managed["subresource"].(string); subresource != "" {
			continue
		}
		e := entry{index: i}
		e.manager, _ = managed["manager"].(string)
		e.operation, _ = managed["operation"].(string)
		owned, _ := managed["fieldsV1"].(map[string]any)
		e.fields = paths("", owned)
		entries = append(entries, e)
	}
	return entries, nil
}

// paths returns the paths of the fields in a set of managed fields, down to lists.
func paths(prefix string, fields map[string]any) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		field, ok := strings.CutPrefix(key, "f:")
		if !ok {
			continue
		}
		path := strings.TrimPrefix(prefix+"/"+escape(field), "/")
		inner, _ := fields[key].(map[string]any)
		deeper := paths(path, inner)
		if len(deeper) == 0 {
			deeper = []string{path}
		}
		found = append(found, deeper...)
	}
	return found
}

// escape writes a field as a part of a JSON pointer.
func escape(field string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(field) }

// lookup returns the value at a JSON pointer without its first slash, and whether it is there.
func lookup(object Object, path string) (any, bool) {
	var value any = map[string]any(object)
	for part := range strings.SplitSeq(path, "/") {
		m, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]; !ok {
			return nil, false
		}
	}
	return value, true
}

// isEmpty reports whether a value is one that the operator writes where there is none.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return false
}

// quoted returns a value as JSON, quoted for a shell.
func quoted(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // mappings, lists and strings
	}
	return quote(string(text))
}

// quote quotes a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Same reports whether two objects are the same one of the cluster.
func Same(one, other Object) bool {
	return one["apiVersion"] == other["apiVersion"] && one["kind"] == other["kind"] && name(one) == name(other) &&
		namespace(one) == namespace(other)
}
