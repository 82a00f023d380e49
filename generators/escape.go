// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/kubelet"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// The plan contains the values that a process must see. What users write as Kubernetes fields (spec.env, containers of
// spec.pod) is not escaped: there $(NAME) is a reference, as documented by Kubernetes.

// environment returns the variables for a container. The operator passes those of the server on unchanged.
func environment(variables plan.Environment) []corev1.EnvVar {
	env := variables.EnvVars()
	for i, variable := range variables {
		if !variable.Verbatim {
			env[i].Value = kubelet.Escape(variable.Value)
		}
	}
	return env
}

// escaped returns the container with every field escaped that the kubelet expands: variables, command, arguments and
// the commands of probes (pkg/kubelet/kubelet_pods.go, container/helpers.go and prober/prober.go).
func escaped(c corev1.Container) corev1.Container {
	env := make([]corev1.EnvVar, len(c.Env))
	for i, variable := range c.Env {
		variable.Value = kubelet.Escape(variable.Value)
		env[i] = variable
	}
	c.Env, c.Command, c.Args = env, escapedStrings(c.Command), escapedStrings(c.Args)
	c.LivenessProbe, c.ReadinessProbe = escapedProbe(c.LivenessProbe), escapedProbe(c.ReadinessProbe)
	c.StartupProbe = escapedProbe(c.StartupProbe)
	return c
}

func escapedStrings(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, kubelet.Escape(s))
	}
	return out
}

func escapedProbe(probe *corev1.Probe) *corev1.Probe {
	if probe == nil || probe.Exec == nil {
		return probe
	}
	out := *probe
	out.Exec = &corev1.ExecAction{Command: escapedStrings(probe.Exec.Command)}
	return &out
}
