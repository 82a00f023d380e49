// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"fmt"
	"strings"
)

// bigBang maps values of Big Bang's chart, which its users may type out of habit, to the corresponding fields. It omits
// names that differ only in their spelling (client_id, ssl_mode), since nearest.Nearest finds them.
var bigBang = map[string]string{
	"spec.replicaCount":                      "spec.replicas",
	"spec.size":                              "spec.users",
	"spec.license":                           "spec.enterprise.license",
	"spec.mattermostEnvs":                    "spec.env, a list of {name, value}",
	"spec.existingSecretEnvs":                "spec.env, a list of {name, valueFrom}",
	"spec.postgresql":                        "spec.database.inCluster, or spec.database.host for an external database",
	"spec.minio":                             "spec.objectStorage.inCluster with engine minio",
	"spec.fileStore":                         "spec.objectStorage",
	"spec.ingress":                           "spec.route with type ingress",
	"spec.imagePullSecrets":                  "spec.image.pullSecrets",
	"spec.global":                            "spec.image.pullSecrets",
	"spec.securityContext":                   "spec.pod.securityContext",
	"spec.containerSecurityContext":          "spec.pod.containerSecurityContext",
	"spec.podLabels":                         "spec.pod.labels",
	"spec.podAnnotations":                    "spec.pod.annotations",
	"spec.affinity":                          "spec.pod.affinity",
	"spec.nodeSelector":                      "spec.pod.nodeSelector",
	"spec.tolerations":                       "spec.pod.tolerations",
	"spec.volumes":                           "spec.pod.volumes",
	"spec.volumeMounts":                      "spec.pod.volumeMounts",
	"spec.extraInitContainers":               "spec.pod.initContainers",
	"spec.image.name":                        "spec.image.repository",
	"spec.image.tag":                         "spec.version",
	"spec.image.imagePullPolicy":             "spec.image.pullPolicy",
	"spec.enterprise.existingSecret":         "spec.enterprise.license with secretKeyRef",
	"spec.sso.client_secret":                 "spec.sso.clientSecret",
	"spec.sso.enable_sign_up_with_email":     "spec.sso.emailSignUp",
	"spec.sso.enable_sign_in_with_email":     "spec.sso.emailSignIn",
	"spec.sso.enable_sign_in_with_username":  "spec.sso.usernameSignIn",
	"spec.database.secret":                   "spec.database.existingSecret",
	"spec.database.connParams":               "spec.database.parameters",
	"spec.database.readinessCheck":           "nothing: waiting for the database is always on",
	"spec.objectStorage.url":                 "spec.objectStorage.endpoint",
	"spec.objectStorage.secret":              "spec.objectStorage.existingSecret",
	"spec.objectStorage.accessKeyId":         "spec.objectStorage.accessKey",
	"spec.objectStorage.secretKey":           "spec.objectStorage.accessSecret",
	"spec.elasticsearch.connectionurl":       "spec.elasticsearch.url",
	"spec.elasticsearch.skiptlsverification": "spec.elasticsearch.skipTLSVerify",
	"spec.elasticsearch.enableindexing":      "spec.elasticsearch.enabled",
	"spec.elasticsearch.sniff": "nothing: always off, since sniffing finds addresses that the " +
		"server cannot reach",
	"spec.monitoring.namespace": "spec.networkPolicies.monitoringNamespace",
	"spec.istio.hardened":       "spec.istio.authorizationPolicies and spec.istio.egress",
	"spec.istio.mattermost":     "spec.route",
	"spec.istio.gateways":       "spec.route.gateways",
	"spec.updateJob":            "nothing: the operator's update job is always off, as it never ends in a mesh",
}

