// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/podspec"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// variable is a variable of the server from spec.settings or spec.env.
type variable struct {
	name, value string
	// known is false for what is in a Secret or in another variable.
	known bool
	field string
}

// prefix names the variable if the field does not.
func (v variable) prefix() string {
	if strings.HasPrefix(v.field, "spec.env") {
		return v.name + ": "
	}
	return ""
}

// readVariables returns those of spec.settings and then those of spec.env: later ones override earlier ones. It leaves
// out values that are invalid for their setting, which the rules about single settings report. Rules call variables.
func (s *subject) readVariables() []variable {
	var variables []variable
	for _, given := range settings.Flatten(s.spec.Settings) {
		setting, ok := settings.Find(given.Section, given.Key)
		if !ok || s.refuses(setting, given.Value) != nil || given.Value.IsPlain() && setting.Unneeded(given.Value.Value) {
			continue
		}
		v := variable{name: setting.Env, field: given.Field}
		if given.Value.IsPlain() {
			v.value, _ = setting.Encode(given.Value.Value)
			v.known = true
		}
		variables = append(variables, v)
	}
	for i, given := range s.spec.Env {
		v := variable{name: given.Name, field: index("spec.env", i)}
		v.value, v.known = literal(given)
		if setting, ok := settings.FindEnv(given.Name); ok && v.known && s.refusesText(setting, v.value) != nil {
			continue
		}
		variables = append(variables, v)
	}
	return variables
}

// variable returns one of them; the last one, which wins.
func (s *subject) variable(name string) (variable, bool) {
	for _, v := range slices.Backward(s.variables()) {
		if v.name == name {
			return v, true
		}
	}
	return variable{}, false
}

func environment(s *subject) {
	podspec.Check("spec.env", &s.spec.Env, s.errorf)
	seen := map[string]int{}
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		if variable.Name == "" {
			continue
		}
		if len(validation.IsEnvVarName(variable.Name)) > 0 && len(validation.IsRelaxedEnvVarName(variable.Name)) == 0 {
			s.warnf(field+".name", "%q is the name of an environment variable only since Kubernetes 1.34; write letters, "+
				"digits and underscores, not beginning with a digit", variable.Name)
		}
		if first, again := seen[variable.Name]; again {
			s.errorf(field, "%s is set twice (first in spec.env[%d]), and the last would win; keep one", variable.Name, first)
		} else {
			seen[variable.Name] = i
		}
	}
}

// harmful is a variable of the server that conflicts with the rest of the configuration, or with what the operator and
// other objects rely on. Package settings knows what the server itself rejects.
type harmful struct {
	name string
	// wrong returns what is wrong with the value, or "".
	wrong func(s *subject, value string) string
	// empty means that the server also uses an empty value.
	empty bool
	// idle returns why nothing relies on the value yet, so that a warning is sufficient; nil, or "", if something does.
	idle func(s *subject) string
}

var harmfulVariables = []harmful{
	{name: "MM_CONFIG", wrong: configuration},
	{name: "MM_SQLSETTINGS_DATASOURCE", wrong: connection},
	{name: "MM_FILESETTINGS_DRIVERNAME", wrong: func(s *subject, value string) string {
		return unless(value != "local" || s.filesOnVolume(), "stores files in the container, "+
			"where they are lost at every restart, instead of in spec.objectStorage; remove it")
	}},
	{name: "MM_FILESETTINGS_DIRECTORY", wrong: filesDirectory},
	{name: "MM_SERVICESETTINGS_SITEURL", wrong: siteURL},
	{name: "MM_SERVICESETTINGS_LISTENADDRESS", wrong: listen(plan.PortApp)},
	{name: "MM_SERVICESETTINGS_CONNECTIONSECURITY", wrong: func(_ *subject, value string) string {
		return unless(value != "TLS", "makes the server use TLS on port 8065, but its probes and the route use HTTP, "+
			"so no pod becomes ready; remove it, since TLS ends at the gateway or ingress")
	}},
	{name: "MM_METRICSSETTINGS_LISTENADDRESS", wrong: listen(plan.PortMetrics), idle: metricsAreOff, empty: true},
	{name: "MM_CLUSTERSETTINGS_GOSSIPPORT", wrong: port(plan.PortGossip), idle: oneServer},
	{name: "MM_CLUSTERSETTINGS_ENABLE", wrong: func(s *subject, value string) string {
		n, _ := s.servers()
		return unless(n < 2 || !isOff(value), fmt.Sprintf("switches clustering off, and without it the %d servers lose "+
			"messages: each notifies only its own users; remove it", n))
	}},
}

