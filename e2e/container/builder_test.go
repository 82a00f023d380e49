// SPDX-License-Identifier: Apache-2.0

package container

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

const builderImage = "localhost/mattermost-fn-builder:e2e"

// importBuilder imports a builder image made of this machine's Go installation and the modules that go.sum names, so
// that the image can be built where none can be pulled and nothing can be downloaded. It contains no shell, no
// certificate, nothing else.
func importBuilder(t *testing.T) {
	t.Helper()
	inputs := builderInputs(t)
	docker := harness.Docker(t)
	have := harness.Command{}.Run(t, docker, "image", "inspect", "--format", `{{index .Config.Labels "inputs"}}`,
		builderImage)
	if have.Code == 0 && strings.TrimSpace(have.Stdout) == inputs {
		return
	}

	harness.Command{Dir: harness.Root()}.Run(t, "go", "mod", "download").MustSucceed(t)
	content, writer := io.Pipe()
	go func() { writer.CloseWithError(writeBuilder(writer)) }()
	command := exec.Command(docker, "import",
		"--change", "ENV PATH=/usr/local/go/bin",
		"--change", "ENV HOME=/root",
		"--change", "ENV GOPROXY=file:///modules",
		"--change", "ENV GOSUMDB=off", // go.sum has every sum; there is no network to ask for another
		"--change", "ENV GOTOOLCHAIN=local",
		"--change", "LABEL inputs="+inputs,
		"-", builderImage)
	command.Stdin = content
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// builderInputs is a sum of what goes into the builder.
func builderInputs(t *testing.T) string {
	t.Helper()
	sums, err := os.ReadFile(filepath.Join(harness.Root(), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	version := harness.Command{}.Run(t, "go", "version").MustSucceed(t).Stdout
	sum := sha256.Sum256(append([]byte(version), sums...))
	return hex.EncodeToString(sum[:])
}

func writeBuilder(w io.Writer) error {
	root := builderRoot{tar.NewWriter(w)}
	goroot, err := goEnv("GOROOT")
	if err != nil {
		return err
	}
	cache, err := goEnv("GOMODCACHE")
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return root.dir("tmp", 0o1777) },
		func() error { return root.tree(goroot, "usr/local/go", neededToBuild) },
		func() error { return root.modules(filepath.Join(cache, "cache", "download"), "modules") },
		root.Close,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func goEnv(name string) (string, error) {
	text, err := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(text)), err
}

// neededToBuild tells which files of a Go installation a build without tests reads.
func neededToBuild(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	switch top {
	case "VERSION", "go.env", "bin", "pkg", "src":
		return !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "/testdata/")
	}
	return false
}

// builderRoot writes the root file system of the builder.
type builderRoot struct{ *tar.Writer }

func (root builderRoot) dir(name string, mode int64) error {
	return root.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}

func (root builderRoot) file(source, name string) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(info.Mode().Perm()), Size: info.Size(),
		ModTime: info.ModTime()}
	if err := root.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(root, file)
	return err
}

func (root builderRoot) tree(source, target string, wanted func(name string) bool) error {
	return filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil || !wanted(filepath.ToSlash(name)) {
			return err
		}
		return root.file(path, target+"/"+filepath.ToSlash(name))
	})
}

// modules lays out the modules that go.sum names as a module proxy in files.
func (root builderRoot) modules(cache, target string) error {
	sums, err := os.Open(filepath.Join(harness.Root(), "go.sum"))
	if err != nil {
		return err
	}
	defer sums.Close()
	written := map[string]bool{}
	for lines := bufio.NewScanner(sums); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		path, err := module.EscapePath(fields[0])
		if err != nil {
			return err
		}
		version, err := module.EscapeVersion(strings.TrimSuffix(fields[1], "/go.mod"))
		if err != nil {
			return err
		}
		for _, kind := range []string{".info", ".mod", ".zip"} {
			name := path + "/@v/" + version + kind
			if written[name] {
				continue
			}
			written[name] = true
			err := root.file(filepath.Join(cache, filepath.FromSlash(name)), target+"/"+name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // go.sum names more than a build reads
				return err
			}
		}
	}
	return nil
}
