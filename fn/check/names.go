package check

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"mattermost-fn/fn/nearest"
	"mattermost-fn/fn/v1alpha1"
)

// maxName keeps every name that is built from the installation's: CloudNativePG allows 50 characters for a Cluster
// (<name>-db), and the operator labels everything with the name.
const maxName = 45

// ingressClasses are names that installed ingress classes usually have.
var ingressClasses = []string{"alb", "cilium", "contour", "gce", "haproxy", "istio", "kong", "nginx", "public", "traefik"}

func names(s *subject) {
	switch {
	case s.Name == "":
		s.errorf("metadata.name", "is missing; it becomes the name of the installation, such as mattermost")
	case len(validation.IsDNS1035Label(s.Name)) > 0:
		s.errorf("metadata.name", "%q cannot be the name of a Service, which the operator gives this name: lower-case letters, digits and hyphens, beginning with a letter", s.Name)
	case len(s.Name) > maxName:
		s.errorf("metadata.name", "%q has %d characters; at most %d leave room for what is added to it", s.Name, len(s.Name), maxName)
	}
	if len(validation.IsDNS1123Label(s.Namespace)) > 0 {
		s.errorf("metadata.namespace", "%q is not a namespace: at most 63 lower-case letters, digits and hyphens", s.Namespace)
	}
	if !s.given("metadata.namespace") {
		s.infof("metadata.namespace", "is not given; everything goes into the namespace %s", s.Namespace)
	}
}

func site(s *subject) {
	domain, host := s.given("spec.domain"), s.given("spec.host")
	switch {
	case !domain && !host:
		s.errorf("spec.domain", "is missing; give the domain, and the site is https://chat.<domain>, or the whole host name in spec.host")
		return
	case domain && host:
		s.errorf("spec.host", "stands beside spec.domain; keep one of the two: host is the whole name, domain makes it chat.%s", s.spec.Domain)
		return
	}
	field, text := "spec.host", s.spec.Host
	if domain {
		field, text = "spec.domain", s.spec.Domain
	}
	if err := v1alpha1.CheckHost(text); err != nil {
		s.errorf(field, "%s; write for example %s", err, map[string]string{"spec.host": "chat.example.com", "spec.domain": "example.com"}[field])
		return
	}
	if _, err := netip.ParseAddr(text); err == nil {
		s.errorf(field, "%q is an address; a host name is needed, since certificates and single sign-on go by names", text)
		return
	}
	if lower := strings.ToLower(text); lower != text {
		s.infof(field, "read as %s", lower)
	}
	if !strings.Contains(text, ".") && domain {
		s.warnf(field, "%q has no dot: the site becomes https://chat.%s", text, text)
	}
}

var (
	// duration is Prometheus's own form of a time: units in falling order.
	duration   = regexp.MustCompile(`^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$`)
	digest     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	repository = regexp.MustCompile(`^[a-z0-9]+([._:/-]+[a-z0-9]+)*$`)
)

func image(s *subject) {
	image := s.spec.Image
	lastPart := image.Repository[strings.LastIndex(image.Repository, "/")+1:]
	switch {
	case strings.Contains(image.Repository, "@"):
		s.errorf("spec.image.repository", "holds a digest; put it into spec.image.digest")
	case strings.Contains(lastPart, ":"):
		s.errorf("spec.image.repository", "holds a tag; put it into spec.version")
	case !repository.MatchString(image.Repository):
		s.errorf("spec.image.repository", "%q is not an image: lower-case letters, digits, dots and hyphens between slashes", image.Repository)
	}
	if image.Digest != "" && !digest.MatchString(image.Digest) {
		s.errorf("spec.image.digest", "%q is not a digest: sha256: and 64 hexadecimal digits", image.Digest)
	}
	version := s.spec.Version
	major, _, err := v1alpha1.ParseVersion(version)
	switch {
	case !s.given("spec.version"):
		return
	case slices.Contains([]string{"latest", "master", "main", "stable", "edge"}, version) || (err != nil && strings.Count(version, ".") < 2):
		s.errorf("spec.version", "%q does not say one version: what it means changes, so servers that start on different days would differ. Write all three numbers, such as %s", version, v1alpha1.DefaultVersion)
	case err != nil:
		s.errorf("spec.version", "%q is not a version (%s); write three numbers, such as %s", version, err, v1alpha1.DefaultVersion)
	case len(validation.IsValidLabelValue(version)) > 0:
		s.errorf("spec.version", "%q cannot be a tag and label: at most 63 letters, digits, dots and hyphens", version)
	case major < 9:
		s.warnf("spec.version", "versions before 9 were never tried with what is emitted here")
	}
}

