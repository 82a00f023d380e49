// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"cmp"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// elementKey returns the key of a list element, or an empty string if the element has none.
type elementKey func(element *yaml.Node) string

// listRule defines how generated elements are matched with the elements of a user's list.
type listRule struct {
	// key identifies an element.
	key elementKey
	// fallbackKey identifies an element of the user's whose key no generated element has; nil for none.
	fallbackKey elementKey
	// insertBefore selects the first of the user's elements that a new one must precede; nil appends.
	insertBefore func(theirs *yaml.Node) bool
	// lastWins means that readers use the last of several elements with the same key.
	lastWins bool
}

// listRules contains the lists that may have both generated and user's elements, by field name, prefixed with the kind
// if several kinds have a field of that name. Any other list is one value: the generated list replaces the user's.
var listRules = map[string]listRule{
	"mattermostEnv":     {key: field("name"), lastWins: true},
	"env":               {key: field("name"), lastWins: true},
	"volumes":           {key: field("name")},
	"volumeMounts":      {key: field("mountPath")},
	"initContainers":    {key: field("name")},
	"containers":        {key: field("name")},
	"sidecarContainers": {key: field("name")},
	"imagePullSecrets":  {key: field("name")},

	"ports":              {key: port, fallbackKey: field("name")},
	"ServiceEntry ports": {key: field("number"), fallbackKey: field("name")},

	"hosts":      {key: scalarKey},
	"hostnames":  {key: scalarKey},
	"gateways":   {key: scalarKey},
	"parentRefs": {key: fields("namespace", "name", "sectionName")},
	"VirtualService http": {
		key: field("name"), fallbackKey: content("match"),
		insertBefore: func(theirs *yaml.Node) bool { return indexOf(theirs, "match") < 0 },
	},
	"HTTPRoute rules": {key: content("matches")},

	"ServiceMonitor endpoints": {key: field("port")},
	"PrometheusRule groups":    {key: field("name")},
	"PrometheusRule rules":     {key: fields("alert", "record")},
	"ExternalSecret data":      {key: field("secretKey")},
	"Tenant buckets":           {key: field("name")},
	"Cluster plugins":          {key: field("name")},
	"Cluster externalClusters": {key: field("name")},
}

// unions contains mappings in which only one of several fields may be set: a generated field replaces the user's.
var unions = map[string]func(key string) bool{
	"mattermostEnv": func(key string) bool { return key == "value" || key == "valueFrom" },
	"env":           func(key string) bool { return key == "value" || key == "valueFrom" },
	"valueFrom":     func(string) bool { return true },
	"volumes":       func(key string) bool { return key != "name" },
	// Arguments are for the command that is generated.
	"initContainers":    func(key string) bool { return key == "command" || key == "args" },
	"containers":        func(key string) bool { return key == "command" || key == "args" },
	"sidecarContainers": func(key string) bool { return key == "command" || key == "args" },
	"livenessProbe":     isProbeHandler,
	"readinessProbe":    isProbeHandler,
	"startupProbe":      isProbeHandler,
	"postStart":         isLifecycleHandler,
	"preStop":           isLifecycleHandler,
	"seccompProfile":    func(key string) bool { return key == "type" || key == "localhostProfile" },
	"appArmorProfile":   func(key string) bool { return key == "type" || key == "localhostProfile" },
	// With several fields set, the operator uses the first in this order, and Istio rejects the route.
	"fileStore": func(key string) bool {
		return key == "external" || key == "externalVolume" || key == "local" || key == "operatorManaged"
	},
	"database": func(key string) bool { return key == "external" || key == "operatorManaged" },
	"http": func(key string) bool {
		return key == "route" || key == "redirect" || key == "directResponse" || key == "delegate"
	},
}

// isProbeHandler reports whether a field of a probe is one of its handlers (k8s.io/api/core/v1, ProbeHandler).
func isProbeHandler(key string) bool {
	return key == "exec" || key == "httpGet" || key == "tcpSocket" || key == "grpc"
}

// isLifecycleHandler reports whether a field is a handler of a lifecycle (k8s.io/api/core/v1, LifecycleHandler).
func isLifecycleHandler(key string) bool {
	return key == "exec" || key == "httpGet" || key == "tcpSocket" || key == "sleep"
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

// scalarKey identifies a scalar in a list whose order is not significant.
func scalarKey(element *yaml.Node) string {
	if element.Kind != yaml.ScalarNode {
		return ""
	}
	return element.Value
}

// port returns the number and protocol of a port of a Service or container: DNS uses one number for two protocols.
func port(element *yaml.Node) string {
	number := cmp.Or(scalarField(element, "port"), scalarField(element, "containerPort"))
	if number == "" {
		return ""
	}
	return number + "/" + cmp.Or(scalarField(element, "protocol"), "TCP")
}

// content identifies an element by the whole value of a field.
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
