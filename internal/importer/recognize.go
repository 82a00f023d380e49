// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

// add recognizes a document and adds it to the inputs. Lists of objects are taken apart.
func (t *translation) add(document *value) error {
	kind := document.at("kind").string()
	if kind == "" || document.at("apiVersion").string() == "" {
		of := recognize(document)
		if of == unknownSource {
			return fmt.Errorf("%s:%d: not recognized: expected values of Big Bang, of UDS, or of one of Mattermost's Helm "+
				"charts, or resources with apiVersion and kind (kubectl get mattermost -o yaml)", document.file, document.line)
		}
		t.inputs = append(t.inputs, input{document, of})
		return nil
	}
	if items := document.at("items"); strings.HasSuffix(kind, "List") && items != nil {
		t.wrapper(document, "the list around the objects", "items")
		for _, item := range items.items {
			if item.kind != yaml.MappingNode {
				return fmt.Errorf("%s:%d: expected an object in the list", item.file, item.line)
			}
			if err := t.add(item.relative(item.path)); err != nil {
				return err
			}
		}
		return nil
	}
	of := otherObject
	switch group := document.group(); {
	case mattermostv1beta1.Is(group, kind):
		of = mattermostResource
	case group == "mattermost.com" && kind == "ClusterInstallation":
		of = clusterInstallation
	case kind == "HelmRelease":
		return t.helmRelease(document)
	case kind == "MattermostConfig":
		return fmt.Errorf("%s:%d: is a MattermostConfig already; import reads what it should be made of", document.file,
			document.line)
	}
	if of != otherObject && t.installation() != nil {
		return fmt.Errorf("%s:%d: there are several installations; import one at a time (kubectl get mattermost NAME -o "+
			"yaml)",
			document.file, document.line)
	}
	t.inputs = append(t.inputs, input{document, of})
	t.cluster.objects = append(t.cluster.objects, document)
	return nil
}

// helmRelease takes the values out of Flux's resource.
func (t *translation) helmRelease(release *value) error {
	values := release.at("spec", "values")
	if values == nil {
		return fmt.Errorf("%s:%d: HelmRelease without spec.values; import the values that it refers to "+
			"(helm get values RELEASE -o yaml)", release.file, release.line)
	}
	values = values.relative(values.path)
	if err := t.add(values); err != nil {
		return err
	}
	around := t.wrapper(release, "Flux is not needed", "spec", "values")
	t.notTranslated(around.at("spec", "valuesFrom"), "the release also has values from Secrets or ConfigMaps: import the "+
		"merged values instead (helm get values RELEASE -o yaml)")
	if namespace := around.at("spec", "targetNamespace"); namespace != nil && t.namespace == "" {
		t.namespace = namespace.string()
		t.mark(namespace, Translated, "", "metadata.namespace")
	}
	t.off(around, "Flux is not needed")
	return nil
}

// wrapper adds an object around others as an input, without the field that contains them.
func (t *translation) wrapper(object *value, why string, contents ...string) *value {
	around := object.without(contents...)
	t.inputs = append(t.inputs, input{around, otherObject})
	if len(contents) == 1 {
		t.off(around, why)
	}
	return around
}

// without returns a mapping without the field at a path of keys.
func (v *value) without(path ...string) *value {
	rest := *v
	rest.keys, rest.fields = nil, map[string]*value{}
	for _, key := range v.keys {
		switch {
		case key != path[0]:
			rest.set(key, v.fields[key])
		case len(path) > 1 && v.fields[key].kind == yaml.MappingNode:
			rest.set(key, v.fields[key].without(path[1:]...))
		}
	}
	return &rest
}

// relative returns the value with its path and those below it shortened by a prefix.
func (v *value) relative(prefix string) *value {
	short := *v
	short.path = strings.TrimPrefix(strings.TrimPrefix(v.path, prefix), ".")
	if v.fields != nil {
		short.fields = map[string]*value{}
		for key, inner := range v.fields {
			short.fields[key] = inner.relative(prefix)
		}
	}
	short.items = nil
	for _, item := range v.items {
		short.items = append(short.items, item.relative(prefix))
	}
	return &short
}

// installation returns the resource of the operator; nil if there is none.
func (t *translation) installation() *value {
	i := slices.IndexFunc(t.inputs, func(in input) bool {
		return in.source == mattermostResource || in.source == clusterInstallation
	})
	if i < 0 {
		return nil
	}
	return t.inputs[i].value
}

// typical are keys that only one of the charts has, from the most to the least certain.
var typical = []struct {
	of   source
	keys []string
}{
	{umbrella, []string{"addons.mattermost", "addons"}},
	{bigBang, []string{"mattermostEnvs", "existingSecretEnvs", "fileStore", "routes.inbound.chat", "sso.client_id",
		"istio.mattermost", "istio.chat", "postgresql.install", "minio.install", "updateJob", "bbtests", "enterprise.license",
		"enterprise.enabled", "database.secret", "users"}},
	{uds, []string{"subdomain", "postgres", "objectStorage.secretRef", "storage.internal", "mattermostLicense",
		"sso.requiredGroups", "rtcService", "additionalNetworkAllow", "variables", "common"}},
	{enterpriseEdition, []string{"mysqlha", "mattermost-elasticsearch", "global.features.database.useInternal",
		"global.features.database.external", "global.features.loadTest", "global.features.elasticsearch",
		"global.features.grafana", "global.features.notifications", "global.siteName", "minio.enabled"}},
	{mattermostChart, []string{"mattermostApp", "global.features.fileStore", "global.features.database.dataSource",
		"global.features.database.driver", "global.siteUrl"}},
	{pushProxy, []string{"applePushSettings", "androidPushSettings"}},
	{rtcd, []string{"deploymentType", "configuration.environmentVariables", "service.RTCport", "service.APIport"}},
	{offloader, []string{"volumeConfig", "efsVolume", "nfsVolume", "persistentVolume"}},
	{teamEdition, []string{"externalDB", "mysql", "persistence.data", "persistence.plugins", "extraEnvVars",
		"initContainerImage", "extraInitContainers", "extraPodAnnotations", "config"}},
	{bigBang, []string{"domain", "hostname", "sso.enabled", "istio", "replicaCount"}},
}

// recognize returns the chart that values are for.
func recognize(document *value) source {
	for _, candidate := range typical {
		for _, key := range candidate.keys {
			at := document
			for part := range strings.SplitSeq(key, ".") {
				if at == nil || at.kind != yaml.MappingNode {
					at = nil
					break
				}
				at = at.fields[part]
			}
			if at != nil {
				return candidate.of
			}
		}
	}
	return unknownSource
}
