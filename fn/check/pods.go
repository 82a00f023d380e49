package check

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"mattermost-fn/fn/v1alpha1"
)

func resources(s *subject) {
	containers := map[string]*corev1.ResourceRequirements{"spec.resources": s.spec.Resources}
	if in := s.spec.Database.InCluster; in != nil {
		containers["spec.database.inCluster.resources"] = in.Resources
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
			limit, limited := wanted.Limits[name]
			request, requested := wanted.Requests[name]
			switch {
			case !limited:
				s.errorf(field+".limits", "has no %s: a container without a limit can take the whole node, and many clusters refuse it. Add limits.%s", name, name)
			case limit.Sign() <= 0:
				s.errorf(field+".limits."+string(name), "%s is not a limit", limit.String())
			case requested && request.Cmp(limit) > 0:
				s.errorf(field+".requests."+string(name), "%s is more than the limit %s", request.String(), limit.String())
			case name == corev1.ResourceMemory && limit.Value() < 1<<20:
				s.errorf(field+".limits.memory", "%s is less than a mebibyte; a unit is probably missing, such as %sGi", limit.String(), limit.String())
			}
		}
	}
}

func environment(s *subject) {
	seen := map[string]int{}
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		switch {
		case variable.Name == "":
			s.errorf(field+".name", "is missing")
			continue
		case len(validation.IsEnvVarName(variable.Name)) > 0:
			s.errorf(field+".name", "%q is not the name of an environment variable", variable.Name)
		case variable.Value != "" && variable.ValueFrom != nil:
			s.errorf(field, "%s has value and valueFrom; the operator takes it, and the cluster then refuses the pods. Keep one", variable.Name)
		}
		if first, again := seen[variable.Name]; again {
			s.errorf(field, "%s stands twice (first in spec.env[%d]); the last would win. Keep one", variable.Name, first)
		} else {
			seen[variable.Name] = i
		}
	}
}

// volumeKinds are those that the operator passes on (operator.md section 4).
var volumeKinds = "configMap, secret, emptyDir, persistentVolumeClaim, projected, downwardAPI, csi"

func pods(s *subject) {
	pod := s.spec.Pod
	volumes := map[string]bool{}
	for i, volume := range pod.Volumes {
		field := index("spec.pod.volumes", i)
		source := volume.VolumeSource
		if source.ConfigMap == nil && source.Secret == nil && source.EmptyDir == nil && source.PersistentVolumeClaim == nil &&
			source.Projected == nil && source.DownwardAPI == nil && source.CSI == nil {
			s.errorf(field, "%s is of a kind that the operator refuses (one of %s)", volume.Name, volumeKinds)
		}
		if volumes[volume.Name] {
			s.errorf(field+".name", "%q stands twice", volume.Name)
		}
		if strings.HasSuffix(volume.Name, "-ca") && slices.Contains([]string{"sso-ca", "database-ca", "object-storage-ca", "elasticsearch-ca"}, volume.Name) || volume.Name == "mattermost-license" || volume.Name == "mattermost-data" {
			s.errorf(field+".name", "%q is a name that the function or the operator uses; choose another", volume.Name)
		}
		volumes[volume.Name] = true
	}
	for i, mount := range pod.VolumeMounts {
		field := index("spec.pod.volumeMounts", i)
		if !volumes[mount.Name] {
			s.errorf(field+".name", "there is no volume %q in spec.pod.volumes", mount.Name)
		}
		if path := strings.TrimRight(mount.MountPath, "/"); mount.SubPath == "" && (path == "/etc/ssl/certs" || path == "/etc/pki/tls/certs" || path == "/etc/ssl") {
			s.errorf(field+".mountPath", "hides every certificate authority that the image trusts; mount one file with subPath, or use the field ca where the authority is needed")
		}
	}
	containers(s, "spec.pod.initContainers", pod.InitContainers, "wait-for-database")
	containers(s, "spec.pod.sidecars", pod.Sidecars, "mattermost")
	if context := pod.ContainerSecurityContext; context != nil && context.ReadOnlyRootFilesystem != nil && *context.ReadOnlyRootFilesystem {
		readOnlyRoot(s)
	}
}

