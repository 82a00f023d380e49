// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/nearest"
	"bigbang.dev/mattermost-fn/internal/settings"
	"bigbang.dev/mattermost-fn/internal/upgrade"
)

const (
	// maxName limits the name because of the names derived from it: CloudNativePG allows 50 characters for a Cluster
	// (<name>-db), and the operator labels everything with the name.
	maxName = 45
	// maxNameMinIO is the limit with MinIO, whose operator adds -files-pool-0 for a StatefulSet. Its pods have that name
	// and a hash of eleven characters in a label, which may have 63.
	maxNameMinIO = 39
)

func names(s *subject) {
	minIO := s.spec.ObjectStorage.InCluster != nil && s.spec.ObjectStorage.InCluster.Engine == v1alpha1.EngineMinIO
	switch {
	case s.Name == "":
		s.errorf("metadata.name", "is required: it is the name of the installation, such as mattermost")
	case len(s.Name) > maxName:
		s.errorf("metadata.name", "%q has %d characters; at most %d are allowed, "+
			"since other names are derived from it", s.Name,
			len(s.Name), maxName)
	case len(validation.IsDNS1035Label(s.Name)) > 0:
		s.errorf("metadata.name", "%q is not a valid name of a Service, which gets this name; write lower-case letters, "+
			"digits and hyphens, beginning with a letter", s.Name)
	case minIO && len(s.Name) > maxNameMinIO:
		s.errorf("metadata.name", "%q has %d characters; with MinIO at most %d are allowed, "+
			"and with more no MinIO pod is created", s.Name, len(s.Name), maxNameMinIO)
	case minIO && s.Name == "minio":
		s.errorf("metadata.name", "is also the name of the Service that the MinIO operator creates, "+
			"so both operators would overwrite it; choose another name, such as mattermost")
	}
	if !s.given("metadata.namespace") {
		s.infof("metadata.namespace", "is not set; everything goes into the namespace %s", s.Namespace)
	}
	for field, namespace := range map[string]string{
		"metadata.namespace":                  s.Namespace,
		"spec.monitoring.dashboard.namespace": s.spec.Monitoring.Dashboard.Namespace,
		"spec.logging.fluentBit.namespace":    s.spec.Logging.FluentBit.Namespace,
	} {
		namespaceName(s, field, namespace)
	}
}

func namespaceName(s *subject, field, name string) {
	if len(validation.IsDNS1123Label(name)) > 0 {
		s.errorf(field, "%q is not a namespace; write at most 63 lower-case letters, digits and hyphens", name)
	}
}

func site(s *subject) {
	domain, host := s.given("spec.domain"), s.given("spec.host")
	switch {
	case !domain && !host:
		s.errorf("spec.domain", "is required; set it to the domain of the site https://chat.<domain>, "+
			"or set spec.host to the whole host name")
		return
	case domain && host:
		s.conflictf("spec.host", "domain", "conflicts with spec.domain; set only one: host is the whole name, "+
			"domain makes it chat.<domain>")
		return
	}
	field, text, example := "spec.host", s.spec.Host, "chat.example.com"
	if domain {
		field, text, example = "spec.domain", s.spec.Domain, "example.com"
	}
	if err := v1alpha1.CheckHost(text); err != nil {
		s.errorf(field, "%s; write for example %s", err, example)
		return
	}
	if _, err := netip.ParseAddr(text); err == nil {
		s.errorf(field, "%q is an IP address, but certificates and single sign-on require a host name; write for example %s",
			text, example)
		return
	}
	for label := range strings.SplitSeq(text, ".") {
		if len(label) > validation.DNS1123LabelMaxLength {
			s.errorf(field, "%q has %d characters, and a part of a host name has at most %d; shorten it", label, len(label),
				validation.DNS1123LabelMaxLength)
			return
		}
	}
	lower := strings.ToLower(text)
	if lower != text {
		s.infof(field, "read as %s", lower)
	}
	switch {
	case domain && !strings.Contains(text, "."):
		s.warnf(field, "%q has no dot, so the site would be https://chat.%s; write the whole domain, such as example.com, "+
			"or the host name in spec.host", text, lower)
	case domain && strings.HasPrefix(lower, "chat."):
		s.warnf(field, "begins with chat., which is added to it, so the site would be https://chat.%s; remove chat., "+
			"or write the whole name in spec.host", lower)
	}
}

