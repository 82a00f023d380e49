// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pmezard/go-difflib/difflib"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

var update = flag.Bool("update", false, "rewrite testdata/recorded.txt from the recordings")

// recordings are what the operator, v1.25.9, made of resources, in whole. Clones have testdata/recorded.txt instead.
func recordings() string {
	return filepath.Join(harness.Root(), "..", "shared", "reference", "operator-recorded")
}

const recordedFacts = "testdata/recorded.txt"

type object = map[string]any

// A recording is a resource and what the operator made of it.
type recording struct {
	File string // its name and that of the resource identify it
	Name string

	Namespace  string
	Spec       object
	SecretKeys []string // of the database's Secret, where the operator looks at them
	Deployment object
	JobServer  object `json:",omitempty"`
	Service    object
}

func (r recording) String() string { return r.File + "/" + r.Name }

// Fields of Kubernetes 1.34 that the recorded resources hold. The operator dropped them.
var recordedAsDropped = map[string][]string{
	"18b-newfields/mattermost": {"restartPolicyRules"},
	"18c-newfields/mattermost": {"fileKeyRef"},
}

func TestModelMakesWhatTheOperatorMade(t *testing.T) {
	recorded := readFacts(t)
	if len(recorded) != 74 {
		t.Errorf("%s holds %d resources, want 74", recordedFacts, len(recorded))
	}
	for _, r := range recorded {
		t.Run(r.String(), r.compare)
	}
}

func TestModelMakesWhatTheOperatorMadeInWhole(t *testing.T) {
	recorded := readRecordings(t)
	for _, r := range recorded {
		t.Run(r.String(), r.compare)
	}
	facts := writeFacts(t, recorded)
	if *update {
		if err := os.WriteFile(recordedFacts, facts, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if committed, err := os.ReadFile(recordedFacts); err != nil || !bytes.Equal(committed, facts) {
		t.Errorf("%s is not what the recordings say (go test ./operator -update): %v", recordedFacts, err)
	}
}

// compare makes what the operator made and compares field by field.
func (r recording) compare(t *testing.T) {
	content := object{"spec": runtimeCopy(t, r.Spec), "apiVersion": "installation.mattermost.com/v1beta1",
		"kind": "Mattermost"}
	resource := &unstructured.Unstructured{Object: content}
	resource.SetName(r.Name)
	resource.SetNamespace(r.Namespace)
	if names := recordedAsDropped[r.String()]; names != nil {
		_, err := Read(resource)
		for _, name := range names {
			if err == nil || !strings.Contains(err.Error(), name+": the operator drops it") {
				t.Errorf("got %v, want an error that names %s", err, name)
			}
		}
		remove(resource.Object, names)
	}
	installation, err := Read(resource)
	if err != nil {
		t.Fatal(err)
	}
	secrets := func(name string) (map[string][]byte, bool) {
		data := map[string][]byte{}
		for _, key := range r.SecretKeys {
			data[key] = []byte("postgres://")
		}
		return data, name == installation.spec.Database.External.Secret
	}
	deployment, err := installation.Deployment(secrets)
	mustEqual(t, "Deployment", r.Deployment, deployment, err)
	jobServer, err := installation.JobServer(secrets)
	mustEqual(t, "Deployment of the job server", r.JobServer, jobServer, err)
	service, err := installation.Service()
	mustEqual(t, "Service", r.Service, service, err)
}

func mustEqual(t *testing.T, what string, recorded object, made any, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(recorded, normal(runtimeCopy(t, made))); diff != "" {
		t.Errorf("%s (- the operator made, + the model makes):\n%s", what, diff)
	}
}

func runtimeCopy(t *testing.T, in any) object {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// normal drops what depends on the serializer, and what others wrote: creation timestamps, empty structures, the status
// and the revision, which the Deployment controller counts.
func normal(o object) object {
	delete(o, "status")
	if metadata, ok := o["metadata"].(object); ok {
		if annotations, ok := metadata["annotations"].(object); ok {
			delete(annotations, "deployment.kubernetes.io/revision")
		}
	}
	normalize(o)
	if len(o) == 0 {
		return nil
	}
	return o
}

// normalize removes nulls, and the empty structures that some versions of Kubernetes' types write. An emptyDir is
// meant.
func normalize(in any) {
	switch in := in.(type) {
	case object:
		for name, value := range in {
			normalize(value)
			empty := slices.Contains([]string{"annotations", "resources", "metadata", "strategy"}, name) &&
				len(asObject(value)) == 0
			if value == nil || empty {
				delete(in, name)
			}
		}
	case []any:
		for _, value := range in {
			normalize(value)
		}
	}
}

func asObject(in any) object { o, _ := in.(object); return o }

func remove(in any, names []string) {
	switch in := in.(type) {
	case object:
		for name, value := range in {
			if slices.Contains(names, name) {
				delete(in, name)
			}
			remove(value, names)
		}
	case []any:
		for _, value := range in {
			remove(value, names)
		}
	}
}

// readRecordings reads the recordings in whole.
func readRecordings(t *testing.T) []recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings(), "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(recordings()); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("not run: this clone has no %s", recordings())
	}
	var recorded []recording
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var objects []unstructured.Unstructured
		for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
			o := unstructured.Unstructured{}
			if err := utilyaml.Unmarshal(document, &o.Object); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			objects = append(objects, o)
		}
		for _, o := range objects {
			if o.GetKind() == "Mattermost" {
				name := strings.TrimSuffix(filepath.Base(file), ".yaml")
				recorded = append(recorded, newRecording(t, name, o, objects))
			}
		}
	}
	return recorded
}

