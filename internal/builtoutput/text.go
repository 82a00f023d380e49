// SPDX-License-Identifier: Apache-2.0

package builtoutput

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// form is a way in which text names an installation: a query, an identity, or an expression.
type form struct {
	// pattern matches the text. Its groups namespace and name are those of the installation.
	pattern  func() *regexp.Regexp
	severity result.Severity
	// means says what goes wrong if it names another installation.
	means string
}

func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// forms are all ways in which generators name the installation in text, apart from hosts. Queries in a dashboard are
// JSON in a string, so that their quotes are escaped.
var forms = []form{
	{
		pattern(`job=\\?"mattermost\\?", namespace=\\?"(?P<namespace>[^"\\]*)\\?", service=\\?"(?P<name>[^"\\]*)\\?"`),
		result.Warning, "the query finds no metrics of this installation, and alerts about missing metrics always fire",
	},
	{
		pattern(`^[^/]*/ns/(?P<namespace>[^/]*)/sa/(?P<name>[^/]*)$`),
		result.Error, "the servers are not allowed to connect to each other",
	},
	{
		//nolint:lll // one expression
		pattern(`containers\\\.(?P<name>[a-z0-9.\\-]+)-\[a-z0-9\]\+-\[a-z0-9\]\{5\}_(?P<namespace>[a-z0-9-]+|\[a-z0-9-\]\+)_`),
		result.Error, "Fluent Bit does not match the servers' lines, so that the log is not redacted",
	},
}

// host matches the host of a URL that is the name of a Service, with or without its namespace, and the full name of a
// Service.
var host = pattern(`//(?:[^/@\s]*@)?(?P<name>[a-z0-9-]+)(?:\.(?P<namespace>[a-z0-9-]+)(?:\.svc[.a-z]*)?)?(?:[:/?]|$)|` +
	`(?:^|[^a-z0-9.-])(?P<service>[a-z0-9-]+)\.(?P<in>[a-z0-9-]+)\.svc(?:[.:/?]|$)`)

// text reports strings in the content of an object that name the installation as it was emitted.
func (o *output) text(object *object) {
	if object.now == object.before {
		return
	}
	services := o.services(object)
	seen := map[string]bool{}
	report := func(severity result.Severity, field, names, means string) {
		if !seen[means] {
			seen[means] = true
			o.report(object, severity, field, fixIdentity, "names %s, but the installation is %s now: %s", names, object.now,
				means)
		}
	}
	object.eachString(func(field, text string) {
		for _, form := range forms {
			for _, match := range form.pattern().FindAllStringSubmatch(text, -1) {
				if names, stale := object.stale(form.pattern(), match); stale {
					report(form.severity, field, names, form.means)
				}
			}
		}
		for _, match := range host().FindAllStringSubmatch(text, -1) {
			name, namespace := match[1]+match[3], match[2]+match[4]
			service, found := services[name]
			moved := namespace == object.before.namespace && namespace != object.now.namespace
			if found && (namespace == "" || namespace == object.before.namespace || namespace == object.now.namespace) &&
				(moved || service != name) {
				report(result.Error, field, "the Service "+strings.TrimSuffix(name+"."+namespace, "."),
					"there is no such Service; it is "+service+" in namespace "+object.now.namespace)
			}
		}
	})
}

// stale returns what a match names, and whether that is the installation as it was emitted and no longer as it is. A
// namespace that is an expression matches every namespace.
func (o *object) stale(pattern *regexp.Regexp, match []string) (names string, stale bool) {
	namespace := match[pattern.SubexpIndex("namespace")]
	name := strings.ReplaceAll(match[pattern.SubexpIndex("name")], `\`, "")
	everywhere := strings.HasPrefix(namespace, "[")
	switch {
	case name != o.before.name && name != o.now.name, !everywhere && namespace != o.before.namespace &&
		namespace != o.now.namespace:
		return "", false // another installation, or another program
	case everywhere && name != o.now.name:
		return "the installation " + name, true
	case everywhere:
		return "", false
	}
	found := installation{namespace, name}
	return "the installation " + found.String(), found != o.now
}

// services returns the Services of an installation: the names that they have now by the names that they had.
func (o *output) services(of *object) map[string]string {
	services := map[string]string{}
	for _, other := range o.objects {
		if other.before != of.before || other.Namespace != of.now.namespace {
			continue
		}
		now := madeBy(other.Item, other.Namespace, other.Name)
		for i, was := range madeBy(other.Item, other.Namespace, other.was.name) {
			if was.kind == "Service" {
				services[was.name] = now[i].name
			}
		}
	}
	return services
}

// eachString calls do with every string in the content of an object, and the path of its field. Values of a Secret are
// decoded. It omits metadata, and descriptions of alerts, which are for people.
func (o *object) eachString(do func(field, text string)) {
	root := o.Node()
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i].Value, root.Content[i+1]
		switch {
		case name == "metadata":
		case name == "data" && o.Kind == "Secret":
			eachString(name, value, func(field, text string) {
				if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
					do(field, string(decoded))
				}
			})
		default:
			eachString(name, value, do)
		}
	}
}

func eachString(path string, node *yaml.Node, do func(field, text string)) {
	switch node.Kind {
	case yaml.ScalarNode:
		do(path, node.Value)
	case yaml.AliasNode:
		eachString(path, node.Alias, do)
	case yaml.SequenceNode:
		for i, element := range node.Content {
			eachString(pathOf(path, i, ""), element, do)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if name := node.Content[i].Value; name != "annotations" {
				eachString(path+"."+name, node.Content[i+1], do)
			}
		}
	}
}

// field returns a string in the content of an object.
func (o *object) field(path ...string) string {
	return resourcelist.Text(resourcelist.Field(o.Node(), path...))
}

// pathOf returns the path of a field in an element of a list.
func pathOf(list string, index int, field string) string {
	return list + "[" + strconv.Itoa(index) + "]" + field
}
