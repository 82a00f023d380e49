// SPDX-License-Identifier: Apache-2.0

package container

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// largest is what an image may take, unpacked: on a node's disk, and in `docker images`. What a node downloads is about
// a third of it.
const largest = 24_000_000

// madeRelease runs make release and returns its directory.
func madeRelease(t *testing.T) string {
	t.Helper()
	harness.Command{Dir: harness.Root()}.Run(t, "make", "release", "VERSION="+version).MustSucceed(t)
	return filepath.Join(harness.Bin(), "release")
}

// One release, looked at from all sides: it takes a while to make.
func TestRelease(t *testing.T) {
	dir := madeRelease(t)
	released := index(t, filepath.Join(dir, "mattermost-fn-image.tar"))
	images := map[string]v1.Image{}
	manifest, err := released.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range manifest.Manifests {
		image, err := released.Image(entry.Digest)
		if err != nil {
			t.Fatal(err)
		}
		images[entry.Platform.String()] = image
	}
	if len(images) != 2 {
		t.Errorf("it is for %d platforms", len(images))
	}

	for _, architecture := range []string{"amd64", "arm64"} {
		t.Run(architecture, func(t *testing.T) {
			image, ok := images["linux/"+architecture]
			if !ok {
				t.Fatal("there is no image")
			}
			files, size := content(t, image)
			if size > largest {
				t.Errorf("is %d bytes large, and may be %d", size, largest)
			}
			binary := filepath.Join(dir, "mattermost-fn-linux-"+architecture)
			if diff := cmp.Diff(map[string]string{
				"etc/passwd":                  sumOf(t, filepath.Join(harness.Root(), "image", "passwd")),
				"usr/local/bin/mattermost-fn": sumOf(t, binary),
			}, files); diff != "" {
				t.Errorf("files (- wanted, + there):\n%s", diff)
			}
			built, err := buildinfo.ReadFile(binary)
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, setting := range built.Settings {
				settings[setting.Key] = setting.Value
			}
			if settings["GOARCH"] != architecture || settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" {
				t.Errorf("was built with %v", settings)
			}
			var modules []string
			for _, module := range built.Deps {
				modules = append(modules, module.Path+"@"+module.Version)
			}
			slices.Sort(modules)
			if diff := cmp.Diff(modules, components(t, binary+".cdx.json")); diff != "" {
				t.Errorf("bill of materials (- in the binary, + in the bill):\n%s", diff)
			}
		})
	}

	t.Run("again", func(t *testing.T) {
		sums := harness.ReadTree(t, dir)["sha256sums"]
		if strings.Count(sums, "\n") != 5 {
			t.Errorf("sums of\n%s", sums)
		}
		if again := harness.ReadTree(t, madeRelease(t))["sha256sums"]; again != sums {
			t.Errorf("the second is not the first (- first, + second):\n%s", cmp.Diff(sums, again))
		}
	})

	t.Run("make image makes the same", func(t *testing.T) {
		buildImage(t)
		of := inspect(t, image)
		want, err := images[of.Os+"/"+of.Architecture].ConfigName()
		if err != nil {
			t.Fatal(err)
		}
		if of.ID != want.String() {
			t.Errorf("in docker it is %s, in the archive %s", of.ID, want)
		}
	})

	t.Run("through a registry", func(t *testing.T) {
		server := httptest.NewServer(registry.New())
		defer server.Close()
		reference, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/mattermost-fn:" + version)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.WriteIndex(reference, released); err != nil {
			t.Fatal(err)
		}
		docker := harness.Docker(t)
		harness.Command{}.Run(t, docker, "pull", reference.Name()).MustSucceed(t)
		defer harness.Command{}.Run(t, docker, "image", "rm", reference.Name())
		messages := harness.Command{}.Run(t, docker, "run", "--rm", "--network", "none", reference.Name(),
			"--version").MustSucceed(t)
		if !strings.Contains(messages.Stdout, version) {
			t.Errorf("printed %q", messages.Stdout)
		}
	})
}

