// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// controllers are the Ingress controllers whose class usually has their name, and the prefixes of their annotations.
var controllers = []struct {
	classes, prefixes []string
}{
	{[]string{"nginx"}, []string{"nginx.ingress.kubernetes.io/", "nginx.org/"}},
	{[]string{"alb"}, []string{"alb.ingress.kubernetes.io/"}},
	{[]string{"gce", "gce-internal"}, []string{"networking.gke.io/", "ingress.gcp.kubernetes.io/"}},
	{[]string{"traefik"}, []string{"traefik.ingress.kubernetes.io/"}},
	{[]string{"haproxy"}, []string{"haproxy.org/", "haproxy-ingress.github.io/"}},
	{[]string{"kong"}, []string{"konghq.com/"}},
	{[]string{"contour"}, []string{"projectcontour.io/"}},
}

// ingressClassAnnotation is the old way to name the class.
const ingressClassAnnotation = "kubernetes.io/ingress.class"

// certManager begins the annotations with which cert-manager requests the certificate of an Ingress.
const certManager = "cert-manager.io/"

// isForIngress reports whether only an Ingress has an annotation.
func isForIngress(key string) bool {
	if key == ingressClassAnnotation || strings.HasPrefix(key, certManager) {
		return true
	}
	for _, controller := range controllers {
		if hasPrefix(key, controller.prefixes) {
			return true
		}
	}
	return false
}

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

func ingress(s *subject, route *v1alpha1.Route) {
	switch route.IngressClass {
	case "":
		s.errorf("spec.route.ingressClass", "is required: without it the operator uses nginx, whatever is installed. "+
			"Set it to a class that `kubectl get ingressclass` shows")
	case s.Name:
		s.errorf("spec.route.ingressClass", "%q is the installation's own name, and the operator deletes an IngressClass "+
			"of that name; rename the installation (metadata.name)", route.IngressClass)
	case "alb":
		albIngress(s, route)
	case "gce", "gce-internal":
		gceIngress(s, route)
	}
	if route.TLSSecret == "" && route.IngressClass != "alb" && !hasManagedCertificate(route) {
		s.warnf("spec.route.tlsSecret", "is not set, so the Ingress has no TLS unless the controller has a default "+
			"certificate, although the site's URL begins with https://. Set it to the name of a Secret of "+
			"type kubernetes.io/tls")
	}
	operatorAnnotations(s, route)
	ingressAnnotations(s, route)
}

// albIngress checks what the AWS Load Balancer Controller needs (main in August 2026). With targets of type instance,
// its default, it rejects a Service without node ports (pkg/ingress/model_build_target_group.go), and the operator's is
// headless. It takes certificates from ACM only, and listens to HTTPS only if it is told a certificate or a port.
func albIngress(s *subject, route *v1alpha1.Route) {
	const targetType, ports = "alb.ingress.kubernetes.io/target-type", "alb.ingress.kubernetes.io/listen-ports"
	const why = "the operator's Service is headless, and the AWS Load Balancer Controller rejects it for targets of " +
		"type instance"
	switch given, ok := route.Annotations[targetType]; {
	case !ok:
		s.warnf("spec.route.annotations", "%s, its default. Set %s: ip, unless ip is the default of your controller", why,
			targetType)
	case given != "ip":
		s.errorf(entry("spec.route.annotations", targetType), "must be ip, got %q: %s", given, why)
	}
	if route.TLSSecret != "" {
		s.warnf("spec.route.tlsSecret", "is not read by the AWS Load Balancer Controller, which takes certificates from "+
			"ACM; set the annotation alb.ingress.kubernetes.io/certificate-arn instead")
	}
	_, hasCertificate := route.Annotations["alb.ingress.kubernetes.io/certificate-arn"]
	given, hasPorts := route.Annotations[ports]
	if hasPorts && !strings.Contains(given, "HTTPS") || !hasPorts && !hasCertificate {
		s.warnf("spec.route.annotations", "without HTTPS the load balancer does not serve the site, whose URL begins with "+
			"https://. Set alb.ingress.kubernetes.io/certificate-arn, or %s: '[{\"HTTPS\": 443}]' if ACM has a "+
			"certificate for the host", ports)
	}
}

// gceIngress checks what Google's controller needs (ingress-gce, main in August 2026). It ignores an Ingress whose
// class is only in spec.ingressClassName (pkg/utils/utils.go, IsGCEIngress), and rejects a Service without node ports
// unless it has NEGs (pkg/controller/translator/translator.go). GKE adds the annotation for them in most clusters.
func gceIngress(s *subject, route *v1alpha1.Route) {
	if _, ok := route.Annotations[ingressClassAnnotation]; !ok {
		s.errorf("spec.route.annotations", "requires %s: %s: Google's controller ignores an Ingress whose class is only in "+
			"ingressClassName", ingressClassAnnotation, route.IngressClass)
	}
	const neg = "cloud.google.com/neg"
	if !slices.ContainsFunc(s.spec.Patches, func(p v1alpha1.Patch) bool { return strings.Contains(p.Patch, neg) }) {
		s.warnf("spec.route.ingressClass", "%s needs network endpoint groups, since the operator's Service is headless. "+
			"Where GKE does not add the annotation %s: '{\"ingress\": true}' to Services, add it to spec.serviceAnnotations "+
			"of the Mattermost resource with spec.patches", route.IngressClass, neg)
	}
}

// hasManagedCertificate reports whether a certificate is named in another way than by a Secret.
func hasManagedCertificate(route *v1alpha1.Route) bool {
	for _, key := range []string{
		"networking.gke.io/managed-certificates", "ingress.gcp.kubernetes.io/pre-shared-cert",
	} {
		if route.Annotations[key] != "" {
			return true
		}
	}
	return false
}

