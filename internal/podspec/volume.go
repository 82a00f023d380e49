// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

var (
	_ = register(volume)
	_ = register(secretVolume)
	_ = register(configMapVolume)
	_ = register(projectedVolume)
	_ = register(projection)
	_ = register(secretProjection)
	_ = register(configMapProjection)
	_ = register(tokenProjection)
	_ = register(trustBundleProjection)
	_ = register(downwardVolume)
	_ = register(downwardFile)
	_ = register(keyToPath)
	_ = register(emptyDir)
	_ = register(claimVolume)
	_ = register(csiVolume)
)

// volume checks the source. The operator rejects other sources than these (its version 1.25.9).
func volume(r *reporter, field string, volume *corev1.Volume) {
	source := volume.VolumeSource
	set := []bool{source.ConfigMap != nil, source.Secret != nil, source.EmptyDir != nil,
		source.PersistentVolumeClaim != nil, source.Projected != nil, source.DownwardAPI != nil, source.CSI != nil}
	const sources = "configMap, secret, emptyDir, persistentVolumeClaim, projected, downwardAPI, csi"
	other := source
	other.ConfigMap, other.Secret, other.EmptyDir, other.PersistentVolumeClaim = nil, nil, nil, nil
	other.Projected, other.DownwardAPI, other.CSI = nil, nil, nil
	switch n := count(set); {
	case n == 0:
		r.errorf(field, "%q has no source, or one that the operator rejects (one of %s)", volume.Name, sources)
	case n > 1 || other != (corev1.VolumeSource{}):
		r.errorf(field, "%q has several sources; keep one of them", volume.Name)
	}
}

func secretVolume(r *reporter, field string, source *corev1.SecretVolumeSource) {
	r.required(field+".secretName", source.SecretName, "certificates")
	r.mode(field+".defaultMode", source.DefaultMode)
}

func configMapVolume(r *reporter, field string, source *corev1.ConfigMapVolumeSource) {
	r.required(field+".name", source.Name, "settings")
	r.mode(field+".defaultMode", source.DefaultMode)
}

func projectedVolume(r *reporter, field string, source *corev1.ProjectedVolumeSource) {
	r.mode(field+".defaultMode", source.DefaultMode)
	seen := map[string]bool{}
	file := func(field, path string) {
		if path != "" && seen[path] {
			r.errorf(field, "%q is used twice in the volume; choose another path", path)
		}
		seen[path] = true
	}
	for i, source := range source.Sources {
		field := index(field+".sources", i)
		if secret := source.Secret; secret != nil {
			for j, item := range secret.Items {
				file(index(field+".secret.items", j)+".path", item.Path)
			}
		}
		if configMap := source.ConfigMap; configMap != nil {
			for j, item := range configMap.Items {
				file(index(field+".configMap.items", j)+".path", item.Path)
			}
		}
		if downward := source.DownwardAPI; downward != nil {
			for j, item := range downward.Items {
				file(index(field+".downwardAPI.items", j)+".path", item.Path)
			}
		}
		if bundle := source.ClusterTrustBundle; bundle != nil {
			file(field+".clusterTrustBundle.path", bundle.Path)
		}
	}
}

func projection(r *reporter, field string, source *corev1.VolumeProjection) {
	if count([]bool{source.Secret != nil, source.ConfigMap != nil, source.DownwardAPI != nil,
		source.ServiceAccountToken != nil, source.ClusterTrustBundle != nil}) > 1 {
		r.errorf(field, "has several sources; write each as an element of its own")
	}
}

func secretProjection(r *reporter, field string, source *corev1.SecretProjection) {
	r.required(field+".name", source.Name, "certificates")
}

func configMapProjection(r *reporter, field string, source *corev1.ConfigMapProjection) {
	r.required(field+".name", source.Name, "settings")
}

// The seconds for which a token of a ServiceAccount may be valid.
const (
	minTokenSeconds = 600
	maxTokenSeconds = 1 << 32
)

