// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/operator"
)

// What the judge must refuse: without these, a judge that accepts everything would pass the output too.

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// mattermost is the smallest resource with a pod that is admitted.
const mattermost = `
apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata: {name: chat, namespace: controls}
spec:
  image: example.com/mattermost
  version: 11.10.0
  imagePullPolicy: IfNotPresent
  replicas: 1
  ingress: {enabled: false}
  database: {external: {secret: chat-database}, disableReadinessCheck: true}
  fileStore: {externalVolume: {volumeClaimName: chat-files}}
  scheduling: {resources: {limits: {cpu: "2", memory: 4Gi}, requests: {cpu: "2", memory: 4Gi}}}
  podTemplate:
    securityContext: {runAsNonRoot: true, runAsUser: 2000, seccompProfile: {type: RuntimeDefault}}
    containerSecurityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  podExtensions:
    initContainers:
    - name: wait-for-database
      image: example.com/mattermost:11.10.0
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  updateJob: {disabled: true}
`

// statefulSet is one with pods that are admitted.
const statefulSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: chat, namespace: controls}
spec:
  serviceName: chat
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: chat
        image: example.com/chat
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`

// with is a text with one line of it replaced.
func with(t *testing.T, text, old, new string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is not there once", old)
	}
	return strings.Replace(text, old, new, 1)
}

// mustSay fails the test where there is no error, or one without the text.
func mustSay(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestMistakesAreRefused(t *testing.T) {
	c := running(t)
	cases := map[string]struct{ text, want string }{
		"an unknown field of a custom resource": {with(t, mattermost, "replicas:", "replica:"), "spec.replica"},
		"a wrong type":                          {with(t, mattermost, "version: 11.10.0", "version: 11.10"), "spec.version"},
		"a value that the schema does not list": {
			with(t, mattermost, "disableReadinessCheck: true", "disableReadinessCheck: true, readinessCheck: {mode: sometimes}"),
			"spec.database.readinessCheck.mode"},
		"an unknown field of a built-in kind": {`
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: controls}
spec: {ports: [{port: 8065, name: app, protcol: TCP}]}
`, "protcol"},
		"a name that is too long for a Service": {`
apiVersion: v1
kind: Service
metadata: {name: ` + strings.Repeat("a", 64) + `, namespace: controls}
spec: {ports: [{port: 8065, name: app, protocol: TCP}]}
`, "must be no more than 63"},
		"a rule of the definition in CEL": {`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: chat, namespace: controls}
spec: {rules: [{timeouts: {request: 1s, backendRequest: 2s}}]}
`, "backendRequest timeout cannot be longer than request timeout"},
		"an object of a namespace that is not there": {with(t, mattermost, "namespace: controls", "namespace: nowhere"),
			`namespaces "nowhere" not found`},
		"a variable that is there twice": {statefulSet + "        env: [{name: A, value: one}, {name: A, value: two}]\n",
			`env: duplicate entries for key [name="A"]`},
		"pods that would be refused": {with(t, statefulSet, "drop: [ALL]", "add: [ALL]"), `would violate PodSecurity`},
	}
	c.prepare(t, []*unstructured.Unstructured{object(t, mattermost)})
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			there, err := c.apply(gitops, object(t, test.text))
			if there != nil {
				c.remove(t, there)
			}
			mustSay(t, err, test.want)
		})
	}
}

// Everything is a change to a pod that is admitted as it is.
func TestUnrestrictedPodsAreRefused(t *testing.T) {
	c := running(t)
	resource := object(t, mattermost)
	c.prepare(t, []*unstructured.Unstructured{resource})
	installation, err := operator.Read(resource)
	if err != nil {
		t.Fatal(err)
	}
	deployment, err := installation.Deployment(func(string) (map[string][]byte, bool) { return nil, false })
	if err != nil {
		t.Fatal(err)
	}
	admitted := func() *corev1.Pod { return pod("controls", "chat", deployment.Spec.Template) }

	mustSay(t, c.create(t, admitted()), `serviceaccount "chat" not found`)
	if err := c.create(t, installation.Account()); err != nil {
		t.Fatal(err)
	}
	if err := c.create(t, admitted()); err != nil {
		t.Fatal(err)
	}

	yes, root := true, int64(0)
	cases := map[string]func(*corev1.PodSpec){
		"runAsNonRoot != true": func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil },
		"runAsUser=0":          func(p *corev1.PodSpec) { p.SecurityContext.RunAsUser = &root },
		"seccompProfile":       func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil },
		"allowPrivilegeEscalation != false": func(p *corev1.PodSpec) {
			p.Containers[0].SecurityContext.AllowPrivilegeEscalation = &yes
		},
		"unrestricted capabilities":     func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities = nil },
		`container "wait-for-database"`: func(p *corev1.PodSpec) { p.InitContainers[0].SecurityContext = nil },
		"host namespaces":               func(p *corev1.PodSpec) { p.HostNetwork = true },
		"restricted volume types": func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "host",
				VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}})
		},
	}
	for want, change := range cases {
		t.Run(want, func(t *testing.T) {
			changed := admitted()
			changed.Name = "changed"
			change(&changed.Spec)
			err := c.create(t, changed)
			mustSay(t, err, `violates PodSecurity "restricted`)
			mustSay(t, err, want)
		})
	}
}

