// SPDX-License-Identifier: Apache-2.0

package topology_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/golden"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/topology"
)

// noResources is a stream without any object.
type noResources struct{}

func (noResources) SecretKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

func (noResources) ConfigMapKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

func (noResources) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

func (noResources) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }

// read returns the plan of a configuration; nil if the document is none.
func read(t *testing.T, document string) *plan.Plan {
	t.Helper()
	if !strings.Contains(document, "kind: MattermostConfig") {
		return nil
	}
	node, err := yaml.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	config := &v1alpha1.MattermostConfig{}
	if _, problems := decode.Strict(node.YNode(), config); len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, document)
	}
	config.SetDefaults()
	return plan.New(config, func(string) bool { return true }, noResources{}, &result.Reporter{})
}

// configurations returns the plans of the examples and of the configurations that a rule accepts, by file.
func configurations(t *testing.T) map[string]*plan.Plan {
	t.Helper()
	plans := map[string]*plan.Plan{}
	for _, pattern := range []string{
		"../../examples/*/*.yaml", "../../examples/overlays/base/*.yaml", "../rules/testdata/*/good*.yaml", "testdata/*.yaml",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if filepath.Base(file) == "expected.yaml" {
				continue
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if documents := strings.Split(string(content), "\n---\n"); len(documents) == 1 {
				if p := read(t, documents[0]); p != nil {
					plans[file] = p
				}
			}
		}
	}
	if len(plans) < 100 {
		t.Fatalf("%d configurations", len(plans))
	}
	return plans
}

// Every destination of the plan is a node with its host, to which the servers connect at its port and, with network
// policies, by its policy; and no other destination is drawn.
func TestNodesAreThePlansDestinations(t *testing.T) {
	for file, p := range configurations(t) {
		graph := topology.New(p)
		for _, d := range p.Destinations {
			id := strings.ReplaceAll(d.Name(), "-", "_")
			i := slices.IndexFunc(graph.Nodes, func(n topology.Node) bool { return n.ID == id })
			if i < 0 {
				t.Errorf("%s: no node for %s", file, d.Name())
				continue
			}
			if node := graph.Nodes[i]; node.Namespace != d.Namespace || !slices.Contains(node.Lines, d.Host) && d.Host != "" {
				t.Errorf("%s: %s is %+v, want host %s in %q", file, d.Name(), node, d.Host, d.Namespace)
			}
			want := ""
			if p.NetworkPolicies.Enabled {
				want = "policy " + p.NetworkPolicyName("allow-to-"+d.ObjectName())
			}
			port := regexp.MustCompile(`^(TCP|TLS) ` + strconv.Itoa(int(d.Port)) + `( \(pods: \d+\))?$`)
			if !slices.ContainsFunc(graph.Edges, func(e topology.Edge) bool {
				return e.From == "servers" && e.To == id && port.MatchString(e.Lines[0]) &&
					(want == "" || slices.Contains(e.Lines, want))
			}) {
				t.Errorf("%s: no edge to %s at port %d by %q", file, d.Name(), d.Port, want)
			}
		}
		allowed := []string{"dns", "istiod", "fluent_bit", "files"}
		for _, edge := range graph.Edges {
			known := slices.ContainsFunc(p.Destinations, func(d plan.Destination) bool {
				return strings.ReplaceAll(d.Name(), "-", "_") == edge.To
			})
			if edge.From == "servers" && !edge.Dashed && !known && !slices.Contains(allowed, edge.To) &&
				!strings.HasPrefix(edge.To, "gateway__pods__") {
				t.Errorf("%s: the servers connect to %s, which is no destination", file, edge.To)
			}
		}
	}
}

