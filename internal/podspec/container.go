// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

var (
	_ = register(envVar)
	_ = register(secretKey)
	_ = register(configMapKey)
	_ = register(fieldRef)
	_ = register(resourceFieldRef)
	_ = register(envFrom)
	_ = register(httpGet)
	_ = register(tcpSocket)
	_ = register(grpc)
	_ = register(exec)
	_ = register(resizePolicy)
	_ = register(hostAlias)
	_ = register(dnsConfig)
)

// Name reports what is wrong with the name of a container or volume; empty if nothing is.
func Name(name string) string {
	if len(validation.IsDNS1123Label(name)) > 0 {
		return "write at most 63 lower-case letters, digits and hyphens"
	}
	return ""
}

func envVar(r *reporter, field string, variable *corev1.EnvVar) {
	switch {
	case variable.Name == "":
		r.errorf(field+".name", "is required; set it to the name of the variable")
	case len(validation.IsRelaxedEnvVarName(variable.Name)) > 0:
		r.errorf(field+".name", "%q is not the name of an environment variable; write letters, digits and underscores, "+
			"not beginning with a digit", variable.Name)
	}
	from := variable.ValueFrom
	if from == nil {
		return
	}
	if variable.Value != "" {
		r.errorf(field, "%s has value and valueFrom; the operator accepts it, but the API server then rejects the pods. "+
			"Keep one", variable.Name)
	}
	if from.FileKeyRef != nil {
		return // reported as newer than the operator
	}
	r.exactlyOne(field+".valueFrom", "secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef",
		from.SecretKeyRef != nil, from.ConfigMapKeyRef != nil, from.FieldRef != nil, from.ResourceFieldRef != nil)
}

func secretKey(r *reporter, field string, ref *corev1.SecretKeySelector) {
	keySelector(r, field, ref.Name, ref.Key)
}

func configMapKey(r *reporter, field string, ref *corev1.ConfigMapKeySelector) {
	keySelector(r, field, ref.Name, ref.Key)
}

// keySelector does not quote names: some users write the secret itself instead of a reference to a Secret.
func keySelector(r *reporter, field, name, key string) {
	switch {
	case name == "" || key == "":
		r.errorf(field, "requires name and key")
		return
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		r.errorf(field+".name", "is not a valid object name; write lower-case letters, digits, dots and hyphens")
	}
	if len(validation.IsConfigMapKey(key)) > 0 {
		r.errorf(field+".key", "is not a valid key; write letters, digits, dots, hyphens and underscores")
	}
}

// The fields of a pod that variables and files of the downward API can have.
var (
	variableFields = []string{"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
		"spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"}
	fileFields = []string{"metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels",
		"metadata.annotations"}
)

// fieldRef checks what variables and files have in common. Files have the fields of fileFields instead.
func fieldRef(r *reporter, field string, ref *corev1.ObjectFieldSelector) {
	fields := variableFields
	if strings.Contains(field, ".items[") {
		fields = fileFields
	}
	if ref.APIVersion != "" && ref.APIVersion != "v1" {
		r.errorf(field+".apiVersion", "must be v1, got %q", ref.APIVersion)
	}
	if !r.required(field+".fieldPath", ref.FieldPath, "metadata.name") {
		return
	}
	path, key, subscripted := strings.Cut(ref.FieldPath, "['")
	key, closed := strings.CutSuffix(key, "']")
	switch {
	case subscripted && closed && path == "metadata.annotations":
		key = strings.ToLower(key)
		fallthrough
	case subscripted && closed && path == "metadata.labels":
		if len(validation.IsQualifiedName(key)) > 0 {
			r.errorf(field+".fieldPath", "%q is not the key of a label or annotation; "+
				"write for example example.com/team", key)
		}
	case ref.FieldPath == "spec.host" && !strings.Contains(field, ".items["): // an earlier name of spec.nodeName
	case !slices.Contains(fields, ref.FieldPath):
		r.errorf(field+".fieldPath", "%q must be one of %s, or metadata.labels['KEY'] or metadata.annotations['KEY']",
			ref.FieldPath, strings.Join(fields, ", "))
	}
}

