// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"cmp"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// resources translates the resource of Mattermost's operator, and reads what belongs to it from the objects next to
// it.
func (t *translation) resources() {
	installation := t.installation()
	spec := installation.at("spec")
	t.mark(installation.at("metadata", "name"), Translated, "", "metadata.name")
	t.mark(installation.at("metadata", "namespace"), Translated, "", "metadata.namespace")
	if spec == nil {
		spec = nonNil(nil)
	}
	t.operatorImage(spec)
	old := installation.at("kind").string() == "ClusterInstallation"
	license := spec.at("licenseSecret")
	if old {
		license = spec.at("mattermostLicenseSecret")
	}
	t.operatorVariables(spec)
	if t.installation().isOurs() {
		t.ownServices(spec)
		t.ownOnlineServices()
	}
	t.operatorLicense(license)
	t.replicas(spec.at("replicas"), spec.at("size"))
	t.operatorRoute(spec)
	if old {
		t.oldStores(spec)
		t.podFields(spec, map[string]string{"affinity": "affinity", "nodeSelector": "nodeSelector"})
		t.copyTo("spec.resources", spec.at("resources"))
	} else {
		t.operatorDatabase(spec.at("database"))
		t.operatorFiles(spec.at("fileStore"))
		t.operatorPod(spec)
	}
	t.operatorSearch(spec.at("elasticSearch"))
	t.operatorPatches(spec)
	t.otherObjects()
	if old {
		t.todo("the operator replaces ClusterInstallation %s by a Mattermost resource of that name: let it migrate first "+
			"(spec.migrate: true), then apply the new one; docs/from-operator.md", t.name)
	}
	t.change("the operator's own database check, probes and pod security are replaced by those of mattermost-fn")
}

func (t *translation) operatorImage(spec *value) {
	image := spec.at("image")
	switch name := image.string(); {
	case strings.Contains(name, "registry1.dso.mil/"),
		t.installation().isOurs() && strings.Contains(spec.at("resourcePatch", "deployment", "patch").string(),
			patchedVersion): // which only the profile bigbang has
		t.imageName(image)
	default:
		t.config.set("spec.profile", "community", "Mattermost's own images")
		t.imageName(image)
	}
	if version := spec.at("version"); version != nil {
		if text, digest, ok := strings.Cut(version.string(), "@"); ok {
			t.set("spec.image.digest", digest, version)
			t.set("spec.version", text, version)
		} else {
			t.imageTag(version)
		}
	}
	label := t.installation().at("metadata", "labels", ownership.LabelVersion)
	if t.installation().isOurs() && !t.config.has("spec.version") && label != nil {
		t.textTo("spec.version", label)
	}
	if policy := spec.at("imagePullPolicy"); policy.string() == "IfNotPresent" {
		t.unnecessary(policy, "the default")
	} else {
		t.textTo("spec.image.pullPolicy", policy)
	}
	list := spec.at("imagePullSecrets")
	var names []any
	for _, item := range list.all() {
		names = append(names, item.at("name").string())
	}
	bigbang := !t.config.has("spec.profile")
	switch {
	case bigbang && len(names) == 1 && names[0] == "private-registry":
		t.unnecessary(list, "the default")
	case len(names) > 0:
		t.set("spec.image.pullSecrets", names, list)
	case bigbang:
		t.config.set("spec.image.pullSecrets", []any{}, "none")
		t.unnecessary(list, "empty")
	}
}

