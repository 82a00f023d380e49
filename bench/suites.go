// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

// sizes are the amounts of work.
type sizes struct {
	// foreign are numbers of objects that are not managed by mattermost-fn.
	foreign []int
	// fleets are numbers of configurations.
	fleets []int
	// kustomize is the number of objects that kustomize builds.
	kustomize int
}

var (
	full  = sizes{foreign: []int{10, 100, 1_000, 10_000}, fleets: []int{1, 10, 100, 1_000}, kustomize: 1_000}
	small = sizes{foreign: []int{10, 100}, fleets: []int{1, 10}, kustomize: 20}
)

// suites are in the order of the report.
var suites = []struct {
	name   string
	groups func(b *bench, s sizes) ([]group, error)
}{
	{"startup", (*bench).startup},
	{"foreign", (*bench).foreign},
	{"enterprise", (*bench).enterprise},
	{"fleet", (*bench).fleet},
	{"ways", (*bench).ways},
	{"kustomize", (*bench).kustomize},
}

func (b *bench) function() program {
	return program{name: "mattermost-fn", command: []string{filepath.Join(b.bin, "mattermost-fn")}}
}

func (b *bench) peer(name string) program {
	return program{name: name, command: []string{filepath.Join(b.bin, name)}}
}

// reading gives the programs the same input.
func reading(input string, programs ...program) []program {
	for i := range programs {
		programs[i].input = input
	}
	return programs
}

func (b *bench) startup(sizes) ([]group, error) {
	input, err := b.file("empty.yaml", fntest.Foreign(0, ""))
	return []group{{
		suite: "startup", work: "start-up, with an empty list",
		programs: reading(input, b.function(), b.peer("kyaml"), b.peer("hello")),
		ratios: []ratio{
			{program: 0, peer: 1, measure: wall, limit: 1},
			{program: 0, peer: 1, measure: cpu},
			{program: 0, peer: 1, measure: memory},
			{program: 0, peer: 2, measure: wall},
		},
	}}, err
}

// foreignRatios returns the comparisons for n foreign items, with their targets.
func foreignRatios(n int) []ratio {
	const function, kyaml, copy = 0, 1, 2
	ratios := []ratio{
		{program: function, peer: kyaml, measure: wall},
		{program: function, peer: kyaml, measure: cpu},
		{program: function, peer: kyaml, measure: memory},
		{program: function, peer: copy, measure: wall},
		{program: function, peer: copy, measure: cpu},
	}
	switch n {
	case 100:
		ratios[3].limit = 4
	case 1_000:
		ratios[3].limit = 2
	case 10_000:
		ratios[2].limit, ratios[3].limit = 1./20, 2
	}
	return ratios
}

func (b *bench) foreign(s sizes) ([]group, error) {
	configuration, err := b.configuration()
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, n := range s.foreign {
		list := fntest.Foreign(n, configuration)
		input, err := b.file(fmt.Sprintf("foreign-%d.yaml", n), list)
		if err != nil {
			return nil, err
		}
		groups = append(groups, group{
			suite: "foreign", work: number(n) + " foreign items",
			programs: reading(input, b.function(), b.peer("kyaml"), b.peer("copy")),
			ratios:   foreignRatios(n),
			check:    func(outputs [][]byte) (string, error) { return checkForeign(list, outputs) },
		})
		if n != 1_000 && n != s.foreign[0] {
			continue
		}
		again, err := b.output(program{command: b.function().command, input: input})
		if err != nil {
			return nil, err
		}
		if input, err = b.file(fmt.Sprintf("again-%d.yaml", n), again); err != nil {
			return nil, err
		}
		// Without kyaml: its framework refuses lists in which only some items carry the older annotations of a file.
		groups = append(groups, group{
			suite: "foreign", work: number(n) + " foreign items, once more over its own output",
			programs: reading(input, b.function(), b.peer("copy")),
			ratios:   []ratio{{program: 0, peer: 1, measure: wall}, {program: 0, peer: 1, measure: cpu}},
			check: func(outputs [][]byte) (string, error) {
				if string(outputs[0]) != string(again) {
					return "", errors.New("a second run changes its own output")
				}
				return "nothing changes", nil
			},
		})
	}
	return groups, nil
}