// synonyms maps other names that users guess to the corresponding fields.
var synonyms = map[string]string{
	"spec.url":                        "spec.host",
	"spec.siteURL":                    "spec.host",
	"spec.siteUrl":                    "spec.host",
	"spec.hostname":                   "spec.host",
	"spec.fqdn":                       "spec.host",
	"spec.tag":                        "spec.version",
	"spec.loadBalancer":               "spec.service with type LoadBalancer",
	"spec.useServiceLoadBalancer":     "spec.service with type LoadBalancer",
	"spec.serviceAnnotations":         "spec.service.annotations",
	"spec.rtcService":                 "spec.calls",
	"spec.plugins.calls":              "spec.calls",
	"spec.calls.iceHostOverride":      "spec.calls.host",
	"spec.calls.udpPort":              "spec.calls.port",
	"spec.azure":                      "spec.objectStorage.azure",
	"spec.plan":                       "spec.edition",
	"spec.storage":                    "spec.objectStorage",
	"spec.s3":                         "spec.objectStorage",
	"spec.files":                      "spec.objectStorage",
	"spec.db":                         "spec.database",
	"spec.postgres":                   "spec.database",
	"spec.smtp":                       "spec.email",
	"spec.mail":                       "spec.email",
	"spec.oidc":                       "spec.openid",
	"spec.keycloak":                   "spec.sso",
	"spec.auth":                       "spec.sso",
	"spec.gateway":                    "spec.route.gateways",
	"spec.config":                     "spec.settings",
	"spec.configuration":              "spec.settings",
	"spec.extraEnv":                   "spec.env",
	"spec.image.tag":                  "spec.version",
	"spec.database.hostname":          "spec.database.host",
	"spec.database.server":            "spec.database.host",
	"spec.database.address":           "spec.database.host",
	"spec.database.user":              "spec.database.username",
	"spec.database.name":              "spec.database.database",
	"spec.database.dbname":            "spec.database.database",
	"spec.database.url":               "spec.database.existingSecret, with the connection string in a Secret",
	"spec.database.uri":               "spec.database.existingSecret, with the connection string in a Secret",
	"spec.database.connectionString":  "spec.database.existingSecret, with the connection string in a Secret",
	"spec.database.ssl":               "spec.database.sslMode",
	"spec.database.tls":               "spec.database.sslMode",
	"spec.database.size":              "spec.database.inCluster.storage",
	"spec.database.storage":           "spec.database.inCluster.storage",
	"spec.database.instances":         "spec.database.inCluster.instances",
	"spec.database.replicas":          "spec.database.inCluster.instances",
	"spec.email.host":                 "spec.email.server",
	"spec.email.user":                 "spec.email.username",
	"spec.sso.realm":                  "spec.sso.issuerURL",
	"spec.sso.url":                    "spec.sso.issuerURL",
	"spec.sso.issuer":                 "spec.sso.issuerURL",
	"spec.objectStorage.secretKeyRef": "spec.objectStorage.existingSecret",
	"spec.objectStorage.useIAM":       "spec.objectStorage.credentials",
	"spec.serviceAccountName": "spec.serviceAccount; its name is that of the installation (metadata.name), " +
		"the only one that the operator uses",
	"spec.serviceAccount.name": "metadata.name: the operator uses the ServiceAccount with the " +
		"installation's name",
	"spec.serviceAccount.automountServiceAccountToken": "spec.serviceAccount.automountToken",
	"spec.pod.serviceAccountName": "spec.serviceAccount; its name is that of the installation (metadata.name), " +
		"the only one that the operator uses",
	"spec.pod.automountServiceAccountToken": "spec.serviceAccount.automountToken",
	"spec.enterprise.licenseSecret":         "spec.enterprise.license with secretKeyRef",
}

// bigBangField returns a hint about the field to use instead of a value of Big Bang's chart, and whether there is one.
func bigBangField(parent, name string) (string, bool) {
	ours, ok := bigBang[parent+"."+name]
	if !ok {
		return "", false
	}
	if reason, none := strings.CutPrefix(ours, "nothing: "); none {
		return "unknown field, which is not needed: " + reason, true
	}
	return fmt.Sprintf("unknown field; for Big Bang's %s use %s", name, ours), true
}