// bodySize is the annotation that the operator also reads the largest upload from.
const bodySize = "nginx.ingress.kubernetes.io/proxy-body-size"

// bodySizeUnit finds a size in mega- or gigabytes, bodySizeValue one that the operator can read.
var (
	bodySizeUnit  = pattern(`[mMgG]$`)
	bodySizeValue = pattern(`^[1-9][0-9]*[mMgG]$`)
)

// operatorAnnotations checks annotations that the operator drops or cannot parse (version 1.25.9).
func operatorAnnotations(s *subject, route *v1alpha1.Route) {
	for key, value := range route.Annotations {
		field := entry("spec.route.annotations", key)
		switch {
		case key == bodySize && value == "":
			s.errorf(field, "is empty, so the operator silently fails at every attempt; "+
				"write a size such as 1000m, or remove it")
		case key == bodySize && bodySizeUnit().MatchString(value) && !bodySizeValue().MatchString(value):
			s.errorf(field, "%q is read as 0 by the operator, which uses it as the maximum upload size, "+
				"so the server does not start; write an integer such as 1500m", value)
		case key == bodySize && !bodySizeUnit().MatchString(value):
			s.warnf(field, "%q has no unit that the operator supports, so the server still rejects uploads above 1000 MiB; "+
				"use m or g, such as 2000m", value)
		case strings.Contains(key, "snippet") || strings.Contains(value, "\n"):
			s.errorf(field, "is dropped by the operator, like all snippets and line breaks; remove it")
		}
	}
}

// tlsToServers are annotations that make a controller use TLS for its connections to the servers, with the values that
// do.
var tlsToServers = map[string][]string{
	"nginx.ingress.kubernetes.io/backend-protocol":        {"HTTPS", "GRPCS"},
	"nginx.ingress.kubernetes.io/ssl-passthrough":         {"true"},
	"nginx.ingress.kubernetes.io/secure-backends":         {"true"},
	"alb.ingress.kubernetes.io/backend-protocol":          {"HTTPS"},
	"alb.ingress.kubernetes.io/healthcheck-protocol":      {"HTTPS"},
	"haproxy.org/server-ssl":                              {"true"},
	"haproxy.org/ssl-passthrough":                         {"true"},
	"haproxy-ingress.github.io/ssl-passthrough":           {"true"},
	"haproxy-ingress.github.io/secure-backends":           {"true"},
	"traefik.ingress.kubernetes.io/service.serversscheme": {"https"},
}

// ingressAnnotations checks annotations of Ingress controllers that contradict a field, or are for another controller.
func ingressAnnotations(s *subject, route *v1alpha1.Route) {
	for _, key := range slices.Sorted(maps.Keys(route.Annotations)) {
		value, field := route.Annotations[key], entry("spec.route.annotations", key)
		isTLS := func(text string) bool { return strings.EqualFold(text, value) }
		switch {
		case key == ingressClassAnnotation && route.IngressClass != "" && value != route.IngressClass:
			s.errorf(field, "%q differs from spec.route.ingressClass, %q, and the API server rejects the Ingress; remove it",
				value, route.IngressClass)
		case slices.ContainsFunc(tlsToServers[key], isTLS):
			s.errorf(field, "%q makes the controller use TLS, but the servers use plain HTTP, so no request succeeds; "+
				"remove it", value)
		case strings.HasPrefix(key, certManager) && strings.HasSuffix(key, "issuer") && route.TLSSecret == "":
			s.warnf(field, "has no effect without spec.route.tlsSecret, the Secret into which cert-manager writes the "+
				"certificate; set that")
		case isForAnother(route.IngressClass, key) && !strings.Contains(key, "snippet"): // an error above
			s.warnf(field, "is for another Ingress controller than that of class %s, and has no effect; remove it",
				route.IngressClass)
		}
	}
	smallBody(s, route)
}

// isForAnother reports whether an annotation is for another controller than the one that usually has the class. The
// operator reads the size itself, and Traefik reads those of nginx.
func isForAnother(class, key string) bool {
	if key == bodySize || class == "traefik" && strings.HasPrefix(key, "nginx.ingress.kubernetes.io/") {
		return false
	}
	known, foreign := false, false
	for _, controller := range controllers {
		own := slices.Contains(controller.classes, class)
		known = known || own
		if hasPrefix(key, controller.prefixes) {
			if own {
				return false
			}
			foreign = true
		}
	}
	return known && foreign
}

// smallBody reports a largest upload that the controller rejects before the server sees it. Without the annotation the
// operator sets 1000M, and reads the server's largest upload from it unless a setting says otherwise.
func smallBody(s *subject, route *v1alpha1.Route) {
	value, given := route.Annotations[bodySize]
	size, known := s.variable("MM_FILESETTINGS_MAXFILESIZE")
	if !given && route.IngressClass != "nginx" || !known || !size.known {
		return
	}
	if !given {
		value = "1000M"
	}
	if !bodySizeValue().MatchString(value) {
		return
	}
	limit, _ := strconv.ParseInt(value[:len(value)-1], 10, 64)
	unit := int64(1 << 20)
	if strings.HasSuffix(strings.ToLower(value), "g") {
		unit = 1 << 30
	}
	if wanted, err := strconv.ParseInt(size.value, 10, 64); err == nil && limit < wanted/unit {
		s.warnf(size.field, "%sallows uploads of %d bytes, but the Ingress controller rejects those above %s; "+
			"set the annotation %s in spec.route.annotations too", size.prefix(), wanted, value, bodySize)
	}
}