// containerResources are the resources of a container that variables and files can have, apart from huge pages.
var containerResources = []string{"limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu",
	"requests.memory", "requests.ephemeral-storage"}

// byteDivisors are the divisors of resources that are counted in bytes.
var byteDivisors = []string{"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"}

func resourceFieldRef(r *reporter, field string, ref *corev1.ResourceFieldSelector) {
	if strings.Contains(field, ".items[") && ref.ContainerName == "" {
		r.errorf(field+".containerName", "is required, such as mattermost")
	}
	if !r.required(field+".resource", ref.Resource, "limits.memory") {
		return
	}
	isPages := strings.HasPrefix(ref.Resource, "limits.hugepages-") || strings.HasPrefix(ref.Resource,
		"requests.hugepages-")
	if !slices.Contains(containerResources, ref.Resource) && !isPages {
		r.errorf(field+".resource", "%q must be one of %s", ref.Resource, strings.Join(containerResources, ", "))
		return
	}
	divisors := byteDivisors
	if strings.HasSuffix(ref.Resource, ".cpu") {
		divisors = []string{"1", "1m"}
	}
	if !ref.Divisor.IsZero() && !slices.Contains(divisors, ref.Divisor.String()) {
		r.errorf(field+".divisor", "%q must be one of %s", ref.Divisor.String(), strings.Join(divisors, ", "))
	}
}

func envFrom(r *reporter, field string, source *corev1.EnvFromSource) {
	if source.Prefix != "" && len(validation.IsRelaxedEnvVarName(source.Prefix)) > 0 {
		r.errorf(field+".prefix", "%q cannot begin the name of an environment variable", source.Prefix)
	}
	r.exactlyOne(field, "secretRef and configMapRef", source.SecretRef != nil, source.ConfigMapRef != nil)
	if ref := source.SecretRef; ref != nil && !isPrefixOfName(ref.Name) {
		r.errorf(field+".secretRef.name", "is not the name of a Secret")
	}
	if ref := source.ConfigMapRef; ref != nil && !isPrefixOfName(ref.Name) {
		r.errorf(field+".configMapRef.name", "is not the name of a ConfigMap")
	}
}

// isPrefixOfName reports whether a string is the name of an object, or the beginning of one, which the API server also
// accepts in envFrom.
func isPrefixOfName(name string) bool {
	if rest, cut := strings.CutSuffix(name, "-"); cut && rest != "" {
		name = rest[:len(rest)-1] + "a"
	}
	return len(validation.IsDNS1123Subdomain(name)) == 0
}

func httpGet(r *reporter, field string, get *corev1.HTTPGetAction) {
	r.port(field+".port", get.Port)
	for i, header := range get.HTTPHeaders {
		if len(validation.IsHTTPHeaderName(header.Name)) > 0 {
			r.errorf(index(field+".httpHeaders", i)+".name", "%q is not the name of an HTTP header", header.Name)
		}
	}
}

func tcpSocket(r *reporter, field string, socket *corev1.TCPSocketAction) {
	r.port(field+".port", socket.Port)
}

func grpc(r *reporter, field string, action *corev1.GRPCAction) {
	r.port(field+".port", intstr.FromInt32(action.Port))
}

func exec(r *reporter, field string, action *corev1.ExecAction) {
	if len(action.Command) == 0 {
		r.errorf(field+".command", "is required; write the program and its arguments as a list")
	}
}

func (r *reporter) port(field string, port intstr.IntOrString) {
	switch {
	case port.Type == intstr.Int && len(validation.IsValidPortNum(port.IntValue())) > 0:
		r.errorf(field, "must be a port from 1 to 65535, got %d", port.IntValue())
	case port.Type == intstr.String && len(validation.IsValidPortName(port.StrVal)) > 0:
		r.errorf(field, "%q is neither the number nor the name of a port", port.StrVal)
	}
}

func resizePolicy(r *reporter, field string, policy *corev1.ContainerResizePolicy) {
	switch policy.ResourceName {
	case corev1.ResourceCPU, corev1.ResourceMemory:
	default:
		r.errorf(field+".resourceName", "must be cpu or memory, got %q", policy.ResourceName)
	}
	r.required(field+".restartPolicy", string(policy.RestartPolicy), "NotRequired")
}

