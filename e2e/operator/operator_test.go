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
	deployment, err := deploy(t, mattermost, map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://"), "MM_SQLSETTINGS_DATASOURCE": []byte("postgres://")})
	if err != nil {
		t.Fatal(err)
	}
	if deployment.Spec.Strategy.Type != "Recreate" || deployment.Spec.Strategy.RollingUpdate != nil {
		t.Errorf("the patch was not applied: %v", deployment.Spec.Strategy)
	}
	labels := deployment.Spec.Template.Labels
	if labels["app"] != "mattermost" || labels["team"] != "red" || labels["installation.mattermost.com/installation"] != "chat" {
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

func TestWhatTheOperatorStumblesOver(t *testing.T) {
	patch := func(patch string) [2]string {
		return [2]string{`[{"op":"replace","path":"/spec/strategy","value":{"type":"Recreate"}}]`, patch}
	}
	cases := map[string]struct {
		replace [2]string
		want    string
	}{
		"a field that is not known here":    {[2]string{"version: 11.10.0", "size: 1000users"}, `unknown field "size"`},
		"no ingress":                        {[2]string{"  ingress: {enabled: false}\n", ""}, "spec.ingress"},
		"an ingress without a host":         {[2]string{"{enabled: false}", "{enabled: true}"}, "spec.ingress"},
		"no database":                       {[2]string{"external: {secret: chat-database}, ", ""}, "spec.database.external.secret"},
		"a readiness check":                 {[2]string{", disableReadinessCheck: true", ""}, "spec.database.disableReadinessCheck"},
		"no file store":                     {[2]string{"fileStore: {externalVolume: {volumeClaimName: chat-files}}", "fileStore: {}"}, "spec.fileStore"},
		"an update job":                     {[2]string{"updateJob: {disabled: true}", "updateJob: {}"}, "spec.updateJob"},
		"a patch that is none":              {patch("strategy: {}"), "spec.resourcePatch.deployment.patch"},
		"a patch for what is not there":     {patch(`[{"op":"replace","path":"/spec/stratgy","value":{}}]`), "/spec/stratgy"},
		"a patch that adds what is dropped": {patch(`[{"op":"add","path":"/spec/stratgy","value":{}}]`), `unknown field "stratgy"`},
		"a patch of what none may touch":    {patch(`[{"op":"add","path":"/spec/template/spec/volumes/-","value":{}}]`), "lets no patch touch"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(mattermost, test.replace[0], test.replace[1], 1)
			if text == mattermost {
				t.Fatalf("%q is not there", test.replace[0])
			}
			_, err := deploy(t, text, map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://")})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestSecretWithoutItsKey(t *testing.T) {
	_, err := deploy(t, mattermost, map[string][]byte{"MM_SQLSETTINGS_DATASOURCE": []byte("postgres://")})
	if err == nil || !strings.Contains(err.Error(), "Secret chat-database has no DB_CONNECTION_STRING") {
		t.Errorf("got %v", err)
	}
}
