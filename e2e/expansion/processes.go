// SPDX-License-Identifier: Apache-2.0

// Package expansion checks that the processes of all containers get the values of a configuration unchanged, although
// the kubelet expands variables, commands and arguments.
package expansion

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"bigbang.dev/mattermost-fn/e2e/kubelet"
	"bigbang.dev/mattermost-fn/e2e/operator"
)

// unknownValue is the value of a variable that comes from a ConfigMap, the pod, or a Secret that is not emitted.
const unknownValue = "a value that is not known"

// processes returns what the processes of all pods of the objects get: values by container and place, such as "server
// env MM_CONFIG".
func processes(objects []*unstructured.Unstructured) (map[string]string, error) {
	namespace := kubelet.Namespace{Secrets: secrets(objects), Elsewhere: unknownValue}
	find := func(name string) (map[string][]byte, bool) {
		data, found := namespace.Secrets[name]
		return data, found
	}
	values := map[string]string{}
	for _, object := range objects {
		var pod corev1.PodSpec
		switch object.GetKind() {
		case "Mattermost":
			installation, err := operator.Read(object)
			if err != nil {
				return nil, err
			}
			deployment, err := installation.Deployment(find)
			if err != nil {
				return nil, err
			}
			pod = deployment.Spec.Template.Spec
		case "StatefulSet":
			var set appsv1.StatefulSet
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &set); err != nil {
				return nil, err
			}
			pod = set.Spec.Template.Spec
		}
		for _, container := range append(pod.InitContainers, pod.Containers...) {
			if err := started(container, namespace, func(place, value string) {
				values[container.Name+" "+place] = value
			}); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// started calls visit for everything that the kubelet expands in a container: its environment, command and arguments,
// and the commands of its probes.
func started(container corev1.Container, namespace kubelet.Namespace, visit func(place, value string)) error {
	env, err := namespace.Environment(container)
	if err != nil {
		return err
	}
	for name, value := range env {
		visit("env "+name, value)
	}
	words := func(place string, words []string) {
		for i, word := range words {
			visit(fmt.Sprintf("%s[%d]", place, i), word)
		}
	}
	words("command", kubelet.Command(corev1.Container{Command: container.Command}, env))
	words("args", kubelet.Command(corev1.Container{Args: container.Args}, env))
	for place, probe := range map[string]*corev1.Probe{
		"startupProbe": container.StartupProbe, "livenessProbe": container.LivenessProbe,
		"readinessProbe": container.ReadinessProbe,
	} {
		if probe != nil && probe.Exec != nil {
			words(place, kubelet.Probe(probe, container))
		}
	}
	return nil
}

// secrets returns the data of the Secrets among the objects, by name.
func secrets(objects []*unstructured.Unstructured) map[string]map[string][]byte {
	all := map[string]map[string][]byte{}
	for _, object := range objects {
		var secret corev1.Secret
		if object.GetKind() != "Secret" ||
			runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &secret) != nil {
			continue
		}
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		for key, value := range secret.StringData {
			secret.Data[key] = []byte(value)
		}
		all[secret.Name] = secret.Data
	}
	return all
}
