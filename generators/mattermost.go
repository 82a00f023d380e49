// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// mattermost returns the Mattermost operator's resource. It already sets every field that the operator would set, to
// the same value, so that the operator never writes to the resource: it would own each field that it writes, and the
// next apply would conflict (mattermost-operator, controllers/mattermost/mattermost).
func mattermost(p *plan.Plan) []Object {
	return []Object{&mattermostv1beta1.Mattermost{
		TypeMeta:   typeMeta(mattermostv1beta1.APIVersion, mattermostv1beta1.Kind),
		ObjectMeta: p.ObjectMeta(ownership.ComponentServer, p.Name),
		Spec: mattermostv1beta1.MattermostSpec{
			Image:            p.Image.Repository,
			Version:          p.Image.Tag,
			ImagePullPolicy:  p.Image.PullPolicy,
			ImagePullSecrets: pullSecrets(p),
			Replicas:         p.Replicas,
			LicenseSecret:    p.LicenseSecret,
			Ingress:          ingress(p),
			Database: mattermostv1beta1.Database{
				External:              mattermostv1beta1.ExternalDatabase{Secret: p.Database.Secret},
				DisableReadinessCheck: true, // replaced by waitForDatabase
			},
			FileStore:          fileStore(p),
			MattermostEnv:      environment(p.Env),
			Volumes:            append(caVolumes(p), p.Pod.Volumes...),
			VolumeMounts:       append(caMounts(p), p.Pod.VolumeMounts...),
			ResourceLabels:     resourceLabels(p),
			ServiceAnnotations: p.ServiceAnnotations,
			Scheduling: mattermostv1beta1.Scheduling{
				Resources:    p.Resources,
				NodeSelector: p.Pod.NodeSelector,
				Affinity:     p.Pod.Affinity,
				Tolerations:  p.Pod.Tolerations,
			},
			Probes: mattermostv1beta1.Probes{
				LivenessProbe:  pingProbe(10, 6),
				ReadinessProbe: pingProbe(5, 6),
			},
			PodTemplate: mattermostv1beta1.PodTemplate{
				SecurityContext:          p.Pod.SecurityContext,
				ContainerSecurityContext: p.Pod.ContainerSecurityContext,
				ExtraLabels:              p.Pod.Labels,
				ExtraAnnotations:         podAnnotations(p),
			},
			PodExtensions: mattermostv1beta1.PodExtensions{
				InitContainers:    append([]corev1.Container{waitForDatabase(p)}, p.Pod.InitContainers...),
				SidecarContainers: p.Pod.Sidecars,
				ContainerPorts:    callsPorts(p),
			},
			// The job has the same name for all installations of a namespace, never completes in a mesh, and blocks all
			// later changes once it has failed.
			UpdateJob:     mattermostv1beta1.UpdateJob{Disabled: true},
			ResourcePatch: deploymentPatch(p),
		},
	}}
}

// callsPorts returns the ports of the server for the media of calls.
func callsPorts(p *plan.Plan) []corev1.ContainerPort {
	if p.Calls == nil {
		return nil
	}
	return []corev1.ContainerPort{
		{Name: "udp-calls", ContainerPort: p.Calls.Port, Protocol: corev1.ProtocolUDP},
		{Name: "tcp-calls", ContainerPort: p.Calls.Port, Protocol: corev1.ProtocolTCP},
	}
}

// ingress returns the configuration of the Ingress, which is always emitted: the operator treats an absent one as
// enabled.
func ingress(p *plan.Plan) mattermostv1beta1.Ingress {
	if p.Route.Type != v1alpha1.RouteIngress {
		return mattermostv1beta1.Ingress{}
	}
	return mattermostv1beta1.Ingress{
		Enabled:      true,
		Host:         p.Route.Host,
		IngressClass: &p.Route.IngressClass,
		TLSSecret:    p.Route.TLSSecret,
		Annotations:  p.Route.Annotations,
	}
}

