// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import _ "embed"

//go:embed mattermost.bigbang.dev_mattermostconfigs.yaml
var crd string

// CRD returns the CustomResourceDefinition of MattermostConfig as YAML, for clusters that store configurations. The
// function works without it.
func CRD() []byte { return []byte(crd) }
