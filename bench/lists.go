// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// items returns the items of a ResourceList in block style, each as its lines.
func items(list []byte) []string {
	_, rest, found := strings.Cut(string(list), "\nitems:\n")
	if !found {
		return nil
	}
	var all []string
	for line := range strings.Lines(rest) {
		switch {
		case strings.HasPrefix(line, "- "):
			all = append(all, line)
		case strings.HasPrefix(line, " ") || line == "\n":
			if len(all) > 0 {
				all[len(all)-1] += line
			}
		default:
			return all
		}
	}
	return all
}

// isConfiguration reports whether an item is a MattermostConfig.
func isConfiguration(item string) bool { return strings.Contains(item, "\n  kind: MattermostConfig\n") }

// isForeign reports whether an item is not managed by mattermost-fn.
func isForeign(item string) bool {
	return !isConfiguration(item) && !strings.Contains(item, "\n      mattermost.bigbang.dev/owner: ")
}

// document returns an item as a YAML document.
func document(item string) string {
	var b strings.Builder
	for line := range strings.Lines(item) {
		if line != "\n" {
			line = line[2:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// keptForeign returns an error unless two lists have the same foreign items, byte for byte and in the same order. Lines
// that contain one of the ignored strings do not count.
func keptForeign(input, output []byte, ignored ...string) error {
	foreign := func(list []byte) []string {
		var all []string
		for _, item := range items(list) {
			if isForeign(item) {
				all = append(all, without(item, ignored))
			}
		}
		return all
	}
	in, out := foreign(input), foreign(output)
	if len(in) != len(out) {
		return fmt.Errorf("%d foreign items became %d", len(in), len(out))
	}
	for i, item := range in {
		if out[i] != item {
			return fmt.Errorf("foreign item %d changed from\n%s\n--- to\n%s", i, item, out[i])
		}
	}
	return nil
}

// without removes the lines that contain one of the given strings.
func without(text string, lines []string) string {
	if len(lines) == 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(lines, func(part string) bool { return strings.Contains(line, part) }) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// emitted counts the items of a list with ownership metadata.
func emitted(list []byte) int {
	n := 0
	for _, item := range items(list) {
		if !isConfiguration(item) && !isForeign(item) {
			n++
		}
	}
	return n
}

// documents returns the documents of a stream, sorted.
func documents(stream []byte) []string {
	text := strings.TrimPrefix(strings.TrimSuffix(string(stream), "\n"), "---\n")
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n---\n")
	slices.Sort(all)
	return all
}

// moreDocuments counts the documents that a stream has in addition to those of another, all of which it must have.
func moreDocuments(fewer, more []byte) (int, error) {
	all := documents(more)
	for _, document := range documents(fewer) {
		place, found := slices.BinarySearch(all, document)
		if !found {
			return 0, errors.New("missing or changed:\n" + document)
		}
		all = slices.Delete(all, place, place+1)
	}
	return len(all), nil
}

// countObjects counts the objects of a stream, which may begin with a separator and contain comments.
func countObjects(stream []byte) int {
	n := 0
	for line := range bytes.Lines(stream) {
		if bytes.HasPrefix(line, []byte("kind: ")) {
			n++
		}
	}
	return n
}
