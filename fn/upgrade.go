// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"cmp"
	"fmt"
	"strings"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
	"bigbang.dev/mattermost-fn/internal/rules"
)

// MattermostVersion returns the version of the Mattermost resource with a name, managed or not; empty if there is none
// or its version is not known.
func (index resourceIndex) MattermostVersion(namespace, name string) string {
	item := index.find(mattermostv1beta1.Group, mattermostv1beta1.Kind, namespace, name)
	switch {
	case item == nil:
		return ""
	case index.owners.Of(item) != "":
		return item.Label(ownership.LabelVersion)
	}
	return resourcelist.Text(resourcelist.Field(item.Node(), "spec", "version"))
}

// upgrade reports what changes between the version of the server that runs and that of the configuration. Whether the
// new one may replace an existing resource is checked where that is updated.
func (i *installation) upgrade(p *plan.Plan, index resourceIndex, earlier func(owner string) string) {
	from := ""
	if earlier != nil {
		from = earlier(p.Owner())
	}
	existing := index.MattermostVersion(p.Namespace, p.Name)
	if existing == "" {
		intended := i.config.Annotations[ownership.AnnotationDowngrade]
		if why := ownership.RefuseDowngrade(from, i.config.Spec.Version, intended); why != "" {
			i.report.Report(result.Error, "", "spec.version", "%s", why)
		}
	}
	rules.Upgrade(i.config, i.given, index, p, cmp.Or(from, existing), i.report)
}

// summarizeUpgrades returns the results with one info per configuration instead of the infos about its upgrade.
func summarizeUpgrades(results result.Results) result.Results {
	index := map[result.Resource]int{}
	var summary result.Results
	specific, general, stops := map[int]int{}, map[int]int{}, map[int]bool{}
	for _, r := range results {
		if r.Rule != ruleid.Upgrade || r.Severity != result.Info {
			summary = append(summary, r)
			continue
		}
		at, ok := index[r.Resource]
		if !ok {
			at = len(summary)
			index[r.Resource] = at
			summary = append(summary, r)
		}
		switch {
		case r.Upgrade.ID == "path":
			stops[at] = true
			summary[at] = r // its message names the releases
		case r.Upgrade.General:
			general[at]++
		default:
			specific[at]++
		}
	}
	for _, at := range index {
		r := &summary[at]
		message := fmt.Sprintf("upgrades Mattermost from %s to %s", r.Upgrade.From, r.Upgrade.To)
		if stops[at] {
			message += ": " + r.Message
		}
		var counts []string
		if n := specific[at]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d for this configuration", n))
		}
		if n := general[at]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d in general", n))
		}
		if len(counts) > 0 {
			message += fmt.Sprintf(". Other changes: %s; 'mattermost-fn check --from %s' lists them",
				strings.Join(counts, ", "), r.Upgrade.From)
		}
		r.Message, r.Field, r.Upgrade = message, "spec.version", nil
	}
	return summary
}
