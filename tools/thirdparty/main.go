// SPDX-License-Identifier: Apache-2.0

// Command thirdparty collects the license texts that go-licenses has saved, and others, into one compressed text, which
// mattermost-fn prints. It leaves the file alone if that has the same text already, since other versions of Go compress
// it to other bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	saved := flag.String("saved", "", "the directory that go-licenses saved to")
	others := map[string]string{}
	flag.Func("text", "`NAME=FILE` of another text; may be given several times", func(value string) error {
		name, file, found := strings.Cut(value, "=")
		if !found {
			return errors.New("must be NAME=FILE")
		}
		others[name] = file
		return nil
	})
	output := flag.String("o", "", "the compressed text to write")
	check := flag.Bool("check", false, "fail if the text has changed, and write nothing")
	flag.Parse()
	if err := run(*saved, others, *output, *check); err != nil {
		fmt.Fprintln(os.Stderr, "thirdparty:", err)
		os.Exit(1)
	}
}

func run(saved string, others map[string]string, output string, check bool) error {
	text, err := collect(saved, others)
	if err != nil {
		return err
	}
	if known, err := decompress(output); err == nil && known == text {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if check {
		return fmt.Errorf("%s is not up to date", output)
	}
	return compress(output, text)
}

// collect returns every text once, after the names of everything that it is for.
func collect(saved string, others map[string]string) (string, error) {
	names := map[string][]string{} // by text
	add := func(name, file string) error {
		text, err := os.ReadFile(file)
		if err == nil {
			key := strings.TrimSpace(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
			names[key] = append(names[key], name)
		}
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		if err := add(name, others[name]); err != nil {
			return "", err
		}
	}
	err := filepath.WalkDir(saved, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(saved, file)
		if err != nil {
			return err
		}
		directory, base := path.Split(filepath.ToSlash(name))
		return add(strings.TrimSuffix(directory, "/")+": "+base, file)
	})
	if err != nil {
		return "", err
	}
	texts := slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return strings.Compare(names[a][0], names[b][0])
	})
	var out strings.Builder
	for i, text := range texts {
		if i > 0 {
			out.WriteString("\n" + strings.Repeat("=", 80) + "\n\n")
		}
		fmt.Fprintf(&out, "%s\n\n%s\n", strings.Join(names[text], "\n"), text)
	}
	return out.String(), nil
}

func decompress(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	text, err := io.ReadAll(reader)
	return string(text), err
}

func compress(file, text string) error {
	var data bytes.Buffer
	writer, err := gzip.NewWriterLevel(&data, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(writer, text); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, data.Bytes(), 0o644)
}
