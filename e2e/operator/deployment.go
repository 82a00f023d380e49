// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Secrets returns the data of a Secret in the namespace of the resource, and whether it exists.
type Secrets func(name string) (data map[string][]byte, exists bool)

// Deployment is the server's, with the resource's patch applied. A Secret that does not exist is assumed to hold the
// keys that the operator requires, and no other.
func (i *Installation) Deployment(secrets Secrets) (*appsv1.Deployment, error) {
	if err := i.checkSecrets(secrets); err != nil {
		return nil, err
	}
	deployment := i.deployment(secrets)
	return patched(deployment, "deployment", i.spec.ResourcePatch.Deployment, unpatchableDeployment)
}

// JobServer is the Deployment of the dedicated job server, nil where the resource wants none. The patch is for both
// Deployments. Its immutable selector holds every label of its pods.
func (i *Installation) JobServer(secrets Secrets) (*appsv1.Deployment, error) {
	if !i.spec.JobServer.DedicatedJobServer {
		return nil, nil
	}
	if err := i.checkSecrets(secrets); err != nil {
		return nil, err
	}
	deployment := i.deployment(secrets)
	deployment.Name += "-jobserver"
	one := int32(1)
	deployment.Spec.Replicas = &one
	template := &deployment.Spec.Template
	template.Labels["app"] = "mattermost-jobserver"
	deployment.Spec.Selector.MatchLabels = maps.Clone(template.Labels)
	if i.spec.ResourceLabels != nil { // see deployment
		deployment.Labels = maps.Clone(template.Labels)
	}
	server := template.Spec.Containers[0]
	server.Name = "mattermost-jobserver"
	server.Command = []string{"mattermost", "jobserver"}
	server.Ports, server.LivenessProbe, server.ReadinessProbe = nil, nil, nil
	template.Spec.Containers = []corev1.Container{server}
	return patched(deployment, "deployment", i.spec.ResourcePatch.Deployment, unpatchableDeployment)
}

// checkSecrets is what the operator checks of Secrets before it makes anything (database_external.go, file_store.go,
// utils.go).
func (i *Installation) checkSecrets(secrets Secrets) error {
	required := map[string][]string{i.spec.Database.External.Secret: {"DB_CONNECTION_STRING"}}
	if i.spec.LicenseSecret != "" {
		required[i.spec.LicenseSecret] = append(required[i.spec.LicenseSecret], "license")
	}
	if s3 := i.spec.FileStore.External; s3.URL != "" && !i.usesAccount() {
		required[s3.Secret] = append(required[s3.Secret], "accesskey", "secretkey")
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		data, exists := secrets(name)
		for _, key := range required[name] {
			value, set := data[key]
			if exists && (!set || key == "DB_CONNECTION_STRING" && len(value) == 0) {
				return fmt.Errorf("the Secret %s has no %s, which the operator requires", name, key)
			}
		}
	}
	data, _ := secrets(i.spec.Database.External.Secret)
	if check, set := data["DB_CONNECTION_CHECK_URL"]; set {
		// The error of url.Parse holds the URL with its password.
		checked, err := url.Parse(strings.TrimSpace(string(check)))
		if err != nil || checked.Hostname() == "" || !slices.Contains([]string{"postgres", "http", "https"}, checked.Scheme) {
			return fmt.Errorf("the Secret %s: the operator refuses its DB_CONNECTION_CHECK_URL", i.spec.Database.External.Secret)
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

// labels of what the operator makes: its own take precedence.
func (i *Installation) labels(more map[string]string) map[string]string {
	labels := map[string]string{}
	for _, l := range []map[string]string{i.spec.ResourceLabels, more, i.ownLabels()} {
		maps.Copy(labels, l)
	}
	return labels
}

func (i *Installation) deployment(secrets Secrets) *appsv1.Deployment {
	s := i.spec
	// The operator builds the labels of the pods in the map of the resource labels, which the Deployment's labels are as
	// well: with resource labels the Deployment has the pods' extra labels too (mattermost_utils.go, MattermostPodLabels).
	labels := i.ownLabels()
	if s.ResourceLabels != nil {
		labels = i.labels(s.PodTemplate.ExtraLabels)
	}
	history := int32(5)
	if s.DeploymentTemplate.RevisionHistoryLimit != nil {
		history = *s.DeploymentTemplate.RevisionHistoryLimit
	}
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: i.object.GetName(), Namespace: i.object.GetNamespace(), Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas:             s.Replicas,
			RevisionHistoryLimit: &history,
			Selector:             &metav1.LabelSelector{MatchLabels: i.ownLabels()},
			Strategy:             s.strategy(),
			Template:             i.template(secrets),
		},
	}
}

// strategy is a rolling update, also where its type is unknown.
func (s *spec) strategy() appsv1.DeploymentStrategy {
	if s.DeploymentTemplate.DeploymentStrategyType == appsv1.RecreateDeploymentStrategyType {
		return appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	}
	none, one := intstr.FromInt32(0), intstr.FromInt32(1)
	return appsv1.DeploymentStrategy{
		Type:          appsv1.RollingUpdateDeploymentStrategyType,
		RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &none, MaxSurge: &one},
	}
}

