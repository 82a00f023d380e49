// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/license/licensetest"
)

const config = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
spec:
  domain: example.com
`

// ran is the outcome of one command.
type ran struct {
	exit        int
	out, errors string
}

// run runs the command line with standard input.
func run(stdin string, args ...string) ran {
	var out, errs bytes.Buffer
	exit := Execute(args, strings.NewReader(stdin), &out, &errs)
	return ran{exit, out.String(), errs.String()}
}

// lay creates a directory with files and makes it the working directory.
func lay(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Exit codes: 0 for success, 1 for rejected input, 2 for an invalid command line. Messages go to standard error;
// nothing is written to standard output unless the command succeeds.
func TestExitCodes(t *testing.T) {
	lay(t, map[string]string{
		"good.yaml":       config,
		"bad.yaml":        config + "  databse: {}\n",
		"broken.yaml":     "a: [",
		"list.yaml":       "- a\n",
		"empty/README.md": "",
	})
	const hint = "\nRun 'mattermost-fn --help' for usage.\n"
	hintOf := func(command string) string { return "\nRun 'mattermost-fn " + command + " --help' for usage.\n" }
	for _, test := range []struct {
		args   string
		exit   int
		errors string
	}{
		{"bogus", 2, `error: unknown command "bogus"; must be one of adopt, check, completion, explain, graph, help, ` +
			`images, import, install, license, new, render, schema, version` + hint},
		{"rendr", 2, `error: unknown command "rendr"; did you mean "render"?` + hint},
		{"good.yaml", 2, `error: unknown command "good.yaml"; to render this file: mattermost-fn render good.yaml` + hint},
		{"help rendr", 2, `error: unknown command "rendr"; did you mean "render"?` + hintOf("help")},
		{"--bogus", 2, "error: unknown flag: --bogus" + hint},
		{"--", 2, "error: as a function it takes no arguments or flags: its configuration is a MattermostConfig" + hint},
		{"render", 2, "error: a file or directory is required; - is standard input" + hintOf("render")},
		{"render --bogus good.yaml", 2, "error: unknown flag: --bogus" + hintOf("render")},
		{"render no-such-file.yaml", 1, "error: open no-such-file.yaml: no such file or directory\n"},
		{"render good.yaml no-such-file.yaml", 1, "error: open no-such-file.yaml: no such file or directory\n"},
		{"render bad.yaml", 1, "bad.yaml:8: error: spec.databse: unknown field; did you mean database?\n"},
		{"render broken.yaml", 1, "broken.yaml:1: error: not valid YAML: a [ or { is not closed, " +
			"or a comma is missing between the values in it\n"},
		{"render list.yaml", 1, "list.yaml:1: error: expected an object with apiVersion and kind; a configuration " +
			"begins with apiVersion: mattermost.bigbang.dev/v1alpha1\n"},
		{"render empty", 1, "error: empty contains no YAML files\n"},
		{"check", 2, "error: a file or directory is required; - is standard input" + hintOf("check")},
		{"check --output xml good.yaml", 2, `error: unknown output format "xml" (want text or json)` + hintOf("check")},
		{"check no-such-file.yaml", 1, "error: open no-such-file.yaml: no such file or directory\n"},
		{"explain spec.nope", 1, ""},
		{"explain a b", 2, "error: accepts at most 1 arg(s), received 2" + hintOf("explain")},
		{"schema --output xml", 2, `error: unknown output format "xml" (want crd, json-schema or openapi)` +
			hintOf("schema")},
		{"schema extra", 2, `error: unknown command "extra" for "mattermost-fn schema"` + hintOf("schema")},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := run("", strings.Fields(test.args)...)
			if r.exit != test.exit || r.out != "" {
				t.Errorf("exit code %d, want %d; wrote %q", r.exit, test.exit, r.out)
			}
			if test.errors != "" && r.errors != test.errors {
				t.Errorf("messages\n%s\nwant\n%s", r.errors, test.errors)
			}
			if r.errors == "" || !strings.HasSuffix(r.errors, "\n") {
				t.Errorf("messages %q, want whole lines", r.errors)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, want := range map[string]string{
		"--help":        "mattermost-fn turns one MattermostConfig into a complete Mattermost on Kubernetes:\n",
		"-h":            "mattermost-fn turns one MattermostConfig into a complete Mattermost on Kubernetes:\n",
		"help":          "mattermost-fn turns one MattermostConfig into a complete Mattermost on Kubernetes:\n",
		"help render":   "Print the resources of the MattermostConfigs in the files as plain YAML for\n",
		"render --help": "Print the resources of the MattermostConfigs in the files as plain YAML for\n",
		"--version":     "mattermost-fn ",
	} {
		if r := run("", strings.Fields(args)...); r.exit != 0 || !strings.HasPrefix(r.out, want) || r.errors != "" {
			t.Errorf("%s: exit code %d, wrote\n%s\nstderr %s", args, r.exit, r.out, r.errors)
		}
	}
	release = "v1.2.3"
	defer func() { release = "" }()
	if r := run("", "--version"); r.out != "mattermost-fn version v1.2.3\n" {
		t.Errorf("version %q", r.out)
	}
}

func TestVersion(t *testing.T) {
	release = "v1.2.3"
	defer func() { release = "" }()
	const want = `mattermost-fn        v1.2.3
