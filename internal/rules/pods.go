// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/podspec"
)

// largestNode is more CPUs than a node has: a larger number is probably missing its unit m, as in 500m.
const largestNode = 512

func resources(s *subject) {
	containers := map[string]*corev1.ResourceRequirements{"spec.resources": s.spec.Resources}
	if r := s.spec.Resources; r != nil && len(r.Limits)+len(r.Requests)+len(r.Claims) == 0 {
		delete(containers, "spec.resources") // the default, perhaps without its CPU limit
	}
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
		podspec.Resources(field, wanted, s.errorf)
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			containerResource(s, field, name, wanted)
		}
	}
}

func containerResource(s *subject, field string, name corev1.ResourceName, wanted *corev1.ResourceRequirements) {
	limit, limited := wanted.Limits[name]
	limitField := field + ".limits." + string(name)
	switch {
	case !limited && name == corev1.ResourceCPU && s.given(limitField): // null
	case !limited && name == corev1.ResourceCPU:
		s.warnf(field+".limits", "has no cpu: the container may use all CPUs of its node, which some clusters reject. "+
			"Add limits.cpu")
	case !limited:
		s.errorf(field+".limits", "has no %s: a container without a limit can use up the whole node, "+
			"and many clusters reject it. Add limits.%s", name, name)
	case limit.Sign() == 0:
		s.errorf(limitField, "%s is not a limit; write for example 2 for CPU and 4Gi for memory", limit.String())
	case name == corev1.ResourceMemory && tooFewBytes(limit):
		s.errorf(limitField, "%s is less than a mebibyte; %s", limit.String(), unitIsMissing)
	case name == corev1.ResourceCPU && limit.Value() > largestNode:
		s.errorf(limitField, "%d CPUs are more than any node has, so the pod would stay pending; write %dm for millicores",
			limit.Value(), limit.Value())
	}
}

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
	shape := &podspec.Pod{Volumes: map[string]corev1.VolumeSource{}, GracePeriod: defaultGracePeriod}
	if seconds := pod.TerminationGracePeriodSeconds; seconds != nil {
		shape.GracePeriod = *seconds
	}
	var reserved []string
	ours := map[string]string{}
	for _, volume := range plan.Volumes(s.names(), s.spec) {
		reserved = append(reserved, volume.Name)
		if volume.Emitted {
			shape.Volumes[volume.Name] = corev1.VolumeSource{}
			ours[volume.MountPath] = volume.Name
		}
	}
	for i, volume := range pod.Volumes {
		volumeName(s, index("spec.pod.volumes", i)+".name", volume.Name, reserved, shape.Volumes)
		shape.Volumes[volume.Name] = volume.VolumeSource
	}
	server := corev1.Container{VolumeMounts: pod.VolumeMounts, SecurityContext: pod.ContainerSecurityContext}
	shape.Mounts("spec.pod", &server, s.errorf)
	for i, mount := range pod.VolumeMounts {
		field := index("spec.pod.volumeMounts", i)
		relativeMount(s, field, mount)
		hidden(s, field, mount, ours)
	}
	if pod.Lifecycle != nil {
		shape.Lifecycle("spec.pod.lifecycle", pod.Lifecycle, s.errorf)
	}
	names := slices.Clone(reservedContainers)
	names = containers(s, "spec.pod.initContainers", pod.InitContainers, podspec.Init, names, shape)
	containers(s, "spec.pod.sidecars", pod.Sidecars, podspec.Regular, names, shape)
	podspec.HostPorts("spec.pod.sidecars", pod.Sidecars, s.errorf)
	if s.hasReadOnlyRoot() && !pod.ReadOnlyRootFilesystem {
		writableDirectories(s)
	}
}

func volumeName(s *subject, field, name string, reserved []string, taken map[string]corev1.VolumeSource) {
	_, again := taken[name]
	switch hint := podspec.Name(name); {
	case hint != "":
		s.errorf(field, "%q is not the name of a volume; %s", name, hint)
	case slices.Contains(reserved, name):
		s.errorf(field, "%q is a name that the function or the operator uses; choose another name", name)
	case again:
		s.errorf(field, "%q is used twice; choose another name", name)
	}
}

// relativeMount reports a path that the kubelet makes absolute.
func relativeMount(s *subject, field string, mount corev1.VolumeMount) {
	if mount.MountPath != "" && !path.IsAbs(mount.MountPath) {
		s.warnf(field+".mountPath", "%q does not begin with a slash; write the whole path in the container", mount.MountPath)
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

// hidden reports mounts that hide files that the server needs: those of the image, and those of volumes that the pods
// already have, by their paths.
func hidden(s *subject, field string, mount corev1.VolumeMount, ours map[string]string) {
	at := path.Clean(mount.MountPath)
	switch volume, taken := ours[at]; {
	case slices.Contains(trusted, at):
		s.errorf(field+".mountPath", "hides all CA certificates of the image; mount a single file in that directory with "+
			"subPath, or use the field ca of the service")
	case slices.Contains(program, at):
		s.errorf(field+".mountPath", "hides files of the server, so it does not start or shows an empty page; "+
			"mount a single file in that directory with subPath, or choose another path")
	case at == dataDirectory && s.filesOnVolume():
		s.errorf(field+".mountPath", "is where the operator mounts the volume of spec.objectStorage; "+
			"name the claim in spec.objectStorage.inCluster.existingClaim instead, or use another path")
	case taken:
		s.errorf(field+".mountPath", "is where the volume %s is mounted, and the API server rejects a second mount there; "+
			"use another path", volume)
	}
}

// containers checks containers that are added to the server's pods, and returns all names that are in use.
func containers(
	s *subject, field string, list []corev1.Container, kind podspec.Kind, taken []string, shape *podspec.Pod,
) []string {
	for i, container := range list {
		field := index(field, i)
		switch hint := podspec.Name(container.Name); {
		case hint != "":
			s.errorf(field+".name", "%q is not the name of a container; %s", container.Name, hint)
		case slices.Contains(taken, container.Name):
			s.errorf(field+".name", "%q is the name of another container of the pod; choose another name", container.Name)
		}
		if container.Image == "" {
			s.errorf(field+".image", "is required; set it to the image of the container")
		}
		shape.Container(field, &container, kind, s.errorf)
		for j, mount := range container.VolumeMounts {
			relativeMount(s, index(field+".volumeMounts", j), mount)
		}
		taken = append(taken, container.Name)
	}
	return taken
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