func (i *Installation) template(secrets Secrets) corev1.PodTemplateSpec {
	s := i.spec
	annotations := map[string]string{}
	maps.Copy(annotations, s.PodTemplate.ExtraAnnotations)
	volumes, mounts := slices.Clone(s.Volumes), slices.Clone(s.VolumeMounts)
	if s.FileStore.External.URL == "" {
		volumes = append(volumes, corev1.Volume{Name: "mattermost-data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
				ClaimName: s.FileStore.ExternalVolume.VolumeClaimName},
		}})
		mounts = append(mounts, corev1.VolumeMount{Name: "mattermost-data", MountPath: "/mattermost/data"})
	}
	if s.LicenseSecret != "" {
		volumes = append(volumes, corev1.Volume{Name: "mattermost-license", VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: s.LicenseSecret},
		}})
		mounts = append(mounts, corev1.VolumeMount{Name: "mattermost-license", MountPath: "/mattermost-license",
			ReadOnly: true})
		maps.Copy(annotations, map[string]string{"prometheus.io/scrape": "true", "prometheus.io/path": "/metrics",
			"prometheus.io/port": "8067"})
	}
	server := corev1.Container{
		Name:            "mattermost",
		Image:           s.Image + ":" + s.Version,
		ImagePullPolicy: s.ImagePullPolicy,
		Command:         []string{"mattermost"},
		Env:             i.environment(secrets),
		Ports: append([]corev1.ContainerPort{
			{Name: "app", ContainerPort: 8065},
			{Name: "metrics", ContainerPort: 8067},
		}, s.PodExtensions.ContainerPorts...),
		LivenessProbe:            probe(s.Probes.LivenessProbe, 10, 3),
		ReadinessProbe:           probe(s.Probes.ReadinessProbe, 5, 6),
		Resources:                s.Scheduling.Resources,
		SecurityContext:          s.PodTemplate.ContainerSecurityContext,
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		VolumeMounts:             mounts,
	}
	if strings.HasPrefix(s.Version, "sha256:") {
		server.Image = s.Image + "@" + s.Version
	}
	if s.PodTemplate.Command != nil {
		server.Command = s.PodTemplate.Command
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
			DNSConfig:          s.DNSConfig,
			DNSPolicy:          s.DNSPolicy,
			NodeSelector:       s.Scheduling.NodeSelector,
			Affinity:           s.Scheduling.Affinity,
			Tolerations:        s.Scheduling.Tolerations,
		},
	}
}

// probe is the resource's, with defaults. A zero counts as not set, and the grace period is dropped.
func probe(p corev1.Probe, period, failures int32) *corev1.Probe {
	if p.ProbeHandler == (corev1.ProbeHandler{}) {
		p.HTTPGet = &corev1.HTTPGetAction{Path: "/api/v4/system/ping", Port: intstr.FromInt32(8065)}
	}
	p.InitialDelaySeconds = cmp.Or(p.InitialDelaySeconds, 10)
	p.PeriodSeconds = cmp.Or(p.PeriodSeconds, period)
	p.FailureThreshold = cmp.Or(p.FailureThreshold, failures)
	p.TerminationGracePeriodSeconds = nil
	return &p
}
