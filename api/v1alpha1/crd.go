package v1alpha1

import _ "embed"

//go:embed mattermost.bigbang.dev_mattermostconfigs.yaml
var crd string

// CRD returns the CustomResourceDefinition of MattermostConfig as YAML, for clusters where configurations are kept too.
// The function itself needs no cluster to know it.
func CRD() []byte { return []byte(crd) }