// operatorLicense translates the Secret with the license, and a license in the environment.
func (t *translation) operatorLicense(secret *value) {
	variable := t.find(v1alpha1.LicenseVariable)
	if !secret.empty() {
		t.config.set("spec.enterprise.enabled", true, secret.sourceKeys()...)
		ref := v1alpha1.KeyRef{Name: secret.string(), Key: "license"}
		t.set("spec.enterprise.license", t.own(ref, secret), secret)
		if variable != nil && variable.ref() != nil && variable.ref().Name == secret.string() {
			t.unnecessary(variable.from, "the same license")
			t.take(v1alpha1.LicenseVariable)
		}
		return
	}
	t.unnecessary(secret, "empty")
	if variable == nil {
		t.uploadedLicense()
		return
	}
	v := t.take(v1alpha1.LicenseVariable)
	switch ref := v.ref(); {
	case ref != nil:
		t.setVariable("spec.enterprise.license", t.own(*ref, v.from), *v)
	case v.valueFrom == nil && v.text != "":
		t.setVariable("spec.enterprise.license",
			secretKeyRef(t.keep(t.licenseSecretName(), "license", v.text, v.from)), *v)
	default:
		t.notTranslated(v.from, "set spec.enterprise.license")
		return
	}
	t.config.set("spec.enterprise.enabled", true, v.key())
}

// uploadedLicense recognizes output of mattermost-fn for a license that was uploaded: it turns clustering on.
func (t *translation) uploadedLicense() {
	cluster := t.find("MM_CLUSTERSETTINGS_ENABLE")
	if t.installation().isOurs() && cluster != nil && cluster.text == "true" {
		t.config.set("spec.enterprise.enabled", true, "MM_CLUSTERSETTINGS_ENABLE")
		t.config.set("spec.enterprise.license.uploaded", true, "no license in the resource")
		return
	}
	t.change("the resource names no license, so licensed features are off. If one was uploaded in the System Console, " +
		"set spec.enterprise to {enabled: true, license: {uploaded: true}}: several servers, metrics and search need it")
}

func (t *translation) operatorVariables(spec *value) {
	t.variableList(spec.at("mattermostEnv"))
	metrics := t.find("MM_METRICSSETTINGS_ENABLE")
	if t.installation().isOurs() && metrics != nil && metrics.text == "true" {
		t.config.set("spec.monitoring.enabled", true, "MM_METRICSSETTINGS_ENABLE")
		t.mark(metrics.from, Translated, "", "spec.monitoring.enabled")
	}
	if scope := t.find("MM_GITLABSETTINGS_ENABLE"); scope != nil && scope.text == "true" &&
		t.find("MM_GITLABSETTINGS_USEPREFERREDUSERNAME") == nil && !t.installation().isOurs() {
		t.keepUserNames()
	}
}

// operatorRoute translates the Ingress of the operator, or the route next to the resource.
func (t *translation) operatorRoute(spec *value) {
	ingress := spec.at("ingress")
	host := ingress.at("host")
	if legacy := spec.at("ingressName"); host == nil {
		host = legacy
	} else {
		t.unnecessary(legacy, "spec.ingress wins")
	}
	if legacy := spec.at("ingressAnnotations"); legacy != nil && ingress != nil {
		t.off(legacy, "spec.ingress wins")
	}
	if ingress != nil && ingress.at("enabled").isFalse() {
		if !t.routeOf() {
			t.config.set("spec.route.type", "none", "spec.ingress.enabled is false")
			t.todo("the resource has no Ingress: set spec.route, or leave type none if a route of your own exists")
		}
		t.mark(ingress.at("enabled"), Translated, "", "spec.route.type")
		if !host.empty() && host.string() != "ingress.host" && t.find("MM_SERVICESETTINGS_SITEURL") == nil {
			t.site("https://"+host.string(), host, "")
		}
		t.off(ingress, "spec.ingress.enabled is false")
		return
	}
	t.config.set("spec.route.type", "ingress", "the operator's Ingress")
	t.mark(ingress.at("enabled"), Translated, "", "spec.route.type")
	if t.find("MM_SERVICESETTINGS_SITEURL") == nil {
		t.site("https://"+host.string(), host, "")
	} else {
		t.mark(host, Translated, "", "spec.host")
	}
	t.operatorClass(spec, ingress)
	t.textTo("spec.route.tlsSecret", ingress.at("tlsSecret"))
	if tls := spec.at("useIngressTLS"); tls.bool() && ingress.at("tlsSecret").empty() {
		t.set("spec.route.tlsSecret", strings.ReplaceAll(host.string(), ".", "-")+"-tls-cert", tls)
	}
}