func newRecording(t *testing.T, file string, resource unstructured.Unstructured,
	objects []unstructured.Unstructured) recording {
	t.Helper()
	spec := asObject(resource.Object["spec"])
	r := recording{File: file, Name: resource.GetName(), Namespace: resource.GetNamespace(), Spec: runtimeCopy(t, spec)}
	for _, o := range objects {
		if o.GetNamespace() != r.Namespace || o.GetLabels()["installation.mattermost.com/installation"] != r.Name {
			continue
		}
		made := normal(runtimeCopy(t, o.Object))
		switch {
		case o.GetKind() == "Service":
			r.Service = made
		case o.GetName() == r.Name:
			r.Deployment = made
		default:
			r.JobServer = made
		}
	}
	if r.Deployment == nil || r.Service == nil {
		t.Fatalf("%s: no Deployment or no Service", r)
	}
	// The Secret was not recorded. Which of its keys the operator found, the variables tell that the resource does not
	// set.
	own := r.variables()
	keys := map[string]bool{"DB_CONNECTION_STRING": true}
	for _, variable := range variables(server(r.Deployment)["env"]) {
		from := asObject(asObject(variable["valueFrom"])["secretKeyRef"])
		if name := variable["name"].(string); strings.HasPrefix(name, "MM_SQLSETTINGS_DATASOURCE") && !own[name] {
			keys[from["key"].(string)] = true
		}
	}
	r.SecretKeys = slices.Sorted(maps.Keys(keys))
	return r
}

func server(deployment object) object {
	spec := asObject(asObject(asObject(deployment["spec"])["template"])["spec"])
	return asObject(spec["containers"].([]any)[0])
}

func variables(in any) (found []object) {
	list, _ := in.([]any)
	for _, variable := range list {
		found = append(found, asObject(variable))
	}
	return found
}

// The facts are the recordings without the variables that the operator only passed on (the first and last of them
// remain), as differences: the first is in whole, with placeholders for the names; each other one lists the lines that
// it replaces.
const (
	factsHeader = `# What the Mattermost operator v1.25.9 made of 74 resources: its own reconciler, run for this project. Written by
# go test ./operator -update. "=== FILE NAMESPACE NAME" begins a resource; "@ LINE COUNT" replaces lines of the
# first one, counted from 1, by those that follow.
`
	namePlaceholder, namespacePlaceholder = "<name>", "<namespace>"
	factsBase                             = "01-longname"
)

func writeFacts(t *testing.T, recorded []recording) []byte {
	t.Helper()
	operators := operatorsOwn(recorded)
	slices.SortStableFunc(recorded, func(a, b recording) int {
		return boolOrder(a.File == factsBase) - boolOrder(b.File == factsBase)
	})
	text := &bytes.Buffer{}
	text.WriteString(factsHeader)
	var base []string
	for _, r := range recorded {
		fmt.Fprintf(text, "=== %s %s %s\n", r.File, r.Namespace, r.Name)
		lines := r.lines(t, operators)
		if base == nil {
			for at := range lines {
				lines[at] = strings.ReplaceAll(lines[at], r.Namespace, namespacePlaceholder)
				lines[at] = strings.ReplaceAll(lines[at], r.Name, namePlaceholder)
			}
			base = lines
			writeLines(text, base)
			continue
		}
		expected := expand(base, r.Namespace, r.Name)
		for _, change := range difflib.NewMatcherWithJunk(expected, lines, false, nil).GetOpCodes() {
			if change.Tag != 'e' {
				fmt.Fprintf(text, "@ %d %d\n", change.I1+1, change.I2-change.I1)
				writeLines(text, lines[change.J1:change.J2])
			}
		}
	}
	return text.Bytes()
}

