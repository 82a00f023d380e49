// SPDX-License-Identifier: Apache-2.0

// Command bench compares mattermost-fn with what users would use instead: it runs whole processes in turn, in one run,
// and reports ratios in Markdown. `make bench` builds everything that it needs and runs it.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var names []string
	for _, s := range suites {
		names = append(names, s.name)
	}
	only := flag.String("only", strings.Join(names, ","), "suites to run")
	quick := flag.Bool("quick", false, "run one round of small sizes, to show that everything works")
	budget := flag.Duration("budget", 20*time.Second, "approximate time for each kind of work; "+
		"slow ones get fewer runs, at least five")
	report := flag.String("report", "", "also write the report to this file")
	update := flag.String("update", "", "write the ratios into this document, between its markers")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "Compares mattermost-fn with what users would use instead. "+
			"Run it with make:\n\n  make bench ARGS='-only startup,foreign'\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	chosen := strings.Split(*only, ",")
	for _, name := range chosen {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-only: unknown suite %q (want one of %s)", name, strings.Join(names, ", "))
		}
	}
	if *update != "" && (*quick || len(chosen) < len(names)) {
		return fmt.Errorf("-update %s: conflicts with -only and -quick: "+
			"the document contains the results of all suites", *update)
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	b := &bench{root: root, bin: filepath.Join(root, ".bin", "bench"),
		rounds: rounds{least: minRounds, usual: 9, most: 41, budget: *budget}}
	sizes := full
	if *quick {
		sizes, b.rounds = small, rounds{least: 1, usual: 1, most: 1}
	}
	if b.work, err = os.MkdirTemp(inMemory(), "mattermost-fn-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		os.RemoveAll(b.work) // it is memory
		os.Exit(1)
	}()

	began := time.Now()
	var all []measured
	for _, s := range suites {
		if !slices.Contains(chosen, s.name) {
			continue
		}
		groups, err := s.groups(b, sizes)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for _, g := range groups {
			fmt.Fprintf(os.Stderr, "%5.0f s: %s\n", time.Since(began).Seconds(), g.work)
			m, err := b.run(g)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
	}
	var text bytes.Buffer
	b.writeReport(&text, all, time.Since(began))
	os.Stdout.Write(text.Bytes())
	if *report != "" {
		if err := os.WriteFile(*report, text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if *update == "" {
		return nil
	}
	document, err := os.ReadFile(*update)
	if err != nil {
		return err
	}
	var ratios bytes.Buffer
	b.writeRatios(&ratios, all)
	updated, err := replaceRatios(string(document), ratios.String())
	if err != nil {
		return fmt.Errorf("%s: %w", *update, err)
	}
	return os.WriteFile(*update, []byte(updated), 0o644)
}

// inMemory returns a directory whose files are in memory, where the system has one.
func inMemory() string {
	const directory = "/dev/shm"
	if info, err := os.Stat(directory); err == nil && info.IsDir() {
		return directory
	}
	return ""
}
