package transformers

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// mode says what happens to what only the older object holds.
type mode int

const (
	// exact removes it: the object becomes the newer one, comments and style kept where they still apply.
	exact mode = iota
	// overlay keeps it: the object is somebody else's, and only gets what is ours.
	overlay
)

// merge makes the older node say what the newer one says, in place, so that comments, order and style of everything that
// does not change stay as they are. It says whether anything changed.
func merge(older, newer *yaml.Node, m mode) bool {
	return (&merger{}).merge(older, newer, m)
}

// merger merges one object.
type merger struct {
	// kind of the object; what it is known for decides how its lists are merged.
	kind string
	// path is where the merger is, with names of fields only.
	path []string
	// overridden are the required fields of a user's object whose values became ours.
	overridden []overriddenValue
}

// overriddenValue is a value of a required field that became ours.
type overriddenValue struct {
	field, theirs, ours string
}

func (mr *merger) merge(older, newer *yaml.Node, m mode) bool {
	switch {
	case older.Kind != newer.Kind:
		replace(older, newer)
		return true
	case newer.Kind == yaml.MappingNode:
		return mr.mergeMapping(older, newer, m)
	case newer.Kind == yaml.SequenceNode:
		return mr.mergeList(older, newer, m)
	}
	unquoted := newer.Style != 0 && older.Style == 0 // text that older YAML takes for something else, such as yes
	if older.Value == newer.Value && older.ShortTag() == newer.ShortTag() && !unquoted {
		return false
	}
	if at := strings.Join(mr.path, "."); older.Value != newer.Value && older.ShortTag() != yaml.NodeTagNull && slices.Contains(requiredFields[mr.kind], at) {
		mr.overridden = append(mr.overridden, overriddenValue{at, older.Value, newer.Value})
	}
	replace(older, newer)
	return true
}

// replace takes over what the newer node says, and keeps the older one's comments.
func replace(older, newer *yaml.Node) {
	head, line, foot := older.HeadComment, older.LineComment, older.FootComment
	*older = *yaml.CopyYNode(newer)
	if older.Kind != yaml.ScalarNode && line != "" {
		// Behind a mapping or list there is no room for it: it would end up behind another field.
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
		} else {
			older.Content = append(older.Content, yaml.CopyYNode(key), yaml.CopyYNode(value))
			changed = true
		}
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(older.Content); i += 2 {
		key := older.Content[i].Value
		ours := indexOf(newer, key) >= 0
		// Of a field that stands twice readers take the last one, which the first has just been brought up to date instead of.
		again := ours && indexOf(older, key) < i
		if again || !ours && m == exact && !resourcelist.IsHostAnnotation(key) {
			changed = true
			continue
		}
		kept = append(kept, older.Content[i], older.Content[i+1])
	}
	older.Content = kept
	return changed
}

// dropExcluded removes from a user's mapping what cannot be combined with what is ours.
func (mr *merger) dropExcluded(older, newer *yaml.Node) bool {
	if len(mr.path) == 0 {
		return mr.kind == "Secret" && dropExcludedInSecret(older, newer)
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
	if at := strings.Join(mr.path, "."); theirs != nil && slices.Contains(requiredFields[mr.kind], at) {
		mr.overridden = append(mr.overridden, overriddenValue{at, strings.Join(theirs, ", "), strings.Join(ours, ", ")})
	}
	return theirs != nil
}

// dropExcludedInSecret removes keys from a user's stringData that are ours in data, and the other way round: of a key in both
// the API server takes stringData's value.
func dropExcludedInSecret(older, newer *yaml.Node) bool {
	dropped := false
	for _, fields := range [][2]string{{"data", "stringData"}, {"stringData", "data"}} {
		ours, theirs := resourcelist.Field(newer, fields[0]), resourcelist.Field(older, fields[1])
		if ours == nil || theirs == nil {
			continue
		}
		before := len(theirs.Content)
		for i := 0; i+1 < len(ours.Content); i += 2 {
			remove(theirs, ours.Content[i].Value)
		}
		if len(theirs.Content) == before {
			continue
		}
		dropped = true
		if len(theirs.Content) == 0 {
			remove(older, fields[1])
		}
	}
	return dropped
}

// mergeList merges elements that are known by a name, each with its namesake; any other list is taken over as a whole.
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

// overlayList lays our elements over those of somebody's list that are the same, and puts the others beside them. Where
// there is no telling which element is whose, the list becomes ours.
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
		return mr.replaceList(older, newer)
	}
	changed := false
	for _, element := range newer.Content {
		if at := rule.find(older, newer, element); at >= 0 {
			changed = mr.merge(older.Content[at], element, overlay) || changed
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

// find returns the place of the element that is the same as one of ours, or -1.
func (r listRule) find(older, newer, element *yaml.Node) int {
	same := func(by elementKey, free bool) int {
		return slices.IndexFunc(older.Content, func(theirs *yaml.Node) bool {
			// What is known as another one of ours is not this one.
			taken := free && slices.ContainsFunc(newer.Content, func(ours *yaml.Node) bool { return r.key(ours) == r.key(theirs) })
			return !taken && by(theirs) != "" && by(theirs) == by(element)
		})
	}
	if at := same(r.key, false); at >= 0 || r.fallbackKey == nil {
		return at
	}
	return same(r.fallbackKey, true)
}

// replaceList makes the list the newer one, element by element, so that comments of equal elements stay.
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

// listKey is the field by which the elements of both lists are known: name, or for ports port, if every element has one
// and no two have the same.
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
