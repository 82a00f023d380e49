// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// facts are what a rendered installation does, by name, in a form in which two ways to render it can be compared.
type facts map[string]string

// object is a rendered object as plain values.
type object map[string]any

// parseObjects reads YAML documents.
func parseObjects(t *testing.T, manifests []byte) []object {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(manifests))
	var objects []object
	for {
		var o object
		if decoder.Decode(&o) != nil {
			return objects
		}
		if len(o) > 0 {
			objects = append(objects, o)
		}
	}
}

// in returns a value in an object; nil if it is not there.
func in(value any, path ...any) any {
	for _, key := range path {
		switch key := key.(type) {
		case string:
			object, ok := value.(map[string]any)
			if !ok {
				if named, isObject := value.(object_); isObject {
					object = named
				}
			}
			value = object[key]
		case int:
			list, _ := value.([]any)
			if key >= len(list) {
				return nil
			}
			value = list[key]
		}
	}
	return value
}

// object_ is the same as object, for in.
type object_ = object

// text returns a value as text; a mapping or list as JSON with sorted keys.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool, int, float64:
		return fmt.Sprint(value)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

// extraction collects the facts of one rendered installation.
type extraction struct {
	facts
	objects []object
	// secrets are the values by name and key of the Secret.
	secrets map[string]string
	server  object
}

// extract returns the facts of a rendered installation of that name.
func extract(objects []object) facts {
	e := &extraction{facts: facts{}, objects: objects, secrets: map[string]string{}}
	for _, o := range objects {
		if text(o["kind"]) == "Secret" {
			for key, value := range mapping(o["stringData"]) {
				e.secrets[name(o)+"/"+key] = text(value)
			}
			for key, value := range mapping(o["data"]) {
				decoded, _ := base64.StdEncoding.DecodeString(text(value))
				e.secrets[name(o)+"/"+key] = string(decoded)
			}
		}
		if text(o["kind"]) == "Mattermost" {
			e.server = o
		}
	}
	e.size()
	e.environment()
	e.files()
	e.pods()
	e.routes()
	e.mesh()
	e.policies()
	e.metrics()
	return e.facts
}

func mapping(value any) map[string]any {
	m, ok := value.(map[string]any)
	if !ok {
		if o, isObject := value.(object); isObject {
			return o
		}
	}
	return m
}

func name(o object) string { return text(in(mapping(o["metadata"]), "name")) }

// set records a fact, unless it is empty.
func (e *extraction) set(name, value string) {
	if value != "" && value != "{}" && value != "[]" && value != "null" {
		e.facts[name] = value
	}
}

// all returns the objects of a kind.
func (e *extraction) all(kind string) []object {
	var found []object
	for _, o := range e.objects {
		if text(o["kind"]) == kind {
			found = append(found, o)
		}
	}
	return found
}

// operatorSizes is what the operator makes of a size (1.25.9); it ignores any other text.
var operatorSizes = map[string][2]string{
	"1000users": {"2", `{"limits":{"cpu":"2","memory":"4Gi"},"requests":{"cpu":"150m","memory":"256Mi"}}`},
}

// size records image, number and resources of the servers.
func (e *extraction) size() {
	spec := mapping(e.server["spec"])
	e.set("image", text(spec["image"])+":"+text(spec["version"]))
	e.set("image pull policy", text(spec["imagePullPolicy"]))
	e.set("image pull secrets", text(spec["imagePullSecrets"]))
	replicas, resources := text(spec["replicas"]), text(in(spec["scheduling"], "resources"))
	if size, ok := operatorSizes[text(spec["size"])]; ok {
		replicas, resources = size[0], size[1]
	}
	e.set("replicas", replicas)
	e.set("resources", strings.NewReplacer(`"cpu":2,`, `"cpu":"2",`).Replace(resources))
}