// Both forms have every node and every edge once, and nothing else. IDs are identifiers and unique, and edges connect
// nodes that exist.
func TestFormsHaveTheSameNodesAndEdges(t *testing.T) {
	var mermaidNode = regexp.MustCompile(`^ {4,8}([A-Za-z]\w*)([\[({/]+)("[^"]*")([\])}/]+)(:::foreign)?$`)
	var mermaidEdge = regexp.MustCompile(`^    ([A-Za-z]\w*) (-->|-\.->)(\|"[^"]*"\|)? ([A-Za-z]\w*)$`)
	var dotNode = regexp.MustCompile(`^ {4,8}([A-Za-z]\w*) \[shape=\w+, style=("dashed,)?filled"?, fillcolor="[#\w]+", ` +
		`label="([^"\\]|\\["\\n])*"\]$`)
	var dotEdge = regexp.MustCompile(`^    ([A-Za-z]\w*) -> ([A-Za-z]\w*) \[style=\w+, label="([^"\\]|\\["\\n])*"\]$`)
	var other = regexp.MustCompile(`^(%%\{init: .*\}%%|flowchart LR|digraph mattermost \{|\}|` +
		`    (end|\}|classDef foreign .*|` +
		`subgraph namespace_\w+\["[^"]*"\]|subgraph cluster_namespace_\w+ \{|(graph|node|edge) \[.*\])|` +
		`        graph \[label="[^"]*", style=rounded\])$`)
	plans := configurations(t)
	var all []*plan.Plan
	for _, file := range slices.Sorted(func(yield func(string) bool) {
		for file := range plans {
			if !yield(file) {
				return
			}
		}
	}) {
		all = append(all, plans[file])
	}
	graphs := map[string]topology.Graph{"all": topology.New(all...), "hostile": {
		Nodes: []topology.Node{{
			ID: "a", Kind: topology.KindStore, Namespace: "n", Lines: []string{`"]; x --> y`, "`b`\n#<&>\\"},
		}},
		Edges: []topology.Edge{{From: "a", To: "a", Lines: []string{`|"|`, "a\tb\r"}}},
	}}
	for file, p := range plans {
		graphs[file] = topology.New(p)
	}
	for name, graph := range graphs {
		var nodes, edges []string
		for _, node := range graph.Nodes {
			nodes = append(nodes, node.ID)
		}
		for _, edge := range graph.Edges {
			edges = append(edges, edge.From+" "+edge.To)
			if !slices.Contains(nodes, edge.From) || !slices.Contains(nodes, edge.To) {
				t.Errorf("%s: edge %+v connects a node that does not exist", name, edge)
			}
		}
		slices.Sort(nodes)
		slices.Sort(edges)
		if len(slices.Compact(slices.Clone(nodes))) != len(nodes) {
			t.Errorf("%s: an ID appears twice: %v", name, nodes)
		}
		for _, form := range []struct {
			text       string
			node, edge *regexp.Regexp
			to         int
		}{{graph.Mermaid(), mermaidNode, mermaidEdge, 4}, {graph.DOT(), dotNode, dotEdge, 2}} {
			var gotNodes, gotEdges []string
			for line := range strings.Lines(form.text) {
				line = strings.TrimSuffix(line, "\n")
				if match := form.edge.FindStringSubmatch(line); match != nil {
					gotEdges = append(gotEdges, match[1]+" "+match[form.to])
				} else if match := form.node.FindStringSubmatch(line); match != nil {
					gotNodes = append(gotNodes, match[1])
				} else if !other.MatchString(line) {
					t.Errorf("%s: unexpected line %q", name, line)
				}
			}
			slices.Sort(gotNodes)
			slices.Sort(gotEdges)
			if !slices.Equal(gotNodes, nodes) || !slices.Equal(gotEdges, edges) {
				t.Errorf("%s: got nodes %v and edges %v, want %v and %v", name, gotNodes, gotEdges, nodes, edges)
			}
		}
	}
}

func TestPictures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		graph := topology.New(read(t, string(content)))
		golden.File(t, strings.TrimSuffix(file, ".yaml")+".mmd", graph.Mermaid())
		golden.File(t, strings.TrimSuffix(file, ".yaml")+".dot", graph.DOT())
	}
}

// Labels with characters that Mermaid interprets. e2e/judges lets Mermaid draw them.
func TestLabels(t *testing.T) {
	labels, err := os.ReadFile("testdata/labels.txt")
	if err != nil {
		t.Fatal(err)
	}
	graph := topology.Graph{}
	for i, line := range strings.Split(strings.TrimSpace(string(labels)), "\n") {
		id, lines := "n"+strconv.Itoa(i), []string{line, "second line"}
		graph.Nodes = append(graph.Nodes, topology.Node{ID: id, Kind: topology.KindService, Namespace: "n", Lines: lines})
		graph.Edges = append(graph.Edges, topology.Edge{From: "n0", To: id, Lines: lines})
	}
	golden.File(t, "testdata/labels.mmd", graph.Mermaid())
}
