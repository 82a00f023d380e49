// SPDX-License-Identifier: Apache-2.0

package importer

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// source is a kind of input.
type source int

// The kinds of input.
const (
	unknownSource source = iota
	umbrella
	bigBang
	uds
	teamEdition
	enterpriseEdition
	mattermostChart
	pushProxy
	rtcd
	offloader
	mattermostResource
	clusterInstallation
	otherObject
)

// sources are the names of the kinds of input: as in keys.tsv and --from, and in messages.
var sources = map[source][2]string{
	umbrella:            {"bigbang", "Big Bang umbrella values"},
	bigBang:             {"bigbang-package", "Big Bang package values"},
	uds:                 {"uds", "UDS package values"},
	teamEdition:         {"team-edition", "mattermost-team-edition values"},
	enterpriseEdition:   {"enterprise-edition", "mattermost-enterprise-edition values"},
	mattermostChart:     {"mattermost", "mattermost chart values"},
	pushProxy:           {"push-proxy", "mattermost-push-proxy values"},
	rtcd:                {"rtcd", "mattermost-rtcd values"},
	offloader:           {"calls-offloader", "mattermost-calls-offloader values"},
	mattermostResource:  {"resource", "Mattermost resource (v1beta1)"},
	clusterInstallation: {"cluster-installation", "ClusterInstallation resource (v1alpha1)"},
	otherObject:         {"object", "objects next to it"},
}

// String returns the name in messages.
func (s source) String() string { return sources[s][1] }

// isValues reports whether the input is the values of a chart.
func (s source) isValues() bool { return s >= umbrella && s <= offloader }

// isInstallation reports whether the input describes an installation of Mattermost.
func (s source) isInstallation() bool {
	return s >= umbrella && s <= mattermostChart || s == mattermostResource || s == clusterInstallation
}

// tableClass is what becomes of a key by the table.
type tableClass string

// The classes of the table.
const (
	tableField       tableClass = "field"
	tableUnnecessary tableClass = "unnecessary"
	tableManual      tableClass = "manual"
)

// keyRow is a row of the table.
type keyRow struct {
	class tableClass
	// text is the field, why the key is unnecessary, or what to do instead.
	text string
}

//go:embed keys.tsv
var keysTable string

// keyRows are the rows of the table by source and pattern.
var keyRows = sync.OnceValue(func() map[source]map[string]keyRow {
	byName := map[string]source{}
	rows := map[source]map[string]keyRow{}
	for s, names := range sources {
		byName[names[0]] = s
		rows[s] = map[string]keyRow{}
	}
	for line := range strings.Lines(keysTable) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 4 || byName[columns[0]] == unknownSource {
			panic(fmt.Sprintf("importer: keys.tsv: %q is not source, key, class and text", line))
		}
		rows[byName[columns[0]]][columns[1]] = keyRow{tableClass(columns[2]), columns[3]}
	}
	return rows
})

// packageValues is where the umbrella has the user's own values for the package.
const packageValues = "addons.mattermost.values."

// lookup returns the row for a key, such as ports[].name: that of the key itself, or of the nearest mapping or list
// around it.
func (s source) lookup(key string) (keyRow, bool) {
	if rest, ok := strings.CutPrefix(key, packageValues); ok && s == umbrella {
		return bigBang.lookup(rest)
	}
	rows := keyRows()[s]
	for {
		if row, ok := rows[key]; ok {
			return row, true
		}
		if row, ok := rows[key+".**"]; ok {
			return row, true
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return keyRow{}, false
		}
		key = key[:cut]
	}
}
