// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// In the mesh, in the ambient mesh, or in neither.
func TestMesh(t *testing.T) {
	const config, exclude = "proxy.istio.io/config", "traffic.sidecar.istio.io/excludeOutboundPorts"
	for _, test := range []struct {
		name, spec          string
		labels, annotations map[string]string
	}{
		{"nothing configured", "{}", map[string]string{}, map[string]string{}},
		{"a sidecar, round which the database is reached", "{injection: true}",
			map[string]string{"sidecar.istio.io/inject": "true"},
			map[string]string{config: `{"holdApplicationUntilProxyStarts": true}`, exclude: "5432,6432"}},
		{"no sidecar", "{injection: false}", map[string]string{"sidecar.istio.io/inject": "false"}, map[string]string{}},
		{"ambient", "{ambient: true}", map[string]string{"istio.io/dataplane-mode": "ambient"}, map[string]string{}},
	} {
		p, _ := resolve(t, "  domain: a.b\n  database: {host: db, password: p, readReplicas: ['r:6432', s]}\n  istio: "+
			test.spec+"\n", nil)
		if !reflect.DeepEqual(p.Pod.Labels, test.labels) || !reflect.DeepEqual(p.Pod.Annotations, test.annotations) {
			t.Errorf("%s: labels %v, annotations %v, want %v and %v", test.name, p.Pod.Labels, p.Pod.Annotations, test.labels,
				test.annotations)
		}
	}
}

// The configuration's own annotations for the sidecar are kept, and what the servers need is added.
func TestSidecarAnnotationsAreMerged(t *testing.T) {
	const config, exclude = "proxy.istio.io/config", "traffic.sidecar.istio.io/excludeOutboundPorts"
	for _, test := range []struct{ name, given, want string }{
		{exclude, "9000", "5432,6432,9000"},
		{exclude, "25, 6432", "25,5432,6432"},
		{exclude, "", "5432,6432"},
		{exclude, "all", "all"}, // which MM020 reports
		{config, "{}", "{holdApplicationUntilProxyStarts: true}"},
		{config, `{"concurrency": 2}`, `{"concurrency": 2, holdApplicationUntilProxyStarts: true}`},
		{config, "concurrency: 2 # two\nproxyMetadata:\n  A: b\n",
			"concurrency: 2 # two\nproxyMetadata:\n  A: b\nholdApplicationUntilProxyStarts: true"},
		{config, "{holdApplicationUntilProxyStarts: false}", "{holdApplicationUntilProxyStarts: false}"},
		{config, "[", "["}, // which MM020 reports
		{"traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/8", "10.0.0.0/8"},
		{"traffic.sidecar.istio.io/excludeInboundPorts", "8074", "8074"},
	} {
		p, _ := resolve(t, "  domain: a.b\n  database: {host: db, password: p, readReplicas: ['r:6432', s]}\n"+
			"  istio: {injection: true}\n  pod: {annotations: {"+test.name+": "+strconv.Quote(test.given)+"}}\n", nil)
		if got := p.Pod.Annotations[test.name]; got != test.want {
			t.Errorf("%s: %q became %q, want %q", test.name, test.given, got, test.want)
		}
	}
}

func TestAvailability(t *testing.T) {
	const two = "  domain: a.b\n  enterprise: {enabled: true, license: x}\n  replicas: 2\n"
	for _, test := range []struct {
		name, spec string
		want       *Availability
		affinity   bool
	}{
		{"one server", "  domain: a.b\n", nil, false},
		{"one server that is to be spread when it grows", "  domain: a.b\n  availability: {enabled: true}\n",
			&Availability{"topology.kubernetes.io/zone"}, true},
		{"two servers", two, &Availability{"topology.kubernetes.io/zone"}, true},
		{"two servers over racks", two + "  availability: {topologyKey: rack}\n", &Availability{"rack"}, true},
		{"two servers, not spread", two + "  availability: {enabled: false}\n", nil, false},
		{"an affinity of one's own", two + "  pod: {affinity: {}}\n", &Availability{"topology.kubernetes.io/zone"}, false},
	} {
		p, _ := resolve(t, test.spec, nil)
		spread := p.Pod.Affinity != nil && p.Pod.Affinity.PodAntiAffinity != nil
		if !reflect.DeepEqual(p.Availability, test.want) || spread != test.affinity {
			t.Errorf("%s: %+v, anti-affinity %t", test.name, p.Availability, spread)
		}
	}
}

