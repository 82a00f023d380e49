// SPDX-License-Identifier: Apache-2.0

// Package decode decodes a configuration strictly from YAML nodes into typed Go values. It reports all problems at
// once, each with its field path and line.
//
// Other decoders convert to JSON first and lose information: kyaml's LoadFunctionConfig ignores unknown fields, uses
// the last of two duplicate fields, and turns an unquoted 10.10 into the string "10.1".
package decode

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
	"bigbang.dev/mattermost-fn/internal/nearest"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Problem is an error in the YAML. Its message never contains the value of a secret.
type Problem struct {
	// Path of the field, such as spec.env[0].name.
	Path string
	// Line of the field, as in yaml.Node.
	Line int
	// Message contains what was expected, what was found and the fix.
	Message string
	// Meant is the path of the field that was probably meant; empty if the field is not unknown, or nothing is near.
	Meant string
	// Whole is true if decoding stopped at the problem, so that the configuration is incomplete.
	Whole bool
}

// Lines contains the line of every field in the YAML by path.
type Lines map[string]int

// Of returns the line of the field or, if the YAML does not contain it, of its closest parent; 0 for none.
func (l Lines) Of(path string) int {
	for path != "" {
		if line, ok := l[path]; ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return 0
		}
		path = path[:cut]
	}
	return 0
}

// maxNodes limits the number of nodes of a configuration with aliases expanded. It is far above that of real
// configurations, and far below that of a "billion laughs" document.
const maxNodes = 100_000

// maxDepth limits the nesting of a configuration.
const maxDepth = 100

// maxSuggestions is the number of problems after which no similar names are searched for.
const maxSuggestions = 100

// Strict decodes node into a pointer to a struct with json tags. It sets all fields that it can decode, even if there
// are problems.
func Strict(node *yaml.Node, into any) (Lines, []Problem) {
	lines, problems, _ := StrictAndUnset(node, into)
	return lines, problems
}

// StrictAndUnset does the same, and also returns the fields that are null and have no default that null would remove:
// they are not set, as in every Kubernetes object. Settings, which may be of any form, are not among them.
func StrictAndUnset(node *yaml.Node, into any) (lines Lines, problems, unset []Problem) {
	d := &decoder{lines: Lines{}}
	d.value(place{}, node, reflect.ValueOf(into).Elem())
	sort.SliceStable(d.problems, func(i, j int) bool { return d.problems[i].Line < d.problems[j].Line })
	return d.lines, d.problems, d.unset
}

type decoder struct {
	lines    Lines
	problems []Problem
	unset    []Problem
	nodes    int
	tooLarge bool
}

// place is the position of a value.
type place struct {
	path  string
	depth int
	// secret is true if messages must not contain the value.
	secret bool
	// hidesKeys is true if messages must not contain keys of mappings either: in place of a secret there may be a
	// mapping with the secret as a key.
	hidesKeys bool
	// shown is the path in messages, the part before the first such key; empty for the whole path.
	shown string
}

// below returns the place of a value in the value.
func (p place) below(suffix string) place {
	inner := p
	inner.path, inner.depth = p.path+suffix, p.depth+1
	if p.path == "" {
		inner.path = strings.TrimPrefix(suffix, ".")
	}
	return inner
}

func (p place) field(name string) place { return p.below("." + name) }

func (p place) key(key string) place {
	if p.hidesKeys {
		p.shown = p.inMessages()
	}
	if strings.ContainsAny(key, ".[]/ ") {
		return p.below("[" + key + "]")
	}
	return p.field(key)
}

func (p place) element(i int) place { return p.below("[" + strconv.Itoa(i) + "]") }

func (p place) inMessages() string {
	if p.shown != "" {
		return p.shown
	}
	return p.path
}

func (d *decoder) problem(p place, node *yaml.Node, format string, args ...any) {
	if d.tooLarge && len(d.problems) > 0 {
		return
	}
	message := result.Format(format, args...)
	d.problems = append(d.problems, Problem{Path: p.inMessages(), Line: node.Line, Message: message})
}

