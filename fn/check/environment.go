package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"mattermost-fn/fn/v1alpha1"
)

// variable returns a variable of spec.env; the last one, which wins.
func (s *subject) variable(name string) (corev1.EnvVar, bool) {
	for _, variable := range slices.Backward(s.spec.Env) {
		if variable.Name == name {
			return variable, true
		}
	}
	return corev1.EnvVar{}, false
}

func environment(s *subject) {
	seen := map[string]int{}
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		switch {
		case variable.Name == "":
			s.errorf(field+".name", "is missing; give the name of the variable, such as MM_EMAILSETTINGS_SMTPSERVER")
			continue
		case len(validation.IsEnvVarName(variable.Name)) > 0:
			s.errorf(field+".name", "%q is not the name of an environment variable; write letters, digits and underscores, not beginning with a digit", variable.Name)
		case variable.Value != "" && variable.ValueFrom != nil:
			s.errorf(field, "%s has value and valueFrom; the operator takes it, and the cluster then refuses the pods. Keep one", variable.Name)
		case variable.ValueFrom != nil:
			valueFrom(s, field+".valueFrom", variable.ValueFrom)
		}
		if first, again := seen[variable.Name]; again {
			s.errorf(field, "%s stands twice (first in spec.env[%d]), and the last would win; keep one", variable.Name, first)
		} else {
			seen[variable.Name] = i
		}
	}
}

// valueFrom checks a reference that only the cluster would refuse, long after the operator has taken it.
func valueFrom(s *subject, field string, from *corev1.EnvVarSource) {
	kinds := 0
	for _, given := range []bool{from.SecretKeyRef != nil, from.ConfigMapKeyRef != nil, from.FieldRef != nil, from.ResourceFieldRef != nil, from.FileKeyRef != nil} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		s.errorf(field, "takes one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef; %d are given", kinds)
		return
	}
	reference := func(field, name, key string) {
		if name == "" || key == "" {
			s.errorf(field, "needs name and key")
		}
	}
	switch {
	case from.SecretKeyRef != nil:
		reference(field+".secretKeyRef", from.SecretKeyRef.Name, from.SecretKeyRef.Key)
	case from.ConfigMapKeyRef != nil:
		reference(field+".configMapKeyRef", from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key)
	case from.FieldRef != nil && from.FieldRef.FieldPath == "":
		s.errorf(field+".fieldRef.fieldPath", "is missing; write for example status.podIP")
	}
}

// harmful is a variable of the server that is refused because of its value and the rest of the configuration.
type harmful struct {
	name string
	// wrong returns what is wrong with the value, and "" where nothing is.
	wrong func(s *subject, value string) string
}

// harmfulVariables are those of which the server, or what is emitted beside it, makes something that nobody wants. Most
// of them let the server refuse to start; the others lose messages or files.
var harmfulVariables = []harmful{
	{"MM_CONFIG", configuration},
	{"MM_SQLSETTINGS_DATASOURCE", connection},
	{"MM_SQLSETTINGS_DRIVERNAME", func(_ *subject, value string) string {
		return unless(value == "postgres", "the server knows no database but postgres and does not start; remove it")
	}},
	{"MM_SQLSETTINGS_ATRESTENCRYPTKEY", longEnough},
	{"MM_FILESETTINGS_PUBLICLINKSALT", longEnough},
	{"MM_FILESETTINGS_DRIVERNAME", filesDriver},
	{"MM_FILESETTINGS_DIRECTORY", filesDirectory},
	{"MM_SERVICESETTINGS_SITEURL", siteURL},
	{"MM_SERVICESETTINGS_LISTENADDRESS", port(8065)},
	{"MM_METRICSSETTINGS_LISTENADDRESS", port(8067)},
	{"MM_CLUSTERSETTINGS_GOSSIPPORT", port(8074)},
	{"MM_CLUSTERSETTINGS_ENABLE", func(s *subject, value string) string {
		n, _ := s.servers()
		return unless(n < 2 || !isOff(value), fmt.Sprintf("switches clustering off, and without it the %d servers lose messages: each tells only its own users what is posted; remove it", n))
	}},
	{"MM_EMAILSETTINGS_ENABLEEMAILBATCHING", func(s *subject, value string) string {
		cluster, ok := s.variable("MM_CLUSTERSETTINGS_ENABLE")
		clustering := s.spec.Enterprise.Enabled && !(ok && isOff(cluster.Value))
		return unless(!clustering || !isOn(value), "the server does not start with e-mail batching and clustering, which enterprise switches on; remove it")
	}},
	{"MM_TEAMSETTINGS_EXPERIMENTALVIEWARCHIVEDCHANNELS", func(s *subject, value string) string {
		return unless(!v1alpha1.AtLeast(s.spec.Version, 11, 0) || !isOff(value), "the server does not start with false since version 11; remove it")
	}},
	{"MM_EXPERIMENTALSETTINGS_CLIENTSIDECERTENABLE", func(s *subject, value string) string {
		return unless(!v1alpha1.AtLeast(s.spec.Version, 11, 0) || !isOn(value), "the server does not start with true since version 11; remove it")
	}},
	{"MM_CACHESETTINGS_CACHETYPE", redis},
}