// Pods pass the restricted pod security level unless the configuration itself says otherwise, field by field.
func TestSecurityContexts(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n", nil)
	user, yes, no := int64(2000), true, false
	seccomp := &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	pod := &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user, FSGroup: &user,
		SeccompProfile: seccomp}
	container := &corev1.SecurityContext{
		RunAsNonRoot: &yes, AllowPrivilegeEscalation: &no, SeccompProfile: seccomp,
		Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	if !reflect.DeepEqual(p.Pod.SecurityContext, pod) || !reflect.DeepEqual(p.Pod.ContainerSecurityContext, container) ||
		!reflect.DeepEqual(RestrictedContainer(), container) {
		t.Errorf("pod %+v, container %+v", p.Pod.SecurityContext, p.Pod.ContainerSecurityContext)
	}
	p, _ = resolve(t, "  domain: a.b\n  pod: {securityContext: {runAsUser: 1, fsGroupChangePolicy: OnRootMismatch}, "+
		"containerSecurityContext: {readOnlyRootFilesystem: true, capabilities: {}}}\n", nil)
	one, policy := int64(1), corev1.FSGroupChangeOnRootMismatch
	pod.RunAsUser, pod.FSGroupChangePolicy = &one, &policy
	container.ReadOnlyRootFilesystem, container.Capabilities = &yes, &corev1.Capabilities{}
	if !reflect.DeepEqual(p.Pod.SecurityContext, pod) || !reflect.DeepEqual(p.Pod.ContainerSecurityContext, container) {
		t.Errorf("pod %+v, container %+v", p.Pod.SecurityContext, p.Pod.ContainerSecurityContext)
	}
}

func TestNamespaceObject(t *testing.T) {
	const enforce = "pod-security.kubernetes.io/enforce"
	for _, test := range []struct {
		spec   string
		labels map[string]string // nil for no Namespace
	}{
		{"  domain: a.b\n", nil},
		{"  domain: a.b\n  namespace: {labels: {a: b}}\n", nil},
		{"  domain: a.b\n  namespace: {create: true}\n", map[string]string{enforce: "restricted"}},
		{"  domain: a.b\n  namespace: {create: true, labels: {" + enforce + ": baseline, a: b}}\n  istio: " +
			"{injection: true}\n", map[string]string{enforce: "baseline", "a": "b", "istio-injection": "enabled"}},
		{"  domain: a.b\n  namespace: {create: true}\n  istio: {ambient: true}\n",
			map[string]string{enforce: "restricted", "istio.io/dataplane-mode": "ambient"}},
	} {
		p, _ := resolve(t, test.spec, nil)
		var labels map[string]string
		if p.NamespaceObject != nil {
			labels = p.NamespaceObject.Labels
		}
		if !reflect.DeepEqual(labels, test.labels) {
			t.Errorf("%s: %v, want %v", test.spec, labels, test.labels)
		}
	}
}

// A host that is a Service of this cluster is known by the form of its name.
func TestDestinationsInTheCluster(t *testing.T) {
	for host, namespace := range map[string]string{
		"db":                          "teams",
		"db.other.svc":                "other",
		"db.other.svc.cluster.local":  "other",
		"db.other.svc.cluster.local.": "other",
		"db.other":                    "",
		"db.example.com":              "",
		"a.b.other.svc":               "",
		"10.0.0.1":                    "",
		"2001:db8::1":                 "",
		"":                            "",
	} {
		b := &builder{Plan: &Plan{Names: Names{Namespace: "teams"}},
			spec: &v1alpha1.MattermostConfigSpec{NetworkPolicies: &v1alpha1.NetworkPolicies{}}}
		b.destination(Destination{Host: host})
		if got := b.Destinations[0].Namespace; got != namespace {
			t.Errorf("%q is in the namespace %q, want %q", host, got, namespace)
		}
	}
}

