// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"cmp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// reference is an object that an emitted object names.
type reference struct {
	// group and kind of the object.
	group, kind string
	// namespace is empty for that of the object with the reference, and for objects without a namespace.
	namespace, name string
	// key of a Secret or ConfigMap; empty if the reference names none.
	key string
}

// nameFields are fields whose value is a name, with the object that they name.
var nameFields = map[string]reference{
	"licenseSecret":      {kind: secret, key: "license"},
	"tlsSecret":          {kind: secret, key: "tls.crt"},
	"volumeClaimName":    {kind: "PersistentVolumeClaim"},
	"claimName":          {kind: "PersistentVolumeClaim"},
	"serviceAccountName": {kind: "ServiceAccount"},
	"priorityClassName":  {group: "scheduling.k8s.io", kind: "PriorityClass"},
	"runtimeClassName":   {group: "node.k8s.io", kind: "RuntimeClass"},
	"storageClassName":   {group: "storage.k8s.io", kind: "StorageClass"},
	"storageClass":       {group: "storage.k8s.io", kind: "StorageClass"},
	"ingressClass":       {group: "networking.k8s.io", kind: "IngressClass"},
	"ingressClassName":   {group: "networking.k8s.io", kind: "IngressClass"},
	"barmanObjectName":   {group: "barmancloud.cnpg.io", kind: "ObjectStore"},
}

const (
	secret    = "Secret"
	configMap = "ConfigMap"
)

// references returns the objects that an emitted object names. Optional ones are not among them.
func references(object *resourcelist.Item) []reference {
	if withoutReferences[object.Kind] {
		return nil
	}
	w := &referenceWalker{kind: object.Kind}
	w.node("spec", resourcelist.Field(object.Node(), "spec"))
	return w.found
}

// withoutReferences are the kinds of emitted objects that name no other object. Parsing them would take time: some are
// large.
var withoutReferences = map[string]bool{
	"ConfigMap": true, "Secret": true, "Namespace": true, "NetworkPolicy": true, "PrometheusRule": true, "Service": true,
	"AuthorizationPolicy": true, "PeerAuthentication": true, "PodDisruptionBudget": true, "ServiceEntry": true,
	"Sidecar": true,
}

type referenceWalker struct {
	// kind of the object with the references.
	kind  string
	found []reference
}

func (w *referenceWalker) add(kind, name, key string) {
	if name != "" {
		w.found = append(w.found, reference{kind: kind, name: name, key: key})
	}
}

// node walks the value of a field. Elements of a list have the field of the list.
func (w *referenceWalker) node(field string, node *yaml.Node) {
	if node == nil {
		return
	}
	switch node.Kind {
	case yaml.ScalarNode:
		w.scalar(field, node.Value)
	case yaml.SequenceNode:
		for _, element := range node.Content {
			w.node(field, element)
		}
	case yaml.MappingNode:
		if w.mapping(field, node) {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			w.node(node.Content[i].Value, node.Content[i+1])
		}
	}
}

func (w *referenceWalker) scalar(field, value string) {
	switch target, found := nameFields[field]; {
	case value == "":
	case found:
		target.name = value
		w.found = append(w.found, target)
	case field == "secret" && w.kind == "Mattermost":
		w.add(secret, value, "")
	case field == "gateways" && w.kind == "VirtualService":
		namespace, name, found := strings.Cut(value, "/")
		if value == v1alpha1.MeshGateway {
			return // all sidecars
		}
		if !found {
			namespace, name = "", value
		}
		w.found = append(w.found, reference{group: istioNetworking, kind: "Gateway", namespace: namespace, name: name})
	case field == "patch" && w.kind == "Mattermost":
		w.patch(value)
	}
}

// patch walks the values of a JSON patch in a string.
func (w *referenceWalker) patch(text string) {
	operations, err := yaml.Parse(text)
	if err != nil || operations.YNode().Kind != yaml.SequenceNode {
		return
	}
	for _, operation := range operations.YNode().Content {
		path := resourcelist.Text(resourcelist.Field(operation, "path"))
		w.node(path[strings.LastIndex(path, "/")+1:], resourcelist.Field(operation, "value"))
	}
}

