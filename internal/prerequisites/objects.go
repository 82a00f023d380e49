// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/references"
	"bigbang.dev/mattermost-fn/internal/result"
)

const (
	istioNetworking = "networking.istio.io"
	pullSecretKey   = ".dockerconfigjson"

	secret    = "Secret"
	configMap = "ConfigMap"
)

// operator serves kinds of emitted objects.
type operator struct {
	// id in the prerequisites, and name with version for users.
	id, name string
	// groups of its API.
	groups []string
}

// operators are the operators of all kinds that can be emitted, with the versions that are tested (docs/tools.md).
var operators = []operator{
	{"mattermost", "the Mattermost operator 1.25", []string{"installation.mattermost.com"}},
	{"cloudnative-pg", "CloudNativePG 1.29 or 1.30", []string{"postgresql.cnpg.io"}},
	{"barman-cloud", "the Barman Cloud plugin 0.15", []string{"barmancloud.cnpg.io"}},
	{"minio", "the MinIO operator", []string{"minio.min.io"}},
	{"istio", "Istio", []string{istioNetworking, "security.istio.io"}},
	{"gateway-api", "the Gateway API and an implementation of it", []string{"gateway.networking.k8s.io"}},
	{"prometheus", "the Prometheus operator", []string{"monitoring.coreos.com"}},
	{"fluent", "the Fluent operator 3", []string{"fluentbit.fluent.io"}},
	{
		"external-secrets", "External Secrets 1.3",
		[]string{"external-secrets.io", "generators.external-secrets.io"},
	},
}

// plurals are the names of kinds in the names of their definitions, where that is not the kind with an s.
var plurals = map[string]string{
	"AuthorizationPolicy": "authorizationpolicies", "ServiceEntry": "serviceentries",
	"ClusterFluentBitConfig": "clusterfluentbitconfigs",
}

// objects lists the operators, namespaces and storage classes that the emitted objects need. It returns the objects
// that exist because of them.
func (c *checklist) objects() map[references.Reference]bool {
	definitions := map[string][]string{} // by group
	made := map[references.Reference]bool{}
	namespaces := map[string]bool{}
	for _, object := range c.Objects {
		if group := object.Group(); strings.Contains(group, ".") && !isBuiltIn(group) {
			plural := cmp.Or(plurals[object.Kind], strings.ToLower(object.Kind)+"s")
			definitions[group] = append(definitions[group], plural+"."+group)
		}
		for _, m := range references.MadeBy(object) {
			made[m] = true
		}
		if object.Kind != "Namespace" {
			namespaces[object.Namespace] = true
		}
	}
	c.operators(definitions)
	for _, namespace := range sortedKeys(namespaces) {
		if namespace != "" && !made[references.Reference{Kind: "Namespace", Name: namespace}] &&
			!c.has("", "Namespace", "", namespace) {
			details := c.object("Namespace", "", namespace)
			details.Command = "kubectl create namespace " + namespace
			field := map[bool]string{true: "metadata.namespace", false: "spec"}[namespace == c.Plan.Namespace]
			c.addDetails(details, Kubernetes, field, "namespace %s must exist", namespace)
		}
	}
	c.defaultStorageClass()
	return made
}

// defaultStorageClass requires one if a volume has no class.
func (c *checklist) defaultStorageClass() {
	var volumes []string
	add := func(storage *plan.Storage, volume string) {
		if storage.StorageClassName == "" {
			volumes = append(volumes, volume)
		}
	}
	database, files := c.Plan.Database, c.Plan.Files
	if database.CloudNativePG != nil {
		add(&database.CloudNativePG.Storage, "the database")
	}
	if database.StatefulSet != nil {
		add(&database.StatefulSet.Storage, "the database")
	}
	if files.Claim != nil && !files.Claim.Exists {
		add(&files.Claim.Storage, "files")
	}
	if files.MinIO != nil {
		add(&files.MinIO.Storage, "files")
	}
	if len(volumes) > 0 {
		details := result.Prerequisite{ID: "default-storage-class", Kind: "StorageClass", Command: "kubectl get storageclass"}
		c.addDetails(details, Kubernetes, "spec", "a default StorageClass must exist for the volumes of %s",
			strings.Join(volumes, " and "))
	}
}

