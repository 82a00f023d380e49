// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	miniov2 "bigbang.dev/mattermost-fn/internal/apis/minio/v2"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// longestName has 45 characters, the maximum that the rules allow.
const longestName = "mattermost-of-the-department-of-long-names-45"

// Properties of all emitted objects of all configurations.
func TestAllObjects(t *testing.T) {
	kinds := map[string]bool{}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			for _, installation := range []string{"chat", longestName} {
				p := planOfName(t, installation, spec)
				seen := map[string]bool{}
				for _, object := range Generate(p) {
					node := manifestNode(t, object)
					meta, err := node.GetMeta()
					if err != nil {
						t.Fatal(err)
					}
					id := fmt.Sprintf("%s %s %s/%s", meta.APIVersion, meta.Kind, meta.Namespace, meta.Name)
					kinds[meta.Kind] = true
					if seen[id] {
						t.Errorf("%s is emitted twice", id)
					}
					seen[id] = true
					group, _, found := strings.Cut(meta.APIVersion, "/")
					if !found {
						group = ""
					}
					if !ownership.IsEmitted(group, meta.Kind) {
						t.Errorf("ownership.IsEmitted does not know %s %s", meta.APIVersion, meta.Kind)
					}
					if meta.Annotations[ownership.AnnotationObject] != resourcelist.NewItem(node.YNode()).String() {
						t.Errorf("%s: got the object annotation %q", id, meta.Annotations[ownership.AnnotationObject])
					}
					if meta.APIVersion == "" || meta.Kind == "" || strings.HasSuffix(meta.Kind, "List") {
						t.Errorf("%s has an unexpected type", id)
					}
					if (meta.Namespace == "") != (meta.Kind == "Namespace") {
						t.Errorf("%s: every object must have a namespace, except the Namespace", id)
					}
					if errs := validation.IsDNS1123Subdomain(meta.Name); len(errs) > 0 {
						t.Errorf("%s: %v", id, errs)
					}
					for key, value := range meta.Labels {
						if errs := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(errs) > 0 {
							t.Errorf("%s: label %s: %q: %v", id, key, value, errs)
						}
					}
					for key := range meta.Annotations {
						if errs := validation.IsQualifiedName(strings.ToLower(key)); len(errs) > 0 {
							t.Errorf("%s: annotation %s: %v", id, key, errs)
						}
					}
					if meta.Labels[ownership.LabelManagedBy] != ownership.ManagedBy ||
						meta.Annotations[ownership.AnnotationOwner] != "teams/"+installation ||
						meta.Labels["app.kubernetes.io/instance"] != installation {
						t.Errorf("%s lacks the ownership metadata: %v, %v", id, meta.Labels, meta.Annotations)
					}
					version := p.Image.Version
					if meta.Labels["app.kubernetes.io/name"] == "postgresql" {
						version = "" // the version of Mattermost is not that of PostgreSQL
					}
					if meta.Labels["app.kubernetes.io/version"] != version {
						t.Errorf("%s: got version label %q, want %q", id, meta.Labels["app.kubernetes.io/version"], version)
					}
					for _, prefix := range []string{"config.kubernetes.io/", "kustomize.config.k8s.io/"} {
						for key := range meta.Annotations {
							if strings.Contains(key, prefix) {
								t.Errorf("%s has the host's annotation %s", id, key)
							}
						}
					}
					checkOmitted(t, id, node.YNode())
				}
			}
		})
	}
	for _, kind := range []string{"Mattermost", "Secret", "ConfigMap", "Namespace", "ServiceAccount",
		"PersistentVolumeClaim", "Cluster", "ScheduledBackup", "StatefulSet", "Service", "Tenant", "VirtualService",
		"HTTPRoute", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "ExternalSecret", "Password"} {
		if !kinds[kind] {
			t.Errorf("no configuration emits a %s", kind)
		}
	}
}

// checkOmitted fails the test for fields that a Go type encodes but a manifest must not contain.
func checkOmitted(t *testing.T, id string, node *yaml.Node) {
	t.Helper()
	for i, child := range node.Content {
		if child.ShortTag() == yaml.NodeTagNull {
			t.Errorf("%s contains a null", id)
		}
		if node.Kind == yaml.MappingNode && i%2 == 0 && (child.Value == "status" || child.Value == "creationTimestamp") {
			t.Errorf("%s contains %s", id, child.Value)
		}
		checkOmitted(t, id, child)
	}
}

