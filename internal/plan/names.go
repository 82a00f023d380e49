package plan

// Names of what is emitted for an installation are decided here and nowhere else.

// DatabaseSecretName is the Secret that the operator is given for the database, with the password where the function knows it.
func (p *Plan) DatabaseSecretName() string { return p.Name + "-database" }

// DatabaseUserSecretName is the Secret with the name of the database's role, where External Secrets fetches only that.
func (p *Plan) DatabaseUserSecretName() string { return p.Name + "-database-user" }

// DatabaseName is the database that is emitted in the cluster.
func (p *Plan) DatabaseName() string { return p.Name + "-db" }

// FilesName is the claim or the Tenant that stores files in the cluster.
func (p *Plan) FilesName() string { return p.Name + "-files" }

// FilesSecretName is the Secret with the object storage's keys.
func (p *Plan) FilesSecretName() string { return p.Name + "-object-storage" }

// LicenseSecretName is the Secret with the licence.
func (p *Plan) LicenseSecretName() string { return p.Name + "-license" }

// SSOSecretName is the Secret with the identity provider's client secret.
func (p *Plan) SSOSecretName() string { return p.Name + "-sso" }

// ElasticsearchSecretName is the Secret with the password for search.
func (p *Plan) ElasticsearchSecretName() string { return p.Name + "-elasticsearch" }

// GossipServiceName is the Service through which servers of one cluster reach each other in a mesh.
func (p *Plan) GossipServiceName() string { return p.Name + "-gossip" }

// SettingsSecretName is the Secret with Mattermost's own settings that are secret.
func (p *Plan) SettingsSecretName() string { return p.Name + "-settings" }

// ExternalSettingsSecretName is the Secret with those of Mattermost's own settings that External Secrets fetches: it has
// its Secrets for itself, and what is known here has no place in its templates.
func (p *Plan) ExternalSettingsSecretName() string { return p.SettingsSecretName() + "-external" }
