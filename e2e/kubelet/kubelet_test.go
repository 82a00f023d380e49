// SPDX-License-Identifier: Apache-2.0

package kubelet

import (
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const pod = `
containers:
- name: server
  command: [sh, -c, 'echo $(PLAIN)']
  args: [$(MISSING)]
  envFrom:
  - {prefix: ALL_, secretRef: {name: database}}
  env:
  - {name: EARLY, value: $(LATE)}
  - {name: LATE, value: late}
  - {name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}
  - {name: PLAIN, value: '$(LATE) $(PASSWORD) $(ALL_password)'}
  - {name: OPTIONAL, valueFrom: {configMapKeyRef: {name: none, key: none, optional: true}}}
  livenessProbe: {exec: {command: [echo, $(LATE), $(PLAIN), $$(PLAIN)]}}
  volumeMounts:
  - {name: ca, mountPath: /etc/ca.pem, subPath: ca.crt}
  - {name: secret, mountPath: /etc/secret}
  - {name: empty, mountPath: /tmp}
volumes:
- {name: ca, configMap: {name: ca}}
- {name: secret, secret: {secretName: database, items: [{key: password, path: a/b}]}}
- {name: empty, emptyDir: {}}
`

func read(t *testing.T, text string) corev1.PodSpec {
	t.Helper()
	var spec corev1.PodSpec
	if err := yaml.UnmarshalStrict([]byte(text), &spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

func namespace() Namespace {
	return Namespace{
		Secrets:    map[string]map[string][]byte{"database": {"password": []byte("$(LATE)$$")}},
		ConfigMaps: map[string]map[string][]byte{"ca": {"ca.crt": []byte("certificate")}},
	}
}

func TestContainer(t *testing.T) {
	spec := read(t, pod)
	env, err := namespace().Environment(spec.Containers[0])
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ALL_password": "$(LATE)$$", "EARLY": "$(LATE)", "LATE": "late", "PASSWORD": "$(LATE)$$",
		"PLAIN": "late $(LATE)$$ $(LATE)$$",
	}
	if !maps.Equal(env, want) {
		t.Errorf("variables are %q, want %q", env, want)
	}
	if got := strings.Join(Command(spec.Containers[0], env),
		" "); got != "sh -c echo late $(LATE)$$ $(LATE)$$ $(MISSING)" {
		t.Errorf("the command is %s", got)
	}
	if got := strings.Join(Probe(spec.Containers[0].LivenessProbe, spec.Containers[0]),
		" "); got != "echo late $(LATE) $(PASSWORD) $(ALL_password) $(PLAIN)" {
		t.Errorf("the command of the probe is %s", got)
	}
	files, err := namespace().Files(spec.Containers[0], spec.Volumes)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || string(files["/etc/ca.pem"]) != "certificate" ||
		string(files["/etc/secret/a/b"]) != "$(LATE)$$" {
		t.Errorf("files are %q", files)
	}
}

func TestContainerDoesNotStart(t *testing.T) {
	for want, replace := range map[string][2]string{
		"env PASSWORD: other not found": {"secretKeyRef: {name: database",
			"secretKeyRef: {name: other"},
		"env PASSWORD: couldn't find key secret in database": {"key: password}}}", "key: secret}}}"},
		"envFrom[0]: not found":                              {"secretRef: {name: database}", "secretRef: {name: other}"},
		"env OPTIONAL: its source is not known here": {"configMapKeyRef: {name: none, key: none, optional: true}",
			"fieldRef: {fieldPath: metadata.name}"},
		"volume ca: other not found":                            {"configMap: {name: ca}", "configMap: {name: other}"},
		"mount /etc/ca.pem: no such file tls.crt":               {"subPath: ca.crt", "subPath: tls.crt"},
		"mount /tmp: no such volume":                            {"{name: empty, mountPath", "{name: full, mountPath"},
		"volume secret: couldn't find key username in database": {"items: [{key: password", "items: [{key: username"},
	} {
		text := strings.Replace(pod, replace[0], replace[1], 1)
		if text == pod {
			t.Fatalf("%q not found", replace[0])
		}
		spec := read(t, text)
		_, err := namespace().Environment(spec.Containers[0])
		if err == nil {
			_, err = namespace().Files(spec.Containers[0], spec.Volumes)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
