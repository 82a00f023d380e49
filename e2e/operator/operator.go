// SPDX-License-Identifier: Apache-2.0

// Package operator models the Mattermost operator, v1.25.9: it makes of the operator's resource the Deployments, the
// Service and the ServiceAccount that the operator makes. The operator itself is not served by the Go module proxy.
//
// testdata/recorded.txt holds what the operator made of 74 resources; the model must make the same. A field that the
// model does not know is an error, so that nothing is ignored silently.
package operator

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// RoleAnnotation names the IAM role of the pods of a ServiceAccount.
const RoleAnnotation = "eks.amazonaws.com/role-arn"

// An Installation is a Mattermost resource as the operator reads it, with the operator's defaults.
type Installation struct {
	object *unstructured.Unstructured
	spec   spec
	size   string // before the operator erased it
}

// spec is the resource's, in the order of the operator's own type.
type spec struct {
	Size                   string                        `json:"size"`
	Image                  string                        `json:"image"`
	Version                string                        `json:"version"`
	Replicas               *int32                        `json:"replicas"`
	MattermostEnv          []corev1.EnvVar               `json:"mattermostEnv"`
	LicenseSecret          string                        `json:"licenseSecret"`
	IngressName            string                        `json:"ingressName"`
	IngressAnnotations     map[string]string             `json:"ingressAnnotations"`
	UseIngressTLS          bool                          `json:"useIngressTLS"`
	UseServiceLoadBalancer bool                          `json:"useServiceLoadBalancer"`
	ServiceAnnotations     map[string]string             `json:"serviceAnnotations"`
	ResourceLabels         map[string]string             `json:"resourceLabels"`
	Ingress                *ingress                      `json:"ingress"`
	Volumes                []corev1.Volume               `json:"volumes"`
	VolumeMounts           []corev1.VolumeMount          `json:"volumeMounts"`
	ImagePullPolicy        corev1.PullPolicy             `json:"imagePullPolicy"`
	ImagePullSecrets       []corev1.LocalObjectReference `json:"imagePullSecrets"`
	DNSConfig              *corev1.PodDNSConfig          `json:"dnsConfig"`
	DNSPolicy              corev1.DNSPolicy              `json:"dnsPolicy"`
	Database               struct {
		External struct {
			Secret string `json:"secret"`
		} `json:"external"`
		DisableReadinessCheck bool `json:"disableReadinessCheck"`
	} `json:"database"`
	FileStore struct {
		External       externalFileStore `json:"external"`
		ExternalVolume struct {
			VolumeClaimName string `json:"volumeClaimName"`
		} `json:"externalVolume"`
	} `json:"fileStore"`
	ElasticSearch struct {
		Host     string `json:"host"`
		UserName string `json:"username"`
		Password string `json:"password"`
	} `json:"elasticSearch"`
	Scheduling struct {
		Resources    corev1.ResourceRequirements `json:"resources"`
		NodeSelector map[string]string           `json:"nodeSelector"`
		Affinity     *corev1.Affinity            `json:"affinity"`
		Tolerations  []corev1.Toleration         `json:"tolerations"`
	} `json:"scheduling"`
	Probes struct {
		LivenessProbe  corev1.Probe `json:"livenessProbe"`
		ReadinessProbe corev1.Probe `json:"readinessProbe"`
	} `json:"probes"`
	PodTemplate struct {
		Command                  []string                   `json:"command"`
		SecurityContext          *corev1.PodSecurityContext `json:"securityContext"`
		ContainerSecurityContext *corev1.SecurityContext    `json:"containerSecurityContext"`
		ExtraAnnotations         map[string]string          `json:"extraAnnotations"`
		ExtraLabels              map[string]string          `json:"extraLabels"`
	} `json:"podTemplate"`
	DeploymentTemplate struct {
		DeploymentStrategyType appsv1.DeploymentStrategyType `json:"deploymentStrategyType"`
		RevisionHistoryLimit   *int32                        `json:"revisionHistoryLimit"`
	} `json:"deploymentTemplate"`
	UpdateJob struct {
		Disabled         bool              `json:"disabled"`
		ExtraAnnotations map[string]string `json:"extraAnnotations"`
		ExtraLabels      map[string]string `json:"extraLabels"`
	} `json:"updateJob"`
	JobServer struct {
		DedicatedJobServer bool `json:"dedicatedJobServer"`
	} `json:"jobServer"`
	PodExtensions struct {
		InitContainers    []corev1.Container     `json:"initContainers"`
		SidecarContainers []corev1.Container     `json:"sidecarContainers"`
		ContainerPorts    []corev1.ContainerPort `json:"containerPorts"`
	} `json:"podExtensions"`
	ResourcePatch struct {
		Service    patch `json:"service"`
		Deployment patch `json:"deployment"`
	} `json:"resourcePatch"`
}