// enums are the fields with a fixed set of values. A test holds them against the schema.
var enums = []struct {
	field  string
	value  func(*v1alpha1.MattermostConfigSpec) string
	values []string
}{
	{"spec.profile", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Profile) }, []string{"bigbang", "community"}},
	{"spec.edition", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Edition) }, []string{"enterprise", "team"}},
	{"spec.image.pullPolicy", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Image.PullPolicy) }, []string{"IfNotPresent", "Always", "Never"}},
	{"spec.sso.provider", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.SSO.Provider) }, []string{"gitlab", "openid"}},
	{"spec.database.sslMode", func(c *v1alpha1.MattermostConfigSpec) string { return c.Database.SSLMode }, []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
	{"spec.database.inCluster.engine", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.Database.InCluster == nil {
			return ""
		}
		return string(c.Database.InCluster.Engine)
	}, []string{"cloudnative-pg", "statefulset"}},
	{"spec.objectStorage.inCluster.engine", func(c *v1alpha1.MattermostConfigSpec) string {
		if c.ObjectStorage.InCluster == nil {
			return ""
		}
		return string(c.ObjectStorage.InCluster.Engine)
	}, []string{"volume", "minio"}},
	{"spec.elasticsearch.backend", func(c *v1alpha1.MattermostConfigSpec) string { return c.Elasticsearch.Backend }, []string{"elasticsearch", "opensearch"}},
	{"spec.monitoring.serviceMonitor.scheme", func(c *v1alpha1.MattermostConfigSpec) string { return c.Monitoring.ServiceMonitor.Scheme }, []string{"http", "https"}},
	{"spec.logging.level", func(c *v1alpha1.MattermostConfigSpec) string { return c.Logging.Level }, []string{"DEBUG", "INFO", "WARN", "ERROR"}},
	{"spec.logging.fluentBit.form", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Logging.FluentBit.Form) }, []string{"operator", "configMap"}},
	{"spec.route.type", func(c *v1alpha1.MattermostConfigSpec) string { return string(c.Route.Type) }, []string{"istio", "gatewayAPI", "ingress", "none"}},
	{"spec.istio.mtls", func(c *v1alpha1.MattermostConfigSpec) string { return c.Istio.MTLS }, []string{"STRICT", "PERMISSIVE"}},
	{"spec.istio.egress", func(c *v1alpha1.MattermostConfigSpec) string { return c.Istio.Egress }, []string{"RegistryOnly", "AllowAny"}},
}

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
		s.errorf(enum.field, "%q is not allowed%s (one of %s)", value, hint, strings.Join(enum.values, ", "))
	}
	if users := s.spec.Users; users != nil && !slices.Contains([]int32{100, 1000, 5000, 10000, 25000}, *users) {
		s.errorf("spec.users", "%d is not a size that has a table; the next larger of 100, 1000, 5000, 10000, 25000 serves", *users)
	}
	if interval := s.spec.Monitoring.ServiceMonitor.Interval; !duration.MatchString(interval) {
		s.errorf("spec.monitoring.serviceMonitor.interval", "%q is not a time; write for example 30s or 1m30s", interval)
	}
	for field, values := range map[string]map[string]string{
		"spec.pod.labels": s.spec.Pod.Labels, "spec.namespace.labels": s.spec.Namespace.Labels,
		"spec.monitoring.serviceMonitor.labels": s.spec.Monitoring.ServiceMonitor.Labels,
		"spec.monitoring.alerts.labels":         s.spec.Monitoring.Alerts.Labels,
		"spec.monitoring.dashboard.labels":      s.spec.Monitoring.Dashboard.Labels,
	} {
		for key, value := range values {
			if len(content.IsLabelKey(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
				s.errorf(field, "%s: %q is not a label: at most 63 letters, digits, dots, hyphens and underscores", key, value)
			}
		}
	}
}
