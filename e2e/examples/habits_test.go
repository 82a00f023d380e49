// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// chat is a configuration whose output kustomize can change: it names nothing in text.
const chat = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
  annotations:
    config.kubernetes.io/local-config: "true"
    config.kubernetes.io/function: |
      exec: {path: mattermost-fn}
spec:
  domain: bigbang.dev
  replicas: 2
  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  database: {existingSecret: database}
  objectStorage: {endpoint: "https://s3.example.mil", bucket: chat, existingSecret: s3}
  networkPolicies: {enabled: true, egress: {database: [10.20.0.0/16]}}
  monitoring: {enabled: true}
`

// named adds what names the installation in text, which kustomize does not change.
const named = `  istio: {mtls: STRICT, authorizationPolicies: true}
  logging: {fluentBit: {form: configMap}}
`

const alerts = "  monitoring: {enabled: true, alerts: {enabled: true}, dashboard: {enabled: true}}\n"

// inCluster replaces the database and the object storage by those in the cluster.
func inCluster(engine string) string {
	config := strings.ReplaceAll(chat, "database: {existingSecret: database}", "database: {inCluster: "+engine+"}")
	return strings.ReplaceAll(strings.ReplaceAll(config, ", egress: {database: [10.20.0.0/16]}", ""), "s3.example.mil",
		"s3.example.mil:9000")
}

const image = "registry1.dso.mil/ironbank/opensource/mattermost/mattermost"

// habit is something that users of kustomize write every day.
type habit struct {
	// kustomization is added to one that has the configuration among its generators. Config is chat if it is empty.
	kustomization, config string
	// fails is what kustomize says; empty if it succeeds.
	fails string
	// trap is what check reports of the output without the Component, left what it reports with it. Empty means that the
	// output works.
	trap, left []string
	// has is in the output with the Component.
	has []string
}

var habits = map[string]habit{
	"nothing": {},
	"namespace": {
		kustomization: "namespace: prod\n",
		has: []string{"  matchRegex: " +
			"^kube\\.var\\.log\\.containers\\.chat-[a-z0-9]+-[a-z0-9]{5}_[a-z0-9-]+_mattermost-"},
	},
	"namespace, with identities and the plain Fluent Bit": {
		kustomization: "namespace: prod\n", config: chat + named,
		trap: []string{
			"error: spec.rules[1].from[0].source.principals[0]: AuthorizationPolicy prod/chat names the installation teams/chat, " +
				"but the installation is prod/chat now",
			"error: data.filters.conf: ConfigMap prod/teams.chat-fluent-bit names the installation teams/chat",
			"error: metadata.namespace: ConfigMap prod/teams.chat-fluent-bit was emitted for namespace fluentbit and is in prod",
		},
		left: []string{"principals[0]", "data.filters.conf", "metadata.namespace"},
	},
	"namespace, with alerts and a dashboard": {
		kustomization: "namespace: prod\n",
		config:        strings.ReplaceAll(chat, "  monitoring: {enabled: true}\n", alerts),
		trap: []string{
			"warning: spec.groups[0].rules[0].expr: PrometheusRule prod/chat names the installation teams/chat",
			"warning: data.teams.chat.json: ConfigMap prod/teams.chat-dashboard names the installation teams/chat",
			"warning: metadata.namespace: ConfigMap prod/teams.chat-dashboard was emitted for namespace monitoring",
		},
		left: []string{"spec.groups[0].rules[0].expr", "data.teams.chat.json", "metadata.namespace"},
	},
	"namespace, with a database in the cluster": {
		kustomization: "namespace: prod\n", config: inCluster("{instances: 3}"),
	},
	"namespace, with a plain database and MinIO": {
		kustomization: "namespace: prod\n",
		config: strings.ReplaceAll(inCluster("{engine: statefulset, password: example}"),
			"{endpoint: \"https://s3.example.mil:9000\", bucket: chat, existingSecret: s3}",
			"{inCluster: {engine: minio, accessKey: example-access, accessSecret: example-secret}}"),
		trap: []string{"error: spec.fileStore.external.url: Mattermost prod/chat names the Service chat-files-hl.teams"},
		left: []string{"spec.fileStore.external.url"},
	},
	"namePrefix": {
		kustomization: "namePrefix: dev-\n", config: chat + "  logging: {fluentBit: {enabled: false}}\n  sso: {enabled: " +
			"true, " +
			"issuerURL: 'https://login.example.mil/auth/realms/x', clientID: chat, clientSecret: example}\n",
		trap: []string{
			"names Secret chat-sso, which is not in the output; it is called dev-chat-sso there. List the Component",
			"NetworkPolicy teams/dev-chat-default-deny selects by the label installation.mattermost.com/installation: chat, but " +
				"the pods of Mattermost dev-chat have dev-chat",
			"error: spec.http[0].route[0].destination.host: VirtualService teams/dev-chat names Service chat,",
		},
		has: []string{"        name: dev-chat-sso\n"},
	},
	"nameSuffix": {
		kustomization: "nameSuffix: -blue\n", config: chat + "  logging: {fluentBit: {enabled: false}}\n",
		trap: []string{"selects by the label installation.mattermost.com/installation: chat, but the pods of Mattermost " +
			"chat-blue have chat-blue"},
	},
	"namePrefix, with logs": {
		kustomization: "namePrefix: dev-\n",
		trap: []string{"error: spec.matchRegex: Filter teams/dev-chat names the installation chat, but the installation is " +
			"teams/dev-chat now: Fluent Bit does not match the servers' lines, so that the log is not redacted"},
		left: []string{"spec.matchRegex: Filter teams/dev-chat"},
	},
	"namePrefix, with a database in the cluster": {
		kustomization: "namePrefix: dev-\n", config: inCluster("{instances: 3}") + "  logging: {fluentBit: {enabled: " +
			"false}}\n",
		trap: []string{"names the Service chat-db-rw, but the installation is teams/dev-chat now: there is no such " +
			"Service; it is " +
			"dev-chat-db-rw in namespace teams", "names Secret chat-db-app, which is not in the output; it is called " +
			"dev-chat-db-app there"},
		left: []string{"names the Service chat-db-rw", "names Secret chat-db-app"},
	},
	"labels with selectors": {
		kustomization: "labels: [{pairs: {team: blue}, includeSelectors: true}]\n",
		trap: []string{
			"error: spec.podSelector.matchLabels.team: NetworkPolicy teams/chat-default-deny selects by the label team: blue, but " +
				"the pods of Mattermost chat have no such label",
			"error: spec.selector.matchLabels.team: PodDisruptionBudget teams/chat ",
			"error: spec.selector.team: Service teams/chat-gossip ",
		},
		has: []string{"    extraLabels:\n      team: blue\n", "        matchExpressions:\n        - key: app\n"},
	},
	"labels with selectors, and a plain database": {
		kustomization: "labels: [{pairs: {team: blue}, includeSelectors: true}]\n",
		config:        inCluster("{engine: statefulset, password: example}"),
		trap:          []string{"PodDisruptionBudget teams/chat selects by the label team: blue"},
	},
	"commonLabels": {
		kustomization: "commonLabels: {team: blue}\n",
		trap:          []string{"NetworkPolicy teams/chat-default-deny selects by the label team: blue"},
		has:           []string{"    extraLabels:\n      team: blue\n"},
	},
	"labels without selectors": {kustomization: "labels: [{pairs: {team: blue}}]\n"},
	"labels with templates":    {kustomization: "labels: [{pairs: {team: blue}, includeTemplates: true}]\n"},
	"annotations":              {kustomization: "commonAnnotations: {team: blue}\n"},
	"buildMetadata":            {kustomization: "buildMetadata: [managedByLabel, originAnnotations, transformerAnnotations]\n"},
	"an overwritten operator key": {
		kustomization: "labels: [{pairs: {app: blue}, includeSelectors: true}]\n",
		trap:          []string{"selects by the label app: blue, but the pods of Mattermost chat have mattermost"},
		left:          []string{"selects by the label app: blue, but the pods of Mattermost chat have mattermost"},
	},
	"the instance label, as Argo CD sets it": {
		kustomization: "labels: [{pairs: {app.kubernetes.io/instance: argo}}]\n",
		trap: []string{"FluentBitConfig teams/chat selects by the label app.kubernetes.io/instance: chat, which is " +
			"\"argo\" in " +
			"Filter chat: Fluent Bit does not use it, and the log is not redacted"},
		left: []string{"FluentBitConfig teams/chat selects by the label app.kubernetes.io/instance: chat"},
	},
	"images": {
		kustomization: "images: [{name: " + image + ", newName: reg.example.com/mm}]\n",
		trap: []string{"warning: spec.podExtensions.initContainers[0].image: Mattermost teams/chat waits for the database " +
			"with " +
			"reg.example.com/mm:11.10.0, but its servers run " + image + ":11.10.0"},
		has: []string{"  image: reg.example.com/mm\n"},
	},
	"images with a tag": {
		kustomization: "images: [{name: " + image + ", newName: reg.example.com/mm, newTag: 11.10.1}]\n",
		trap:          []string{"waits for the database with reg.example.com/mm:11.10.1, but its servers run"},
		left: []string{"error: spec.image: Mattermost teams/chat has the image reg.example.com/mm:11.10.1, to which the " +
			"operator " +
			"appends the version 11.10.0: there is no such image"},
	},
	"images of the database and MinIO": {
		kustomization: "images: [{name: registry1.dso.mil/ironbank/opensource/postgres/postgresql, newName: " +
			"reg.example.com/pg}, {name: registry1.dso.mil/ironbank/opensource/minio/minio, newName: reg.example.com/minio}]\n",
		config: strings.ReplaceAll(inCluster("{instances: 3}"),
			"{endpoint: \"https://s3.example.mil:9000\", bucket: chat, existingSecret: s3}",
			"{inCluster: {engine: minio, accessKey: example-access, accessSecret: example-secret}}"),
		has: []string{"  imageName: reg.example.com/pg:", "  image: reg.example.com/minio:"},
	},
	"replicas": {
		kustomization: "replicas: [{name: chat, count: 3}]\n",
		fails:         "resource with name chat does not match a config with the following GVK",
	},
	"replicas of a plain database": {
		kustomization: "replicas: [{name: chat-db, count: 3}]\n",
		config:        inCluster("{engine: statefulset, password: example}"),
		trap:          []string{"error: spec.replicas: StatefulSet teams/chat-db has 3 replicas"},
		left:          []string{"error: spec.replicas: StatefulSet teams/chat-db has 3 replicas"},
	},
	"secretGenerator": {
		kustomization: "secretGenerator: [{name: s3, namespace: teams, literals: [accesskey=a, secretkey=b]}]\n",
		trap: []string{"error: spec.fileStore.external.secret: Mattermost teams/chat names Secret s3, which is not in the " +
			"output; " +
			"it is called s3-"},
		has: []string{"      secret: s3-"},
	},
	"secretGenerator without a hash": {
		kustomization: "secretGenerator: [{name: s3, namespace: teams, literals: [accesskey=a, secretkey=b], " +
			"options: {disableNameSuffixHash: true}}]\n",
	},
	"configMapGenerator": {
		kustomization: "configMapGenerator: [{name: ca, namespace: teams, files: [ca.crt]}]\n",
		config: chat + "  sso: {enabled: true, issuerURL: 'https://login.example.mil/auth/realms/x', clientID: chat, " +
			"clientSecret: {secretKeyRef: {name: s, key: k}}, ca: {configMapKeyRef: {name: ca, key: ca.crt}}}\n",
		trap: []string{"names ConfigMap ca, which is not in the output; it is called ca-"},
	},
	"a patch of a list in the output": {
		kustomization: "patches:\n- patch: |\n    apiVersion: installation.mattermost.com/v1beta1\n    kind: Mattermost\n" +
			"    metadata: {name: chat, namespace: teams}\n    spec: {replicas: 1, mattermostEnv: [{name: FOO, value: bar}]}\n",
		trap: []string{"error: spec.mattermostEnv: Mattermost teams/chat has no MM_SERVICESETTINGS_SITEURL: a patch"},
		left: []string{"error: spec.mattermostEnv: Mattermost teams/chat has no MM_SERVICESETTINGS_SITEURL: a patch"},
	},
	"a patch of a list in the output, with the schema": {
		kustomization: "openapi: {path: openapi.json}\npatches:\n- patch: |\n    apiVersion: " +
			"installation.mattermost.com/v1beta1\n    kind: Mattermost\n    metadata: {name: chat, namespace: teams}\n    " +
			"spec: {mattermostEnv: [{name: FOO, value: bar}]}\n",
		has: []string{"  - name: FOO\n", "  - name: MM_SERVICESETTINGS_SITEURL\n"},
	},
	"a patch of the output": {
		kustomization: "patches:\n- target: {kind: Mattermost}\n  patch: '[{\"op\": \"replace\", \"path\": " +
			"\"/spec/replicas\", \"value\": 1}]'\n",
	},
}

// Ordinary habits of kustomize work, or check reports what does not. The real kustomize builds them, and where a trap
// is, the Component of examples/component resolves it, or check reports that too. In each case kustomize says nothing.
func TestHabitsOfKustomize(t *testing.T) {
	names := component(t)
	schema, _ := publishedSchema(t)
	for name, habit := range habits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := habit.config
			if config == "" {
				config = chat
			}
			for _, way := range []struct {
				name, kustomization string
				want                []string
			}{{"plain", "", habit.trap}, {"component", "components: [names]\n", habit.left}} {
				files := map[string]string{
					"mattermost.yaml": config, "ca.crt": "example", "openapi.json": schema,
					"kustomization.yaml": "generators: [mattermost.yaml]\n" + way.kustomization + habit.kustomization,
				}
				maps.Copy(files, names)
				dir := in(t, files)
				built := harness.KustomizeBuild(t, dir)
				if habit.fails != "" {
					built.MustFail(t)
					if !strings.Contains(built.Stderr, habit.fails) {
						t.Errorf("got %s, want %s", built.Stderr, habit.fails)
					}
					continue
				}
				built.MustSucceed(t)
				expectFindings(t, way.name, built.Stdout, way.want)
				// The directory itself, of which nothing is run.
				run := harness.Command{}.Run(t, harness.MattermostFn(t), "check", dir)
				for _, want := range way.want {
					if !strings.Contains(run.Stdout, strings.TrimPrefix(strings.TrimPrefix(want, "error: "), "warning: ")) {
						t.Errorf("%s: check of the directory does not report %q, but\n%s", way.name, want, run.Stdout)
					}
				}
				if len(way.want) == 0 && strings.Contains(run.Stdout, "[MM070]") {
					t.Errorf("%s: check of the directory reports\n%s", way.name, run.Stdout)
				}
				if way.name == "component" {
					for _, text := range habit.has {
						if !strings.Contains(built.Stdout, text) {
							t.Errorf("the output lacks %q", text)
						}
					}
				}
			}
		})
	}
}

// expectFindings checks what `mattermost-fn check -` reports of an output: all that is wanted, or nothing.
func expectFindings(t *testing.T, name, output string, want []string) {
	t.Helper()
	run := harness.Command{Stdin: output}.Run(t, harness.MattermostFn(t), "check", "--fail-on", "warning", "-")
	if found := strings.Contains(run.Stdout, "[MM070]"); found != (len(want) > 0) || found != (run.Code == 1) {
		t.Errorf("%s: want %q, got %s", name, want, run)
	}
	for _, text := range want {
		if !strings.Contains(run.Stdout, text) {
			t.Errorf("%s: %q is not reported, but\n%s", name, text, run.Stdout)
		}
	}
}

// component returns the files of the Component of examples/component.
func component(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name, text := range harness.ReadTree(t, filepath.Join(harness.Root(), "examples", "component", "names")) {
		files["names/"+name] = text
	}
	if len(files) < 2 {
		t.Fatalf("the Component is %v", files)
	}
	return files
}

// README's line for CI finds the output of the function, also where kustomize replaces its label, and fails where
// kustomize skips the function without a word.
func TestReadmesLineForCI(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(harness.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("in CI: `kustomize build … \\\\\\| (grep [^`]+)`").FindSubmatch(readme)
	if line == nil {
		t.Fatal("README.md has no such line")
	}
	dir := in(t, map[string]string{"mattermost.yaml": chat,
		"kustomization.yaml": "generators: [mattermost.yaml]\n" + habits["buildMetadata"].kustomization})
	built := harness.KustomizeBuild(t, dir).MustSucceed(t).Stdout
	skipped := harness.Command{}.Run(t, harness.Kustomize(t), "build", "--enable-alpha-plugins", dir).MustSucceed(t).Stdout
	harness.Command{Stdin: built}.Run(t, "sh", "-c", string(line[1])).MustSucceed(t)
	harness.Command{Stdin: skipped}.Run(t, "sh", "-c", string(line[1])).MustFail(t)
}

// One configuration that an output has twice, with other names, is two installations of one site.
func TestOneConfigurationTwice(t *testing.T) {
	generator := "generators: [mattermost.yaml]\n"
	for field, want := range map[string][]string{
		"namePrefix: %s-\n": {"has chat.bigbang.dev, as Mattermost teams/blue-chat has"},
		"nameSuffix: -%s\n": {"has chat.bigbang.dev, as Mattermost teams/chat-blue has"},
		"namespace: %s\n": {"has chat.bigbang.dev, as Mattermost blue/chat has",
			"has re_emitted_teams_chat, as FluentBitConfig blue/chat has"},
	} {
		files := map[string]string{"kustomization.yaml": "resources: [blue, green]\n"}
		for _, color := range []string{"blue", "green"} {
			files[color+"/kustomization.yaml"] = generator + strings.ReplaceAll(field, "%s", color)
			files[color+"/mattermost.yaml"] = chat
		}
		built := harness.KustomizeBuild(t, in(t, files)).MustSucceed(t)
		expectFindings(t, field, built.Stdout, want)
	}
}

// A configuration that is under resources and under transformers is one: what the kustomization does to the resource
// counts, and the commands say the same as kustomize with the function does.
func TestOneConfigurationUnderResourcesAndTransformers(t *testing.T) {
	config := strings.Replace(chat, "  monitoring: {enabled: true}\n", "  logging: {fluentBit: {enabled: false}}\n", 1)
	const lists = "resources: [mattermost.yaml]\ntransformers: [mattermost.yaml]\n"
	for kustomization, id := range map[string]string{
		lists: "teams/chat",
		"transformers: [mattermost.yaml]\nnamePrefix: p-\nresources: [mattermost.yaml]\n": "teams/p-chat",
		lists + "namePrefix: p-\n":                        "teams/p-chat",
		lists + "nameSuffix: -s\n":                        "teams/chat-s",
		lists + "namespace: other\n":                      "other/chat",
		lists + "namespace: other\nnamePrefix: p-\n":      "other/p-chat",
		lists + "commonLabels: {team: blue}\n":            "teams/chat",
		lists + "buildMetadata: [managedByLabel]\n":       "teams/chat",
		lists + "commonAnnotations: {example.com/a: b}\n": "teams/chat",
		lists + "patches:\n- target: {kind: MattermostConfig}\n  patch: '[{\"op\": \"replace\", \"path\": " +
			"\"/spec/replicas\", \"value\": 3}]'\nnamePrefix: p-\n": "teams/p-chat",
	} {
		t.Run(kustomization, func(t *testing.T) {
			t.Parallel()
			for _, config := range []string{config, strings.Replace(config, "    config.kubernetes.io/local-config: "+
				"\"true\"\n", "", 1)} {
				dir := in(t, map[string]string{"mattermost.yaml": config, "kustomization.yaml": kustomization})
				built := objects(t, harness.KustomizeBuild(t, dir).MustSucceed(t).Stdout)
				var servers []string
				for name := range built {
					if strings.HasPrefix(name, "Mattermost ") {
						servers = append(servers, name)
					}
				}
				if want := []string{"Mattermost " + id}; !slices.Equal(servers, want) {
					t.Errorf("got %q, want %q", servers, want)
				}
				check := harness.Command{}.Run(t, harness.MattermostFn(t), "check", dir).MustSucceed(t)
				if !strings.Contains(check.Stdout, "Prerequisites for "+id+":\n") || strings.Contains(check.Stdout, "[MM070]") {
					t.Errorf("check reports %s", check)
				}
				rendered := harness.Command{}.Run(t, harness.MattermostFn(t), "render", dir).MustSucceed(t)
				maps.DeleteFunc(built, func(name, _ string) bool { return strings.HasPrefix(name, "MattermostConfig ") })
				if got := objects(t, rendered.Stdout); !maps.Equal(got, built) {
					t.Errorf("render makes\n%v\nkustomize makes\n%v", got, built)
				}
			}
		})
	}
}

// A patch of a configuration that is a generator has no effect, and kustomize says nothing: it keeps the configuration
// until the end of the build, after the function ran. The commands say so.
func TestAPatchOfAGeneratorHasNoEffect(t *testing.T) {
	const strategic = "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
		"metadata: {name: chat, namespace: teams}\nspec: {domain: dev.mil}\n"
	indented := "    " + strings.ReplaceAll(strings.TrimSpace(strategic), "\n", "\n    ") + "\n"
	const json = `[{"op": "replace", "path": "/spec/domain", "value": "dev.mil"}]`
	for _, patches := range []string{
		"patches:\n- path: patch.yaml\n",
		"patches:\n- patch: |\n" + indented,
		"patches:\n- target: {kind: MattermostConfig}\n  patch: '" + json + "'\n",
		"patchesStrategicMerge:\n- patch.yaml\n",
		"patchesStrategicMerge:\n- |\n" + indented,
		"patchesJson6902:\n- target: {group: mattermost.bigbang.dev, version: v1alpha1, kind: MattermostConfig, name: chat, " +
			"namespace: teams}\n  patch: '" + json + "'\n",
	} {
		for _, list := range []string{"resources: [../base]\n", "generators: [mattermost.yaml]\n"} {
			dir := in(t, map[string]string{
				"base/kustomization.yaml": "generators: [mattermost.yaml]\n", "base/mattermost.yaml": chat,
				"dev/kustomization.yaml": list + patches, "dev/patch.yaml": strategic, "dev/mattermost.yaml": chat,
			}) + "/dev"
			if built := harness.KustomizeBuild(t, dir).MustSucceed(t); strings.Contains(built.Stdout, "dev.mil") {
				t.Errorf("%s%s: kustomize applies it", list, patches)
			}
			const want = "[0]: changes the MattermostConfig after the function ran, so it has no effect"
			check := harness.Command{}.Run(t, harness.MattermostFn(t), "check", dir).MustFail(t)
			if !strings.Contains(check.Stdout, want) {
				t.Errorf("%s%s: check reports %s", list, patches, check)
			}
			render := harness.Command{}.Run(t, harness.MattermostFn(t), "render", dir).MustFail(t)
			if !strings.Contains(render.Stderr, want) || render.Stdout != "" {
				t.Errorf("%s%s: render reports %s", list, patches, render)
			}
		}
	}
}

// A configuration under resources only: kustomize builds nothing of it, with exit code 0. The commands say so, and
// render prints nothing that would be committed.
func TestAConfigurationUnderResourcesOnly(t *testing.T) {
	const local = "    config.kubernetes.io/local-config: \"true\"\n"
	for _, config := range []string{chat, strings.Replace(chat, local, "", 1)} {
		dir := in(t, map[string]string{"mattermost.yaml": config, "kustomization.yaml": "resources: [mattermost.yaml]\n"})
		if built := harness.KustomizeBuild(t, dir).MustSucceed(t); strings.Contains(built.Stdout, "kind: Mattermost\n") {
			t.Errorf("kustomize runs the function: %s", built)
		}
		const want = "kustomization.yaml: %s: resources: kustomize runs no function for the MattermostConfig here"
		check := harness.Command{}.Run(t, harness.MattermostFn(t), "check", dir).MustSucceed(t)
		if !strings.Contains(check.Stdout, strings.Replace(want, "%s", "warning", 1)) {
			t.Errorf("check reports %s", check)
		}
		render := harness.Command{}.Run(t, harness.MattermostFn(t), "render", dir).MustFail(t)
		if !strings.Contains(render.Stderr, strings.Replace(want, "%s", "error", 1)) || render.Stdout != "" {
			t.Errorf("render reports %s", render)
		}
	}
}

// The output of every example fits together, also as one output.
func TestOutputOfExamplesFitsTogether(t *testing.T) {
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		expectFindings(t, example.Name, string(text), nil)
		if _, err := conventions.ByName(string(text)); err != nil {
			t.Error(err)
		}
	}
}