// The same plan gives the same bytes, and the generators do not change it.
func TestGenerateIsPure(t *testing.T) {
	for name, spec := range specs {
		p := planOf(t, spec)
		first := manifests(t, Generate(p))
		for range 3 {
			if again := manifests(t, Generate(p)); again != first {
				t.Errorf("%s: got\n%s\nbefore\n%s", name, again, first)
			}
		}
		if other := manifests(t, Generate(planOf(t, spec))); other != first {
			t.Errorf("%s: the same configuration gave\n%s\nbefore\n%s", name, other, first)
		}
	}
}

// Objects can be applied in order: the Namespace before its contents, Secrets before the objects that read them.
func TestOrder(t *testing.T) {
	rank := map[string]int{"Namespace": 1, "ServiceAccount": 2, "Secret": 3, "Password": 3, "ExternalSecret": 3,
		"ConfigMap": 4, "Cluster": 5, "StatefulSet": 5, "Mattermost": 6, "VirtualService": 7, "HTTPRoute": 7}
	for name, spec := range specs {
		last := 0
		for _, object := range Generate(planOf(t, spec)) {
			kind := object.GetObjectKind().GroupVersionKind().Kind
			if kind == "ConfigMap" && last > rank[kind] {
				continue // dashboards and logs come last
			}
			if r := rank[kind]; r != 0 && r < last {
				t.Errorf("%s: %s is emitted too late", name, kind)
			} else if r != 0 {
				last = r
			}
		}
	}
}

// Every pod that is emitted, or created from an emitted object, satisfies the restricted pod security level.
func TestPodsAreRestricted(t *testing.T) {
	pods := 0
	for name, spec := range specs {
		for _, object := range Generate(planOf(t, spec)) {
			id := name + ": " + object.GetObjectKind().GroupVersionKind().Kind
			switch o := object.(type) {
			case *mattermostv1beta1.Mattermost:
				restrictedPod(t, id, o.Spec.PodTemplate.SecurityContext)
				restrictedContainer(t, id, o.Spec.PodTemplate.ContainerSecurityContext)
				for _, container := range o.Spec.PodExtensions.InitContainers {
					restrictedContainer(t, id+" "+container.Name, container.SecurityContext)
					if len(container.Resources.Limits) < 2 || len(container.Resources.Requests) < 2 {
						t.Errorf("%s %s has no limits", id, container.Name)
					}
				}
			case *appsv1.StatefulSet:
				restrictedPod(t, id, o.Spec.Template.Spec.SecurityContext)
				for _, container := range o.Spec.Template.Spec.Containers {
					restrictedContainer(t, id, container.SecurityContext)
				}
			case *miniov2.Tenant:
				restrictedPod(t, id, o.Spec.Pools[0].SecurityContext)
				restrictedContainer(t, id, o.Spec.Pools[0].ContainerSecurityContext)
			default:
				continue
			}
			pods++
		}
	}
	if pods < len(specs)+2 {
		t.Errorf("only %d pods were checked", pods)
	}
}

func restrictedPod(t *testing.T, id string, c *corev1.PodSecurityContext) {
	t.Helper()
	if c == nil || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || c.RunAsUser == nil || *c.RunAsUser == 0 ||
		c.SeccompProfile == nil || c.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s: pod security context is not restricted: %+v", id, c)
	}
}

func restrictedContainer(t *testing.T, id string, c *corev1.SecurityContext) {
	t.Helper()
	if c == nil || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation || c.Capabilities == nil ||
		len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" ||
		len(c.Capabilities.Add) > 0 || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || c.SeccompProfile == nil ||
		(c.Privileged != nil && *c.Privileged) {
		t.Errorf("%s: container security context is not restricted: %+v", id, c)
	}
}

// Secret values are only in the data of Secrets.
func TestSecretsStayInSecrets(t *testing.T) {
	spec := specs["external services"]
	for _, field := range []string{"license: eyJ", "password: p", "accessKey: a", "accessSecret: s", "clientSecret: s"} {
		if !strings.Contains(spec, field) {
			t.Fatalf("%s is no longer in the configuration", field)
		}
	}
	spec = strings.NewReplacer("license: eyJ", "license: HUNTER2", "password: p", "password: HUNTER2", "accessKey: a",
		"accessKey: HUNTER2", "accessSecret: s", "accessSecret: HUNTER2", "clientSecret: s",
		"clientSecret: HUNTER2").Replace(spec)
	count := 0
	for _, object := range Generate(planOf(t, spec)) {
		if secret, ok := object.(*corev1.Secret); ok {
			count += strings.Count(fmt.Sprintf("%s", secret.Data), "HUNTER2")
			secret.Data = nil
		}
		if got := manifest(t, object); strings.Contains(got, "HUNTER2") {
			t.Errorf("the secret is in\n%s", got)
		}
	}
	if count < 6 {
		t.Errorf("the Secrets contain it %d times, want at least 6", count)
	}
}