// mapping adds the references that the mapping is, and reports whether it is one.
func (w *referenceWalker) mapping(field string, node *yaml.Node) bool {
	text := func(name string) string { return resourcelist.Text(resourcelist.Field(node, name)) }
	if text("optional") == "true" {
		return true
	}
	name, key := text("name"), text("key")
	switch {
	case field == "configMapKeyRef", field == "configMapRef", field == "configMap" && name != "":
		w.keys(configMap, name, key, node)
	case field == "secretKeyRef", field == "secretRef", field == "imagePullSecret", field == "keySecret":
		w.keys(secret, name, key, node)
	case field == "imagePullSecrets":
		w.add(secret, name, pullSecretKey)
	case field == "secret" && text("secretName") != "":
		w.keys(secret, text("secretName"), "", node)
	case field == "secret" && name != "":
		w.keys(secret, name, key, node)
	case field == "configuration" && w.kind == "Tenant":
		w.add(secret, name, "config.env")
	case field == "secretStoreRef":
		w.found = append(w.found, reference{group: "external-secrets.io", kind: text("kind"), name: name})
	case field == "parentRefs":
		w.found = append(w.found, reference{
			group: "gateway.networking.k8s.io", kind: "Gateway", namespace: text("namespace"), name: name,
		})
	case w.kind == "Filter" && name != "" && key != "": // a script
		w.add(configMap, name, key)
	case name != "" && key != "" && len(node.Content) == 4: // passwords and certificates of CloudNativePG
		w.add(secret, name, key)
	default:
		return false
	}
	return true
}

// keys adds a Secret or ConfigMap with the key, the keys of its items, or neither.
func (w *referenceWalker) keys(kind, name, key string, node *yaml.Node) {
	items := resourcelist.Field(node, "items")
	if key != "" || items == nil {
		w.add(kind, name, key)
		return
	}
	for _, item := range items.Content {
		w.add(kind, name, resourcelist.Text(resourcelist.Field(item, "key")))
	}
}

// findField returns the path of the first field for a name whose value is the name; spec if there is none.
func findField(node *yaml.Node, name string) string {
	var find func(path string, node *yaml.Node) string
	find = func(path string, node *yaml.Node) string {
		switch {
		case node == nil:
		case node.Kind == yaml.ScalarNode && node.Value == name && isForName(path):
			return path
		case node.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if found := find(path+"."+node.Content[i].Value, node.Content[i+1]); found != "" {
					return found
				}
			}
		}
		return "" // paths through lists have indexes, which a patch may shift
	}
	if found := find("spec", resourcelist.Field(node, "spec")); found != "" {
		return found
	}
	return "spec"
}

// isForName reports whether the value of a field of the configuration is the name of an object.
func isForName(path string) bool {
	return slices.ContainsFunc([]string{".name", "Name", "Secret", "Claim", "Class"},
		func(suffix string) bool { return strings.HasSuffix(path, suffix) })
}

// makes returns the objects that exist because the object is emitted: itself, and those that its operator creates.
func makes(object *resourcelist.Item) []reference {
	made := []reference{{group: object.Group(), kind: object.Kind, namespace: object.Namespace, name: object.Name}}
	add := func(kind, name string) {
		made = append(made, reference{kind: kind, namespace: object.Namespace, name: name})
	}
	switch object.Kind {
	case "Cluster":
		for _, suffix := range []string{"-app", "-superuser", "-ca", "-server", "-replication"} {
			add(secret, object.Name+suffix)
		}
	case "ExternalSecret":
		name := resourcelist.Text(resourcelist.Field(object.Node(), "spec", "target", "name"))
		add(secret, cmp.Or(name, object.Name))
	case "Mattermost":
		add("ServiceAccount", object.Name)
	}
	return made
}