// metricsAreOff: the server listens on the metrics port only if metrics are on.
func metricsAreOff(s *subject) string {
	on := s.spec.Enterprise.Enabled && s.spec.Monitoring.Enabled
	if v, ok := s.variable("MM_METRICSSETTINGS_ENABLE"); ok {
		on = !v.known || isOn(v.value)
	}
	return unless(on, "metrics are off")
}

// oneServer: a single server has no other to communicate with.
func oneServer(s *subject) string {
	n, _ := s.servers()
	return unless(n > 1, "there is only one server")
}

func harmfulEnvironment(s *subject) {
	for _, variable := range s.variables() {
		if !variable.known {
			continue // what is in a Secret or another variable is not known here
		}
		at := slices.IndexFunc(harmfulVariables, func(h harmful) bool { return h.name == variable.name })
		if at >= 0 && (variable.value != "" || harmfulVariables[at].empty) {
			s.harm(variable, harmfulVariables[at])
		}
		if variable.value == "" {
			continue
		}
		switch variable.name {
		case "MM_SERVICESETTINGS_SITEURL":
			siteHost(s, variable)
		case "MM_SQLSETTINGS_DATASOURCEREPLICAS", "MM_SQLSETTINGS_DATASOURCESEARCHREPLICAS":
			replicaConnections(s, variable)
		case "MM_SERVICESETTINGS_TLSCERTFILE", "MM_SERVICESETTINGS_TLSKEYFILE":
			s.mountedFile(variable)
		case "MM_LOGSETTINGS_ADVANCEDLOGGINGJSON", "MM_EXPERIMENTALAUDITSETTINGS_ADVANCEDLOGGINGJSON",
			settings.AdditionalAudit:
			for _, target := range settings.SyslogTargets(variable.value) {
				s.warnf(variable.field, "%shas a target %q of type syslog, to which the server connects before it starts: "+
					"while it cannot be reached, no pod starts", variable.prefix(), target)
			}
		case "MM_RATELIMITSETTINGS_ENABLE":
			if _, proxied := s.variable("MM_SERVICESETTINGS_TRUSTEDPROXYIPHEADER"); !proxied && isOn(variable.value) {
				s.warnf(variable.field, "%slimits all users together, since for the server every request comes from the gateway; "+
					"set ServiceSettings.TrustedProxyIPHeader: [X-Forwarded-For] in spec.settings too", variable.prefix())
			}
		case "MM_SERVICESETTINGS_ALLOWCORSFROM":
			if variable.value != "*" && !strings.Contains(variable.value, "://") {
				s.warnf(variable.field, "%scontains no origin that a browser would send, so the websocket is refused for all of "+
					"them; write each with its scheme, such as https://portal.example.com", variable.prefix())
			}
		}
	}
}

// harm reports what is wrong with a variable: as a warning while nothing relies on it.
func (s *subject) harm(variable variable, harmful harmful) {
	wrong := harmful.wrong(s, variable.value)
	if wrong == "" {
		return
	}
	if harmful.idle != nil {
		if why := harmful.idle(s); why != "" {
			s.warnf(variable.field, "%s%s (not yet: %s)", variable.prefix(), wrong, why)
			return
		}
	}
	s.errorf(variable.field, "%s%s", variable.prefix(), wrong)
}

// replicaConnections finds replicas that the PostgreSQL driver cannot connect to. The server starts without them
// (sqlstore/store.go, initConnection).
func replicaConnections(s *subject, variable variable) {
	for i, element := range strings.Split(variable.value, " ") {
		scheme, _, isURL := strings.Cut(element, "://")
		_, err := url.Parse(element)
		switch {
		case isURL && scheme != "postgres" && scheme != "postgresql":
			s.warnf(variable.field, "%sreplica %d does not begin with postgres://, so the server does not use it; "+
				"describe replicas in spec.database.readReplicas", variable.prefix(), i)
		case isURL && err != nil, !isURL && element != "" && !strings.Contains(element, "="):
			s.warnf(variable.field, "%sreplica %d is not a connection string, so the server does not use it; "+
				"describe replicas in spec.database.readReplicas", variable.prefix(), i)
		}
	}
}

func unless(right bool, wrong string) string {
	if right {
		return ""
	}
	return wrong
}

// isOn and isOff parse a switch as the server does. Both return false for any other string, which the server ignores.
func isOn(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && on
}

func isOff(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && !on
}

