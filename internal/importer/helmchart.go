// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// helmChart translates the values of the charts mattermost-enterprise-edition (2.6.93) and mattermost (2.7.0), which
// have most keys in common.
func (t *translation) helmChart(in *value, of source) {
	global, app := in.at("global"), in.at("mattermostApp")
	t.config.set("spec.profile", "community", "Mattermost's own images")
	t.imageName(app.at("image", "repository"))
	t.imageTag(app.at("image", "tag"))
	t.textTo("spec.image.pullPolicy", app.at("image", "pullPolicy"))
	if secrets := app.at("imagePullSecrets"); !secrets.empty() {
		t.pullSecrets(secrets)
	}
	t.site(global.at("siteUrl").string(), global.at("siteUrl"), "")
	t.license(global.at("mattermostLicense"), global.at("existingLicenseSecret"))
	t.replicas(app.at("replicaCount"), nil)
	t.copyTo("spec.resources", app.at("resources"))
	t.chartDatabase(in)
	t.chartFiles(in)
	t.ingress(app.at("ingress"), "ingressClassName")
	t.variableList(app.at("extraEnv"))
	if of == enterpriseEdition {
		t.chartSettings(global)
	}
	t.podFields(app, map[string]string{"affinity": "affinity", "nodeSelector": "nodeSelector",
		"tolerations":  "tolerations",
		"extraVolumes": "volumes", "extraVolumeMounts": "volumeMounts", "extraInitContainers": "initContainers",
		"extraPodAnnotations": "annotations"})
	t.podSecurity(app.at("securityContext"), "spec.pod.securityContext")
	t.chartService(app.at("service"))
	jobs := global.at("features", "jobserver")
	if !jobs.at("enabled").bool() {
		t.off(jobs, "global.features.jobserver.enabled is not true")
	}
	if autoscaling := app.at("autoscaling"); !autoscaling.at("enabled").bool() {
		t.off(autoscaling, "autoscaling.enabled is not true")
	}
	t.chartServiceAccount(in.at("serviceAccount"))
	t.helmRelease2()
}

// chartDatabase translates where messages are.
func (t *translation) chartDatabase(in *value) {
	database := in.at("global", "features", "database")
	external := firstOf(database.at("external"), database)
	existing := database.at("existingDatabaseSecret")
	driver := external.at("driver")
	if strings.Contains(driver.string(), "mysql") {
		t.notTranslated(driver, noMySQL)
	} else {
		t.unnecessary(driver, "PostgreSQL is the only driver of Mattermost 11")
	}
	internal := database.at("useInternal")
	switch source := external.at("dataSource"); {
	case !existing.at("name").empty():
		ref := v1alpha1.KeyRef{Name: existing.at("name").string(), Key: existing.at("key").string()}
		t.connectionInSecret(ref, existing.at("name"))
		t.mark(existing.at("key"), Translated, "", "spec.database.existingSecret")
		t.unnecessary(source, "the connection is in a Secret")
	case internal.bool():
		t.notTranslated(internal, noMySQL)
		t.off(external, "the chart's own MySQL is used")
	case !source.empty():
		t.connect(source.string(), source)
		if !t.config.has("spec.database") {
			break
		}
		t.mark(internal, Translated, "", "spec.database.host")
	default:
		t.todo("the values name no database: set spec.database")
	}
	t.off(existing, "empty")
	t.unnecessary(internal, "the database is outside")
	if mysql := in.at("mysqlha"); mysql.at("enabled").isFalse() || !internal.bool() && t.config.has("spec.database") {
		t.off(mysql, "the chart's own MySQL is not used")
	}
	t.readReplicas(external.at("dataSourceReplicas"))
}

// readReplicas translates connections to read replicas: a string with spaces, or a list.
func (t *translation) readReplicas(list *value) {
	if list.empty() {
		t.unnecessary(list, "empty")
		return
	}
	texts := strings.Fields(list.string())
	for _, item := range list.items {
		texts = append(texts, item.string())
	}
	var hosts []any
	for _, text := range texts {
		c, ok := parseConnection(text)
		if !ok {
			t.notTranslated(list, "has a connection that is not the URL of one PostgreSQL database: set "+
				"spec.database.readReplicas")
			return
		}
		hosts = append(hosts, c.address())
	}
	if !t.config.has("spec.database.host") {
		t.notTranslated(list, "add the key MM_SQLSETTINGS_DATASOURCEREPLICAS to the Secret of spec.database.existingSecret")
		return
	}
	t.set("spec.database.readReplicas", hosts, list)
}

