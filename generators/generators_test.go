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
)

// longest is a name of 45 characters, which is the longest that the rules let through.
const longest = "mattermost-of-the-department-of-long-names-45"

// What holds for everything that is emitted, whatever the configuration.
func TestEverything(t *testing.T) {
	kinds := map[string]bool{}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			for _, installation := range []string{"chat", longest} {
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
					if meta.APIVersion == "" || meta.Kind == "" || strings.HasSuffix(meta.Kind, "List") {
						t.Errorf("%s is no kind to emit", id)
					}
					if (meta.Namespace == "") != (meta.Kind == "Namespace") {
						t.Errorf("%s: every object names its namespace, but for the Namespace", id)
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
					if meta.Labels[ownership.LabelManagedBy] != ownership.ManagedBy || meta.Annotations[ownership.AnnotationOwner] != "teams/"+installation || meta.Labels["app.kubernetes.io/instance"] != installation {
						t.Errorf("%s lacks the marks of ownership: %v, %v", id, meta.Labels, meta.Annotations)
					}
					version := p.Image.Version
					if meta.Labels["app.kubernetes.io/name"] == "postgresql" {
						version = "" // Mattermost's is not PostgreSQL's
					}
					if meta.Labels["app.kubernetes.io/version"] != version {
						t.Errorf("%s is labelled with the version %q, want %q", id, meta.Labels["app.kubernetes.io/version"], version)
					}
					for _, mark := range []string{"config.kubernetes.io/", "kustomize.config.k8s.io/"} {
						for key := range meta.Annotations {
							if strings.Contains(key, mark) {
								t.Errorf("%s carries the host's annotation %s", id, key)
							}
						}
					}
					noLeftovers(t, id, node.YNode())
				}
			}
		})
	}
	for _, kind := range []string{"Mattermost", "Secret", "ConfigMap", "Namespace", "ServiceAccount", "PersistentVolumeClaim", "Cluster", "ScheduledBackup", "StatefulSet", "Service", "Tenant", "VirtualService", "HTTPRoute", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "ExternalSecret", "Password"} {
		if !kinds[kind] {
			t.Errorf("no configuration here reaches a %s", kind)
		}
	}
}

// noLeftovers finds what a Go type prints and a manifest must not hold.
func noLeftovers(t *testing.T, id string, node *yaml.Node) {
	t.Helper()
	for i, child := range node.Content {
		if child.ShortTag() == yaml.NodeTagNull {
			t.Errorf("%s holds a null", id)
		}
		if node.Kind == yaml.MappingNode && i%2 == 0 && (child.Value == "status" || child.Value == "creationTimestamp") {
			t.Errorf("%s holds %s", id, child.Value)
		}
		noLeftovers(t, id, child)
	}
}

// The same plan gives the same bytes, and the generators leave it as it is.
func TestGenerateIsPure(t *testing.T) {
	for name, spec := range specs {
		p := planOf(t, spec)
		first := manifests(t, Generate(p))
		for range 3 {
			if again := manifests(t, Generate(p)); again != first {
				t.Errorf("%s: emitted\n%s\nand before\n%s", name, again, first)
			}
		}
		if other := manifests(t, Generate(planOf(t, spec))); other != first {
			t.Errorf("%s: the same configuration again gave\n%s\nand before\n%s", name, other, first)
		}
	}
}

// What comes first can be applied first: the Namespace before what is in it, Secrets before who reads them.
func TestOrder(t *testing.T) {
	rank := map[string]int{"Namespace": 1, "ServiceAccount": 2, "Secret": 3, "Password": 3, "ExternalSecret": 3, "ConfigMap": 4, "Cluster": 5, "StatefulSet": 5, "Mattermost": 6, "VirtualService": 7, "HTTPRoute": 7}
	for name, spec := range specs {
		last := 0
		for _, object := range Generate(planOf(t, spec)) {
			kind := object.GetObjectKind().GroupVersionKind().Kind
			if kind == "ConfigMap" && last > rank[kind] {
				continue // dashboards and logs come last
			}
			if r := rank[kind]; r != 0 && r < last {
				t.Errorf("%s: %s comes too late", name, kind)
			} else if r != 0 {
				last = r
			}
		}
	}
}

// Every pod that is emitted, or made of what is emitted, passes the restricted pod security level.
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
		t.Errorf("only %d pods were looked at", pods)
	}
}

func restrictedPod(t *testing.T, id string, c *corev1.PodSecurityContext) {
	t.Helper()
	if c == nil || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || c.RunAsUser == nil || *c.RunAsUser == 0 || c.SeccompProfile == nil || c.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s: the pod's security context is %+v", id, c)
	}
}

func restrictedContainer(t *testing.T, id string, c *corev1.SecurityContext) {
	t.Helper()
	if c == nil || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation || c.Capabilities == nil || len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" ||
		len(c.Capabilities.Add) > 0 || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || c.SeccompProfile == nil || (c.Privileged != nil && *c.Privileged) {
		t.Errorf("%s: the container's security context is %+v", id, c)
	}
}

// No secret value stands anywhere but in a Secret's data.
func TestSecretsStayInSecrets(t *testing.T) {
	spec := specs["outside services"]
	for _, field := range []string{"license: eyJ", "password: p", "accessKey: a", "accessSecret: s", "clientSecret: s"} {
		if !strings.Contains(spec, field) {
			t.Fatalf("%s is not in the configuration any more", field)
		}
	}
	spec = strings.NewReplacer("license: eyJ", "license: HUNTER2", "password: p", "password: HUNTER2", "accessKey: a", "accessKey: HUNTER2", "accessSecret: s", "accessSecret: HUNTER2", "clientSecret: s", "clientSecret: HUNTER2").Replace(spec)
	held := 0
	for _, object := range Generate(planOf(t, spec)) {
		if secret, ok := object.(*corev1.Secret); ok {
			held += strings.Count(fmt.Sprintf("%s", secret.Data), "HUNTER2")
			secret.Data = nil
		}
		if text := manifest(t, object); strings.Contains(text, "HUNTER2") {
			t.Errorf("the secret stands in\n%s", text)
		}
	}
	if held < 6 {
		t.Errorf("the Secrets hold it %d times", held)
	}
}