func TestGateways(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n  route: {gateways: [gw/public, own]}\n", nil)
	if want := []Gateway{{"gw", "public"}, {"", "own"}}; !reflect.DeepEqual(p.Route.Gateways, want) {
		t.Errorf("%v, want %v", p.Route.Gateways, want)
	}
}

// Metrics are there with a license only; the dashboard's name is one that no other installation's has.
func TestMonitoring(t *testing.T) {
	const on = "  monitoring: {enabled: true, alerts: {enabled: true}, dashboard: {enabled: true}}\n"
	if p, _ := resolve(t, "  domain: a.b\n"+on, nil); p.Monitoring != nil ||
		variable(p, "MM_METRICSSETTINGS_ENABLE") != "false" {
		t.Errorf("without a license: %+v, %s", p.Monitoring, variable(p, "MM_METRICSSETTINGS_ENABLE"))
	}
	p, _ := resolve(t, "  domain: a.b\n  enterprise: {enabled: true}\n  database: {host: db, password: p, "+
		"readReplicas: [r]}\n"+on, nil)
	if variable(p, "MM_METRICSSETTINGS_ENABLE") != "true" || p.Monitoring.Interval != "30s" ||
		!p.Monitoring.Alerts.ReadReplicas ||
		p.Monitoring.Dashboard.Name != "teams.chat-dashboard" || p.Monitoring.Dashboard.Namespace != "monitoring" {
		t.Errorf("with a license: %+v", p.Monitoring)
	}
}

// If an output's password is in another Secret, the emitted Secret contains only the user name.
func TestLogOutputs(t *testing.T) {
	p, messages := resolve(t, "  domain: a.b\n  logging: {fluentBit: {outputs: [{name: a, url: "+
		"'https://es.example.com/path', username: u, password: {secretKeyRef: {name: s, key: k}}}, {name: b, "+
		"url: 'http://es'}]}}\n", nil)
	a, b := p.Logging.Outputs[0], p.Logging.Outputs[1]
	if a.Name != "chat-a" || a.Host != "es.example.com" || a.Port != 443 || !a.TLS || a.Path != "/path" ||
		a.Password.Name != "s" || a.Username.Name != "chat-a-log" || a.IndexPrefix != "mattermost" || messages != "" {
		t.Errorf("%+v, messages %q", a, messages)
	}
	if b.Port != 80 || b.TLS || b.Password != nil || b.Username != nil {
		t.Errorf("%+v", b)
	}
	if secret(p, "chat-a-log", "username") != "u" || secret(p, "chat-a-log", "password") != "(unset)" {
		t.Errorf("%+v", p.Secrets)
	}
	if p, _ := resolve(t, "  domain: a.b\n  logging: {fluentBit: {enabled: false}}\n", nil); p.Logging != nil {
		t.Errorf("off: %+v", p.Logging)
	}
}