// panicking is refused whatever its value.
const panicking = "MM_SQLSETTINGS_REPLICALAGSETTINGS"

func harmfulEnvironment(s *subject) {
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		if variable.Name == panicking {
			s.errorf(field, "%s: the server cannot read this setting from its environment and crashes; set it in the System Console", variable.Name)
		}
		if variable.ValueFrom != nil || variable.Value == "" || strings.Contains(variable.Value, "$(") {
			continue // what stands in a Secret or another variable is not known here
		}
		if at := slices.IndexFunc(harmfulVariables, func(h harmful) bool { return h.name == variable.Name }); at >= 0 {
			if wrong := harmfulVariables[at].wrong(s, variable.Value); wrong != "" {
				s.errorf(field, "%s: %s", variable.Name, wrong)
			}
		}
		if variable.Name == "MM_SERVICESETTINGS_SITEURL" {
			siteHost(s, field, variable.Value)
		}
	}
}

func unless(right bool, wrong string) string {
	if right {
		return ""
	}
	return wrong
}

// isOn and isOff read a switch as the server does. Text that is neither is both of neither: the server ignores it.
func isOn(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && on
}

func isOff(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && !on
}

// configuration is a file, or a database, which the server tells by the scheme.
func configuration(s *subject, value string) string {
	if strings.Contains(value, "host=") {
		return "is taken for the name of a file; write it as a URL that begins with postgres://, or describe the database in spec.database"
	}
	return connection(s, value)
}

func connection(_ *subject, value string) string {
	scheme, _, isURL := strings.Cut(value, "://")
	return unless(!isURL || scheme == "postgres" || scheme == "postgresql",
		"does not begin with postgres://, the only database that the server knows; describe the database in spec.database")
}

func longEnough(_ *subject, value string) string {
	return unless(len(value) >= 32, "is shorter than 32 characters, with which the server does not start; make it longer")
}

func port(number int) func(*subject, string) string {
	text := strconv.Itoa(number)
	return func(_ *subject, value string) string {
		return unless(value == text || strings.HasSuffix(value, ":"+text), "Services, probes and policies know this port as "+text+", and nothing would reach another; remove it")
	}
}

func filesDriver(s *subject, value string) string {
	switch value {
	case "local":
		return unless(s.filesOnVolume(), "stores files in the container, where they are lost at every restart, instead of in spec.objectStorage; remove it")
	case "amazons3", "azureblob":
		return ""
	}
	return "is not a store for files (one of local, amazons3, azureblob), and the server does not start; describe the store in spec.objectStorage"
}

// dataDirectory is where the operator mounts the volume for files.
const dataDirectory = "/mattermost/data"

func filesDirectory(s *subject, value string) string {
	inside := func(directory string) bool {
		return strings.HasPrefix(value+"/", strings.TrimRight(directory, "/")+"/")
	}
	right := !s.filesOnVolume() || inside(dataDirectory) ||
		slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(m corev1.VolumeMount) bool { return inside(m.MountPath) })
	return unless(right, "is not on the volume, which is mounted at "+dataDirectory+", and files would be lost at every restart; remove it")
}

// siteURL knows what the probes ask for.
func siteURL(_ *subject, value string) string {
	u, err := v1alpha1.ParseServiceURL(value)
	if err != nil {
		return fmt.Sprintf("%v; remove it, spec.domain or spec.host sets it", err)
	}
	return unless(u.Path == "", "has a path, below which alone the server would answer, so its probes would fail for ever; give the site a host of its own in spec.host")
}

// siteHost knows what the route leads to; without a route the way in, kubectl port-forward perhaps, is not known here.
func siteHost(s *subject, field, value string) {
	host := s.spec.Host
	if host == "" {
		host = "chat." + s.spec.Domain
	}
	if u, err := v1alpha1.ParseServiceURL(value); err == nil && s.spec.Route.Type != v1alpha1.RouteNone && !strings.EqualFold(u.Host, host) {
		s.warnf(field, "MM_SERVICESETTINGS_SITEURL: %s is another host than %s, which the route leads to, so links, logins and the live connection fail; set spec.host instead", u.Host, host)
	}
}

func redis(s *subject, value string) string {
	if value != "redis" {
		return ""
	}
	_, address := s.variable("MM_CACHESETTINGS_REDISADDRESS")
	_, number := s.variable("MM_CACHESETTINGS_REDISDB")
	switch {
	case !s.licensed():
		return "the server exits with redis and no licence for clustering; remove it, or set spec.enterprise with enabled: true and a license"
	case !address || !number:
		return "the server does not start with redis unless MM_CACHESETTINGS_REDISADDRESS and MM_CACHESETTINGS_REDISDB, such as \"0\", are set too; add them to spec.env"
	}
	return ""
}
