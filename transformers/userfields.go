// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// treatment says what happens to a field of a user's object that the generated object contradicts.
type treatment int

const (
	// replaced means that the generated value replaces the user's.
	replaced treatment = iota + 1
	// kept means that the user's value stays, because data depends on it.
	kept
	// removed means that the user's field goes, although no field is generated in its place.
	removed
)

// fieldRule is a field in which a user's object and the generated one must not differ silently. Every difference is a
// warning that names the field.
type fieldRule struct {
	treatment treatment
	// why completes the warning "<field> is kept/removed: ".
	why string
	// advice says what to do about it; nil for the general advice.
	advice func(id resourcelist.ID, theirs string) string
	// equivalent reports whether the generated fields of a union mean the same as the user's; nil if they never do. Name
	// is that of the object.
	equivalent func(name string, theirs []string, generated *yaml.Node) bool
	// hidden leaves the values out of the warning, because they may contain secrets or are long.
	hidden bool
	// absence means that the user's value also stays if it is unset.
	absence bool
	// unlessNamed means that a list is only kept if no element has the name of a generated one.
	unlessNamed bool
}

// userFields contains the fields by kind and path. Paths have no list indexes. The path of a union represents the
// choice of its field. In the last part of a path, * matches any rest of a key; [name] selects an element of a list.
var userFields = map[string]map[string]fieldRule{
	"Mattermost": {
		"spec.database":                 {treatment: replaced, advice: setting("spec.database")},
		"spec.database.external.secret": {treatment: replaced, advice: existingSecret("spec.database.existingSecret")},
		// With several fields set, the operator uses the first of external, externalVolume, local, operatorManaged.
		"spec.fileStore":                 {treatment: replaced, advice: fileStoreAdvice, equivalent: sameFileStore},
		"spec.fileStore.external.url":    {treatment: replaced, advice: setting("spec.objectStorage.endpoint")},
		"spec.fileStore.external.bucket": {treatment: replaced, advice: setting("spec.objectStorage.bucket")},
		"spec.fileStore.external.secret": {treatment: replaced, advice: existingSecret("spec.objectStorage.existingSecret")},
		"spec.fileStore.external.useServiceAccount": {
			treatment: removed, advice: setting("spec.objectStorage.roleARN or spec.serviceAccount"),
			why: "the servers would get no keys for the object storage",
		},
		"spec.ingress.enabled":            {treatment: replaced, advice: setting("spec.route")},
		"spec.ingress.host":               {treatment: replaced, advice: setting("spec.host")},
		"spec.replicas":                   {treatment: replaced, advice: setting("spec.replicas")},
		"spec.licenseSecret":              {treatment: replaced, advice: setting("spec.enterprise.license")},
		"spec.resourcePatch.deployment.*": {treatment: replaced, hidden: true, advice: setting("spec.patches")},
		"spec.fileStore.externalVolume.volumeClaimName": {
			treatment: replaced, advice: existingSecret("spec.objectStorage.inCluster.existingClaim"),
		},
		// A container or pod with two handlers in one probe is refused (kubernetes, validateHandler: "may not specify more
		// than 1 handler type").
		"spec.probes.livenessProbe":  {treatment: replaced, advice: setting("spec.patches")},
		"spec.probes.readinessProbe": {treatment: replaced, advice: setting("spec.patches")},

		// The operator replaces replicas and resources by those of the size, and removes size, at every apply
		// (mattermost-operator 1.25.9, apis/mattermost/v1beta1/mattermost_sizes.go).
		"spec.size": {
			treatment: removed, advice: setting("spec.users"),
			why: "with it the operator overrides the generated replicas and resources, and could start several servers on " +
				"one volume",
		},
		// The operator sets five variables from it, the password in clear text in the Deployment
		// (pkg/mattermost/mattermost_v1beta.go).
		"spec.elasticSearch": {
			treatment: removed, hidden: true, advice: setting("spec.elasticsearch"),
			why: "the operator writes its password in clear text into the Deployment, and its variables contradict the " +
				"generated ones",
		},
		// The Deployment <name>-jobserver has probes of the server but no server, and the kubelet restarts it.
		"spec.jobServer": {
			treatment: removed, advice: setting("spec.settings.JobSettings"),
			why: "the generated servers run the jobs, and with it the operator switches them off there",
		},
		// Its Service has the ports 80 and 443 instead of app and metrics, and no route finds it.
		"spec.useServiceLoadBalancer": {
			treatment: removed, advice: setting("spec.service"),
			why: "it removes the ports that the route, policies and metrics use from the Service",
		},
		// It replaces the command mattermost.
		"spec.podTemplate.command": {
			treatment: removed, advice: setting("spec.patches"),
			why: "the pods would not run the server with the generated environment",
		},
		// A rolling update on a volume that one node mounts never completes.
		"spec.deploymentTemplate": {
			treatment: removed, advice: setting("spec.patches"),
			why: "the strategy of the Deployment depends on where files are stored",
		},

		// Variables of the resource win over those that the operator sets, so the first group decides which database and
		// file store the server uses; the others contradict the configuration (pkg/mattermost/helpers.go, mergeEnvVars).
		"spec.mattermostEnv[*]":                                       serverVariable,
		"spec.mattermostEnv[PG*]":                                     databaseVariable,
		"spec.mattermostEnv[MM_CONFIG]":                               databaseVariable,
		"spec.mattermostEnv[MM_SQLSETTINGS_DATASOURCE]":               databaseVariable,
		"spec.mattermostEnv[MM_SQLSETTINGS_DRIVERNAME]":               databaseVariable,
		"spec.mattermostEnv[MM_SQLSETTINGS_DATASOURCEREPLICAS]":       databaseVariable,
		"spec.mattermostEnv[MM_SQLSETTINGS_DATASOURCESEARCHREPLICAS]": databaseVariable,
		"spec.mattermostEnv[MM_SQLSETTINGS_REPLICALAGSETTINGS]":       databaseVariable,
		"spec.mattermostEnv[MM_FILESETTINGS_DRIVERNAME]":              fileVariable,
		"spec.mattermostEnv[MM_FILESETTINGS_AMAZONS3BUCKET]":          fileVariable,
		"spec.mattermostEnv[MM_FILESETTINGS_AMAZONS3ENDPOINT]":        fileVariable,
		"spec.mattermostEnv[MM_FILESETTINGS_AMAZONS3ACCESSKEYID]":     fileVariable,
		"spec.mattermostEnv[MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY]": fileVariable,
	},

	// CloudNativePG deletes replicas with their volumes, cannot shrink a volume, and accepts one bootstrap method
	// (cloudnative-pg, internal/webhook/v1/cluster_webhook.go).
	"Cluster": {
		"spec.instances": {
			treatment: kept, why: "CloudNativePG deletes a removed replica together with its volume",
			advice: same("spec.database.inCluster.instances"),
		},
		"spec.storage.size": {
			treatment: kept, why: "a volume cannot shrink", advice: same("spec.database.inCluster.storage.size"),
		},
		"spec.storage.storageClass": {
			treatment: kept, absence: true, why: "the class of a volume cannot change",
			advice: same("spec.database.inCluster.storage.storageClassName"),
		},
		"spec.bootstrap": {
			treatment: kept, why: "CloudNativePG accepts one method, which created the database",
			advice: func(resourcelist.ID, string) string {
				return "Set spec.database.database and spec.database.username to those of the database"
			},
		},
		"spec.imageName": {
			treatment: kept, why: "it decides which PostgreSQL reads the data", advice: same("spec.database.inCluster.image"),
		},
		"spec.backup": {
			treatment: kept, hidden: true, why: "backups and the archive of the write-ahead log are there",
			advice: func(resourcelist.ID, string) string {
				return "Remove spec.database.inCluster.backup, or describe the same backup"
			},
		},
		"spec.plugins.parameters.serverName": {
			treatment: kept, why: "the archive of the write-ahead log is there",
			advice: same("spec.database.inCluster.backup.serverName"),
		},
		"spec.plugins.parameters.barmanObjectName": {
			treatment: kept, why: "the archive of the write-ahead log is there",
			advice: func(resourcelist.ID, string) string {
				return "Remove spec.database.inCluster.backup, or use the generated ObjectStore in the Cluster"
			},
		},
	},

	// Only requests may change in the spec of a claim, and they may only grow (kubernetes 1.36,
	// ValidatePersistentVolumeClaimUpdate).
	"PersistentVolumeClaim": {
		"spec.accessModes": {
			treatment: kept, why: "the access modes of a claim cannot change",
			advice: same("spec.objectStorage.inCluster.accessModes"),
		},
		"spec.resources.requests.storage": {
			treatment: kept, why: "a volume cannot shrink", advice: same("spec.objectStorage.inCluster.storage.size"),
		},
		"spec.storageClassName": {
			treatment: kept, absence: true, why: "the class of a claim cannot change",
			advice: same("spec.objectStorage.inCluster.storage.storageClassName"),
		},
	},

	// Only replicas, template and few other fields of the spec may change (kubernetes 1.36, ValidateStatefulSetUpdate).
	// PostgreSQL's image reads POSTGRES_* only for an empty volume; PGDATA says where in the volume the data is.
	"StatefulSet": {
		"spec.volumeClaimTemplates": {
			treatment: kept, why: "the volumes of a StatefulSet cannot change",
			advice: same("spec.database.inCluster.storage"),
		},
		"spec.selector":    {treatment: kept, hidden: true, why: "the selector of a StatefulSet cannot change"},
		"spec.serviceName": {treatment: kept, why: "the Service of a StatefulSet cannot change"},
		"spec.template.spec.containers": {
			treatment: kept, hidden: true, unlessNamed: true,
			why: "a second PostgreSQL on the same volume would damage the data",
		},
		"spec.template.spec.containers.image": {
			treatment: kept, why: "it decides which PostgreSQL reads the data", advice: same("spec.database.inCluster.image"),
		},
		"spec.template.spec.securityContext": {
			treatment: kept, hidden: true, why: "its user must be able to read the data",
		},
		"spec.template.spec.containers.args": {
			treatment: replaced, hidden: true, advice: setting("spec.patches"),
		},
		"spec.template.spec.containers.env[PGDATA]": {
			treatment: kept, why: "it says where in the volume the data is",
		},
		"spec.template.spec.containers.env[POSTGRES_USER]": {
			treatment: kept, hidden: true, why: initOnly, advice: same("spec.database.username"),
		},
		"spec.template.spec.containers.env[POSTGRES_DB]": {
			treatment: kept, hidden: true, why: initOnly, advice: same("spec.database.database"),
		},
		"spec.template.spec.containers.env[POSTGRES_PASSWORD]": {
			treatment: kept, hidden: true, why: initOnly, advice: same("spec.database.inCluster.password"),
		},
	},

	// The pools of a Tenant have its volumes (minio/operator 7.1, pkg/apis/minio.min.io/v2/types.go).
	"Tenant": {
		"spec.pools": {
			treatment: kept, hidden: true, why: "its volumes have the files",
			advice: same("spec.objectStorage.inCluster.storage"),
		},
		"spec.configuration.name": {treatment: replaced, advice: setting("spec.objectStorage.inCluster.accessKey")},
		"spec.requestAutoCert":    {treatment: replaced, advice: setting("spec.patches")},
	},

	// A stricter level would refuse pods of others in the namespace.
	"Namespace": {
		"metadata.labels.pod-security.kubernetes.io/*": {
			treatment: kept, why: "other pods of the namespace may need it", advice: setting("spec.namespace.labels"),
		},
	},

	"VirtualService": {
		"spec.http":                               {treatment: replaced},
		"spec.http.route.destination.host":        {treatment: replaced},
		"spec.http.route.destination.port.number": {treatment: replaced},
	},
	"HTTPRoute": {
		"spec.rules.backendRefs.name": {treatment: replaced},
		"spec.rules.backendRefs.port": {treatment: replaced},
	},
	// Only users know where in their store a value is (external-secrets 1.3, ExternalSecretSpec).
	"ExternalSecret": {
		"spec.target.name":             {treatment: replaced},
		"spec.target.template.data.*":  {treatment: replaced, hidden: true},
		"spec.refreshPolicy":           {treatment: replaced},
		"spec.secretStoreRef.name":     {treatment: replaced, advice: setting("the store of the externalSecret")},
		"spec.secretStoreRef.kind":     {treatment: replaced, advice: setting("the store of the externalSecret")},
		"spec.data.remoteRef.key":      {treatment: replaced, advice: setting("the key of the externalSecret")},
		"spec.data.remoteRef.property": {treatment: replaced, advice: setting("the property of the externalSecret")},
	},
	"Service": {
		"spec.ports.port":       {treatment: replaced},
		"spec.ports.targetPort": {treatment: replaced},
		"spec.ports.protocol":   {treatment: replaced},
	},
	"ServiceMonitor": {
		"spec.endpoints.port":   {treatment: replaced},
		"spec.endpoints.path":   {treatment: replaced},
		"spec.endpoints.scheme": {treatment: replaced},
	},
	"ConfigMap": {"data.*": {treatment: replaced, hidden: true}},
	"ServiceAccount": {
		"metadata.annotations.eks.amazonaws.com/role-arn": {
			treatment: replaced, advice: setting("spec.objectStorage.roleARN"),
		},
	},
}