var (
	secretValueType = reflect.TypeFor[v1alpha1.SecretValue]()
	licenseType     = reflect.TypeFor[v1alpha1.License]()
	quantityType    = reflect.TypeFor[resource.Quantity]()
	intOrStringType = reflect.TypeFor[intstr.IntOrString]()
	envVarType      = reflect.TypeFor[corev1.EnvVar]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// quantityForm excludes quantities that the Kubernetes parser would process for minutes, such as 1e-2147483647.
var quantityForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[+-]?[0-9.]+([eE][+-]?[0-9][0-9]?|[a-zA-Z]?[a-zA-Z]?)$`)
})

// decimal matches numbers from which kustomize, which converts YAML to JSON, may have dropped a zero.
var decimal = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+\.[0-9]+$`) })

// mayBeSecret contains the fields of type string that may be, or contain, a secret, by the type of the struct.
var mayBeSecret = map[reflect.Type]string{
	envVarType:                        "value",
	reflect.TypeFor[v1alpha1.Patch](): "patch",
	reflect.TypeFor[v1alpha1.CertificateAuthority](): "pem",
}

// removable are the fields of which null removes the default: they have a line, although they are not set. OpenShift's
// security context constraint restricted-v2 rejects ids that it did not choose, and a CPU limit slows a server down.
var removable = map[string]bool{
	"spec.pod.securityContext.runAsUser": true, "spec.pod.securityContext.runAsGroup": true,
	"spec.pod.securityContext.fsGroup": true, "spec.database.inCluster.userID": true,
	"spec.objectStorage.inCluster.userID": true, "spec.resources.limits.cpu": true,
	"spec.database.inCluster.resources.limits.cpu": true, "spec.database.inCluster.backup.resources.limits.cpu": true,
	"spec.objectStorage.inCluster.resources.limits.cpu": true,
}

// null notes a field that is null: as in every Kubernetes object it is not set.
func (d *decoder) null(p place, node *yaml.Node) {
	switch {
	case removable[p.path]:
		d.lines[p.path] = node.Line
	case strings.HasPrefix(p.path, "spec.") && !strings.HasPrefix(p.path, "spec.settings.") &&
		!strings.HasPrefix(p.path, "spec.plugins.") && !p.hidesKeys:
		d.unset = append(d.unset, Problem{Path: p.path, Line: node.Line,
			Message: "has no value, which is the same as without the field; set a value, or remove it"})
	}
}

// value decodes node into v.
func (d *decoder) value(p place, node *yaml.Node, v reflect.Value) {
	node = d.enter(p, node)
	if node == nil {
		return
	}
	if isNull(node) {
		d.null(p, node)
		return
	}
	if p.path != "" {
		d.lines[p.path] = node.Line
	}
	if isTemplate(node) {
		d.problem(p, node, templateHint)
		return
	}
	switch v.Type() {
	case secretValueType:
		d.secretValue(p, node, v, secretForms)
		return
	case licenseType:
		d.license(p, node, v)
		return
	case settingValueType:
		d.settingValue(p, node, v)
		return
	case quantityType:
		d.quantity(p, node, v)
		return
	case intOrStringType:
		d.intOrString(p, node, v)
		return
	}
	if v.Kind() != reflect.Pointer && reflect.PointerTo(v.Type()).Implements(unmarshalerType) {
		d.unmarshal(p, node, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(p, node, v.Elem())
	case reflect.Struct:
		d.structure(p, node, v)
	case reflect.Slice:
		d.list(p, node, v)
	case reflect.Map:
		d.mapping(p, node, v)
	case reflect.String:
		if text, ok := d.text(p, node); ok {
			v.SetString(text)
		}
	case reflect.Bool:
		d.boolean(p, node, v)
	case reflect.Int, reflect.Int32, reflect.Int64:
		d.integer(p, node, v)
	default:
		panic("decode: unsupported type " + v.Type().String())
	}
}

// templateHint is the message about templates of Helm and other programs.
const templateHint = "a template such as {{ … }} is not filled in here; write the value, or render the template first"

// withoutBraces are fields in which two braces can only be a template. Other strings, such as names in a database, may
// contain them.
var withoutBraces = []string{
	"spec.domain", "spec.host", "spec.version", "spec.image.repository", "spec.sso.issuerURL", "spec.database.host",
	"spec.objectStorage.endpoint", "spec.objectStorage.bucket", "spec.elasticsearch.url", "spec.email.server",
}

// isTemplate reports whether a value is a template in two braces, which YAML reads as a mapping with a mapping as its
// key.
func isTemplate(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && node.Style&yaml.FlowStyle != 0 && len(node.Content) == 2 &&
		node.Content[0].Kind == yaml.MappingNode
}

// enter resolves aliases and counts the node. It returns nil if the document is too large to continue.
func (d *decoder) enter(p place, node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode || node.Kind == yaml.DocumentNode {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		} else {
			node = node.Content[0]
		}
	}
	d.nodes++
	if d.nodes > maxNodes || p.depth > maxDepth {
		if !d.tooLarge {
			d.tooLarge = true
			d.problems = nil // there may be as many problems as nodes
			d.problem(p, node, "the configuration is nested deeper than %d levels or expands to more than %d values; "+
				"remove nested aliases", maxDepth, maxNodes)
			d.problems[0].Whole = true
		}
		return nil
	}
	return node
}

