// SPDX-License-Identifier: Apache-2.0

package apivalidation

// argoCD carries the definitions of Argo CD.
var argoCD = module{"github.com/argoproj/argo-cd/v3", "v3.5.1", "h1:jtwPLEFX9mNj3jSq88ugFcScGnOZVs2DWaXFuZxrRT8=",
	"manifests/crds/application*-crd.yaml"}

// LoadArgoCD loads the definitions of Argo CD's Application and ApplicationSet. Nothing that is emitted needs them.
func (v *Validator) LoadArgoCD() error { return v.loadModule(argoCD) }