// environment records the variables as the server reads them: over those of the operator, Secrets of the chart
// resolved, and a variable that is not set has the server's default.
func (e *extraction) environment() {
	spec := mapping(e.server["spec"])
	env := map[string]string{"MM_PLUGINSETTINGS_ENABLEUPLOADS": "true", "MM_METRICSSETTINGS_ENABLE": "true",
		"MM_CLUSTERSETTINGS_ENABLE": "true"}
	external := mapping(in(spec["fileStore"], "external"))
	if external != nil {
		env["MM_FILESETTINGS_AMAZONS3SSL"] = "true"
		env["MM_FILESETTINGS_AMAZONS3BUCKET"] = text(external["bucket"])
		env["MM_FILESETTINGS_AMAZONS3ENDPOINT"] = text(external["url"])
	}
	for _, variable := range list(spec["mattermostEnv"]) {
		env[text(in(variable, "name"))] = e.value(variable)
	}
	dsn := env["MM_CONFIG"]
	if dsn == "" {
		secret := text(in(spec["database"], "external", "secret"))
		dsn = e.secrets[secret+"/DB_CONNECTION_STRING"]
		e.set("database secret", secret)
	}
	e.database(dsn, env["PGUSER"])
	if text(spec["licenseSecret"]) != "" {
		e.set("license", text(spec["licenseSecret"])+"/license")
	} else {
		e.set("license", env["MM_LICENSE"])
	}
	for _, decided := range []string{"MM_CONFIG", "MM_SQLSETTINGS_DATASOURCE", "PGUSER", "PGPASSWORD", "MM_LICENSE"} {
		delete(env, decided)
	}
	e.set("site URL", env["MM_SERVICESETTINGS_SITEURL"])
	delete(env, "MM_SERVICESETTINGS_SITEURL")
	for _, variable := range slices.Sorted(maps.Keys(env)) {
		setting, known := settings.FindEnv(variable)
		if known && defaultText(setting) == env[variable] {
			continue
		}
		e.set("env "+variable, env[variable])
	}
}

// defaultText returns the default of a setting as its environment variable.
func defaultText(setting settings.Setting) string {
	var value any
	if json.Unmarshal([]byte(setting.Default), &value) != nil {
		return setting.Default
	}
	return text(value)
}

// value returns the value of a variable; a Secret that is not in the rendered objects is named.
func (e *extraction) value(variable any) string {
	ref := mapping(in(variable, "valueFrom", "secretKeyRef"))
	if ref == nil {
		return text(in(variable, "value"))
	}
	place := text(ref["name"]) + "/" + text(ref["key"])
	variableName := text(in(variable, "name"))
	if setting, known := settings.FindEnv(variableName); known && setting.Sensitive {
		return "(secret)"
	}
	if value, known := e.secrets[place]; known && variableName != "MM_LICENSE" {
		return value
	}
	return "(secret " + place + ")"
}

// database records where the messages are, without the password.
func (e *extraction) database(dsn, user string) {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return
	}
	if u.User != nil {
		user = u.User.Username()
	}
	host := strings.TrimSuffix(strings.TrimSuffix(u.Hostname(), ".cluster.local"), ".svc")
	e.set("database host", host+":"+u.Port())
	e.set("database name", strings.TrimPrefix(u.Path, "/"))
	e.set("database role", user)
	for key, values := range u.Query() {
		e.set("database "+key, values[0])
	}
}

// files records where the files are.
func (e *extraction) files() {
	external := mapping(in(e.server["spec"], "fileStore", "external"))
	e.set("files credentials", text(external["secret"]))
	for _, account := range e.all("ServiceAccount") {
		e.set("files role", text(in(account["metadata"], "annotations", "eks.amazonaws.com/role-arn")))
	}
}

// pods records what the pods have beyond the server.
func (e *extraction) pods() {
	spec := mapping(e.server["spec"])
	scheduling, template := mapping(spec["scheduling"]), mapping(spec["podTemplate"])
	e.set("affinity", text(scheduling["affinity"]))
	e.set("node selector", text(scheduling["nodeSelector"]))
	e.set("tolerations", text(scheduling["tolerations"]))
	e.set("volumes", text(spec["volumes"]))
	e.set("volume mounts", text(spec["volumeMounts"]))
	for _, kind := range []string{"extraLabels", "extraAnnotations"} {
		for key, value := range mapping(template[kind]) {
			if !strings.Contains(key, "helm.sh/") && !strings.HasPrefix(key, "app.kubernetes.io/") &&
				!strings.Contains(key, "secrets-checksum") {
				e.set("pod "+strings.ToLower(strings.TrimPrefix(kind, "extra"))+" "+key, text(value))
			}
		}
	}
	for _, context := range []string{"securityContext", "containerSecurityContext"} {
		for key, value := range mapping(template[context]) {
			e.set("pod "+context+" "+key, text(value))
		}
	}
}

