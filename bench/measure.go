// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// program is measured as a whole process, from its start to its end.
type program struct {
	// name in the report.
	name string
	// command is the executable and its arguments.
	command []string
	// input is the file for standard input; empty for none.
	input string
}

// sample holds the figures of one run.
type sample struct {
	// wall is elapsed time, cpu the CPU time of the process and its children.
	wall, cpu time.Duration
	// memory is the largest resident set of the process or one of its children, in bytes.
	memory int64
}

// measure is one of the figures of a sample.
type measure string

const (
	wall   measure = "wall time"
	cpu    measure = "CPU time"
	memory measure = "peak memory"
)

func (m measure) value(s sample) float64 {
	switch m {
	case wall:
		return float64(s.wall)
	case cpu:
		return float64(s.cpu)
	default:
		return float64(s.memory)
	}
}

// group runs some programs in turn. One run of each is a round, and only runs of the same round are compared.
type group struct {
	// suite is the name for -only.
	suite string
	// work describes what the programs do, for the report.
	work     string
	programs []program
	ratios   []ratio
	// check verifies that the outputs are comparable, and summarizes them in a few words.
	check func(outputs [][]byte) (string, error)
}

// ratio compares two programs of a group, by their indexes.
type ratio struct {
	program, peer int
	measure       measure
	// per divides the ratio: how many times the work of the peer the program does. 0 means 1.
	per float64
	// limit is the target: the median of the ratios must be at most this. 0 means none.
	limit float64
}

// rounds decides how many rounds a group gets.
type rounds struct {
	least, usual, most int
	// budget is the time after which the usual number suffices; after twice that time, the minimum does.
	budget time.Duration
}

func (r rounds) enough(done int, took time.Duration) bool {
	switch {
	case done < r.least:
		return false
	case done >= r.most:
		return true
	case done >= r.usual:
		return took > r.budget
	default:
		return took > 2*r.budget
	}
}

// bench holds the directories in which everything runs.
type bench struct {
	// root is the project, bin has the executables, work is in memory, for inputs and outputs.
	root, bin, work string
	rounds          rounds
}

// measured is a group with its samples: one slice per program, in the order of the rounds.
type measured struct {
	group
	samples [][]sample
	checked string
}

// run measures a group. The first run of each program is not counted: it warms up, and its output is what is checked.
func (b *bench) run(g group) (measured, error) {
	m := measured{group: g, samples: make([][]sample, len(g.programs))}
	outputs := make([][]byte, len(g.programs))
	for i, p := range g.programs {
		file := filepath.Join(b.work, "output")
		if _, err := b.once(p, file); err != nil {
			return m, err
		}
		var err error
		if outputs[i], err = os.ReadFile(file); err != nil {
			return m, err
		}
	}
	if g.check != nil {
		var err error
		if m.checked, err = g.check(outputs); err != nil {
			return m, fmt.Errorf("%s: %w", g.work, err)
		}
	}
	began := time.Now()
	for done := 0; !b.rounds.enough(done, time.Since(began)); done++ {
		for i, p := range g.programs {
			s, err := b.once(p, os.DevNull)
			if err != nil {
				return m, err
			}
			m.samples[i] = append(m.samples[i], s)
		}
	}
	return m, nil
}

// once runs a program under timeproc.
func (b *bench) once(p program, output string) (sample, error) {
	input := p.input
	if input == "" {
		input = os.DevNull
	}
	command := exec.Command(filepath.Join(b.bin, "timeproc"), append([]string{input, output}, p.command...)...)
	command.Dir = b.work
	command.Env = b.environment()
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(p.command, " "), err, errors.String())
	}
	var s sample
	_, err := fmt.Sscan(out.String(), &s.wall, &s.cpu, &s.memory)
	return s, err
}

// environment returns the environment of every measured process: the project's executables first in PATH, and no
// variable that tunes Go's memory.
func (b *bench) environment() []string {
	return []string{"PATH=" + b.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + b.work,
		"TMPDIR=" + b.work}
}

// spread has the median and the quartiles of some figures.
type spread struct{ first, median, third float64 }

// spreadOf computes the spread of at least one figure.
func spreadOf(figures []float64) spread {
	sorted := slices.Sorted(slices.Values(figures))
	at := func(share float64) float64 {
		place := share * float64(len(sorted)-1)
		below := int(place)
		above := min(below+1, len(sorted)-1)
		return sorted[below] + (place-float64(below))*(sorted[above]-sorted[below])
	}
	return spread{at(0.25), at(0.5), at(0.75)}
}

// ratio computes the spread of a ratio over the rounds.
func (m measured) ratio(r ratio) spread {
	var figures []float64
	for round, s := range m.samples[r.program] {
		figure := r.measure.value(s) / r.measure.value(m.samples[r.peer][round])
		if r.per != 0 {
			figure /= r.per
		}
		figures = append(figures, figure)
	}
	return spreadOf(figures)
}

// quartiles computes the spread of one measure of a program.
func (m measured) quartiles(program int, measure measure) spread {
	var figures []float64
	for _, s := range m.samples[program] {
		figures = append(figures, measure.value(s))
	}
	return spreadOf(figures)
}
