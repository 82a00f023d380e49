// SPDX-License-Identifier: Apache-2.0

// Package references finds the objects that an emitted object names, and those that exist because of it.
package references

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// Reference is an object that an emitted object names.
type Reference struct {
	// Group and Kind of the object.
	Group, Kind string
	// Namespace is empty for that of the object with the reference, and for objects without a namespace.
	Namespace, Name string
	// Key of a Secret or ConfigMap; empty if the reference names none.
	Key string
	// Field is the path of the field that contains the name.
	Field string
}

// nameFields are fields whose value is a name, with the object that they name.
var nameFields = map[string]Reference{
	"licenseSecret":      {Kind: secret, Key: "license"},
	"tlsSecret":          {Kind: secret, Key: "tls.crt"},
	"volumeClaimName":    {Kind: "PersistentVolumeClaim"},
	"claimName":          {Kind: "PersistentVolumeClaim"},
	"serviceAccountName": {Kind: "ServiceAccount"},
	"priorityClassName":  {Group: "scheduling.k8s.io", Kind: "PriorityClass"},
	"runtimeClassName":   {Group: "node.k8s.io", Kind: "RuntimeClass"},
	"storageClassName":   {Group: "storage.k8s.io", Kind: "StorageClass"},
	"storageClass":       {Group: "storage.k8s.io", Kind: "StorageClass"},
	"ingressClass":       {Group: "networking.k8s.io", Kind: "IngressClass"},
	"ingressClassName":   {Group: "networking.k8s.io", Kind: "IngressClass"},
	"barmanObjectName":   {Group: "barmancloud.cnpg.io", Kind: "ObjectStore"},
}

const (
	secret    = "Secret"
	configMap = "ConfigMap"
	service   = "Service"
)

// Of returns the objects that an emitted object names. Optional ones are not among them.
func Of(object *resourcelist.Item) []Reference {
	if withoutReferences[object.Kind] {
		return nil
	}
	w := &walker{kind: object.Kind}
	w.node(place{"spec", "spec"}, resourcelist.Field(object.Node(), "spec"))
	return w.found
}

// withoutReferences are the kinds of emitted objects that name no other object. Parsing them would take time: some are
// large.
var withoutReferences = map[string]bool{
	"ConfigMap": true, "Secret": true, "Namespace": true, "NetworkPolicy": true, "PrometheusRule": true, "Service": true,
	"AuthorizationPolicy": true, "PeerAuthentication": true, "PodDisruptionBudget": true, "ServiceEntry": true,
	"Sidecar": true,
}

type walker struct {
	// kind of the object with the references.
	kind  string
	found []Reference
}

// place is a field on the way: its name and its path.
type place struct{ field, path string }

func (at place) inner(field string) place { return place{field, at.path + "." + field} }

func (at place) element(index int) place {
	return place{at.field, at.path + "[" + strconv.Itoa(index) + "]"}
}

func (w *walker) add(at place, ref Reference) {
	if ref.Name != "" {
		ref.Field = at.path
		w.found = append(w.found, ref)
	}
}

// node walks the value of a field. Elements of a list have the field of the list.
func (w *walker) node(at place, node *yaml.Node) {
	if node == nil {
		return
	}
	switch node.Kind {
	case yaml.ScalarNode:
		w.scalar(at, node.Value)
	case yaml.SequenceNode:
		for i, element := range node.Content {
			w.node(at.element(i), element)
		}
	case yaml.MappingNode:
		if w.mapping(at, node) {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			w.node(at.inner(node.Content[i].Value), node.Content[i+1])
		}
	}
}

func (w *walker) scalar(at place, value string) {
	switch target, found := nameFields[at.field]; {
	case found:
		target.Name = value
		w.add(at, target)
	case at.field == "secret" && w.kind == "Mattermost":
		w.add(at, Reference{Kind: secret, Name: value})
	case at.field == "gateways" && w.kind == "VirtualService":
		namespace, name, found := strings.Cut(value, "/")
		if value == v1alpha1.MeshGateway {
			return // all sidecars
		}
		if !found {
			namespace, name = "", value
		}
		w.add(at, Reference{Group: "networking.istio.io", Kind: "Gateway", Namespace: namespace, Name: name})
	case at.field == "patch" && w.kind == "Mattermost":
		w.patch(at, value)
	}
}