func isNull(node *yaml.Node) bool {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node.Kind == yaml.ScalarNode && node.ShortTag() == yaml.NodeTagNull
}

// pairs returns the keys and values of a mapping with merge keys (<<) resolved. It reports duplicate keys.
func (d *decoder) pairs(p place, node *yaml.Node) [][2]*yaml.Node {
	var own, merged [][2]*yaml.Node
	seen := map[string]bool{}
	d.nodes += len(node.Content) // merge keys may add the same pairs many times
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind == yaml.ScalarNode && key.ShortTag() == yaml.MergeTag {
			merged = append(merged, d.merged(p, value)...)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			d.problem(p, key, "a field name must be a string")
			continue
		}
		if seen[key.Value] {
			d.problem(p.key(key.Value), key, "duplicate field; keep one of the two")
			continue
		}
		seen[key.Value] = true
		own = append(own, [2]*yaml.Node{key, value})
	}
	for _, pair := range merged {
		if !seen[pair[0].Value] {
			seen[pair[0].Value] = true
			own = append(own, pair)
		}
	}
	return own
}

// merged returns the keys and values that a merge key adds.
func (d *decoder) merged(p place, value *yaml.Node) [][2]*yaml.Node {
	p.depth++
	value = d.enter(p, value)
	if value == nil {
		return nil
	}
	switch value.Kind {
	case yaml.MappingNode:
		return d.pairs(p, value)
	case yaml.SequenceNode:
		var all [][2]*yaml.Node
		for _, element := range value.Content {
			all = append(all, d.merged(p, element)...)
		}
		return all
	}
	d.problem(p, value, "the value of a merge key (<<) must be a mapping")
	return nil
}

func (d *decoder) structure(p place, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.MappingNode {
		d.problem(p, node, "expected a mapping of fields (%s), got %s", listed(p.path, fieldNames(v.Type())), form(node))
		return
	}
	fields := fieldsOf(v.Type())
	for _, pair := range d.pairs(p, node) {
		key, value := pair[0], pair[1]
		index, known := fields[key.Value]
		if !known {
			at, names := p.key(key.Value), fieldNames(v.Type())
			if len(d.problems) > maxSuggestions {
				d.problem(at, key, "unknown field")
				continue
			}
			if nearest.Nearest(key.Value, names) != "" {
				at = p.field(key.Value)
			}
			message, meant := unknownField(p.path, key.Value, names)
			before := len(d.problems)
			d.problem(at, key, "%s", message)
			if len(d.problems) > before {
				d.problems[before].Meant = meant
			}
			continue
		}
		at := p.field(key.Value)
		if isUnset(value, v.Type(), v.FieldByIndex(index).Type()) {
			continue
		}
		at.secret = at.secret || mayBeSecret[v.Type()] == key.Value
		d.value(at, value, v.FieldByIndex(index))
	}
}

// isUnset reports whether a value is an empty string for a field of the configuration that is a string or a secret.
// Values of Helm charts contain such strings for everything that is not set, so they count as not set here too.
func isUnset(node *yaml.Node, of, field reflect.Type) bool {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode || node.Value != "" || node.ShortTag() != yaml.NodeTagString ||
		of.PkgPath() != secretValueType.PkgPath() {
		return false
	}
	if field.Kind() == reflect.Pointer && field.Elem().Kind() != reflect.String { // a *string may be empty on purpose
		field = field.Elem()
	}
	return field.Kind() == reflect.String || field == secretValueType || field == licenseType
}

