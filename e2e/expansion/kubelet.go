// SPDX-License-Identifier: Apache-2.0

// Package expansion compares what a container's process gets with what a configuration says, by the code with which the
// kubelet expands variables, commands and arguments.
package expansion

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"

	"bigbang.dev/mattermost-fn/e2e/operator"
)

// fromElsewhere is the value of a variable that comes from a ConfigMap, the pod, or a Secret that is not emitted.
const fromElsewhere = "a value that nobody may see"

// processes returns what the processes of all pods get that come of the objects: values by container and place, such as
// "server env MM_CONFIG".
func processes(objects []*unstructured.Unstructured) (map[string]string, error) {
	values := map[string]string{}
	for _, object := range objects {
		var pod corev1.PodSpec
		switch object.GetKind() {
		case "Mattermost":
			installation, err := operator.Read(object)
			if err != nil {
				return nil, err
			}
			deployment, err := installation.Deployment(secrets(objects))
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
			started(container, secrets(objects), func(place, value string) { values[container.Name+" "+place] = value })
		}
	}
	return values, nil
}

// started calls visit for everything that the kubelet expands in a container: its environment in order, each variable
// with those before it (pkg/kubelet/kubelet_pods.go) and those of Secrets as they are, command and arguments with all
// of them (pkg/kubelet/container/helpers.go), and the commands of probes with the variables as they are written
// (pkg/kubelet/prober/prober.go).
func started(container corev1.Container, find operator.Secrets, visit func(place, value string)) {
	env, written := map[string]string{}, map[string]string{}
	for _, variable := range container.Env {
		value := expansion.Expand(variable.Value, expansion.MappingFuncFor(env))
		if variable.ValueFrom != nil {
			value = referenced(variable.ValueFrom, find)
		}
		env[variable.Name], written[variable.Name] = value, variable.Value
		visit("env "+variable.Name, value)
	}
	words := func(place string, words []string, env map[string]string) {
		for i, word := range words {
			visit(fmt.Sprintf("%s[%d]", place, i), expansion.Expand(word, expansion.MappingFuncFor(env)))
		}
	}
	words("command", container.Command, env)
	words("args", container.Args, env)
	for place, probe := range map[string]*corev1.Probe{
		"startupProbe": container.StartupProbe, "livenessProbe": container.LivenessProbe,
		"readinessProbe": container.ReadinessProbe,
	} {
		if probe != nil && probe.Exec != nil {
			words(place, probe.Exec.Command, written)
		}
	}
}

// referenced returns the value that a variable refers to. The kubelet does not expand it.
func referenced(source *corev1.EnvVarSource, find operator.Secrets) string {
	if ref := source.SecretKeyRef; ref != nil {
		if data, found := find(ref.Name); found {
			if value, found := data[ref.Key]; found {
				return string(value)
			}
		}
	}
	return fromElsewhere
}

// secrets are those among the objects, as the operator asks for them.
func secrets(objects []*unstructured.Unstructured) operator.Secrets {
	return func(name string) (map[string][]byte, bool) {
		for _, object := range objects {
			var secret corev1.Secret
			if object.GetKind() != "Secret" || object.GetName() != name {
				continue
			}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &secret); err != nil {
				return nil, false
			}
			data := secret.Data
			if data == nil {
				data = map[string][]byte{}
			}
			for key, value := range secret.StringData {
				data[key] = []byte(value)
			}
			return data, true
		}
		return nil, false
	}
}
