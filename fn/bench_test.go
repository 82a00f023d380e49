// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/generators"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/fntest"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
	"bigbang.dev/mattermost-fn/transformers"
)

// enterprise returns the configuration of the example with all features.
func enterprise(b *testing.B) string {
	b.Helper()
	text, err := os.ReadFile("../examples/enterprise/mattermost.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// BenchmarkRead reads ResourceLists of several sizes.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := fntest.Foreign(n, enterprise(b))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := resourcelist.Read(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGenerate turns the node of a configuration, the example with all features, into manifests.
func BenchmarkGenerate(b *testing.B) {
	list, err := resourcelist.Read(fntest.Foreign(1, enterprise(b)))
	if err != nil {
		b.Fatal(err)
	}
	node := list.Items[0].Node()
	b.ReportAllocs()
	for b.Loop() {
		config := &v1alpha1.MattermostConfig{}
		lines, problems := decode.Strict(node, config)
		config.SetDefaults()
		given := func(field string) bool { _, ok := lines[field]; return ok }
		report := &result.Reporter{}
		rules.Run(config, given, indexResources(list, transformers.ReadOwners(list)), time.Time{}, report)
		p := plan.New(config, given, indexResources(list, transformers.ReadOwners(list)), report)
		if report.HasErrors() || len(problems) > 0 {
			b.Fatal(report.Results, problems)
		}
		for _, object := range generators.Generate(p) {
			if _, err := generators.Manifest(object); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRun runs the whole function on input of several sizes: the first time, and on its own output.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		data := fntest.Foreign(n, enterprise(b))
		b.Run(fmt.Sprintf("%d/first", n), func(b *testing.B) { benchmarkRun(b, data) })
		var out bytes.Buffer
		if exit := Run(bytes.NewReader(data), &out, io.Discard); exit != 0 {
			b.Fatal("rejected")
		}
		b.Run(fmt.Sprintf("%d/again", n), func(b *testing.B) { benchmarkRun(b, out.Bytes()) })
	}
}

func benchmarkRun(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if exit := Run(bytes.NewReader(data), io.Discard, io.Discard); exit != 0 {
			b.Fatal("rejected")
		}
	}
}

// BenchmarkFleet runs the function on many configurations. The time per installation should be constant.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1_000} {
		data := fntest.Fleet(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var messages bytes.Buffer
				if exit := Run(bytes.NewReader(data), io.Discard, &messages); exit != 0 || messages.Len() > 0 {
					b.Fatal(exit, messages.String())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/installation")
		})
	}
}

// BenchmarkPackages runs the function on packages in a package, each with an installation, as kpt sends them. The time
// per installation should be constant.
func BenchmarkPackages(b *testing.B) {
	for _, n := range []int{100, 1_000} {
		place := func(file, directory string) string {
			return "  annotations: {internal.config.kubernetes.io/path: " + file +
				", internal.config.kubernetes.io/package-path: " + directory + "}\n"
		}
		kptfile := "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"
		given := []string{kptfile + place("Kptfile", "/fleet")}
		for i := range n {
			directory := fmt.Sprint("/fleet/", i)
			config := strings.NewReplacer("teams", fmt.Sprint("t", i), "example.com", fmt.Sprint(i, ".example.com"),
				"spec:\n", place("chat.yaml", directory)+"spec:\n").Replace(smallest)
			given = append(given, kptfile+place("Kptfile", directory), config)
		}
		first := list("", given...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if exit := Run(strings.NewReader(first), io.Discard, io.Discard); exit != 0 {
					b.Fatal("rejected")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/installation")
		})
	}
}