// operatorClass translates class and annotations of the Ingress.
func (t *translation) operatorClass(spec, ingress *value) {
	annotations := firstOf(ingress.at("annotations"), spec.at("ingressAnnotations"))
	legacy := annotations.at("kubernetes.io/ingress.class")
	switch class := ingress.at("ingressClass"); {
	case !class.empty():
		t.textTo("spec.route.ingressClass", class)
		t.unnecessary(legacy, "spec.ingress.ingressClass wins")
	case legacy != nil:
		t.set("spec.route.ingressClass", legacy.string(), legacy)
	default:
		t.config.set("spec.route.ingressClass", "nginx", "the operator's default")
	}
	kept := map[string]any{}
	for _, key := range annotations.keysOf() {
		v := annotations.fields[key]
		switch {
		case key == "kubernetes.io/ingress.class":
		case strings.Contains(key, "snippet") || strings.Contains(v.string(), "\n"):
			t.unnecessary(v, "the operator drops snippets and annotations of several lines")
		default:
			kept[key] = v.string()
			t.mark(v, Translated, "", "spec.route.annotations")
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.route.annotations", kept, annotations.sourceKeys()...)
	}
}

// routeOf translates a VirtualService or an HTTPRoute next to the resource that leads to its Service, and reports
// whether there is one.
func (t *translation) routeOf() bool {
	for _, route := range t.cluster.all("networking.istio.io", "VirtualService") {
		destination := route.at("spec", "http").all()
		if len(destination) == 0 || !t.leadsHere(destination[0].at("route").all()) {
			continue
		}
		gateways := route.at("spec", "gateways")
		if len(gateways.all()) == 1 && gateways.items[0].string() == bigBangGateway && !t.config.has("spec.profile") {
			t.unnecessary(gateways, "the default")
		} else {
			t.config.set("spec.route.type", "istio", "VirtualService "+route.at("metadata", "name").string())
			t.set("spec.route.gateways", gateways.plain(), gateways)
		}
		t.routeAnnotations(route)
		t.unnecessary(route, "follows spec.route")
		if name := route.at("metadata", "name").string(); name != t.name {
			t.todo("VirtualService %s has the same host as the new one, %s: delete it after the new one works", name, t.name)
		}
		return true
	}
	for _, route := range t.cluster.all("gateway.networking.k8s.io", "HTTPRoute") {
		rules := route.at("spec", "rules").all()
		if len(rules) == 0 || !t.leadsHere(rules[0].at("backendRefs").all()) {
			continue
		}
		var gateways []any
		for _, parent := range route.at("spec", "parentRefs").all() {
			name := parent.at("name").string()
			if namespace := parent.at("namespace").string(); namespace != "" {
				name = namespace + "/" + name
			}
			gateways = append(gateways, name)
			t.textTo("spec.route.sectionName", parent.at("sectionName"))
		}
		t.config.set("spec.route.type", "gatewayAPI", "HTTPRoute "+route.at("metadata", "name").string())
		t.config.set("spec.route.gateways", gateways, "HTTPRoute "+route.at("metadata", "name").string())
		t.routeAnnotations(route)
		t.unnecessary(route, "follows spec.route")
		return true
	}
	return false
}

// routeAnnotations translates the annotations of a route that mattermost-fn emitted.
func (t *translation) routeAnnotations(route *value) {
	if !route.isOurs() {
		return
	}
	kept := map[string]any{}
	annotations := route.at("metadata", "annotations")
	for _, key := range annotations.keysOf() {
		if !ownership.IsMetadata(key) {
			kept[key] = annotations.fields[key].string()
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.route.annotations", kept, annotations.sourceKeys()...)
	}
}

// leadsHere reports whether one of the destinations is the Service of the installation.
func (t *translation) leadsHere(destinations []*value) bool {
	for _, destination := range destinations {
		host := firstOf(destination.at("destination", "host"), destination.at("name")).string()
		if first, _, _ := strings.Cut(host, "."); first == t.name {
			return true
		}
	}
	return false
}

func (t *translation) operatorDatabase(database *value) {
	secret := database.at("external", "secret")
	switch {
	case !secret.empty():
		dsn := t.find("MM_CONFIG")
		names := plan.Names{Name: t.name, Namespace: t.namespace}
		ours := secret.string() == names.DatabaseSecretName() || secret.string() == names.DatabaseConnectionSecretName()
		if ours && dsn != nil && dsn.valueFrom == nil && strings.Contains(dsn.text, "://") {
			t.mark(secret, Translated, "", "spec.database")
			break // its variables have the connection
		}
		t.existingDatabase(secret)
	case database.at("operatorManaged") != nil:
		t.todo("messages are in the operator's MySQL. %s", noMySQL)
	default:
		t.todo("the resource names no database: the operator then manages MySQL. %s", noMySQL)
	}
	t.off(database.at("readinessCheck"), "mattermost-fn waits for the database")
}

func (t *translation) operatorFiles(files *value) {
	external, volume, local := files.at("external"), files.at("externalVolume", "volumeClaimName"), files.at("local")
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	const claim = "spec.objectStorage.inCluster.existingClaim"
	switch {
	case strings.HasPrefix(external.at("url").string(), names.FilesServiceHost()) && t.installation().isOurs():
		t.ownMinIO(external)
	case !external.at("url").empty():
		t.s3(external.at("url"), external.at("bucket"), true)
		if external.at("useServiceAccount").bool() {
			t.operatorAccount(external.at("useServiceAccount"))
			t.unnecessary(external.at("secret"), "the operator does not read it with useServiceAccount")
			t.ownIdentity("")
			break
		}
		t.unnecessary(external.at("useServiceAccount"), "the default")
		t.operatorKeys(external.at("secret"))
	case !volume.empty() && volume.string() == names.FilesName() && t.installation().isOurs():
		t.claimOf(volume)
		if account := external.at("useServiceAccount"); account.bool() {
			t.operatorAccount(account)
		}
	case !volume.empty():
		t.set(claim, volume.string(), volume)
		t.claimModes(volume.string())
	case local.at("enabled").bool():
		t.config.set(claim, t.name, local.at("enabled").sourceKeys()...)
		t.mark(local.at("enabled"), Translated, "", claim)
		t.todo("Kubernetes deletes claim %s together with the Mattermost resource: remove metadata.ownerReferences from it "+
			"(kubectl patch pvc %[1]s -n %s --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/ownerReferences\"}]')",
			t.name, t.namespace)
		if modes := local.at("accessModes"); modes != nil {
			t.copyTo("spec.objectStorage.inCluster.accessModes", modes)
		} else if !t.claimModes(t.name) {
			t.config.set("spec.objectStorage.inCluster.accessModes", []any{"ReadWriteMany"}, "the operator's default")
		}
	default:
		t.managedMinIO(files.at("operatorManaged"))
	}
}

// operatorKeys translates the Secret with the keys of the S3 service.
func (t *translation) operatorKeys(secret *value) {
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	ours := secret.string() == names.FilesSecretName() || secret.string() == names.FilesKeysSecretName()
	if ours && t.installation().isOurs() {
		if text, known := t.cluster.secretKey(secret.string(), "accesskey"); known && text == "" {
			t.ownIdentity(secret.sourceKeys()[0])
			t.mark(secret, Translated, "", "spec.objectStorage.credentials")
			return
		}
		for field, key := range sorted(map[string]string{"accessKey": "accesskey", "accessSecret": "secretkey"}) {
			ref := v1alpha1.KeyRef{Name: secret.string(), Key: key}
			t.set("spec.objectStorage."+field, t.own(ref, secret), secret)
		}
		return
	}
	t.textTo("spec.objectStorage.existingSecret", secret)
	t.refer(v1alpha1.KeyRef{Name: secret.string(), Key: "accesskey"})
	t.refer(v1alpha1.KeyRef{Name: secret.string(), Key: "secretkey"})
}

// ownIdentity translates files that mattermost-fn reaches with the identity of the pods at Amazon: without a role and
// keys. Which identity only the network policy shows; it makes no difference without one.
func (t *translation) ownIdentity(from string) {
	const field = "spec.objectStorage.credentials"
	driver := t.find("MM_FILESETTINGS_DRIVERNAME")
	if !t.installation().isOurs() || t.config.has(fieldRole) || t.find("MM_FILESETTINGS_AMAZONS3ACCESSKEYID") != nil ||
		driver != nil && driver.text == "azureblob" {
		return
	}
	credentials := v1alpha1.CredentialsPodIdentity
	policy := t.cluster.find("networking.k8s.io", "NetworkPolicy", t.name+"-allow-to-credentials")
	for _, rule := range policy.at("spec", "egress").all() {
		for _, peer := range rule.at("to").all() {
			if peer.at("ipBlock", "cidr").string() == "169.254.169.254/32" {
				credentials = v1alpha1.CredentialsNodeRole
			}
		}
	}
	if policy == nil {
		t.todo("%s is %s: write %s if the servers have the role of their node", field, credentials,
			v1alpha1.CredentialsNodeRole)
	}
	t.config.set(field, string(credentials), cmp.Or(from, "neither keys nor a role"))
}

// ownMinIO translates the MinIO that mattermost-fn emits on request.
func (t *translation) ownMinIO(external *value) {
	const field = "spec.objectStorage.inCluster."
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	t.config.set(field+"engine", string(v1alpha1.EngineMinIO), external.sourceKeys()...)
	t.mark(external.at("url"), Translated, "", field+"engine")
	t.mark(external.at("bucket"), Translated, "", field+"engine")
	secret := external.at("secret")
	if t.isGeneratedPassword(secret.string()) {
		t.set(field+"generateKeys", true, secret)
	} else {
		for name, key := range sorted(map[string]string{"accessKey": "accesskey", "accessSecret": "secretkey"}) {
			t.set(field+name, t.own(v1alpha1.KeyRef{Name: secret.string(), Key: key}, secret), secret)
		}
	}
	tenant := t.cluster.find("minio.min.io", "Tenant", names.FilesName())
	if tenant == nil {
		t.todo("files are in Tenant %s, which is not in the input: import it too, or set storage and resources in "+
			"objectStorage.inCluster", names.FilesName())
		return
	}
	t.copyTo(field+"image", tenant.at("spec", "image"))
	for _, pool := range tenant.at("spec", "pools").all() {
		claim := pool.at("volumeClaimTemplate", "spec")
		t.copyTo(field+"storage.size", claim.at("resources", "requests", "storage"))
		t.copyTo(field+"storage.storageClassName", claim.at("storageClassName"))
		t.copyTo(field+"resources", pool.at("resources"))
	}
}

// claimOf translates the claim that mattermost-fn emits.
func (t *translation) claimOf(volume *value) {
	t.mark(volume, Translated, "", "spec.objectStorage.inCluster")
	claim := t.cluster.find("", "PersistentVolumeClaim", volume.string())
	if claim == nil {
		t.config.set("spec.objectStorage.inCluster.engine", "volume", volume.sourceKeys()...)
		t.todo("files are in claim %s, which is not in the input: import it too, or set storage in objectStorage.inCluster",
			volume.string())
		return
	}
	t.config.set("spec.objectStorage.inCluster.engine", "volume", volume.sourceKeys()...)
	t.copyTo("spec.objectStorage.inCluster.storage.size", claim.at("spec", "resources", "requests", "storage"))
	t.copyTo("spec.objectStorage.inCluster.storage.storageClassName", claim.at("spec", "storageClassName"))
	t.copyTo("spec.objectStorage.inCluster.accessModes", claim.at("spec", "accessModes"))
	t.unnecessary(claim, "follows objectStorage.inCluster")
}

// claimModes translates the access modes of a claim of the user, and reports whether it is in the input.
func (t *translation) claimModes(name string) bool {
	claim := t.cluster.find("", "PersistentVolumeClaim", name)
	if claim == nil {
		return false
	}
	t.copyTo("spec.objectStorage.inCluster.accessModes", claim.at("spec", "accessModes"))
	t.unnecessary(claim, "it stays as it is: objectStorage.inCluster.existingClaim")
	return true
}

// managedMinIO translates the store that the operator manages with the MinIO operator of 2020.
func (t *translation) managedMinIO(managed *value) {
	if managed == nil {
		t.todo("the resource names no file store: the operator then manages MinIO. Set spec.objectStorage")
		return
	}
	host := t.name + "-minio-hl-svc." + t.namespace + ".svc.cluster.local:9000"
	from := managed.sourceKeys()
	t.config.set("spec.objectStorage.endpoint", "http://"+host, from...)
	t.config.set("spec.objectStorage.bucket", t.name, from...)
	t.config.set("spec.objectStorage.existingSecret", t.name+"-minio", from...)
	t.mark(managed, Translated, "", "spec.objectStorage")
	t.refer(v1alpha1.KeyRef{Name: t.name + "-minio", Key: "accesskey"})
	t.refer(v1alpha1.KeyRef{Name: t.name + "-minio", Key: "secretkey"})
	t.todo("files stay in the MinIO that the operator created; the operator deletes it when the resource no longer " +
		"asks for it. Copy the bucket to another S3 service or to a volume first; docs/from-operator.md")
}

// oldStores translates where v1alpha1 has messages and files.
func (t *translation) oldStores(spec *value) {
	database, minio := spec.at("database"), spec.at("minio")
	if secret := database.at("secret"); !secret.empty() {
		t.existingDatabase(secret)
		t.off(database, "the database is outside")
	} else {
		t.todo("messages are in the operator's MySQL. %s", noMySQL)
	}
	switch {
	case !minio.at("externalURL").empty():
		t.s3(minio.at("externalURL"), minio.at("externalBucket"), false)
		t.operatorKeys(minio.at("secret"))
		t.todo("the endpoint of the files has the scheme http://, which is v1alpha1's default: write https:// if the " +
			"service uses TLS")
		t.off(minio, "the store is outside")
	default:
		t.managedMinIO(nonNil(minio))
	}
}

// operatorPod translates placement and pods.
func (t *translation) operatorPod(spec *value) {
	scheduling, template := spec.at("scheduling"), spec.at("podTemplate")
	t.copyTo("spec.resources", scheduling.at("resources"))
	t.podFields(scheduling, map[string]string{"affinity": "affinity", "nodeSelector": "nodeSelector",
		"tolerations": "tolerations"})
	if context := template.at("containerSecurityContext", "readOnlyRootFilesystem"); context.bool() &&
		t.installation().isOurs() && t.hasWritableVolume(spec) {
		t.set("spec.pod.readOnlyRootFilesystem", true, context)
	}
	t.ownWaitImage(spec)
	t.podVolumes(spec)
	t.podSecurity(template.at("securityContext"), "spec.pod.securityContext")
	t.podSecurity(template.at("containerSecurityContext"), "spec.pod.containerSecurityContext")
	t.podLabels(template.at("extraLabels"))
	t.podAnnotations(template.at("extraAnnotations"))
	t.podContainers(spec.at("podExtensions", "initContainers"), "spec.pod.initContainers")
	t.podContainers(spec.at("podExtensions", "sidecarContainers"), "spec.pod.sidecars")
	if labels := spec.at("resourceLabels"); labels != nil {
		for _, key := range labels.keys {
			if strings.HasPrefix(key, "app.kubernetes.io/") ||
				labels.fields[key].string() == template.at("extraLabels", key).string() {
				t.unnecessary(labels.fields[key], "mattermost-fn sets its own labels")
			}
		}
	}
	if probes := spec.at("probes"); t.installation().isOurs() {
		t.off(probes, "mattermost-fn sets the same probes")
	}
}

// certificateServices are the services whose certificate authorities mattermost-fn mounts, by the name of the volume.
var certificateServices = map[string]string{"sso-ca": "sso", "openid-ca": "openid", "database-ca": "database",
	"object-storage-ca": "objectStorage", "elasticsearch-ca": "elasticsearch", "ldap-ca": "ldap", "mail-ca": "email"}

// podVolumes translates volumes and mounts. Those of certificate authorities that mattermost-fn added become fields.
func (t *translation) podVolumes(spec *value) {
	ours := map[string]string{}
	var volumes []any
	var others []*value
	for _, volume := range spec.at("volumes").all() {
		name := volume.at("name").string()
		service, known := certificateServices[name]
		if t.installation().isOurs() && known {
			ours[name] = service
			continue
		}
		if name == plan.WritableVolume && t.config.has("spec.pod.readOnlyRootFilesystem") {
			t.unnecessary(volume, "follows spec.pod.readOnlyRootFilesystem")
			continue
		}
		volumes = append(volumes, volume.plain())
		t.mark(volume, Translated, "", "spec.pod.volumes")
	}
	for _, mount := range spec.at("volumeMounts").all() {
		if mount.at("name").string() == plan.WritableVolume && t.config.has("spec.pod.readOnlyRootFilesystem") {
			t.unnecessary(mount, "follows spec.pod.readOnlyRootFilesystem")
			continue
		}
		service, known := ours[mount.at("name").string()]
		if !known {
			others = append(others, mount)
			continue
		}
		for _, volume := range spec.at("volumes").all() {
			if volume.at("name").string() != mount.at("name").string() {
				continue
			}
			field, kind, object := "spec."+service+".ca", "secretKeyRef", volume.at("secret", "secretName")
			if object == nil {
				kind, object = "configMapKeyRef", volume.at("configMap", "name")
			}
			key := mount.at("subPath").string()
			content := map[string]any{kind: map[string]any{"name": object.string(), "key": key}}
			if bundle := t.cluster.find("", "ConfigMap", object.string()); bundle != nil && bundle.isOurs() {
				content = map[string]any{"pem": bundle.at("data", key).string()}
				t.unnecessary(bundle, "follows "+field)
			}
			t.set(field, content, volume, mount)
		}
	}
	if len(volumes) > 0 {
		t.config.set("spec.pod.volumes", volumes, spec.at("volumes").sourceKeys()...)
	}
	if len(others) > 0 {
		list := *spec.at("volumeMounts")
		list.items = others
		t.mounts(&list)
	}
}

// hasWritableVolume reports whether the pods have the volume of spec.pod.readOnlyRootFilesystem.
func (t *translation) hasWritableVolume(spec *value) bool {
	return slices.ContainsFunc(spec.at("volumes").all(), func(volume *value) bool {
		return volume.at("name").string() == plan.WritableVolume
	})
}

// ownWaitImage translates the image that waits for the database, if it is neither that of the servers nor the default.
func (t *translation) ownWaitImage(spec *value) {
	if !t.installation().isOurs() {
		return
	}
	profile := v1alpha1.Profile(cmp.Or(t.config.text("spec.profile"), string(v1alpha1.ProfileBigBang)))
	for _, container := range spec.at("podExtensions", "initContainers").all() {
		image := container.at("image")
		if container.at("name").string() == "wait-for-database" && image.string() != profile.PostgreSQLImage() &&
			!strings.HasPrefix(image.string(), spec.at("image").string()+":") &&
			!strings.HasPrefix(image.string(), spec.at("image").string()+"@") {
			t.textTo("spec.database.waitImage", image)
		}
	}
}

// podLabels translates labels of the pods.
func (t *translation) podLabels(labels *value) {
	kept := map[string]any{}
	for _, key := range labels.keysOf() {
		v := labels.fields[key]
		switch {
		case key == "sidecar.istio.io/inject":
			t.set("spec.istio.injection", v.bool(), v)
		case key == "istio.io/dataplane-mode" && v.string() == "ambient":
			t.set("spec.istio.ambient", true, v)
		case strings.HasPrefix(key, "app.kubernetes.io/") || strings.HasPrefix(key, "helm.sh/"):
			t.unnecessary(v, "mattermost-fn sets its own labels")
		default:
			kept[key] = v.string()
			t.mark(v, Translated, "", "spec.pod.labels")
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.pod.labels", kept, labels.sourceKeys()...)
	}
}

// podAnnotations translates annotations of the pods.
func (t *translation) podAnnotations(annotations *value) {
	ours := []string{plan.AnnotationSecretsChecksum, "proxy.istio.io/config",
		"traffic.sidecar.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts"}
	kept := map[string]any{}
	for _, key := range annotations.keysOf() {
		v := annotations.fields[key]
		isOurs := false
		for _, name := range ours {
			isOurs = isOurs || key == name
		}
		if isOurs && t.installation().isOurs() || ownership.IsMetadata(key) || strings.HasPrefix(key, "bigbang.dev/") {
			t.unnecessary(v, "mattermost-fn sets it where it is needed")
			continue
		}
		kept[key] = v.string()
		t.mark(v, Translated, "", "spec.pod.annotations")
	}
	if len(kept) > 0 {
		t.config.set("spec.pod.annotations", kept, annotations.sourceKeys()...)
	}
}

// podContainers translates containers next to the server, without those that wait for the database.
func (t *translation) podContainers(containers *value, field string) {
	var kept []any
	for _, container := range containers.all() {
		switch container.at("name").string() {
		case "wait-for-database", "db-readiness-check", "init-check-database":
			t.unnecessary(container, "mattermost-fn waits for the database")
			continue
		}
		kept = append(kept, t.withoutSecrets([]any{container.plain()}, container).([]any)...)
		t.mark(container, Translated, "", field)
	}
	if len(kept) > 0 {
		t.config.set(field, kept, containers.sourceKeys()...)
	}
}

// operatorSearch translates the section that has the password in plain text.
func (t *translation) operatorSearch(search *value) {
	if search.at("host").empty() {
		t.off(search, "empty")
		return
	}
	t.config.set("spec.elasticsearch.enabled", true, search.at("host").sourceKeys()...)
	t.textTo("spec.elasticsearch.url", search.at("host"))
	t.textTo("spec.elasticsearch.username", search.at("username"))
	if password := search.at("password"); !password.empty() {
		t.secret("spec.elasticsearch.password", "elasticsearch-password", password)
		t.change("the password of Elasticsearch is in a Secret: the operator's own field puts it into the Deployment")
	}
	if t.config.text("spec.enterprise.enabled") != "true" {
		t.todo("search with Elasticsearch needs a license: set spec.enterprise")
	}
}

// operatorPatches translates fields of the operator for which the configuration has patches only.
func (t *translation) operatorPatches(spec *value) {
	patches := nonNil(nil)
	t.operatorService(spec)
	for _, path := range []string{
		"dnsConfig", "dnsPolicy", "deploymentTemplate", "awsLoadBalancerController",
	} {
		v := spec.at(path)
		if v.empty() || v.isFalse() {
			t.off(v, "the default")
			continue
		}
		patches.set(path, v)
		t.mark(v, Translated, "", "spec.patches[0]")
	}
	if jobs := spec.at("jobServer", "dedicatedJobServer"); jobs.empty() || jobs.isFalse() {
		t.off(jobs, "the default")
	}
	t.operatorResourcePatch(spec.at("resourcePatch"))
	if len(patches.keys) == 0 {
		return
	}
	patch := map[string]any{"apiVersion": mattermostv1beta1.APIVersion, "kind": mattermostv1beta1.Kind,
		"metadata": map[string]any{"name": t.name, "namespace": t.namespace}, "spec": patches.plain()}
	node := plainNode(jsonPlain(patch))
	text, err := encode(node)
	if err != nil {
		return
	}
	t.config.set("spec.patches", []any{map[string]any{"patch": string(text)}}, "fields of the operator without one here")
}

// otherObjects records what becomes of the objects next to the resource.
func (t *translation) otherObjects() {
	for _, in := range t.inputs {
		if in.source != otherObject {
			continue
		}
		object := in.value
		kind := object.at("kind").string()
		switch {
		case object.isOurs(): // by ownObjects, when all other fields are known
		case kind == "Secret" || kind == "ConfigMap":
			t.unnecessary(object, "it stays as it is: the configuration refers to what it needs of it")
		default:
			t.unnecessary(object, "it stays as it is, and mattermost-fn does not manage it")
		}
	}
}