const initOnly = "PostgreSQL's image reads it only for an empty volume"

var serverVariable = fieldRule{treatment: replaced, hidden: true, advice: setting("spec.settings or spec.env")}

var databaseVariable = fieldRule{
	treatment: removed, hidden: true, advice: setting("spec.database"),
	why: "it would make the server use another database than the one that is configured, waited for and backed up",
}

var fileVariable = fieldRule{
	treatment: removed, hidden: true, advice: setting("spec.objectStorage"),
	why: "it would make the server use another file store than the configured one",
}

// setting returns the advice to set a field of the configuration instead.
func setting(field string) func(resourcelist.ID, string) string {
	return func(resourcelist.ID, string) string { return "To keep the other value, describe it in " + field }
}

// same returns the advice to set a field of the configuration to the user's value.
func same(field string) func(resourcelist.ID, string) string {
	return func(_ resourcelist.ID, theirs string) string {
		if theirs == "" {
			return "Set " + field + " to the same value"
		}
		return "Set " + field + " to " + theirs
	}
}

// existingSecret returns the advice to name the user's object in a field of the configuration.
func existingSecret(field string) func(resourcelist.ID, string) string {
	return func(_ resourcelist.ID, theirs string) string {
		return "To keep it, set " + field + ": " + theirs
	}
}

