// SPDX-License-Identifier: Apache-2.0

package container

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// A way is a tool, the role in which it calls the function, and what as: the executable or the image.
type way struct {
	tool, role, as string
	// call runs the function with a configuration on a package, and returns what is there afterwards: what a build
	// prints, or the package itself.
	call func(t *testing.T, way way, configuration string, dir string) (harness.Run, string)
}

func (w way) String() string { return w.tool + " " + w.role + ", " + w.as }

// ways are all of them. In a container kpt and kustomize need no leave to execute anything.
func ways() (all []way) {
	for _, as := range []string{"executable", "image"} {
		all = append(all,
			way{"kustomize", "generator", as, kustomizeBuild},
			way{"kustomize", "transformer", as, kustomizeBuild},
			way{"kpt", "fn render", as, kptRender},
			way{"kpt", "fn eval", as, kptEval},
			way{"kpt", "fn source | … | fn sink", as, kptPipe},
		)
	}
	return all
}

// kustomizeBuild builds a kustomization of everything in the directory, with the fields of the one that may be there.
func kustomizeBuild(t *testing.T, w way, configuration, dir string) (harness.Run, string) {
	tree := harness.ReadTree(t, dir)
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(tree["kustomization.yaml"]), &fields); err != nil {
		t.Fatal(err)
	}
	delete(tree, "kustomization.yaml")
	fields["resources"] = slices.Sorted(maps.Keys(tree))
	fields[w.role+"s"] = []string{"function.yaml"}
	tree["kustomization.yaml"] = encoded(t, fields)
	annotation := "exec: {path: mattermost-fn}"
	flags := []string{"build", "--enable-alpha-plugins", "--enable-exec"}
	if w.as == "image" {
		annotation, flags = "container: {image: "+image+"}", flags[:2]
	}
	tree["function.yaml"] = strings.Replace(configuration, "annotations:",
		"annotations:\n    config.kubernetes.io/function: \""+annotation+"\"", 1)
	run := harness.Command{}.Run(t, harness.Kustomize(t), append(flags, tree.Lay(t))...)
	return run, run.Stdout
}

func kptRender(t *testing.T, w way, configuration, dir string) (harness.Run, string) {
	step := map[string]string{"exec": "mattermost-fn", "configPath": "function.yaml"}
	flags := []string{"fn", "render", dir, "--truncate-output=false", "--allow-exec"}
	if w.as == "image" {
		step, flags = map[string]string{"image": image, "configPath": "function.yaml"}, flags[:4]
	}
	harness.Tree{"function.yaml": configuration, "Kptfile": encoded(t, map[string]any{
		"apiVersion": "kpt.dev/v1", "kind": "Kptfile", "metadata": map[string]any{"name": "chat", "annotations": local},
		"pipeline": map[string]any{"mutators": []any{step}},
	})}.Write(t, dir)
	run := harness.Command{}.Run(t, harness.Kpt(t), flags...)
	return run, harness.ReadTree(t, dir).YAML()
}

func kptEval(t *testing.T, w way, configuration, dir string) (harness.Run, string) {
	function := filepath.Join(harness.Tree{"function.yaml": configuration}.Lay(t), "function.yaml")
	flags := []string{"fn", "eval", dir, "--truncate-output=false", "--fn-config", function, "--exec", "mattermost-fn"}
	if w.as == "image" {
		flags = append(flags[:6], "--image", image)
	}
	run := harness.Command{}.Run(t, harness.Kpt(t), flags...)
	return run, harness.ReadTree(t, dir).YAML()
}

func kptPipe(t *testing.T, w way, configuration, dir string) (harness.Run, string) {
	function := filepath.Join(harness.Tree{"function.yaml": configuration}.Lay(t), "function.yaml")
	list := harness.Command{}.Run(t, harness.Kpt(t), "fn", "source", dir, "--fn-config", function).MustSucceed(t)
	command := []string{harness.MattermostFn(t)}
	if w.as == "image" {
		command = []string{harness.Docker(t), "run", "--rm", "--interactive", "--network", "none", image}
	}
	run := harness.Command{Stdin: list.Stdout}.Run(t, command[0], command[1:]...)
	if run.Code != 0 {
		return run, harness.ReadTree(t, dir).YAML()
	}
	sink := filepath.Join(t.TempDir(), "sink")
	harness.Command{Stdin: run.Stdout}.Run(t, harness.Kpt(t), "fn", "sink", sink).MustSucceed(t)
	there := harness.ReadTree(t, sink)
	there.Write(t, dir) // so that a second run finds it
	return run, there.YAML()
}

var local = map[string]string{"config.kubernetes.io/local-config": "true"}

// function is a MattermostConfig.
func function(spec string) string {
	return `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: mattermost
  namespace: mattermost
  annotations:
    config.kubernetes.io/local-config: "true"
spec: ` + spec + "\n"
}

// Nothing is asked for: a pipeline has the function in it, and nobody has written a configuration yet.
const trigger = `apiVersion: v1
kind: ConfigMap
metadata:
  name: run-mattermost-fn
  annotations:
    config.kubernetes.io/local-config: "true"
`

