// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

// The complete resource of the smallest configuration.
func TestMattermost(t *testing.T) {
	got := manifests(t, mattermost(planOf(t, "{domain: example.com}")))
	want := header("installation.mattermost.com/v1beta1", "Mattermost", "chat", "server") + `spec:
  image: registry1.dso.mil/ironbank/opensource/mattermost/mattermost
  version: 11.10.0
  imagePullPolicy: IfNotPresent
  imagePullSecrets:
  - name: private-registry
  replicas: 1
  ingress:
    enabled: false
  database:
    external:
      secret: chat-database
    disableReadinessCheck: true
  fileStore:
    externalVolume:
      volumeClaimName: chat-files
  mattermostEnv:
  - name: MM_SERVICESETTINGS_SITEURL
    value: https://chat.example.com
  - name: MM_CLUSTERSETTINGS_ENABLE
    value: "false"
  - name: MM_METRICSSETTINGS_ENABLE
    value: "false"
  - name: MM_LOGSETTINGS_ENABLECONSOLE
    value: "true"
  - name: MM_LOGSETTINGS_CONSOLELEVEL
    value: INFO
  - name: MM_LOGSETTINGS_CONSOLEJSON
    value: "true"
  - name: MM_LOGSETTINGS_ENABLEFILE
    value: "false"
  - name: MM_CONFIG
    value: postgres://chat-db-rw:5432/mattermost?sslmode=require
  - name: MM_SQLSETTINGS_DATASOURCE
    value: postgres://chat-db-rw:5432/mattermost?sslmode=require
  - name: PGUSER
    valueFrom:
      secretKeyRef:
        name: chat-db-app
        key: username
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef:
        name: chat-db-app
        key: password
  - name: MM_SQLSETTINGS_MAXOPENCONNS
    value: "100"
  - name: MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS
    value: "false"
  - name: MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS
    value: "false"
  resourceLabels:
    app.kubernetes.io/component: server
    app.kubernetes.io/instance: chat
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
  scheduling:
    resources:
      limits:
        cpu: "2"
        memory: 4Gi
      requests:
        cpu: "2"
        memory: 4Gi
  probes:
    livenessProbe:
      httpGet:
        path: /api/v4/system/ping
        port: 8065
      initialDelaySeconds: 10
      timeoutSeconds: 5
      periodSeconds: 10
      failureThreshold: 6
    readinessProbe:
      httpGet:
        path: /api/v4/system/ping
        port: 8065
      initialDelaySeconds: 10
      timeoutSeconds: 5
      periodSeconds: 5
      failureThreshold: 6
  podTemplate:
    securityContext:
      runAsUser: 2000
      runAsGroup: 2000
      runAsNonRoot: true
      fsGroup: 2000
      seccompProfile:
        type: RuntimeDefault
    containerSecurityContext:
      capabilities:
        drop:
        - ALL
      runAsNonRoot: true
      allowPrivilegeEscalation: false
      seccompProfile:
        type: RuntimeDefault
    extraAnnotations:
      mattermost.bigbang.dev/secrets-checksum: CHECKSUM
  podExtensions:
    initContainers:
    - name: wait-for-database
      image: registry1.dso.mil/ironbank/opensource/mattermost/mattermost:11.10.0
      command:
      - /mattermost/bin/mattermost
      - db
      - ping
      - --timeout=5m0s
      env:
      - name: MM_CONFIG
        value: postgres://chat-db-rw:5432/mattermost?sslmode=require
      - name: PGUSER
        valueFrom:
          secretKeyRef:
            name: chat-db-app
            key: username
      - name: PGPASSWORD
        valueFrom:
          secretKeyRef:
            name: chat-db-app
            key: password
      resources:
        limits:
          cpu: 100m
          memory: 128Mi
        requests:
          cpu: 100m
          memory: 128Mi
      imagePullPolicy: IfNotPresent
      securityContext:
        capabilities:
          drop:
          - ALL
        runAsNonRoot: true
        allowPrivilegeEscalation: false
        seccompProfile:
          type: RuntimeDefault
  updateJob:
    disabled: true
  resourcePatch:
    deployment:
      patch: |
        [
          {"op":"add","path":"/spec/template/spec/containers/0/startupProbe","value":{"httpGet":{"path":"/api/v4/system/ping","port":8065},"timeoutSeconds":5,"periodSeconds":10,"failureThreshold":60}},
          {"op":"replace","path":"/spec/strategy","value":{"type":"Recreate"}},
          {"op":"add","path":"/spec/template/metadata/labels/app.kubernetes.io~1version","value":"11.10.0"}
        ]
`
	if got = regexp.MustCompile(`secrets-checksum: [0-9a-f]{16}\n`).ReplaceAllString(got,
		"secrets-checksum: CHECKSUM\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// specs are configurations that together emit every kind of object.
var specs = map[string]string{
	"smallest":  "{domain: example.com}",
	"community": "{domain: example.com, profile: community, route: {gateways: [gw/public]}, namespace: {create: true}}",
	"old server with everything in the cluster": `{domain: example.com, version: 10.11.2, resources: {limits: {cpu: 1000m,
	  memory: 1024Mi}, requests: {cpu: 0.5, memory: 512Mi}},
    database: {inCluster: {engine: statefulset, password: p, storage: {size: 1024Mi}}},
      objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: secret12}},
    route: {type: ingress, ingressClass: nginx, tlsSecret: tls, annotations: {a: b}}, pod: {labels: {team: x},
      annotations: {c: d}}}`,
	"external services": `{domain: example.com, users: 5000, enterprise: {enabled: true, license: eyJ},
	  database: {host: db.example.com, password: p, ca: {secretKeyRef: {name: s, key: k}}, readReplicas: [r]},
    objectStorage: {endpoint: 'https://s3.example.com', bucket: b, accessKey: a, accessSecret: s, ca: {pem: x}},
      elasticsearch: {enabled: true, password: p}, monitoring: {enabled: true, alerts: {enabled: true},
      dashboard: {enabled: true}},
    sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: 'https://login.example.com/realms/r',
      ca: {configMapKeyRef: {name: m, key: k}}},
    logging: {fluentBit: {outputs: [{name: es, url: 'https://es.example.com', username: u, password: p}]}},
    istio: {injection: true, mtls: STRICT, authorizationPolicies: true, egress: RegistryOnly},
      networkPolicies: {enabled: true}, namespace: {create: true, labels: {a: b}}}`,
	"a role and backups": `{domain: example.com, database: {inCluster: {instances: 3, image: 'pg:18', backup: {}}},
	  objectStorage: {region: us-gov-west-1, bucket: b, roleARN: 'arn:aws-us-gov:iam::1:role/r'},
    logging: {fluentBit: {form: configMap}}, istio: {ambient: true}, networkPolicies: {enabled: true},
      image: {pullSecrets: []}}`,
	"passwords from a store": `{domain: example.com, database: {host: db.example.com,
	  password: {externalSecret: {store: {name: vault}, key: chat, property: database}}},
    objectStorage: {endpoint: 'https://s3.example.com', bucket: b, accessKey: {externalSecret: {store: {name: vault},
      key: chat, property: key}}, accessSecret: {externalSecret: {store: {name: aws, kind: ClusterSecretStore},
      key: s3}}},
    settings: {FileSettings: {PublicLinkSalt: {externalSecret: {store: {name: vault}, key: chat, property: salt}}}}}`,
	"generated passwords": `{domain: example.com, database: {inCluster: {engine: statefulset, generatePassword: true}}, ` +
		`objectStorage: {inCluster: {engine: minio, generateKeys: true}}}`,
}

// All fields that the operator would set are already set to the same value, so that it never writes to the resource: it
// would own each field that it writes, and the next apply would conflict.
func TestOperatorWritesNothing(t *testing.T) {
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			object := mattermost(planOf(t, spec))[0]
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			var mattermost struct{ Spec map[string]any }
			if err := json.Unmarshal(data, &mattermost); err != nil {
				t.Fatal(err)
			}
			for _, field := range []string{"image", "version", "imagePullPolicy", "replicas", "ingress", "database", "fileStore",
				"scheduling", "updateJob"} {
				if mattermost.Spec[field] == nil {
					t.Errorf("spec.%s is missing", field)
				}
			}
			for _, field := range []string{"size", "elasticSearch", "ingressName", "jobServer", "useServiceLoadBalancer",
				"useIngressTLS"} {
				if _, ok := mattermost.Spec[field]; ok {
					t.Errorf("spec.%s is set", field)
				}
			}
			spec := object.(*mattermostv1beta1.Mattermost).Spec
			if spec.Image == "" || spec.Version == "" || spec.ImagePullPolicy == "" || spec.Replicas < 1 ||
				spec.Database.External.Secret == "" || !spec.Database.DisableReadinessCheck || !spec.UpdateJob.Disabled {
				t.Errorf("a field is empty: %+v", spec)
			}
			if (spec.FileStore.External == nil) == (spec.FileStore.ExternalVolume == nil) {
				t.Errorf("file store %+v, want exactly one of its fields", spec.FileStore)
			}
			for name, list := range map[string]corev1.ResourceList{"requests": spec.Scheduling.Resources.Requests,
				"limits": spec.Scheduling.Resources.Limits} {
				if len(list) < 2 {
					t.Errorf("%s: got %v, want CPU and memory", name, list)
				}
			}
			// The operator would write back a quantity that is not in the canonical form of the API server.
			for _, quantity := range []string{"1000m", "1024Mi", "0.5"} {
				if strings.Contains(manifest(t, object), quantity) {
					t.Errorf("%s is in\n%s", quantity, manifest(t, object))
				}
			}
			seen := map[string]bool{}
			for _, variable := range spec.MattermostEnv {
				if seen[variable.Name] || (variable.Value != "" && variable.ValueFrom != nil) {
					t.Errorf("variable %s is duplicate or has both value and valueFrom", variable.Name)
				}
				seen[variable.Name] = true
			}
		})
	}
}