// fileStoreAdvice says how the configuration describes the file store of a Mattermost resource. Theirs contains the
// fields of the resource. The names are those of mattermost-operator 1.25.9 (pkg/mattermost/file_store.go,
// pkg/components/minio/minio.go).
func fileStoreAdvice(id resourcelist.ID, theirs string) string {
	switch fields := strings.Split(theirs, ", "); {
	case slices.Contains(fields, "external"):
		return "The uploaded files stay in that S3 service: describe it in spec.objectStorage (endpoint, bucket, " +
			"existingSecret)"
	case slices.Contains(fields, "externalVolume"):
		return "The uploaded files stay on that volume: set spec.objectStorage.inCluster.existingClaim to its claim"
	case slices.Contains(fields, "local"):
		return "The uploaded files stay on the claim that the operator created: set " +
			"spec.objectStorage.inCluster.existingClaim: " + id.Name
	}
	return "The uploaded files stay in the operator's MinIO: describe it in spec.objectStorage with the endpoint of the " +
		"Service of MinIOInstance " + id.Name + "-minio, bucket: " + id.Name + ", existingSecret: " + id.Name + "-minio"
}

// sameFileStore reports whether the generated file store of a Mattermost resource is the one that the operator created
// for the user's resource, as fileStoreAdvice describes it.
func sameFileStore(name string, theirs []string, generated *yaml.Node) bool {
	text := func(path ...string) string { return resourcelist.Text(resourcelist.Field(generated, path...)) }
	switch {
	case slices.Equal(theirs, []string{"local"}):
		return text("externalVolume", "volumeClaimName") == name
	case slices.Equal(theirs, []string{"operatorManaged"}):
		return text("external", "bucket") == name && text("external", "secret") == name+"-minio"
	}
	return false
}

// ruleFor returns the rule for a field, or for an element of a list if element is not empty. It returns no rule if the
// treatment is zero.
func ruleFor(kind string, path []string, element string) fieldRule {
	rules := userFields[kind]
	if rules == nil || len(path) == 0 {
		return fieldRule{}
	}
	at := strings.Join(path, ".")
	if element != "" {
		for _, pattern := range []string{element, element[:min(2, len(element))] + "*", "*"} {
			if rule, ok := rules[at+"["+pattern+"]"]; ok {
				return rule
			}
		}
		return fieldRule{}
	}
	if rule, ok := rules[at]; ok {
		return rule
	}
	last := path[len(path)-1]
	prefix, _, found := strings.Cut(last, "/")
	if found {
		prefix += "/"
	} else {
		prefix = ""
	}
	return rules[strings.TrimSuffix(at, last)+prefix+"*"]
}
