// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/kubernetes/scheme"
)

// builtIn refuses unknown and duplicate fields, as kubectl and the API server do with fieldValidation=Strict.
var builtIn = json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
	json.SerializerOptions{Strict: true})

func isBuiltIn(gvk schema.GroupVersionKind) bool { return scheme.Scheme.Recognizes(gvk) }

func holdBuiltIn(content *unstructured.Unstructured) []fault {
	text, err := content.MarshalJSON()
	if err != nil {
		return []fault{{message: err.Error()}}
	}
	var faults []fault
	object, gvk, err := builtIn.Decode(text, nil, nil)
	if err != nil {
		faults = faultsOfDecoding(err)
	}
	if object == nil {
		return faults
	}
	metadata, err := meta.Accessor(object)
	if err != nil {
		return append(faults, fault{field: "metadata", message: err.Error()})
	}
	validName := nameRules[gvk.GroupKind()]
	if validName == nil {
		validName = validation.NameIsDNSSubdomain
	}
	errs := validation.ValidateObjectMetaAccessor(metadata, !clusterScoped[gvk.GroupKind()], validName,
		field.NewPath("metadata"))
	return append(faults, faultsOfValidation(errs)...)
}

// The scope of a kind and the rule for its name are not part of k8s.io/api; these are the kinds that differ from
// "namespaced, named by a DNS subdomain".
var (
	clusterScoped = map[schema.GroupKind]bool{
		{Kind: "Namespace"}:        true,
		{Kind: "Node"}:             true,
		{Kind: "PersistentVolume"}: true,
		{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicy"}:          true,
		{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicyBinding"}:   true,
		{Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration"}:     true,
		{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}:        true,
		{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"}: true,
		{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration"}:   true,
		{Group: "networking.k8s.io", Kind: "IngressClass"}:                                true,
		{Group: "node.k8s.io", Kind: "RuntimeClass"}:                                      true,
		{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:                         true,
		{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}:                  true,
		{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:                               true,
		{Group: "storage.k8s.io", Kind: "StorageClass"}:                                   true,
	}
	nameRules = map[schema.GroupKind]validation.ValidateNameFunc{
		{Kind: "Namespace"}: validation.ValidateNamespaceName,
		{Kind: "Service"}:   validation.NameIsDNS1035Label,
	}
)
