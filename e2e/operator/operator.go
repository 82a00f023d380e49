// Package operator stands in for the Mattermost operator in tests against a real API server: it makes of the operator's
// resource what the operator, v1.25.9, makes of it. The operator itself is not to be had from the Go module proxy.
//
// It knows the fields that the project emits. Any other is an error, so that nothing is passed over in silence.
package operator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// RoleAnnotation gives the pods of an account a role of Amazon's.
const RoleAnnotation = "eks.amazonaws.com/role-arn"

// An Installation is a Mattermost resource as the operator reads it.
type Installation struct {
	object *unstructured.Unstructured
	spec   spec
}

// spec are the fields that the project emits.
type spec struct {
	Image            string                        `json:"image"`
	Version          string                        `json:"version"`
	ImagePullPolicy  corev1.PullPolicy             `json:"imagePullPolicy"`
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets"`
	Replicas         *int32                        `json:"replicas"`
	LicenseSecret    string                        `json:"licenseSecret"`
	Ingress          *struct {
		Enabled      bool              `json:"enabled"`
		Host         string            `json:"host"`
		IngressClass *string           `json:"ingressClass"`
		TLSSecret    string            `json:"tlsSecret"`
		Annotations  map[string]string `json:"annotations"`
	} `json:"ingress"`
	Database struct {
		External struct {
			Secret string `json:"secret"`
		} `json:"external"`
		DisableReadinessCheck bool `json:"disableReadinessCheck"`
	} `json:"database"`
	FileStore struct {
		External *struct {
			URL               string `json:"url"`
			Bucket            string `json:"bucket"`
			Secret            string `json:"secret"`
			UseServiceAccount bool   `json:"useServiceAccount"`
		} `json:"external"`
		ExternalVolume *struct {
			VolumeClaimName string `json:"volumeClaimName"`
		} `json:"externalVolume"`
	} `json:"fileStore"`
	MattermostEnv  []corev1.EnvVar      `json:"mattermostEnv"`
	Volumes        []corev1.Volume      `json:"volumes"`
	VolumeMounts   []corev1.VolumeMount `json:"volumeMounts"`
	ResourceLabels map[string]string    `json:"resourceLabels"`
	Scheduling     struct {
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
		SecurityContext          *corev1.PodSecurityContext `json:"securityContext"`
		ContainerSecurityContext *corev1.SecurityContext    `json:"containerSecurityContext"`
		ExtraLabels              map[string]string          `json:"extraLabels"`
		ExtraAnnotations         map[string]string          `json:"extraAnnotations"`
	} `json:"podTemplate"`
	PodExtensions struct {
		InitContainers    []corev1.Container `json:"initContainers"`
		SidecarContainers []corev1.Container `json:"sidecarContainers"`
	} `json:"podExtensions"`
	UpdateJob struct {
		Disabled bool `json:"disabled"`
	} `json:"updateJob"`
	ResourcePatch struct {
		Deployment struct {
			Patch string `json:"patch"`
		} `json:"deployment"`
	} `json:"resourcePatch"`
}

// Read reads a Mattermost resource. What the operator would stumble over is an error: an absent ingress is an enabled
// one without a host, an absent database or file store is one that the operator makes with other operators' help.
func Read(mattermost *unstructured.Unstructured) (*Installation, error) {
	content, _, err := unstructured.NestedMap(mattermost.Object, "spec")
	if err != nil {
		return nil, err
	}
	i := &Installation{object: mattermost}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, &i.spec, true); err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	s := i.spec
	switch {
	case s.Ingress == nil || s.Ingress.Enabled && s.Ingress.Host == "":
		return nil, fmt.Errorf("spec.ingress: the operator wants a host, or enabled: false")
	case s.Database.External.Secret == "":
		return nil, fmt.Errorf("spec.database.external.secret: the operator takes none for a MySQL of its own")
	case s.FileStore.External == nil && s.FileStore.ExternalVolume == nil:
		return nil, fmt.Errorf("spec.fileStore: the operator takes none for a MinIO of its own")
	case !s.Database.DisableReadinessCheck:
		return nil, fmt.Errorf("spec.database.disableReadinessCheck: false adds a container that is not restricted")
	case !s.UpdateJob.Disabled:
		return nil, fmt.Errorf("spec.updateJob.disabled: false makes a job that is not made here")
	}
	return i, nil
}

