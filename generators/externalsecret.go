package generators

import (
	"slices"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	externalsecretsv1 "bigbang.dev/mattermost-fn/internal/apis/externalsecrets/v1"
	externalsecretsv1alpha1 "bigbang.dev/mattermost-fn/internal/apis/externalsecrets/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// externalSecrets emits the ExternalSecrets, and before each whose password is generated the generator. Everything that
// their definitions have a default for stands there already, so that neither a second apply nor a GitOps engine finds a
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
			madeOnce(&external.Spec, secret.Name)
		} else {
			fetched(&external.Spec, secret.Values)
		}
		objects = append(objects, external)
	}
	return objects
}

// fetched lists the values, and their store once where they have one in common.
func fetched(spec *externalsecretsv1.ExternalSecretSpec, values []plan.ExternalValue) {
	store := values[0].Ref.Store
	common := !slices.ContainsFunc(values, func(v plan.ExternalValue) bool { return v.Ref.Store != store })
	if common {
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
		if !common {
			data.SourceRef = &externalsecretsv1.SourceRef{StoreRef: storeRef(value.Ref.Store)}
		}
		spec.Data = append(spec.Data, data)
	}
}

func storeRef(store v1alpha1.StoreRef) externalsecretsv1.StoreRef {
	return externalsecretsv1.StoreRef{Kind: string(store.Kind), Name: store.Name}
}

// madeOnce lets a password be made once and never again. CreatedOnce alone does not: the operator keeps in the
// ExternalSecret's status that it is done, and overwrites the Secret with another password when an ExternalSecret comes back
// without it, deleted and applied again or restored from a backup. An immutable Secret that exists it leaves as it is.
// Orphan keeps the Secret when the ExternalSecret goes, as the volume stays whose password it is, and lets the operator not
// replace one that somebody deletes (external-secrets, pkg/controllers/externalsecret/externalsecret_controller.go).
func madeOnce(spec *externalsecretsv1.ExternalSecretSpec, generator string) {
	spec.RefreshPolicy = externalsecretsv1.RefreshCreatedOnce
	spec.RefreshInterval = "0s"
	spec.Target.CreationPolicy = externalsecretsv1.CreationOrphan
	spec.Target.Immutable = true
	spec.DataFrom = []externalsecretsv1.DataFrom{{SourceRef: externalsecretsv1.GeneratorSourceRef{GeneratorRef: externalsecretsv1.GeneratorRef{
		APIVersion: externalsecretsv1alpha1.APIVersion, Kind: externalsecretsv1alpha1.Kind, Name: generator,
	}}}}
}

// passwordGenerator makes 32 letters and digits, which mean the same in a URL, in a file and in a shell.
func passwordGenerator(p *plan.Plan, secret plan.ExternalSecret) Object {
	return &externalsecretsv1alpha1.Password{
		TypeMeta:   typeMeta(externalsecretsv1alpha1.APIVersion, externalsecretsv1alpha1.Kind),
		ObjectMeta: p.ObjectMeta(secret.Component, secret.Name),
		Spec:       externalsecretsv1alpha1.PasswordSpec{Length: 32, Digits: 8, AllowRepeat: true, Encoding: "raw"},
	}
}
