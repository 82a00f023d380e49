// SPDX-License-Identifier: Apache-2.0

package topology

import (
	"fmt"
	"slices"
	"strings"
)

// mermaidShapes are the brackets around the label of a node.
var mermaidShapes = map[Kind][2]string{
	KindUsers:   {"([", "])"},
	KindGateway: {"{{", "}}"},
	KindService: {"(", ")"},
	KindServers: {"[[", "]]"},
	KindStore:   {"[(", ")]"},
	KindSecrets: {"[/", "/]"},
}

// Mermaid returns the graph as a flowchart of Mermaid, which GitHub, GitLab and most editors show in Markdown. Nodes
// with a dashed border exist outside of what the function emits.
func (g Graph) Mermaid() string {
	var out strings.Builder
	// Mermaid breaks lines at a width of 200 pixels, also within names.
	out.WriteString("%%{init: {\"flowchart\": {\"wrappingWidth\": 400}}}%%\nflowchart LR\n")
	node := func(indent string, n Node) {
		shape, class := mermaidShapes[n.Kind], ""
		if n.Foreign {
			class = ":::foreign"
		}
		fmt.Fprintf(&out, "%s%s%s%s%s%s\n", indent, n.ID, shape[0], mermaidLabel(n.Lines), shape[1], class)
	}
	g.inGroups(node, func(namespace string) {
		fmt.Fprintf(&out, "    subgraph %s[%s]\n", groupID(namespace), mermaidLabel([]string{"namespace " + namespace}))
	}, func() { out.WriteString("    end\n") })
	for _, edge := range g.Edges {
		arrow := "-->"
		if edge.Dashed {
			arrow = "-.->"
		}
		label := ""
		if len(edge.Lines) > 0 {
			label = "|" + mermaidLabel(edge.Lines) + "|"
		}
		fmt.Fprintf(&out, "    %s %s%s %s\n", edge.From, arrow, label, edge.To)
	}
	if slices.ContainsFunc(g.Nodes, func(n Node) bool { return n.Foreign }) {
		out.WriteString("    classDef foreign stroke-dasharray: 5 5\n")
	}
	return out.String()
}

// inGroups visits all nodes: first those of each namespace, then the others.
func (g Graph) inGroups(node func(indent string, n Node), begin func(namespace string), end func()) {
	for _, namespace := range g.Namespaces() {
		begin(namespace)
		for _, n := range g.Nodes {
			if n.Namespace == namespace {
				node("        ", n)
			}
		}
		end()
	}
	for _, n := range g.Nodes {
		if n.Namespace == "" {
			node("    ", n)
		}
	}
}

// groupID returns the ID of a namespace.
func groupID(namespace string) string { return "namespace_" + identifier(namespace) }

// uninterpreted parts, by a space without width, what Mermaid 11.16 interprets even where it is written as entities:
// the end of a line, a formula and an icon.
var uninterpreted = strings.NewReplacer(`\n`, "\\\u200bn", "$$", "$\u200b$", ":fa-", ":\u200bfa-")

// mermaidLabel returns lines as a quoted label. Characters that Mermaid or HTML interpret are written as entities,
// which begin with # instead of &.
func mermaidLabel(lines []string) string {
	var label strings.Builder
	label.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			label.WriteString("<br/>")
		}
		for _, r := range uninterpreted.Replace(line) {
			switch {
			case strings.ContainsRune("\"#&<>`\\|;:*~[]{}", r):
				fmt.Fprintf(&label, "#%d;", r)
			case r < ' ' || r == 0x7f:
				label.WriteByte(' ')
			default:
				label.WriteRune(r)
			}
		}
	}
	label.WriteByte('"')
	return label.String()
}
