// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
)

// variableList reads a list of {name, value} or {name, valueFrom}, as in a pod. A value of a Secret or ConfigMap that
// is in the input and belongs to the chart is read from there.
func (t *translation) variableList(list *value) {
	if list.empty() {
		t.unnecessary(list, "empty")
		return
	}
	for _, item := range list.items {
		name := item.at("name").string()
		if name == "" {
			t.notTranslated(item, "is not an environment variable with a name: add it to spec.env")
			continue
		}
		item.label = " (" + name + ")"
		v := variable{name: name, text: item.at("value").string(), from: item}
		if from := item.at("valueFrom"); from != nil {
			v.valueFrom = &corev1.EnvVarSource{}
			if !convert(from, v.valueFrom) {
				t.notTranslated(item, "its valueFrom is not one of a pod: correct it, and add it to spec.env")
				continue
			}
		}
		t.variables = append(t.variables, t.resolved(v))
	}
}

// chartSecrets are Secrets that a chart writes settings into, and that are not secret as a whole.
var chartSecrets = map[string]bool{"mattermost-envs": true}

// resolved returns a variable with its value, where that is in a Secret of Big Bang's chart that is in the input.
func (t *translation) resolved(v variable) variable {
	ref := v.ref()
	if ref == nil || !chartSecrets[ref.Name] {
		return v
	}
	if text, known := t.cluster.secretKey(ref.Name, ref.Key); known {
		v.text, v.valueFrom = text, nil
	}
	return v
}

// convert decodes a value into a Kubernetes type, and reports whether it fits.
func convert(v *value, into any) bool {
	text, err := json.Marshal(v.plain())
	return err == nil && json.Unmarshal(text, into) == nil
}
