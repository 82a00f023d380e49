// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"time"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/topology"
)

// Picture is the topology of the installations of a list: gateways, servers, databases, the services that they connect
// to, with ports, Secrets and network policies.
type Picture struct{ graph topology.Graph }

// Graph draws the installations of the configurations in the list, which it changes as Process does. Secrets are named,
// but not their values. If the results contain an error, the picture is empty.
func Graph(list *List, now time.Time) (Picture, Results) {
	list.list.Directory = list.Directory
	results, _, installations := processAll(&list.list, request{now: now, report: withoutPrerequisites})
	var plans []*plan.Plan
	for _, i := range installations {
		plans = append(plans, i.plan)
	}
	return Picture{topology.New(plans...)}, exported(limit(summarizeUpgrades(results)))
}

// Mermaid returns the picture as a flowchart of Mermaid.
func (p Picture) Mermaid() string { return p.graph.Mermaid() }

// DOT returns the picture in the language of Graphviz.
func (p Picture) DOT() string { return p.graph.DOT() }
