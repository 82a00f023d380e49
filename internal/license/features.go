// SPDX-License-Identifier: Apache-2.0

package license

// Feature is a licensed feature.
type Feature struct {
	// Key is its name in the license file.
	Key string
	// What it enables.
	What string
}

// Features are all features that the server knows, sorted by key.
var Features = []Feature{
	{"advanced_logging", "log targets other than console and file"},
	{"announcement", "the banner over every page"},
	{"auto_translation", "automatic translation"},
	{"cluster", "several servers (high availability), and the Redis cache"},
	{"compliance", "compliance monitoring, and encryption of files in S3"},
	{"custom_permissions_schemes", "permission schemes"},
	{"custom_terms_of_service", "custom terms of service"},
	{"data_retention", "deletion of old messages and files"},
	{"elastic_search", "search in Elasticsearch or OpenSearch"},
	{"email_notification_contents", "e-mails without the message's text"},
	{"enterprise_plugins", "licensed plugins"},
	{"google_oauth", "login with Google"},
	{"guest_accounts", "guest accounts"},
	{"guest_accounts_permissions", "permissions of guests"},
	{"id_loaded", "push notifications without the message's text"},
	{"ldap", "login with AD/LDAP"},
	{"ldap_groups", "groups from AD/LDAP"},
	{"lock_teammate_name_display", "the same display of names for everyone"},
	{"message_export", "compliance export"},
	{"metrics", "metrics for Prometheus"},
	{"mfa", "enforced second factor"},
	{"mhpns", "Mattermost's hosted push service"},
	{"office365_oauth", "login with Entra ID"},
	{"openid", "login with OpenID Connect and, since version 11, with GitLab's protocol"},
	{"outgoing_oauth_connections", "outgoing OAuth connections"},
	{"remote_cluster_service", "connected workspaces"},
	{"saml", "login with SAML"},
	{"shared_channels", "shared channels"},
	{"theme_management", "themes for everyone"},
}

// What returns what a feature enables, or the key itself if it is not known.
func What(feature string) string {
	for _, f := range Features {
		if f.Key == feature {
			return f.What
		}
	}
	return feature
}
