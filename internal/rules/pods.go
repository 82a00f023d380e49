// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// largestNode is more CPUs than a node has: a larger number is probably missing its unit m, as in 500m.
const largestNode = 512

func resources(s *subject) {
	containers := map[string]*corev1.ResourceRequirements{"spec.resources": s.spec.Resources}
	if in := s.spec.Database.InCluster; in != nil {
		containers["spec.database.inCluster.resources"] = in.Resources
		if in.Backup != nil {
			containers["spec.database.inCluster.backup.resources"] = in.Backup.Resources
		}
	}
	if in := s.spec.ObjectStorage.InCluster; in != nil {
		containers["spec.objectStorage.inCluster.resources"] = in.Resources
	}
	for i := range s.spec.Pod.InitContainers {
		containers[index("spec.pod.initContainers", i)+".resources"] = &s.spec.Pod.InitContainers[i].Resources
	}
	for i := range s.spec.Pod.Sidecars {
		containers[index("spec.pod.sidecars", i)+".resources"] = &s.spec.Pod.Sidecars[i].Resources
	}
	for field, wanted := range containers {
		if wanted == nil {
			continue
		}
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			containerResource(s, field, name, wanted)
		}
	}
}

func containerResource(s *subject, field string, name corev1.ResourceName, wanted *corev1.ResourceRequirements) {
	limit, limited := wanted.Limits[name]
	request, requested := wanted.Requests[name]
	limitField, requestField := field+".limits."+string(name), field+".requests."+string(name)
	switch {
	case requested && request.Sign() < 0:
		s.errorf(requestField, "%s is not a request; write for example 500m for CPU and 1Gi for memory", request.String())
	case !limited && name == corev1.ResourceCPU:
		s.warnf(field+".limits", "has no cpu: the container may use all CPUs of its node, which some clusters reject. "+
			"Add limits.cpu")
	case !limited:
		s.errorf(field+".limits", "has no %s: a container without a limit can use up the whole node, "+
			"and many clusters reject it. Add limits.%s", name, name)
	case limit.Sign() <= 0:
		s.errorf(limitField, "%s is not a limit; write for example 2 for CPU and 4Gi for memory", limit.String())
	case name == corev1.ResourceMemory && tooFewBytes(limit):
		s.errorf(limitField, "%s is less than a mebibyte; %s", limit.String(), unitIsMissing)
	case name == corev1.ResourceCPU && limit.Value() > largestNode:
		s.errorf(limitField, "%d CPUs are more than any node has, so the pod would stay pending; write %dm for millicores",
			limit.Value(), limit.Value())
	case requested && request.Cmp(limit) > 0:
		s.errorf(requestField, "%s is more than the limit %s; lower it, or raise the limit", request.String(), limit.String())
	}
}

// volumeKinds are those that the operator passes on (its version 1.25.9).
const volumeKinds = "configMap, secret, emptyDir, persistentVolumeClaim, projected, downwardAPI, csi"

// reservedContainers are the names of the containers that the function, the operator and Istio add.
var reservedContainers = []string{"mattermost", "wait-for-database", "istio-proxy", "istio-init", "istio-validation"}

// operatorLabels are set by the operator on every pod, and override the configuration.
var operatorLabels = []string{"app", "installation.mattermost.com/installation", "installation.mattermost.com/resource"}

func pods(s *subject) {
	pod := s.spec.Pod
	podFields(s)
	for _, label := range operatorLabels {
		if _, given := pod.Labels[label]; given {
			s.warnf(entry("spec.pod.labels", label), "is replaced by the operator, which finds its pods by it; "+
				"choose another label")
		}
	}
	// The user's containers may mount volumes that the pods already have.
	var volumes, reserved []string
	for _, volume := range plan.Volumes(s.spec) {
		reserved = append(reserved, volume.Name)
		if volume.Emitted {
			volumes = append(volumes, volume.Name)
		}
	}
	for i, volume := range pod.Volumes {
		podVolume(s, index("spec.pod.volumes", i), volume, reserved, volumes)
		volumes = append(volumes, volume.Name)
	}
	mounts(s, "spec.pod.volumeMounts", pod.VolumeMounts, volumes)
	for i, mount := range pod.VolumeMounts {
		hidden(s, index("spec.pod.volumeMounts", i), mount)
	}
	names := slices.Clone(reservedContainers)
	names = containers(s, "spec.pod.initContainers", pod.InitContainers, names, volumes)
	containers(s, "spec.pod.sidecars", pod.Sidecars, names, volumes)
	if context := pod.ContainerSecurityContext; context != nil && context.ReadOnlyRootFilesystem != nil &&
		*context.ReadOnlyRootFilesystem {
		readOnlyRoot(s)
	}
}

