// SPDX-License-Identifier: Apache-2.0

package adoption_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/managedfields/managedfieldstest"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/adoption"
)

// helms is what a chart renders; it has fields that the configuration does not set.
const helms = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: mattermost
  namespace: mattermost
  labels: {helm.sh/chart: mattermost-11.5.1}
spec:
  size: 1000users
  replicas: 2
  elasticSearch: {host: "https://search", password: secret}
  ingress: {enabled: false, host: ingress.host, tlsSecret: ingress.tlsSecret}
  fileStore: {external: {url: minio, bucket: mattermost, secret: minio-access}}
  podTemplate: {extraLabels: {app.kubernetes.io/managed-by: Helm}}
`

// ours is what mattermost-fn renders.
const ours = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: mattermost
  namespace: mattermost
spec:
  replicas: 1
  ingress: {enabled: false}
  fileStore: {externalVolume: {volumeClaimName: mattermost-files}}
`

var kind = schema.GroupVersionKind{Group: "installation.mattermost.com", Version: "v1beta1", Kind: "Mattermost"}

func parse(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := node.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(inJSON); err != nil {
		t.Fatal(err)
	}
	return object
}

// cluster is the API server's own field manager with one object.
type cluster struct {
	managedfieldstest.TestFieldManager
	t *testing.T
}

func newCluster(t *testing.T) cluster {
	return cluster{managedfieldstest.NewTestFieldManager(managedfields.NewDeducedTypeConverter(), kind), t}
}

