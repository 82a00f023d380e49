// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// elasticsearch configures search in Elasticsearch. It does not use the operator's fields, which write the password
// into the Deployment in plain text.
func (b *builder) elasticsearch() {
	search := b.spec.Elasticsearch
	if !search.Enabled {
		return
	}
	const prefix = "MM_ELASTICSEARCHSETTINGS_"
	b.setEnv(prefix+"ENABLEINDEXING", "true", "spec.elasticsearch.enabled")
	b.setEnv(prefix+"ENABLESEARCHING", "true", "spec.elasticsearch.enabled")
	b.setEnv(prefix+"ENABLEAUTOCOMPLETE", "true", "spec.elasticsearch.enabled")
	b.setEnv(prefix+"BACKEND", search.Backend, "spec.elasticsearch.backend")
	b.setEnv(prefix+"CONNECTIONURL", search.URL, "spec.elasticsearch.url")
	// Sniffing, on by default, replaces the URL with those of the nodes, which the server cannot reach or does not trust.
	b.setEnv(prefix+"SNIFF", "false", noField)
	b.setEnv(prefix+"USERNAME", search.Username, "spec.elasticsearch.username")
	if search.Password != nil {
		b.setSecretEnv(prefix+"PASSWORD", b.secretRef(b.ElasticsearchSecretName(), ownership.ComponentElasticsearch,
			"password", search.Password, "spec.elasticsearch.password"), "spec.elasticsearch.password")
	}
	if search.IndexPrefix != "" {
		b.setEnv(prefix+"INDEXPREFIX", search.IndexPrefix, "spec.elasticsearch.indexPrefix")
	}
	b.setEnv(prefix+"SKIPTLSVERIFICATION", fmt.Sprint(search.SkipTLSVerify), "spec.elasticsearch.skipTLSVerify")
	if u, err := v1alpha1.ParseServiceURL(search.URL); err == nil {
		b.destination(Destination{Kind: DestinationElasticsearch, Host: u.Host, Port: u.Port, TLS: u.TLS})
	}
}