// Conflicting changes are detected: those of other writers, and those of other appliers.
func TestChangesAreSeen(t *testing.T) {
	c := running(t)
	wanted := object(t, mattermost)
	c.prepare(t, []*unstructured.Unstructured{wanted})
	applied := c.applyAll(t, []*unstructured.Unstructured{wanted})[0]
	if err := c.unchanged(applied); err != nil {
		t.Fatal(err)
	}

	more := application{object(t, with(t, mattermost, "replicas: 1", "replicas: 2")), applied.there}
	mustSay(t, c.unchanged(more), "generation 1 has become 2")

	scaled := object(t, "{apiVersion: installation.mattermost.com/v1beta1, kind: Mattermost, spec: {replicas: 3}}")
	scaled.SetNamespace("controls")
	scaled.SetName("chat")
	body, err := scaled.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	forced := client.RawPatch("application/apply-patch+yaml", body)
	if err := c.Patch(context.Background(), scaled, forced, client.FieldOwner("another"),
		client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
	mustSay(t, c.unchanged(applied), `conflict with "another": .spec.replicas`)
}

// What the operator would write is seen too: it spells quantities its own way, and fills in what is not there.
func TestWriteBackIsSeen(t *testing.T) {
	c := running(t)
	cases := map[string]struct{ old, new, want string }{
		"nothing to write":   {"replicas: 1", "replicas: 1", ""},
		"a number for a CPU": {`limits: {cpu: "2",`, `limits: {cpu: 2,`, ".spec.scheduling.resources.limits.cpu"},
		"mebibytes": {"limits: {cpu: \"2\", memory: 4Gi}", "limits: {cpu: \"2\", memory: 4096Mi}",
			".spec.scheduling.resources.limits.memory"},
		"replicas not there":    {"replicas: 1", "", "generation 1 has become 2"},
		"pull policy not there": {"imagePullPolicy: IfNotPresent", "", "generation 1 has become 2"},
		"no resources": {
			`scheduling: {resources: {limits: {cpu: "2", memory: 4Gi}, requests: {cpu: "2", memory: 4Gi}}}`, "",
			"generation 1 has become 2"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			wanted := object(t, with(t, mattermost, test.old, test.new))
			c.prepare(t, []*unstructured.Unstructured{wanted})
			applied := c.applyAll(t, []*unstructured.Unstructured{wanted})[0]
			installation, err := operator.Read(applied.there)
			if err != nil {
				t.Fatal(err)
			}
			err = c.writeBack(installation, applied.there)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			mustSay(t, err, test.want)
		})
	}
}
