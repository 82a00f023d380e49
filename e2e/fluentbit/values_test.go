// SPDX-License-Identifier: Apache-2.0

package fluentbit

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

var update = flag.Bool("update", false, "rewrite testdata/values.txt from what Fluent Bit makes of its values")

// What becomes of a value that is written into the configuration; otherwise it is what Fluent Bit reads, quoted.
const (
	same     = "same"     // Fluent Bit reads it as it is
	stops    = "stops"    // Fluent Bit does not start
	operator = "operator" // the Fluent operator refuses it, and does not update the configuration
)

// A recordedValue is a line of testdata/values.txt.
type recordedValue struct {
	place             string // a field of spec.logging.fluentBit.outputs
	value             string
	inClassic, inYAML string
}

var valuesFile = filepath.Join("testdata", "values.txt")

const valuesHead = `# What Fluent Bit %s made of values that the Fluent operator 3.10.0 writes into its configuration.
# Written by go test ./fluentbit -update. A line has a field of an output, the value, and what Fluent Bit read in the
# operator's formats classic and yaml. "same": as it is; "stops": it does not start; "operator": the operator refuses the
# value. "x{N}" repeats x, and path is that of url.
`

var repeated = regexp.MustCompile(`^(/?)(x|a)\{(\d+)\}$`)

func recordedValues(t *testing.T) []recordedValue {
	t.Helper()
	text, err := os.ReadFile(valuesFile)
	if err != nil {
		t.Fatal(err)
	}
	var values []recordedValue
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 {
			t.Fatalf("%q has %d fields", line, len(fields))
		}
		value, err := strconv.Unquote(fields[1])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		values = append(values, recordedValue{fields[0], value, fields[2], fields[3]})
	}
	return values
}

// long returns the value that x{N} abbreviates.
func (v recordedValue) long() string {
	if m := repeated.FindStringSubmatch(v.value); m != nil {
		count, _ := strconv.Atoi(m[3])
		return m[1] + strings.Repeat(m[2], count)
	}
	return v.value
}

// written returns what the function writes for the value if it accepts it.
func (v recordedValue) written() string {
	if u, err := url.Parse("http://h" + v.long()); err == nil && v.place == "path" {
		return strings.TrimRight(u.EscapedPath(), "/")
	}
	return v.long()
}

// The function accepts no value that Fluent Bit does not read as it is in both formats.
func TestAcceptedValues(t *testing.T) {
	values := recordedValues(t)
	var outputs []map[string]any
	for i, v := range values {
		output := map[string]any{"name": fmt.Sprint("o", i), "url": "https://search.example.mil:9200"}
		switch v.place {
		case "path":
			output["url"] = "https://search.example.mil:9200" + v.long()
		case "username", "password":
			output["username"], output["password"] = "writer", "letters0and1digits2"
			output[v.place] = v.long()
		default:
			output[v.place] = v.long()
		}
		outputs = append(outputs, output)
	}
	refused := check(t, outputs)
	for i, v := range values {
		harmless := v.inClassic == same && v.inYAML == same
		switch {
		case !refused[i] && !harmless:
			t.Errorf("%s %q is accepted, but Fluent Bit reads %s in the classic format and %s in YAML", v.place, v.value,
				v.inClassic, v.inYAML)
		case refused[i] && harmless:
			t.Logf("%s %q is refused, but Fluent Bit reads it", v.place, v.value)
		}
	}
}

// check returns for which of the outputs there is an error.
func check(t *testing.T, outputs []map[string]any) []bool {
	t.Helper()
	var refused []bool
	for some := range slices.Chunk(outputs, 10) { // so that none of the errors is left out for there are too many
		dir := harness.Tree{"mattermost.yaml": ascii(t, configurationWith(some))}.Lay(t)
		run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "check", "mattermost.yaml")
		for i := range some {
			error := fmt.Sprintf("error: spec.logging.fluentBit.outputs[%d]", i)
			refused = append(refused, strings.Contains(run.Stdout+run.Stderr, error))
		}
	}
	if !slices.Contains(refused, true) {
		t.Fatal("nothing is refused")
	}
	return refused
}

func configurationWith(outputs []map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": "mattermost.bigbang.dev/v1alpha1",
		"kind":       "MattermostConfig",
		"metadata":   map[string]any{"name": "chat", "namespace": "teams"},
		"spec": map[string]any{
			"domain":  "example.mil",
			"logging": map[string]any{"fluentBit": map[string]any{"form": "operator", "outputs": outputs}},
		},
	}
}

