// SPDX-License-Identifier: Apache-2.0

// Package judges lets command lines of other projects judge what is emitted, and what operators make of it: Kyverno's
// with the policies of Big Bang and with compact ones of testdata, and Istio's. `make judges` builds them; the tests of
// one that is not built are skipped.
package judges

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"bigbang.dev/mattermost-fn/e2e/operator"
)

// An object is identified by its kind, namespace and name.
type object struct{ kind, namespace, name string }

func (o object) String() string { return o.kind + " " + o.namespace + "/" + o.name }

func nameOf(o *unstructured.Unstructured) object {
	return object{o.GetKind(), o.GetNamespace(), o.GetName()}
}

// world is what exists in a cluster after the output was applied.
type world struct {
	objects []*unstructured.Unstructured
	// origins are the emitted objects from which operators make pods.
	origins map[object]object
}

// worldOf returns the emitted objects with what the operators make of them, as far as policies judge it: Deployments
// and Services of the Mattermost operator, and the pods of databases and file stores with their ServiceAccounts.
func worldOf(emitted []*unstructured.Unstructured) (*world, error) {
	w := &world{origins: map[object]object{}}
	seen := map[object]bool{} // Kyverno panics on the same object given twice
	add := func(origin *unstructured.Unstructured, made ...any) error {
		for _, one := range made {
			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(one)
			if err != nil {
				return err
			}
			o := &unstructured.Unstructured{Object: content}
			if seen[nameOf(o)] {
				continue
			}
			seen[nameOf(o)] = true
			w.objects = append(w.objects, o)
			if origin != nil {
				w.origins[nameOf(o)] = nameOf(origin)
			}
		}
		return nil
	}
	for _, o := range emitted {
		if err := add(nil, o); err != nil {
			return nil, err
		}
		var made []any
		switch o.GetKind() {
		case "Mattermost":
			installation, err := operator.Read(o)
			if err != nil {
				return nil, err
			}
			deployment, err := installation.Deployment(func(string) (map[string][]byte, bool) { return nil, false })
			if err != nil {
				return nil, err
			}
			service, err := installation.Service()
			if err != nil {
				return nil, err
			}
			if err := add(nil, deployment, service); err != nil {
				return nil, err
			}
		case "Cluster":
			pod, err := databasePod(o)
			if err != nil {
				return nil, err
			}
			made = []any{pod, account(o, o.GetName())}
		case "Tenant":
			pod, err := filesPod(o)
			if err != nil {
				return nil, err
			}
			made = []any{pod, account(o, o.GetName()+"-sa")}
		}
		if err := add(o, made...); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// account is the ServiceAccount that an operator creates for its pods.
func account(origin *unstructured.Unstructured, name string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta: metav1.ObjectMeta{Namespace: origin.GetNamespace(), Name: name},
	}
}

// operatorImage is that of an operator that comes from Iron Bank, as a prerequisite demands.
const operatorImage = "registry1.dso.mil/ironbank/opensource/operator:1.0.0"

// databasePod models the first pod of a Cluster (cloudnative-pg 1.30, pkg/specs/pods.go, buildInstance, and
// pkg/specs/containers.go, GetSecurityContext), as far as policies judge it.
func databasePod(cluster *unstructured.Unstructured) (*corev1.Pod, error) {
	var spec struct {
		ImageName         string                        `json:"imageName"`
		ImagePullSecrets  []corev1.LocalObjectReference `json:"imagePullSecrets"`
		PostgresUID       *int64                        `json:"postgresUID"`
		PostgresGID       *int64                        `json:"postgresGID"`
		Resources         corev1.ResourceRequirements   `json:"resources"`
		InheritedMetadata metav1.ObjectMeta             `json:"inheritedMetadata"`
	}
	if err := decode(cluster, &spec); err != nil {
		return nil, err
	}
	user, yes, no := int64(26), true, false
	if spec.PostgresUID == nil {
		spec.PostgresUID = &user
	}
	if spec.PostgresGID == nil {
		spec.PostgresGID = &user
	}
	if spec.ImageName == "" {
		spec.ImageName = "ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie"
	}
	_, tag, _ := strings.Cut(spec.ImageName[strings.LastIndex(spec.ImageName, "/")+1:], ":")
	major, _, _ := strings.Cut(tag, ".")
	labels := map[string]string{
		"cnpg.io/cluster": cluster.GetName(), "cnpg.io/podRole": "instance",
		"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/version": major,
	}
	for label, value := range spec.InheritedMetadata.Labels {
		labels[label] = value
	}
	context := &corev1.SecurityContext{
		RunAsNonRoot: &yes, Privileged: &no, AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
		Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	container := func(name, image string) corev1.Container {
		return corev1.Container{Name: name, Image: image, Resources: spec.Resources, SecurityContext: context}
	}
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: cluster.GetNamespace(), Name: cluster.GetName() + "-1", Labels: labels,
			Annotations: spec.InheritedMetadata.Annotations,
		},
		Spec: corev1.PodSpec{
			ServiceAccountName: cluster.GetName(),
			ImagePullSecrets:   spec.ImagePullSecrets,
			InitContainers:     []corev1.Container{container("bootstrap-controller", operatorImage)},
			Containers:         []corev1.Container{container("postgres", spec.ImageName)},
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: spec.PostgresUID, RunAsGroup: spec.PostgresGID, FSGroup: spec.PostgresGID,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
		},
	}, nil
}

