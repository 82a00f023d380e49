// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

// ways compares the ways to render a whole fleet, of which each configuration is in a file of its own. kustomize starts
// the function once per configuration and takes more time for each the more there are, so larger fleets are rendered
// without it. kpt is left out where it is not on PATH.
func (b *bench) ways(s sizes) ([]group, error) {
	last := s.fleets[len(s.fleets)-1]
	var groups []group
	for _, n := range s.fleets[1:] {
		if n != last && n != mostForKustomize {
			continue
		}
		g, err := b.waysOf(n)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// mostForKustomize is the number of configurations up to which kustomize and kpt render the fleet as well.
const mostForKustomize = 100

func (b *bench) waysOf(n int) (group, error) {
	place := fmt.Sprintf("ways-%d", n)
	var generators, pipeline strings.Builder
	for i := range n {
		name, configuration := fmt.Sprintf("team-%d.yaml", i), fntest.Configuration(i)+"\n"
		generator := strings.Replace(configuration, "metadata:\n", "metadata:\n  annotations:\n"+
			"    config.kubernetes.io/function: |\n      exec: {path: "+filepath.Join(b.bin, "mattermost-fn")+"}\n", 1)
		if _, err := b.file(filepath.Join(place, "kustomize", name), []byte(generator)); err != nil {
			return group{}, err
		}
		if _, err := b.file(filepath.Join(place, "kpt", name), []byte(configuration)); err != nil {
			return group{}, err
		}
		fmt.Fprintf(&generators, "- %s\n", name)
	}
	fmt.Fprintf(&pipeline, "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: fleet}\npipeline:\n  mutators:\n"+
		"  - exec: %s\n", filepath.Join(b.bin, "mattermost-fn"))
	kustomization, err := b.file(filepath.Join(place, "kustomize", "kustomization.yaml"),
		[]byte("generators:\n"+generators.String()))
	if err != nil {
		return group{}, err
	}
	kptfile, err := b.file(filepath.Join(place, "kpt", "Kptfile"), []byte(pipeline.String()))
	if err != nil {
		return group{}, err
	}
	function := filepath.Join(b.bin, "mattermost-fn")
	programs := []program{
		{name: "mattermost-fn render", command: []string{function, "render", filepath.Dir(kptfile)}},
		{name: "mattermost-fn check", command: []string{function, "check", filepath.Dir(kptfile)}},
	}
	if n <= mostForKustomize {
		programs = append(programs, program{name: "kustomize build", command: []string{filepath.Join(b.bin, "kustomize"),
			"build", "--enable-alpha-plugins", "--enable-exec", filepath.Dir(kustomization)}})
	}
	if kpt, err := exec.LookPath("kpt"); err == nil && n <= mostForKustomize {
		programs = append(programs, program{name: "kpt fn render", command: []string{kpt, "fn", "render", "--allow-exec",
			"--output", "unwrap", filepath.Dir(kptfile)}})
	}
	g := group{suite: "ways", work: plural(n, "installation") + ", one file each", programs: programs}
	for i := range programs[1:] {
		for _, m := range []measure{wall, cpu, memory} {
			g.ratios = append(g.ratios, ratio{program: i + 1, peer: 0, measure: m})
		}
	}
	g.check = func(outputs [][]byte) (string, error) {
		want := countObjects(outputs[0])
		for i, output := range outputs {
			// kpt prints the configurations too.
			if got := countObjects(output); i != 1 && got != want && got != want+n && got != want+n+1 {
				return "", fmt.Errorf("%s prints %d objects, render %d", programs[i].name, got, want)
			}
		}
		return plural(want, "object"), nil
	}
	return g, nil
}
