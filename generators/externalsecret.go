// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	externalsecretsv1 "bigbang.dev/mattermost-fn/internal/apis/externalsecrets/v1"
	externalsecretsv1alpha1 "bigbang.dev/mattermost-fn/internal/apis/externalsecrets/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// externalSecrets returns the ExternalSecrets, each with its generator before it if the password is generated. All
// fields that have a default in the CRD are set to it, so that neither a second apply nor a GitOps tool finds a
// difference.
func externalSecrets(p *plan.Plan) []Object {
	var objects []Object
	for _, secret := range p.ExternalSecrets {
		external := &externalsecretsv1.ExternalSecret{
			TypeMeta:   typeMeta(externalsecretsv1.APIVersion, externalsecretsv1.Kind),
			ObjectMeta: p.ObjectMeta(secret.Component, secret.Name),
			Spec: externalsecretsv1.ExternalSecretSpec{
				RefreshPolicy:   externalsecretsv1.RefreshPeriodic,
				RefreshInterval: "1h0m0s",
				Target: externalsecretsv1.Target{
					Name:           secret.Name,
					CreationPolicy: externalsecretsv1.CreationOwner,
					DeletionPolicy: externalsecretsv1.DeletionRetain,
					Template: externalsecretsv1.Template{
						EngineVersion: "v2",
						MergePolicy:   "Replace",
						Metadata:      externalsecretsv1.TemplateMetadata{Labels: operatorChildLabels(p, secret.Component)},
						Data:          secret.Templates,
					},
				},
			},
		}
		if secret.Generated {
			objects = append(objects, passwordGenerator(p, secret))
			generateOnce(&external.Spec, secret.Name)
		} else {
			fetch(&external.Spec, secret.Values)
		}
		objects = append(objects, external)
	}
	return objects
}

// fetch adds the values to the spec, and their store once if all have the same.
func fetch(spec *externalsecretsv1.ExternalSecretSpec, values []plan.ExternalValue) {
	store := values[0].Ref.Store
	shared := !slices.ContainsFunc(values, func(v plan.ExternalValue) bool { return v.Ref.Store != store })
	if shared {
		ref := storeRef(store)
		spec.SecretStoreRef = &ref
	}
	for _, value := range values {
		data := externalsecretsv1.Data{
			SecretKey: value.Name,
			RemoteRef: externalsecretsv1.RemoteRef{
				Key: value.Ref.Key, Property: value.Ref.Property,
				ConversionStrategy: "Default", DecodingStrategy: "None", MetadataPolicy: "None",
			},
		}
		if !shared {
			data.SourceRef = &externalsecretsv1.SourceRef{StoreRef: storeRef(value.Ref.Store)}
		}
		spec.Data = append(spec.Data, data)
	}
}

func storeRef(store v1alpha1.StoreRef) externalsecretsv1.StoreRef {
	return externalsecretsv1.StoreRef{Kind: string(store.Kind), Name: store.Name}
}

// generateOnce makes the spec generate a password exactly once. CreatedOnce alone is not sufficient: the operator
// records in the ExternalSecret's status that it is done. If an ExternalSecret is deleted and applied again, or
// restored from a backup, it has no status, and the operator overwrites the Secret with another password. It does not
// change an existing Secret that is immutable. Orphan keeps the Secret when the ExternalSecret is deleted, since the
// volume with this password is kept too, and makes the operator not replace a deleted Secret (external-secrets,
// pkg/controllers/externalsecret/externalsecret_controller.go).
func generateOnce(spec *externalsecretsv1.ExternalSecretSpec, generator string) {
	spec.RefreshPolicy = externalsecretsv1.RefreshCreatedOnce
	spec.RefreshInterval = "0s"
	spec.Target.CreationPolicy = externalsecretsv1.CreationOrphan
	spec.Target.Immutable = true
	ref := externalsecretsv1.GeneratorRef{
		APIVersion: externalsecretsv1alpha1.APIVersion, Kind: externalsecretsv1alpha1.Kind, Name: generator,
	}
	spec.DataFrom = []externalsecretsv1.DataFrom{{SourceRef: externalsecretsv1.GeneratorSourceRef{GeneratorRef: ref}}}
}

// passwordGenerator returns a generator of 32 letters and digits, which need no escaping in a URL, a file or a shell.
func passwordGenerator(p *plan.Plan, secret plan.ExternalSecret) Object {
	return &externalsecretsv1alpha1.Password{
		TypeMeta:   typeMeta(externalsecretsv1alpha1.APIVersion, externalsecretsv1alpha1.Kind),
		ObjectMeta: p.ObjectMeta(secret.Component, secret.Name),
		Spec:       externalsecretsv1alpha1.PasswordSpec{Length: 32, Digits: 8, AllowRepeat: true, Encoding: "raw"},
	}
}
