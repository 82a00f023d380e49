// SPDX-License-Identifier: Apache-2.0

// Command picture lays out a graph in Graphviz's language from standard input, and writes it as SVG to standard output,
// or as PNG. Graphviz is compiled in, so that everybody gets the same picture.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-graphviz"
)

func main() {
	format := flag.String("format", string(graphviz.SVG), "svg or png")
	flag.Parse()
	if err := run(context.Background(), graphviz.Format(*format), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, format graphviz.Format, in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	graph, err := graphviz.ParseBytes(text)
	if err != nil {
		return err
	}
	defer func() { _ = graph.Close() }()
	dot, err := graphviz.New(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = dot.Close() }()
	return dot.Render(ctx, graph, format, out)
}
