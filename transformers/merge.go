// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// mode selects what happens to fields that only the older object has.
type mode int

const (
	// exact removes them: the object becomes equal to the newer one. Comments and style are kept where they still apply.
	exact mode = iota
	// overlay keeps them: the object belongs to a user, and the newer one is merged into it.
	overlay
)

// merge changes the older node in place to the contents of the newer one, and keeps comments, order and style of
// everything that does not change. It reports whether anything changed.
//
// kyaml's merge2 does not serve: it keeps fields that only the older object has (exact must remove them), replaces
// lists of custom resources as a whole, because it has no schema for them, combines fields that exclude each other,
// loses comments on values that change, and does not say what it changed. merge3 also needs the object as it was last
// generated, which a function without state does not have.
func merge(older, newer *yaml.Node, m mode) bool {
	return (&merger{}).merge(older, newer, m)
}

// merger merges one object.
type merger struct {
	// kind of the object. It selects the rules by which lists are merged.
	kind string
	// name of the object.
	name string
	// path of the current node, without list indexes.
	path []string
	// differences lists the fields of a user's object that contradict the generated one.
	differences []difference
}

// difference is a field of a user's object that contradicts the generated object.
type difference struct {
	field string
	// theirs and ours are the values before the merge; empty if they are unset or must not be shown.
	theirs, ours string
	rule         fieldRule
}

// note adds a difference in the current field.
func (mr *merger) note(rule fieldRule, theirs, ours string) {
	mr.noteAt(strings.Join(mr.path, "."), rule, theirs, ours)
}

func (mr *merger) noteAt(field string, rule fieldRule, theirs, ours string) {
	if rule.hidden {
		theirs, ours = "", ""
	}
	theirs, ours = result.Format("%s", theirs), result.Format("%s", ours)
	mr.differences = append(mr.differences, difference{field, theirs, ours, rule})
}

func (mr *merger) merge(older, newer *yaml.Node, m mode) bool {
	if m == overlay && mr.keep(older, newer) {
		return false
	}
	switch {
	case older.Kind != newer.Kind:
		replace(older, newer)
		return true
	case newer.Kind == yaml.MappingNode:
		return mr.mergeMapping(older, newer, m)
	case newer.Kind == yaml.SequenceNode:
		return mr.mergeList(older, newer, m)
	}
	// YAML 1.1 reads some unquoted strings, such as yes, as another type.
	unquoted := newer.Style != 0 && older.Style == 0
	if older.Value == newer.Value && older.ShortTag() == newer.ShortTag() && !unquoted {
		return false
	}
	if older.Value != newer.Value && older.ShortTag() != yaml.NodeTagNull {
		if rule := ruleFor(mr.kind, mr.path, ""); rule.treatment == replaced {
			mr.note(rule, older.Value, newer.Value)
		}
	}
	replace(older, newer)
	return true
}

// replace copies the newer node to the older one, and keeps the comments of the older one.
func replace(older, newer *yaml.Node) {
	head, line, foot := older.HeadComment, older.LineComment, older.FootComment
	*older = *yaml.CopyYNode(newer)
	if older.Kind != yaml.ScalarNode && line != "" {
		// The encoder would write a line comment of a mapping or list after another field.
		head, line = strings.Trim(head+"\n"+line, "\n"), ""
	}
	older.HeadComment, older.LineComment, older.FootComment = head, line, foot
}