// Who builds with the Dockerfile, elsewhere and with nothing cached, gets the same binary and the same configuration.
func TestTheDockerfileMakesTheSame(t *testing.T) {
	buildImage(t)
	importBuilder(t)
	docker := harness.Docker(t)
	const built = image + "-dockerfile"
	want := inspect(t, image)
	harness.Command{Dir: harness.Root()}.Run(t, docker, "build", "--force-rm", "--tag", built,
		"--build-arg", "BUILDER="+builderImage,
		"--build-arg", "VERSION="+version, "--build-arg", "REVISION="+want.Config.Labels["org.opencontainers.image.revision"],
		".").MustSucceed(t)
	forgetFormerBuilds(t)
	got := inspect(t, built)
	if diff := cmp.Diff(want.Config, got.Config); diff != "" {
		t.Errorf("- make image, + Dockerfile:\n%s", diff)
	}
	for _, file := range []string{"/etc/passwd", "/usr/local/bin/mattermost-fn"} {
		if want, got := fileIn(t, want.ID, file), fileIn(t, got.ID, file); want != got {
			t.Errorf("%s is %s by make image, %s by the Dockerfile", file, want, got)
		}
	}
}

// description is what docker knows about an image.
type description struct {
	ID               string `json:"Id"`
	Os, Architecture string
	Size             int64
	Config           struct {
		User       string
		Entrypoint []string
		Cmd        []string
		Labels     map[string]string
	}
}

func inspect(t *testing.T, image string) description {
	t.Helper()
	var described []description
	text := harness.Command{}.Run(t, harness.Docker(t), "image", "inspect", image).MustSucceed(t).Stdout
	if err := json.Unmarshal([]byte(text), &described); err != nil {
		t.Fatal(err)
	}
	return described[0]
}

// fileIn is the sum of a file in an image that docker has.
func fileIn(t *testing.T, image, file string) string {
	t.Helper()
	docker := harness.Docker(t)
	container := strings.TrimSpace(harness.Command{}.Run(t, docker, "create", image).MustSucceed(t).Stdout)
	defer harness.Command{}.Run(t, docker, "rm", container)
	archive := harness.Command{}.Run(t, docker, "cp", container+":"+file, "-").MustSucceed(t).Stdout
	for _, sum := range sumsIn(t, strings.NewReader(archive)) {
		return sum
	}
	t.Fatalf("there is no %s", file)
	return ""
}

// index is the one image that an OCI archive holds, for all its platforms.
func index(t *testing.T, archive string) v1.ImageIndex {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tree := harness.Tree{}
	eachFile(t, file, func(name string, content []byte) { tree[name] = string(content) })
	top, err := layout.ImageIndexFromPath(tree.Lay(t))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("want one entry: %v, %v", manifest, err)
	}
	all, err := top.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// content is the sum of each file of an image, and how large it is unpacked.
func content(t *testing.T, image v1.Image) (files map[string]string, size int) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	unpacked, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return sumsIn(t, bytes.NewReader(text)), len(text)
}

func sumsIn(t *testing.T, archive io.Reader) map[string]string {
	t.Helper()
	sums := map[string]string{}
	eachFile(t, archive, func(name string, content []byte) { sums[name] = sum(content) })
	return sums
}

// eachFile reads the regular files of a tar archive.
func eachFile(t *testing.T, archive io.Reader, do func(name string, content []byte)) {
	t.Helper()
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		content, readErr := io.ReadAll(reader)
		if err = errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeReg {
			do(header.Name, content)
		}
	}
}

func sumOf(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return sum(content)
}

func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

// components are the modules that a CycloneDX bill of materials names, the standard library aside.
func components(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(content, &bill); err != nil {
		t.Fatal(err)
	}
	if bill.BOMFormat != "CycloneDX" {
		t.Errorf("its format is %q", bill.BOMFormat)
	}
	var names []string
	for _, component := range bill.Components {
		if component.Name != "std" {
			names = append(names, component.Name+"@"+component.Version)
		}
	}
	slices.Sort(names)
	return names
}
