// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const mattermost = `
apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata: {name: chat, namespace: team}
spec:
  image: example.com/mattermost
  version: 11.10.0
  ingress: {enabled: false}
  database: {external: {secret: chat-database}, disableReadinessCheck: true}
  fileStore: {externalVolume: {volumeClaimName: chat-files}}
  mattermostEnv:
  - {name: MM_CLUSTERSETTINGS_ENABLE, value: "false"}
  - {name: MM_TEAMSETTINGS_SITENAME, value: Chat}
  resourceLabels: {app: mine, team: red}
  resourcePatch: {deployment: {patch: '[{"op":"replace","path":"/spec/strategy","value":{"type":"Recreate"}}]'}}
  updateJob: {disabled: true}
`

// deploy makes the Deployment of a resource in whose namespace there is one Secret.
func deploy(t *testing.T, text string, secret map[string][]byte) (*appsv1.Deployment, error) {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	installation, err := Read(object)
	if err != nil {
		return nil, err
	}
	return installation.Deployment(func(name string) (map[string][]byte, bool) { return secret, name == "chat-database" })
}

func TestDeployment(t *testing.T) {
	deployment, err := deploy(t, mattermost, map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://"),
		"MM_SQLSETTINGS_DATASOURCE": []byte("postgres://")})
	if err != nil {
		t.Fatal(err)
	}
	if deployment.Spec.Strategy.Type != "Recreate" || deployment.Spec.Strategy.RollingUpdate != nil {
		t.Errorf("the patch was not applied: %v", deployment.Spec.Strategy)
	}
	labels := deployment.Spec.Template.Labels
	if labels["app"] != "mattermost" || labels["team"] != "red" ||
		labels["installation.mattermost.com/installation"] != "chat" {
		t.Errorf("labels of the pods: %v", labels)
	}
	server := deployment.Spec.Template.Spec.Containers[0]
	if server.Image != "example.com/mattermost:11.10.0" || server.LivenessProbe.HTTPGet.Path != "/api/v4/system/ping" {
		t.Errorf("the server: %v", server)
	}
	var env []string
	for _, variable := range server.Env {
		value := variable.Value
		if variable.ValueFrom != nil {
			value = variable.ValueFrom.SecretKeyRef.Name + "." + variable.ValueFrom.SecretKeyRef.Key
		}
		env = append(env, variable.Name+"="+value)
	}
	want := []string{
		"MM_CONFIG=chat-database.DB_CONNECTION_STRING",
		"MM_SQLSETTINGS_DATASOURCE=chat-database.MM_SQLSETTINGS_DATASOURCE",
		"MM_FILESETTINGS_DRIVERNAME=local",
		"MM_FILESETTINGS_DIRECTORY=/mattermost/data",
		"MM_PLUGINSETTINGS_ENABLEUPLOADS=true",
		"MM_METRICSSETTINGS_ENABLE=true",
		"MM_METRICSSETTINGS_LISTENADDRESS=:8067",
		"MM_CLUSTERSETTINGS_ENABLE=false",
		"MM_CLUSTERSETTINGS_CLUSTERNAME=production",
		"MM_INSTALL_TYPE=kubernetes-operator",
		"MM_FILESETTINGS_MAXFILESIZE=1048576000",
		"MM_TEAMSETTINGS_SITENAME=Chat",
	}
	if got := strings.Join(env, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the environment is\n%s", got)
	}
}

// What the operator refuses, drops or fails at is an error, and so is what the model does not know.
func TestRefused(t *testing.T) {
	patch := func(patch string) [2]string {
		return [2]string{`[{"op":"replace","path":"/spec/strategy","value":{"type":"Recreate"}}]`, patch}
	}
	s3 := func(external string) [2]string {
		return [2]string{"fileStore: {externalVolume: {volumeClaimName: chat-files}}",
			"fileStore: {external: {" + external + "}}"}
	}
	more := func(fields string) [2]string { return [2]string{"  ingress:", fields + "\n  ingress:"} }
	cases := map[string]struct {
		replace [2]string
		want    string
	}{
		"unknown field": {more("  awsLoadBalancerController: {enabled: true}"),
			`unknown field "awsLoadBalancerController"`},
		"no ingress":             {[2]string{"  ingress: {enabled: false}\n", ""}, "spec.ingress"},
		"ingress without a host": {[2]string{"{enabled: false}", "{enabled: true}"}, "spec.ingress"},
		"empty body size": {[2]string{"{enabled: false}",
			`{enabled: false, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: ""}}`}, "the operator panics"},
		"no database": {[2]string{"external: {secret: chat-database}, ", ""},
			"spec.database.external.secret"},
		"readiness check": {[2]string{", disableReadinessCheck: true", ""},
			"spec.database.disableReadinessCheck"},
		"no file store": {[2]string{"fileStore: {externalVolume: {volumeClaimName: chat-files}}",
			"fileStore: {}"}, "spec.fileStore: "},
		"file store without a bucket": {s3("url: s3.example.com, secret: s3"), "spec.fileStore.external.bucket"},
		"file store without a Secret": {s3("url: s3.example.com, bucket: chat"), "spec.fileStore.external.secret"},
		"volume of the host": {more("  volumes: [{name: host, hostPath: {path: /}}]"),
			`spec.volumes[0]: the operator refuses the source of volume "host"`},
		"update job": {[2]string{"updateJob: {disabled: true}", "updateJob: {}"}, "spec.updateJob"},
		"field of a newer Kubernetes": {more("  volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b, " +
			"bindMountOptions: [nosuid]}]"), "spec.volumeMounts[1].bindMountOptions: the operator drops it"},
		"invalid patch": {patch("strategy: {}"), "spec.resourcePatch.deployment.patch"},
		"patch of a path that does not exist": {patch(`[{"op":"replace","path":"/spec/stratgy","value":{}}]`),
			"/spec/stratgy"},
		"patch that adds an unknown field": {patch(`[{"op":"add","path":"/spec/stratgy","value":{}}]`),
			`unknown field "stratgy"`},
		"patch of the volumes": {patch(`[{"op":"add","path":"/spec/template/spec/volumes/-","value":{}}]`),
			"the operator refuses a patch of"},
		"patch of a capability": {
			patch(`[{"op":"add","path":"/spec/template/spec/containers/0/securityContext/capabilities/add","value":["ALL"]}]`),
			"the operator refuses a patch of"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := deploy(t, with(t, test.replace), map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://")})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func with(t *testing.T, replace [2]string) string {
	t.Helper()
	text := strings.Replace(mattermost, replace[0], replace[1], 1)
	if text == mattermost {
		t.Fatalf("%q not found", replace[0])
	}
	return text
}

// The operator compares whole names of paths, and refuses the capabilities of a container, not a label of that name.
func TestPatchOfSimilarPaths(t *testing.T) {
	text := with(t, [2]string{`[{"op":"replace","path":"/spec/strategy","value":{"type":"Recreate"}}]`,
		`[{"op":"add","path":"/spec/template/metadata/labels/capabilities","value":"none"},` +
			`{"op":"add","path":"/spec/template/spec/hostAliases","value":[]}]`})
	deployment, err := deploy(t, text, map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://")})
	if err != nil {
		t.Fatal(err)
	}
	if deployment.Spec.Template.Labels["capabilities"] != "none" {
		t.Errorf("labels of the pods: %v", deployment.Spec.Template.Labels)
	}
}

// Only with resource labels the Deployment gets the extra labels of its pods.
func TestExtraLabels(t *testing.T) {
	for labels, want := range map[string]string{"resourceLabels: {app: mine, team: red}": "blue", "": ""} {
		text := strings.Replace(with(t, [2]string{"updateJob:", "podTemplate: {extraLabels: {team: blue}}\n  updateJob:"}),
			"resourceLabels: {app: mine, team: red}", labels, 1)
		deployment, err := deploy(t, text, map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://")})
		if err != nil {
			t.Fatal(err)
		}
		if deployment.Labels["team"] != want || deployment.Spec.Template.Labels["team"] != "blue" {
			t.Errorf("%q: team %q, of the pods %q", labels, deployment.Labels["team"], deployment.Spec.Template.Labels["team"])
		}
	}
}

func TestMaxFileSize(t *testing.T) {
	for limit, want := range map[string]int{"100m": 104857600, "2G": 2097152000, "1.5g": 0, "0": 1048576000,
		"100k": 1048576000} {
		s := spec{Ingress: &ingress{Annotations: map[string]string{bodySizeAnnotation: limit}}}
		if got := s.maxFileSize(); got != want {
			t.Errorf("%s: got %d, want %d", limit, got, want)
		}
		s.UseServiceLoadBalancer = true
		if got := s.maxFileSize(); got != 1048576000 {
			t.Errorf("%s behind a load balancer: got %d", limit, got)
		}
	}
}

func TestSize(t *testing.T) {
	for size, want := range map[string]int32{"100users": 1, "25000users": 2, "users": 3} {
		object := &unstructured.Unstructured{}
		text := with(t, [2]string{"version: 11.10.0", "version: 11.10.0\n  replicas: 3\n  size: " + size})
		if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
			t.Fatal(err)
		}
		installation, err := Read(object)
		if err != nil {
			t.Fatal(err)
		}
		if got := *installation.spec.Replicas; got != want {
			t.Errorf("%s: %d replicas, want %d", size, got, want)
		}
		if _, err := installation.WriteBack(); err == nil || !strings.Contains(err.Error(), "spec.size") {
			t.Errorf("%s: got %v, want an error about spec.size", size, err)
		}
	}
}

func TestSecretWithoutItsKey(t *testing.T) {
	for want, data := range map[string]map[string][]byte{
		"Secret chat-database has no DB_CONNECTION_STRING": {"MM_SQLSETTINGS_DATASOURCE": []byte("postgres://")},
		"Secret chat-database: the operator refuses its DB_CONNECTION_CHECK_URL": {
			"DB_CONNECTION_STRING": []byte("postgres://db/chat"), "DB_CONNECTION_CHECK_URL": []byte("postgresql://db/chat"),
		},
	} {
		if _, err := deploy(t, mattermost, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
