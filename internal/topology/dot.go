// SPDX-License-Identifier: Apache-2.0

package topology

import (
	"fmt"
	"strings"
)

// dotFont is for browsers too: SVG has the names of fonts as they are here.
const dotFont = `"Helvetica,Arial,sans-serif"`

// dotNodes are the shapes and colors of nodes in Graphviz.
var dotNodes = map[Kind]struct{ shape, color string }{
	KindUsers:   {"ellipse", "white"},
	KindGateway: {"hexagon", "#dcfce7"},
	KindService: {"box", "white"},
	KindServers: {"box3d", "#dbeafe"},
	KindStore:   {"cylinder", "#fef3c7"},
	KindSecrets: {"note", "#f3f4f6"},
}

// DOT returns the graph in the language of Graphviz, whose program dot makes SVG and PNG of it. Nodes with a dashed
// border exist outside of what the function emits.
func (g Graph) DOT() string {
	var out strings.Builder
	out.WriteString("digraph mattermost {\n" +
		"    graph [rankdir=LR, fontname=" + dotFont + ", fontsize=11, nodesep=0.35, ranksep=0.9]\n" +
		"    node [fontname=" + dotFont + ", fontsize=11, margin=\"0.3,0.08\"]\n" +
		"    edge [fontname=" + dotFont + ", fontsize=9]\n")
	node := func(indent string, n Node) {
		style := "filled"
		if n.Foreign {
			style = `"dashed,filled"`
		}
		fmt.Fprintf(&out, "%s%s [shape=%s, style=%s, fillcolor=%q, label=%s]\n", indent, n.ID, dotNodes[n.Kind].shape, style,
			dotNodes[n.Kind].color, dotLabel(n.Lines))
	}
	g.inGroups(node, func(namespace string) {
		fmt.Fprintf(&out, "    subgraph cluster_%s {\n        graph [label=%s, style=rounded]\n", groupID(namespace),
			dotLabel([]string{"namespace " + namespace}))
	}, func() { out.WriteString("    }\n") })
	for _, edge := range g.Edges {
		style := "solid"
		if edge.Dashed {
			style = "dashed"
		}
		fmt.Fprintf(&out, "    %s -> %s [style=%s, label=%s]\n", edge.From, edge.To, style, dotLabel(edge.Lines))
	}
	out.WriteString("}\n")
	return out.String()
}

// dotLabel returns lines as a quoted label. Backslashes begin escapes in Graphviz, and & an entity of HTML.
func dotLabel(lines []string) string {
	var label strings.Builder
	label.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			label.WriteString(`\n`)
		}
		for _, r := range line {
			switch {
			case r == '"' || r == '\\':
				label.WriteRune('\\')
				label.WriteRune(r)
			case r == '&':
				label.WriteString("&amp;")
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