// configuration is a file or a database, which the server distinguishes by the scheme.
func configuration(s *subject, value string) string {
	if strings.Contains(value, "host=") {
		return "is treated as a file name; write it as a URL that begins with postgres://, " +
			"or describe the database in spec.database"
	}
	return connection(s, value)
}

func connection(_ *subject, value string) string {
	scheme, _, isURL := strings.Cut(value, "://")
	return unless(!isURL || scheme == "postgres" || scheme == "postgresql",
		"does not begin with postgres://, the only database that the server supports; describe the database in spec.database")
}

// listen returns what is wrong with an address that the server listens on, whose port others know.
func listen(number int32) func(*subject, string) string {
	text := strconv.Itoa(int(number))
	return func(s *subject, value string) string {
		host, port, err := net.SplitHostPort(value)
		switch {
		case value == "":
			return fmt.Sprintf("is empty, so the server listens on any free port; write :%s, or remove it", text)
		case err != nil:
			return fmt.Sprintf("is %q, which is not an address to listen on, so the server does not start; write :%s, "+
				"or remove it", value, text)
		}
		switch address, err := netip.ParseAddr(host); {
		case port != text:
			return knownPort(text)
		case host == "" || address.IsUnspecified():
			return ""
		case host == "localhost" || address.IsLoopback():
			return fmt.Sprintf("is %q, which only the pod itself can reach, not Services, probes and policies; write "+
				":%s, or remove it", value, text)
		case err == nil:
			return fmt.Sprintf("is %q, which is not an address of the pods, so the server does not start; write :%s, "+
				"or remove it", value, text)
		}
		return fmt.Sprintf("is %q: a name that does not belong to the pod, so the server does not start; write :%s, or "+
			"remove it", value, text)
	}
}

// mountedFile reports a file of the server that is not in a volume of its pods.
func (s *subject) mountedFile(variable variable) {
	inside := func(mount corev1.VolumeMount) bool {
		return strings.HasPrefix(path.Clean(variable.value)+"/", path.Clean(mount.MountPath)+"/")
	}
	if !slices.ContainsFunc(s.spec.Pod.VolumeMounts, inside) {
		s.warnf(variable.field, "%sis a file that is not in a volume of the pods; remove it, since TLS ends at the gateway "+
			"or ingress, or mount a volume with it (spec.pod.volumes and volumeMounts)", variable.prefix())
	}
}

func knownPort(text string) string {
	return "Services, probes and policies know this port as " + text + ", and would not reach another one; remove it"
}

func port(number int32) func(*subject, string) string {
	text := strconv.Itoa(int(number))
	return func(_ *subject, value string) string {
		return unless(value == text, knownPort(text))
	}
}

// dataDirectory is where the operator mounts the volume for files.
const dataDirectory = plan.DataDirectory

func filesDirectory(s *subject, value string) string {
	if !path.IsAbs(value) {
		value = path.Join(path.Dir(dataDirectory), value) // the server runs there
	}
	inside := func(directory string) bool {
		return strings.HasPrefix(path.Clean(value)+"/", path.Clean(directory)+"/")
	}
	right := !s.filesOnVolume() || inside(dataDirectory) ||
		slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(m corev1.VolumeMount) bool { return inside(m.MountPath) })
	return unless(right, "is not on the volume, which is mounted at "+dataDirectory+", and files would be lost at every "+
		"restart; remove it")
}

// siteURL checks the URL against the probes.
func siteURL(_ *subject, value string) string {
	u, err := v1alpha1.ParseServiceURL(value)
	if err != nil {
		return fmt.Sprintf("%v; remove it, since spec.domain or spec.host sets it", err)
	}
	return unless(u.Path == "", "has a path, so the server would answer only below it, "+
		"and its probes would always fail; set spec.host to a separate host for the site")
}

// siteHost checks the host against the route; without a route it is not known how users reach the site (perhaps by
// kubectl port-forward).
func siteHost(s *subject, variable variable) {
	host := s.site()
	u, err := v1alpha1.ParseServiceURL(variable.value)
	if err != nil || s.spec.Route.Type == v1alpha1.RouteNone {
		return
	}
	if !strings.EqualFold(u.Host, host) {
		s.warnf(variable.field, "%s%s is not the host of the route, %s, so links, logins and the websocket fail; "+
			"set spec.host instead", variable.prefix(), u.Host, host)
	}
	if !u.TLS {
		s.warnf(variable.field, "%sbegins with http://, while the route serves https://: links and the identity provider's "+
			"redirect use http://, and cookies are sent unencrypted; write https://%s, or remove it",
			variable.prefix(), host)
	}
}
