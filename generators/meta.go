// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func typeMeta(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

// operatorChildLabels returns the labels for the objects that an operator creates from an emitted object.
func operatorChildLabels(p *plan.Plan, component ownership.Component) map[string]string {
	labels := p.Labels(component)
	// The operator manages these objects. A label with the version would change objects that do not change otherwise.
	delete(labels, ownership.LabelManagedBy)
	delete(labels, ownership.LabelVersion)
	return labels
}

// mergeMetadata adds the configuration's own labels or annotations. The ownership metadata is kept: without it the
// object would no longer be updated or deleted.
func mergeMetadata(to, from map[string]string) {
	for key, value := range from {
		if !ownership.IsMetadata(key) {
			to[key] = value
		}
	}
}

func pullSecrets(p *plan.Plan) []corev1.LocalObjectReference {
	var secrets []corev1.LocalObjectReference
	for _, name := range p.Image.PullSecrets {
		secrets = append(secrets, corev1.LocalObjectReference{Name: name})
	}
	return secrets
}
