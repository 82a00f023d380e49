// SPDX-License-Identifier: Apache-2.0

package importer

import "strconv"

const fieldService = "spec.service."

// outsideService translates the type of a Service that clients outside the cluster use, and reports whether it is one.
func (t *translation) outsideService(kind *value, field string) bool {
	switch kind.string() {
	case "", "ClusterIP":
		t.unnecessary(kind, "the operator's Service is one inside the cluster")
		return false
	case "LoadBalancer", "NodePort":
		t.textTo(field+"type", kind)
		return true
	}
	t.notTranslated(kind, "write a Service of your own next to the configuration: mattermost-fn changes only its own")
	return false
}

// chartService translates the Service of a chart.
func (t *translation) chartService(service *value) {
	if !t.outsideService(service.at("type"), fieldService) {
		return
	}
	t.copyTo(fieldService+"annotations", service.at("annotations"))
	t.copyTo(fieldService+"sourceRanges", service.at("loadBalancerSourceRanges"))
	if port := service.at("externalPort"); !port.empty() {
		if number, err := strconv.Atoi(port.string()); err == nil {
			t.set(fieldService+"port", number, port)
		}
	}
	t.newAddress()
}

// newAddress says that the Service for clients outside the cluster is a new one.
func (t *translation) newAddress() {
	t.todo("clients outside the cluster use a new Service, %s-external: move the DNS name of the site to its address "+
		"(kubectl -n %s get service %[1]s-external)", t.name, t.namespace)
}

// operatorService translates the operator's own fields of its Service.
func (t *translation) operatorService(spec *value) {
	balancer := spec.at("useServiceLoadBalancer")
	if balancer.bool() {
		t.config.set(fieldService+"type", "LoadBalancer", balancer.sourceKeys()...)
		t.mark(balancer, Translated, "", fieldService+"type")
		t.newAddress()
		t.todo("the load balancer passes port 443 only; for another port set spec.service.port")
	} else {
		t.off(balancer, "the default")
	}
	t.copyTo(fieldService+"annotations", spec.at("serviceAnnotations"))
}

// udsCalls translates the Service for the media of calls of the UDS package.
func (t *translation) udsCalls(service *value) {
	if !service.at("enabled").bool() {
		t.off(service, "rtcService.enabled is not true")
		return
	}
	const field = "spec.calls."
	t.set(field+"enabled", true, service.at("enabled"))
	if kind := service.at("type"); kind.string() == "LoadBalancer" {
		t.unnecessary(kind, "the default")
	} else {
		t.textTo(field+"service.type", kind)
	}
	t.copyTo(field+"service.annotations", service.at("annotations"))
	for _, port := range service.at("ports").all() {
		number, err := strconv.Atoi(firstOf(port.at("targetPort"), port.at("port")).string())
		switch {
		case err != nil:
			t.notTranslated(port, "set spec.calls.port to the port on which the plugin listens")
		case number == 8443:
			t.unnecessary(port, "the default of spec.calls.port")
		default:
			t.config.set(field+"port", number, port.sourceKeys()...)
			t.mark(port, Translated, "", field+"port")
		}
	}
	t.todo("set spec.calls.host to the host name or address of the load balancer of Service %s-calls, which is new",
		t.name)
}