// patch walks the values of a JSON patch in a string.
func (w *walker) patch(at place, text string) {
	operations, err := yaml.Parse(text)
	if err != nil || operations.YNode().Kind != yaml.SequenceNode {
		return
	}
	for i, operation := range operations.YNode().Content {
		path := resourcelist.Text(resourcelist.Field(operation, "path"))
		value := place{path[strings.LastIndex(path, "/")+1:], at.element(i).inner("value").path}
		w.node(value, resourcelist.Field(operation, "value"))
	}
}

// mapping adds the references that the mapping is, and reports whether it is one.
func (w *walker) mapping(at place, node *yaml.Node) bool {
	text := func(name string) string { return resourcelist.Text(resourcelist.Field(node, name)) }
	if text("optional") == "true" {
		return true
	}
	name, key, field := text("name"), text("key"), at.field
	named := at.inner("name")
	switch {
	case field == "configMapKeyRef", field == "configMapRef", field == "configMap" && name != "":
		w.keys(named, configMap, name, key, node)
	case field == "secretKeyRef", field == "secretRef", field == "imagePullSecret", field == "keySecret":
		w.keys(named, secret, name, key, node)
	case field == "imagePullSecrets":
		w.add(named, Reference{Kind: secret, Name: name, Key: ".dockerconfigjson"})
	case field == "secret" && text("secretName") != "":
		w.keys(at.inner("secretName"), secret, text("secretName"), "", node)
	case field == "secret" && name != "":
		w.keys(named, secret, name, key, node)
	case field == "configuration" && w.kind == "Tenant":
		w.add(named, Reference{Kind: secret, Name: name, Key: "config.env"})
	case field == "secretStoreRef":
		w.add(named, Reference{Group: "external-secrets.io", Kind: text("kind"), Name: name})
	case field == "generatorRef":
		w.add(named, Reference{Group: "generators.external-secrets.io", Kind: text("kind"), Name: name})
	case field == "cluster" && w.kind == "ScheduledBackup":
		w.add(named, Reference{Group: "postgresql.cnpg.io", Kind: "Cluster", Name: name})
	case field == "backendRefs":
		w.add(named, Reference{Kind: service, Name: name})
	case field == "destination" && w.kind == "VirtualService" && !strings.Contains(text("host"), "."):
		w.add(at.inner("host"), Reference{Kind: service, Name: text("host")})
	case field == "parentRefs":
		w.add(named, Reference{
			Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: text("namespace"), Name: name,
		})
	case w.kind == "Filter" && name != "" && key != "": // a script
		w.add(named, Reference{Kind: configMap, Name: name, Key: key})
	case name != "" && key != "" && len(node.Content) == 4: // passwords and certificates of CloudNativePG
		w.add(named, Reference{Kind: secret, Name: name, Key: key})
	default:
		return false
	}
	return true
}

// keys adds a Secret or ConfigMap with the key, the keys of its items, or neither.
func (w *walker) keys(at place, kind, name, key string, node *yaml.Node) {
	items := resourcelist.Field(node, "items")
	if key != "" || items == nil {
		w.add(at, Reference{Kind: kind, Name: name, Key: key})
		return
	}
	for _, item := range items.Content {
		w.add(at, Reference{Kind: kind, Name: name, Key: resourcelist.Text(resourcelist.Field(item, "key"))})
	}
}

// MadeBy returns the objects that exist because the object is emitted: itself, and those that its operator creates.
func MadeBy(object *resourcelist.Item) []Reference {
	made := []Reference{{Group: object.Group(), Kind: object.Kind, Namespace: object.Namespace, Name: object.Name}}
	add := func(kind, name string) {
		made = append(made, Reference{Kind: kind, Namespace: object.Namespace, Name: name})
	}
	switch object.Kind {
	case "Cluster":
		for _, suffix := range []string{"-app", "-superuser", "-ca", "-server", "-replication"} {
			add(secret, object.Name+suffix)
		}
		for _, suffix := range []string{"-rw", "-ro", "-r"} {
			add(service, object.Name+suffix)
		}
	case "Tenant":
		add(service, object.Name+"-hl")
	case "ExternalSecret":
		name := resourcelist.Text(resourcelist.Field(object.Node(), "spec", "target", "name"))
		add(secret, cmp.Or(name, object.Name))
	case "Mattermost":
		add("ServiceAccount", object.Name)
		add(service, object.Name)
	}
	return made
}

// FieldOf returns the path of the first field of a configuration that is for a name and whose value is the name; spec
// if there is none.
func FieldOf(node *yaml.Node, name string) string {
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