// Fluent Bit makes of every value what is recorded.
func TestRecordedValues(t *testing.T) {
	version := harness.Command{}.Run(t, program(t), "--version").MustSucceed(t).Stdout
	release := regexp.MustCompile(`v[0-9.]+`).FindString(version)
	search := startSearch(t)
	objects := emitted(t, configurationWith([]map[string]any{{
		"name": "search", "url": search.url, "username": "writer", "password": "letters0and1digits2", "indexPrefix": "chat",
	}}))
	lines := fmt.Sprintf(valuesHead, strings.TrimPrefix(release, "v"))
	for _, v := range recordedValues(t) {
		got := [2]string{}
		for i, in := range []format{classicFormat, yamlFormat} {
			got[i] = search.read(t, withValue(t, objects, v), in, v)
		}
		if want := [2]string{v.inClassic, v.inYAML}; got != want && !*update {
			t.Errorf("%s %.60q: got %q, recorded is %q", v.place, v.value, got, want)
		}
		lines += strings.Join([]string{v.place, strconv.Quote(v.value), got[0], got[1]}, "\t") + "\n"
	}
	if *update {
		if err := os.WriteFile(valuesFile, []byte(lines), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// ascii returns a document as YAML in which all other characters are escaped.
func ascii(t *testing.T, document any) string {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var escaped strings.Builder
	for _, r := range string(text) {
		if r < 0x7f {
			escaped.WriteRune(r)
		} else {
			fmt.Fprintf(&escaped, `\U%08x`, r)
		}
	}
	return escaped.String()
}

// emitted returns the objects that the function emits.
func emitted(t *testing.T, configurations ...map[string]any) []*unstructured.Unstructured {
	t.Helper()
	var all []string
	for _, c := range configurations {
		all = append(all, ascii(t, c))
	}
	dir := harness.Tree{"mattermost.yaml": strings.Join(all, "\n---\n")}.Lay(t)
	run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "render", "mattermost.yaml").MustSucceed(t)
	return objectsOf(t, run.Stdout)
}

// withValue returns copies of the objects with the value, which the function may refuse.
func withValue(t *testing.T, objects []*unstructured.Unstructured, v recordedValue) []*unstructured.Unstructured {
	t.Helper()
	set := func(o *unstructured.Unstructured, value any, path ...string) {
		if err := unstructured.SetNestedField(o.Object, value, path...); err != nil {
			t.Fatal(err)
		}
	}
	var all []*unstructured.Unstructured
	for _, o := range objects {
		o = o.DeepCopy()
		switch {
		case o.GetKind() == "Secret" && (v.place == "username" || v.place == "password"):
			set(o, v.long(), "stringData", v.place)
		case o.GetKind() == "Output" && v.place == "path" && v.written() != "":
			set(o, v.written(), "spec", "es", "path")
		case o.GetKind() == "Output" && v.place == "indexPrefix":
			set(o, v.long(), "spec", "es", "logstashPrefix")
		}
		all = append(all, o)
	}
	return all
}

// A search is a server in place of Elasticsearch, which records what an output sends.
type search struct {
	url      string
	requests chan *sent
}

type sent struct{ username, password, path, index string }

func startSearch(t *testing.T) *search {
	t.Helper()
	s := &search{requests: make(chan *sent, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := &sent{path: strings.TrimSuffix(r.RequestURI, "/_bulk")}
		// As all servers do, at the first colon.
		request.username, request.password, _ = r.BasicAuth()
		var action map[string]struct {
			Index string `json:"_index"`
		}
		line, _, _ := strings.Cut(string(body), "\n")
		_ = json.Unmarshal([]byte(line), &action)
		for _, of := range action {
			request.index = of.Index
		}
		s.requests <- request
		_, _ = io.WriteString(w, `{"errors":false,"items":[]}`)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

var dateOfIndex = regexp.MustCompile(`-\d{4}\.\d\d\.\d\d$`)

// read runs Fluent Bit with the configuration for the objects, and returns what it made of the value.
func (s *search) read(t *testing.T, objects []*unstructured.Unstructured, in format, v recordedValue) string {
	t.Helper()
	for len(s.requests) > 0 {
		<-s.requests
	}
	c, err := write(objects, in)
	if errors.Is(err, errLineBreak) {
		return operator
	}
	if err != nil {
		t.Fatal(err)
	}
	p := operatorPipeline(t, objects, c, in)
	p.outputs = c.outputs
	process := start(t, p.lay(t, pods{podOf("teams", "chat"): `{"level":"info","msg":"hello"}` + "\n"}))
	defer process.stop()
	var request *sent
	err = process.wait(t, func() bool {
		select {
		case request = <-s.requests:
			return true
		default:
			return false
		}
	})
	if err != nil {
		return stops
	}
	got := map[string]string{"username": request.username, "password": request.password, "path": request.path,
		"indexPrefix": dateOfIndex.ReplaceAllString(request.index, "")}[v.place]
	if got == v.written() {
		return same
	}
	return strconv.Quote(got)
}

// operatorPipeline returns the pipeline that the operator writes for the objects, with the files that it mounts and
// without outputs.
func operatorPipeline(t *testing.T, objects []*unstructured.Unstructured, c *configuration, in format) pipeline {
	t.Helper()
	p := pipeline{in: in, filters: c.filters, files: harness.Tree{"parsers.conf": c.parsers},
		service: "    Parsers_File DIR/parsers.conf\n"}
	if in == yamlFormat {
		p.service = "  parsers_file: DIR/parsers.conf\n"
	}
	for _, o := range objects {
		scripts, _ := field(o.Object, "data").(map[string]any)
		if o.GetKind() != "ConfigMap" {
			continue
		}
		for name, script := range scripts {
			p.files[prefix(o.GetNamespace())+"-"+name] = fmt.Sprint(script)
		}
	}
	return p
}