func hostAlias(r *reporter, field string, alias *corev1.HostAlias) {
	if !isAddress(alias.IP) {
		r.errorf(field+".ip", "%q is not an IP address; write for example 192.0.2.7", alias.IP)
	}
	for i, host := range alias.Hostnames {
		if len(validation.IsDNS1123Subdomain(host)) > 0 {
			r.errorf(index(field+".hostnames", i), "%q is not a host name; write for example db.example.com", host)
		}
	}
}

func isAddress(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Zone() == ""
}

// Limits of the DNS configuration of a pod, in addition to that of the cluster.
const (
	maxNameservers  = 3
	maxSearches     = 32
	maxSearchLength = 2048
)

func dnsConfig(r *reporter, field string, dns *corev1.PodDNSConfig) {
	if n := len(dns.Nameservers); n > maxNameservers {
		r.errorf(field+".nameservers", "has %d elements; Kubernetes accepts at most %d", n, maxNameservers)
	}
	for i, server := range dns.Nameservers {
		if !isAddress(server) {
			r.errorf(index(field+".nameservers", i), "%q is not an IP address; write for example 192.0.2.53", server)
		}
	}
	if n := len(dns.Searches); n > maxSearches {
		r.errorf(field+".searches", "has %d elements; Kubernetes accepts at most %d", n, maxSearches)
	}
	if n := len(strings.Join(dns.Searches, " ")); n > maxSearchLength {
		r.errorf(field+".searches", "has %d characters; Kubernetes accepts at most %d", n, maxSearchLength)
	}
	for i, search := range dns.Searches {
		if search != "." && len(validation.IsDNS1123SubdomainWithUnderscore(strings.TrimSuffix(search, "."))) > 0 {
			r.errorf(index(field+".searches", i), "%q is not a domain; write for example svc.cluster.local", search)
		}
	}
	for i, option := range dns.Options {
		r.required(index(field+".options", i)+".name", option.Name, "ndots")
	}
}

// Kind is the list of a pod that a container is in.
type Kind int

// The lists of containers.
const (
	Init Kind = iota
	Regular
)

// Pod is what the checks of its parts need to know about a pod.
type Pod struct {
	// Volumes are the names of all volumes, with their sources.
	Volumes map[string]corev1.VolumeSource
	// GracePeriod is the number of seconds that the pod has to stop.
	GracePeriod int64
}

// Container reports what the API server rejects in a container, its name and image apart.
func (p *Pod) Container(field string, container *corev1.Container, kind Kind, report Report) {
	Check(field, container, report)
	r := &reporter{report: report}
	r.ports(field+".ports", container.Ports)
	p.Mounts(field, container, report)
	seen := map[corev1.ResourceName]bool{}
	for i, policy := range container.ResizePolicy {
		if seen[policy.ResourceName] {
			r.errorf(index(field+".resizePolicy", i), "%s is used twice; keep one of the two", policy.ResourceName)
		}
		seen[policy.ResourceName] = true
		if kind == Init && !isSidecar(container) && policy.RestartPolicy == corev1.RestartContainer {
			r.errorf(index(field+".resizePolicy", i)+".restartPolicy", "must be NotRequired in an init container without "+
				"restartPolicy: Always")
		}
	}
	restartable := kind == Regular || isSidecar(container)
	for name, probe := range map[string]*corev1.Probe{
		"livenessProbe": container.LivenessProbe, "readinessProbe": container.ReadinessProbe,
		"startupProbe": container.StartupProbe,
	} {
		switch at := field + "." + name; {
		case probe == nil:
		case !restartable:
			r.errorf(at, "is not allowed in an init container without restartPolicy: Always; remove it")
		default:
			r.probe(at, name, probe)
		}
	}
	switch {
	case container.Lifecycle == nil:
	case !restartable:
		r.errorf(field+".lifecycle", "is not allowed in an init container without restartPolicy: Always; remove it")
	default:
		p.Lifecycle(field+".lifecycle", container.Lifecycle, report)
	}
}

