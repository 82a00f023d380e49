// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	miniov2 "bigbang.dev/mattermost-fn/internal/apis/minio/v2"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// objectStorage returns the storage for files in the cluster: a claim, or a MinIO Tenant. The claim is emitted instead
// of created by the Mattermost operator, which would delete it together with the Mattermost resource
// (mattermost-operator, pkg/mattermost/file_store.go).
func objectStorage(p *plan.Plan) []Object {
	switch claim := p.Files.Claim; {
	case claim != nil && claim.Exists:
		return nil
	case claim != nil:
		spec := claimSpec(claim.Storage)
		spec.AccessModes = claim.AccessModes
		return []Object{&corev1.PersistentVolumeClaim{
			TypeMeta:   typeMeta("v1", "PersistentVolumeClaim"),
			ObjectMeta: p.ObjectMeta(ownership.ComponentObjectStorage, claim.Name),
			Spec:       spec,
		}}
	case p.Files.MinIO != nil:
		return []Object{minIOTenant(p, p.Files.MinIO)}
	}
	return nil
}

// minIOTenant returns a Tenant with one server and one volume, without TLS: its certificates would come from an
// authority that the Mattermost server does not trust.
func minIOTenant(p *plan.Plan, m *plan.MinIO) Object {
	yes := true
	tenant := &miniov2.Tenant{
		TypeMeta:   typeMeta(miniov2.APIVersion, miniov2.Kind),
		ObjectMeta: p.ObjectMeta(ownership.ComponentObjectStorage, m.Name),
		Spec: miniov2.TenantSpec{
			Image:           m.Image,
			ImagePullPolicy: p.Image.PullPolicy,
			Configuration:   corev1.LocalObjectReference{Name: m.ConfigSecret},
			Buckets:         []miniov2.Bucket{{Name: m.Bucket}},
			Pools: []miniov2.Pool{{
				Name:             "pool-0",
				Servers:          1,
				VolumesPerServer: 1,
				VolumeClaimTemplate: corev1.PersistentVolumeClaim{
					ObjectMeta: metav1.ObjectMeta{Name: "data"},
					Spec:       claimSpec(m.Storage),
				},
				Resources: m.Resources,
				SecurityContext: &corev1.PodSecurityContext{
					RunAsNonRoot: &yes, RunAsUser: m.User, RunAsGroup: m.User, FSGroup: m.User,
					SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
				},
				ContainerSecurityContext: plan.RestrictedContainer(),
			}},
		},
	}
	if m.Version != "" { // MinIO's operator sets labels of its own only
		tenant.Spec.Pools[0].Labels = map[string]string{ownership.LabelName: "minio", ownership.LabelVersion: m.Version}
	}
	if secrets := pullSecrets(p); len(secrets) > 0 {
		tenant.Spec.ImagePullSecret = &secrets[0]
	}
	return tenant
}
