// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/yaml"
)

// example reads a document of a file below examples/, strictly.
func example(t *testing.T, name string, document int, into any) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Split(string(content), "\n---\n")[document])
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

const (
	mattermost = "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n" +
		"metadata: {name: mattermost, namespace: mattermost, generation: 2}\nspec: {}\n"
	cluster = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\n" +
		"metadata: {name: mattermost-db, namespace: mattermost, generation: 2}\nspec: {instances: 3}\n"
)

// status is a status, and what Argo CD and Flux make of it. Flux waits as well where an expression fails.
type status struct{ name, object, status, argoCD, flux string }

// statuses returns those of Mattermost that the operator was seen to write, and others that the operators' sources make
// possible (mattermost-operator 1.25.9, controllers/mattermost/mattermost/controller.go; CloudNativePG 1.30,
// api/v1/cluster_types.go).
func statuses(t *testing.T) []status {
	t.Helper()
	content, err := os.ReadFile("testdata/statuses.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []struct {
		Name       string         `json:"name"`
		Generation int            `json:"generation"`
		Status     map[string]any `json:"status"`
		ArgoCD     string         `json:"argoCD"`
		Flux       string         `json:"flux"`
	}
	if err := yaml.UnmarshalStrict(content, &recorded); err != nil || len(recorded) == 0 {
		t.Fatalf("%d statuses, %v", len(recorded), err)
	}
	all := slices.Clone(possible)
	for _, one := range recorded {
		object := strings.Replace(mattermost, "generation: 2", fmt.Sprintf("generation: %d", one.Generation), 1)
		text := ""
		if one.Status != nil {
			encoded, err := json.Marshal(one.Status)
			if err != nil {
				t.Fatal(err)
			}
			text = string(encoded)
		}
		all = append(all, status{"recorded: " + one.Name, object, text, one.ArgoCD, one.Flux})
	}
	return all
}

// possible are statuses that were not seen.
var possible = []status{
	{"stable, an earlier error", mattermost, `{observedGeneration: 2, state: stable, error: earlier}`, "Healthy",
		"Current"},
	{"changed, not seen", mattermost, `{observedGeneration: 1, state: stable}`, "Progressing", "InProgress"},
	{"a patch is not applied, old pods", mattermost, `{observedGeneration: 2, state: stable,
		resourcePatch: {deploymentPatch: {applied: false, error: 'failed to apply patch'}}}`, "Degraded", "Failed"},
	{"both patches are applied", mattermost, `{observedGeneration: 2, state: stable,
		resourcePatch: {deploymentPatch: {applied: true}, servicePatch: {applied: true}}}`, "Healthy", "Current"},
	{"new", cluster, ``, "", "InProgress"},
	{"setting up", cluster, `{phase: Setting up primary}`, "", "InProgress"},
	{"two of three", cluster, `{phase: Cluster in healthy state, readyInstances: 2}`, "", "InProgress"},
	{"healthy", cluster, `{phase: Cluster in healthy state, readyInstances: 3}`, "", "Current"},
	{"invalid", cluster, `{phase: Invalid cluster definition}`, "", "Failed"},
}

// object returns the object of a status.
func object(t *testing.T, text, status string) *unstructured.Unstructured {
	t.Helper()
	if status != "" {
		text += "status: " + status + "\n"
	}
	content := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &content); err != nil {
		t.Fatal(err)
	}
	// As the API server's JSON is decoded: integers are int64.
	object := &unstructured.Unstructured{}
	encoded, err := (&unstructured.Unstructured{Object: content}).MarshalJSON()
	if err == nil {
		err = object.UnmarshalJSON(encoded)
	}
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func TestArgoCDsHealth(t *testing.T) {
	var config corev1.ConfigMap
	example(t, "argo-cd/argocd-cm.yaml", 0, &config)
	script := config.Data["resource.customizations.health.installation.mattermost.com_Mattermost"]
	if script == "" || len(config.Data) != 1 {
		t.Fatalf("data %v", config.Data)
	}
	for _, test := range statuses(t) {
		if test.argoCD == "" {
			continue // Argo CD has a check of its own
		}
		status, message := runHealth(t, script, object(t, test.object, test.status).Object)
		if status != test.argoCD || message == "" {
			t.Errorf("%s: got %s (%s), want %s", test.name, status, message, test.argoCD)
		}
		if strings.Contains(message, "not found") || strings.Contains(message, "earlier") {
			t.Errorf("%s: the message %q contains status.error", test.name, message)
		}
	}
}