func isSidecar(container *corev1.Container) bool {
	return container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func (r *reporter) ports(field string, ports []corev1.ContainerPort) {
	names := map[string]bool{}
	for i, port := range ports {
		field := index(field, i)
		if port.Name != "" {
			switch {
			case len(validation.IsValidPortName(port.Name)) > 0:
				r.errorf(field+".name", "%q is not the name of a port; write at most 15 lower-case letters, digits and "+
					"hyphens, with at least one letter", port.Name)
			case names[port.Name]:
				r.errorf(field+".name", "%q is used twice; choose another name", port.Name)
			}
			names[port.Name] = true
		}
		if len(validation.IsValidPortNum(int(port.ContainerPort))) > 0 {
			r.errorf(field+".containerPort", "must be a port from 1 to 65535, got %d", port.ContainerPort)
		}
		if port.HostPort != 0 && len(validation.IsValidPortNum(int(port.HostPort))) > 0 {
			r.errorf(field+".hostPort", "must be a port from 1 to 65535, got %d", port.HostPort)
		}
	}
}

// HostPorts reports ports of the node that several containers use.
func HostPorts(field string, containers []corev1.Container, report Report) {
	type hostPort struct {
		protocol corev1.Protocol
		address  string
		number   int32
	}
	seen := map[hostPort]bool{}
	for i, container := range containers {
		for j, port := range container.Ports {
			if port.HostPort == 0 {
				continue
			}
			key := hostPort{port.Protocol, port.HostIP, port.HostPort}
			if key.protocol == "" {
				key.protocol = corev1.ProtocolTCP
			}
			if seen[key] {
				report(index(index(field, i)+".ports", j)+".hostPort", "%d is used twice; choose another port", port.HostPort)
			}
			seen[key] = true
		}
	}
}

func (r *reporter) probe(field, name string, probe *corev1.Probe) {
	r.exactlyOne(field, "exec, httpGet, tcpSocket and grpc",
		probe.Exec != nil, probe.HTTPGet != nil, probe.TCPSocket != nil, probe.GRPC != nil)
	for number, value := range map[string]int32{
		"initialDelaySeconds": probe.InitialDelaySeconds, "timeoutSeconds": probe.TimeoutSeconds,
		"periodSeconds": probe.PeriodSeconds, "successThreshold": probe.SuccessThreshold,
		"failureThreshold": probe.FailureThreshold,
	} {
		if value < 0 {
			r.errorf(field+"."+number, "must be 0 or more, got %d", value)
		}
	}
	if name != "readinessProbe" && probe.SuccessThreshold > 1 {
		r.errorf(field+".successThreshold", "must be 1, got %d", probe.SuccessThreshold)
	}
	switch seconds := probe.TerminationGracePeriodSeconds; {
	case seconds == nil:
	case name == "readinessProbe":
		r.errorf(field+".terminationGracePeriodSeconds", "is not allowed in a readiness probe; remove it")
	case *seconds <= 0:
		r.errorf(field+".terminationGracePeriodSeconds", "must be 1 or more, got %d", *seconds)
	}
}

// Lifecycle reports what the API server rejects in what a container does after it started and before it stops.
func (p *Pod) Lifecycle(field string, lifecycle *corev1.Lifecycle, report Report) {
	r := &reporter{report: report}
	if lifecycle.StopSignal != nil {
		r.errorf(field+".stopSignal", "requires spec.os.name of the pod, which the operator does not set; remove it")
	}
	for name, handler := range map[string]*corev1.LifecycleHandler{
		"postStart": lifecycle.PostStart, "preStop": lifecycle.PreStop,
	} {
		if handler == nil {
			continue
		}
		field := field + "." + name
		r.exactlyOne(field, "exec, httpGet, tcpSocket and sleep",
			handler.Exec != nil, handler.HTTPGet != nil, handler.TCPSocket != nil, handler.Sleep != nil)
		if sleep := handler.Sleep; sleep != nil && (sleep.Seconds < 0 || sleep.Seconds > p.GracePeriod) {
			r.errorf(field+".sleep.seconds", "must be from 0 to the %d seconds that the pod has to stop "+
				"(spec.pod.terminationGracePeriodSeconds), got %d", p.GracePeriod, sleep.Seconds)
		}
	}
}
