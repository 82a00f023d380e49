// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/apivalidation"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// directories returns the directories below examples/fleet for which the ApplicationSet makes an Application, as Argo
// CD's generator does (applicationset/generators/git.go, filterApps).
func directories(t *testing.T, set map[string]any) []string {
	t.Helper()
	generators, _, _ := unstructured.NestedSlice(set, "spec", "generators")
	if len(generators) != 1 {
		t.Fatalf("%d generators", len(generators))
	}
	patterns, _, _ := unstructured.NestedSlice(generators[0].(map[string]any), "git", "directories")
	var found []string
	err := filepath.WalkDir(filepath.Join(harness.Root(), "examples", "fleet"),
		func(file string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			name, err := filepath.Rel(harness.Root(), file)
			included, excluded := false, false
			for _, pattern := range patterns {
				fields := pattern.(map[string]any)
				match, err := path.Match(fields["path"].(string), filepath.ToSlash(name))
				if err != nil {
					return err
				}
				excluded = excluded || match && fields["exclude"] == true
				included = included || match && fields["exclude"] != true
			}
			if included && !excluded {
				found = append(found, filepath.ToSlash(name))
			}
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The ApplicationSet makes one Application for each installation of the fleet, like that of examples/argo-cd except for
// the place. Argo CD's definitions accept both, and each directory is built by the real kustomize.
func TestApplicationSetOfTheFleet(t *testing.T) {
	v := apivalidation.New()
	if err := v.LoadArgoCD(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(harness.Root(), "examples", "fleet", "applicationset.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var set, single map[string]any
	readYAML(t, file, &set)
	readYAML(t, filepath.Join(harness.Root(), "examples", "argo-cd", "application.yaml"), &single)
	report := v.Hold("applicationset.yaml", text)
	pattern, found, _ := unstructured.NestedMap(set, "spec", "template")
	if keep, _, _ := unstructured.NestedBool(set, "spec", "syncPolicy", "preserveResourcesOnDeletion"); !keep || !found {
		t.Error("an Application that leaves the set deletes its installation")
	}
	asText, err := yaml.Marshal(pattern)
	if err != nil {
		t.Fatal(err)
	}
	namespace, _, _ := unstructured.NestedString(set, "metadata", "namespace")
	application, err := template.New("").Option("missingkey=error").Parse(string(asText))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, directory := range directories(t, set) {
		segments := strings.Split(directory, "/")
		cluster, team := segments[len(segments)-2], segments[len(segments)-1]
		var made bytes.Buffer
		err := application.Execute(&made, map[string]any{"path": map[string]any{
			"path": directory, "basename": team, "segments": segments,
		}})
		if err != nil {
			t.Fatal(err)
		}
		made.WriteString("apiVersion: argoproj.io/v1alpha1\nkind: Application\n")
		var got map[string]any
		if err := yaml.UnmarshalStrict(made.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		// Argo CD makes it in the namespace of the set.
		if err := unstructured.SetNestedField(got, namespace, "metadata", "namespace"); err != nil {
			t.Fatal(err)
		}
		complete, err := yaml.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		report.Add(v.Hold(directory, complete))
		for _, field := range [][]string{
			{"spec", "syncPolicy"}, {"spec", "source", "plugin"}, {"spec", "source", "repoURL"},
			{"metadata", "annotations", "argocd.argoproj.io/compare-options"},
		} {
			want, _, _ := unstructured.NestedFieldNoCopy(single, field...)
			value, _, _ := unstructured.NestedFieldNoCopy(got, field...)
			if !reflect.DeepEqual(value, want) {
				t.Errorf("%s: %v is %v, want %v", directory, field, value, want)
			}
		}
		name, _, _ := unstructured.NestedString(got, "metadata", "name")
		destination, _, _ := unstructured.NestedStringMap(got, "spec", "destination")
		place, _, _ := unstructured.NestedString(got, "spec", "source", "path")
		if names[name] || name != "mattermost-"+cluster+"-"+team || place != directory || destination["name"] != cluster {
			t.Errorf("%s: Application %s of %s to %v", directory, name, place, destination)
		}
		names[name] = true
		paths, _, _ := unstructured.NestedString(got, "metadata", "annotations", "argocd.argoproj.io/manifest-generate-paths")
		for part := range strings.SplitSeq(paths, ";") {
			if _, err := os.Stat(filepath.Join(harness.Root(), directory, part)); err != nil {
				t.Errorf("%s: manifest-generate-paths: %v", directory, err)
			}
		}
		built := harness.KustomizeBuild(t, filepath.Join(harness.Root(), directory)).MustSucceed(t).Stdout
		if !strings.Contains(built, "kind: Mattermost\n") || strings.Count(built,
			"namespace: "+destination["namespace"]+"\n") < 5 {
			t.Errorf("%s is built into\n%s", directory, built)
		}
	}
	if len(names) != 2 {
		t.Errorf("%d Applications", len(names))
	}
	for _, finding := range report.Findings {
		t.Error(finding)
	}
}

// The PackageVariants have the fields of Porch's definition (api/generated/crds, v1.6), name the installations of the
// clusters, and set what the package marks.
func TestPackageVariantsOfTheFleet(t *testing.T) {
	dir := filepath.Join(harness.Root(), "examples", "fleet")
	text, err := os.ReadFile(filepath.Join(dir, "package-variants.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	configuration, err := os.ReadFile(filepath.Join(dir, "package", "mattermost.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var variant struct {
			APIVersion, Kind string
			Metadata         struct{ Name, Namespace string }
			Spec             struct {
				Upstream struct {
					Repo, Package string
					Revision      int
				}
				Downstream struct{ Repo, Package string }
				Pipeline   struct {
					Mutators []struct {
						Image     string
						ConfigMap map[string]string
					}
				}
			}
		}
		if err := yaml.UnmarshalStrict([]byte(document), &variant); err != nil {
			t.Fatal(err)
		}
		downstream := variant.Spec.Downstream
		if _, err := os.Stat(filepath.Join(dir, "clusters", downstream.Repo, downstream.Package)); err != nil {
			t.Error(err)
		}
		for _, mutator := range variant.Spec.Pipeline.Mutators {
			for name := range mutator.ConfigMap {
				if !strings.Contains(string(configuration), "# kpt-set: ${"+name+"}") {
					t.Errorf("the package does not mark %s", name)
				}
			}
		}
	}
}
