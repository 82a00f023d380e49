// SPDX-License-Identifier: Apache-2.0

package importer

import "strings"

// teamEdition translates the values of the chart mattermost-team-edition (6.6.96).
func (t *translation) teamEdition(in *value) {
	t.config.set("spec.profile", "community", "Mattermost's own images")
	image := in.at("image")
	if repository := image.at("repository"); repository.empty() {
		t.config.set("spec.image.repository", "mattermost/mattermost-team-edition", "the chart's default")
	} else {
		t.imageName(repository)
	}
	t.imageTag(image.at("tag"))
	t.textTo("spec.image.pullPolicy", firstOf(image.at("imagePullPolicy"), image.at("pullPolicy")))
	t.replicas(in.at("replicaCount"), nil)
	t.copyTo("spec.resources", in.at("resources"))
	t.teamDatabase(in)
	t.teamFiles(in.at("persistence", "data"))
	t.ingress(in.at("ingress"), "className")
	t.environmentValues(in.at("config"))
	t.variableList(in.at("extraEnvVars"))
	t.podFields(in, map[string]string{"affinity": "affinity", "nodeSelector": "nodeSelector",
		"tolerations":  "tolerations",
		"extraVolumes": "volumes", "extraVolumeMounts": "volumeMounts", "extraInitContainers": "initContainers",
		"extraPodAnnotations": "annotations"})
	t.podSecurity(in.at("securityContext"), "spec.pod.securityContext")
	t.podSecurity(in.at("containerSecurityContext"), "spec.pod.containerSecurityContext")
	t.chartService(in.at("service"))
	t.chartServiceAccount(in.at("serviceAccount"))
	t.helmRelease2()
}

// helmRelease2 adds what every chart without the operator needs.
func (t *translation) helmRelease2() {
	t.todo("the chart runs without Mattermost's operator: install it first, and move as in docs/from-helm.md")
	t.change("the operator runs the servers, in a Deployment named %s", t.name)
}

func (t *translation) teamDatabase(in *value) {
	external, mysql := in.at("externalDB"), in.at("mysql")
	if external.at("enabled").bool() {
		driver := external.at("externalDriverType")
		if strings.Contains(strings.ToLower(driver.string()), "mysql") {
			t.notTranslated(driver, noMySQL)
			t.notTranslated(external.at("externalConnectionString"), noMySQL)
		} else {
			t.unnecessary(driver, "PostgreSQL is the only driver of Mattermost 11")
			t.connect(external.at("externalConnectionString").string(), external.at("externalConnectionString"))
		}
		t.mark(external.at("enabled"), Translated, "", "spec.database.host")
		t.off(mysql, "externalDB.enabled is true")
		return
	}
	t.off(external, "externalDB.enabled is not true")
	if mysql.at("enabled").isFalse() {
		t.off(mysql, "mysql.enabled is false")
		t.todo("the values name no database: set spec.database")
		return
	}
	t.todo("messages are in MySQL. %s", noMySQL)
}

// teamFiles keeps the claim of the chart.
func (t *translation) teamFiles(data *value) {
	if data.at("enabled").isFalse() {
		t.off(data, "persistence.data.enabled is false")
		t.todo("the chart stores no files (persistence.data.enabled is false); the installation gets a new volume")
		return
	}
	claim := data.at("existingClaim")
	if !claim.empty() {
		t.set("spec.objectStorage.inCluster.existingClaim", claim.string(), claim)
	} else {
		const chart = "mattermost-team-edition"
		name := t.name
		if !strings.Contains(name, chart) {
			name += "-" + chart
		}
		t.config.set("spec.objectStorage.inCluster.existingClaim", name, "the claim of the chart")
		t.todo("spec.objectStorage.inCluster.existingClaim is %s, which is right if the Helm release is called like the "+
			"installation: compare with kubectl get pvc -n %s, and correct it or use --name", name, t.namespace)
	}
	t.mark(data.at("enabled"), Translated, "", "spec.objectStorage.inCluster.existingClaim")
	if mode := data.at("accessMode"); mode.string() == "ReadWriteOnce" {
		t.unnecessary(mode, "the default")
	} else if !mode.empty() {
		t.set("spec.objectStorage.inCluster.accessModes", []any{mode.string()}, mode)
	}
	t.off(data, "the claim exists already")
	t.todo("Helm deletes the claim %s together with the release: first annotate it with helm.sh/resource-policy=keep "+
		"in the chart, as docs/from-helm.md describes", t.config.text("spec.objectStorage.inCluster.existingClaim"))
}

// ingress translates the Ingress of a chart. Class is the key of its class.
func (t *translation) ingress(ingress *value, class string) {
	if !ingress.at("enabled").bool() {
		t.config.set("spec.route.type", "none", "ingress.enabled is not true")
		t.off(ingress, "ingress.enabled is not true")
		return
	}
	t.set("spec.route.type", "ingress", ingress.at("enabled"))
	for i, item := range ingress.at("hosts").all() {
		host := item
		if item.at("host") != nil {
			host = item.at("host")
			t.off(item.at("paths"), "the site is not below a path")
		}
		switch {
		case i > 0:
			t.notTranslated(host, "the site has one host: add others to spec.ingress.hosts of the Mattermost resource with "+
				"spec.patches")
		case t.config.has("spec.host") && t.config.text("spec.host") != strings.ToLower(host.string()):
			t.notTranslated(host, "the site's URL has another host: set spec.host to the right one")
		default:
			t.site("https://"+host.string(), host, "")
		}
	}
	annotations := ingress.at("annotations")
	name := ingress.at(class)
	legacy := annotations.at("kubernetes.io/ingress.class")
	switch {
	case !name.empty():
		t.textTo("spec.route.ingressClass", name)
		t.unnecessary(legacy, "the class has its own field")
	case legacy != nil:
		t.set("spec.route.ingressClass", legacy.string(), legacy)
	default:
		t.config.set("spec.route.ingressClass", "nginx", "no class in the values")
		t.todo("spec.route.ingressClass is nginx: correct it if the ingress controller has another class " +
			"(kubectl get ingressclass)")
	}
	kept := map[string]any{}
	for _, key := range annotations.keysOf() {
		if key != "kubernetes.io/ingress.class" {
			kept[key] = annotations.fields[key].string()
			t.mark(annotations.fields[key], Translated, "", "spec.route.annotations")
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.route.annotations", kept, annotations.sourceKeys()...)
	}
	for i, tls := range ingress.at("tls").all() {
		secret := tls.at("secretName")
		if i > 0 || secret.empty() {
			t.notTranslated(tls, "the site has one certificate: set spec.route.tlsSecret")
			continue
		}
		t.set("spec.route.tlsSecret", secret.string(), secret)
		t.off(tls.at("hosts"), "the certificate is for the host of the site")
	}
	if path := ingress.at("path"); path.string() == "/" {
		t.unnecessary(path, "the default")
	}
}
