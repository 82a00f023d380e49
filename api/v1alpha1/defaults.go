// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// DefaultVersion is the version of the server that the output of this release was tested with. It supports `mattermost
// db ping`, which waits for the database and exists since 11.9.
const DefaultVersion = "11.10.0"

// DefaultNamespace is the namespace of a configuration that names none.
const DefaultNamespace = "mattermost"

// The default images. Those of PostgreSQL in the profile bigbang are the ones that Big Bang itself runs: 18.3 in the
// package of Mattermost (chart 11.5.1-bb.0), and 17.10 as a Cluster of CloudNativePG (umbrella, 2026-08-21,
// tests/test-values.yaml).
const (
	imageBigBang              = "registry1.dso.mil/ironbank/opensource/mattermost/mattermost"
	imageCommunity            = "mattermost/mattermost-enterprise-edition"
	imagePostgreSQLBigBang    = "registry1.dso.mil/ironbank/opensource/postgres/postgresql:18.3"
	imageCloudNativePGBigBang = "registry1.dso.mil/ironbank/opensource/postgres/postgresql:17.10"
	imagePostgreSQLOfficial   = "docker.io/library/postgres:18.4"
	imageMinIOBigBang         = "registry1.dso.mil/ironbank/opensource/minio/minio:RELEASE.2025-10-15T17-29-55Z"
	imageMinIOCommunity       = "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z"
)

// CloudNativePGUser is CloudNativePG's default of the user (cloudnative-pg 1.30, api/v1/cluster_types.go, postgresUID).
const CloudNativePGUser int64 = 26

// PostgreSQLImage returns the default image of plain PostgreSQL. It also waits for the database if the server's own
// image cannot.
func (p Profile) PostgreSQLImage() string {
	if p == ProfileCommunity {
		return imagePostgreSQLOfficial
	}
	return imagePostgreSQLBigBang
}

// PostgreSQLUser returns the ID of the user that the database in the cluster runs as, if the configuration sets none:
// 1001 for Iron Bank's image, with which Big Bang runs both engines (umbrella, 2026-08-21,
// chart/templates/mattermost/values.yaml and tests/test-values.yaml), 999 for Docker's official image, otherwise 26,
// the default of CloudNativePG and the user of Red Hat's images.
func (in *InClusterDatabase) PostgreSQLUser(profile Profile) int64 {
	switch {
	case strings.Contains(in.Image, "ironbank/opensource/postgres/"):
		return 1001
	case in.Engine == EngineStatefulSet && profile == ProfileCommunity:
		return 999
	}
	return CloudNativePGUser
}

