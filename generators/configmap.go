// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// configMaps returns the ConfigMaps with the CA certificates in the configuration.
func configMaps(p *plan.Plan) []Object {
	var objects []Object
	for _, bundle := range p.CABundles {
		if bundle.PEM == "" {
			continue
		}
		objects = append(objects, &corev1.ConfigMap{
			TypeMeta:   typeMeta("v1", "ConfigMap"),
			ObjectMeta: p.ObjectMeta(ownership.ComponentServer, bundle.ConfigMap),
			Data:       map[string]string{bundle.Key: bundle.PEM},
		})
	}
	return objects
}
