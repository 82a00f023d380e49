// SPDX-License-Identifier: Apache-2.0

package main

import (
	"debug/buildinfo"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// writeReport writes the whole report.
func (b *bench) writeReport(w io.Writer, all []measured, took time.Duration) {
	fmt.Fprintf(w, "# mattermost-fn compared with alternatives\n\n")
	b.writeRatios(w, all)
	fmt.Fprintf(w, "\n## Medians\n\nOn this machine, in this run; they say nothing about others. Measured in %d s.\n\n",
		int(took.Seconds()))
	fmt.Fprintf(w, "| work | program | wall, ms | CPU, ms | peak memory, MiB | runs |\n|---|---|--:|--:|--:|--:|\n")
	for _, m := range all {
		for i, p := range m.programs {
			millis := func(measured measure) string {
				return figure(m.quartiles(i, measured).median / float64(time.Millisecond))
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %d |\n", m.work, p.name,
				millis(wall), millis(cpu), figure(m.quartiles(i, memory).median/(1<<20)), len(m.samples[i]))
		}
	}
}

// minRounds is how many runs are needed to decide whether a target is met.
const minRounds = 5

// writeRatios writes what the documentation shows: the environment, the ratios, and what was checked.
func (b *bench) writeRatios(w io.Writer, all []measured) {
	fmt.Fprintf(w, "%s.\n\n", b.machine())
	fmt.Fprintf(w, "| work | program | compared with | measure | median | quartiles | runs | target | met "+
		"|\n|---|---|---|---|--:|--:|--:|--:|---|\n")
	for _, m := range all {
		for _, r := range m.ratios {
			s := m.ratio(r)
			program, peer, unit := m.programs[r.program].name, m.programs[r.peer].name, string(r.measure)
			if r.per != 0 {
				unit += " of each"
			}
			target, met := "", ""
			if r.limit != 0 {
				target = "≤ " + share(r.limit)
				switch {
				case len(m.samples[r.program]) < minRounds:
					met = "not judged"
				case s.median <= r.limit:
					met = "yes"
				default:
					met = "**no**"
				}
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s to %s | %d | %s | %s |\n", m.work, program, peer, unit,
				share(s.median), share(s.first), share(s.third), len(m.samples[r.program]), target, met)
		}
	}
	fmt.Fprintf(w, "\nChecked in the same run:\n\n")
	for _, m := range all {
		if m.checked != "" {
			fmt.Fprintf(w, "- %s: %s.\n", m.work, m.checked)
		}
	}
}

// machine describes the machine and the versions.
func (b *bench) machine() string {
	parts := []string{fmt.Sprintf("%d cores (%s), %s/%s", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH)}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		parts = append(parts, "load "+strings.Join(strings.Fields(string(load))[:1], " ")+" at the end")
	}
	for _, tool := range []struct{ binary, module, name string }{
		{"mattermost-fn", "", ""},
		{"kyaml", "sigs.k8s.io/kustomize/kyaml", "kyaml"},
		{"kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "kustomize"},
		{"helm", "helm.sh/helm/v3", "helm"},
	} {
		info, err := buildinfo.ReadFile(filepath.Join(b.bin, tool.binary))
		if err != nil {
			continue
		}
		if tool.module == "" {
			parts = append(parts, info.GoVersion)
			continue
		}
		for _, module := range append(info.Deps, &info.Main) {
			if module.Path == tool.module {
				parts = append(parts, tool.name+" "+module.Version)
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

var modelName = regexp.MustCompile(`(?m)^model name\s*:\s*(.*)$`)

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if model := modelName.FindSubmatch(text); model != nil {
		return string(model[1])
	}
	return "processor not known"
}

// share formats a ratio: 1/40, or 1.15.
func share(ratio float64) string {
	if ratio <= 0.5 {
		return "1/" + figure(1/ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// figure formats a number with its significant digits.
func figure(n float64) string {
	if n >= 100 || n == math.Trunc(n) {
		return number(int(math.Round(n)))
	}
	return fmt.Sprintf("%.1f", n)
}

// number separates thousands.
func number(n int) string {
	if n < 1_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/1_000), n%1_000)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// Lines of a document that enclose the ratios.
const (
	begin = "<!-- make bench: begin -->\n"
	end   = "<!-- make bench: end -->\n"
)

// replaceRatios replaces the ratios of a document.
func replaceRatios(document, ratios string) (string, error) {
	before, rest, found := strings.Cut(document, begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return "", fmt.Errorf("missing the lines %q and %q that enclose the ratios", strings.TrimSpace(begin),
			strings.TrimSpace(end))
	}
	return before + begin + "\n" + ratios + "\n" + end + after, nil
}
