// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"strconv"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// ownServices translates the Services for clients outside the cluster that mattermost-fn emitted.
func (t *translation) ownServices(spec *value) {
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	if service := t.cluster.find("", "Service", names.ExternalServiceName()); service.isOurs() {
		t.ownService(service, fieldService)
		for _, port := range service.at("spec", "ports").all() {
			if number, ok := port.at("port").int(); ok {
				t.config.set(fieldService+"port", number, port.sourceKeys()...)
			}
		}
		t.copyTo(fieldService+"sourceRanges", service.at("spec", "loadBalancerSourceRanges"))
	}
	port := t.find("MM_CALLS_UDP_SERVER_PORT")
	if port == nil || port.valueFrom != nil {
		return
	}
	const field = "spec.calls."
	number, err := strconv.Atoi(port.text)
	if err != nil {
		return
	}
	port = t.take("MM_CALLS_UDP_SERVER_PORT")
	t.config.set(field+"enabled", true, port.key())
	t.setVariable(field+"port", number, *port)
	if host := t.find("MM_CALLS_ICE_HOST_OVERRIDE"); host != nil && host.valueFrom == nil {
		host = t.take("MM_CALLS_ICE_HOST_OVERRIDE")
		t.setVariable(field+"host", host.text, *host)
	}
	for _, name := range []string{"MM_CALLS_TCP_SERVER_PORT", "MM_CALLS_ICE_HOST_PORT_OVERRIDE"} {
		if v := t.take(name); v != nil {
			t.mark(v.from, Translated, "", field+"port")
		}
	}
	t.off(spec.at("podExtensions", "containerPorts"), "spec.calls sets them")
	if service := t.cluster.find("", "Service", names.CallsServiceName()); service.isOurs() {
		t.ownService(service, field+"service.")
	} else {
		t.todo("the Service %s for calls is not in the input: import it too, or set spec.calls.service",
			names.CallsServiceName())
	}
}

// ownService translates type, annotations and the port of the nodes.
func (t *translation) ownService(service *value, field string) {
	t.textTo(field+"type", service.at("spec", "type"))
	kept := map[string]any{}
	annotations := service.at("metadata", "annotations")
	for _, key := range annotations.keysOf() {
		if !ownership.IsMetadata(key) {
			kept[key] = annotations.fields[key].string()
		}
	}
	if len(kept) > 0 {
		t.config.set(field+"annotations", kept, annotations.sourceKeys()...)
	}
	for _, port := range service.at("spec", "ports").all() {
		if number, ok := port.at("nodePort").int(); ok && number > 0 {
			t.config.set(field+"nodePort", number, port.sourceKeys()...)
		}
	}
	t.unnecessary(service, "follows "+field[:len(field)-1])
}