type ingress struct {
	Enabled      bool              `json:"enabled"`
	Host         string            `json:"host"`
	Annotations  map[string]string `json:"annotations"`
	TLSSecret    string            `json:"tlsSecret"`
	IngressClass *string           `json:"ingressClass"`
}

type externalFileStore struct {
	URL               string `json:"url"`
	Bucket            string `json:"bucket"`
	Secret            string `json:"secret"`
	UseServiceAccount bool   `json:"useServiceAccount"`
}

// host of the Ingress and of the site URL. An ingress section replaces the older fields, also where it is disabled.
func (s *spec) host() string {
	if s.Ingress != nil {
		return s.Ingress.Host
	}
	return s.IngressName
}

func (s *spec) ingressAnnotations() map[string]string {
	if s.Ingress != nil {
		return s.Ingress.Annotations
	}
	return s.IngressAnnotations
}

// Read reads a Mattermost resource. What the operator refuses, drops or fails at is an error, and so is what needs
// other operators: without a database or a file store it asks for a MySQL cluster or a MinIO instance.
func Read(mattermost *unstructured.Unstructured) (*Installation, error) {
	content, _, err := unstructured.NestedMap(mattermost.Object, "spec")
	if err != nil {
		return nil, err
	}
	i := &Installation{object: mattermost}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, &i.spec, true); err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	s := &i.spec
	problems := append(dropped(reflect.ValueOf(*s), field.NewPath("spec")), s.refused()...)
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	i.size = s.Size
	s.setDefaults()
	return i, nil
}

// allowedVolumes are the volume sources that the operator takes (mattermost_utils.go, validateVolumes).
var allowedVolumes = []string{
	"ConfigMap", "Secret", "EmptyDir", "PersistentVolumeClaim", "Projected", "DownwardAPI", "CSI",
}

func (s *spec) refused() (problems []error) {
	refuse := func(refused bool, format string, arguments ...any) {
		if refused {
			problems = append(problems, fmt.Errorf(format, arguments...))
		}
	}
	enabled := s.Ingress == nil || s.Ingress.Enabled
	refuse(enabled && s.host() == "", "spec.ingress: the operator requires a host, or enabled: false")
	size, set := s.ingressAnnotations()[bodySizeAnnotation]
	refuse(set && size == "", "the annotation %s of the Ingress is empty: the operator panics", bodySizeAnnotation)
	refuse(s.Database.External.Secret == "", "spec.database.external.secret: "+
		"without it the operator creates a MySQL cluster")
	refuse(!s.Database.DisableReadinessCheck,
		"spec.database.disableReadinessCheck: false adds a container that pod security standard restricted refuses")
	refuse(!s.UpdateJob.Disabled, "spec.updateJob.disabled: false creates a job that is not modeled")

	s3 := s.FileStore.External
	refuse(s3.URL == "" && s.FileStore.ExternalVolume.VolumeClaimName == "",
		"spec.fileStore: without an external one the operator creates a MinIO instance")
	refuse(s3.URL != "" && s3.Bucket == "", "spec.fileStore.external.bucket: the operator requires it")
	refuse(s3.URL != "" && s3.Secret == "" && !s3.UseServiceAccount,
		"spec.fileStore.external.secret: the operator requires it, or useServiceAccount: true")
	for at, volume := range s.Volumes {
		source := reflect.ValueOf(volume.VolumeSource)
		allowed := slices.ContainsFunc(allowedVolumes, func(name string) bool { return !source.FieldByName(name).IsNil() })
		refuse(!allowed, "spec.volumes[%d]: the operator refuses the source of volume %q", at, volume.Name)
	}
	return problems
}

// Account is the ServiceAccount of the pods, as the operator makes it; nil where the operator leaves it to others
// (mattermost.go, checkMattermostSA). With an S3 service, theirs must have a RoleAnnotation (file_store.go).
func (i *Installation) Account() *corev1.ServiceAccount {
	if i.usesAccount() {
		return nil
	}
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: i.object.GetName(),
		Namespace: i.object.GetNamespace()}}
}

func (i *Installation) usesAccount() bool {
	return i.spec.FileStore.External.UseServiceAccount
}

// WriteBack is what the operator fills in, as it spells it. Where that differs from what was applied the operator
// updates the resource and owns what it wrote, and the next apply conflicts.
func (i *Installation) WriteBack() (*unstructured.Unstructured, error) {
	if i.size != "" {
		return nil, errors.New("spec.size: the operator erases it, so every apply changes the resource again")
	}
	s := i.spec
	resources, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&s.Scheduling.Resources)
	if err != nil {
		return nil, err
	}
	written := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image":           s.Image,
		"version":         s.Version,
		"imagePullPolicy": string(s.ImagePullPolicy),
		"replicas":        int64(*s.Replicas),
		"scheduling":      map[string]any{"resources": resources},
	}}}
	written.SetGroupVersionKind(i.object.GroupVersionKind())
	written.SetNamespace(i.object.GetNamespace())
	written.SetName(i.object.GetName())
	return written, nil
}
