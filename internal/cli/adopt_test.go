// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
)

// managedResource is a running installation that Helm wrote.
const managedResource = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: chat
  namespace: teams
  managedFields:
  - manager: helm
    operation: Update
    fieldsType: FieldsV1
    fieldsV1: {f:spec: {f:size: {}, f:replicas: {}}}
  - manager: mattermost-operator
    operation: Update
    subresource: status
    fieldsV1: {f:status: {}}
spec: {size: 1000users, replicas: 2}
`

// The commands for the fields of Helm are printed; of a list as well. Errors say how to get the managed fields.
func TestAdopt(t *testing.T) {
	lay(t, map[string]string{
		"live.yaml":   managedResource,
		"config.yaml": config,
		"bad.yaml":    config + "  databse: {}\n",
		"list.yaml": "apiVersion: v1\nkind: List\nitems:\n- " +
			strings.TrimSpace(strings.ReplaceAll(managedResource, "\n", "\n  ")) + "\n",
		"hidden.yaml": cleanResource,
	})
	const rename = `kubectl patch Mattermost.v1beta1.installation.mattermost.com/chat -n teams --type=json ` +
		`-p '[{"op":"test","path":"/metadata/managedFields/0/manager","value":"helm"},`
	for _, test := range []struct {
		args   string
		exit   int
		out    string
		errors string
	}{
		{"adopt live.yaml", 0, rename, ""},
		{"adopt live.yaml config.yaml", 0, rename, ""},
		{"adopt list.yaml", 0, rename, ""},
		{"adopt hidden.yaml", 1, "", "error: Mattermost has no metadata.managedFields, which kubectl hides: "},
		{"adopt config.yaml", 1, "", "error: the files contain no running object: kubectl get mattermost NAME "},
		{"adopt live.yaml bad.yaml", 1, "", "bad.yaml"},
		{"adopt", 2, "", "error: a file or directory is required; - is standard input\n"},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := run("", strings.Fields(test.args)...)
			if r.exit != test.exit || !strings.Contains(r.out, test.out) || !strings.HasPrefix(r.errors, test.errors) ||
				(r.exit != 0) != (r.out == "") {
				t.Errorf("exit code %d, want %d; wrote %q and %q", r.exit, test.exit, r.out, r.errors)
			}
		})
	}
}