// isBuiltIn reports whether every API server serves the group.
func isBuiltIn(group string) bool {
	return strings.HasSuffix(group, ".k8s.io") && group != "gateway.networking.k8s.io"
}

func (c *checklist) operators(definitions map[string][]string) {
	for _, operator := range operators {
		var names []string
		for _, group := range operator.groups {
			names = append(names, definitions[group]...)
			delete(definitions, group)
		}
		c.operator(operator, names)
	}
	for _, group := range sortedKeys(definitions) { // of a user's patch
		c.operator(operator{id: group, name: "what serves " + group}, definitions[group])
	}
}

func (c *checklist) operator(operator operator, names []string) {
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	names = slices.Compact(names)
	c.addDetails(result.Prerequisite{
		ID: "operator/" + operator.id, Kind: "CustomResourceDefinition", Keys: names,
		Command: "kubectl get crd " + strings.Join(names, " "),
	}, Operators, "spec", "install %s, with the definitions %s", operator.name, strings.Join(names, ", "))
}

// references lists the objects that the emitted objects name, each with all keys, unless they are made or among the
// input resources.
func (c *checklist) references(made map[references.Reference]bool) {
	keys := map[references.Reference]map[string]bool{}
	users := map[references.Reference]string{}
	for _, object := range c.Objects {
		for _, ref := range references.Of(object) {
			key := ref.Key
			ref.Key, ref.Field = "", ""
			if ref.Namespace == "" && !withoutNamespace[ref.Kind] {
				ref.Namespace = cmp.Or(object.Namespace, c.Plan.Namespace)
			}
			if made[ref] || c.exists(ref) {
				continue
			}
			if keys[ref] == nil {
				keys[ref], users[ref] = map[string]bool{}, object.Kind+" "+object.Name
			}
			if key != "" {
				keys[ref][key] = true
			}
		}
	}
	for _, bundle := range c.Plan.CABundles { // single files of volumes
		for _, ref := range []references.Reference{
			{Kind: secret, Name: bundle.Secret}, {Kind: configMap, Name: bundle.ConfigMap},
		} {
			if ref.Namespace = c.Plan.Namespace; keys[ref] != nil {
				keys[ref][bundle.Key] = true
			}
		}
	}
	order := []string{secret, configMap}
	refs := slices.SortedFunc(maps.Keys(keys), func(a, b references.Reference) int {
		return cmp.Or(cmp.Compare(slices.Index(order, b.Kind), slices.Index(order, a.Kind)), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	for _, ref := range refs {
		for _, key := range c.operatorKeys(ref) {
			keys[ref][key] = true
		}
		c.reference(ref, sortedKeys(keys[ref]), users[ref])
	}
}

// operatorKeys returns the keys that the Mattermost operator reads in a Secret.
func (c *checklist) operatorKeys(ref references.Reference) []string {
	switch p := c.Plan; {
	case ref.Kind != secret || ref.Namespace != p.Namespace:
	case p.Database.CloudNativePG != nil && ref.Name == p.Database.CloudNativePG.RoleSecret:
		return []string{"username", "password"}
	case ref.Name == p.Database.Secret:
		return []string{"DB_CONNECTION_STRING"}
	case p.Files.S3 != nil && ref.Name == p.Files.S3.Secret:
		return []string{"accesskey", "secretkey"}
	}
	return nil
}

// withoutNamespace are the kinds of referenced objects that belong to the cluster. An Istio Gateway's namespace is that
// of the VirtualService, so it is not among them.
var withoutNamespace = map[string]bool{
	"PriorityClass": true, "RuntimeClass": true, "StorageClass": true, "IngressClass": true, "ClusterSecretStore": true,
}

// has reports whether an object is among the input resources.
func (c *checklist) has(group, kind, namespace, name string) bool {
	return c.Has != nil && c.Has(group, kind, namespace, name)
}

// exists reports whether an object is among the input resources, or a controller creates it from one of them.
func (c *checklist) exists(ref references.Reference) bool {
	return c.has(ref.Group, ref.Kind, ref.Namespace, ref.Name) || ref.Kind == secret &&
		(c.has("bitnami.com", "SealedSecret", ref.Namespace, ref.Name) ||
			c.has("external-secrets.io", "ExternalSecret", ref.Namespace, ref.Name))
}

// object returns the details of an object that must exist. The command shows whether it does.
func (c *checklist) object(kind, namespace, name string) result.Prerequisite {
	command := "kubectl get " + strings.ToLower(kind) + " " + argument(name)
	id := kind + "/" + name
	if namespace != "" {
		command = "kubectl -n " + namespace + strings.TrimPrefix(command, "kubectl")
		if namespace != c.Plan.Namespace {
			id = kind + "/" + namespace + "/" + name
		}
	}
	return result.Prerequisite{ID: id, Kind: kind, Namespace: namespace, Name: name, Command: command}
}

// reference lists one object. The user is the first object that names it.
func (c *checklist) reference(ref references.Reference, keys []string, user string) {
	details := c.object(ref.Kind, ref.Namespace, ref.Name)
	if slices.ContainsFunc(c.list, func(p Prerequisite) bool { return p.ID == details.ID }) {
		return
	}
	details.Keys = keys
	topic, place, with := Kubernetes, "", ""
	if ref.Namespace != "" {
		place = " in namespace " + ref.Namespace
	}
	if len(keys) > 0 {
		with = " with the keys " + strings.Join(keys, ", ")
		if len(keys) == 1 {
			with = " with the key " + keys[0]
		}
	}
	why := user + " needs it"
	switch {
	case ref.Kind == secret && slices.Equal(keys, []string{pullSecretKey}):
		registry, _, _ := strings.Cut(c.Plan.Image.Repository, "/")
		details.Command = createCommand("secret docker-registry", ref, keys)
		with, why = " of type kubernetes.io/dockerconfigjson", "nodes pull images with it from "+registry
	case ref.Kind == secret && slices.Equal(keys, []string{"tls.crt"}):
		details.Keys = []string{"tls.crt", "tls.key"}
		details.Command = "kubectl -n " + ref.Namespace + " create secret tls " + argument(ref.Name) +
			" --cert=FILE --key=FILE"
		with, why = " of type kubernetes.io/tls", "it has the certificate of "+c.Plan.Route.Host
	case ref.Kind == secret:
		details.Command = createCommand("secret generic", ref, keys)
	case ref.Kind == configMap:
		details.Command = createCommand("configmap", ref, keys)
	case ref.Kind == "Gateway":
		topic = Gateway
		details.Command = "kubectl -n " + ref.Namespace + " get gateways." + ref.Group + " " + argument(ref.Name)
		with = " with a listener for " + c.Plan.Route.Host
	case strings.HasSuffix(ref.Kind, "SecretStore"):
		topic = ExternalSecrets
	}
	c.addDetails(details, topic, references.FieldOf(c.Configuration, ref.Name), "%s %s%s%s must exist: %s", ref.Kind,
		ref.Name, with, place, why)
}

// createCommand returns the command that creates a Secret or ConfigMap. Values come from files, which keeps them out of
// the shell's history.
func createCommand(kind string, ref references.Reference, keys []string) string {
	command := "kubectl -n " + ref.Namespace + " create " + kind + " " + argument(ref.Name)
	for _, key := range keys {
		command += " --from-file=" + argument(key) + "=FILE"
	}
	if len(keys) == 0 {
		command += " --from-env-file=FILE"
	}
	return command
}

// argument returns a name as an argument of a shell's command, without credentials.
func argument(name string) string {
	name = result.Format("%s", name)
	isPlain := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./:@=", c)
	}
	if strings.ContainsFunc(name, func(c rune) bool { return !isPlain(c) }) {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