// chartFiles translates where files are.
func (t *translation) chartFiles(in *value) {
	store, minio := in.at("global", "features", "fileStore"), in.at("minio")
	switch {
	case !store.at("bucket").empty():
		if !store.at("url").empty() {
			t.s3(store.at("url"), store.at("bucket"), true)
		} else {
			t.textTo("spec.objectStorage.bucket", store.at("bucket"))
		}
		t.textTo("spec.objectStorage.region", store.at("region"))
		t.mark(store.at("driver"), Translated, "", "spec.objectStorage.bucket")
		t.chartKeys(store)
		t.off(minio, "minio.enabled is not true")
	case minio.at("enabled").bool():
		t.config.set("spec.objectStorage.endpoint", "http://"+t.name+"-minio."+t.namespace+".svc.cluster.local:9000",
			minio.at("enabled").sourceKeys()...)
		t.mark(minio.at("enabled"), Translated, "", "spec.objectStorage.endpoint")
		bucket := minio.at("defaultBucket", "name")
		if !t.textTo("spec.objectStorage.bucket", bucket) {
			t.config.set("spec.objectStorage.bucket", "bucket", "the chart's default")
		}
		if key := minio.at("accessKey"); !key.empty() {
			t.secret("spec.objectStorage.accessKey", "accesskey", key)
		}
		if key := minio.at("secretKey"); !key.empty() {
			t.secret("spec.objectStorage.accessSecret", "secretkey", key)
		}
		t.off(minio, "the MinIO of the chart is not changed, and not emitted")
		t.todo("files stay in the chart's MinIO, which nothing manages afterwards: check the name of its Service, keep it " +
			"when Helm goes, or copy the bucket to another S3 service; docs/from-helm.md")
	default:
		t.off(minio, "minio.enabled is not true")
		t.off(store, "no bucket")
		t.todo("the values name no file store: set spec.objectStorage, or leave it for a new volume, which begins empty")
	}
}

// chartKeys translates the keys of the S3 service.
func (t *translation) chartKeys(store *value) {
	existing := store.at("existingSecret")
	if existing.at("name").empty() {
		t.off(existing, "empty")
		if key := store.at("accessKeyId"); !key.empty() {
			t.secret("spec.objectStorage.accessKey", "accesskey", key)
		}
		if key := store.at("secretAccessKey"); !key.empty() {
			t.secret("spec.objectStorage.accessSecret", "secretkey", key)
		}
		return
	}
	for field, key := range sorted(map[string]*value{"accessKey": existing.at("accessKeyIdKey"),
		"accessSecret": existing.at("secretAccessKeyKey")}) {
		ref := v1alpha1.KeyRef{Name: existing.at("name").string(), Key: key.string()}
		if ref.Key == "" {
			ref.Key = map[string]string{"accessKey": "accesskey", "accessSecret": "secretkey"}[field]
		}
		t.set("spec.objectStorage."+field, secretKeyRef(t.refer(ref)), existing.at("name"), key)
	}
	t.unnecessary(store.at("accessKeyId"), "the key is in a Secret")
	t.unnecessary(store.at("secretAccessKey"), "the key is in a Secret")
}

// chartVariables are the variables that the Enterprise Edition chart sets from its values.
var chartVariables = map[string]string{
	"siteName":                 "MM_TEAMSETTINGS_SITENAME",
	"enableUserCreation":       "MM_TEAMSETTINGS_ENABLEUSERCREATION",
	"enableOpenServer":         "MM_TEAMSETTINGS_ENABLEOPENSERVER",
	"enableLinkPreviews":       "MM_SERVICESETTINGS_ENABLELINKPREVIEWS",
	"enableCustomEmoji":        "MM_SERVICESETTINGS_ENABLECUSTOMEMOJI",
	"sendEmailNotifications":   "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS",
	"requireEmailVerification": "MM_EMAILSETTINGS_REQUIREEMAILVERIFICATION",
	"feedbackName":             "MM_EMAILSETTINGS_FEEDBACKNAME",
	"feedbackEmail":            "MM_EMAILSETTINGS_FEEDBACKEMAIL",
	"feedbackOrganization":     "MM_EMAILSETTINGS_FEEDBACKORGANIZATION",
	"smtpUsername":             "MM_EMAILSETTINGS_SMTPUSERNAME",
	"smtpPassword":             "MM_EMAILSETTINGS_SMTPPASSWORD",
	"smtpServer":               "MM_EMAILSETTINGS_SMTPSERVER",
	"smtpPort":                 "MM_EMAILSETTINGS_SMTPPORT",
	"connectionSecurity":       "MM_EMAILSETTINGS_CONNECTIONSECURITY",
}

// chartSettings translates the values that the Enterprise Edition chart turns into variables.
func (t *translation) chartSettings(global *value) {
	for _, key := range sortedKeys(chartVariables) {
		if v := global.at(key); v.empty() {
			t.unnecessary(v, "empty")
		} else {
			t.variables = append(t.variables, variable{name: chartVariables[key], text: v.string(), from: v})
		}
	}
	features := global.at("features")
	if push := features.at("notifications", "push"); push.at("enabled").bool() {
		server := "https://push-test.mattermost.com"
		if push.at("useHPNS").bool() {
			server = "https://push.mattermost.com"
		}
		from := push.at("enabled")
		t.variables = append(t.variables, variable{name: "MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS", text: "true", from: from},
			variable{name: "MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER", text: server, from: from})
		t.mark(push.at("useHPNS"), Translated, "", "spec.push.server")
	} else {
		t.off(push, "push.enabled is not true")
	}
	if search := features.at("elasticsearch", "enabled"); search.bool() {
		t.notTranslated(search, "set spec.elasticsearch with the URL and the password of the service: the chart's own "+
			"search cluster is not emitted")
	} else {
		t.unnecessary(search, "the default")
	}
	if grafana := features.at("grafana", "enabled"); grafana.bool() && t.config.text("spec.enterprise.enabled") == "true" {
		t.config.set("spec.monitoring.enabled", true, grafana.sourceKeys()...)
		t.set("spec.monitoring.dashboard.enabled", true, grafana)
	} else {
		t.unnecessary(grafana, "the default")
	}
}
