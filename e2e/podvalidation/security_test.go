// SPDX-License-Identifier: Apache-2.0

package podvalidation

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// TestPodSecurity: the rule reports a configuration if and only if the pods of the operator's Deployment violate the
// restricted level. The rule evaluates each part of a pod by itself.
func TestPodSecurity(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const container = "image: x, resources: {limits: {cpu: 1, memory: 1Gi}}, "
	const restricted = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"
	context := func(fields string) []string {
		return []string{
			"containerSecurityContext: {" + fields + "}",
			"sidecars: [{name: a, " + container + restricted + ", " + fields + "}}]",
			"initContainers: [{name: a, " + container + restricted + ", " + fields + "}}]",
		}
	}
	added := func(fields string) []string {
		return []string{
			"sidecars: [{name: a, " + container + restricted + "}, " + fields + "}]",
			"initContainers: [{name: a, restartPolicy: Always, " + container + restricted + "}, " + fields + "}]",
		}
	}
	pods := slices.Concat(
		[]string{"", "sidecars: [{name: a, image: x}]", "initContainers: [{name: a, image: x}]"},
		context("runAsUser: 0"), context("runAsUser: 1"), context("runAsNonRoot: false"), context("runAsNonRoot: true"),
		context("procMount: Unmasked"), context("procMount: Default"), context("seccompProfile: {type: Unconfined}"),
		context("seccompProfile: {type: Localhost, localhostProfile: a}"), context("seLinuxOptions: {type: spc_t}"),
		context("seLinuxOptions: {user: a}"), context("seLinuxOptions: {role: a}"), context("seLinuxOptions: {level: s0}"),
		context("seLinuxOptions: {type: container_t}"), context("appArmorProfile: {type: Unconfined}"),
		context("appArmorProfile: {type: RuntimeDefault}"), context("windowsOptions: {hostProcess: true}"),
		context("windowsOptions: {runAsUserName: a}"), context("readOnlyRootFilesystem: true"), context("privileged: true"),
		[]string{
			"containerSecurityContext: {capabilities: {add: [NET_ADMIN], drop: [ALL]}}",
			"containerSecurityContext: {capabilities: {add: [NET_BIND_SERVICE], drop: [ALL]}}",
			"containerSecurityContext: {capabilities: {}}", "containerSecurityContext: {allowPrivilegeEscalation: true}",
			"securityContext: {runAsUser: 0}", "securityContext: {runAsUser: 1}", "securityContext: {runAsNonRoot: false}",
			"securityContext: {runAsUser: null}", "securityContext: {seccompProfile: {type: Unconfined}}",
			"securityContext: {sysctls: [{name: net.core.somaxconn, value: a}]}",
			"securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: a}]}",
			"securityContext: {seLinuxOptions: {type: spc_t}}", "securityContext: {seLinuxOptions: {user: a}}",
			"securityContext: {seLinuxOptions: {level: s0}}", "securityContext: {appArmorProfile: {type: Unconfined}}",
			"securityContext: {windowsOptions: {hostProcess: true}}", "securityContext: {supplementalGroups: [0]}",
			"securityContext: {fsGroup: 0}", "securityContext: {runAsGroup: 0}",
			"annotations: {container.apparmor.security.beta.kubernetes.io/mattermost: unconfined}",
			"annotations: {container.apparmor.security.beta.kubernetes.io/wait-for-database: unconfined}",
			"annotations: {container.apparmor.security.beta.kubernetes.io/mattermost: runtime/default}",
			"annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}",
			"lifecycle: {preStop: {httpGet: {host: 10.0.0.1, port: 80}}}", "lifecycle: {preStop: {httpGet: {port: 80}}}",
			"lifecycle: {postStart: {httpGet: {host: 10.0.0.1, port: 80}}}",
			"volumes: [{name: a, projected: {sources: []}}]", "volumes: [{name: a, csi: {driver: a.b}}]",
		},
		added("livenessProbe: {httpGet: {host: 10.0.0.1, port: 80}}"), added("livenessProbe: {httpGet: {port: 80}}"),
		added("startupProbe: {tcpSocket: {host: 10.0.0.1, port: 80}}"), added("readinessProbe: {grpc: {port: 80}}"),
		added("lifecycle: {preStop: {httpGet: {host: 10.0.0.1, port: 80}}}"),
		added("ports: [{containerPort: 1, hostPort: 1}]"),
		added("ports: [{containerPort: 1, hostIP: 10.0.0.1}]"),
	)
	verdicts := map[bool]int{}
	for _, pod := range pods {
		config := []byte("apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
			"metadata: {name: chat, namespace: team}\nspec: {domain: example.com, pod: {" + pod + "}}\n")
		deployment, err := Deployment(config)
		if err != nil {
			t.Errorf("%s: %v", pod, err)
			continue
		}
		var violated []string
		template := &deployment.Spec.Template
		for _, check := range evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted,
			Version: api.LatestVersion()}, &metav1.ObjectMeta{Annotations: template.Annotations}, &template.Spec) {
			if !check.Allowed {
				violated = append(violated, check.ForbiddenReason+" "+check.ForbiddenDetail)
			}
		}
		results, err := Results(config)
		if err != nil {
			t.Fatal(err)
		}
		reported := slices.ContainsFunc(results, func(r fn.Result) bool { return r.Rule == ruleid.PodSecurity })
		if reported != (violated != nil) {
			t.Errorf("%s: reported is %t, violated: %s", pod, reported, strings.Join(violated, ", "))
		}
		verdicts[reported]++
	}
	if verdicts[true] < 40 || verdicts[false] < 30 {
		t.Errorf("%d configurations violate the level, %d do not", verdicts[true], verdicts[false])
	}
}