// Account is the ServiceAccount of the pods, as the operator makes it; nil where the resource wants one that is there, with
// a RoleAnnotation.
func (i *Installation) Account() *corev1.ServiceAccount {
	if i.spec.FileStore.External != nil && i.spec.FileStore.External.UseServiceAccount {
		return nil
	}
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Name: i.object.GetName(), Namespace: i.object.GetNamespace(), Labels: i.labels(),
	}}
}

// WriteBack is what the operator fills in, in its own spelling. Where that differs from what was applied it writes to the
// resource, owns what it wrote, and the next apply conflicts. Its `size` is no field here: it never survives.
func (i *Installation) WriteBack() (*unstructured.Unstructured, error) {
	s := i.spec
	defaults := map[string]any{
		"image":           cmp.Or(s.Image, "mattermost/mattermost-enterprise-edition"),
		"version":         cmp.Or(s.Version, "10.8.1"),
		"imagePullPolicy": string(cmp.Or(s.ImagePullPolicy, corev1.PullIfNotPresent)),
	}
	replicas := int32(2)
	if s.Replicas != nil {
		replicas = *s.Replicas
	}
	defaults["replicas"] = int64(replicas)
	resources := s.Scheduling.Resources
	if resources.Limits == nil && resources.Requests == nil {
		resources = corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("500Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi")},
		}
	}
	spelled, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&resources)
	if err != nil {
		return nil, err
	}
	defaults["scheduling"] = map[string]any{"resources": spelled}

	written := &unstructured.Unstructured{Object: map[string]any{"spec": defaults}}
	written.SetGroupVersionKind(i.object.GroupVersionKind())
	written.SetNamespace(i.object.GetNamespace())
	written.SetName(i.object.GetName())
	return written, nil
}

// Secrets gives the data of a Secret in the namespace of the resource, and whether it is there.
type Secrets func(name string) (data map[string][]byte, there bool)

// Deployment is the server, with the resource's patch applied. A Secret that is not there is taken for one of the user's
// with the keys that the operator asks for and no other; of one that is there, the keys must be.
func (i *Installation) Deployment(secrets Secrets) (*appsv1.Deployment, error) {
	if err := i.wantKeys(secrets); err != nil {
		return nil, err
	}
	s := i.spec
	selector := i.ownLabels()
	none, one, five := intstr.FromInt32(0), intstr.FromInt32(1), int32(5)
	deployment := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: i.object.GetName(), Namespace: i.object.GetNamespace(), Labels: i.labels()},
		Spec: appsv1.DeploymentSpec{
			Replicas:             s.Replicas,
			RevisionHistoryLimit: &five,
			Selector:             &metav1.LabelSelector{MatchLabels: selector},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &none, MaxSurge: &one},
			},
			Template: i.template(secrets),
		},
	}
	return patched(deployment, s.ResourcePatch.Deployment.Patch)
}

// wantKeys is what the operator asks of Secrets before it makes anything.
func (i *Installation) wantKeys(secrets Secrets) error {
	wanted := map[string][]string{i.spec.Database.External.Secret: {"DB_CONNECTION_STRING"}}
	if i.spec.LicenseSecret != "" {
		wanted[i.spec.LicenseSecret] = []string{"license"}
	}
	if s3 := i.spec.FileStore.External; s3 != nil && s3.Secret != "" {
		wanted[s3.Secret] = []string{"accesskey", "secretkey"}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		data, there := secrets(name)
		for _, key := range wanted[name] {
			if there && len(data[key]) == 0 {
				return fmt.Errorf("the Secret %s has no %s, which the operator asks for", name, key)
			}
		}
	}
	return nil
}

func (i *Installation) ownLabels() map[string]string {
	return map[string]string{
		"app": "mattermost",
		"installation.mattermost.com/installation": i.object.GetName(),
		"installation.mattermost.com/resource":     i.object.GetName(),
	}
}

func (i *Installation) labels(more ...map[string]string) map[string]string {
	labels := map[string]string{}
	for _, l := range append(append([]map[string]string{i.spec.ResourceLabels}, more...), i.ownLabels()) {
		maps.Copy(labels, l) // the operator's own are last, and win
	}
	return labels
}