// ofKyaml is an annotation of kpt that kyaml's framework removes as its own.
const ofKyaml = "internal.config.kubernetes.io/annotations-migration-resource-id"

func checkForeign(input []byte, outputs [][]byte) (string, error) {
	if err := keptForeign(input, outputs[0]); err != nil {
		return "", err
	}
	if err := keptForeign(input, outputs[1], ofKyaml); err != nil {
		return "", fmt.Errorf("kyaml: %w", err)
	}
	if string(outputs[2]) != string(input) {
		return "", errors.New("copy does not copy")
	}
	found := "all are returned byte for byte"
	if keptForeign(input, outputs[1]) != nil {
		found += "; kyaml's too, except for one annotation of kpt that it removes"
	}
	return fmt.Sprintf("%s; mattermost-fn emits %d objects", found, emitted(outputs[0])), nil
}

func (b *bench) enterprise(sizes) ([]group, error) {
	configuration, err := b.configuration()
	if err != nil {
		return nil, err
	}
	input, err := b.file("enterprise.yaml", fntest.Foreign(0, configuration))
	if err != nil {
		return nil, err
	}
	chart := filepath.Join(b.work, "chart")
	testdata := filepath.Join(b.root, "bench", "testdata")
	if err := os.CopyFS(chart, os.DirFS(filepath.Join(testdata, "chart"))); err != nil {
		return nil, err
	}
	script, err := os.ReadFile(filepath.Join(b.root, "generators", "fluentbit_redact.lua"))
	if err != nil {
		return nil, err
	}
	if _, err := b.file("chart/files/redact.lua", script); err != nil {
		return nil, err
	}
	function := b.function()
	function.input = input
	render := program{name: "mattermost-fn render", command: append(b.function().command, "render",
		filepath.Join(b.root, configurationFile))}
	helm := program{name: "helm template", command: []string{filepath.Join(b.bin, "helm"), "template", "mattermost", chart,
		"--namespace", "mattermost", "--values", filepath.Join(testdata, "enterprise.yaml")}}
	const byFunction, byRender, byHelm = 0, 1, 2
	return []group{{
		suite: "enterprise", work: "one enterprise installation",
		programs: []program{function, render, helm},
		ratios: []ratio{
			{program: byFunction, peer: byHelm, measure: wall, limit: 1. / 10},
			{program: byFunction, peer: byHelm, measure: cpu},
			{program: byFunction, peer: byHelm, measure: memory},
			{program: byRender, peer: byHelm, measure: wall},
			{program: byRender, peer: byHelm, measure: cpu},
			{program: byRender, peer: byHelm, measure: memory},
		},
		check: func(outputs [][]byte) (string, error) {
			ours, theirs := emitted(outputs[byFunction]), countObjects(outputs[byHelm])
			if rendered := countObjects(outputs[byRender]); rendered != ours {
				return "", fmt.Errorf("as a function it emits %d objects, render prints %d", ours, rendered)
			}
			// Neither may have much less to do than the other.
			if a, b := len(outputs[byRender]), len(outputs[byHelm]); theirs < 30 || a > b*5/4 || b > a*5/4 {
				return "", fmt.Errorf("the chart is not of comparable size: %d objects in %d bytes, ours %d in %d", theirs,
					b, ours, a)
			}
			return fmt.Sprintf("%d objects in %d KB; helm: %d objects in %d KB",
				ours, len(outputs[byRender])/1_000, theirs, len(outputs[byHelm])/1_000), nil
		},
	}}, nil
}

