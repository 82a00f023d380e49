// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"reflect"
	"strings"
	"testing"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// A ServiceAccount is emitted only for a role or annotations; otherwise the operator creates its own.
func TestServiceAccount(t *testing.T) {
	wantManifests(t, serviceAccount(planOf(t, "{domain: a.b, objectStorage: {region: us-gov-west-1, bucket: b, roleARN: "+
		"'arn:aws-us-gov:iam::1:role/r'}}")),
		`apiVersion: v1
kind: ServiceAccount
metadata:
  name: chat
  namespace: teams
  labels:
    app.kubernetes.io/component: server
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
    app.kubernetes.io/version: 11.10.0
  annotations:
    eks.amazonaws.com/role-arn: arn:aws-us-gov:iam::1:role/r
    mattermost.bigbang.dev/owner: teams/chat
`)
	for _, spec := range []string{
		"{domain: a.b}",
		"{domain: a.b, serviceAccount: {create: false, automountToken: false}}",
		"{domain: a.b, objectStorage: {region: us-gov-west-1, bucket: b, credentials: podIdentity}}",
		"{domain: a.b, objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: x}}",
		"{domain: a.b, objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: secret12}}}",
	} {
		wantManifests(t, serviceAccount(planOf(t, spec)), "")
	}
}

// The operator leaves a ServiceAccount alone whose annotations are the configuration's, wherever files are stored, and
// then the server's variables have the keys that it would read.
func TestAnnotationsOfTheServiceAccount(t *testing.T) {
	const account = "serviceAccount: {annotations: {iam.example.com/account: chat, mattermost.bigbang.dev/owner: x}}"
	external := mattermostv1beta1.ExternalFileStore{URL: "s3", Bucket: "b", UseServiceAccount: true}
	for name, test := range map[string]struct {
		storage string
		store   mattermostv1beta1.FileStore
		role    bool
		keys    string
	}{
		"a volume": {"{}", mattermostv1beta1.FileStore{
			External:       &mattermostv1beta1.ExternalFileStore{UseServiceAccount: true},
			ExternalVolume: &mattermostv1beta1.ExternalVolume{VolumeClaimName: "chat-files"},
		}, false, ""},
		"a Secret with keys": {"{endpoint: 'https://s3', bucket: b, existingSecret: mine}",
			mattermostv1beta1.FileStore{External: &external}, true, "mine/accesskey mine/secretkey"},
		"keys": {"{endpoint: 'https://s3', bucket: b, accessKey: {secretKeyRef: {name: id, key: k}}, accessSecret: s}",
			mattermostv1beta1.FileStore{External: &external}, true, "id/k chat-object-storage/secretkey"},
		"no keys": {"{endpoint: 'https://s3', bucket: b, credentials: nodeRole}",
			mattermostv1beta1.FileStore{External: &external}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, "{domain: a.b, "+account+", objectStorage: "+test.storage+"}")
			annotations := serviceAccount(p)[0].GetAnnotations()
			_, role := annotations[plan.RoleAnnotation] // the operator requires it, with whatever value
			if role != test.role || annotations["iam.example.com/account"] != "chat" ||
				annotations[ownership.AnnotationOwner] != p.Owner() {
				t.Errorf("annotations %v", annotations)
			}
			spec := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec
			if !reflect.DeepEqual(spec.FileStore, test.store) {
				t.Errorf("file store %+v, want %+v", spec.FileStore, test.store)
			}
			var keys []string
			for _, variable := range spec.MattermostEnv {
				if variable.Name == "MM_FILESETTINGS_AMAZONS3ACCESSKEYID" ||
					variable.Name == "MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY" {
					ref := variable.ValueFrom.SecretKeyRef
					keys = append(keys, ref.Name+"/"+ref.Key)
				}
			}
			if got := strings.Join(keys, " "); got != test.keys {
				t.Errorf("keys %q, want %q", got, test.keys)
			}
		})
	}
}

// The pods' own field decides, no matter who manages the ServiceAccount.
func TestAutomountToken(t *testing.T) {
	for _, value := range []string{"true", "false"} {
		p := planOf(t, "{domain: a.b, serviceAccount: {automountToken: "+value+"}}")
		patch := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec.ResourcePatch.Deployment.Patch
		want := `{"op":"add","path":"/spec/template/spec/automountServiceAccountToken","value":` + value + "}"
		if !strings.Contains(patch, want) || !p.ServiceAccount.OfOperator() {
			t.Errorf("%s: patch\n%s", value, patch)
		}
	}
}
