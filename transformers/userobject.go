// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/sops"
)

// mergeIntoUsers merges a generated object into the draft of a user's object, and reports whether it changed. Report is
// the reporter of the configuration, for errors.
func (c *Changes) mergeIntoUsers(
	existing, draft, item *resourcelist.Item, owner string, report *result.Reporter,
) bool {
	generated := withoutOwnership(item.Node())
	if existing.Kind == "Secret" && !secretFits(existing, draft.Node(), generated, owner, report) {
		return false
	}
	merger := merger{kind: existing.Kind, name: existing.Name}
	changed := merger.merge(draft.Node(), generated, overlay)
	for _, d := range merger.differences {
		report := result.Reporter{Resource: existing.Resource(), File: existing.File, FileIndex: existing.Index}
		message := existing.String() + ": " + d.message(existing.ID, owner)
		report.Add(result.Result{Severity: result.Warning, Message: message})
		c.results = append(c.results, report.Results...)
	}
	if changed {
		c.report(result.Info, existing, "%s is not managed by mattermost-fn (annotation %s is missing): "+
			"the generated fields are merged into it, all other fields are kept", existing.ID, ownership.AnnotationOwner)
	}
	return changed
}

// message returns the warning about a difference, without the object. Credentials in it are hidden already.
func (d difference) message(id resourcelist.ID, owner string) string {
	advice := "To keep the other value, set it in the configuration, or rename the object"
	switch {
	case d.rule.treatment == kept && !d.rule.hidden && d.theirs == "":
		advice = "Remove the value from the configuration"
	case d.rule.advice != nil:
		advice = d.rule.advice(id, d.theirs)
	}
	var message string
	switch {
	case d.rule.treatment == removed:
		message = d.field + " is removed, because " + d.rule.why
	case d.rule.treatment == kept && d.rule.hidden:
		message = d.field + " is kept as it is, although MattermostConfig " + owner + " asks for another value: " + d.rule.why
	case d.rule.treatment == kept:
		message = d.field + " stays " + cmp.Or(quoted(d.theirs), "unset") + " instead of " + quoted(d.ours) +
			", which MattermostConfig " + owner + " asks for: " + d.rule.why
	case d.rule.hidden:
		message = d.field + " is changed to the value that MattermostConfig " + owner + " requires"
	default:
		message = d.field + " is changed from " + quoted(d.theirs) + " to " + quoted(d.ours) +
			", which MattermostConfig " + owner + " requires"
	}
	return message + ". " + advice
}

func quoted(value string) string {
	if value == "" {
		return ""
	}
	return `"` + value + `"`
}

// keep reports whether the user's value of the current field stays, and notes a difference.
func (mr *merger) keep(older, newer *yaml.Node) bool {
	rule := ruleFor(mr.kind, mr.path, "")
	switch {
	case rule.treatment != kept, older.ShortTag() == yaml.NodeTagNull:
		return false
	case rule.unlessNamed && (newer.Kind != yaml.SequenceNode || shareName(older, newer)):
		return false
	case mr.kind == "Cluster" && mr.path[len(mr.path)-1] == "bootstrap":
		mr.noteBootstrap(rule, older, newer)
	case !equalValues(older, newer):
		mr.note(rule, summary(older), summary(newer))
	}
	return true
}

// noteBootstrap notes which database and role the user's bootstrap method creates, if they differ from the generated
// ones. CloudNativePG calls both app by default.
func (mr *merger) noteBootstrap(rule fieldRule, older, newer *yaml.Node) {
	describe := func(bootstrap *yaml.Node) string {
		var methods []string
		for i := 0; i+1 < len(bootstrap.Content); i += 2 {
			method := bootstrap.Content[i+1]
			database := cmp.Or(resourcelist.Text(resourcelist.Field(method, "database")), "app")
			role := cmp.Or(resourcelist.Text(resourcelist.Field(method, "owner")), database)
			methods = append(methods, bootstrap.Content[i].Value+" with database "+database+" and owner "+role)
		}
		return strings.Join(methods, ", ")
	}
	theirs, ours := describe(older), describe(newer)
	_, created, _ := strings.Cut(theirs, " ")
	_, wanted, _ := strings.Cut(ours, " ")
	if created != wanted {
		mr.note(rule, theirs, ours)
	}
}