func podVolume(s *subject, field string, volume corev1.Volume, reserved, taken []string) {
	source := volume.VolumeSource
	if source.ConfigMap == nil && source.Secret == nil && source.EmptyDir == nil && source.PersistentVolumeClaim == nil &&
		source.Projected == nil && source.DownwardAPI == nil && source.CSI == nil {
		s.errorf(field, "%q has no source, or one that the operator rejects (one of %s)", volume.Name, volumeKinds)
	}
	switch {
	case len(validation.IsDNS1123Label(volume.Name)) > 0:
		s.errorf(field+".name", "%q is not the name of a volume; write lower-case letters, digits and hyphens", volume.Name)
	case slices.Contains(reserved, volume.Name):
		s.errorf(field+".name", "%q is a name that the function or the operator uses; choose another name", volume.Name)
	case slices.Contains(taken, volume.Name):
		s.errorf(field+".name", "%q is used twice; choose another name", volume.Name)
	}
}

// mounts checks what the API server rejects in the Deployment, an error that only the operator sees.
func mounts(s *subject, field string, list []corev1.VolumeMount, volumes []string) {
	seen := map[string]bool{}
	for i, mount := range list {
		field := index(field, i)
		if !slices.Contains(volumes, mount.Name) {
			s.errorf(field+".name", "there is no volume %q in spec.pod.volumes; correct the name, or add the volume", mount.Name)
		}
		switch {
		case !path.IsAbs(mount.MountPath):
			s.errorf(field+".mountPath", "%q does not begin with a slash; write the whole path in the container",
				mount.MountPath)
		case seen[path.Clean(mount.MountPath)]:
			s.errorf(field+".mountPath", "%q is used twice; mount only one volume there", mount.MountPath)
		}
		seen[path.Clean(mount.MountPath)] = true
	}
}

var (
	// trusted are the directories with the image's CA certificates, and their parents.
	trusted = []string{"/etc", "/etc/ssl", "/etc/ssl/certs", "/etc/pki", "/etc/pki/tls", "/etc/pki/tls/certs",
		"/etc/pki/ca-trust", "/etc/pki/ca-trust/extracted"}
	// program are the directories with the server itself.
	program = []string{"/", "/mattermost", "/mattermost/bin", "/mattermost/client", "/mattermost/fonts",
		"/mattermost/i18n", "/mattermost/templates"}
)

// hidden reports mounts that hide files of the image that the server needs.
func hidden(s *subject, field string, mount corev1.VolumeMount) {
	at := path.Clean(mount.MountPath)
	switch {
	case slices.Contains(trusted, at):
		s.errorf(field+".mountPath", "hides all CA certificates of the image; mount a single file in that directory with "+
			"subPath, or use the field ca of the service")
	case slices.Contains(program, at):
		s.errorf(field+".mountPath", "hides files of the server, so it does not start or shows an empty page; "+
			"mount a single file in that directory with subPath, or choose another path")
	case at == dataDirectory && s.filesOnVolume():
		s.errorf(field+".mountPath", "is where the operator mounts the volume of spec.objectStorage; "+
			"name the claim in spec.objectStorage.inCluster.existingClaim instead, or use another path")
	}
}

// containers checks containers that are added to the server's pods, and returns all names that are in use.
func containers(s *subject, field string, list []corev1.Container, taken, volumes []string) []string {
	for i, container := range list {
		field := index(field, i)
		switch {
		case len(validation.IsDNS1123Label(container.Name)) > 0:
			s.errorf(field+".name", "%q is not the name of a container; write lower-case letters, digits and hyphens",
				container.Name)
		case slices.Contains(taken, container.Name):
			s.errorf(field+".name", "%q is the name of another container of the pod; choose another name", container.Name)
		}
		if container.Image == "" {
			s.errorf(field+".image", "is required; set it to the image of the container")
		}
		mounts(s, field+".volumeMounts", container.VolumeMounts, volumes)
		taken = append(taken, container.Name)
	}
	return taken
}

// writable are the directories that the server writes to.
var writable = []string{"/mattermost/plugins", "/mattermost/client/plugins", "/mattermost/logs",
	"/mattermost/config", "/tmp"}

func readOnlyRoot(s *subject) {
	var missing []string
	for _, directory := range writable {
		if !slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path.Clean(m.MountPath) == directory
		}) {
			missing = append(missing, directory)
		}
	}
	if len(missing) > 0 {
		s.errorf("spec.pod.containerSecurityContext.readOnlyRootFilesystem", "the server writes to %s; "+
			"mount an emptyDir volume there (spec.pod.volumes and volumeMounts)", strings.Join(missing, ", "))
	}
}

// ingressClasses are names that installed ingress classes usually have.
var ingressClasses = []string{"alb", "cilium", "contour", "gce", "haproxy", "istio", "kong", "nginx",
	"public", "traefik"}

// collisions reports objects among the resources that an operator would delete or overwrite, or that would block it,
// because of their name.
func collisions(s *subject) {
	if slices.Contains(ingressClasses, s.Name) {
		s.errorf("metadata.name", "%q is the usual name of an IngressClass, and the operator deletes the cluster's "+
			"IngressClass that has the installation's name; choose another, such as mattermost", s.Name)
	}
	for _, object := range plan.OperatorObjects(s.names(), s.spec) {
		if !object.KeepsForeign && s.resources.Has(object.Group, object.Kind, object.Namespace, object.Name) {
			s.errorf("metadata.name", "conflicts with %s %s among the resources: %s, which uses that name, %s; "+
				"rename one of the two", object.Kind, object.Name, object.Operator, object.Effect)
		}
	}
}