// unknownField returns the message about an unknown field, with the field to use instead, and the path of that field if
// there is exactly one.
func unknownField(parent, name string, known []string) (message, meant string) {
	if hint, ok := bigBangField(parent, name); ok {
		return hint, firstPath(bigBang[parent+"."+name])
	}
	if ours, ok := synonyms[parent+"."+name]; ok {
		return "unknown field; did you mean " + ours + "?", firstPath(ours)
	}
	if isSection(name) && (parent == "" || parent == "spec") {
		return "unknown field; did you mean spec.settings." + name + "?", ""
	}
	near := nearest.Nearest(name, known)
	if near != "" && strings.Contains(name, "_") {
		return fmt.Sprintf("unknown field; for Big Bang's %s use %s", name, near), parent + "." + near
	}
	others, alike := elsewhere(parent, name)
	switch {
	case near != "" && (len(others) == 0 || nearest.Distance(near, name) <= 1):
		return fmt.Sprintf("unknown field; did you mean %s?", near), strings.TrimPrefix(parent+"."+near, ".")
	case len(others) == 1 && strings.HasPrefix(others[0], parent+".") && parent != "":
		above := strings.Split(strings.TrimPrefix(others[0], parent+"."), ".")
		return fmt.Sprintf("unknown field here; did you mean %s? Indent it below %s", others[0],
			strings.Join(above[:len(above)-1], ".")), others[0]
	case len(others) == 1:
		return fmt.Sprintf("unknown field here; did you mean %s?", others[0]), others[0]
	case len(others) > 1:
		last := len(others) - 1
		return fmt.Sprintf("unknown field here; did you mean %s or %s?", strings.Join(others[:last], ", "),
			others[last]), ""
	case alike != "":
		return fmt.Sprintf("unknown field here: only %s has it; must be one of %s", alike, listed(parent, known)), ""
	case strings.HasPrefix(name, "MM_"):
		return "unknown field; variables of the server belong in spec.env, a list of {name, value}", ""
	}
	return "unknown field; must be one of " + listed(parent, known), ""
}

// maxListed is how many names a message lists.
const maxListed = 20