// Each part of the resource that depends on a condition.
func TestMattermostParts(t *testing.T) {
	generate := func(t *testing.T, spec string) mattermostv1beta1.MattermostSpec {
		return mattermost(planOf(t, spec))[0].(*mattermostv1beta1.Mattermost).Spec
	}
	class := "nginx"
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, test := range []struct {
		name, spec string
		part       func(mattermostv1beta1.MattermostSpec) any
		want       any
	}{
		{
			"a digest is the version", "{domain: a.b, image: {digest: '" + digest + "'}}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.Version }, digest,
		},
		{
			"the container that waits for the database has the same image",
			"{domain: a.b, profile: community, image: {digest: '" + digest + "'}}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.PodExtensions.InitContainers[0].Image },
			"mattermost/mattermost-enterprise-edition@" + digest,
		},
		{
			"no pull secrets", "{domain: a.b, profile: community}",
			func(s mattermostv1beta1.MattermostSpec) any { return len(s.ImagePullSecrets) }, 0,
		},
		{
			"a disabled Ingress is emitted, since the operator treats an absent one as enabled",
			"{domain: a.b, route: {type: none}}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.Ingress }, mattermostv1beta1.Ingress{},
		},
		{
			"an Ingress", "{domain: a.b, route: {type: ingress, ingressClass: nginx, tlsSecret: tls, annotations: {x: y}}}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.Ingress },
			mattermostv1beta1.Ingress{Enabled: true, Host: "chat.a.b", IngressClass: &class, TLSSecret: "tls",
				Annotations: map[string]string{"x": "y"}},
		},
		{
			"with an Ingress, the operator's objects have the pods' labels, by which it looks up the Ingress",
			"{domain: a.b, route: {type: ingress, ingressClass: nginx}, pod: {labels: {team: x}}}",
			func(s mattermostv1beta1.MattermostSpec) any {
				return s.ResourceLabels["team"] + s.PodTemplate.ExtraLabels["team"]
			}, "xx",
		},
		{
			"without an Ingress, only the pods have them", "{domain: a.b, pod: {labels: {team: x}}}",
			func(s mattermostv1beta1.MattermostSpec) any {
				return s.ResourceLabels["team"] + s.PodTemplate.ExtraLabels["team"]
			}, "x",
		},
		{
			"files in S3", "{domain: a.b, objectStorage: {endpoint: 'http://s3:9000', bucket: b, existingSecret: x}}",
			func(s mattermostv1beta1.MattermostSpec) any { return *s.FileStore.External },
			mattermostv1beta1.ExternalFileStore{URL: "s3:9000", Bucket: "b", Secret: "x"},
		},
		{
			"files in S3 with a role", "{domain: a.b, objectStorage: {region: us-gov-west-1, bucket: b, roleARN: " +
				"'arn:aws-us-gov:iam::1:role/r'}}",
			func(s mattermostv1beta1.MattermostSpec) any { return *s.FileStore.External },
			mattermostv1beta1.ExternalFileStore{URL: "s3.us-gov-west-1.amazonaws.com", Bucket: "b", UseServiceAccount: true},
		},
		{
			"a license", "{domain: a.b, enterprise: {enabled: true, license: eyJ}}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.LicenseSecret }, "chat-license",
		},
		{
			"a database in an existing Secret", "{domain: a.b, database: {existingSecret: mine}}",
			func(s mattermostv1beta1.MattermostSpec) any {
				return s.Database.External.Secret + " " + s.PodExtensions.InitContainers[0].Env[0].ValueFrom.SecretKeyRef.Name
			}, "mine mine",
		},
		{
			"an older server waits with PostgreSQL's own tool", "{domain: a.b, version: 11.8.0}",
			func(s mattermostv1beta1.MattermostSpec) any { return s.PodExtensions.InitContainers[0].Command[0] }, "/bin/sh",
		},
		{
			"no checksum if the contents of the Secrets are unknown", "{domain: a.b, database: {existingSecret: mine}}",
			func(s mattermostv1beta1.MattermostSpec) any { return len(s.PodTemplate.ExtraAnnotations) }, 0,
		},
		{
			"additional containers, volumes and scheduling", "{domain: a.b, pod: {nodeSelector: {a: b}, tolerations: [{key: " +
				"k}], initContainers: [{name: i, image: i}], sidecars: [{name: s, image: s}], volumes: [{name: v, emptyDir: " +
				"{}}], volumeMounts: [{name: v, mountPath: /v}]}}",
			func(s mattermostv1beta1.MattermostSpec) any {
				return []any{s.Scheduling.NodeSelector["a"], s.Scheduling.Tolerations[0].Key,
					s.PodExtensions.InitContainers[1].Name, s.PodExtensions.SidecarContainers[0].Name, s.Volumes[0].Name,
					s.VolumeMounts[0].MountPath}
			}, []any{"b", "k", "i", "s", "v", "/v"},
		},
		{
			"variables and hooks are those of the server", "{domain: a.b, pod: {envFrom: [{secretRef: {name: s}}], lifecycle: " +
				"{preStop: {sleep: {seconds: 5}}}}}",
			func(s mattermostv1beta1.MattermostSpec) any {
				return strings.Contains(s.ResourcePatch.Deployment.Patch,
					`{"op":"add","path":"/spec/template/spec/containers/0/envFrom","value":[{"secretRef":{"name":"s"}}]}`) &&
					strings.Contains(s.ResourcePatch.Deployment.Patch,
						`{"op":"add","path":"/spec/template/spec/containers/0/lifecycle","value":{"preStop":{"sleep":{"seconds":5}}}}`)
			}, true,
		},
		{
			"a user's affinity", "{domain: a.b, pod: {affinity: {nodeAffinity: {}}}}",
			func(s mattermostv1beta1.MattermostSpec) any { return *s.Scheduling.Affinity },
			corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.part(generate(t, test.spec)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// CA certificates are added to the system's directory as single files, for the server and for the container that waits
// for the database, and are never mounted over the directory.
func TestCABundles(t *testing.T) {
	spec := mattermost(planOf(t, specs["external services"]))[0].(*mattermostv1beta1.Mattermost).Spec
	mounts := []corev1.VolumeMount{
		{Name: "database-ca", MountPath: "/etc/ssl/certs/chat-database-ca.pem", SubPath: "k", ReadOnly: true},
		{Name: "object-storage-ca", MountPath: "/etc/ssl/certs/chat-object-storage-ca.pem", SubPath: "ca.crt",
			ReadOnly: true},
		{Name: "sso-ca", MountPath: "/etc/ssl/certs/chat-sso-ca.pem", SubPath: "k", ReadOnly: true},
	}
	if !reflect.DeepEqual(spec.VolumeMounts, mounts) ||
		!reflect.DeepEqual(spec.PodExtensions.InitContainers[0].VolumeMounts, mounts) {
		t.Errorf("got mounts %+v, want %+v", spec.VolumeMounts, mounts)
	}
	volumes := []corev1.Volume{
		{Name: "database-ca", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "s"}}},
		{Name: "object-storage-ca", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "chat-object-storage-ca"}}}},
		{Name: "sso-ca", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "m"}}}},
	}
	if !reflect.DeepEqual(spec.Volumes, volumes) {
		t.Errorf("got volumes %+v, want %+v", spec.Volumes, volumes)
	}
}