// SetDefaults sets every field that has a default, so that later steps need not know the defaults, and every section
// that is not optional, so that they need not check for nil.
func (c *MattermostConfig) SetDefaults() {
	s := &c.Spec
	setDefault(&c.Namespace, DefaultNamespace)
	setDefault(&s.Profile, ProfileBigBang)
	setDefault(&s.Version, DefaultVersion)
	bigbang := s.Profile != ProfileCommunity
	setPointer(&s.DeletionProtection, true)

	image := section(&s.Image)
	setDefault(&image.Repository, choose(bigbang, imageBigBang, imageCommunity))
	setDefault(&image.PullPolicy, corev1.PullIfNotPresent)
	if image.PullSecrets == nil {
		image.PullSecrets = &[]string{}
		if bigbang {
			image.PullSecrets = &[]string{"private-registry"}
		}
	}
	setDefault(&s.Edition, editionOf(image.Repository))
	setDefault(&section(&s.Enterprise).Verify, "none")

	sso := section(&s.SSO)
	setDefault(&sso.Provider, SSOGitLab)
	setDefault(&sso.ButtonText, "Log in with single sign-on")

	setDatabaseDefaults(section(&s.Database), s.Profile)
	section(&s.ObjectStorage)
	s.setAzureFromSettings()
	setObjectStorageDefaults(s.ObjectStorage, s.Profile)

	search := section(&s.Elasticsearch)
	setDefault(&search.URL, "https://logging-ek-es-http.logging.svc.cluster.local:9200")
	setDefault(&search.Backend, "elasticsearch")
	setDefault(&search.Username, "elastic")

	monitoring := section(&s.Monitoring)
	monitor := section(&monitoring.ServiceMonitor)
	setDefault(&monitor.Interval, "30s")
	setDefault(&monitor.Scheme, "http")
	if monitor.Labels == nil && bigbang {
		monitor.Labels = map[string]string{"release": "monitoring"}
	}
	alerts := section(&monitoring.Alerts)
	if alerts.Labels == nil {
		alerts.Labels = monitor.Labels
	}
	dashboard := section(&monitoring.Dashboard)
	setDefault(&dashboard.Namespace, choose(bigbang, "monitoring", c.Namespace))
	if dashboard.Labels == nil {
		dashboard.Labels = map[string]string{"grafana_dashboard": "1"}
	}

	logging := section(&s.Logging)
	setDefault(&logging.Level, "INFO")
	setPointer(&logging.JSON, true)
	fluentBit := section(&logging.FluentBit)
	setPointer(&fluentBit.Enabled, true)
	setDefault(&fluentBit.Form, FluentBitOperator)
	setDefault(&fluentBit.Namespace, "fluentbit")
	for i := range fluentBit.Outputs {
		setDefault(&fluentBit.Outputs[i].IndexPrefix, "mattermost")
	}

	route := section(&s.Route)
	setDefault(&route.Type, choose(bigbang, RouteIstio, RouteGatewayAPI))
	if len(route.Gateways) == 0 && route.Type == RouteIstio {
		route.Gateways = []string{publicGateway}
	}

	setServiceDefaults(section(&s.Service))

	istio := section(&s.Istio)
	if len(istio.GatewayPrincipals) == 0 {
		istio.GatewayPrincipals = s.knownPrincipals()
	}
	setPointer(&istio.ServiceEntries, istio.Egress == "RegistryOnly")

	policies := section(&s.NetworkPolicies)
	if len(policies.GatewayNamespaces) == 0 {
		policies.GatewayNamespaces = gatewayNamespaces(policies.GatewayNamespace, route, c.Namespace)
	}
	setDefault(&policies.MonitoringNamespace, "monitoring")

	section(&s.OnlineServices)
	setFeatureDefaults(s)
	setDefault(&section(&s.Availability).TopologyKey, "topology.kubernetes.io/zone")
	section(&s.Pod)
	setPointer(&section(&s.ServiceAccount).Create, true)
	section(&s.Namespace)
	c.setStoreKinds()
}

// setStoreKinds sets the kind of store in every reference to one to the default of an ExternalSecret.
func (c *MattermostConfig) setStoreKinds() {
	Each(c, func(_ string, value *SecretValue) {
		if ref := value.ExternalSecret; ref != nil {
			setDefault(&ref.Store.Kind, KindSecretStore)
		}
	})
	Each(c, func(_ string, value *SettingValue) {
		if ref := value.ExternalSecret; ref != nil {
			setDefault(&ref.Store.Kind, KindSecretStore)
		}
		eachReference(value.Value, func(ref any) {
			if external, ok := ref.(*ExternalRef); ok {
				setDefault(&external.Store.Kind, KindSecretStore)
			}
		})
	})
}

func setServiceDefaults(service *Service) {
	setDefault(&service.Type, corev1.ServiceTypeClusterIP)
	switch service.Type {
	case corev1.ServiceTypeLoadBalancer:
		setPointer(&service.Port, 443)
	case corev1.ServiceTypeNodePort:
		setPointer(&service.Port, 8065)
	}
}

func setDatabaseDefaults(database *Database, profile Profile) {
	if database.IsExternal() {
		setPointer(&database.Port, 5432)
		setDefault(&database.SSLMode, "require")
	} else if database.ExistingSecret == "" {
		in := section(&database.InCluster)
		setDefault(&in.Engine, EngineCloudNativePG)
		setPointer(&in.Instances, 1)
		setPointer(&in.MaxConnections, 500)
		section(&in.Storage).setDefaults("10Gi")
		setResources(&in.Resources, "1Gi")
		switch {
		case in.Engine == EngineStatefulSet:
			setDefault(&in.Image, profile.PostgreSQLImage())
		case profile != ProfileCommunity && in.Recover == nil: // only the major version that made a backup can read it
			setDefault(&in.Image, imageCloudNativePGBigBang)
		}
		if in.Backup != nil {
			setDefault(&in.Backup.Schedule, "0 0 2 * * *")
			setDefault(&in.Backup.Retention, "30d")
			setResources(&in.Backup.Resources, "512Mi")
		}
	}
	if database.Username == nil {
		database.Username = &SecretValue{Value: "mattermost"}
	}
	setDefault(&database.Database, "mattermost")
	if in := database.InCluster; in != nil && in.Import != nil {
		setPointer(&in.Import.Port, 5432)
		setDefault(&in.Import.Database, database.Database)
		setDefault(&in.Import.Username, database.Username.Value)
		setDefault(&in.Import.SSLMode, "require")
	}
}