// filesPod models the first pod of a Tenant (minio/operator 7.1.1, pkg/resources/statefulsets/minio-statefulset.go), as
// far as policies judge it.
func filesPod(tenant *unstructured.Unstructured) (*corev1.Pod, error) {
	var spec struct {
		Image           string                       `json:"image"`
		ImagePullSecret *corev1.LocalObjectReference `json:"imagePullSecret"`
		Pools           []struct {
			Name                     string                     `json:"name"`
			Labels                   map[string]string          `json:"labels"`
			SecurityContext          *corev1.PodSecurityContext `json:"securityContext"`
			ContainerSecurityContext *corev1.SecurityContext    `json:"containerSecurityContext"`
		} `json:"pools"`
	}
	if err := decode(tenant, &spec); err != nil {
		return nil, err
	}
	if len(spec.Pools) != 1 {
		return nil, fmt.Errorf("%s has %d pools, and the model knows one", nameOf(tenant), len(spec.Pools))
	}
	pool := spec.Pools[0]
	labels := map[string]string{"v1.min.io/tenant": tenant.GetName(), "v1.min.io/pool": pool.Name}
	for label, value := range pool.Labels {
		labels[label] = value
	}
	var secrets []corev1.LocalObjectReference
	if spec.ImagePullSecret != nil {
		secrets = append(secrets, *spec.ImagePullSecret)
	}
	container := func(name, image string) corev1.Container {
		return corev1.Container{Name: name, Image: image, SecurityContext: pool.ContainerSecurityContext}
	}
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: tenant.GetNamespace(), Name: tenant.GetName() + "-" + pool.Name + "-0", Labels: labels,
		},
		Spec: corev1.PodSpec{
			ServiceAccountName: tenant.GetName() + "-sa",
			ImagePullSecrets:   secrets,
			InitContainers:     []corev1.Container{container("validate-arguments", operatorImage)},
			Containers:         []corev1.Container{container("minio", spec.Image), container("sidecar", operatorImage)},
			SecurityContext:    pool.SecurityContext,
		},
	}, nil
}

// decode decodes the spec of an object.
func decode(o *unstructured.Unstructured, spec any) error {
	content, _, err := unstructured.NestedMap(o.Object, "spec")
	if err != nil {
		return err
	}
	return runtime.DefaultUnstructuredConverter.FromUnstructured(content, spec)
}

// judgment is what a rule of a policy says of an object.
type judgment struct {
	policy, rule, result, message string
	object                        object
}

// reportStart is how a report begins: its kind is ClusterReport or Report.
const reportStart = `{"kind":"`

// judgments reads the reports that Kyverno prints, each as JSON at the end of a line, among text and changed objects.
func judgments(output string) ([]judgment, error) {
	var all []judgment
	for line := range strings.Lines(output) {
		at := strings.Index(line, reportStart)
		if at < 0 {
			continue
		}
		var report struct {
			Results []struct {
				Policy    string                   `json:"policy"`
				Rule      string                   `json:"rule"`
				Result    string                   `json:"result"`
				Message   string                   `json:"message"`
				Resources []corev1.ObjectReference `json:"resources"`
			} `json:"results"`
		}
		if err := json.Unmarshal([]byte(line[at:]), &report); err != nil {
			return nil, err
		}
		for _, r := range report.Results {
			for _, ref := range r.Resources {
				all = append(all, judgment{r.Policy, r.Rule, r.Result, r.Message,
					object{ref.Kind, ref.Namespace, ref.Name}})
			}
		}
	}
	return all, nil
}