func tokenProjection(r *reporter, field string, source *corev1.ServiceAccountTokenProjection) {
	if seconds := source.ExpirationSeconds; seconds != nil && (*seconds < minTokenSeconds || *seconds > maxTokenSeconds) {
		r.errorf(field+".expirationSeconds", "must be from %d to %d, got %d", minTokenSeconds, maxTokenSeconds, *seconds)
	}
	r.relative(field+".path", source.Path)
}

func trustBundleProjection(r *reporter, field string, source *corev1.ClusterTrustBundleProjection) {
	r.exactlyOne(field, "name and signerName", source.Name != nil, source.SignerName != nil)
	if source.Name != nil {
		// The bundles of a signer have its name with colons instead of slashes as their prefix.
		_, name, hasSigner := strings.Cut(*source.Name, ":")
		if !hasSigner {
			name = *source.Name
		} else if at := strings.LastIndex(name, ":"); at >= 0 {
			name = name[at+1:]
		}
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			r.errorf(field+".name", "%q is not the name of a ClusterTrustBundle", *source.Name)
		}
		if source.LabelSelector != nil {
			r.errorf(field+".labelSelector", "is not allowed with name; remove one of the two")
		}
	}
	if signer := source.SignerName; signer != nil && !isSigner(*signer) {
		r.errorf(field+".signerName", "%q is not the name of a signer; write DOMAIN/PATH", *signer)
	}
	r.relative(field+".path", source.Path)
}

func isSigner(name string) bool {
	domain, path, found := strings.Cut(name, "/")
	if !found || path == "" || len(validation.IsDNS1123Subdomain(domain)) > 0 || !strings.Contains(domain, ".") ||
		strings.Contains(path, "/") {
		return false
	}
	return len(validation.IsDNS1123Subdomain(path)) == 0
}

func downwardVolume(r *reporter, field string, source *corev1.DownwardAPIVolumeSource) {
	r.mode(field+".defaultMode", source.DefaultMode)
}

func downwardFile(r *reporter, field string, file *corev1.DownwardAPIVolumeFile) {
	r.relative(field+".path", file.Path)
	r.mode(field+".mode", file.Mode)
	r.exactlyOne(field, "fieldRef and resourceFieldRef", file.FieldRef != nil, file.ResourceFieldRef != nil)
}

func keyToPath(r *reporter, field string, item *corev1.KeyToPath) {
	r.required(field+".key", item.Key, "ca.crt")
	r.relative(field+".path", item.Path)
	r.mode(field+".mode", item.Mode)
}

func emptyDir(r *reporter, field string, source *corev1.EmptyDirVolumeSource) {
	if source.SizeLimit != nil && source.SizeLimit.Sign() < 0 {
		r.errorf(field+".sizeLimit", "must be 0 or more, got %s", source.SizeLimit.String())
	}
}

func claimVolume(r *reporter, field string, source *corev1.PersistentVolumeClaimVolumeSource) {
	r.required(field+".claimName", source.ClaimName, "chat-archive")
}

// maxDriverName is the length of the name of a CSI driver.
const maxDriverName = 63

func csiVolume(r *reporter, field string, source *corev1.CSIVolumeSource) {
	if r.required(field+".driver", source.Driver, "secrets-store.csi.k8s.io") && (len(source.Driver) > maxDriverName ||
		len(validation.IsDNS1123Subdomain(strings.ToLower(source.Driver))) > 0) {
		r.errorf(field+".driver", "%q is not the name of a CSI driver", source.Driver)
	}
	if ref := source.NodePublishSecretRef; ref != nil && len(validation.IsDNS1123Subdomain(ref.Name)) > 0 {
		r.errorf(field+".nodePublishSecretRef.name", "is not the name of a Secret")
	}
}

// maxMode is the largest mode of a file, 0777.
const maxMode = 0o777

func (r *reporter) mode(field string, mode *int32) {
	if mode != nil && (*mode < 0 || *mode > maxMode) {
		r.errorf(field, "must be from 0 to 511 (octal 0777), got %d", *mode)
	}
}

