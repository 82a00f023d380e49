package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// secrets emits the Secrets with the values that the configuration holds. They have `data`, not `stringData`: a key that
// is taken out of stringData stays in the cluster, and kustomize merges the two into something else.
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