// keepUnset reports whether a field that the user's mapping does not have stays unset, and notes that.
func (mr *merger) keepUnset(key string, value *yaml.Node) bool {
	path := append(slices.Clone(mr.path), key)
	rule := ruleFor(mr.kind, path, "")
	if rule.treatment != kept || !rule.absence {
		return false
	}
	mr.noteAt(strings.Join(path, "."), rule, "", summary(value))
	return true
}

// remove reports whether a field that only the user's mapping has must go, and notes that.
func (mr *merger) remove(key string, value *yaml.Node) bool {
	path := append(slices.Clone(mr.path), key)
	rule := ruleFor(mr.kind, path, "")
	if rule.treatment != removed {
		return false
	}
	if value.ShortTag() != yaml.NodeTagNull {
		mr.noteAt(strings.Join(path, "."), rule, summary(value), "")
	}
	return true
}

// removeElements removes elements of a user's list that contradict the generated object, and notes them.
func (mr *merger) removeElements(older, newer *yaml.Node, list listRule) bool {
	before := len(older.Content)
	older.Content = slices.DeleteFunc(older.Content, func(theirs *yaml.Node) bool {
		name := list.key(theirs)
		if name == "" {
			return false
		}
		rule := ruleFor(mr.kind, mr.path, name)
		generated := func(ours *yaml.Node) bool { return list.key(ours) == name }
		if rule.treatment != removed || slices.ContainsFunc(newer.Content, generated) {
			return false
		}
		mr.noteAt(mr.element(name), rule, "", "")
		return true
	})
	return len(older.Content) != before
}

// mergeElement merges a generated element into the user's element at an index. Of the user's elements with the same key
// that follow, it removes those that readers would use instead.
func (mr *merger) mergeElement(older *yaml.Node, at int, element *yaml.Node, list listRule) bool {
	name, theirs, changed := list.key(element), older.Content[at], false
	for i := len(older.Content) - 1; i > at && list.lastWins; i-- {
		if list.key(older.Content[i]) != name {
			continue
		}
		if !changed {
			theirs = older.Content[i]
		}
		older.Content, changed = slices.Delete(older.Content, i, i+1), true
	}
	older.Content[at] = theirs
	rule := ruleFor(mr.kind, mr.path, name)
	differs := rule.treatment != 0 && !equalValues(theirs, element)
	if differs {
		mr.noteAt(mr.element(name), asReplaced(rule), summary(theirs), summary(element))
	}
	if differs && rule.treatment == kept {
		return changed
	}
	return mr.merge(theirs, element, overlay) || changed
}

// asReplaced returns the rule for an element that is generated, so that it is not removed but replaced.
func asReplaced(rule fieldRule) fieldRule {
	if rule.treatment == removed {
		rule.treatment = replaced
	}
	return rule
}

// element returns the path of an element of the current list.
func (mr *merger) element(name string) string { return strings.Join(mr.path, ".") + "[" + name + "]" }

// shareName reports whether two lists have an element with the same name.
func shareName(a, b *yaml.Node) bool {
	return slices.ContainsFunc(a.Content, func(element *yaml.Node) bool {
		name := scalarField(element, "name")
		return name != "" && find(b, "name", name) != nil
	})
}

// equalValues reports whether two nodes have the same contents, whatever the order of the fields.
func equalValues(a, b *yaml.Node) bool {
	if a.Kind == yaml.AliasNode {
		a = a.Alias
	}
	if a.Kind != b.Kind || a.Kind != yaml.ScalarNode && len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(a.Content); i += 2 {
			at := indexOf(b, a.Content[i].Value)
			if at < 0 || !equalValues(a.Content[i+1], b.Content[at+1]) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		for i := range a.Content {
			if !equalValues(a.Content[i], b.Content[i]) {
				return false
			}
		}
		return true
	}
	if a.Value == b.Value {
		return true
	}
	// 10Gi and 10240Mi are the same size.
	theirs, err := resource.ParseQuantity(a.Value)
	if err != nil {
		return false
	}
	ours, err := resource.ParseQuantity(b.Value)
	return err == nil && theirs.Cmp(ours) == 0
}

// longestSummary is how many characters of a value a message shows.
const longestSummary = 120

