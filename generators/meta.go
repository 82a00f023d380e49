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

// operatorChildLabels are the labels of what an operator makes of an object of ours.
func operatorChildLabels(p *plan.Plan, component ownership.Component) map[string]string {
	labels := p.Labels(component)
	// The operator manages what it makes; and a label that changes with the version would change objects that do not.
	delete(labels, ownership.LabelManagedBy)
	delete(labels, ownership.LabelVersion)
	return labels
}

// mergeMetadata adds the configuration's own labels or annotations. Ownership metadata stays as it is: without it the object
// would no longer be updated or removed.
func mergeMetadata(to, more map[string]string) {
	for key, value := range more {
		if key != ownership.LabelManagedBy && key != ownership.AnnotationOwner {
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
