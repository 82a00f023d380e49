// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/golden"
	"bigbang.dev/mattermost-fn/internal/importer"
)

// bigBangDirectory has, for five sets of values, what Big Bang's chart 11.5.1-bb.0 renders. It is not in a clean clone.
const bigBangDirectory = "../../../shared/bigbang"

// pairs are the sets of values.
var pairs = []string{"1-basic", "2-seed", "3-operations", "4-users-openshift", "5-irsa-minio-off"}

// difference is one fact that differs.
type difference struct{ fact, chart, ours string }

// compare returns the facts that differ, sorted.
func compare(chart, ours facts) []difference {
	all := maps.Clone(chart)
	maps.Copy(all, ours)
	var found []difference
	for _, fact := range slices.Sorted(maps.Keys(all)) {
		if chart[fact] != ours[fact] {
			found = append(found, difference{fact, chart[fact], ours[fact]})
		}
	}
	return found
}

// importPair imports the values of a pair and returns the configuration with the Secrets.
func importPair(t *testing.T, pair string) *importer.Result {
	t.Helper()
	name := filepath.Join("testdata/bigbang", pair+".yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	imported, err := importer.Import([]importer.File{{Name: "values.yaml", Data: data}}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return imported
}

// The installation that the import describes does what Big Bang's did, except for the differences that
// testdata/bigbang/differences.tsv gives a reason for. Each of those is there.
func TestBigBangEquivalence(t *testing.T) {
	reasons := readReasons(t)
	used := map[string]bool{}
	for _, pair := range pairs {
		t.Run(pair, func(t *testing.T) {
			chart := chartFacts(t, pair)
			imported := importPair(t, pair)
			ours := extract(parseObjects(t, render(t, imported.Config)))
			for _, d := range compare(chart, ours) {
				reason, ok := reasonFor(reasons, d.fact)
				if !ok {
					t.Errorf("%s:\n  chart %s\n  ours  %s", d.fact, d.chart, d.ours)
				}
				used[reason.pattern] = true
			}
		})
	}
	for _, reason := range reasons {
		if !used[reason.pattern] {
			t.Errorf("differences.tsv: %s does not differ", reason.pattern)
		}
	}
}

// reason is why facts differ.
type reason struct{ pattern, text string }

func readReasons(t *testing.T) []reason {
	t.Helper()
	data, err := os.ReadFile("testdata/bigbang/differences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var reasons []reason
	for line := range strings.Lines(string(data)) {
		pattern, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || text == "" {
			t.Fatalf("differences.tsv: %q is not a fact and a reason", line)
		}
		reasons = append(reasons, reason{pattern, text})
	}
	return reasons
}

// reasonFor returns the reason for a fact: that of its name, or of a name that ends with * and begins like it.
func reasonFor(reasons []reason, fact string) (reason, bool) {
	for _, r := range reasons {
		prefix, isPrefix := strings.CutSuffix(r.pattern, "*")
		if fact == r.pattern || isPrefix && strings.HasPrefix(fact, prefix) {
			return r, true
		}
	}
	return reason{}, false
}

// chartFacts returns the facts of what the chart renders. They are extracted from the rendered objects where those are,
// and compared with the committed ones.
func chartFacts(t *testing.T, pair string) facts {
	t.Helper()
	file := filepath.Join("testdata/bigbang", pair+".facts")
	if rendered, err := os.ReadFile(filepath.Join(bigBangDirectory, pair, "rendered.yaml")); err == nil {
		extracted := extract(parseObjects(t, rendered))
		golden.File(t, file, encodeFacts(extracted))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := facts{}
	for line := range strings.Lines(string(data)) {
		fact, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		found[fact] = value
	}
	return found
}

func encodeFacts(f facts) string {
	var b strings.Builder
	for _, fact := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%s\t%s\n", fact, f[fact])
	}
	return b.String()
}

// The values of the umbrella that the facts were rendered from, and the values of the package that the umbrella makes
// of them, give the same installation.
func TestBigBangValues(t *testing.T) {
	for _, pair := range pairs {
		umbrella, err := os.ReadFile(filepath.Join(bigBangDirectory, pair, "umbrella-values.yaml"))
		if os.IsNotExist(err) {
			t.Skip("Big Bang's values are not next to this repository")
		}
		if err != nil {
			t.Fatal(err)
		}
		imported, err := importer.Import([]importer.File{{Name: "values.yaml", Data: umbrella}}, importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := extract(parseObjects(t, render(t, importPair(t, pair).Config)))
		got := extract(parseObjects(t, render(t, imported.Config)))
		for _, d := range compare(want, got) {
			t.Errorf("%s: %s: the committed values give %q, the umbrella's %q", pair, d.fact, d.chart, d.ours)
		}
		everyKeyOnce(t, []importer.File{{Name: "values.yaml", Data: umbrella}}, imported.Report.Keys)

		values, err := os.ReadFile(filepath.Join(bigBangDirectory, pair, "package-values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		files := []importer.File{{Name: "values.yaml", Data: values}}
		if imported, err = importer.Import(files, importer.Options{}); err != nil {
			t.Fatal(err)
		}
		got = extract(parseObjects(t, render(t, imported.Config)))
		for _, d := range compare(want, got) {
			if _, ok := reasonFor(packageDifferences, d.fact); !ok {
				t.Errorf("%s: %s: the umbrella gives %q, the package %q", pair, d.fact, d.chart, d.ours)
			}
		}
		everyKeyOnce(t, files, imported.Report.Keys)
	}
}

// packageDifferences are facts that only the values of the umbrella say.
var packageDifferences = []reason{
	{"database *", "the umbrella puts the connection into a Secret; the package names only that"},
	{"files credentials", "the umbrella puts the keys into a Secret; the package names only that"},
	{"policy egress *", "the address of the database is in that Secret"},
	{"route gateways", "the umbrella names a gateway that does not exist"},
	{"mesh authorizes *", "the umbrella names a gateway that does not exist"},
	{"mesh reaches *", "the address of the database is in that Secret"},
	{"pod annotations traffic.sidecar.istio.io/*", "the address of the database is in that Secret"},
}

// The credentials of the umbrella's values are in the Secrets that the configuration refers to, and nowhere else.
func TestBigBangCredentials(t *testing.T) {
	imported := importPair(t, "2-seed")
	secrets := string(imported.Secrets)
	for _, want := range []string{"database-password: ex/am#ple-database", "accesskey: example-access",
		"secretkey: example-secret", "sso-client-secret: example-client", "license: eyJpZCI6ImV4YW1wbGUifQ=="} {
		if !strings.Contains(secrets, want) {
			t.Errorf("the Secrets lack %q", want)
		}
		_, value, _ := strings.Cut(want, ": ")
		if strings.Contains(string(imported.Config), value) {
			t.Errorf("the configuration contains %q", value)
		}
	}
}

// docs/from-bigbang.md ends with what is compared, and why facts differ.
func TestBigBangPage(t *testing.T) {
	head, err := os.ReadFile("testdata/from-bigbang.md")
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.Write(head)
	page.WriteString("| values | facts | the same | different on purpose |\n|---|--:|--:|--:|\n")
	differs := map[string][]string{}
	for _, pair := range pairs {
		chart, ours := chartFacts(t, pair), extract(parseObjects(t, render(t, importPair(t, pair).Config)))
		all := maps.Clone(chart)
		maps.Copy(all, ours)
		different := compare(chart, ours)
		fmt.Fprintf(&page, "| [%s](../internal/importer/testdata/bigbang/%[1]s.yaml) | %d | %d | %d |\n", pair, len(all),
			len(all)-len(different), len(different))
		for _, d := range different {
			reason, _ := reasonFor(readReasons(t), d.fact)
			if !slices.Contains(differs[reason.pattern], pair[:1]) {
				differs[reason.pattern] = append(differs[reason.pattern], pair[:1])
			}
		}
	}
	page.WriteString("\n| fact | in | why it differs |\n|---|---|---|\n")
	for _, reason := range readReasons(t) {
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", reason.pattern, strings.Join(differs[reason.pattern], ", "), reason.text)
	}
	golden.File(t, "../../docs/from-bigbang.md", page.String())
}
