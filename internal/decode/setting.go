// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"reflect"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

var (
	settingValueType = reflect.TypeFor[v1alpha1.SettingValue]()
	keyRefType       = reflect.TypeFor[v1alpha1.KeyRef]()
	externalRefType  = reflect.TypeFor[v1alpha1.ExternalRef]()
)

// references contains the types of the references that a setting may have instead of a value.
var references = map[string]reflect.Type{"secretKeyRef": keyRefType, "externalSecret": externalRefType}

// settingValue decodes the value of one of Mattermost's own settings, whose type is not known here. The value may be a
// secret, so messages do not contain it.
func (d *decoder) settingValue(p place, node *yaml.Node, v reflect.Value) {
	p.secret, p.hidesKeys = true, !isMapping(p.path)
	var setting v1alpha1.SettingValue
	switch value := d.anything(p, node).(type) {
	case *v1alpha1.KeyRef:
		setting.SecretKeyRef = value
	case *v1alpha1.ExternalRef:
		setting.ExternalSecret = value
	default:
		setting.Value = value
	}
	v.Set(reflect.ValueOf(setting))
}

// isMapping reports whether the setting at a path has a mapping as its value, so that the keys are not secret.
func isMapping(path string) bool {
	section, key, ok := settingAt(path)
	if !ok || isGroup(path) {
		return true // settings of plugins are mappings
	}
	setting, known := settings.Find(section, key)
	return known && (setting.Type == settings.Map || setting.Type == settings.JSON)
}

// isGroup reports whether a path is that of a mapping of settings.
func isGroup(path string) bool {
	section, key, ok := settingAt(path)
	return ok && settings.IsGroup(section, key)
}

func settingAt(path string) (section, key string, ok bool) {
	name, ok := strings.CutPrefix(path, "spec.settings.")
	section, key, _ = strings.Cut(name, ".")
	return section, key, ok
}

// anything decodes a value by its YAML type: a string, bool, int64, float64, []any, map[string]any, or for a mapping
// with secretKeyRef or externalSecret as its only field a *KeyRef or *ExternalRef.
func (d *decoder) anything(p place, node *yaml.Node) any {
	node = d.enter(p, node)
	if node == nil {
		return nil
	}
	d.lines[p.path] = node.Line
	switch node.Kind {
	case yaml.MappingNode:
		if len(node.Content) == 2 {
			if form, ok := references[node.Content[0].Value]; ok {
				ref := reflect.New(form)
				d.value(p.field(node.Content[0].Value), node.Content[1], ref.Elem())
				return ref.Interface()
			}
		}
		values := map[string]any{}
		group := isGroup(p.path)
		for _, pair := range d.pairs(p, node) {
			at := p.key(pair[0].Value)
			if group {
				at.hidesKeys = !isMapping(at.path)
			}
			values[pair[0].Value] = d.anything(at, pair[1])
		}
		return values
	case yaml.SequenceNode:
		values := []any{}
		for i, element := range node.Content {
			values = append(values, d.anything(p.element(i), element))
		}
		return values
	}
	return d.scalar(p, node)
}

func (d *decoder) scalar(p place, node *yaml.Node) any {
	switch node.ShortTag() {
	case yaml.NodeTagString:
		return node.Value
	case yaml.NodeTagBool:
		if on, err := strconv.ParseBool(node.Value); err == nil {
			return on
		}
	case yaml.NodeTagInt:
		// YAML 1.1, which other tools around kustomize still use, reads a number with a leading zero as octal.
		digits := strings.TrimLeft(node.Value, "+-")
		if number, err := strconv.ParseInt(node.Value, 10, 64); err == nil && (len(digits) == 1 || digits[0] != '0') {
			return number
		}
	case yaml.NodeTagFloat:
		if number, err := strconv.ParseFloat(node.Value, 64); err == nil {
			return number
		}
	case yaml.NodeTagNull:
		d.problem(p, node, "empty value; remove it, or set \"\" for an empty string")
		return nil
	}
	d.problem(p, node, "got %s that tools read differently; quote it, or write a decimal number", form(node))
	return nil
}