// routes records how users reach the site.
func (e *extraction) routes() {
	for _, route := range e.all("VirtualService") {
		spec := mapping(route["spec"])
		e.set("route hosts", text(spec["hosts"]))
		e.set("route gateways", text(spec["gateways"]))
		destination := mapping(in(list(spec["http"]), 0, "route", 0, "destination"))
		host, _, _ := strings.Cut(text(destination["host"]), ".")
		e.set("route destination", host+":"+text(in(destination, "port", "number")))
	}
}

// mesh records what is set in the service mesh for the servers.
func (e *extraction) mesh() {
	for _, o := range e.all("PeerAuthentication") {
		e.set("mesh mutual TLS", text(in(o["spec"], "mtls", "mode")))
	}
	for _, o := range e.all("Sidecar") {
		e.set("mesh egress", text(in(o["spec"], "outboundTrafficPolicy", "mode")))
	}
	hosts := map[string]bool{}
	for _, o := range e.all("ServiceEntry") {
		for _, host := range list(in(o["spec"], "hosts")) {
			hosts[text(host)] = true
		}
	}
	for host := range hosts {
		e.set("mesh reaches "+host, "yes")
	}
	for _, o := range e.all("AuthorizationPolicy") {
		selector := mapping(in(o["spec"], "selector", "matchLabels"))
		if text(selector["app"]) != "mattermost" && text(selector["app.kubernetes.io/name"]) != "mattermost" {
			continue
		}
		for _, rule := range list(in(o["spec"], "rules")) {
			port := "any port"
			if ports := list(in(rule, "to", 0, "operation", "ports")); len(ports) > 0 {
				port = text(ports[0])
			}
			for _, from := range list(in(rule, "from")) {
				for _, kind := range []string{"principals", "namespaces"} {
					for _, who := range list(in(from, "source", kind)) {
						e.set("mesh authorizes "+text(who)+" to "+port, "yes")
					}
				}
			}
		}
	}
}

// policies records the flows that network policies allow to and from the servers.
func (e *extraction) policies() {
	for _, o := range e.all("NetworkPolicy") {
		spec := mapping(o["spec"])
		selector := mapping(in(spec, "podSelector", "matchLabels"))
		ofServers := len(selector) == 0 || text(selector["app"]) == "mattermost" ||
			text(selector["app.kubernetes.io/name"]) == "mattermost"
		if !ofServers {
			continue
		}
		if len(selector) == 0 || len(list(spec["policyTypes"])) > 0 {
			for _, direction := range list(spec["policyTypes"]) {
				e.set("policy denies other "+text(direction), "yes")
			}
		}
		for _, direction := range []string{"ingress", "egress"} {
			for _, rule := range list(spec[direction]) {
				e.flows(direction, mapping(rule))
			}
		}
	}
}

func (e *extraction) flows(direction string, rule map[string]any) {
	peers, ports := list(rule["to"]), []string{}
	if direction == "ingress" {
		peers = list(rule["from"])
	}
	for _, port := range list(rule["ports"]) {
		protocol := text(in(port, "protocol"))
		if protocol == "" {
			protocol = "TCP"
		}
		ports = append(ports, text(in(port, "port"))+"/"+protocol)
	}
	if len(ports) == 0 {
		ports = []string{"any port"}
	}
	if len(peers) == 0 {
		peers = []any{nil}
	}
	for _, peer := range peers {
		who := "anyone"
		switch {
		case in(peer, "ipBlock") != nil:
			who = text(in(peer, "ipBlock", "cidr"))
		case in(peer, "namespaceSelector") != nil:
			labels := mapping(in(peer, "namespaceSelector", "matchLabels"))
			who = "namespace " + text(labels["kubernetes.io/metadata.name"])
		case in(peer, "podSelector") != nil:
			who = "pods " + text(in(peer, "podSelector", "matchLabels"))
		}
		for _, port := range ports {
			e.set("policy "+direction+" "+who+" "+port, "yes")
		}
	}
}

// metrics records how Prometheus scrapes the servers.
func (e *extraction) metrics() {
	for _, o := range e.all("ServiceMonitor") {
		endpoint := mapping(in(o["spec"], "endpoints", 0))
		for _, key := range []string{"port", "scheme", "interval", "tlsConfig"} {
			e.set("metrics "+key, text(endpoint[key]))
		}
	}
	for _, o := range e.all("ConfigMap") {
		if labels := mapping(in(o["metadata"], "labels")); text(labels["grafana_dashboard"]) != "" {
			e.set("metrics dashboard", "yes")
		}
	}
}
