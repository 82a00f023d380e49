package transformers

import (
	"cmp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// elementKey returns what identifies an element of a list; empty where the element has no such field.
type elementKey func(element *yaml.Node) string

// listRule says how the elements of somebody's own list and of ours are told apart.
type listRule struct {
	// key identifies an element.
	key elementKey
	// fallbackKey identifies an element of theirs that no element of ours has the key of; nil for none.
	fallbackKey elementKey
	// insertBefore selects the first of their elements that a new one must precede; nil appends.
	insertBefore func(theirs *yaml.Node) bool
}

// listRules are the lists of which some elements are ours and others somebody else's, by the field's name, preceded by the
// kind where several kinds have the field. Any other list is one value: ours takes the place of theirs.
var listRules = map[string]listRule{
	"mattermostEnv":     {key: field("name")},
	"env":               {key: field("name")},
	"volumes":           {key: field("name")},
	"volumeMounts":      {key: field("mountPath")},
	"initContainers":    {key: field("name")},
	"containers":        {key: field("name")},
	"sidecarContainers": {key: field("name")},
	"imagePullSecrets":  {key: field("name")},

	"ports":              {key: port, fallbackKey: field("name")},
	"ServiceEntry ports": {key: field("number"), fallbackKey: field("name")},

	"hosts":               {key: scalarKey},
	"hostnames":           {key: scalarKey},
	"gateways":            {key: scalarKey},
	"parentRefs":          {key: fields("namespace", "name", "sectionName")},
	"VirtualService http": {key: field("name"), fallbackKey: content("match"), insertBefore: func(theirs *yaml.Node) bool { return indexOf(theirs, "match") < 0 }},
	"HTTPRoute rules":     {key: content("matches")},

	"ServiceMonitor endpoints": {key: field("port")},
	"PrometheusRule groups":    {key: field("name")},
	"PrometheusRule rules":     {key: fields("alert", "record")},
	"ExternalSecret data":      {key: field("secretKey")},
}

// unions are mappings that hold one of several fields: together with one of ours, another one of theirs would be invalid.
var unions = map[string]func(key string) bool{
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

// requiredFields are the fields, by kind, without whose value Mattermost does not work. The paths leave out lists; of a union
// it is which field it holds. None of them holds a secret.
var requiredFields = map[string][]string{
	"VirtualService": {"spec.http", "spec.http.route.destination.host", "spec.http.route.destination.port.number"},
	"HTTPRoute":      {"spec.rules.backendRefs.name", "spec.rules.backendRefs.port"},
	"ExternalSecret": {"spec.target.name"},
	"Service":        {"spec.ports.port", "spec.ports.targetPort", "spec.ports.protocol"},
	"ServiceMonitor": {"spec.endpoints.port", "spec.endpoints.path", "spec.endpoints.scheme"},
	"Mattermost":     {"spec.database", "spec.fileStore", "spec.database.external.secret", "spec.fileStore.external.url", "spec.fileStore.external.bucket", "spec.fileStore.external.secret", "spec.fileStore.externalVolume.volumeClaimName", "spec.ingress.enabled", "spec.ingress.host"},
}

func field(name string) elementKey {
	return func(element *yaml.Node) string { return scalarField(element, name) }
}

func fields(names ...string) elementKey {
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

// scalarKey identifies a scalar in a list whose order means nothing.
func scalarKey(element *yaml.Node) string {
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
func content(name string) elementKey {
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
