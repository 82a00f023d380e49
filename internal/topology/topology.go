// SPDX-License-Identifier: Apache-2.0

// Package topology draws what an installation consists of and connects to, from its plan: as a Mermaid flowchart or as
// a graph of Graphviz.
package topology

//go:generate sh -c "go run ../.. graph --output dot ../../examples/enterprise/mattermost.yaml | (cd ../../tools/picture && go run .) >../../docs/enterprise.svg"

import (
	"fmt"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// Kind is the kind of a node. It decides the shape.
type Kind string

// The kinds of nodes.
const (
	KindUsers   Kind = "users"
	KindGateway Kind = "gateway"
	KindService Kind = "service"
	KindServers Kind = "servers"
	KindStore   Kind = "store"
	KindSecrets Kind = "secrets"
)

// Node is one box of the picture.
type Node struct {
	// ID is unique in a graph: a letter, then letters, digits and underscores.
	ID string
	// Kind of the node.
	Kind Kind
	// Namespace that contains the node; empty for what is outside the cluster, or not in a namespace that is known.
	Namespace string
	// Lines of the label.
	Lines []string
	// Foreign means that neither this function nor an operator creates it from what the function emits.
	Foreign bool
}

// Edge is one arrow of the picture, in the direction in which connections are opened.
type Edge struct {
	// From and To are the IDs of nodes.
	From, To string
	// Lines of the label.
	Lines []string
	// Dashed means that it is not a network connection.
	Dashed bool
}

// Graph is the picture of one or several installations.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// New returns the graph of the installations. What they share, such as a gateway, is one node.
func New(plans ...*plan.Plan) Graph {
	d := &drawing{}
	for i, p := range plans {
		d.Plan, d.prefix = p, ""
		if len(plans) > 1 {
			d.prefix = fmt.Sprintf("i%d_", i+1)
		}
		d.installation()
	}
	return d.graph
}

// Namespaces returns the namespaces of the nodes, in the order in which they first appear.
func (g Graph) Namespaces() []string {
	var namespaces []string
	for _, node := range g.Nodes {
		if node.Namespace != "" && !slices.Contains(namespaces, node.Namespace) {
			namespaces = append(namespaces, node.Namespace)
		}
	}
	return namespaces
}

// drawing builds the graph of one installation after the other.
type drawing struct {
	*plan.Plan
	prefix string
	graph  Graph
}

// id returns the ID of a node of this installation.
func (d *drawing) id(name string) string { return d.prefix + identifier(name) }

// identifier returns a name as an identifier, different for every name of Kubernetes.
func identifier(name string) string {
	var id strings.Builder
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			id.WriteRune(r)
		case r == '-':
			id.WriteByte('_')
		case r == ' ':
			id.WriteString("__")
		default:
			fmt.Fprintf(&id, "_%x_", r)
		}
	}
	return id.String()
}

// node adds a node, unless an installation before has added it, and returns its ID. Empty lines are omitted.
func (d *drawing) node(n Node) string {
	n.Lines = slices.DeleteFunc(n.Lines, func(line string) bool { return line == "" })
	if !slices.ContainsFunc(d.graph.Nodes, func(other Node) bool { return other.ID == n.ID }) {
		d.graph.Nodes = append(d.graph.Nodes, n)
	}
	return n.ID
}

// edge adds a connection. Empty lines are omitted.
func (d *drawing) edge(from, to string, lines ...string) {
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	d.graph.Edges = append(d.graph.Edges, Edge{From: from, To: to, Lines: lines})
}

// dashed adds an edge that is not a connection.
func (d *drawing) dashed(from, to string, lines ...string) {
	d.graph.Edges = append(d.graph.Edges, Edge{From: from, To: to, Lines: lines, Dashed: true})
}

// policy returns the label for the NetworkPolicy of a purpose; empty if there are no policies.
func (d *drawing) policy(purpose string) string {
	if !d.NetworkPolicies.Enabled {
		return ""
	}
	return "policy " + d.NetworkPolicyName(purpose)
}

// installation adds everything of one installation.
func (d *drawing) installation() {
	lines := []string{"Mattermost " + d.Name, count(d.Replicas, "server") + ", " + d.Image.Version}
	lines = append(lines, d.mesh()...)
	lines = append(lines, d.policy("default-deny"))
	// An edge from a node to itself has no room for its label in Mermaid's layout.
	if d.Replicas > 1 {
		lines = append(lines,
			fmt.Sprintf("between servers: TCP and UDP %d", plan.PortGossip), d.policy("allow-between-servers"))
	}
	servers := d.node(Node{ID: d.id("servers"), Kind: KindServers, Namespace: d.Namespace, Lines: lines})
	d.route(servers)
	d.destinations(servers)
	d.claim(servers)
	d.backups()
	d.clusterServices(servers)
	d.monitoring(servers)
	d.logging(servers)
	d.secrets(servers)
}

// count returns a number with a noun.
func count(n int32, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// mesh describes how the servers take part in Istio's mesh, by lines. They are empty if the configuration does not say.
func (d *drawing) mesh() []string {
	var modes []string
	switch {
	case d.Istio.Ambient:
		modes = append(modes, "Istio ambient")
	case d.HasSidecar():
		modes = append(modes, "Istio sidecar")
	}
	if d.Istio.MTLS != "" {
		modes = append(modes, "mTLS "+d.Istio.MTLS)
	}
	lines := []string{strings.Join(modes, ", ")}
	if d.Istio.AuthorizationPolicies {
		lines = append(lines, "AuthorizationPolicy "+d.Name)
	}
	return lines
}
