// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// eachExternal calls visit for every value that External Secrets fetches, including those in groups of settings, with
// the path of the field of the reference.
func eachExternal(config *v1alpha1.MattermostConfig, visit func(field string, ref *v1alpha1.ExternalRef)) {
	v1alpha1.Each(config, func(field string, value *v1alpha1.SecretValue) {
		if value.ExternalSecret != nil {
			visit(field, value.ExternalSecret)
		}
	})
	for _, given := range settings.Flatten(config.Spec.Settings) {
		if given.Value.ExternalSecret != nil {
			visit(given.Field, given.Value.ExternalSecret)
		}
	}
}

// externalSecrets checks references to values that External Secrets fetches, and that those of one Secret can share it.
func externalSecrets(s *subject) {
	eachExternal(s.MattermostConfig, func(field string, ref *v1alpha1.ExternalRef) {
		field += ".externalSecret"
		switch store := ref.Store; {
		case store.Name == "":
			s.errorf(field+".store.name", "is required; set it to the name of a SecretStore in the namespace %s, "+
				"or of a ClusterSecretStore with kind: ClusterSecretStore", s.Namespace)
		case len(validation.IsDNS1123Subdomain(store.Name)) > 0:
			s.errorf(field+".store.name", notAName)
		}
		if kind := ref.Store.Kind; kind != v1alpha1.KindSecretStore && kind != v1alpha1.KindClusterSecretStore {
			s.errorf(field+".store.kind", "is not a kind of store; write SecretStore for one in the namespace %s, "+
				"or ClusterSecretStore", s.Namespace)
		}
		if ref.Key == "" {
			s.errorf(field+".key", "is required; set it to the name of the value in the store")
		}
		for name, text := range map[string]string{"key": ref.Key, "property": ref.Property} {
			if strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl) {
				s.errorf(field+"."+name, "has spaces around it or contains a line break, so no store finds it; remove them")
			}
		}
	})
	files := s.spec.ObjectStorage
	sharedSecret(s, "spec.objectStorage", files.AccessKey, files.AccessSecret, true)
	if in := files.InCluster; in != nil {
		sharedSecret(s, "spec.objectStorage.inCluster", in.AccessKey, in.AccessSecret, false)
	}
}

// sharedSecret finds pairs of keys of which only one is fetched. The operator reads both from one Secret, so the other
// one would have to be written into the ExternalSecret, which is readable to more users than a Secret. A reference is
// fine where the value is not a part of a larger one, as in MinIO's configuration file.
func sharedSecret(s *subject, field string, accessKey, accessSecret *v1alpha1.SecretValue, references bool) {
	if accessKey == nil || accessSecret == nil ||
		(accessKey.ExternalSecret == nil) == (accessSecret.ExternalSecret == nil) {
		return
	}
	value, other, external := accessKey, field+".accessKey", "accessSecret"
	if accessKey.ExternalSecret != nil {
		value, other, external = accessSecret, field+".accessSecret", "accessKey"
	}
	if references && value.SecretKeyRef != nil {
		return
	}
	instead := ""
	if references {
		instead = ", or a secretKeyRef here"
	}
	s.errorf(other, "has no externalSecret, but %s has, and both are keys of one Secret, "+
		"which External Secrets creates as a whole; set externalSecret for both or for none%s", external, instead)
}
