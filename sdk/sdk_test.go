// SPDX-License-Identifier: Apache-2.0

package sdk_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	kptfn "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/sdk"
)

const (
	configuration = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
spec:
  domain: example.com # ours
`
	refused = configuration + "  replicas: 1.5\n"
	// orphan is an object of a configuration that no longer needs it.
	orphan = `apiVersion: v1
kind: ConfigMap
metadata:
  name: chat-gone
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/chat}
`
	// odd is what the SDK and kyaml would write in another way.
	odd = `# the first
kind: ConfigMap
apiVersion: v1
metadata: {name: team, namespace: teams} # theirs
data:
    b: yes
    a: |
      text
`
	kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: chat\n"
	secret  = "apiVersion: v1\nkind: Secret\nmetadata: {name: other}\nstringData: {a: b}\n"
)

// host is a program that embeds the function, with a list that it has.
type host interface {
	// process calls the function and reports whether it was content.
	process() bool
	// objects identify the objects: the same object is equal, another one with the same content is not.
	objects() []any
	// texts are the objects as text.
	texts() []string
	// messages are the results.
	messages() []string
}

type kptHost struct{ *kptfn.ResourceList }

func newKptHost(t testing.TB, functionConfig string, items ...string) host {
	list := &kptfn.ResourceList{}
	for _, item := range items {
		object, err := kptfn.ParseKubeObject([]byte(item))
		if err != nil {
			t.Fatal(err)
		}
		list.Items = append(list.Items, object)
	}
	if functionConfig != "" {
		var err error
		if list.FunctionConfig, err = kptfn.ParseKubeObject([]byte(functionConfig)); err != nil {
			t.Fatal(err)
		}
	}
	return kptHost{list}
}

func (h kptHost) process() bool {
	ok, err := sdk.Process(h.ResourceList)
	if err != nil {
		panic("an error in place of results: " + err.Error())
	}
	return ok
}

func (h kptHost) objects() (objects []any) {
	for _, item := range h.Items {
		objects = append(objects, item)
	}
	return objects
}

func (h kptHost) texts() (texts []string) {
	for _, item := range h.Items {
		texts = append(texts, item.String())
	}
	return texts
}

func (h kptHost) messages() (messages []string) {
	for _, result := range h.Results {
		messages = append(messages, result.String())
	}
	return messages
}

type frameworkHost struct{ *framework.ResourceList }

func newFrameworkHost(t testing.TB, functionConfig string, items ...string) host {
	list := &framework.ResourceList{}
	for _, item := range items {
		list.Items = append(list.Items, yaml.MustParse(item))
	}
	if functionConfig != "" {
		list.FunctionConfig = yaml.MustParse(functionConfig)
	}
	return frameworkHost{list}
}

func (h frameworkHost) process() bool { return sdk.ProcessFramework(h.ResourceList) == nil }

func (h frameworkHost) objects() (objects []any) {
	for _, item := range h.Items {
		objects = append(objects, item)
	}
	return objects
}

func (h frameworkHost) texts() (texts []string) {
	for _, item := range h.Items {
		texts = append(texts, item.MustString())
	}
	return texts
}

func (h frameworkHost) messages() (messages []string) {
	for _, result := range h.Results {
		messages = append(messages, result.String())
	}
	return messages
}

var hosts = map[string]func(t testing.TB, functionConfig string, items ...string) host{"kpt functions SDK": newKptHost,
	"kyaml": newFrameworkHost}

func eachHost(t *testing.T, test func(t *testing.T, newHost func(t testing.TB, functionConfig string,
	items ...string) host)) {
	for name, newHost := range hosts {
		t.Run(name, func(t *testing.T) { test(t, newHost) })
	}
}

// Whatever need not change is the object that it was, in its place; what was ours and is no longer asked for is gone,
// and new objects follow. A second run changes nothing.
func TestObjectsAreKept(t *testing.T) {
	eachHost(t, func(t *testing.T, newHost func(t testing.TB, functionConfig string, items ...string) host) {
		h := newHost(t, "", kptfile, odd, orphan, configuration, odd, secret)
		before, texts := h.objects(), h.texts()
		if !h.process() {
			t.Fatalf("refused: %v", h.messages())
		}
		want := slices.Concat(before[:2], before[3:])
		if after := h.objects(); len(after) <= len(want) || !slices.Equal(after[:len(want)], want) {
			t.Errorf("%d objects became %d others", len(want), len(after))
		}
		if after := h.texts(); !slices.Equal(after[:len(want)], slices.Concat(texts[:2], texts[3:])) {
			t.Errorf("objects that need not change changed:\n%s", strings.Join(after[:len(want)], "---\n"))
		}
		if all := strings.Join(h.texts(), "---\n"); !strings.Contains(all, "\nkind: Mattermost\n") ||
			strings.Contains(all, "chat-gone") {
			t.Errorf("got\n%s", all)
		}

		objects, texts, messages := h.objects(), h.texts(), h.messages()
		if !h.process() {
			t.Fatalf("the second time refused: %v", h.messages())
		}
		if !slices.Equal(h.objects(), objects) || !slices.Equal(h.texts(), texts) || !slices.Equal(h.messages(), messages) {
			t.Errorf("the second time changed something:\n%s\n%v", strings.Join(h.texts(), "---\n"), h.messages())
		}
	})
}

// An object that has to change is replaced in its place.
func TestAChangedObjectKeepsItsPlace(t *testing.T) {
	eachHost(t, func(t *testing.T, newHost func(t testing.TB, functionConfig string, items ...string) host) {
		first := newHost(t, "", configuration)
		first.process()
		route := slices.IndexFunc(first.texts(), func(text string) bool {
			return strings.Contains(text, "\nkind: VirtualService\n")
		})
		old := strings.ReplaceAll(first.texts()[route], "chat.example.com", "old.example.com")

		h := newHost(t, "", kptfile, old, configuration, odd)
		before := h.objects()
		if !h.process() {
			t.Fatalf("refused: %v", h.messages())
		}
		after := h.objects()
		if after[0] != before[0] || after[1] == before[1] || after[2] != before[2] || after[3] != before[3] {
			t.Errorf("%v became %v", before, after)
		}
		if text := h.texts()[1]; text != first.texts()[route] {
			t.Errorf("got\n%s\nwant\n%s", text, first.texts()[route])
		}
	})
}

// A configuration that is refused changes no object, and every mistake is a result.
func TestRefused(t *testing.T) {
	eachHost(t, func(t *testing.T, newHost func(t testing.TB, functionConfig string, items ...string) host) {
		for name, h := range map[string]host{
			"a configuration among the items": newHost(t, "", odd, orphan, refused),
			"a functionConfig":                newHost(t, refused, odd, orphan),
			"two":                             newHost(t, "", odd, configuration, strings.ReplaceAll(refused, "chat", "talk")),
		} {
			before, texts := h.objects(), h.texts()
			if h.process() {
				t.Errorf("%s: accepted", name)
			}
			if !slices.Equal(h.objects(), before) || !slices.Equal(h.texts(), texts) {
				t.Errorf("%s: changed to\n%s", name, strings.Join(h.texts(), "---\n"))
			}
			if messages := h.messages(); len(messages) != 1 || !strings.HasPrefix(messages[0],
				"[error] mattermost.bigbang.dev/v1alpha1/MattermostConfig/teams/") ||
				!strings.Contains(messages[0], " spec.replicas: ") {
				t.Errorf("%s: results %q", name, messages)
			}
		}
	})
}

// What the function cannot even read is refused too, with one result (an error, for kyaml).
func TestUnreadable(t *testing.T) {
	h := newKptHost(t, "", configuration, "a: &a [x]\nb: *a\n").(kptHost)
	h.Items[1].SetNestedField(strings.Repeat("x", 17<<20), "c") // more than is read where there are aliases
	before := h.objects()
	if h.process() || !slices.Equal(h.objects(), before) {
		t.Error("accepted")
	}
	if messages := h.messages(); len(messages) != 1 || !strings.HasPrefix(messages[0],
		"[error]: standard input is too large for its YAML style ") {
		t.Errorf("results %.300q", messages)
	}
}

// Programs may leave out the functionConfig, give an empty one as kpt does, or the configuration itself.
func TestFunctionConfig(t *testing.T) {
	eachHost(t, func(t *testing.T, newHost func(t testing.TB, functionConfig string, items ...string) host) {
		want := newHost(t, "", configuration)
		want.process()
		for name, h := range map[string]host{
			"an empty ConfigMap": newHost(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\ndata: {}\n",
				configuration),
			"the configuration": newHost(t, configuration, configuration),
		} {
			if !h.process() || !slices.Equal(h.texts(), want.texts()) {
				t.Errorf("%s: %v\n%s", name, h.messages(), strings.Join(h.texts(), "---\n"))
			}
		}
		if h := newHost(t, ""); !h.process() || len(h.objects()) != 0 || len(h.messages()) != 1 ||
			!strings.HasPrefix(h.messages()[0], "[warning]: found no MattermostConfig") {
			t.Errorf("an empty list: %v", h.messages())
		}
	})
}

func TestAListWithoutFunctionConfigCanBeWritten(t *testing.T) {
	list := newKptHost(t, "", configuration).(kptHost)
	list.process()
	if text, err := list.ToYAML(); err != nil || !bytes.Contains(text, []byte("kind: Mattermost\n")) {
		t.Errorf("%v\n%s", err, text)
	}
}

// Results that the list has stay, as in a chain of functions.
func TestResultsAreKept(t *testing.T) {
	h := newKptHost(t, "", refused).(kptHost)
	h.Results.Warningf("from another function")
	h.process()
	h.process()
	if messages := h.messages(); len(messages) != 2 || messages[0] != "[warning]: from another function" {
		t.Errorf("got %q", messages)
	}
}

// Every example gives by the SDK and by kyaml what it gives by the function itself: the same objects, the same results.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*/mattermost.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			indented := strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), "\n", "\n  ")
			input := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " + indented + "\n"
			var out, messages bytes.Buffer
			accepted := fn.Run(strings.NewReader(input), &out, &messages) == 0
			want := normalized(t, out.String())

			byKpt, err := kptfn.Run(kptfn.ResourceListProcessorFunc(sdk.Process), []byte(input))
			if got := normalized(t, string(byKpt)); got != want || (err == nil) != accepted {
				t.Errorf("by the kpt functions SDK %v\n%s\nwant\n%s", err, got, want)
			}
			var byFramework bytes.Buffer
			err = framework.Execute(framework.ResourceListProcessorFunc(sdk.ProcessFramework), &kio.ByteReadWriter{
				Reader: strings.NewReader(input), Writer: &byFramework, OmitReaderAnnotations: true, KeepReaderAnnotations: true,
			})
			if got := normalized(t, byFramework.String()); got != want || (err == nil) != accepted {
				t.Errorf("by kyaml %v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}

// normalized is a list without comments, in a style of its own, its objects in order of their text.
func normalized(t *testing.T, text string) string {
	t.Helper()
	var list struct {
		Items   []map[string]any
		Results []any
	}
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, item := range list.Items {
		all = append(all, fmt.Sprint(item))
	}
	slices.Sort(all)
	return strings.Join(append(all, fmt.Sprint(list.Results)), "\n")
}

// kyaml's host writes the objects that it read even though it is told to fail.
func TestFrameworkRefuses(t *testing.T) {
	input := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " +
		strings.ReplaceAll(strings.TrimSuffix(refused, "\n"), "\n", "\n  ") + "\n"
	var out bytes.Buffer
	err := framework.Execute(framework.ResourceListProcessorFunc(sdk.ProcessFramework), &kio.ByteReadWriter{
		Reader: strings.NewReader(input), Writer: &out, OmitReaderAnnotations: true, KeepReaderAnnotations: true,
	})
	if err == nil || !strings.HasPrefix(out.String(), input) || !strings.Contains(out.String(), "results:") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// Porch runs functions of its built-in runtime from many goroutines. .ci/run runs this with the race detector.
func TestConcurrentLists(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		for name, newHost := range hosts {
			group.Go(func() {
				if h := newHost(t, "", configuration, odd); !h.process() {
					t.Errorf("%s: %v", name, h.messages())
				}
				if h := newHost(t, "", refused, odd); h.process() {
					t.Errorf("%s: accepted", name)
				}
			})
		}
	}
	group.Wait()
}