func fileStore(p *plan.Plan) mattermostv1beta1.FileStore {
	var store mattermostv1beta1.FileStore
	useServiceAccount := !p.ServiceAccount.OfOperator()
	if p.Files.Claim != nil {
		store.ExternalVolume = &mattermostv1beta1.ExternalVolume{VolumeClaimName: p.Files.Claim.Name}
		if useServiceAccount {
			// Without a URL the operator uses the volume, and the field only keeps it from changing the ServiceAccount.
			store.External = &mattermostv1beta1.ExternalFileStore{UseServiceAccount: true}
		}
		return store
	}
	store.External = &mattermostv1beta1.ExternalFileStore{
		URL: p.Files.S3.Address, Bucket: p.Files.S3.Bucket, UseServiceAccount: useServiceAccount,
	}
	if !useServiceAccount {
		store.External.Secret = p.Files.S3.Secret
	}
	return store
}

// resourceLabels returns the labels of all objects that the operator creates. With an Ingress they must contain the
// labels of the pods: the operator looks up the Ingress by them, and never reports the installation as stable if it
// finds none (mattermost-operator, controllers/mattermost/mattermost).
func resourceLabels(p *plan.Plan) map[string]string {
	labels := operatorChildLabels(p, ownership.ComponentServer)
	if p.Route.Type == v1alpha1.RouteIngress {
		maps.Copy(labels, p.Pod.Labels)
	}
	return labels
}

func podAnnotations(p *plan.Plan) map[string]string {
	annotations := maps.Clone(p.Pod.Annotations)
	if p.SecretsChecksum != "" {
		annotations[plan.AnnotationSecretsChecksum] = p.SecretsChecksum
	}
	return annotations
}

func caVolumes(p *plan.Plan) []corev1.Volume {
	var volumes []corev1.Volume
	for _, bundle := range p.CABundles {
		volume := corev1.Volume{Name: bundle.Volume}
		if bundle.Secret != "" {
			volume.Secret = &corev1.SecretVolumeSource{SecretName: bundle.Secret}
		} else {
			ref := corev1.LocalObjectReference{Name: bundle.ConfigMap}
			volume.ConfigMap = &corev1.ConfigMapVolumeSource{LocalObjectReference: ref}
		}
		volumes = append(volumes, volume)
	}
	return volumes
}

// caMounts returns the mounts of the CA certificates, each a single file in the system's certificate directory. A mount
// of the directory itself would hide the certificates of the image.
func caMounts(p *plan.Plan) []corev1.VolumeMount {
	var mounts []corev1.VolumeMount
	for _, bundle := range p.CABundles {
		mounts = append(mounts, corev1.VolumeMount{
			Name: bundle.Volume, MountPath: bundle.File(), SubPath: bundle.Key, ReadOnly: true,
		})
	}
	return mounts
}

// waitForDatabase returns the init container that waits until the database accepts connections. The operator does not
// pass the server's environment to init containers, so the container has its own.
func waitForDatabase(p *plan.Plan) corev1.Container {
	container := escaped(corev1.Container{
		Name:            "wait-for-database",
		Image:           p.Database.WaitImage,
		ImagePullPolicy: p.Image.PullPolicy,
		Command:         p.Database.WaitCommand,
		Resources:       p.WaitResources(),
		SecurityContext: plan.RestrictedContainer(),
		VolumeMounts:    caMounts(p),
	})
	container.Env = environment(p.Database.WaitEnv)
	return container
}

// pingProbe returns a probe of the server's health check, with the period in seconds. It replaces the operator's own
// liveness probe, which fails after 40 seconds.
func pingProbe(period, failures int32) corev1.Probe {
	return corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Path: "/api/v4/system/ping",
			Port: intstr.FromInt32(plan.PortApp),
		}},
		InitialDelaySeconds: 10,
		PeriodSeconds:       period,
		TimeoutSeconds:      5,
		FailureThreshold:    failures,
	}
}