func (i *Installation) template(secrets Secrets) corev1.PodTemplateSpec {
	s := i.spec
	annotations := maps.Clone(s.PodTemplate.ExtraAnnotations)
	volumes, mounts := slices.Clone(s.Volumes), slices.Clone(s.VolumeMounts)
	if s.FileStore.ExternalVolume != nil {
		volumes = append(volumes, corev1.Volume{Name: "mattermost-data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: s.FileStore.ExternalVolume.VolumeClaimName},
		}})
		mounts = append(mounts, corev1.VolumeMount{Name: "mattermost-data", MountPath: "/mattermost/data"})
	}
	if s.LicenseSecret != "" {
		volumes = append(volumes, corev1.Volume{Name: "mattermost-license", VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: s.LicenseSecret},
		}})
		mounts = append(mounts, corev1.VolumeMount{Name: "mattermost-license", MountPath: "/mattermost-license", ReadOnly: true})
		if annotations == nil {
			annotations = map[string]string{}
		}
		maps.Copy(annotations, map[string]string{"prometheus.io/scrape": "true", "prometheus.io/path": "/metrics", "prometheus.io/port": "8067"})
	}
	server := corev1.Container{
		Name:            "mattermost",
		Image:           s.Image + ":" + s.Version,
		ImagePullPolicy: s.ImagePullPolicy,
		Command:         []string{"mattermost"},
		Env:             i.environment(secrets),
		Ports: []corev1.ContainerPort{
			{Name: "app", ContainerPort: 8065, Protocol: corev1.ProtocolTCP},
			{Name: "metrics", ContainerPort: 8067, Protocol: corev1.ProtocolTCP},
		},
		LivenessProbe:   probe(s.Probes.LivenessProbe, 10, 3),
		ReadinessProbe:  probe(s.Probes.ReadinessProbe, 5, 6),
		Resources:       s.Scheduling.Resources,
		SecurityContext: s.PodTemplate.ContainerSecurityContext,
		VolumeMounts:    mounts,
	}
	if strings.HasPrefix(s.Version, "sha256:") {
		server.Image = s.Image + "@" + s.Version
	}
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: i.labels(s.PodTemplate.ExtraLabels), Annotations: annotations},
		Spec: corev1.PodSpec{
			ServiceAccountName: i.object.GetName(),
			ImagePullSecrets:   s.ImagePullSecrets,
			InitContainers:     s.PodExtensions.InitContainers,
			Containers:         append([]corev1.Container{server}, s.PodExtensions.SidecarContainers...),
			SecurityContext:    s.PodTemplate.SecurityContext,
			Volumes:            volumes,
			NodeSelector:       s.Scheduling.NodeSelector,
			Affinity:           s.Scheduling.Affinity,
			Tolerations:        s.Scheduling.Tolerations,
		},
	}
}

// probe is the resource's, with what it leaves out filled in.
func probe(p corev1.Probe, period, failures int32) *corev1.Probe {
	if p.ProbeHandler == (corev1.ProbeHandler{}) {
		p.HTTPGet = &corev1.HTTPGetAction{Path: "/api/v4/system/ping", Port: intstr.FromInt32(8065)}
	}
	p.InitialDelaySeconds = cmp.Or(p.InitialDelaySeconds, 10)
	p.PeriodSeconds = cmp.Or(p.PeriodSeconds, period)
	p.FailureThreshold = cmp.Or(p.FailureThreshold, failures)
	return &p
}