// The operations on the operator's Deployment for which it has no field. Each of them can be applied.
func TestDeploymentPatch(t *testing.T) {
	const (
		startup  = "add /spec/template/spec/containers/0/startupProbe"
		spread   = "add /spec/template/spec/topologySpreadConstraints"
		recreate = "replace /spec/strategy"
		version  = "add /spec/template/metadata/labels/app.kubernetes.io~1version"
		scrape   = "add /spec/template/metadata/annotations/prometheus.io~1scrape"
	)
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{"fields of the pod", "{domain: a.b, objectStorage: {endpoint: 'https://s3.example.com', bucket: b, accessKey: a, " +
			"accessSecret: s}, availability: {enabled: true}, pod: {priorityClassName: high, runtimeClassName: gvisor, " +
			"terminationGracePeriodSeconds: 60, " +
			"hostAliases: [{ip: 10.0.0.1, hostnames: [a.example.com]}], dnsConfig: {nameservers: [10.0.0.2]}, " +
			"topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}], " +
			"envFrom: [{configMapRef: {name: c}}], lifecycle: {preStop: {sleep: {seconds: 5}}}}}",
			[]string{startup, spread, version, "add /spec/template/spec/priorityClassName",
				"add /spec/template/spec/runtimeClassName",
				"add /spec/template/spec/terminationGracePeriodSeconds", "add /spec/template/spec/hostAliases",
				"add /spec/template/spec/dnsConfig", "add /spec/template/spec/containers/0/envFrom",
				"add /spec/template/spec/containers/0/lifecycle"}},
		{"one server on a volume, which two pods on two nodes could not mount", "{domain: a.b}", []string{startup, recreate, version}},
		{"one server with S3", "{domain: a.b, objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: x}}",
			[]string{startup, version}},
		{"two servers", "{domain: a.b, replicas: 2, enterprise: {enabled: true, license: x}, objectStorage: {endpoint: " +
			"'https://s3', bucket: b, existingSecret: x}}", []string{startup, spread, version, scrape}},
		{"two servers, not spread", "{domain: a.b, replicas: 2, availability: {enabled: false}, enterprise: {enabled: " +
			"true, license: x}, objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: x}}",
			[]string{startup, version, scrape}},
		{"another profile", "{domain: a.b, profile: community, route: {gateways: [g/h]}}", []string{startup, recreate}},
		{"a version of the user's", "{domain: a.b, pod: {labels: {app.kubernetes.io/version: '1'}}}",
			[]string{startup, recreate}},
	} {
		t.Run(test.name, func(t *testing.T) {
			patch := deploymentPatch(planOf(t, test.spec)).Deployment.Patch
			var operations []struct {
				Op, Path string
				Value    json.RawMessage
			}
			if err := json.Unmarshal([]byte(patch), &operations); err != nil {
				t.Fatalf("%v in\n%s", err, patch)
			}
			var got []string
			for _, o := range operations {
				got = append(got, o.Op+" "+o.Path)
				switch o.Op + " " + o.Path {
				case startup:
					var probe corev1.Probe
					if err := json.Unmarshal(o.Value, &probe); err != nil || probe.FailureThreshold*probe.PeriodSeconds < 600 {
						t.Errorf("got %d seconds for a migration, want 600 or more: %v", probe.FailureThreshold*probe.PeriodSeconds, err)
					}
				case spread:
					var constraints []corev1.TopologySpreadConstraint
					if err := json.Unmarshal(o.Value, &constraints); err != nil ||
						constraints[0].TopologyKey != "topology.kubernetes.io/zone" ||
						constraints[0].WhenUnsatisfiable != corev1.ScheduleAnyway ||
						!reflect.DeepEqual(constraints[0].LabelSelector.MatchLabels,
							map[string]string{"app": "mattermost", "app.kubernetes.io/instance": "chat"}) {
						t.Errorf("got constraints %+v, %v", constraints, err)
					}
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got operations %q, want %q", got, test.want)
			}
			if strings.Contains(patch, "null") {
				t.Errorf("the patch contains a null: %s", patch)
			}
		})
	}
}