func boolOrder(first bool) int {
	if first {
		return -1
	}
	return 0
}

func writeLines(to *bytes.Buffer, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(to, "%s\n", line)
	}
}

func expand(base []string, namespace, name string) []string {
	replacer := strings.NewReplacer(namePlaceholder, name, namespacePlaceholder, namespace)
	expanded := make([]string, len(base))
	for at, line := range base {
		expanded[at] = replacer.Replace(line)
	}
	return expanded
}

// operatorsOwn are the variables that the operator sets itself for some resource.
func operatorsOwn(recorded []recording) map[string]bool {
	names := map[string]bool{}
	for _, r := range recorded {
		set := r.variables()
		for _, variable := range variables(server(r.Deployment)["env"]) {
			if name := variable["name"].(string); !set[name] {
				names[name] = true
			}
		}
	}
	return names
}

// variables are the names of those that the resource sets.
func (r recording) variables() map[string]bool {
	names := map[string]bool{}
	for _, variable := range variables(r.Spec["mattermostEnv"]) {
		names[variable["name"].(string)] = true
	}
	return names
}

// passedOn are the variables with a plain value that the operator appended to its own.
func (r recording) passedOn(operators map[string]bool) (names []string) {
	set := r.variables()
	env := variables(server(r.Deployment)["env"])
	for at := len(env) - 1; at >= 0 && set[env[at]["name"].(string)]; at-- {
		if name := env[at]["name"].(string); env[at]["valueFrom"] == nil && !operators[name] {
			names = append(names, name)
		}
	}
	return names
}

// lines of the recording in YAML, without most of the variables that were passed on.
func (r recording) lines(t *testing.T, operators map[string]bool) []string {
	t.Helper()
	names := r.passedOn(operators)
	if len(names) > 0 {
		names = names[1:max(1, len(names)-1)]
	}
	r.Spec, r.Deployment = runtimeCopy(t, r.Spec), runtimeCopy(t, r.Deployment)
	without(r.Spec, "mattermostEnv", names)
	without(server(r.Deployment), "env", names)
	if r.JobServer != nil {
		r.JobServer = runtimeCopy(t, r.JobServer)
		without(server(r.JobServer), "env", names)
	}
	r.File, r.Name, r.Namespace = "", "", ""
	text, err := yaml.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func without(in object, list string, names []string) {
	elements, _ := in[list].([]any)
	in[list] = slices.DeleteFunc(elements, func(element any) bool {
		return slices.Contains(names, asObject(element)["name"].(string))
	})
}

// readFacts reads what writeFacts wrote.
func readFacts(t *testing.T) []recording {
	t.Helper()
	text, err := os.ReadFile(recordedFacts)
	if err != nil {
		t.Fatal(err)
	}
	var base []string
	var recorded []recording
	for _, section := range strings.Split(string(text), "\n=== ")[1:] {
		header, body, _ := strings.Cut(section, "\n")
		r := recording{}
		if _, err := fmt.Sscan(header, &r.File, &r.Namespace, &r.Name); err != nil {
			t.Fatalf("%s: %q: %v", recordedFacts, header, err)
		}
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		if base == nil {
			base, lines = lines, nil
		}
		named := r
		whole := strings.Join(replace(t, expand(base, r.Namespace, r.Name), lines), "\n")
		if err := yaml.UnmarshalStrict([]byte(whole), &r); err != nil {
			t.Fatalf("%s: %s: %v", recordedFacts, named, err)
		}
		r.File, r.Name, r.Namespace = named.File, named.Name, named.Namespace
		recorded = append(recorded, r)
	}
	return recorded
}

// replace replaces lines of base as changes say.
func replace(t *testing.T, base, changes []string) (lines []string) {
	t.Helper()
	next := 0 // line of base
	for at := 0; at < len(changes); {
		var first, count int
		if _, err := fmt.Sscanf(changes[at], "@ %d %d", &first, &count); err != nil {
			t.Fatalf("%s: %q: %v", recordedFacts, changes[at], err)
		}
		lines = append(lines, base[next:first-1]...)
		next = first - 1 + count
		for at++; at < len(changes) && !strings.HasPrefix(changes[at], "@ "); at++ {
			lines = append(lines, changes[at])
		}
	}
	return append(lines, base[next:]...)
}