// listed returns the names of the fields of an object, or where to find them if there are many. Kubernetes' own types,
// which are below spec.pod, are not explained.
func listed(path string, names []string) string {
	if len(names) <= maxListed || strings.HasPrefix(path, "spec.pod.") {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%d fields, which 'mattermost-fn explain %s' lists", len(names), withoutIndexes(path))
}

// firstPath returns the path that a hint begins with; empty if it begins with none.
func firstPath(hint string) string {
	path, _, _ := strings.Cut(hint, " ")
	path = strings.TrimSuffix(path, ",")
	if !strings.HasPrefix(path, "spec.") {
		return ""
	}
	return path
}

func (d *decoder) list(p place, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.SequenceNode {
		d.problem(p, node, "expected a list, got %s; write each element on a separate line that begins with \"- \"",
			form(node))
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, len(node.Content))
	for i, element := range node.Content {
		at := p.element(i)
		if isNull(element) {
			d.problem(at, element, "empty element; remove it or set a value")
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(at, element, item)
		out = reflect.Append(out, item)
	}
	v.Set(out)
}

func (d *decoder) mapping(p place, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.MappingNode {
		if at := settingElsewhere(p.path); at != "" {
			d.problem(p, node, "is a setting, but its section is missing; did you mean %s?", at)
			return
		}
		d.problem(p, node, "expected a mapping of names to values, got %s; write for example {name: value}", form(node))
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, pair := range d.pairs(p, node) {
		if isNull(pair[1]) {
			d.null(p.key(pair[0].Value), pair[1])
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(p.key(pair[0].Value), pair[1], item)
		out.SetMapIndex(reflect.ValueOf(pair[0].Value).Convert(v.Type().Key()), item)
	}
	v.Set(out)
}

// text returns the value of a string field. It accepts only YAML strings, because kustomize and kpt interpret other
// scalars differently.
func (d *decoder) text(p place, node *yaml.Node) (string, bool) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == yaml.NodeTagString {
		if slices.Contains(withoutBraces, p.path) && strings.Contains(node.Value, "{{") {
			d.problem(p, node, templateHint)
			return "", false
		}
		return node.Value, true
	}
	if node.Kind != yaml.ScalarNode {
		d.problem(p, node, "expected a string, got %s; write one in quotes, such as %s", d.found(p, node),
			example(p, `"text"`))
		return "", false
	}
	if strings.HasPrefix(node.ShortTag(), "!") && !strings.HasPrefix(node.ShortTag(), "!!") {
		d.problem(p, node, "expected a string, got a value with a tag of its own; remove the tag")
		return "", false
	}
	if p.secret {
		d.problem(p, node, "expected a string, got %s; quote it", d.found(p, node))
		return "", false
	}
	switch {
	case p.path == "spec.version":
		d.problem(p, node, "expected a string, got %s: without quotes, YAML drops the zero of 11.10. "+
			"Write three numbers in quotes, such as %q", d.found(p, node), v1alpha1.DefaultVersion)
	case decimal().MatchString(node.Value):
		d.problem(p, node, "expected a string, got %s; quote it as it is in the file, such as %q (kustomize drops a zero at "+
			"the end of a number)", d.found(p, node), node.Value)
	default:
		d.problem(p, node, "expected a string, got %s; quote it (%q)", d.found(p, node), node.Value)
	}
	return "", false
}

// example returns how a field is written with a value, for messages. It does not show keys that may be secrets.
func example(p place, value string) string {
	name := p.path[strings.LastIndexByte(p.path, '.')+1:]
	switch {
	case p.hidesKeys || name == "" || strings.HasSuffix(name, "]") && strings.ContainsAny(name, "/ "):
		return value
	case strings.HasSuffix(name, "]"):
		return "- " + value
	}
	return name + ": " + value
}

func (d *decoder) boolean(p place, node *yaml.Node, v reflect.Value) {
	on, err := strconv.ParseBool(node.Value)
	if node.Kind != yaml.ScalarNode || node.ShortTag() != yaml.NodeTagBool || err != nil {
		d.problem(p, node, "expected true or false without quotes, got %s", d.found(p, node))
		return
	}
	v.SetBool(on)
}

func (d *decoder) integer(p place, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() != yaml.NodeTagInt {
		if _, err := strconv.ParseFloat(node.Value, 64); err != nil && form(node) == "a string" {
			d.problem(p, node, "expected an integer, got %s; write a number, such as 3", d.found(p, node))
			return
		}
		d.problem(p, node, "expected an integer without quotes, got %s", d.found(p, node))
		return
	}
	number, err := strconv.ParseInt(node.Value, 10, v.Type().Bits())
	digits := strings.TrimLeft(node.Value, "+-")
	if err != nil || (len(digits) > 1 && digits[0] == '0') {
		d.problem(p, node, "expected a decimal integer of at most %d bits, got %s", v.Type().Bits(), d.found(p, node))
		return
	}
	v.SetInt(number)
}

func (d *decoder) quantity(p place, node *yaml.Node, v reflect.Value) {
	tags := []string{yaml.NodeTagString, yaml.NodeTagInt, yaml.NodeTagFloat}
	if node.Kind != yaml.ScalarNode || !slices.Contains(tags, node.ShortTag()) {
		d.problem(p, node, "expected a quantity such as 500m or 4Gi, got %s", d.found(p, node))
		return
	}
	var quantity resource.Quantity
	err := resource.ErrFormatWrong
	if len(node.Value) <= 45 && quantityForm().MatchString(node.Value) {
		quantity, err = resource.ParseQuantity(node.Value)
	}
	if err != nil {
		d.problem(p, node, "expected a quantity such as 500m, 2, 512Mi or 4Gi, got %q", node.Value)
		return
	}
	if wrong := inexact(node.Value, quantity.DeepCopy()); wrong != "" {
		d.problem(p, node, "%q %s", node.Value, wrong)
		return
	}
	v.Set(reflect.ValueOf(quantity))
}

func (d *decoder) intOrString(p place, node *yaml.Node, v reflect.Value) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == yaml.NodeTagInt {
		number, err := strconv.ParseInt(node.Value, 10, 32)
		if err == nil {
			v.Set(reflect.ValueOf(intstr.FromInt32(int32(number))))
			return
		}
	}
	if text, ok := d.text(p, node); ok {
		v.Set(reflect.ValueOf(intstr.FromString(text)))
	}
}

// secretForms lists the forms of a SecretValue other than a string, for messages.
const secretForms = "{secretKeyRef: {name: …, key: …}} or {externalSecret: {store: {name: …}, key: …}}"

// licenseForms lists the forms of a License other than a string, for messages.
const licenseForms = secretForms + " or {uploaded: true}"

// license decodes a secret, or the statement that the license was uploaded.
func (d *decoder) license(p place, node *yaml.Node, v reflect.Value) {
	p.secret = true
	license := v1alpha1.License{}
	if node.Kind == yaml.MappingNode && len(node.Content) > 0 && node.Content[0].Value == "uploaded" {
		before := len(d.problems)
		d.value(p.field("uploaded"), node.Content[1], reflect.ValueOf(&license.Uploaded).Elem())
		switch {
		case len(node.Content) > 2:
			d.problem(p, node, "uploaded conflicts with other fields; set only uploaded for an uploaded license. "+
				"In a patch write null for a field that the base has")
		case !license.Uploaded && len(d.problems) == before:
			d.problem(p.field("uploaded"), node, "must be true, got false; "+
				"without an uploaded license set the license itself, or remove the field")
		}
	} else {
		license.SecretValue = &v1alpha1.SecretValue{}
		d.secretValue(p, node, reflect.ValueOf(license.SecretValue).Elem(), licenseForms)
	}
	v.Set(reflect.ValueOf(license))
}

// secretValue decodes a secret. Forms lists the allowed forms other than a string.
func (d *decoder) secretValue(p place, node *yaml.Node, v reflect.Value, forms string) {
	p.secret, p.hidesKeys = true, true
	switch node.Kind {
	case yaml.ScalarNode:
		if text, ok := d.text(p, node); ok {
			v.Set(reflect.ValueOf(v1alpha1.SecretValue{Value: text}))
		}
	case yaml.MappingNode:
		fields := fieldsOf(v.Type())
		for i := 0; i < len(node.Content); i += 2 {
			if _, known := fields[node.Content[i].Value]; !known && node.Content[i].ShortTag() != yaml.MergeTag {
				// An unquoted secret that begins with { is a mapping too, so messages must not contain its keys.
				d.problem(p, node, "expected a string, %s, got another mapping; quote a string that begins with {", forms)
				return
			}
		}
		d.structure(p, node, v)
		switch value := v.Interface().(v1alpha1.SecretValue); {
		case value.SecretKeyRef == nil && value.ExternalSecret == nil:
			d.problem(p, node, "expected a string, %s", forms)
		case value.SecretKeyRef != nil && value.ExternalSecret != nil:
			d.problem(p, node, "secretKeyRef conflicts with externalSecret; set only one. In a patch write secretKeyRef: "+
				"null (or externalSecret: null), if the base has it")
		}
	default:
		d.problem(p, node, "expected a string, %s, got %s", forms, d.found(p, node))
	}
}

// unmarshal decodes a type that only supports JSON, such as a time.
func (d *decoder) unmarshal(p place, node *yaml.Node, v reflect.Value) {
	var value any
	err := node.Decode(&value)
	if err == nil {
		var data []byte
		if data, err = json.Marshal(value); err == nil {
			err = json.Unmarshal(data, v.Addr().Interface())
		}
	}
	if err != nil {
		d.problem(p, node, "cannot parse %s; remove it, or write it as the API server shows it", d.found(p, node))
	}
}

// found describes a value in the YAML, a secret only by its type.
func (d *decoder) found(p place, node *yaml.Node) string {
	switch what := form(node); {
	case p.secret || node.Kind != yaml.ScalarNode:
		return what
	case what == "a string":
		return fmt.Sprintf("the string %q", node.Value)
	default:
		_, kind, _ := strings.Cut(what, " ")
		return "the " + kind + " " + node.Value
	}
}

// form returns the type of a value in the YAML without the value: in place of a mapping there may be a whole connection
// string or license.
func form(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.ShortTag() {
	case yaml.NodeTagInt, yaml.NodeTagFloat:
		return "a number"
	case yaml.NodeTagBool:
		return "a boolean"
	case "!!timestamp":
		return "a date"
	}
	return "a string"
}

// fieldsOf returns the index of every field of a struct by its json name, including inlined structs.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldsByType.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := map[string][]int{}
	for _, field := range jsonfield.Of(t) {
		fields[field.Name] = field.Index
	}
	fieldsByType.Store(t, fields)
	return fields
}

// fieldsByType caches the results of fieldsOf by reflect.Type.
var fieldsByType sync.Map

// fieldNames lists the json names of a struct in alphabetical order.
func fieldNames(t reflect.Type) []string {
	var names []string
	for name := range fieldsOf(t) {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