// objects that are not managed by mattermost-fn, some of unknown kinds.
const things = `apiVersion: v1
kind: ConfigMap
metadata: {name: theirs, namespace: mattermost}
data:
  quoted: "0755"
  number: '10.10'
  word: "yes"
  lines: |
    one
      two
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: theirs}
spec: {empty: {}, none: [], list: [b, a, [c]], octal: 0o755, float: 1.5, "no": false}
`

// Every way, with everything that may come: each cell runs the real tool. What is accepted comes out as the same
// objects every way, a second run makes no difference, and what is others' keeps its meaning. What is refused changes
// nothing.
func TestEveryWay(t *testing.T) {
	buildImage(t)
	for _, row := range []struct {
		name, configuration, others string
		refusal                     string // a word of it; "" where it is accepted
	}{
		{name: "a configuration, and what is others'", configuration: function(`{domain: bigbang.dev, version: "11.10.0"}`),
			others: things},
		{name: "an unquoted version", configuration: function(`{domain: bigbang.dev, version: 11.10}`), others: things,
			refusal: "in quotes"},
		{name: "a misspelled field", configuration: function(`{domain: bigbang.dev, databse: {}}`), others: things,
			refusal: "spec.databse"},
		{name: "nothing at all", configuration: trigger},
		{name: "only what is others'", configuration: trigger, others: things},
	} {
		t.Run(row.name, func(t *testing.T) {
			accepted := objects(t, row.others)
			if row.refusal == "" && row.configuration != trigger {
				dir := harness.Tree{"mattermost.yaml": row.configuration}.Lay(t)
				rendered := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "render", "mattermost.yaml").MustSucceed(t)
				maps.Copy(accepted, objects(t, rendered.Stdout))
			}
			for _, way := range ways() {
				t.Run(way.String(), func(t *testing.T) {
					tree := harness.Tree{}
					if row.others != "" {
						tree["others.yaml"] = row.others
					}
					dir := tree.Lay(t)
					run, after := way.call(t, way, row.configuration, dir)
					want := accepted
					switch {
					case row.refusal == "":
						run.MustSucceed(t)
						_, again := way.call(t, way, row.configuration, dir)
						if diff := cmp.Diff(after, again); diff != "" {
							t.Errorf("the second run is another (- first, + second):\n%s", diff)
						}
					case way.tool == "kustomize":
						want = nil
						fallthrough
					default:
						run.MustFail(t)
						if !strings.Contains(run.Stderr, row.refusal) {
							t.Errorf("%q is not in:\n%s", row.refusal, run.Stderr)
						}
					}
					if diff := cmp.Diff(want, objects(t, after), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("objects (- wanted, + there):\n%s", diff)
					}
				})
			}
		})
	}
}

// What kustomize does to what a generator made. Hash suffixes with the Component, and bases and overlays, are among the
// examples, which TestKustomizeRunsTheImage builds.
func TestKustomizeTransformsWhatIsGenerated(t *testing.T) {
	buildImage(t)
	for field, named := range map[string]func(kind, namespace, name string) string{
		"namePrefix: dev-": func(kind, namespace, name string) string { return kind + " " + namespace + "/dev-" + name },
		"nameSuffix: -blue": func(kind, namespace, name string) string {
			return kind + " " + namespace + "/" + name + "-blue"
		},
		"namespace: elsewhere": func(kind, _, name string) string { return kind + " elsewhere/" + name },
	} {
		for _, way := range ways() {
			if way.role != "generator" {
				continue
			}
			t.Run(field+"/"+way.as, func(t *testing.T) {
				run, plain := way.call(t, way, function("{domain: bigbang.dev}"), t.TempDir())
				run.MustSucceed(t)
				var want []string
				for object := range objects(t, plain) {
					kind, name, _ := strings.Cut(object, " ")
					namespace, name, _ := strings.Cut(name, "/")
					want = append(want, named(kind, namespace, name))
				}
				slices.Sort(want)
				if len(want) == 0 {
					t.Fatal("nothing was generated")
				}
				run, changed := way.call(t, way, function("{domain: bigbang.dev}"),
					harness.Tree{"kustomization.yaml": field}.Lay(t))
				run.MustSucceed(t)
				if diff := cmp.Diff(want, slices.Sorted(maps.Keys(objects(t, changed)))); diff != "" {
					t.Errorf("- wanted, + built:\n%s", diff)
				}
			})
		}
	}
}

// objects returns the documents of a text by kind, namespace and name, without the file of the configuration, which
// only kpt has.
func objects(t *testing.T, text string) map[string]string {
	t.Helper()
	byName, err := conventions.ByName(text)
	if err != nil {
		t.Fatal(err)
	}
	configuration := regexp.MustCompile(`(?m)^ *mattermost\.bigbang\.dev/configuration: .*\n`)
	for name, object := range byName {
		byName[name] = configuration.ReplaceAllString(object, "")
	}
	return byName
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
