// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// noComment is an empty comment. It occupies a place where kpt would otherwise copy a comment of another element.
const noComment = "#"

// guardComments inspects an object before it is changed and returns a function to call after the change, so that kpt
// attaches no comment to the wrong element.
//
// kpt copies comments from the input to the output of a function wherever the output has none, and matches list
// elements by index (kyaml, comments.CopyComments). Where an element was inserted before others or removed, kpt would
// copy a comment to another element. kpt-set comments are instructions: a setter would then overwrite a generated
// value. An empty comment prevents the copy. kpt matches input and output by an id in an annotation. Dropping the id
// would prevent the copy too, but would lose the comment at the head of a file, which kpt does not send to functions.
func guardComments(item *resourcelist.Item) func(after *yaml.Node) {
	numbered := item.Annotation(kioutil.IdAnnotation) != "" || item.Annotation(annotationLegacyID) != ""
	if !numbered || item.Annotation(annotationKustomize) != "" || !hasCommentsInLists(item.Node(), false) {
		return func(*yaml.Node) {}
	}
	before := yaml.CopyYNode(item.Node())
	return func(after *yaml.Node) { blockComments(before, after, false) }
}

// hasCommentsInLists reports whether there is a comment inside a list of mappings or lists.
func hasCommentsInLists(node *yaml.Node, inList bool) bool {
	if inList && node.HeadComment+node.LineComment+node.FootComment != "" {
		return true
	}
	for _, child := range node.Content {
		if hasCommentsInLists(child, inList || node.Kind == yaml.SequenceNode && child.Kind != yaml.ScalarNode) {
			return true
		}
	}
	return false
}

// blockComments walks both nodes in the way in which kpt copies comments, and adds an empty comment wherever kpt would
// copy one inside a list. Elements that kept their index still have their own comments.
func blockComments(before, after *yaml.Node, inList bool) {
	if before.Kind != after.Kind {
		return
	}
	if inList {
		blockComment(before.HeadComment, &after.HeadComment)
		blockComment(before.LineComment, &after.LineComment)
		blockComment(before.FootComment, &after.FootComment)
	}
	switch after.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(after.Content); i += 2 {
			if at := indexOf(before, after.Content[i].Value); at >= 0 {
				blockComments(before.Content[at], after.Content[i], inList)
				blockComments(before.Content[at+1], after.Content[i+1], inList)
			}
		}
	case yaml.SequenceNode:
		for i := 0; i < len(before.Content) && i < len(after.Content); i++ {
			if after.Content[i].Kind != yaml.ScalarNode { // kpt matches scalars by value
				blockComments(before.Content[i], after.Content[i], true)
			}
		}
	}
}

func blockComment(before string, after *string) {
	if before != "" && *after == "" {
		*after = noComment
	}
}
