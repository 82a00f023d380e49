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

// checkJobServer reports a dedicated job server, of a patch, that the emitted startup probe would kill. That of the
// user's own Mattermost resource is removed, with a warning, when the generated one is merged into it.
func (i *installation) checkJobServer() {
	if len(i.config.Spec.Patches) == 0 {
		return // without parsing the generated object
	}
	for _, item := range i.items {
		if !mattermostv1beta1.Is(item.Group(), item.Kind) || !transformers.HasJobServer(item.Node()) ||
			!transformers.ProbesJobServer(item.Node()) {
			continue
		}
		field := "spec.patches"
		for n, patch := range i.config.Spec.Patches {
			if strings.Contains(patch.Patch, "dedicatedJobServer") {
				field = fmt.Sprintf("spec.patches[%d]", n)
			}
		}
		i.report.Report(result.Error, ruleid.JobServer, field, "asks for a dedicated job server; the operator gives it the "+
			"emitted startup probe, which kills it every 10 minutes, because it serves no HTTP. In the same patch replace "+
			"spec.resourcePatch.deployment.patch by one without the operation for startupProbe, and set "+
			"spec.probes.livenessProbe.failureThreshold to 66, so that servers have the time of the startup probe to "+
			"migrate the database")
	}
}
