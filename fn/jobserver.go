// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"strings"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
	"bigbang.dev/mattermost-fn/transformers"
)

// checkJobServer reports a dedicated job server, of a patch or of the user's own Mattermost resource, that the emitted
// startup probe would kill.
func (i *installation) checkJobServer(index resourceIndex) {
	const kind = mattermostv1beta1.Kind
	const fix = "the operator gives it the emitted startup probe, which kills it every 10 minutes, because it serves no " +
		"HTTP. In one patch of spec.patches set spec.jobServer, replace spec.resourcePatch.deployment.patch by one " +
		"without the operation for startupProbe, and set spec.probes.livenessProbe.failureThreshold to 66, so that " +
		"servers have the time of the startup probe to migrate the database"
	for _, item := range i.items {
		if item.Kind != kind || !transformers.ProbesJobServer(item.Node()) {
			continue
		}
		if transformers.HasJobServer(item.Node()) {
			field := "spec.patches"
			for n, patch := range i.config.Spec.Patches {
				if strings.Contains(patch.Patch, "dedicatedJobServer") {
					field = fmt.Sprintf("spec.patches[%d]", n)
				}
			}
			i.report.Report(result.Error, ruleid.JobServer, field, "asks for a dedicated job server; %s", fix)
			continue
		}
		group, _, _ := strings.Cut(item.APIVersion, "/")
		if own := index.Foreign(group, kind, item.Namespace, item.Name); own != nil && transformers.HasJobServer(own.Node()) {
			i.report.Report(result.Error, ruleid.JobServer, "metadata.name", "%s %s among the resources asks for a dedicated job "+
				"server; %s", kind, item.Name, fix)
		}
	}
}
