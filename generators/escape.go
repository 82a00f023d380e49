package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/kubelet"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// The plan holds what a process must see. What users write as Kubernetes fields (spec.env, containers of spec.pod) stays as
// it is: there $(NAME) is a reference that Kubernetes documents.

// environment returns the variables for a container; the operator passes those of the server on unchanged.
func environment(variables plan.Environment) []corev1.EnvVar {
	env := variables.EnvVars()
	for i, variable := range variables {
		if !variable.Verbatim {
			env[i].Value = kubelet.Escape(variable.Value)
		}
	}
	return env
}

// escaped returns the container with everything escaped that the kubelet expands: variables, command, arguments and the
// commands of probes (pkg/kubelet/kubelet_pods.go, container/helpers.go and prober/prober.go).
func escaped(c corev1.Container) corev1.Container {
	env := make([]corev1.EnvVar, len(c.Env))
	for i, variable := range c.Env {
		variable.Value = kubelet.Escape(variable.Value)
		env[i] = variable
	}
	c.Env, c.Command, c.Args = env, escapedWords(c.Command), escapedWords(c.Args)
	c.LivenessProbe, c.ReadinessProbe, c.StartupProbe = escapedProbe(c.LivenessProbe), escapedProbe(c.ReadinessProbe), escapedProbe(c.StartupProbe)
	return c
}

func escapedWords(words []string) []string {
	var out []string
	for _, word := range words {
		out = append(out, kubelet.Escape(word))
	}
	return out
}

func escapedProbe(probe *corev1.Probe) *corev1.Probe {
	if probe == nil || probe.Exec == nil {
		return probe
	}
	out := *probe
	out.Exec = &corev1.ExecAction{Command: escapedWords(probe.Exec.Command)}
	return &out
}