// relative reports what is not a path below the volume.
func (r *reporter) relative(field, path string) {
	if r.required(field, path, "ca.crt") && (!isBelow(path) || strings.HasPrefix(path, "..")) {
		r.errorf(field, "%q must be relative to the volume, without \"..\"", path)
	}
}

// isBelow reports whether a path is relative and does not leave its directory.
func isBelow(text string) bool {
	return !path.IsAbs(text) && !slices.Contains(strings.Split(text, "/"), "..")
}

// Mounts reports what the API server rejects in the mounts and devices of a container.
func (p *Pod) Mounts(field string, container *corev1.Container, report Report) {
	r := &reporter{report: report}
	seen, mounted := map[string]bool{}, map[string]bool{}
	for i, mount := range container.VolumeMounts {
		field := index(field+".volumeMounts", i)
		if _, known := p.Volumes[mount.Name]; !known {
			r.errorf(field+".name", "there is no volume %q in spec.pod.volumes; correct the name, or add the volume", mount.Name)
		}
		switch at := path.Clean(mount.MountPath); {
		case mount.MountPath == "":
			r.errorf(field+".mountPath", "is required; write the path in the container")
		case seen[at]:
			r.errorf(field+".mountPath", "%q is used twice; mount only one volume there", mount.MountPath)
		default:
			seen[at] = true
		}
		mounted[mount.Name] = true
		r.mount(field, &mount, container)
	}
	p.devices(field+".volumeDevices", container.VolumeDevices, mounted, seen, r)
}

func (r *reporter) mount(field string, mount *corev1.VolumeMount, container *corev1.Container) {
	if mount.SubPath != "" && mount.SubPathExpr != "" {
		r.errorf(field+".subPathExpr", "conflicts with subPath; set only one")
	}
	for name, value := range map[string]string{"subPath": mount.SubPath, "subPathExpr": mount.SubPathExpr} {
		if !isBelow(value) {
			r.errorf(field+"."+name, "%q must be relative to the volume, without \"..\"", value)
		}
	}
	propagation := mount.MountPropagation
	if propagation != nil && *propagation == corev1.MountPropagationBidirectional && !isPrivileged(container) {
		r.errorf(field+".mountPropagation", "Bidirectional requires a privileged container; remove it")
	}
	if only := mount.RecursiveReadOnly; only != nil && *only != corev1.RecursiveReadOnlyDisabled {
		if !mount.ReadOnly {
			r.errorf(field+".recursiveReadOnly", "has no effect unless readOnly is true, and is rejected without it")
		}
		if propagation != nil && *propagation != corev1.MountPropagationNone {
			r.errorf(field+".recursiveReadOnly", "conflicts with mountPropagation; set only one")
		}
	}
}

func isPrivileged(container *corev1.Container) bool {
	context := container.SecurityContext
	return context != nil && context.Privileged != nil && *context.Privileged
}

func (p *Pod) devices(field string, devices []corev1.VolumeDevice, mounted, paths map[string]bool, r *reporter) {
	names, own := map[string]bool{}, map[string]bool{}
	for i, device := range devices {
		field := index(field, i)
		source, known := p.Volumes[device.Name]
		switch {
		case !known:
			r.errorf(field+".name", "there is no volume %q in spec.pod.volumes; correct the name, or add the volume",
				device.Name)
		case source.PersistentVolumeClaim == nil:
			r.errorf(field+".name", "%q is not a persistentVolumeClaim, and only one of those can be a device", device.Name)
		case mounted[device.Name] || names[device.Name]:
			r.errorf(field+".name", "%q is used twice; use a volume as one device, or mount it", device.Name)
		}
		names[device.Name] = true
		switch {
		case device.DevicePath == "":
			r.errorf(field+".devicePath", "is required; write the path in the container")
		case slices.Contains(strings.Split(device.DevicePath, "/"), ".."):
			r.errorf(field+".devicePath", "%q must not contain \"..\"", device.DevicePath)
		case paths[path.Clean(device.DevicePath)] || own[device.DevicePath]:
			r.errorf(field+".devicePath", "%q is used twice; choose another path", device.DevicePath)
		}
		own[device.DevicePath] = true
	}
}
