package transformers

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
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
	switch {
	case older.Kind != newer.Kind:
		replace(older, newer)
		return true
	case newer.Kind == yaml.MappingNode:
		return mergeMapping(older, newer, m)
	case newer.Kind == yaml.SequenceNode:
		return mergeList(older, newer, m)
	}
	unquoted := newer.Style != 0 && older.Style == 0 // text that older YAML takes for something else, such as yes
	if older.Value == newer.Value && older.ShortTag() == newer.ShortTag() && !unquoted {
		return false
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

func mergeMapping(older, newer *yaml.Node, m mode) bool {
	changed := false
	for i := 0; i+1 < len(newer.Content); i += 2 {
		key, value := newer.Content[i], newer.Content[i+1]
		if at := indexOf(older, key.Value); at >= 0 {
			changed = merge(older.Content[at+1], value, m) || changed
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
		if again || !ours && m == exact && !isHostAnnotation(key) {
			changed = true
			continue
		}
		kept = append(kept, older.Content[i], older.Content[i+1])
	}
	older.Content = kept
	return changed
}

// isHostAnnotation says whether a key is one by which kustomize and kpt keep track of an object. They are not ours to
// remove, nor is local-config, which is a person's decision.
func isHostAnnotation(key string) bool {
	for _, prefix := range []string{"internal.config.kubernetes.io/", "internal.config.k8s.io/", "config.kubernetes.io/", "config.k8s.io/", "kustomize.config.k8s.io/", "internal.kpt.dev/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// mergeList merges elements that are known by a name, each with its namesake; any other list is taken over as a whole.
func mergeList(older, newer *yaml.Node, m mode) bool {
	key := listKey(older, newer)
	if key == "" {
		return replaceList(older, newer, m)
	}
	changed := false
	var merged []*yaml.Node
	for _, element := range newer.Content {
		namesake := find(older, key, scalarField(element, key))
		if namesake == nil {
			namesake = yaml.CopyYNode(element)
			changed = true
		} else {
			changed = merge(namesake, element, m) || changed
		}
		merged = append(merged, namesake)
	}
	if m == overlay {
		// The older order stays; what is new comes last.
		for _, element := range merged {
			if find(older, key, scalarField(element, key)) == nil {
				older.Content = append(older.Content, element)
			}
		}
		return changed
	}
	changed = changed || len(merged) != len(older.Content)
	for i := range merged {
		changed = changed || merged[i] != older.Content[i]
	}
	older.Content = merged
	return changed
}

// replaceList makes the list the newer one, element by element, so that comments of equal elements stay.
func replaceList(older, newer *yaml.Node, m mode) bool {
	changed := len(older.Content) != len(newer.Content)
	if m == overlay {
		m = exact // there is no telling which element is whose
	}
	for i, element := range newer.Content {
		if i >= len(older.Content) {
			older.Content = append(older.Content, yaml.CopyYNode(element))
			continue
		}
		changed = merge(older.Content[i], element, m) || changed
	}
	older.Content = older.Content[:len(newer.Content)]
	return changed
}

// listKey is the field by which the elements of both lists are known: name, or for ports port, if every element has one
// and no two have the same.
func listKey(older, newer *yaml.Node) string {
	for _, key := range []string{"name", "port"} {
		if keyed(older, key) && keyed(newer, key) {
			return key
		}
	}
	return ""
}

func keyed(list *yaml.Node, key string) bool {
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
