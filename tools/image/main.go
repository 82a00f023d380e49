// SPDX-License-Identifier: Apache-2.0

// Command image builds the container image from finished binaries, without a container engine. The same binaries give
// the same bytes. make runs it in the project's directory.
//
//	image -docker FILE -tag NAME linux/amd64=BINARY                       for `docker load`
//	image -oci FILE linux/amd64=BINARY linux/arm64=BINARY                 for registries: one image for several platforms
//
// The image is dated 1970, or SOURCE_DATE_EPOCH.
//
// The Dockerfile builds the same image with docker alone; a test compares the two.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const binary = "usr/local/bin/mattermost-fn"

// passwd defines nobody, the user as which kustomize and kpt run every function.
const passwd = "image/passwd"

func main() {
	var b build
	docker := flag.String("docker", "", "write an archive for docker load to this `file`; one platform")
	oci := flag.String("oci", "", "write an OCI archive to this `file`")
	tag := flag.String("tag", "mattermost-fn", "the image's `name` in docker load")
	flag.StringVar(&b.version, "version", "", "the `version` for the image's label")
	flag.StringVar(&b.revision, "revision", "", "the `commit` for the image's label")
	flag.Parse()
	if err := b.run(*docker, *oci, *tag, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// build has what the images of all platforms have in common.
type build struct {
	version, revision string
	made              time.Time
}

// run takes the binaries as platform=file.
func (b *build) run(docker, oci, tag string, binaries []string) error {
	seconds, err := strconv.ParseInt(cmp.Or(os.Getenv("SOURCE_DATE_EPOCH"), "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	b.made = time.Unix(seconds, 0).UTC()

	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var image v1.Image
	for _, argument := range binaries {
		text, file, ok := strings.Cut(argument, "=")
		platform, err := v1.ParsePlatform(text)
		if !ok || err != nil || platform.OS == "" || platform.Architecture == "" {
			return fmt.Errorf("%q is not PLATFORM=FILE, such as linux/amd64=FILE", argument)
		}
		if image, err = b.image(*platform, file); err != nil {
			return fmt.Errorf("%s: %w", argument, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	switch {
	case docker != "" && oci == "" && len(binaries) == 1:
		name, err := name.NewTag(tag)
		if err != nil {
			return err
		}
		return tarball.WriteToFile(docker, name, image)
	case oci != "" && docker == "" && len(binaries) > 0:
		return b.writeArchive(oci, mutate.Annotations(index, b.labels()).(v1.ImageIndex))
	}
	return errors.New("want -docker and one binary, or -oci and some")
}

// image builds the image of a binary for one platform.
func (b *build) image(platform v1.Platform, file string) (v1.Image, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	files, err := b.files(content)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithCompressedCaching)
	if err != nil {
		return nil, err
	}
	image, err := mutate.ConfigFile(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		types.OCIConfigJSON), &v1.ConfigFile{
		OS:           platform.OS,
		Architecture: platform.Architecture,
		Variant:      platform.Variant,
		Created:      v1.Time{Time: b.made},
		RootFS:       v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:       "nobody",
			Entrypoint: []string{"/" + binary},
			Labels:     b.labels(),
		},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{Layer: layer,
		History: v1.History{Created: v1.Time{Time: b.made}, CreatedBy: "bigbang.dev/mattermost-fn/tools/image"}})
}

func (b *build) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title": "mattermost-fn",
		"org.opencontainers.image.description": "KRM function: one MattermostConfig becomes a complete " +
			"Mattermost on Kubernetes",
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  b.version,
		"org.opencontainers.image.revision": b.revision,
	}
}

// files builds the image's file system as an archive.
func (b *build) files(executable []byte) ([]byte, error) {
	users, err := os.ReadFile(passwd)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, header := range []tar.Header{
		{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(users))},
		{Name: "usr/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "usr/local/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "usr/local/bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: binary, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(executable))},
	} {
		header.ModTime = b.made
		if err := writer.WriteHeader(&header); err != nil {
			return nil, err
		}
		content := map[string][]byte{"etc/passwd": users, binary: executable}[header.Name]
		if _, err := writer.Write(content); err != nil {
			return nil, err
		}
	}
	err = writer.Close()
	return archive.Bytes(), err
}

// writeArchive writes an OCI layout with one entry, the index of all platforms, as an archive.
func (b *build) writeArchive(file string, index v1.ImageIndex) error {
	directory, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	top := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	if _, err := layout.Write(directory, mutate.AppendManifests(top, mutate.IndexAddendum{Add: index})); err != nil {
		return err
	}
	archive, err := os.Create(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	writer := tar.NewWriter(archive)
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error { // in the order of names
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		if err := writer.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Typeflag: tar.TypeReg, Mode: 0o644,
			Size: int64(len(content)), ModTime: b.made}); err != nil {
			return err
		}
		_, err = writer.Write(content)
		return err
	})
	return errors.Join(err, writer.Close(), archive.Close())
}
