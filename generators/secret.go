// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// secrets returns the Secrets with the values in the configuration. They have `data` instead of `stringData`: a key
// that is removed from stringData remains in the cluster, and kustomize merges the two incorrectly.
func secrets(p *plan.Plan) []Object {
	var objects []Object
	for _, secret := range p.Secrets {
		data := map[string][]byte{}
		for key, value := range secret.Data {
			data[key] = []byte(value)
		}
		objects = append(objects, &corev1.Secret{
			TypeMeta:   typeMeta("v1", "Secret"),
			ObjectMeta: p.ObjectMeta(secret.Component, secret.Name),
			Type:       corev1.SecretTypeOpaque,
			Data:       data,
		})
	}
	return objects
}
