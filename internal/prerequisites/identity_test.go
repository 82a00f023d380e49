// SPDX-License-Identifier: Apache-2.0

package prerequisites_test

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/prerequisites"
)

// What files, identities and the mesh need outside the cluster is in the list, and only then.
func TestOutsideTheCluster(t *testing.T) {
	const community = "  profile: community\n  route: {type: none}\n"
	const s3 = "  objectStorage: {endpoint: 'https://s3.us-east-1.amazonaws.com', region: us-east-1, bucket: files, "
	const azure = "  version: 11.10.0\n  objectStorage: {azure: {account: files, container: chat"
	const identity = "  serviceAccount: {annotations: {azure.workload.identity/client-id: a-b-c}}\n"
	const outside = "  service: {type: LoadBalancer}\n"
	for _, test := range []struct {
		spec, id string
		want     string // empty for no such line
	}{
		{community, "bucket", ""},
		{community + s3 + "existingSecret: keys}\n", "bucket", "the bucket files must exist at s3.us-east-1.amazonaws.com"},
		{community + "  objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: secret12}}\n", "bucket", ""},
		{community + azure + ", accessKey: a2V5}}\n", "container", "the container chat must exist at files.blob"},
		{community + azure + ", accessKey: a2V5}}\n", "bucket", ""},
		{community + s3 + "roleARN: 'arn:aws:iam::1:role/chat'}\n", "role/chat", "the IAM role arn:aws:iam::1:role/chat " +
			"must trust system:serviceaccount:teams:chat of the cluster's OIDC provider, and allow s3:ListBucket on the " +
			"bucket files"},
		{community + s3 + "existingSecret: keys}\n", "role/chat", ""},
		{community + identity + azure + "}}\n", "azure-federated-credential", "the identity a-b-c must have a federated"},
		{community + identity + azure + "}}\n", "azure-webhook", "the webhook of Microsoft Entra Workload ID must run"},
		{community + identity + azure + "}}\n", "azure-role", "the identity a-b-c must have the role Storage Blob Data"},
		{community + identity + azure + ", accessKey: a2V5}}\n", "azure-role", ""},
		{community + identity, "identity/azure.workload.identity/client-id", ""},
		{community + "  serviceAccount: {annotations: {a.b/c: d}}\n", "identity/a.b/c", "if a.b/c: d is an identity"},
		{"  route: {type: none}\n" + outside, "mesh-clients", "if the pods are in the mesh, let clients without mutual TLS"},
		{"  route: {type: none}\n  istio: {injection: true}\n" + outside, "mesh-clients", "if the pods are in the mesh"},
		{"  route: {type: none}\n  istio: {mtls: PERMISSIVE}\n" + outside, "mesh-clients", ""},
		{"  route: {type: none}\n  istio: {injection: false}\n" + outside, "mesh-clients", ""},
		{"  route: {type: none}\n", "mesh-clients", ""},
		{community + outside, "mesh-clients", ""},
		{community + "  database: {host: db.example.com, password: p, username: {secretKeyRef: {name: pg, key: user}}}\n",
			"database-grants", "ROLE is the user in the key user of Secret pg"},
	} {
		list := all(t, test.spec)
		at := slices.IndexFunc(list, func(p prerequisites.Prerequisite) bool { return p.ID == test.id })
		switch {
		case test.want == "" && at >= 0:
			t.Errorf("for\n%sgot %s", test.spec, list[at].Message)
		case test.want != "" && (at < 0 || !strings.Contains(list[at].Message, test.want)):
			t.Errorf("for\n%sno line %s with %q in %v", test.spec, test.id, test.want, list)
		}
	}
}

// The command for the bucket asks the service that the servers use.
func TestBucketCommand(t *testing.T) {
	for storage, want := range map[string]string{
		"{endpoint: 'https://s3.example.mil', region: garage, bucket: files, existingSecret: keys}": "aws s3api head-bucket " +
			"--bucket files --endpoint-url https://s3.example.mil",
		"{region: us-east-1, bucket: files, existingSecret: keys}": "aws s3api head-bucket --bucket files " +
			"--endpoint-url https://s3.us-east-1.amazonaws.com",
	} {
		list := all(t, "  profile: community\n  route: {type: none}\n  objectStorage: "+storage+"\n")
		if !slices.ContainsFunc(list, func(p prerequisites.Prerequisite) bool {
			return p.ID == "bucket" && p.Command == want
		}) {
			t.Errorf("%s: no command %q in %+v", storage, want, list)
		}
	}
}
