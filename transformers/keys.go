package transformers

import (
	"cmp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// identity is what an element of a list is known by; empty where it has nothing of the kind.
type identity func(element *yaml.Node) string

// listRule says how the elements of somebody's own list and of ours are told apart.
type listRule struct {
	// known is what an element is known by.
	known identity
	// otherwise is what one of theirs is recognised by that is not known by the first; nil for nothing.
	otherwise identity
	// before says that a new element stands before theirs, wherever this holds for one of theirs; nil for behind all.
	before func(theirs *yaml.Node) bool
}

// listRules are the lists of which some elements are ours and others somebody else's, by the field's name, preceded by the
// kind where several kinds have the field. Any other list is one value: ours takes the place of theirs.
var listRules = map[string]listRule{
	"mattermostEnv":     {known: field("name")},
	"env":               {known: field("name")},
	"volumes":           {known: field("name")},
	"volumeMounts":      {known: field("mountPath")},
	"initContainers":    {known: field("name")},
	"containers":        {known: field("name")},
	"sidecarContainers": {known: field("name")},
	"imagePullSecrets":  {known: field("name")},

	"ports":              {known: port, otherwise: field("name")},
	"ServiceEntry ports": {known: field("number"), otherwise: field("name")},

	"hosts":               {known: itself},
	"hostnames":           {known: itself},
	"gateways":            {known: itself},
	"parentRefs":          {known: fields("namespace", "name", "sectionName")},
	"VirtualService http": {known: field("name"), otherwise: content("match"), before: func(theirs *yaml.Node) bool { return indexOf(theirs, "match") < 0 }},
	"HTTPRoute rules":     {known: content("matches")},

	"ServiceMonitor endpoints": {known: field("port")},
	"PrometheusRule groups":    {known: field("name")},
	"PrometheusRule rules":     {known: fields("alert", "record")},
	"ExternalSecret data":      {known: field("secretKey")},
}

// oneOf are mappings that hold one of several fields: with one of ours, another one of theirs would make both invalid.
var oneOf = map[string]func(key string) bool{
	"mattermostEnv": func(key string) bool { return key == "value" || key == "valueFrom" },
	"env":           func(key string) bool { return key == "value" || key == "valueFrom" },
	"valueFrom":     func(string) bool { return true },
	"volumes":       func(key string) bool { return key != "name" },
	// The operator would take the first that it finds, in this order, and Istio none of several.
	"fileStore": func(key string) bool {
		return key == "external" || key == "externalVolume" || key == "local" || key == "operatorManaged"
	},
	"database": func(key string) bool { return key == "external" || key == "operatorManaged" },
	"http": func(key string) bool {
		return key == "route" || key == "redirect" || key == "directResponse" || key == "delegate"
	},
}

// vital are the fields by kind without whose value Mattermost does not work, lists left out of the path; of mappings that
// hold one of several fields it is which one. None of them holds a secret.
var vital = map[string][]string{
	"VirtualService": {"spec.http", "spec.http.route.destination.host", "spec.http.route.destination.port.number"},
	"HTTPRoute":      {"spec.rules.backendRefs.name", "spec.rules.backendRefs.port"},
	"ExternalSecret": {"spec.target.name"},
	"Service":        {"spec.ports.port", "spec.ports.targetPort", "spec.ports.protocol"},
	"ServiceMonitor": {"spec.endpoints.port", "spec.endpoints.path", "spec.endpoints.scheme"},
	"Mattermost":     {"spec.database", "spec.fileStore", "spec.database.external.secret", "spec.fileStore.external.url", "spec.fileStore.external.bucket", "spec.fileStore.external.secret", "spec.fileStore.externalVolume.volumeClaimName", "spec.ingress.enabled", "spec.ingress.host"},
}

func field(name string) identity {
	return func(element *yaml.Node) string { return scalarField(element, name) }
}

func fields(names ...string) identity {
	return func(element *yaml.Node) string {
		var values []string
		for _, name := range names {
			values = append(values, scalarField(element, name))
		}
		if strings.Join(values, "") == "" {
			return ""
		}
		return strings.Join(values, "/")
	}
}

// itself is the identity of text in a list whose order means nothing.
func itself(element *yaml.Node) string {
	if element.Kind != yaml.ScalarNode {
		return ""
	}
	return element.Value
}

// port is the number of a port of a Service or a container, with the protocol: DNS has one number for two of them.
func port(element *yaml.Node) string {
	number := cmp.Or(scalarField(element, "port"), scalarField(element, "containerPort"))
	if number == "" {
		return ""
	}
	return number + "/" + cmp.Or(scalarField(element, "protocol"), "TCP")
}

// content is everything that stands under a field.
func content(name string) identity {
	return func(element *yaml.Node) string {
		if element.Kind != yaml.MappingNode {
			return ""
		}
		at := indexOf(element, name)
		if at < 0 {
			return "everything"
		}
		var b strings.Builder
		flatten(&b, element.Content[at+1])
		return b.String()
	}
}

func flatten(b *strings.Builder, node *yaml.Node) {
	b.WriteString("(" + node.Value)
	for _, child := range node.Content {
		flatten(b, child)
	}
	b.WriteString(")")
}