// environment is the server's: the operator's variables in its order, each replaced in place by the resource's own of the
// same name, then what is left of the resource's. Only the server gets it, no other container.
func (i *Installation) environment(secrets Secrets) []corev1.EnvVar {
	s := i.spec
	var env []corev1.EnvVar
	set := func(variable corev1.EnvVar) {
		at := slices.IndexFunc(env, func(e corev1.EnvVar) bool { return e.Name == variable.Name })
		if at < 0 {
			env = append(env, variable)
			return
		}
		env[at] = variable
	}
	value := func(name, value string) { set(corev1.EnvVar{Name: name, Value: value}) }
	from := func(name, secret, key string) {
		set(corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key,
		}}})
	}

	database := s.Database.External.Secret
	connections, _ := secrets(database)
	from("MM_CONFIG", database, "DB_CONNECTION_STRING")
	if _, has := connections["MM_SQLSETTINGS_DATASOURCE"]; has {
		from("MM_SQLSETTINGS_DATASOURCE", database, "MM_SQLSETTINGS_DATASOURCE")
	} else {
		from("MM_SQLSETTINGS_DATASOURCE", database, "DB_CONNECTION_STRING")
	}
	if _, has := connections["MM_SQLSETTINGS_DATASOURCEREPLICAS"]; has {
		from("MM_SQLSETTINGS_DATASOURCEREPLICAS", database, "MM_SQLSETTINGS_DATASOURCEREPLICAS")
	}

	if s3 := s.FileStore.External; s3 != nil {
		value("MM_FILESETTINGS_DRIVERNAME", "amazons3")
		value("MM_FILESETTINGS_AMAZONS3BUCKET", s3.Bucket)
		value("MM_FILESETTINGS_AMAZONS3ENDPOINT", s3.URL)
		value("MM_FILESETTINGS_AMAZONS3SSL", "true")
		if s3.Secret != "" {
			from("MM_FILESETTINGS_AMAZONS3ACCESSKEYID", s3.Secret, "accesskey")
			from("MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY", s3.Secret, "secretkey")
		}
	} else {
		value("MM_FILESETTINGS_DRIVERNAME", "local")
		value("MM_FILESETTINGS_DIRECTORY", "/mattermost/data")
	}

	value("MM_PLUGINSETTINGS_ENABLEUPLOADS", "true")
	value("MM_METRICSSETTINGS_ENABLE", "true")
	value("MM_METRICSSETTINGS_LISTENADDRESS", ":8067")
	value("MM_CLUSTERSETTINGS_ENABLE", "true")
	value("MM_CLUSTERSETTINGS_CLUSTERNAME", "production")
	value("MM_INSTALL_TYPE", "kubernetes-operator")
	if s.Ingress.Host != "" {
		value("MM_SERVICESETTINGS_SITEURL", "https://"+s.Ingress.Host)
	}
	value("MM_FILESETTINGS_MAXFILESIZE", "1048576000") // an annotation of the Ingress may say another
	if s.LicenseSecret != "" {
		value("MM_SERVICESETTINGS_LICENSEFILELOCATION", "/mattermost-license/license")
	}

	for _, variable := range s.MattermostEnv {
		set(variable)
	}
	return env
}

// unpatchable are the parts of a Deployment that the operator lets no patch touch.
var unpatchable = []string{
	"hostNetwork", "hostPID", "hostIPC", "volumes", "serviceAccount", "serviceAccountName", "nodeSelector", "nodeName",
	"initContainers", "privileged", "allowPrivilegeEscalation", "runAsUser", "capabilities",
}

// patched applies the resource's patch. The operator makes the Deployment without it where it fails, and tells nobody but
// the resource's status; here that is an error, and so is a field that the operator would drop.
func patched(deployment *appsv1.Deployment, patch string) (*appsv1.Deployment, error) {
	if patch == "" {
		return deployment, nil
	}
	operations, err := jsonpatch.DecodePatch([]byte(patch))
	if err != nil {
		return nil, fmt.Errorf("spec.resourcePatch.deployment.patch: %w", err)
	}
	for _, operation := range operations {
		path, err := operation.Path()
		if err != nil {
			return nil, fmt.Errorf("spec.resourcePatch.deployment.patch: %w", err)
		}
		for _, part := range strings.Split(path, "/") {
			if slices.Contains(unpatchable, part) {
				return nil, fmt.Errorf("spec.resourcePatch.deployment.patch: the operator lets no patch touch %s", path)
			}
		}
	}
	text, err := json.Marshal(deployment)
	if err != nil {
		return nil, err
	}
	if text, err = operations.Apply(text); err != nil {
		return nil, fmt.Errorf("spec.resourcePatch.deployment.patch: %w", err)
	}
	var changed appsv1.Deployment
	if err := yaml.UnmarshalStrict(text, &changed); err != nil {
		return nil, fmt.Errorf("spec.resourcePatch.deployment.patch: %w", err)
	}
	return &changed, nil
}
