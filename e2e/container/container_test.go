// SPDX-License-Identifier: Apache-2.0

// Package container builds the image, and runs the real kustomize and the real kpt with it on the local Docker engine:
// without network, as nobody.
package container

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

const (
	image   = "localhost/mattermost-fn:e2e"
	version = "v0.0.0-e2e"
)

// buildImage runs make image, once.
func buildImage(t *testing.T) {
	t.Helper()
	buildOnce.Do(func() {
		harness.Command{Dir: harness.Root()}.Run(t, "make", "image", "IMAGE="+image, "VERSION="+version).MustSucceed(t)
		imageBuilt = true
	})
	if !imageBuilt {
		t.Fatal("there is no image: see the first failure")
	}
}

// forgetFormerBuilds removes what earlier sources left in the engine, which would keep it forever. The newest build
// stage stays: it is the cache of the next build.
func forgetFormerBuilds(t *testing.T) {
	t.Helper()
	docker := harness.Docker(t)
	untagged := func(label string) []string {
		run := harness.Command{}.Run(t, docker, "image", "ls", "--quiet", "--filter", "dangling=true", "--filter",
			"label="+label)
		return strings.Fields(run.Stdout)
	}
	former := untagged("org.opencontainers.image.title=mattermost-fn")
	if stages := untagged("mattermost-fn.stage=build"); len(stages) > 1 {
		former = append(former, stages[1:]...)
	}
	for _, id := range former {
		harness.Command{}.Run(t, docker, "image", "rm", id)
	}
}

var (
	buildOnce  sync.Once
	imageBuilt bool
)

func TestImageIsOneBinaryForNobody(t *testing.T) {
	buildImage(t)
	docker, got := harness.Docker(t), inspect(t, image)
	if got.Config.User != "nobody" {
		t.Errorf("runs as %q", got.Config.User)
	}
	if !slices.Equal(got.Config.Entrypoint, []string{"/usr/local/bin/mattermost-fn"}) {
		t.Errorf("runs %q", got.Config.Entrypoint)
	}
	if got.Size > largest {
		t.Errorf("is %d bytes large, and may be %d", got.Size, largest)
	}
	if label := got.Config.Labels["org.opencontainers.image.version"]; label != version {
		t.Errorf("version label %q", label)
	}
	messages := harness.Command{}.Run(t, docker, "run", "--rm", "--network", "none", image, "--version").MustSucceed(t)
	if !strings.Contains(messages.Stdout, version) {
		t.Errorf("--version prints %q", messages.Stdout)
	}
	help := harness.Command{}.Run(t, docker, "run", "--rm", "--network", "none", image, "--help").MustSucceed(t)
	if !strings.Contains(help.Stdout, "mattermost-fn") {
		t.Errorf("kpt fn doc shows what --help prints, which is:\n%s", help.Stdout)
	}
}

// Argo CD's repo-server gets the program from the image by an init container, without a shell: it is copied to a
// volume, and runs from there.
func TestTheImageInstallsItself(t *testing.T) {
	buildImage(t)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { // nobody writes into it
		t.Fatal(err)
	}
	harness.Command{}.Run(t, harness.Docker(t), "run", "--rm", "--network", "none", "--read-only", "--volume",
		dir+":/programs", image, "install", "/programs").MustSucceed(t)
	installed := harness.Command{}.Run(t, filepath.Join(dir, "mattermost-fn"), "--version").MustSucceed(t)
	if !strings.Contains(installed.Stdout, version) {
		t.Errorf("--version prints %q", installed.Stdout)
	}
}

var (
	execAnnotation = regexp.MustCompile(`exec:\s*(\{path: mattermost-fn\}|path: mattermost-fn\b)`)
	execInKptfile  = regexp.MustCompile(`exec: mattermost-fn\b`)
)

// inContainer is a tree that calls the image wherever it called the executable.
func inContainer(tree harness.Tree) harness.Tree {
	changed := harness.Tree{}
	for name, text := range tree {
		text = execAnnotation.ReplaceAllString(text, "container: {image: "+image+"}")
		changed[name] = execInKptfile.ReplaceAllString(text, "image: "+image)
	}
	return changed
}

func TestKustomizeRunsTheImage(t *testing.T) {
	buildImage(t)
	all := harness.ReadTree(t, filepath.Join(harness.Root(), "examples"))
	dir := inContainer(all).Lay(t)
	for _, example := range harness.Examples(t) {
		if !example.Has("kustomization.yaml") {
			continue
		}
		t.Run(example.Name, func(t *testing.T) {
			// Without --enable-exec: an exec function that was left in would be passed over in silence.
			run := harness.Command{}.Run(t, harness.Kustomize(t), "build", "--enable-alpha-plugins",
				filepath.Join(dir, example.Name)).MustSucceed(t)
			harness.Tree{"output": run.Stdout}.MustEqual(t, harness.Tree{"output": all[example.Name+"/expected.yaml"]})
		})
	}
}

func TestKptRunsTheImage(t *testing.T) {
	buildImage(t)
	for _, example := range harness.Examples(t) {
		if !example.Has("Kptfile") {
			continue
		}
		t.Run(example.Name, func(t *testing.T) {
			executed := harness.ReadTree(t, example.Dir).Lay(t)
			harness.MattermostFn(t)
			harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", executed, "--allow-exec").MustSucceed(t)

			contained := inContainer(harness.ReadTree(t, example.Dir)).Lay(t)
			harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", contained).MustSucceed(t)
			harness.ReadTree(t, contained).MustEqual(t, inContainer(harness.ReadTree(t, executed)))
		})
	}
}

func TestTheImageFailsAsTheExecutableDoes(t *testing.T) {
	buildImage(t)
	for _, example := range harness.Examples(t) {
		if !example.Has("Kptfile") {
			continue
		}
		tree := inContainer(harness.ReadTree(t, example.Dir))
		for _, file := range harness.KptConfigurations(t, example.Dir) {
			tree[file] = strings.Replace(tree[file], "spec:", "spec:\n  databse: {}", 1)
		}
		dir := tree.Lay(t)
		run := harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", dir).MustFail(t)
		harness.ReadTree(t, dir).MustEqual(t, tree)
		if !strings.Contains(run.Stderr, "spec.databse") {
			t.Errorf("the mistake is not named:\n%s", run.Stderr)
		}
	}
}
