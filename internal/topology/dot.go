// SPDX-License-Identifier: Apache-2.0

package topology

import (
	"fmt"
	"strings"
)

// dotShapes are the shapes of nodes in Graphviz.
var dotShapes = map[Kind]string{
	KindUsers:   "ellipse",
	KindGateway: "hexagon",
	KindService: "box",
	KindServers: "box3d",
	KindStore:   "cylinder",
	KindSecrets: "note",
}

// DOT returns the graph in the language of Graphviz, whose program dot makes SVG and PNG of it. Nodes with a dashed
// border exist outside of what the function emits.
func (g Graph) DOT() string {
	var out strings.Builder
	out.WriteString("digraph mattermost {\n" +
		"    graph [rankdir=LR, fontname=\"Helvetica\", fontsize=11, nodesep=0.35, ranksep=0.9]\n" +
		"    node [fontname=\"Helvetica\", fontsize=11, margin=\"0.15,0.08\"]\n" +
		"    edge [fontname=\"Helvetica\", fontsize=9]\n")
	node := func(indent string, n Node) {
		style := "solid"
		if n.Foreign {
			style = "dashed"
		}
		fmt.Fprintf(&out, "%s%s [shape=%s, style=%s, label=%s]\n", indent, n.ID, dotShapes[n.Kind], style, dotLabel(n.Lines))
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
