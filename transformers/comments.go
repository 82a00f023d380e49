package transformers

import (
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// noComment is a comment that says nothing. It stands where kpt would put one that belongs to something else.
const noComment = "#"

// guardComments looks at an object before it is changed, and returns what is to be done to it afterwards, so that no
// comment ends up where it does not belong.
//
// kpt copies comments from what it sent to what it gets back, wherever there is none, and takes elements of lists by their
// place (kyaml, comments.CopyComments). Where an element came before others, or went, a comment would be repeated at
// another one; kpt-set comments are instructions, by which a setter would then overwrite a value of ours. An empty comment
// in that place holds it off. kpt finds what it sent by a number in an annotation; without the number it would copy
// nothing, but the head of a file reaches no function, and would be lost.
func guardComments(item *resourcelist.Item) func(after *yaml.Node) {
	numbered := item.Annotation(kioutil.IdAnnotation) != "" || item.Annotation(annotationLegacyID) != ""
	if !numbered || item.Annotation(annotationKustomize) != "" || !commentedLists(item.Node(), false) {
		return func(*yaml.Node) {}
	}
	before := yaml.CopyYNode(item.Node())
	return func(after *yaml.Node) { holdOff(before, after, false) }
}

// commentedLists says whether there is a comment inside a list of mappings.
func commentedLists(node *yaml.Node, inList bool) bool {
	if inList && node.HeadComment+node.LineComment+node.FootComment != "" {
		return true
	}
	for _, child := range node.Content {
		if commentedLists(child, inList || node.Kind == yaml.SequenceNode && child.Kind != yaml.ScalarNode) {
			return true
		}
	}
	return false
}

// holdOff goes the way that kpt goes when it copies comments, and puts an empty one wherever it would copy one inside a
// list: what stayed in its place has its comments already.
func holdOff(before, after *yaml.Node, inList bool) {
	if before.Kind != after.Kind {
		return
	}
	if inList {
		holdOffOne(before.HeadComment, &after.HeadComment)
		holdOffOne(before.LineComment, &after.LineComment)
		holdOffOne(before.FootComment, &after.FootComment)
	}
	switch after.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(after.Content); i += 2 {
			if at := indexOf(before, after.Content[i].Value); at >= 0 {
				holdOff(before.Content[at], after.Content[i], inList)
				holdOff(before.Content[at+1], after.Content[i+1], inList)
			}
		}
	case yaml.SequenceNode:
		for i := 0; i < len(before.Content) && i < len(after.Content); i++ {
			if after.Content[i].Kind != yaml.ScalarNode { // of scalars kpt compares the values
				holdOff(before.Content[i], after.Content[i], true)
			}
		}
	}
}

func holdOffOne(before string, after *string) {
	if before != "" && *after == "" {
		*after = noComment
	}
}