var (
	digest = pattern(`^sha256:[0-9a-f]{64}$`)
	// repository is a registry, perhaps with a port, and a path.
	repository = pattern(
		`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` +
			`(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
)

// movingTags are tags that will mean another image later.
var movingTags = []string{"latest", "master", "main", "stable", "edge"}

const notAnImage = "%q is not an image; write lower-case letters, digits, dots and hyphens between slashes, " +
	"such as registry.example.com/mattermost/server"

func image(s *subject) {
	image := s.spec.Image
	name, tag, hash := v1alpha1.SplitImage(image.Repository)
	switch {
	case hash != "":
		s.errorf("spec.image.repository", "contains a digest; move it to spec.image.digest")
	case tag != "":
		s.errorf("spec.image.repository", "contains a tag; move it to spec.version")
	case !repository().MatchString(name):
		s.errorf("spec.image.repository", notAnImage, image.Repository)
	}
	if image.Digest != "" && !digest().MatchString(image.Digest) {
		s.errorf("spec.image.digest", "%q is not a digest; write sha256: and 64 hexadecimal digits, "+
			"as `docker buildx imagetools inspect` shows them", image.Digest)
	}
	version(s)
	if in := s.spec.Database.InCluster; in != nil && in.Image != "" {
		databaseImage(s, in)
	}
	if in := s.spec.ObjectStorage.InCluster; in != nil && in.Image != "" {
		pinnedImage(s, "spec.objectStorage.inCluster.image", in.Image)
	}
}

func version(s *subject) {
	version := s.spec.Version
	major, minor, err := v1alpha1.ParseVersion(version)
	known := settings.Newest
	switch {
	case !s.given("spec.version"):
	case slices.Contains(movingTags, version) || (err != nil && strings.Count(version, ".") < 2):
		s.errorf("spec.version", "%q is not a single version: its meaning changes, so servers that start at different "+
			"times could differ. Write all three numbers, such as %s", version, v1alpha1.DefaultVersion)
	case err != nil:
		s.errorf("spec.version", "%q is not a version (%s); write three numbers, such as %s", version, err,
			v1alpha1.DefaultVersion)
	case len(validation.IsValidLabelValue(version)) > 0:
		s.errorf("spec.version", "%q cannot be a tag and a label; write at most 63 letters, "+
			"digits, dots and hyphens", version)
	case strings.HasPrefix(version, "v") && s.spec.Image.Digest == "":
		s.warnf("spec.version", "%q begins with v, and the tags of Mattermost's images do not; write %s", version,
			strings.TrimPrefix(version, "v"))
	case major > known.Major || major == known.Major && minor > known.Minor:
		s.warnf("spec.version", "is newer than %d.%d, whose settings this release of mattermost-fn knows: settings that the "+
			"newer version added are reported as unknown, and settings that it removed are accepted. "+
			"Use a newer mattermost-fn, or read the release notes of Mattermost", known.Major, known.Minor)
	case major < 9:
		s.warnf("spec.version", "versions before 9 were never tested with this function; use a newer one, such as %s",
			v1alpha1.DefaultVersion)
	}
}

// databaseImage checks what the server requires, and what CloudNativePG's webhook requires: it reads the version of
// PostgreSQL from the tag.
func databaseImage(s *subject, in *v1alpha1.InClusterDatabase) {
	const field = "spec.database.inCluster.image"
	_, tag, hash := v1alpha1.SplitImage(in.Image)
	if server, err := upgrade.Parse(s.spec.Version); err == nil {
		major, oldest := leadingNumber(tag), upgrade.PostgreSQL(server)
		if major > 0 && major < oldest {
			s.errorf(field, "is PostgreSQL %d, but Mattermost requires %d or newer since version %s; use a newer one, "+
				"and upgrade an existing volume first", major, oldest, upgrade.PostgreSQLSince(server).Release())
			return
		}
	}
	if in.Engine == v1alpha1.EngineStatefulSet || (tag == "" && hash == "") || slices.Contains(movingTags, tag) {
		pinnedImage(s, field, in.Image)
		return
	}
	if leadingNumber(tag) == 0 {
		s.errorf(field, "has no tag that begins with a version, from which CloudNativePG reads the version of PostgreSQL; "+
			"write for example ghcr.io/cloudnative-pg/postgresql:17.6, optionally followed by a digest")
		return
	}
	pinnedImage(s, field, in.Image)
}

// leadingNumber returns the number at the beginning of a string; 0 for none.
func leadingNumber(text string) int {
	digits := strings.IndexFunc(text+"x", func(r rune) bool { return r < '0' || r > '9' })
	number, _ := strconv.Atoi(text[:digits])
	return number
}

func pinnedImage(s *subject, field, image string) {
	name, tag, hash := v1alpha1.SplitImage(image)
	switch {
	case !repository().MatchString(name):
		s.errorf(field, notAnImage, image)
	case hash != "" && !digest().MatchString(hash):
		s.errorf(field, "ends in @%s, which is not a digest; write sha256: and 64 hexadecimal digits", hash)
	case hash == "" && (tag == "" || slices.Contains(movingTags, tag)):
		s.errorf(field, "%q is not a single version: an older version may not be able to read data of a newer one. "+
			"Add a tag with a version", image)
	}
}

// duration is Prometheus's format of a duration: units in descending order.
var duration = pattern(`^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$`)

// enum is a field with a fixed set of values.
type enum struct {
	field string
	// kind of value, such as "an SSL mode".
	what   string
	value  func(*v1alpha1.MattermostConfigSpec) string
	values []string
}

// enums are all fields with a fixed set of values but users, which is a number. A test compares them with the schema.
var enums = []enum{
	{"spec.profile", "a profile", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Profile) },
		[]string{"bigbang", "community"}},
	{"spec.edition", "an edition", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Edition) },
		[]string{"enterprise", "team"}},
	{"spec.image.pullPolicy", "a pull policy", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(c.Image.PullPolicy)
	}, []string{"IfNotPresent", "Always", "Never"}},
	{"spec.sso.provider", "a protocol for single sign-on", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(c.SSO.Provider)
	}, []string{"gitlab", "openid"}},
	{"spec.database.sslMode", "an SSL mode", func(c *v1alpha1.MattermostConfigSpec) string { return c.Database.SSLMode },
		[]string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
	{"spec.database.inCluster.engine", "an engine", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.Database.InCluster == nil {
			return ""
		}
		return string(c.Database.InCluster.Engine)
	}, []string{"cloudnative-pg", "statefulset"}},
	{"spec.database.inCluster.backup.method", "a method of backups", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.Database.InCluster == nil || c.Database.InCluster.Backup == nil {
			return ""
		}
		return string(c.Database.InCluster.Backup.Method)
	}, []string{"plugin", "barmanObjectStore"}},
	{"spec.database.inCluster.import.sslMode", "an SSL mode", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.Database.InCluster == nil || c.Database.InCluster.Import == nil {
			return ""
		}
		return c.Database.InCluster.Import.SSLMode
	}, []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
	{"spec.objectStorage.inCluster.engine", "an engine", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.ObjectStorage.InCluster == nil {
			return ""
		}
		return string(c.ObjectStorage.InCluster.Engine)
	}, []string{"volume", "minio"}},
	{"spec.objectStorage.credentials", "an identity of the pods", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(c.ObjectStorage.Credentials)
	}, []string{"podIdentity", "nodeRole"}},
	{"spec.objectStorage.azure.cloud", "a cloud of Azure", func(c *v1alpha1.MattermostConfigSpec) string {
		return orEmpty(c.ObjectStorage.Azure).Cloud
	}, []string{"commercial", "government", "custom"}},
	{"spec.service.type", "a type of Service", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(c.Service.Type)
	}, serviceTypes},
	{"spec.calls.service.type", "a type of Service", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(orEmpty(orEmpty(c.Calls).Service).Type)
	}, serviceTypes},
	{"spec.elasticsearch.backend", "a service for search", func(c *v1alpha1.MattermostConfigSpec) string {
		return c.Elasticsearch.Backend
	}, []string{"elasticsearch", "opensearch"}},
	{"spec.monitoring.serviceMonitor.scheme", "a scheme", func(c *v1alpha1.MattermostConfigSpec) string {
		return c.Monitoring.ServiceMonitor.Scheme
	}, []string{"http", "https"}},
	{"spec.logging.level", "a log level", func(c *v1alpha1.MattermostConfigSpec) string { return c.Logging.Level },
		[]string{"DEBUG", "INFO", "WARN", "ERROR"}},
	{"spec.logging.fluentBit.form", "a form", func(c *v1alpha1.MattermostConfigSpec) string {
		return string(c.Logging.FluentBit.Form)
	}, []string{"operator", "configMap"}},
	{"spec.route.type", "a kind of route", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Route.Type) },
		[]string{"istio", "gatewayAPI", "ingress", "none"}},
	{"spec.enterprise.verify", "a way to check the license's signature", func(c *v1alpha1.MattermostConfigSpec) string {
		return c.Enterprise.Verify
	}, []string{"production", "test", "none"}},
	{"spec.ldap.connectionSecurity", "a kind of encryption", func(c *v1alpha1.MattermostConfigSpec) string {
		return orEmpty(c.LDAP).ConnectionSecurity
	}, []string{"TLS", "STARTTLS", "None"}},
	{"spec.email.connectionSecurity", "a kind of encryption", func(c *v1alpha1.MattermostConfigSpec) string {
		return orEmpty(c.Email).ConnectionSecurity
	}, []string{"STARTTLS", "TLS", "None"}},
	{"spec.email.contents", "a kind of contents", func(c *v1alpha1.MattermostConfigSpec) string {
		return orEmpty(c.Email).Contents
	}, []string{"full", "generic"}},
	{"spec.push.contents", "a kind of contents", func(c *v1alpha1.MattermostConfigSpec) string {
		return orEmpty(c.Push).Contents
	}, []string{"full", "generic", "generic_no_channel", "id_loaded"}},
	{"spec.compliance.export.format", "a format of the export",
		func(c *v1alpha1.MattermostConfigSpec) string { return orEmpty(orEmpty(c.Compliance).Export).Format },
		[]string{"actiance", "csv", "globalrelay", "globalrelay-zip"}},
	{"spec.compliance.export.globalRelay.customerType", "a kind of account",
		func(c *v1alpha1.MattermostConfigSpec) string {
			return orEmpty(orEmpty(orEmpty(c.Compliance).Export).GlobalRelay).CustomerType
		}, []string{"A9", "A10", "CUSTOM"}},
	{"spec.istio.mtls", "a mode of mutual TLS", func(c *v1alpha1.MattermostConfigSpec) string { return c.Istio.MTLS },
		[]string{"STRICT", "PERMISSIVE"}},
	{"spec.istio.egress", "a policy for what goes out", func(c *v1alpha1.MattermostConfigSpec) string {
		return c.Istio.Egress
	}, []string{"RegistryOnly", "AllowAny"}},
}

var serviceTypes = []string{"ClusterIP", "LoadBalancer", "NodePort"}

// orEmpty returns a section, or an empty one if it is not set.
func orEmpty[T any](section *T) T {
	if section == nil {
		return *new(T)
	}
	return *section
}

// userNumbers are the numbers of users for which there is a size.
var userNumbers = []int32{100, 1000, 5000, 10000, 25000}

func enumerations(s *subject) {
	for _, enum := range enums {
		value := enum.value(s.spec)
		if value == "" || slices.Contains(enum.values, value) {
			continue
		}
		hint := ""
		if near := nearest.Nearest(value, enum.values); near != "" {
			hint = "; did you mean " + near + "?"
		}
		s.errorf(enum.field, "%q is not %s%s (one of %s)", value, enum.what, hint, strings.Join(enum.values, ", "))
	}
	if users := s.spec.Users; users != nil && !slices.Contains(userNumbers, *users) {
		s.errorf("spec.users", "there is no size for %d users; write the next larger of 100, 1000, 5000, 10000 and 25000, "+
			"or set spec.replicas and spec.resources", *users)
	}
	if interval := s.spec.Monitoring.ServiceMonitor.Interval; !duration().MatchString(interval) {
		s.errorf("spec.monitoring.serviceMonitor.interval", "%q is not a duration; write for example 30s or 1m30s", interval)
	}
	labels(s)
	annotations(s)
}

// labels checks labels like the API server, because the operators write some of them only long after the configuration
// was applied.
func labels(s *subject) {
	for field, labels := range map[string]map[string]string{
		"spec.pod.labels":                       s.spec.Pod.Labels,
		"spec.pod.nodeSelector":                 s.spec.Pod.NodeSelector,
		"spec.namespace.labels":                 s.spec.Namespace.Labels,
		"spec.monitoring.serviceMonitor.labels": s.spec.Monitoring.ServiceMonitor.Labels,
		"spec.monitoring.alerts.labels":         s.spec.Monitoring.Alerts.Labels,
		"spec.monitoring.dashboard.labels":      s.spec.Monitoring.Dashboard.Labels,
	} {
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			switch {
			case !s.given(field):
			case len(content.IsLabelKey(key)) > 0:
				s.errorf(entry(field, key), "%q cannot be the key of a label; write at most 63 letters, digits, dots, "+
					"hyphens and underscores, perhaps after a domain and a slash", key)
			case len(validation.IsValidLabelValue(labels[key])) > 0:
				s.errorf(entry(field, key), "%q cannot be the value of a label; write at most 63 letters, digits, dots, "+
					"hyphens and underscores", labels[key])
			}
		}
	}
	if key := s.spec.Availability.TopologyKey; len(content.IsLabelKey(key)) > 0 {
		s.errorf("spec.availability.topologyKey", "%q cannot be the key of a label; write one that the nodes have, "+
			"such as topology.kubernetes.io/zone", key)
	}
}

func annotations(s *subject) {
	for field, annotations := range map[string]map[string]string{
		"spec.pod.annotations":            s.spec.Pod.Annotations,
		"spec.route.annotations":          s.spec.Route.Annotations,
		"spec.namespace.annotations":      s.spec.Namespace.Annotations,
		"spec.serviceAccount.annotations": s.spec.ServiceAccount.Annotations,
		"spec.service.annotations":        s.spec.Service.Annotations,
		"spec.calls.service.annotations":  orEmpty(orEmpty(s.spec.Calls).Service).Annotations,
	} {
		for key := range annotations {
			if len(content.IsLabelKey(strings.ToLower(key))) > 0 { // the syntax of keys is the same for both, except for case
				s.errorf(entry(field, key), "%q cannot be the key of an annotation; write at most 63 letters, digits, dots, "+
					"hyphens and underscores, perhaps after a domain and a slash", key)
			}
		}
	}
}

// entry returns the path of a key of a mapping, in the decoder's format.
func entry(field, key string) string {
	if strings.ContainsAny(key, ".[]/ ") {
		return field + "[" + key + "]"
	}
	return field + "." + key
}
