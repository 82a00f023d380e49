package generators

import (
	"encoding/json"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// spelledOut is an Istio object that prints what protobuf leaves out. Istio's types print themselves as protobuf does,
// which drops an enum whose value is zero: REGISTRY_ONLY would become an empty outboundTrafficPolicy, and ALLOW and NONE
// would not be there at all. It means the same to Istio and nothing to a reader, or to a search for REGISTRY_ONLY.
type spelledOut struct {
	Object
	// fields of the spec by their name in JSON.
	fields map[string]any
}

// MarshalJSON prints the object with its fields in place.
func (s spelledOut) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(s.Object)
	if err != nil {
		return nil, err
	}
	var object struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        json.RawMessage `json:"metadata"`
		Spec            map[string]any  `json:"spec"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	maps.Copy(object.Spec, s.fields)
	return json.Marshal(object)
}