func containers(s *subject, field string, list []corev1.Container, taken string) {
	seen := map[string]bool{taken: true}
	for i, container := range list {
		if container.Name == "" || container.Image == "" {
			s.errorf(index(field, i), "needs a name and an image")
		}
		if seen[container.Name] {
			s.errorf(index(field, i)+".name", "%q is taken; choose another", container.Name)
		}
		seen[container.Name] = true
	}
}

// writable are the directories that the server writes to.
var writable = []string{"/mattermost/plugins", "/mattermost/client/plugins", "/mattermost/logs", "/mattermost/config", "/tmp"}

func readOnlyRoot(s *subject) {
	var missing []string
	for _, path := range writable {
		if !slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.TrimRight(m.MountPath, "/") == path }) {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		s.errorf("spec.pod.containerSecurityContext.readOnlyRootFilesystem", "the server writes to %s; mount an emptyDir volume there (spec.pod.volumes and volumeMounts)", strings.Join(missing, ", "))
	}
}

// collisions are the objects of somebody else's that the operator deletes or takes over because they have the
// installation's name (operator.md section 3, all seen live).
func collisions(s *subject) {
	const fix = "rename one of the two (metadata.name)"
	if slices.Contains(ingressClasses, s.Name) {
		s.errorf("metadata.name", "%q is the usual name of an IngressClass, and the operator deletes the cluster's IngressClass that has the installation's name; choose another, such as mattermost", s.Name)
	}
	for _, object := range []struct{ group, kind, namespace, name, what string }{
		{"networking.k8s.io", "IngressClass", "", s.Name, "the operator deletes it, for the whole cluster"},
		{"networking.k8s.io", "Ingress", s.Namespace, s.Name, "the operator deletes or replaces it"},
		{"apps", "Deployment", s.Namespace, s.Name + "-jobserver", "the operator deletes it"},
		{"apps", "Deployment", s.Namespace, s.Name, "the operator replaces it"},
		{"", "Service", s.Namespace, s.Name, "the operator replaces its ports and selector, or is blocked by it for ever"},
		{"", "ServiceAccount", s.Namespace, s.Name, "the operator takes its labels, annotations and image pull secrets away"},
	} {
		if object.kind == "ServiceAccount" && s.spec.ObjectStorage.RoleARN != "" {
			continue // the operator leaves it alone then
		}
		if s.surroundings.Holds(object.group, object.kind, object.namespace, object.name) {
			s.errorf("metadata.name", "the %s %s among the resources has a name that the operator uses: %s; %s", object.kind, object.name, object.what, fix)
		}
	}
}

func logging(s *subject) {
	logging := s.spec.Logging
	fluentBit := logging.FluentBit
	if !*fluentBit.Enabled {
		return
	}
	if !*logging.JSON {
		s.warnf("spec.logging.json", "is false, so Fluent Bit can tell neither severity nor audit records; leave it out, or set spec.logging.fluentBit.enabled: false")
	}
	if fluentBit.Form != v1alpha1.FluentBitOperator && len(fluentBit.Outputs) > 0 {
		s.errorf("spec.logging.fluentBit.outputs", "are resources of the Fluent operator; in the form configMap the chart's own values say where lines go. Remove them, or set form: operator")
	}
	seen := map[string]bool{}
	for i, output := range fluentBit.Outputs {
		field := index("spec.logging.fluentBit.outputs", i)
		if len(validation.IsDNS1123Label(output.Name)) > 0 {
			s.errorf(field+".name", "%q is not a name: lower-case letters, digits and hyphens", output.Name)
		} else if seen[output.Name] {
			s.errorf(field+".name", "%q stands twice", output.Name)
		}
		seen[output.Name] = true
		if u, err := v1alpha1.ParseServiceURL(output.URL); err != nil {
			s.errorf(field+".url", "%v; write for example https://elasticsearch.example.com:9200", err)
		} else if !u.TLS && !inCluster(u.Host) {
			s.warnf(field+".url", "begins with http://, so the password and every line travel in clear text")
		}
		if (output.Username == "") != (output.Password == nil) {
			s.errorf(field, "needs username and password together, or neither")
		}
		if !plainWord(output.IndexPrefix) || !plainWord(strings.TrimPrefix(output.CAFile, "/")) && output.CAFile != "" {
			s.errorf(field, "indexPrefix and caFile may hold letters, digits, dots, hyphens, underscores and slashes: Fluent Bit's configuration file breaks on others, for the whole cluster")
		}
	}
}

func plainWord(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/", r))
	})
}