func (mr *merger) mergeMapping(older, newer *yaml.Node, m mode) bool {
	changed := m == overlay && mr.dropExcluded(older, newer)
	for i := 0; i+1 < len(newer.Content); i += 2 {
		key, value := newer.Content[i], newer.Content[i+1]
		if at := indexOf(older, key.Value); at >= 0 {
			mr.path = append(mr.path, key.Value)
			changed = mr.merge(older.Content[at+1], value, m) || changed
			mr.path = mr.path[:len(mr.path)-1]
		} else if m != overlay || !mr.keepUnset(key.Value, value) {
			older.Content = append(older.Content, yaml.CopyYNode(key), yaml.CopyYNode(value))
			changed = true
		}
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(older.Content); i += 2 {
		key := older.Content[i].Value
		ours := indexOf(newer, key) >= 0
		// YAML readers use the last of two duplicate fields. Only the first was updated, so the later ones are dropped.
		duplicate := ours && indexOf(older, key) < i
		contradicts := m == overlay && !ours && mr.remove(key, older.Content[i+1])
		if duplicate || contradicts || !ours && m == exact && !resourcelist.IsHostAnnotation(key) {
			changed = true
			continue
		}
		kept = append(kept, older.Content[i], older.Content[i+1])
	}
	older.Content = kept
	return changed
}

// dropExcluded removes fields from a user's mapping that cannot be combined with the generated ones.
func (mr *merger) dropExcluded(older, newer *yaml.Node) bool {
	if len(mr.path) == 0 {
		return false
	}
	excludes := unions[mr.path[len(mr.path)-1]]
	if excludes == nil {
		return false
	}
	var ours, theirs []string
	for i := 0; i+1 < len(newer.Content); i += 2 {
		if key := newer.Content[i].Value; excludes(key) {
			ours = append(ours, key)
		}
	}
	if ours == nil {
		return false
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(older.Content); i += 2 {
		if key := older.Content[i].Value; excludes(key) && !slices.Contains(ours, key) {
			theirs = append(theirs, key)
			continue
		}
		kept = append(kept, older.Content[i], older.Content[i+1])
	}
	older.Content = kept
	rule := ruleFor(mr.kind, mr.path, "")
	same := rule.equivalent != nil && rule.equivalent(mr.name, theirs, newer)
	if theirs != nil && rule.treatment == replaced && !same {
		mr.note(rule, strings.Join(theirs, ", "), strings.Join(ours, ", "))
	}
	return theirs != nil
}

// mergeList merges list elements by key. It replaces a list as a whole if its elements have no unique key.
func (mr *merger) mergeList(older, newer *yaml.Node, m mode) bool {
	if m == overlay {
		return mr.overlayList(older, newer)
	}
	key := listKey(older, newer)
	if key == "" {
		return mr.replaceList(older, newer)
	}
	changed := false
	var merged []*yaml.Node
	for _, element := range newer.Content {
		namesake := find(older, key, scalarField(element, key))
		if namesake == nil {
			namesake = yaml.CopyYNode(element)
			changed = true
		} else {
			changed = mr.merge(namesake, element, m) || changed
		}
		merged = append(merged, namesake)
	}
	changed = changed || len(merged) != len(older.Content)
	for i := range merged {
		changed = changed || merged[i] != older.Content[i]
	}
	older.Content = merged
	return changed
}

// overlayList merges the generated elements into the elements of a user's list with the same key, and adds the others.
// It replaces a list for which there is no rule, or in which a generated element has no key.
func (mr *merger) overlayList(older, newer *yaml.Node) bool {
	name := ""
	if len(mr.path) > 0 {
		name = mr.path[len(mr.path)-1]
	}
	rule, ok := listRules[mr.kind+" "+name]
	if !ok {
		rule, ok = listRules[name]
	}
	if !ok || slices.ContainsFunc(newer.Content, func(element *yaml.Node) bool { return rule.key(element) == "" }) {
		if rule := ruleFor(mr.kind, mr.path, ""); rule.treatment == replaced && !equalValues(older, newer) {
			mr.note(rule, summary(older), summary(newer))
		}
		return mr.replaceList(older, newer)
	}
	changed := mr.removeElements(older, newer, rule)
	for _, element := range newer.Content {
		if at := rule.find(older, newer, element); at >= 0 {
			changed = mr.mergeElement(older, at, element, rule) || changed
			continue
		}
		at := len(older.Content)
		if rule.insertBefore != nil {
			if first := slices.IndexFunc(older.Content, rule.insertBefore); first >= 0 {
				at = first
			}
		}
		older.Content = slices.Insert(older.Content, at, yaml.CopyYNode(element))
		changed = true
	}
	return changed
}

// find returns the index of the user's element with the key of a generated one, or -1.
func (r listRule) find(older, newer, element *yaml.Node) int {
	same := func(by elementKey, free bool) int {
		return slices.IndexFunc(older.Content, func(theirs *yaml.Node) bool {
			// An element with the key of another generated one is not a match.
			sameKey := func(ours *yaml.Node) bool { return r.key(ours) == r.key(theirs) }
			taken := free && slices.ContainsFunc(newer.Content, sameKey)
			return !taken && by(theirs) != "" && by(theirs) == by(element)
		})
	}
	if at := same(r.key, false); at >= 0 || r.fallbackKey == nil {
		return at
	}
	return same(r.fallbackKey, true)
}

// replaceList makes the older list equal to the newer one, element by element, so that equal elements keep comments.
func (mr *merger) replaceList(older, newer *yaml.Node) bool {
	changed := len(older.Content) != len(newer.Content)
	for i, element := range newer.Content {
		if i >= len(older.Content) {
			older.Content = append(older.Content, yaml.CopyYNode(element))
			continue
		}
		changed = mr.merge(older.Content[i], element, exact) || changed
	}
	older.Content = older.Content[:len(newer.Content)]
	return changed
}

// listKey returns the field that identifies the elements of both lists: name, or port, if every element has the field
// and no value is repeated. It returns an empty string if there is no such field.
func listKey(older, newer *yaml.Node) string {
	for _, key := range []string{"name", "port"} {
		if uniquelyKeyed(older, key) && uniquelyKeyed(newer, key) {
			return key
		}
	}
	return ""
}

func uniquelyKeyed(list *yaml.Node, key string) bool {
	seen := map[string]bool{}
	for _, element := range list.Content {
		value := scalarField(element, key)
		if value == "" || seen[value] {
			return false
		}
		seen[value] = true
	}
	return true
}

func find(list *yaml.Node, key, value string) *yaml.Node {
	for _, element := range list.Content {
		if scalarField(element, key) == value {
			return element
		}
	}
	return nil
}

func scalarField(mapping *yaml.Node, key string) string {
	if mapping.Kind != yaml.MappingNode {
		return ""
	}
	at := indexOf(mapping, key)
	if at < 0 || mapping.Content[at+1].Kind != yaml.ScalarNode {
		return ""
	}
	return mapping.Content[at+1].Value
}

func indexOf(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}
