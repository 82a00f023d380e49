// SPDX-License-Identifier: Apache-2.0

package plan

import "bigbang.dev/mattermost-fn/api/v1alpha1"

// OperatorObject is an object that an operator creates, changes or deletes because of what is emitted. Its name must
// not be used by anyone else.
type OperatorObject struct {
	// Group, Kind, Namespace and Name identify the object. Namespace is empty for cluster-scoped objects.
	Group, Kind, Namespace, Name string
	// Operator is the name of the operator.
	Operator string
	// Deletes means that the operator only deletes the object.
	Deletes bool
	// Effect says what the operator does when another object has that name, as the continuation of its name.
	Effect string
	// KeepsForeign means that the operator uses an object that it did not create, and keeps what it contains.
	KeepsForeign bool
}

// The operators.
const (
	operatorMattermost    = "the Mattermost operator"
	operatorCloudNativePG = "CloudNativePG"
	operatorMinIO         = "the MinIO operator"
)

const groupRBAC = "rbac.authorization.k8s.io"

// OperatorObjects returns what operators create, change or delete for an installation, in a fixed order. The defaults
// of the configuration must be set.
func OperatorObjects(n Names, spec *v1alpha1.MattermostConfigSpec) []OperatorObject {
	objects := make([]OperatorObject, 0, 24)
	objects = append(objects, n.mattermostObjects(spec)...)
	if in := spec.Database.InCluster; in != nil && in.Engine == v1alpha1.EngineCloudNativePG {
		objects = append(objects, n.cloudNativePGObjects()...)
	}
	if in := spec.ObjectStorage.InCluster; in != nil && in.Engine == v1alpha1.EngineMinIO {
		objects = append(objects, n.minIOObjects()...)
	}
	return objects
}

// mattermostObjects returns those of the Mattermost operator 1.25.9 (controllers/mattermost/mattermost/mattermost.go).
func (n Names) mattermostObjects(spec *v1alpha1.MattermostConfigSpec) []OperatorObject {
	object := func(group, kind, name, effect string) OperatorObject {
		return OperatorObject{
			Group: group, Kind: kind, Namespace: n.Namespace, Name: name, Operator: operatorMattermost, Effect: effect,
		}
	}
	class := object("networking.k8s.io", "IngressClass", n.Name, "deletes it, for the whole cluster")
	class.Namespace, class.Deletes = "", true
	ingress := object("networking.k8s.io", "Ingress", n.Name, "deletes or replaces it")
	ingress.Deletes = spec.Route.Type != v1alpha1.RouteIngress
	jobServer := object("apps", "Deployment", n.JobServerName(), "deletes it")
	jobServer.Deletes = true
	objects := []OperatorObject{
		class, ingress, jobServer,
		object("apps", "Deployment", n.Name, "replaces it"),
		object("", "Service", n.Name, "replaces its ports and selector, or is blocked by it forever"),
		object(groupRBAC, "Role", n.Name, "replaces its rules"),
		object(groupRBAC, "RoleBinding", n.Name, "replaces its subjects, or is blocked by it forever"),
	}
	if managesServiceAccount(spec) {
		objects = append(objects, object("", "ServiceAccount", n.Name,
			"removes its labels, annotations and image pull secrets"))
	}
	return objects
}

// cloudNativePGObjects returns those of CloudNativePG 1.30 (internal/controller/cluster_create.go,
// api/v1/cluster_types.go). It stops when a Service exists that it did not create, and uses Secrets that exist.
func (n Names) cloudNativePGObjects() []OperatorObject {
	cluster := n.DatabaseName()
	var objects []OperatorObject
	add := func(group, kind, name, effect string, keepsForeign bool) {
		objects = append(objects, OperatorObject{
			Group: group, Kind: kind, Namespace: n.Namespace, Name: name, Operator: operatorCloudNativePG,
			Effect: effect, KeepsForeign: keepsForeign,
		})
	}
	for _, suffix := range []string{"-rw", "-ro", "-r"} {
		add("", "Service", cluster+suffix, "does not create the database while it exists", false)
	}
	add("", "ServiceAccount", cluster, "uses it", true)
	add(groupRBAC, "Role", cluster, "replaces its rules", false)
	add(groupRBAC, "RoleBinding", cluster, "does not change it, so that the database lacks permissions", false)
	for _, suffix := range []string{"", "-primary"} {
		add("policy", "PodDisruptionBudget", cluster+suffix, "replaces or deletes it", false)
	}
	for _, suffix := range []string{"-app", "-ca", "-server", "-replication"} {
		add("", "Secret", cluster+suffix, "uses it", true)
	}
	return objects
}

// minIOObjects returns those of the MinIO operator 7.1 (pkg/apis/minio.min.io/v2/names.go). One of its Services has the
// same name for every Tenant, so it accepts only one Tenant per namespace (pkg/controller/main-controller.go).
func (n Names) minIOObjects() []OperatorObject {
	tenant := n.FilesName()
	var objects []OperatorObject
	add := func(group, kind, name, effect string) {
		objects = append(objects, OperatorObject{
			Group: group, Kind: kind, Namespace: n.Namespace, Name: name, Operator: operatorMinIO,
			Effect: effect, KeepsForeign: kind == "ServiceAccount",
		})
	}
	add("", "Service", "minio", "accepts only one Tenant per namespace and replaces the ports and "+
		"selector of this Service")
	add("", "Service", tenant+"-hl", "replaces its ports and selector")
	add("", "Service", tenant+"-console", "replaces its ports and selector")
	add("apps", "StatefulSet", tenant+"-pool-0", "replaces its pods")
	add("", "ServiceAccount", tenant+"-sa", "uses it")
	add(groupRBAC, "Role", tenant+"-role", "replaces its rules")
	add(groupRBAC, "RoleBinding", tenant+"-binding", "replaces its subjects")
	return objects
}
