// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"strings"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

const (
	fieldAccount = "spec.serviceAccount."
	fieldRole    = "spec.objectStorage.roleARN"
)

// chartServiceAccount translates the ServiceAccount of a chart: create, name and annotations. The operator uses only
// the one with the installation's name.
func (t *translation) chartServiceAccount(account *value) {
	if account == nil {
		return
	}
	create, name := account.at("create"), account.at("name")
	exists := create.isFalse() && !name.empty()
	switch {
	case exists && name.string() == t.name:
		t.config.set(fieldAccount+"create", false, create.sourceKeys()...)
		t.mark(create, Translated, "", fieldAccount+"create")
		t.unnecessary(name, "it is the installation's")
	case exists:
		t.notTranslated(name, "the operator uses the ServiceAccount "+t.name+", with the installation's name: give that one "+
			"the role or permissions of this one, or use --name "+name.string()+" and set spec.serviceAccount.create: false")
		t.unnecessary(create, "the ServiceAccount has another name")
	case name.empty() || name.string() == t.name:
		t.unnecessary(name, "the ServiceAccount has the installation's name")
		t.unnecessary(create, "the operator creates the ServiceAccount")
	case account.at("annotations").empty():
		t.unnecessary(name, "the operator names the ServiceAccount like the installation")
		t.unnecessary(create, "the operator creates the ServiceAccount")
	default:
		t.notTranslated(name, "the operator uses the ServiceAccount "+t.name+", with the installation's name: change the "+
			"trust policy or binding of the role to it, or use --name "+name.string())
		t.unnecessary(create, "the operator creates the ServiceAccount")
	}
	if annotations := account.at("annotations"); exists || create.isFalse() {
		t.off(annotations, "serviceAccount.create is false")
	} else {
		t.accountAnnotations(annotations)
	}
	t.boolTo(fieldAccount+"automountToken", firstOf(account.at("automount"), account.at("automountServiceAccountToken")))
}

// accountAnnotations translates the annotations of a ServiceAccount. The IAM role of a service without keys has a field
// of its own.
func (t *translation) accountAnnotations(annotations *value) {
	kept := map[string]any{}
	for _, key := range annotations.keysOf() {
		v := annotations.fields[key]
		switch {
		case key == plan.RoleAnnotation && v.empty():
			t.unnecessary(v, "the pods get no role")
		case key == plan.RoleAnnotation && t.config.has("spec.objectStorage.bucket") &&
			!t.config.has("spec.objectStorage.accessKey") && !t.config.has("spec.objectStorage.existingSecret") &&
			t.find("MM_FILESETTINGS_AMAZONS3ACCESSKEYID") == nil:
			t.set(fieldRole, v.string(), v)
		case isMetadataOfTool(key):
			t.unnecessary(v, "metadata of a tool")
		default:
			kept[key] = v.string()
			t.mark(v, Translated, "", fieldAccount+"annotations")
		}
	}
	if len(kept) > 0 {
		t.config.set(fieldAccount+"annotations", kept, annotations.sourceKeys()...)
	}
}

// isMetadataOfTool reports whether an annotation is one that mattermost-fn or another tool sets for itself.
func isMetadataOfTool(key string) bool {
	return ownership.IsMetadata(key) || strings.HasPrefix(key, "kubectl.kubernetes.io/") ||
		strings.HasPrefix(key, "meta.helm.sh/") || strings.HasPrefix(key, "banzaicloud.com/")
}

// operatorAccount translates the ServiceAccount of a resource with useServiceAccount, which the operator leaves to its
// user: it has the IAM role of the pods if they have no keys.
func (t *translation) operatorAccount(from *value) {
	account := t.cluster.find("", "ServiceAccount", t.name)
	if account == nil && t.installation().isOurs() {
		t.set(fieldAccount+"create", false, from)
		t.todo("ServiceAccount %s is not in the input, so spec.serviceAccount.create is false: import it too if "+
			"mattermost-fn emitted it", t.name)
		return
	}
	if account == nil {
		t.notTranslated(from, "the role is in the annotation "+plan.RoleAnnotation+" of ServiceAccount "+t.name+
			", which is not in the input: set "+fieldRole+", or spec.serviceAccount.create: false")
		return
	}
	t.accountAnnotations(account.at("metadata", "annotations"))
	field := "spec.serviceAccount"
	if t.config.has(fieldRole) {
		field = fieldRole
	}
	t.mark(from, Translated, "", field)
	t.unnecessary(account, "follows spec.serviceAccount and objectStorage.roleARN")
	if token := account.at("automountServiceAccountToken"); token.isFalse() {
		t.set(fieldAccount+"automountToken", false, token)
	}
}