func setObjectStorageDefaults(storage *ObjectStorage, profile Profile) {
	if azure := storage.Azure; azure != nil {
		setDefault(&azure.Cloud, AzureCommercial)
		if storage.InCluster == nil {
			return
		}
	}
	if storage.IsExternal() {
		if storage.Region == "" {
			storage.Region = regionOf(storage.Endpoint)
		}
		if storage.Endpoint == "" && storage.Region != "" {
			storage.Endpoint = "https://s3." + storage.Region + ".amazonaws.com"
		}
		return
	}
	in := section(&storage.InCluster)
	setDefault(&in.Engine, EngineVolume)
	section(&in.Storage).setDefaults("10Gi")
	if in.Engine == EngineVolume && in.AccessModes == nil {
		in.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	}
	if in.Engine == EngineMinIO {
		setDefault(&in.Image, choose(profile == ProfileCommunity, imageMinIOCommunity, imageMinIOBigBang))
		setResources(&in.Resources, "1Gi")
		setDefault(&storage.Region, "us-east-1") // MinIO's own default
	}
}

// setFeatureDefaults sets the defaults in the sections that are present; an absent section disables its feature.
func setFeatureDefaults(s *MattermostConfigSpec) {
	if ldap := s.LDAP; ldap != nil {
		setDefault(&ldap.ConnectionSecurity, "TLS")
		setPointer(&ldap.Port, choose[int32](ldap.ConnectionSecurity == "TLS", 636, 389))
		setDefault(&ldap.EmailAttribute, "mail")
		setDefault(&ldap.LoginIDAttribute, ldap.UsernameAttribute)
	}
	if saml := s.SAML; saml != nil {
		setDefault(&saml.IdpCertificateFile, "saml-idp.crt")
		setDefault(&saml.PrivateKeyFile, "saml-private.key")
		setDefault(&saml.PublicCertificateFile, "saml-public.crt")
		setDefault(&saml.EmailAttribute, "email")
		setDefault(&saml.UsernameAttribute, "username")
		setDefault(&saml.ButtonText, "SAML")
	}
	if openID := s.OpenID; openID != nil {
		setDefault(&openID.Scope, "profile openid email")
		setDefault(&openID.ButtonText, "Log in with OpenID")
	}
	if email := s.Email; email != nil {
		setDefault(&email.ConnectionSecurity, "STARTTLS")
		setPointer(&email.Port, choose[int32](email.ConnectionSecurity == "TLS", 465, 587))
		setDefault(&email.FromName, "Mattermost")
		setDefault(&email.ReplyTo, email.From)
		setPointer(&email.Notifications, true)
		setDefault(&email.Contents, "full")
	}
	if push := s.Push; push != nil {
		setDefault(&push.Server, "hosted-global")
		setDefault(&push.Contents, "generic")
	}
	if compliance := s.Compliance; compliance != nil && compliance.Export != nil {
		setDefault(&compliance.Export.Format, "actiance")
		setDefault(&compliance.Export.DailyRunTime, "01:00")
		if relay := compliance.Export.GlobalRelay; relay != nil {
			setPointer(&relay.Port, 25)
		}
	}
	if retention := s.Retention; retention != nil {
		setDefault(&retention.DeletionTime, "02:00")
	}
	if guests := s.Guests; guests != nil {
		setPointer(&guests.EmailAccounts, true)
	}
	if calls := s.Calls; calls != nil {
		setPointer(&calls.Port, 8443)
		setDefault(&section(&calls.Service).Type, corev1.ServiceTypeLoadBalancer)
	}
	if redis := s.Redis; redis != nil {
		setPointer(&redis.Database, 0)
	}
}

// IsExternal reports whether the database is external, described by its host and credentials.
func (d *Database) IsExternal() bool {
	return d.InCluster == nil && d.ExistingSecret == "" && (d.Host != "" || d.Password != nil || len(d.ReadReplicas) > 0)
}

// IsExternal reports whether files are stored in an S3 service that is not emitted.
func (o *ObjectStorage) IsExternal() bool {
	return o.InCluster == nil && (o.Endpoint != "" || o.Bucket != "" || o.AccessKey != nil || o.AccessSecret != nil ||
		o.ExistingSecret != "" || o.RoleARN != "" || o.Credentials != "" || o.Region != "")
}