// runHealth runs a health check as Argo CD 3.5 does: with the libraries package, base and table only (util/lua/lua.go).
func runHealth(t *testing.T, script string, object map[string]any) (status, message string) {
	t.Helper()
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			t.Fatal(err)
		}
	}
	state.SetGlobal("obj", luaValue(state, object))
	if err := state.DoString(script); err != nil {
		t.Fatal(err)
	}
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the check returns %v", state.Get(-1))
	}
	return result.RawGetString("status").String(), result.RawGetString("message").String()
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case []any:
		table := state.NewTable()
		for _, element := range value {
			table.Append(luaValue(state, element))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for name, field := range value {
			table.RawSetString(name, luaValue(state, field))
		}
		return table
	}
	return lua.LNil
}

func TestFluxsHealth(t *testing.T) {
	var delivery kustomizev1.Kustomization
	example(t, "flux/delivery.yaml", 1, &delivery)
	for _, test := range statuses(t) {
		object := object(t, test.object, test.status)
		i := slices.IndexFunc(delivery.Spec.HealthCheckExprs, func(check kustomize.CustomHealthCheck) bool {
			return check.APIVersion == object.GetAPIVersion() && check.Kind == object.GetKind()
		})
		if i < 0 {
			t.Errorf("no expressions for a %s", object.GetKind())
			continue
		}
		evaluator, err := cel.NewStatusEvaluator(&delivery.Spec.HealthCheckExprs[i].HealthCheckExpressions)
		if err != nil {
			t.Fatal(err)
		}
		got := "InProgress"
		if result, err := evaluator.Evaluate(context.Background(), object); err == nil {
			got = result.Status.String()
		} else if test.status != "" {
			t.Errorf("%s %s: %v", object.GetKind(), test.name, err)
		}
		if got != test.flux {
			t.Errorf("%s %s: got %s, want %s", object.GetKind(), test.name, got, test.flux)
		}
	}
}

// The patch adds to Argo CD's Deployment what the plugin needs, and every mount has its volume. The volumes var-files
// and plugins are Argo CD's own (manifests/base/repo-server).
func TestPatchOfRepoServer(t *testing.T) {
	var patch appsv1.Deployment
	text := example(t, "argo-cd/repo-server.yaml", 0, &patch)
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	const original = `{"spec": {"template": {"spec": {
		"initContainers": [{"name": "copyutil", "volumeMounts": [{"mountPath": "/var/run/argocd", "name": "var-files"}]}],
		"containers": [{"name": "argocd-repo-server", "image": "quay.io/argoproj/argocd:v3.5.1"}],
		"volumes": [{"name": "var-files", "emptyDir": {}}, {"name": "plugins", "emptyDir": {}}]}}}}`
	merged, err := strategicpatch.StrategicMergePatch([]byte(original), asJSON, appsv1.Deployment{})
	if err != nil {
		t.Fatal(err)
	}
	var deployment appsv1.Deployment
	if err := yaml.UnmarshalStrict(merged, &deployment); err != nil {
		t.Fatal(err)
	}
	pod := deployment.Spec.Template.Spec
	if len(pod.Containers) != 2 || len(pod.InitContainers) != 2 || len(pod.Volumes) != 5 {
		t.Errorf("%d containers, %d init containers, %d volumes", len(pod.Containers), len(pod.InitContainers),
			len(pod.Volumes))
	}
	for _, container := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, mount := range container.VolumeMounts {
			if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) {
				t.Errorf("container %s mounts %s, which is no volume", container.Name, mount.Name)
			}
		}
	}
	// The plugin is the file that the sidecar mounts, and the program is where the plugin finds it.
	var plugin corev1.ConfigMap
	example(t, "argo-cd/plugin.yaml", 0, &plugin)
	var config struct {
		APIVersion, Kind string
		Metadata         struct{ Name string }
		Spec             struct {
			Generate struct{ Command []string }
		}
	}
	if err := yaml.UnmarshalStrict([]byte(plugin.Data["plugin.yaml"]), &config); err != nil {
		t.Fatal(err)
	}
	var application struct {
		APIVersion, Kind string
		Metadata         map[string]any
		Spec             struct {
			Project     string
			Destination map[string]string
			SyncPolicy  map[string]any
			Source      struct {
				RepoURL, TargetRevision, Path string
				Plugin                        struct{ Name string }
			}
		}
	}
	example(t, "argo-cd/application.yaml", 0, &application)
	if config.Kind != "ConfigManagementPlugin" || len(config.Spec.Generate.Command) == 0 ||
		application.Spec.Source.Plugin.Name != config.Metadata.Name {
		t.Errorf("plugin %+v, application %+v", config, application)
	}
	if _, err := os.Stat(filepath.Join("..", "..", application.Spec.Source.Path, "kustomization.yaml")); err != nil {
		t.Error(err)
	}
}