// jsonPatch is one operation of a JSON patch.
type jsonPatch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// deploymentPatch returns the changes of the Deployment for which the operator's resource has no field. If a patch
// fails, the operator applies the Deployment without it and reports that only in the resource's status, so every
// operation is one that cannot fail.
func deploymentPatch(p *plan.Plan) *mattermostv1beta1.ResourcePatch {
	startup := pingProbe(10, 60) // a new version may migrate a large database for minutes before it responds
	startup.InitialDelaySeconds = 0
	patches := []jsonPatch{{Op: "add", Path: "/spec/template/spec/containers/0/startupProbe", Value: startup}}
	if p.Files.Claim != nil && !p.Files.Claim.IsShared() {
		// Two pods on two nodes cannot mount the volume, so a rolling update would never complete.
		recreate := map[string]string{"type": "Recreate"}
		patches = append(patches, jsonPatch{Op: "replace", Path: "/spec/strategy", Value: recreate})
	}
	constraints := slices.Clone(p.Pod.Deployment.TopologySpreadConstraints)
	if p.Availability != nil {
		constraints = append([]corev1.TopologySpreadConstraint{{
			MaxSkew:           1,
			TopologyKey:       p.Availability.TopologyKey,
			WhenUnsatisfiable: corev1.ScheduleAnyway,
			// Not the operator's label with the installation's name: kustomize can rename the installation, but cannot
			// change this string.
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{
				"app": "mattermost", ownership.LabelInstance: cmp.Or(p.Pod.Labels[ownership.LabelInstance], p.Name),
			}},
		}}, constraints...)
	}
	if len(constraints) > 0 {
		patches = append(patches, jsonPatch{
			Op: "add", Path: "/spec/template/spec/topologySpreadConstraints", Value: constraints,
		})
	}
	if token := p.ServiceAccount.AutomountToken; token != nil {
		patches = append(patches, jsonPatch{
			Op: "add", Path: "/spec/template/spec/automountServiceAccountToken", Value: *token,
		})
	}
	patches = append(patches, podFields(&p.Pod.Deployment)...)
	lines := make([]string, len(patches))
	for i, patch := range patches {
		operation, err := json.Marshal(patch)
		if err != nil {
			panic(err) // plain structs of the Kubernetes API
		}
		lines[i] = "  " + string(operation)
	}
	// The operator accepts only JSON in a string. One operation per line keeps it readable.
	patch := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	return &mattermostv1beta1.ResourcePatch{Deployment: &mattermostv1beta1.Patch{Patch: patch}}
}

// podFields returns the operations for fields of spec.pod that the operator's resource does not have. Adding a field
// replaces the one of that name, if there is one.
func podFields(fields *plan.DeploymentFields) []jsonPatch {
	const pod, server = "/spec/template/spec/", "/spec/template/spec/containers/0/"
	var patches []jsonPatch
	add := func(wanted bool, path string, value any) {
		if wanted {
			patches = append(patches, jsonPatch{Op: "add", Path: path, Value: value})
		}
	}
	for _, label := range slices.Sorted(maps.Keys(fields.Labels)) {
		add(true, "/spec/template/metadata/labels/"+strings.ReplaceAll(label, "/", "~1"), fields.Labels[label])
	}
	for _, name := range slices.Sorted(maps.Keys(fields.Annotations)) {
		add(true, "/spec/template/metadata/annotations/"+strings.ReplaceAll(name, "/", "~1"), fields.Annotations[name])
	}
	add(fields.PriorityClassName != "", pod+"priorityClassName", fields.PriorityClassName)
	add(fields.RuntimeClassName != "", pod+"runtimeClassName", fields.RuntimeClassName)
	add(fields.TerminationGracePeriodSeconds != nil, pod+"terminationGracePeriodSeconds",
		fields.TerminationGracePeriodSeconds)
	add(len(fields.HostAliases) > 0, pod+"hostAliases", fields.HostAliases)
	add(fields.DNSConfig != nil, pod+"dnsConfig", fields.DNSConfig)
	add(len(fields.EnvFrom) > 0, server+"envFrom", fields.EnvFrom)
	add(fields.Lifecycle != nil, server+"lifecycle", fields.Lifecycle)
	return patches
}
