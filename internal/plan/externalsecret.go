// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// ExternalSecret is one from which the External Secrets operator makes a Secret of the same name in the cluster.
type ExternalSecret struct {
	// Name of the ExternalSecret and its Secret.
	Name string
	// Component is what the Secret is for.
	Component ownership.Component
	// Values are what is fetched, sorted by name.
	Values []ExternalValue
	// Generated says that a password is made in the cluster under the name password, once. There are no Values then.
	Generated bool
	// Templates are what the Secret holds, by key, for Go's text/template with sprig's functions; a value is the field of
	// its name. None: the Secret holds each value under its name.
	Templates map[string]string
}

// ExternalValue is one value that is fetched.
type ExternalValue struct {
	// Name of the value in the templates, or the key of the Secret where there are none.
	Name string
	// Ref is where it is fetched from.
	Ref v1alpha1.ExternalRef
}

// passwordValue is what a password is called in templates. It is the name that External Secrets' Password generator
// gives to what it makes.
const passwordValue = "password"

// literal is text that a template returns unchanged. Every brace is an action of its own, so that none can begin an
// action together with the text after it.
func literal(text string) string { return strings.ReplaceAll(text, "{", `{{ "{" }}`) }

// insert is a value in a template, as it is.
func insert(name string) string { return "{{ ." + name + " }}" }

// externalSecret is the ExternalSecret of a name, which is emitted.
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

// finishExternal sorts what was collected. The value itself is known in the cluster only; what is known here is where
// it comes from and what becomes of it, and a change of that restarts the pods as every other change of a Secret does.
// A generated password is made once, whatever is said of it later.
func (b *builder) finishExternal() {
	for _, e := range b.external {
		slices.SortFunc(e.Values, func(x, y ExternalValue) int { return strings.Compare(x.Name, y.Name) })
		b.ExternalSecrets = append(b.ExternalSecrets, *e)
		if e.Component == ownership.ComponentLogging || e.Generated {
			continue
		}
		for _, value := range e.Values {
			ref := value.Ref
			b.known["ExternalSecret/"+e.Name+"/"+value.Name] = strings.Join([]string{string(ref.Store.Kind), ref.Store.Name,
				ref.Key, ref.Property}, "\n")
		}
		for key, template := range e.Templates {
			b.known["ExternalSecret/"+e.Name+"/template/"+key] = template
		}
	}
	slices.SortFunc(b.ExternalSecrets, func(x, y ExternalSecret) int { return strings.Compare(x.Name, y.Name) })
}