func (c cluster) write(manager, operation, text string) {
	c.t.Helper()
	var err error
	if operation == "Update" {
		err = c.Update(parse(c.t, text), manager)
	} else {
		err = c.Apply(parse(c.t, text), manager, true)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// live returns the object as kubectl shows it.
func (c cluster) live() adoption.Object {
	c.t.Helper()
	text, err := json.Marshal(c.Live())
	if err != nil {
		c.t.Fatal(err)
	}
	object := adoption.Object{}
	if err := json.Unmarshal(text, &object); err != nil {
		c.t.Fatal(err)
	}
	return object
}

var (
	patches  = regexp.MustCompile(`--type=json -p '(.*)'\n`)
	releases = regexp.MustCompile(`echo '(.*)' \| kubectl apply --server-side --field-manager='(.*)' -f -\n`)
)

// run does what the commands say, in their order.
func (c cluster) run(script string) {
	c.t.Helper()
	before, after, ok := strings.Cut(script, "kubectl apply --server-side --force-conflicts -f rendered.yaml\n")
	if !ok {
		c.t.Fatal(script)
	}
	c.patch(before)
	c.write("kubectl", "Apply", ours)
	for _, found := range releases.FindAllStringSubmatch(after, -1) {
		c.write(found[2], "Apply", found[1])
	}
	c.patch(after)
}

func (c cluster) patch(script string) {
	c.t.Helper()
	for _, found := range patches.FindAllStringSubmatch(script, -1) {
		var operations []struct {
			Op, Path string
			Value    any
		}
		if err := json.Unmarshal([]byte(found[1]), &operations); err != nil {
			c.t.Fatal(err)
		}
		object := c.live()
		for _, operation := range operations {
			path := strings.Split(operation.Path, "/")[1:]
			var at any = map[string]any(object)
			for _, part := range path[:len(path)-1] {
				if list, ok := at.([]any); ok {
					i, err := strconv.Atoi(part)
					if err != nil {
						c.t.Fatal(operation.Path)
					}
					at = list[i]
					continue
				}
				at = at.(map[string]any)[part]
			}
			mapping, last := at.(map[string]any), path[len(path)-1]
			switch operation.Op {
			case "test":
				if mapping[last] != operation.Value {
					c.t.Fatalf("%s is %v, want %v", operation.Path, mapping[last], operation.Value)
				}
			case "replace":
				mapping[last] = operation.Value
			case "remove":
				delete(mapping, last)
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			c.t.Fatal(err)
		}
		patched := &unstructured.Unstructured{}
		if err := patched.UnmarshalJSON(text); err != nil {
			c.t.Fatal(err)
		}
		if err := c.Update(patched, "kubectl-patch"); err != nil {
			c.t.Fatal(err)
		}
	}
}

// After the commands, run by the API server's own code, the object has exactly our fields, regardless of who wrote it
// before.
func TestNothingIsLeft(t *testing.T) {
	for _, test := range []struct {
		name    string
		writers [][2]string
	}{
		{"Helm 3", [][2]string{{"helm", "Update"}}},
		{"Flux with Helm 3", [][2]string{{"helm-controller", "Update"}}},
		{"Helm 4", [][2]string{{"helm-controller", "Apply"}}},
		{"Helm 3, then Helm 4", [][2]string{{"helm", "Update"}, {"helm", "Apply"}}},
		{"Flux", [][2]string{{"kustomize-controller", "Apply"}}},
		{"Helm 3, then by hand", [][2]string{{"helm", "Update"}, {"kubectl-edit", "Update"}}},
		{"kubectl and Helm", [][2]string{{"kubectl", "Apply"}, {"helm", "Update"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCluster(t)
			for i, writer := range test.writers {
				text := helms
				if i > 0 && writer[1] == "Update" {
					text = strings.Replace(helms, "1000users", "5000users", 1)
				}
				c.write(writer[0], writer[1], text)
			}
			want := adoption.Object(parse(t, ours).Object)
			script, err := adoption.Commands([]adoption.Object{c.live()},
				func(adoption.Object) adoption.Object { return want })
			if err != nil {
				t.Fatal(err)
			}
			c.run(script)
			spec, err := json.Marshal(c.live()["spec"])
			if err != nil {
				t.Fatal(err)
			}
			const wantSpec = `{"fileStore":{"externalVolume":{"volumeClaimName":"mattermost-files"}},` +
				`"ingress":{"enabled":false},"replicas":1}`
			if string(spec) != wantSpec {
				t.Errorf("got  %s\nwant %s\n%s", spec, wantSpec, script)
			}
		})
	}
}

// A forced apply alone leaves Helm's fields: the commands are needed.
func TestForcedApplyLeavesFields(t *testing.T) {
	c := newCluster(t)
	c.write("helm", "Update", helms)
	c.write("kubectl", "Apply", ours)
	spec := c.live()["spec"].(map[string]any)
	for _, field := range []string{"size", "elasticSearch"} {
		if spec[field] == nil {
			t.Errorf("%s is gone", field)
		}
	}
}

// Without the configuration, fields are removed that no configuration has.
func TestWithoutConfiguration(t *testing.T) {
	c := newCluster(t)
	c.write("kubectl", "Apply", ours)
	c.write("helm", "Update", helms)
	script, err := adoption.Commands([]adoption.Object{c.live()}, func(adoption.Object) adoption.Object { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(script, `{"op":"remove","path":"/spec/size"}`) || strings.Contains(script, "fileStore") {
		t.Error(script)
	}
}

// What an object says becomes no other command.
func TestQuoting(t *testing.T) {
	c := newCluster(t)
	c.write("it's; rm -rf /", "Update", helms)
	c.write("a'b", "Apply", helms)
	live := c.live()
	script, err := adoption.Commands([]adoption.Object{live}, func(adoption.Object) adoption.Object { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"value":"it'\''s; rm -rf /"`, `--field-manager='a'\''b' -f -`} {
		if !strings.Contains(script, want) {
			t.Errorf("lacks %s:\n%s", want, script)
		}
	}
	for _, broken := range []map[string]any{{"name": "x; rm -rf /"}, {"name": "x", "namespace": "$(id)"}} {
		live["metadata"] = broken
		if _, err := adoption.Commands([]adoption.Object{live}, nil); err == nil {
			t.Errorf("%v is accepted", broken)
		}
	}
}

// An object without managed fields is an error that says how to get them.
func TestHiddenFields(t *testing.T) {
	object := adoption.Object(parse(t, ours).Object)
	_, err := adoption.Commands([]adoption.Object{object}, nil)
	const want = "Mattermost has no metadata.managedFields, which kubectl hides: kubectl get " +
		"Mattermost.v1beta1.installation.mattermost.com/mattermost -n mattermost -o yaml --show-managed-fields"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The operator's own defaults are left to it.
func TestOperator(t *testing.T) {
	c := newCluster(t)
	c.write("helm", "Update", helms)
	c.write("mattermost-operator", "Update", strings.Replace(helms, "size: 1000users", `size: ""`, 1))
	script, err := adoption.Commands([]adoption.Object{c.live()},
		func(adoption.Object) adoption.Object { return parse(t, ours).Object })
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.Split(script, "\n"), func(line string) bool {
		return !strings.Contains(line, "patch")
	})
	if len(lines) != 1 || !strings.Contains(lines[0], `"value":"helm"`) {
		t.Error(script)
	}
}