// Null removes the default of an id, which OpenShift rejects; the other defaults stay.
func TestSecurityContextWithoutIDs(t *testing.T) {
	for spec, want := range map[string]string{
		"runAsUser: null, runAsGroup: null, fsGroup: null": "",
		"runAsUser: null":                "runAsGroup fsGroup ",
		"fsGroup: null, runAsUser: 1000": "runAsUser runAsGroup ",
		"runAsNonRoot: null":             "runAsUser runAsGroup fsGroup ",
	} {
		p, _ := resolve(t, "  domain: a.b\n  pod: {securityContext: {"+spec+"}}\n", nil)
		context, got := p.Pod.SecurityContext, ""
		for _, id := range []struct {
			name  string
			value *int64
		}{{"runAsUser", context.RunAsUser}, {"runAsGroup", context.RunAsGroup}, {"fsGroup", context.FSGroup}} {
			if id.value != nil {
				got += id.name + " "
			}
		}
		if got != want || context.RunAsNonRoot == nil || !*context.RunAsNonRoot || context.SeccompProfile == nil {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
}

// With a license the operator announces metrics to scrapers. Pods without metrics announce none, and annotations of the
// configuration are kept.
func TestScrapeAnnotations(t *testing.T) {
	const licensed = "  host: a.b\n  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}\n"
	const key = "prometheus.io/scrape"
	off := map[string]string{key: "false"}
	for _, test := range []struct {
		name, spec string
		want       map[string]string
	}{
		{"no license", "  host: a.b\n  pod: {annotations: {prometheus.io/scrape: 'false'}}\n", nil},
		{"license that the operator does not know", "  host: a.b\n  enterprise: {enabled: true, license: " +
			"{secretKeyRef: {name: l, key: other}}}\n", nil},
		{"metrics off", licensed, off},
		{"metrics on", licensed + "  monitoring: {enabled: true}\n", map[string]string{}},
		{"metrics on by a setting", licensed + "  settings: {MetricsSettings: {Enable: true}}\n", map[string]string{}},
		{"metrics on by a variable", licensed + "  env: [{name: MM_METRICSSETTINGS_ENABLE, value: '1'}]\n",
			map[string]string{}},
		{"metrics by a Secret", licensed + "  env: [{name: MM_METRICSSETTINGS_ENABLE, valueFrom: {secretKeyRef: " +
			"{name: a, key: b}}}]\n", map[string]string{}},
		{"metrics off by a variable", licensed + "  monitoring: {enabled: true}\n  env: [{name: " +
			"MM_METRICSSETTINGS_ENABLE, value: '0'}]\n", off},
		{"annotations of the configuration", licensed + "  pod: {annotations: {prometheus.io/scrape: 'true', " +
			"prometheus.io/port: '9000', other: a}}\n", map[string]string{key: "true", "prometheus.io/port": "9000"}},
	} {
		p, _ := resolve(t, test.spec, nil)
		if got := p.Pod.Deployment.Annotations; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A read-only root file system has volumes for the directories that the server writes to: those of the run in
// docs/pods.md, and no others. The user's own mount replaces one.
func TestReadOnlyRoot(t *testing.T) {
	const readOnly = "  domain: a.b\n  pod:\n    readOnlyRootFilesystem: true\n"
	for _, test := range []struct{ name, spec, want string }{
		{
			"files on a volume", readOnly,
			"/mattermost/client/plugins /mattermost/logs /mattermost/plugins /tmp /var/tmp",
		},
		{
			"files elsewhere", readOnly + "  objectStorage: {region: us-east-1, bucket: one, existingSecret: s3}\n",
			"/mattermost/client/plugins /mattermost/data /mattermost/logs /mattermost/plugins /tmp /var/tmp",
		},
		{
			"a volume of the user", readOnly + "    volumes: [{name: scratch, emptyDir: {sizeLimit: 1Gi}}]\n" +
				"    volumeMounts: [{name: scratch, mountPath: /tmp/}]\n",
			"/mattermost/client/plugins /mattermost/logs /mattermost/plugins /var/tmp",
		},
		{"off", "  domain: a.b\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := resolve(t, test.spec, nil)
			var paths []string
			for _, mount := range p.Pod.VolumeMounts {
				if mount.Name == WritableVolume {
					paths = append(paths, mount.MountPath)
				}
			}
			if got := strings.Join(paths, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			context := p.Pod.ContainerSecurityContext.ReadOnlyRootFilesystem
			if isReadOnly := context != nil && *context; isReadOnly != (test.want != "") {
				t.Errorf("read-only %t", isReadOnly)
			}
		})
	}
}