Mattermost           11.10.0
Mattermost operator  1.25.9
API                  mattermost.bigbang.dev/v1alpha1
`
	if r := run("", "version"); r.exit != exitOK || r.out != want || r.errors != "" {
		t.Errorf("exit code %d, wrote\n%s\nstderr %s", r.exit, r.out, r.errors)
	}
	if r := run("", "version", "--licenses"); r.exit != exitOK ||
		!strings.Contains(r.out, "github.com/spf13/cobra: LICENSE.txt\n") || !strings.Contains(r.out, "Apache License\n") {
		t.Errorf("exit code %d, wrote\n%.1000s\nstderr %s", r.exit, r.out, r.errors)
	}
	if r := run("", "version", "x"); r.exit != exitUsage || r.out != "" {
		t.Errorf("exit code %d, wrote %s", r.exit, r.out)
	}
}

// Without arguments it is the function.
func TestFunction(t *testing.T) {
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " +
		strings.ReplaceAll(config, "\n", "\n  ") + "\n"
	if r := run(list); r.exit != 0 || !strings.Contains(r.out, "kind: Mattermost\n") || r.errors != "" {
		t.Errorf("exit code %d, wrote\n%s\nstderr %s", r.exit, r.out, r.errors)
	}
	if r := run("no list"); r.exit != 1 || r.out != "no list" || !strings.HasPrefix(r.errors, "error: ") {
		t.Errorf("exit code %d, wrote %q, stderr %s", r.exit, r.out, r.errors)
	}
}

var kindAndName = regexp.MustCompile(`(?m)^kind: (\w+)\nmetadata:\n  name: ([\w.-]+)( #.*)?$`)

// Reads files, directories and standard input; prints only what is for the cluster.
func TestRender(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata:\n  name: theirs # a comment\n"
	lay(t, map[string]string{
		"chat.yaml":        config,
		"chat-secret.yaml": config + "  database: {host: db, password: {secretKeyRef: {name: db, key: password}}}\n",
		"secret.yml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: teams\nstringData: " +
			"{password: hunter2}\n",
		"all/a.yaml":       config,
		"all/b.yml":        service,
		"all/c.txt":        "not: [read",
		"all/sub/d.yaml":   "not: [read",
		"all/k2.yaml":      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nmetadata:\n  name: k\n",
		"all/Kptfile.yaml": "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: k\n",
		"all/local.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: l\n  annotations: " +
			"{config.kubernetes.io/local-config: \"true\"}\n",
		"all/not-local.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  annotations: " +
			"{config.kubernetes.io/local-config: \"false\"}\n",
	})
	smallest := []string{"Secret chat-database", "Cluster chat-db", "PersistentVolumeClaim chat-files", "Mattermost chat",
		"VirtualService chat"}
	for _, test := range []struct {
		args, stdin string
		want        []string // besides what is for Fluent Bit
	}{
		{"chat.yaml", "", smallest},
		{"-", config, smallest},
		{"chat.yaml -", service, append([]string{"Service theirs"}, smallest...)},
		{"chat-secret.yaml secret.yml", "", []string{"Secret db", "Secret chat-database", "PersistentVolumeClaim chat-files",
			"Mattermost chat", "VirtualService chat"}},
		{"all", "", append([]string{"Service theirs", "ConfigMap m"}, smallest...)},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := run(test.stdin, append([]string{"render"}, strings.Fields(test.args)...)...)
			if r.exit != 0 || prerequisiteLines.ReplaceAllString(r.errors, "") != "" {
				t.Errorf("exit code %d, stderr %s", r.exit, r.errors)
			}
			var got []string
			for _, match := range kindAndName.FindAllStringSubmatch(r.out, -1) {
				if !strings.HasPrefix(match[1], "FluentBit") && match[1] != "Filter" && match[1] != "Parser" &&
					!strings.Contains(match[2], "log") && !strings.Contains(match[2], "fluent") {
					got = append(got, match[1]+" "+match[2])
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("printed %q, want %q", got, test.want)
			}
			if strings.Count(r.out, "\n---\n") != strings.Count("\n"+r.out, "\nkind: ")-1 {
				t.Errorf("the documents are not divided:\n%s", r.out)
			}
			if strings.Contains(test.args, "all") && !strings.Contains(r.out, "theirs # a comment") {
				t.Errorf("the comment is lost in\n%s", r.out)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	lay(t, map[string]string{
		"good.yaml":   config + "  allow: [MM000, MM072]\n",
		"warned.yaml": config + "  database: {host: db.example.com, password: hunter2}\n",
		"bad.yaml":    "# a comment\n---\n" + config + "  replicas: two\n  databse: {}\n",
		"both/a.yaml": config + "  allow: [MM072]\n",
		"both/b.yaml": strings.Replace(config, "name: chat", "name: talk", 1) + "  replicas: two\n",
	})
	for _, test := range []struct {
		args, stdin string
		exit        int
		out         string
	}{
		{"good.yaml", "", 0, ""},
		{"-o json good.yaml", "", 0, "[]\n"},
		{"-", config + "  allow: [MM000, MM072]\n", 0, ""},
		{"-", config + "  replicas: two\n", 1, "-:8: error: spec.replicas: expected an integer, " +
			"got the string \"two\"; write a number, such as 3\n"},
		{"bad.yaml", "", 1, "bad.yaml:10: error: spec.replicas: expected an integer, " +
			"got the string \"two\"; write a number, such as 3\n" +
			"bad.yaml:11: error: spec.databse: unknown field; did you mean database?\n"},
		{"both", "", 1, "both/b.yaml:8: error: spec.replicas: expected an integer, " +
			"got the string \"two\"; write a number, such as 3\n"},
		{"good.yaml good.yaml", "", 1, "good.yaml:4: error: metadata.name: there is another MattermostConfig teams/chat in " +
			"good.yaml; rename or remove one of the two\n"},
		{"--output json bad.yaml", "", 1, `[
  {
    "severity": "error",
    "message": "expected an integer, got the string \"two\"; write a number, such as 3",
    "field": "spec.replicas",
    "file": "bad.yaml",
    "line": 10,
    "namespace": "teams",
    "name": "chat"
  },
  {
    "severity": "error",
    "message": "unknown field; did you mean database?",
    "field": "spec.databse",
    "file": "bad.yaml",
    "line": 11,
    "namespace": "teams",
    "name": "chat"
  }
]
`},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := run(test.stdin, append([]string{"check"}, strings.Fields(test.args)...)...)
			if r.exit != test.exit || r.out != test.out || r.errors != "" {
				t.Errorf("exit code %d, printed\n%s\nstderr %q, want %d and\n%s", r.exit, r.out, r.errors, test.exit, test.out)
			}
		})
	}
	// The result of a rule has an ID, and a warning is not a failure.
	r := run("", "check", "-o", "json", "warned.yaml")
	var results []struct{ Severity, Rule string }
	if err := json.Unmarshal([]byte(r.out), &results); err != nil || r.exit != 0 || len(results) == 0 ||
		results[0].Severity != "warning" || !strings.HasPrefix(results[0].Rule, "MM") {
		t.Errorf("exit code %d, printed %s, %v", r.exit, r.out, err)
	}
}

// No command prints a secret, except render, base64-encoded in a Secret.
func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "hunter2/%"
	lay(t, map[string]string{
		"good.yaml": config + "  database: {host: db.example.com, password: \"" + secret + "\"}\n",
		"bad.yaml": config + "  replicas: two\n  database: {host: db.example.com, password: \"" + secret +
			"\", password: [\"" + secret + "\"]}\n  enterprise: " + secret + "\n",
	})
	for _, args := range []string{"render good.yaml", "check good.yaml", "check -o json good.yaml", "render bad.yaml",
		"check bad.yaml", "check -o json bad.yaml"} {
		r := run("", strings.Fields(args)...)
		if r.out+r.errors == "" {
			t.Errorf("%s: no message about a plain-text secret", args)
		}
		if strings.Contains(r.out+r.errors, "hunter2") {
			t.Errorf("%s printed the secret:\n%s%s", args, r.out, r.errors)
		}
	}
}

func TestExplain(t *testing.T) {
	for args, want := range map[string]string{
		"":                      "KIND:     MattermostConfig\n",
		"spec.sso":              "FIELD:    spec.sso <",
		"spec.database.sslMode": "verify-full",
	} {
		if r := run("", append([]string{"explain"}, strings.Fields(args)...)...); r.exit != 0 ||
			!strings.Contains(r.out, want) || r.errors != "" {
			t.Errorf("%s: exit code %d, printed\n%s\nstderr %s", args, r.exit, r.out, r.errors)
		}
	}
}

// Every environment variable of the servers that is emitted can be explained.
func TestExplainEmittedVariables(t *testing.T) {
	files, err := filepath.Glob("../../e2e/expansion/testdata/*.yaml")
	examples, err2 := filepath.Glob("../../examples/*/mattermost.yaml")
	if err != nil || err2 != nil || len(files) < 16 {
		t.Fatal(err, err2, files)
	}
	explained := map[string]bool{}
	variable := regexp.MustCompile(`(?m)^ +-? ?name: ((?:MM|PG)_?[A-Z0-9_]+)$`)
	for _, file := range slices.Concat(files, examples) {
		for _, match := range variable.FindAllStringSubmatch(run("", "render", file).out, -1) {
			name := match[1]
			if explained[name] || name == "PGDATA" { // of the database
				continue
			}
			explained[name] = true
			if r := run("", "explain", name); r.exit != 0 || !strings.Contains(r.out, "FIELD:") {
				t.Errorf("%s: %s%s", name, r.out, r.errors)
			}
		}
	}
	for _, name := range []string{"MM_CALLS_ICE_HOST_OVERRIDE", "MM_CONFIG", "MM_SERVICESETTINGS_SITEURL", "PGUSER"} {
		if !explained[name] {
			t.Errorf("%s is not emitted", name)
		}
	}
}

// The help has one paragraph about the output of earlier runs.
func TestCheckHelp(t *testing.T) {
	if r := run("", "check", "--help"); strings.Count(r.out, "The output of earlier runs") != 1 ||
		!strings.Contains(r.out, "[MM070]") {
		t.Error(r.out)
	}
}

func TestSchema(t *testing.T) {
	crd := run("", "schema")
	if crd.exit != 0 || crd.out != string(v1alpha1.CRD()) || crd.errors != "" {
		t.Errorf("exit code %d, stderr %s", crd.exit, crd.errors)
	}
	var schema struct{ Properties map[string]any }
	r := run("", "schema", "-o", "json-schema")
	if err := json.Unmarshal([]byte(r.out), &schema); err != nil || r.exit != 0 || schema.Properties["spec"] == nil ||
		r.errors != "" {
		t.Errorf("exit code %d, %v, stderr %s", r.exit, err, r.errors)
	}
}

// prerequisiteLines matches prerequisites, and the warning about the logs of Big Bang.
var prerequisiteLines = regexp.MustCompile(`(?m)^.*\[MM0(00|72)\]\n`)

// Every command has examples. TestExamplesOfHelp in e2e/examples runs each of them.
func TestExamples(t *testing.T) {
	root := rootCommand(ioStreams{})
	for _, command := range append([]*cobra.Command{root}, root.Commands()...) {
		if command.Example == "" {
			t.Errorf("%s has no example", command.Name())
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }
func (broken) Read([]byte) (int, error)  { return 0, errors.New("broken") }

// A stream that cannot be written is not a mistake in the command line.
func TestBrokenStreams(t *testing.T) {
	lay(t, map[string]string{"good.yaml": config, "warned.yaml": config + "  env: [{name: MM_NOPE, value: x}]\n",
		"old/chat.yaml": config, "resource.yaml": cleanResource, "live.yaml": managedResource,
		"license": licensetest.New(t, licensetest.License{Plan: "enterprise",
			Expires: time.Now().Add(1000 * time.Hour), Features: map[string]any{"users": 10}})})
	for _, args := range []string{"render good.yaml", "render --diff old", "check warned.yaml", "check -o json good.yaml",
		"import resource.yaml", "adopt live.yaml",
		"explain", "schema", "schema -o json-schema", "version", "version --licenses", "license license",
		"--version", "--help",
		"help", "help check", "completion bash"} {
		var errs bytes.Buffer
		exit := Execute(strings.Fields(args), strings.NewReader(""), broken{}, &errs)
		if exit != exitRefused || !strings.HasSuffix(errs.String(), "error: standard output: broken\n") {
			t.Errorf("%s: exit code %d, stderr %s", args, exit, errs.String())
		}
	}
	var errs bytes.Buffer
	if exit := Execute([]string{"render", "-"}, broken{}, &bytes.Buffer{}, &errs); exit != 1 ||
		errs.String() != "error: broken\n" {
		t.Errorf("exit code %d, stderr %s", exit, errs.String())
	}
}
