// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Policies of Big Bang (kyverno-policies 3.3.4-bb.20) that an administrator must relax for some configurations. They
// are keys of prerequisites.
const (
	policyTokens     = "update-automountserviceaccounttokens"
	policyInjection  = "disallow-istio-injection-bypass"
	policyNamespaces = "require-istio-on-namespaces"
	policyLabels     = "require-labels"
	policyRegistries = "restrict-image-registries"
)

// registries are those from which Big Bang's policy allows images (umbrella, 2026-08-21,
// chart/templates/kyverno-policies/values.yaml).
var registries = []string{"registry1.dso.mil", "registry.dso.mil"}

// policies lists exceptions from Big Bang's Kyverno policies, each with the object whose pods, or which itself, the
// policy meets.
func (c *checklist) policies() {
	p := c.Plan
	if p.Profile != v1alpha1.ProfileBigBang {
		return
	}
	c.apiTokens()
	c.injectionBypass()
	c.clientsOutsideMesh()
	c.imageRegistries()
	if set := p.Database.StatefulSet; set != nil && set.Version == "" {
		c.exception("kyverno-labels", policyLabels, "StatefulSet", set.Name, fieldDatabaseImage, "exclude the pods of "+
			"StatefulSet %s in namespace %s from Kyverno's policy %s, which wants app.kubernetes.io/version: the "+
			"image has no tag that can be that label", set.Name, p.Namespace, policyLabels)
	}
	if namespace := p.NamespaceObject; namespace != nil && namespace.Labels["istio-injection"] != "enabled" {
		c.exception("kyverno-namespace", policyNamespaces, "Namespace", p.Namespace, "spec.namespace.labels", "exclude "+
			"namespace %s from Kyverno's policy %s, or set spec.istio.injection: true: it has no label "+
			"istio-injection: enabled", p.Namespace, policyNamespaces)
	}
}

// exception adds an exception from a policy for an object, or for the pods of one.
func (c *checklist) exception(id, policy, kind, name, field, format string, args ...any) {
	c.addDetails(result.Prerequisite{
		ID: id, Kind: kind, Namespace: c.Plan.Namespace, Name: name, Keys: []string{policy},
	}, Policies, field, format, args...)
}

// apiTokens lists pods that need the API token that a policy takes from all pods of the namespace that it does not
// name: those of CloudNativePG, whose instance manager uses it (umbrella, tests/test-values.yaml), and those of MinIO,
// whose sidecar does (minio/operator 7.1.1, sidecar/pkg/sidecar/sidecar_utils.go).
func (c *checklist) apiTokens() {
	p := c.Plan
	const how = "let pods %s-* in namespace %s keep their API token, which Kyverno's policy %s removes: %s needs it. In " +
		"Big Bang add them to kyvernoPolicies.values.policies.%s.namespaces, under pods.allow"
	if cluster := p.Database.CloudNativePG; cluster != nil {
		c.exception("kyverno-service-account-token", policyTokens, "Cluster", cluster.Name, fieldDatabase, how, cluster.Name,
			p.Namespace, policyTokens, "the instance manager of CloudNativePG", policyTokens)
	}
	if tenant := p.Files.MinIO; tenant != nil {
		c.exception("kyverno-service-account-token/files", policyTokens, "Tenant", tenant.Name, fieldFiles, how, tenant.Name,
			p.Namespace, policyTokens, "the sidecar of MinIO", policyTokens)
	}
}

// injectionBypass lists pods that are kept out of the mesh.
func (c *checklist) injectionBypass() {
	p := c.Plan
	const how = "exclude pods with the label %s: %s in namespace %s from Kyverno's policy %s: they run without a sidecar"
	if p.MayInject() {
		if cluster := p.Database.CloudNativePG; cluster != nil {
			c.exception("kyverno-injection-bypass", policyInjection, "Cluster", cluster.Name, fieldDatabase, how,
				"cnpg.io/cluster", cluster.Name, p.Namespace, policyInjection)
		}
		if set := p.Database.StatefulSet; set != nil {
			c.exception("kyverno-injection-bypass", policyInjection, "StatefulSet", set.Name, fieldDatabase, how,
				"app.kubernetes.io/name", "postgresql", p.Namespace, policyInjection)
		}
	}
	if p.Pod.Labels[plan.LabelInject] == "false" || p.Pod.Annotations[plan.LabelInject] == "false" {
		c.exception("kyverno-injection-bypass/servers", policyInjection, "Deployment", p.Name, "spec.istio.injection", how,
			"installation.mattermost.com/installation", p.Name, p.Namespace, policyInjection)
	}
}