func (b *bench) fleet(s sizes) ([]group, error) {
	inputs := map[int]string{}
	for _, n := range append([]int{1}, s.fleets...) {
		var err error
		if inputs[n], err = b.file(fmt.Sprintf("fleet-%d.yaml", n), fntest.Fleet(n)); err != nil {
			return nil, err
		}
	}
	one, err := b.output(program{command: b.function().command, input: inputs[1]})
	if err != nil {
		return nil, err
	}
	var objects []string
	for _, item := range items(one) {
		if !isConfiguration(item) {
			objects = append(objects, "---\n"+document(item))
		}
	}
	template, err := b.file("installation.yaml", []byte(strings.Join(objects, "")))
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, n := range s.fleets {
		ratios := []ratio{
			{program: 0, peer: 1, measure: wall},
			{program: 0, peer: 1, measure: cpu},
			{program: 0, peer: 1, measure: memory},
		}
		if n == 1_000 {
			ratios[0].limit = 1. / 8
		}
		through := b.peer("kyamlfleet")
		through.name = "the same through kyaml"
		through.command = append(through.command, template)
		groups = append(groups, group{
			suite: "fleet", work: plural(n, "installation"),
			programs: reading(inputs[n], b.function(), through),
			ratios:   ratios,
			check: func(outputs [][]byte) (string, error) {
				ours, theirs := emitted(outputs[0]), emitted(outputs[1])
				if ours != theirs || ours != n*len(objects) {
					return "", fmt.Errorf("mattermost-fn emits %d objects, the peer %d, want %d", ours, theirs, n*len(objects))
				}
				return plural(ours, "object") + " from both", nil
			},
		})
	}
	growth := group{suite: "fleet", work: "growth with the number of installations"}
	last := s.fleets[len(s.fleets)-1]
	for _, n := range s.fleets[1:] { // a single one is mostly start-up
		p := b.function()
		p.name, p.input = plural(n, "installation"), inputs[n]
		growth.programs = append(growth.programs, p)
	}
	for i, n := range s.fleets[1 : len(s.fleets)-1] {
		r := ratio{program: len(growth.programs) - 1, peer: i, measure: wall, per: float64(last / n)}
		if n == 10 {
			r.limit = 1.2
		}
		growth.ratios = append(growth.ratios, r)
	}
	if len(growth.ratios) > 0 {
		groups = append(groups, growth)
	}
	return groups, nil
}

func (b *bench) kustomize(s sizes) ([]group, error) {
	configuration, err := b.configuration()
	if err != nil {
		return nil, err
	}
	var programs []program
	for _, way := range []struct{ name, kustomization string }{
		{"kustomize build with mattermost-fn as generator", "resources: [resources.yaml]\ngenerators: [mattermost.yaml]\n"},
		{"kustomize build without", "resources: [resources.yaml]\n"},
	} {
		place := fmt.Sprintf("kustomize-%d", len(programs))
		for file, text := range map[string]string{
			"kustomization.yaml": way.kustomization,
			"resources.yaml":     string(fntest.Resources(s.kustomize)),
			"mattermost.yaml":    configuration,
		} {
			if _, err := b.file(filepath.Join(place, file), []byte(text)); err != nil {
				return nil, err
			}
		}
		programs = append(programs, program{name: way.name,
			command: []string{filepath.Join(b.bin, "kustomize"), "build", "--enable-alpha-plugins", "--enable-exec",
				filepath.Join(b.work, place)}})
	}
	ratios := []ratio{{program: 0, peer: 1, measure: wall}, {program: 0, peer: 1, measure: cpu}}
	if s.kustomize == 1_000 {
		ratios[0].limit = 1.15
	}
	return []group{{
		suite: "kustomize", work: fmt.Sprintf("kustomize build of %s resources", number(s.kustomize)),
		programs: programs, ratios: ratios,
		check: func(outputs [][]byte) (string, error) {
			more, err := moreDocuments(outputs[1], outputs[0])
			if err == nil && more == 0 {
				err = errors.New("the function added nothing")
			}
			return fmt.Sprintf("all resources are equal in both; the function adds %d", more), err
		},
	}}, nil
}

// configurationFile is the configuration of every single installation: the largest example.
const configurationFile = "examples/enterprise/mattermost.yaml"

func (b *bench) configuration() (string, error) {
	text, err := os.ReadFile(filepath.Join(b.root, configurationFile))
	return string(text), err
}

// file writes an input file.
func (b *bench) file(name string, data []byte) (string, error) {
	path := filepath.Join(b.work, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, data, 0o644)
}

// output returns what a program writes to standard output.
func (b *bench) output(p program) ([]byte, error) {
	file := filepath.Join(b.work, "output")
	if _, err := b.once(p, file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
