// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// ExternalSecret is one to emit. The External Secrets operator creates a Secret of the same name from it in the
// cluster.
type ExternalSecret struct {
	// Name of the ExternalSecret and its Secret.
	Name string
	// Component is what the Secret is for.
	Component ownership.Component
	// Values are fetched from stores; sorted by name.
	Values []ExternalValue
	// Generated means that a password is generated in the cluster, once, under the name password. Then there are no
	// Values.
	Generated bool
	// Templates are the contents of the Secret by key, for Go's text/template with sprig's functions; each value is a
	// field with its name. If there are none, the Secret contains each value under its name.
	Templates map[string]string
}

// ExternalValue is one value that is fetched.
type ExternalValue struct {
	// Name of the value in the templates, or the key of the Secret if there are none.
	Name string
	// Ref is where it is fetched from.
	Ref v1alpha1.ExternalRef
}

// passwordValue is the name of a password in templates. It is the name that External Secrets' Password generator uses.
const passwordValue = "password"

// literal is text that a template returns unchanged. Every brace is an action of its own, so that none can begin an
// action together with the text after it.
func literal(text string) string { return strings.ReplaceAll(text, "{", `{{ "{" }}`) }

// insert returns the template of a value.
func insert(name string) string { return "{{ ." + name + " }}" }

// insertUnless is insertLine with an expression that the value must not match.
func insertUnless(name, expression, message string) string {
	return fmt.Sprintf("{{ if regexMatch %q .%s }}{{ fail %q }}{{ else }}{{ .%[2]s }}{{ end }}", expression, name, message)
}

// insertLine is a value in a template that another program reads as a part of a line. If the value, which is known in
// the cluster only, does not match the expression, External Secrets makes no Secret, and writes the message into the
// status of the ExternalSecret.
func insertLine(name, expression, message string) string {
	return fmt.Sprintf("{{ if regexMatch %q .%s }}{{ .%[2]s }}{{ else }}{{ fail %[3]q }}{{ end }}", expression, name,
		message)
}

// externalSecret returns the ExternalSecret with a name, and emits it.
func (b *builder) externalSecret(name string, component ownership.Component) *ExternalSecret {
	e := b.external[name]
	if e == nil {
		e = &ExternalSecret{Name: name, Component: component}
		b.external[name] = e
	}
	return e
}

// fetch adds a value.
func (e *ExternalSecret) fetch(name string, ref v1alpha1.ExternalRef) {
	e.Values = append(e.Values, ExternalValue{Name: name, Ref: ref})
}

// put adds a key of the Secret.
func (e *ExternalSecret) put(key, template string) {
	if e.Templates == nil {
		e.Templates = map[string]string{}
	}
	e.Templates[key] = template
}

// finishExternal sorts what was collected. The values are known only in the cluster. A change of their source or
// template restarts the pods, like any other change of a Secret. A generated password never changes.
func (b *builder) finishExternal() {
	for _, e := range b.external {
		slices.SortFunc(e.Values, func(x, y ExternalValue) int { return strings.Compare(x.Name, y.Name) })
		b.ExternalSecrets = append(b.ExternalSecrets, *e)
		if !b.isReadByServers(e.Name, e.Component) || e.Generated {
			continue
		}
		for _, value := range e.Values {
			ref := value.Ref
			b.known["ExternalSecret/"+e.Name+"/"+value.Name] = strings.Join([]string{string(ref.Store.Kind),
				ref.Store.Name,
				ref.Key, ref.Property}, "\n")
		}
		for key, template := range e.Templates {
			b.known["ExternalSecret/"+e.Name+"/template/"+key] = template
		}
	}
	slices.SortFunc(b.ExternalSecrets, func(x, y ExternalSecret) int { return strings.Compare(x.Name, y.Name) })
}