// clientsOutsideMesh lists the exception from mutual TLS, which Big Bang requires in the whole mesh, for the clients of
// a load balancer or of a port of the nodes. With spec.istio.mtls: PERMISSIVE the function emits it.
func (c *checklist) clientsOutsideMesh() {
	p := c.Plan
	inMesh := p.Istio.Ambient || p.MayInject() && (p.Istio.Injection == nil || *p.Istio.Injection)
	if p.Service == nil || p.Istio.MTLS != "" || !inMesh {
		return
	}
	c.addDetails(result.Prerequisite{
		ID: "mesh-clients", Kind: "PeerAuthentication", Namespace: p.Namespace,
		Command: "kubectl -n " + p.Namespace + " get peerauthentications",
	}, Policies, "spec.istio.mtls", "if the pods are in the mesh, let clients without mutual TLS reach port %d of the "+
		"servers, which Service %s leads to and Big Bang's mesh (STRICT) refuses: set spec.istio.mtls: PERMISSIVE, which "+
		"emits a PeerAuthentication, or apply one that selects the pods, with portLevelMtls {%d: {mode: PERMISSIVE}}",
		plan.PortApp, p.Service.Name, plan.PortApp)
}

// imageRegistries lists images of other registries, and those that operators add to the pods.
func (c *checklist) imageRegistries() {
	p := c.Plan
	add := func(id, kind, name, field string, images ...string) {
		var others []string
		for _, image := range images {
			host, _, _ := strings.Cut(image, "/")
			switch {
			case slices.Contains(registries, host), slices.Contains(others, image):
			case image == "":
				others = append(others, "the image that the operator chooses")
			default:
				others = append(others, image)
			}
		}
		if len(others) > 0 {
			c.exception(id, policyRegistries, kind, name, field, "exclude the pods of %s %s in namespace %s from Kyverno's "+
				"policy %s, which allows images of %s only, or use images from there instead of: %s", kind, name,
				p.Namespace, policyRegistries, strings.Join(registries, " and "), strings.Join(others, ", "))
		}
	}
	images := []string{p.Image.Reference, p.Database.WaitImage}
	for _, container := range slices.Concat(p.Pod.InitContainers, p.Pod.Sidecars) {
		images = append(images, container.Image)
	}
	add("kyverno-registries/servers", "Deployment", p.Name, "spec.image.repository", images...)
	operators := ""
	if cluster := p.Database.CloudNativePG; cluster != nil {
		add("kyverno-registries/database", "Cluster", cluster.Name, fieldDatabaseImage, cluster.Image)
		operators = "CloudNativePG (in Big Bang the package big-bang/product/maintained/cloudnative-pg)"
		if cluster.Archive != nil && cluster.Archive.Name != "" || cluster.Recovery != nil {
			operators += " and its Barman Cloud plugin"
		}
	}
	if set := p.Database.StatefulSet; set != nil {
		add("kyverno-registries/database", "StatefulSet", set.Name, fieldDatabaseImage, set.Image)
	}
	if tenant := p.Files.MinIO; tenant != nil {
		add("kyverno-registries/files", "Tenant", tenant.Name, fieldFiles+".image", tenant.Image)
		if operators != "" {
			operators += ", and "
		}
		operators += "the MinIO operator"
	}
	if operators != "" {
		c.add("kyverno-operator-images", Policies, "spec", "install %s with images of %s: they also run in the pods of this "+
			"installation, where Kyverno's policy %s allows no others", operators, strings.Join(registries, " or "),
			policyRegistries)
	}
}