// summary returns a value in one line.
func summary(node *yaml.Node) string {
	if node.Kind == yaml.ScalarNode {
		return node.Value
	}
	flow := yaml.CopyYNode(node)
	flow.HeadComment, flow.LineComment, flow.FootComment, flow.Style = "", "", "", yaml.FlowStyle
	text, err := yaml.NewRNode(flow).String()
	if err != nil {
		return ""
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > longestSummary {
		text = strings.ToValidUTF8(text[:longestSummary], "") + "…"
	}
	return text
}

// secretFits reports whether the generated keys can be added to a user's Secret. A key that has another value is an
// error: it may be the only copy. Keys that the Secret has already are removed from the generated ones, and empty keys
// from the Secret.
func secretFits(
	existing *resourcelist.Item, older, generated *yaml.Node, owner string, report *result.Reporter,
) bool {
	var other []string
	adds := false
	for _, field := range []string{"data", "stringData"} { // patches in the configuration may generate stringData
		data := resourcelist.Field(generated, field)
		if data == nil {
			continue
		}
		var missing []*yaml.Node
		for i := 0; i+1 < len(data.Content); i += 2 {
			key, ours := data.Content[i].Value, data.Content[i+1].Value
			if field == "stringData" {
				ours = base64.StdEncoding.EncodeToString([]byte(ours))
			}
			switch theirs, found := encodedValue(older, key); {
			case !found:
				missing = append(missing, data.Content[i], data.Content[i+1])
				remove(resourcelist.Field(older, "stringData"), key)
				remove(resourcelist.Field(older, "data"), key)
			case theirs != ours:
				other = append(other, key)
			}
		}
		adds = adds || missing != nil
		if data.Content = missing; missing == nil {
			remove(generated, field)
		}
	}
	for _, field := range []string{"stringData", "data"} {
		if theirs := resourcelist.Field(older, field); theirs != nil && len(theirs.Content) == 0 {
			remove(older, field)
		}
	}
	const waysOut = "Refer to the Secret in the configuration (existingSecret or secretKeyRef), rename it, or %s"
	switch {
	case other != nil:
		report.Report(result.Error, "", "metadata.name", "%s is not managed by mattermost-fn, and its keys %s have other "+
			"values than those that MattermostConfig %s generates. They are not overwritten, because they may be the only "+
			"copies. "+waysOut, existing.ID, strings.Join(other, ", "), owner, "remove these keys from it")
		return false
	case adds && resourcelist.Text(resourcelist.Field(older, "immutable")) == "true":
		report.Report(result.Error, "", "metadata.name", "%s is not managed by mattermost-fn and is immutable: the keys "+
			"that MattermostConfig %s generates cannot be added. "+waysOut, existing.ID, owner, "replace it by a mutable one")
		return false
	case adds && isEncrypted(older):
		report.Report(result.Error, "", "metadata.name", "%s is not managed by mattermost-fn and is encrypted with SOPS: "+
			"adding keys that MattermostConfig %s generates would make it unreadable, because SOPS authenticates all "+
			"values together. "+waysOut, existing.ID, owner, "decrypt it before the function runs")
		return false
	}
	return true
}

// encodedValue returns the value of a key of a user's Secret as base64, and whether it has one. A value that is not
// base64, such as an encrypted one, is returned as it is: it equals no generated value.
func encodedValue(secret *yaml.Node, key string) (value string, found bool) {
	// The API server prefers stringData.
	if text := resourcelist.Text(mergedField(secret, "stringData", key)); text != "" {
		if sops.IsEncrypted(text) {
			return text, true
		}
		return base64.StdEncoding.EncodeToString([]byte(text)), true
	}
	encoded := strings.Join(strings.Fields(resourcelist.Text(mergedField(secret, "data", key))), "")
	return encoded, encoded != ""
}

// mergedField returns the value of a key of a mapping in an object, also if a YAML merge key (<<) adds it.
func mergedField(object *yaml.Node, mapping, key string) *yaml.Node {
	if value := resourcelist.Field(object, mapping, key); value != nil {
		return value
	}
	return resourcelist.Field(object, mapping, "<<", key)
}

// isEncrypted reports whether SOPS encrypted a Secret: its metadata is a field of the object.
func isEncrypted(secret *yaml.Node) bool { return resourcelist.Field(secret, "sops") != nil }
