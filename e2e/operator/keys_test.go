// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// TestKeysOfTheObjectStorage renders keys that are in Secrets of the user's under other names than the operator's. The
// operator finds both of its keys in the Secret that is emitted, and the server reads the user's.
func TestKeysOfTheObjectStorage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mattermost.yaml")
	if err := os.WriteFile(file, []byte(`apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: chat, namespace: team}
spec:
  domain: example.com
  objectStorage:
    endpoint: https://s3.example.com
    bucket: chat
    accessKey: {secretKeyRef: {name: bucket, key: AWS_ACCESS_KEY_ID}}
    accessSecret: {secretKeyRef: {name: vault, key: secret}}
`), 0o644); err != nil {
		t.Fatal(err)
	}
	run := harness.Command{}.Run(t, harness.MattermostFn(t), "render", file).MustSucceed(t)
	objects, err := conventions.Objects(run.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]map[string][]byte{}
	for _, object := range objects {
		if object.GetKind() != "Secret" {
			continue
		}
		data, _ := object.Object["stringData"].(map[string]any)
		if data == nil {
			data, _ = object.Object["data"].(map[string]any)
		}
		secrets[object.GetName()] = map[string][]byte{}
		for key, value := range data {
			secrets[object.GetName()][key] = []byte(value.(string))
		}
	}
	found := false
	for _, object := range objects {
		if object.GetKind() != "Mattermost" {
			continue
		}
		found = true
		installation, err := Read(object)
		if err != nil {
			t.Fatal(err)
		}
		deployment, err := installation.Deployment(func(name string) (map[string][]byte, bool) {
			return secrets[name], secrets[name] != nil // those that are not there yet may come
		})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]*corev1.SecretKeySelector{}
		for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
			if variable.ValueFrom != nil {
				got[variable.Name] = variable.ValueFrom.SecretKeyRef
			}
		}
		for name, want := range map[string][2]string{
			"MM_FILESETTINGS_AMAZONS3ACCESSKEYID":     {"bucket", "AWS_ACCESS_KEY_ID"},
			"MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": {"vault", "secret"},
		} {
			if ref := got[name]; ref == nil || ref.Name != want[0] || ref.Key != want[1] {
				t.Errorf("%s is read from %v, want %v", name, ref, want)
			}
		}
		delete(secrets["chat-object-storage"], "secretkey")
		if _, err := installation.Deployment(func(name string) (map[string][]byte, bool) {
			return secrets[name], secrets[name] != nil
		}); err == nil {
			t.Error("the operator does not miss the key, so this shows nothing")
		}
	}
	if !found {
		t.Fatalf("no Mattermost in\n%s", run.Stdout)
	}
}