// editionOf derives the edition from an image's name: the open-source build is called mattermost-team-edition. Iron
// Bank's image is called mattermost, and Big Bang uses it as the enterprise build.
func editionOf(repository string) Edition {
	if strings.Contains(repository, "team-edition") {
		return EditionTeam
	}
	return EditionEnterprise
}

// regionOf returns the region of an Amazon endpoint. It is empty for any other service.
func regionOf(endpoint string) string {
	if _, rest, found := strings.Cut(endpoint, "://"); found {
		endpoint = rest
	}
	host, _, err := ParseHostPort(strings.TrimRight(endpoint, "/"), 443)
	if err != nil || !IsAmazonHost(host) {
		return ""
	}
	if region := AmazonRegion(host); region != "" {
		return region
	}
	return "us-east-1"
}

// publicGateway is Big Bang's gateway for users.
const publicGateway = bigBangGateways + "/public-ingressgateway"

// bigBangGateways is the namespace of all gateways of Big Bang.
const bigBangGateways = "istio-gateway"

// MeshGateway is the reserved name in a VirtualService that means all sidecars of the mesh. It is not an object.
const MeshGateway = "mesh"

// BigBangPrincipal returns the identity of a gateway of Big Bang; empty for any other gateway.
//
// Big Bang installs every gateway NAME as NAME-ingressgateway into the namespace istio-gateway, and gives its
// ServiceAccount that name with -ingressgateway-service-account (umbrella 3.30.0, chart/templates/_helpers.tpl,
// enabledGateways; bb-common 0.14.1, routes/inbound/_authz.tpl).
func BigBangPrincipal(gateway string) string {
	namespace, name, _ := strings.Cut(gateway, "/")
	if namespace != bigBangGateways || !strings.HasSuffix(name, "-ingressgateway") {
		return ""
	}
	return "cluster.local/ns/" + namespace + "/sa/" + name + "-ingressgateway-service-account"
}

// GatewayPrincipal returns the identity of a gateway of the route; empty if it is not known.
func (s *MattermostConfigSpec) GatewayPrincipal(gateway string) string {
	if s.Route.Type != RouteIstio || s.Profile != ProfileBigBang && gateway != publicGateway {
		return ""
	}
	return BigBangPrincipal(gateway)
}

// knownPrincipals returns the identities of the route's gateways that are known, each once.
func (s *MattermostConfigSpec) knownPrincipals() []string {
	var principals []string
	for _, gateway := range s.Route.Gateways {
		principal := s.GatewayPrincipal(gateway)
		if principal != "" && !slices.Contains(principals, principal) {
			principals = append(principals, principal)
		}
	}
	return principals
}

// gatewayNamespaces returns the namespaces that connections come from: the one that is set, or those of all gateways of
// the route, each once.
func gatewayNamespaces(set string, route *Route, own string) []string {
	switch {
	case set != "":
		return []string{set}
	case route.Type == RouteNone:
		return nil
	case len(route.Gateways) == 0:
		return []string{bigBangGateways}
	}
	var namespaces []string
	for _, gateway := range route.Gateways {
		namespace, _, found := strings.Cut(gateway, "/")
		switch {
		case !found && gateway == MeshGateway && route.Type == RouteIstio:
			continue
		case !found:
			namespace = own
		}
		if !slices.Contains(namespaces, namespace) {
			namespaces = append(namespaces, namespace)
		}
	}
	return namespaces
}

func (s *Storage) setDefaults(size string) {
	if s.Size == nil {
		quantity := resource.MustParse(size)
		s.Size = &quantity
	}
}

// DefaultCPU is the default request and limit of the containers of databases and of object storage in the cluster.
const DefaultCPU = "500m"

// setResources sets requests equal to limits, so that the pod is among the last to be evicted. A CPU limit of null
// leaves nothing in resources: the plan removes the limit of the default.
func setResources(resources **corev1.ResourceRequirements, memory string) {
	if r := *resources; r != nil && len(r.Limits)+len(r.Requests)+len(r.Claims) > 0 {
		return
	}
	list := func() corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(DefaultCPU),
			corev1.ResourceMemory: resource.MustParse(memory)}
	}
	*resources = &corev1.ResourceRequirements{Limits: list(), Requests: list()}
}

func section[T any](field **T) *T {
	if *field == nil {
		*field = new(T)
	}
	return *field
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func setPointer[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func choose[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}
