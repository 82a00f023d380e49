// SPDX-License-Identifier: Apache-2.0

// Package kubelet resolves what a container gets: the values of its variables, its command and the files of its mounted
// Secrets and ConfigMaps, by the rules of the kubelet (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
package kubelet

import (
	"fmt"
	"maps"
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// Namespace contains the data of Secrets and ConfigMaps by name.
type Namespace struct {
	Secrets, ConfigMaps map[string]map[string][]byte
	// Elsewhere is the value of a variable with a source that is not in the namespace. If it is empty, such a variable is
	// an error.
	Elsewhere string
}

// Environment returns the container's variables in the form NAME=VALUE. A missing Secret, ConfigMap or key is an error,
// as the container would not start, and so are other sources, such as fields of the pod, unless Elsewhere is set.
func (n Namespace) Environment(container corev1.Container) (map[string]string, error) {
	env := map[string]string{}
	for at, source := range container.EnvFrom {
		if err := n.setAll(env, source); err != nil {
			return nil, fmt.Errorf("envFrom[%d]: %w", at, err)
		}
	}
	for _, variable := range container.Env {
		value, set, err := n.value(variable, env)
		if err != nil {
			return nil, fmt.Errorf("env %s: %w", variable.Name, err)
		}
		if set {
			env[variable.Name] = value
		}
	}
	return env, nil
}

func (n Namespace) setAll(env map[string]string, source corev1.EnvFromSource) error {
	var data map[string][]byte
	var exists, optional bool
	switch {
	case source.SecretRef != nil:
		data, exists = n.Secrets[source.SecretRef.Name]
		optional = source.SecretRef.Optional != nil && *source.SecretRef.Optional
	case source.ConfigMapRef != nil:
		data, exists = n.ConfigMaps[source.ConfigMapRef.Name]
		optional = source.ConfigMapRef.Optional != nil && *source.ConfigMapRef.Optional
	}
	if !exists && !optional {
		return fmt.Errorf("not found: %v", source)
	}
	for key, value := range data {
		env[source.Prefix+key] = string(value)
	}
	return nil
}

// value returns the value of a variable; env contains the variables before it. Only a plain value is expanded.
func (n Namespace) value(variable corev1.EnvVar, env map[string]string) (value string, set bool, err error) {
	if variable.ValueFrom == nil {
		return Expand(variable.Value, env), true, nil
	}
	value, set, err = n.source(*variable.ValueFrom)
	if err != nil && n.Elsewhere != "" {
		return n.Elsewhere, true, nil
	}
	return value, set, err
}

func (n Namespace) source(from corev1.EnvVarSource) (value string, set bool, err error) {
	switch {
	case from.SecretKeyRef != nil:
		return key(n.Secrets, from.SecretKeyRef.Name, from.SecretKeyRef.Key, from.SecretKeyRef.Optional)
	case from.ConfigMapKeyRef != nil:
		return key(n.ConfigMaps, from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Optional)
	}
	return "", false, fmt.Errorf("its source is not known here: %v", from)
}

func key(objects map[string]map[string][]byte, name, key string, optional *bool) (string, bool, error) {
	data, exists := objects[name]
	value, set := data[key]
	switch {
	case set:
		return string(value), true, nil
	case optional != nil && *optional:
		return "", false, nil
	case !exists:
		return "", false, fmt.Errorf("%s not found", name)
	}
	return "", false, fmt.Errorf("couldn't find key %s in %s", key, name)
}

// Command returns the container's command and arguments, expanded.
func Command(container corev1.Container, env map[string]string) []string {
	var command []string
	for _, word := range slices.Concat(container.Command, container.Args) {
		command = append(command, Expand(word, env))
	}
	return command
}

// Expand replaces $(NAME) by the value of a variable and $$ by $, by Kubernetes' own code.
func Expand(text string, env map[string]string) string {
	return expansion.Expand(text, expansion.MappingFuncFor(env))
}

// Probe returns the command of a probe, which the kubelet expands with the variables as they are written
// (pkg/kubelet/prober/prober.go).
func Probe(probe *corev1.Probe, container corev1.Container) []string {
	written := map[string]string{}
	for _, variable := range container.Env {
		written[variable.Name] = variable.Value
	}
	var command []string
	for _, word := range probe.Exec.Command {
		command = append(command, Expand(word, written))
	}
	return command
}

// Files returns the content of the files that the container mounts from Secrets and ConfigMaps, by path.
func (n Namespace) Files(container corev1.Container, volumes []corev1.Volume) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, mount := range container.VolumeMounts {
		at := slices.IndexFunc(volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if at < 0 {
			return nil, fmt.Errorf("mount %s: no such volume", mount.MountPath)
		}
		mounted, err := n.volume(volumes[at].VolumeSource)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", mount.Name, err)
		}
		if mount.SubPath == "" {
			for name, content := range mounted {
				files[path.Join(mount.MountPath, name)] = content
			}
		} else if content, is := mounted[mount.SubPath]; is {
			files[mount.MountPath] = content
		} else if mounted != nil {
			return nil, fmt.Errorf("mount %s: no such file %s", mount.MountPath, mount.SubPath)
		}
	}
	return files, nil
}

// volume returns the files of a volume; none where it is no Secret and no ConfigMap.
func (n Namespace) volume(source corev1.VolumeSource) (map[string][]byte, error) {
	switch {
	case source.Secret != nil:
		return projected(n.Secrets, source.Secret.SecretName, source.Secret.Items, source.Secret.Optional)
	case source.ConfigMap != nil:
		return projected(n.ConfigMaps, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Projected != nil:
		files := map[string][]byte{}
		for _, from := range source.Projected.Sources {
			var some map[string][]byte
			var err error
			switch {
			case from.Secret != nil:
				some, err = projected(n.Secrets, from.Secret.Name, from.Secret.Items, from.Secret.Optional)
			case from.ConfigMap != nil:
				some, err = projected(n.ConfigMaps, from.ConfigMap.Name, from.ConfigMap.Items, from.ConfigMap.Optional)
			}
			if err != nil {
				return nil, err
			}
			maps.Copy(files, some)
		}
		return files, nil
	}
	return nil, nil
}

func projected(objects map[string]map[string][]byte, name string, items []corev1.KeyToPath,
	optional *bool) (map[string][]byte, error) {
	data, exists := objects[name]
	if !exists {
		if optional != nil && *optional {
			return map[string][]byte{}, nil
		}
		return nil, fmt.Errorf("%s not found", name)
	}
	if len(items) == 0 {
		return data, nil
	}
	files := map[string][]byte{}
	for _, item := range items {
		content, set := data[item.Key]
		if !set {
			return nil, fmt.Errorf("couldn't find key %s in %s", item.Key, name)
		}
		files[item.Path] = content
	}
	return files, nil
}
