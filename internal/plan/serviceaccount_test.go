// SPDX-License-Identifier: Apache-2.0

package plan

import "testing"

// A ServiceAccount of the user's must have the annotation that the operator requires for an S3 service, and the role
// that the configuration names.
func TestExistingServiceAccount(t *testing.T) {
	const (
		s3      = "{region: us-east-1, bucket: b, credentials: podIdentity}"
		role    = "{region: us-east-1, bucket: b, roleARN: 'arn:aws:iam::123456789012:role/a'}"
		account = "foreign ServiceAccount chat"
	)
	annotated := func(value string) stream {
		return stream{account: "metadata: {annotations: {eks.amazonaws.com/role-arn: '" + value + "'}}"}
	}
	for name, test := range map[string]struct {
		storage  string
		around   stream
		unseen   bool
		messages string
	}{
		"not seen":              {s3, nil, true, ""},
		"for files on a volume": {"{}", stream{account: "metadata: {}"}, false, ""},
		"without a role":        {s3, annotated(""), false, ""},
		"with the role":         {role, annotated("arn:aws:iam::123456789012:role/a"), false, ""},
		"without the annotation": {s3, stream{account: "metadata: {}"}, false, "error: spec.serviceAccount.create: " +
			"ServiceAccount chat, which is among the resources, has no annotation eks.amazonaws.com/role-arn, which the " +
			`operator requires; add it, with the value "" if the pods need no role`},
		"with another role": {role, annotated("arn:aws:iam::123456789012:role/b"), false, "error: " +
			"spec.objectStorage.roleARN: ServiceAccount chat, which is among the resources, has another value in the " +
			"annotation eks.amazonaws.com/role-arn, which decides; correct one of the two"},
	} {
		t.Run(name, func(t *testing.T) {
			p, messages := resolve(t, "  domain: a.b\n  serviceAccount: {create: false}\n  objectStorage: "+test.storage+"\n",
				test.around)
			if messages != test.messages {
				t.Errorf("messages\n%s\nwant\n%s", messages, test.messages)
			}
			if a := p.ServiceAccount; !a.Exists || a.Emitted || a.OfOperator() || a.Unseen != test.unseen {
				t.Errorf("ServiceAccount %+v", a)
			}
		})
	}
}
