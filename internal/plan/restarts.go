// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Source is a Secret or ConfigMap that the server's pods read.
type Source struct {
	// Kind is Secret or ConfigMap.
	Kind string
	// Name of the object, in the installation's namespace.
	Name string
}

// The kinds of a Source.
const (
	secretKind    = "Secret"
	configMapKind = "ConfigMap"
)

// remember records a key of a Secret that the pods read when they start.
func (b *builder) remember(ref v1alpha1.KeyRef) { b.rememberKey(secretKind, ref.Name, ref.Key) }

// rememberConfigMap records a key of a ConfigMap that the pods read when they start.
func (b *builder) rememberConfigMap(ref v1alpha1.KeyRef) {
	b.rememberKey(configMapKind, ref.Name, ref.Key)
}

func (b *builder) rememberKey(kind, name, key string) {
	read := b.stream.SecretKey
	if kind == configMapKind {
		read = b.stream.ConfigMapKey
	}
	switch text, state := read(b.Namespace, name, key); state {
	case KeyFound:
		b.known[kind+"/"+name+"/"+key] = text
	case KeyMissing: // and the pods run without it, or do not start
	default:
		b.unseen[Source{kind, name}] = true
	}
}

// restarts computes the checksum that restarts the pods: over all known values that they read when they start. Sources
// that are neither known nor emitted are listed.
func (b *builder) restarts() {
	for _, variable := range b.Env {
		b.rememberVariable(variable.EnvVar)
	}
	for _, container := range slices.Concat(b.Pod.InitContainers, b.Pod.Sidecars) {
		b.rememberContainer(container)
	}
	b.rememberSources(b.Pod.Deployment.EnvFrom)
	b.rememberFiles(b.Pod.VolumeMounts)
	b.SecretsChecksum = checksum(b.known)
	for source := range b.unseen {
		if !b.makes(source) {
			b.Unseen = append(b.Unseen, source)
		}
	}
	slices.SortFunc(b.Unseen, func(x, y Source) int {
		return cmp.Or(cmp.Compare(y.Kind, x.Kind), cmp.Compare(x.Name, y.Name))
	})
}

// makes reports whether the object is emitted, created from an emitted ExternalSecret, or created by CloudNativePG.
func (b *builder) makes(source Source) bool {
	made := b.Database.CloudNativePG != nil && source.Name == b.DatabaseRoleSecretName()
	return source.Kind == secretKind && (b.secrets[source.Name] != nil || b.external[source.Name] != nil || made)
}

func (b *builder) rememberVariable(variable corev1.EnvVar) {
	switch from := variable.ValueFrom; {
	case from == nil:
	case from.SecretKeyRef != nil:
		b.rememberKey(secretKind, from.SecretKeyRef.Name, from.SecretKeyRef.Key)
	case from.ConfigMapKeyRef != nil:
		b.rememberKey(configMapKind, from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key)
	}
}

// rememberContainer records what a user's container reads when it starts.
func (b *builder) rememberContainer(container corev1.Container) {
	for _, variable := range container.Env {
		b.rememberVariable(variable)
	}
	b.rememberSources(container.EnvFrom)
	b.rememberFiles(container.VolumeMounts)
}

// rememberSources records Secrets and ConfigMaps that are read with whatever keys they have.
func (b *builder) rememberSources(sources []corev1.EnvFromSource) {
	for _, from := range sources {
		if from.SecretRef != nil {
			b.unseen[Source{secretKind, from.SecretRef.Name}] = true
		}
		if from.ConfigMapRef != nil {
			b.unseen[Source{configMapKind, from.ConfigMapRef.Name}] = true
		}
	}
}

// rememberFiles records single files of Secrets and ConfigMaps, which the kubelet never updates. It updates mounted
// directories.
func (b *builder) rememberFiles(mounts []corev1.VolumeMount) {
	for _, mount := range mounts {
		at := slices.IndexFunc(b.Pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if mount.SubPath == "" || at < 0 {
			continue
		}
		switch volume := b.Pod.Volumes[at]; {
		case volume.Secret != nil:
			b.rememberKey(secretKind, volume.Secret.SecretName, keyOf(volume.Secret.Items, mount.SubPath))
		case volume.ConfigMap != nil:
			b.rememberKey(configMapKind, volume.ConfigMap.Name, keyOf(volume.ConfigMap.Items, mount.SubPath))
		}
	}
}

// keyOf returns the key that is mounted under a path.
func keyOf(items []corev1.KeyToPath, path string) string {
	for _, item := range items {
		if item.Path == path {
			return item.Key
		}
	}
	return path
}

// checksum is the first 64 bits of a SHA-256 over the values and their places: enough to notice every change. Like
// every such checksum it lets anyone who may read the pods but not the Secrets try guesses, so a Secret does not
// protect a password that can be guessed.
func checksum(values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	places := make([]string, 0, len(values))
	for place := range values {
		places = append(places, place)
	}
	sort.Strings(places)
	hash := sha256.New()
	for _, place := range places {
		fmt.Fprintf(hash, "%d:%s=%d:%s\n", len(place), place, len(values[place]), values[place])
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
