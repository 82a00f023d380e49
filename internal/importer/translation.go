// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// translation is the state of one import.
type translation struct {
	// config is the configuration in the making.
	config draft
	// name and namespace of the installation.
	name, namespace string
	// inputs are the documents, in their order, each with its source.
	inputs []input
	// cluster contains the objects of the input.
	cluster cluster

	// variables are those of the server's environment, in their order.
	variables []variable
	// credentials are the values for Secrets, by name and key of the Secret.
	credentials map[string]map[string]string

	// rootCertificate is the connection to the database that names a file with a certificate authority; nil for none.
	rootCertificate *value

	secrets       []SecretKey
	toDo, changes []string
}

// input is one document, and what it was recognized as.
type input struct {
	*value
	source source
}

// variable is one environment variable of the server.
type variable struct {
	name string
	// text is the value; unused where valueFrom is set.
	text string
	// valueFrom refers to another place, as in a pod.
	valueFrom *corev1.EnvVarSource
	// from is where the variable is in the input; nil where a chart sets it without a key.
	from *value
	// why is the comment for a variable that no key of the input sets.
	why string
}

// ref returns the key of a Secret that the variable has its value from; nil for none.
func (v variable) ref() *v1alpha1.KeyRef {
	if v.valueFrom == nil || v.valueFrom.SecretKeyRef == nil {
		return nil
	}
	ref := v.valueFrom.SecretKeyRef
	return &v1alpha1.KeyRef{Name: ref.Name, Key: ref.Key}
}

// key returns the origin of the variable for comments.
func (v variable) key() string {
	if v.from == nil {
		return v.why
	}
	return v.from.path
}

// mark records what became of a value and of everything in it. The first record counts, except that a value that was
// translated to several fields names all of them.
func (t *translation) mark(v *value, class Class, why string, fields ...string) {
	if v == nil {
		return
	}
	if len(v.origins) > 0 {
		for _, origin := range v.origins {
			t.mark(origin, class, why, fields...)
		}
		return
	}
	if v.entry == nil {
		v.entry = &Entry{Key: v.name(), File: v.file, Line: v.line, Class: class, Fields: fields, Why: why}
		return
	}
	if class == Translated && v.entry.Class == Translated {
		for _, field := range fields {
			if !slices.Contains(v.entry.Fields, field) {
				v.entry.Fields = append(v.entry.Fields, field)
			}
		}
	}
}

// marked reports whether something was decided about a value already.
func (v *value) marked() bool {
	if len(v.origins) > 0 {
		return !slices.ContainsFunc(v.origins, func(origin *value) bool { return !origin.marked() })
	}
	return v.entry != nil
}

// set translates a value to a field.
func (t *translation) set(field string, content any, from ...*value) {
	var keys []string
	for _, v := range from {
		if v != nil {
			keys = append(keys, v.sourceKeys()...)
			t.mark(v, Translated, "", field)
		}
	}
	t.config.set(field, content, keys...)
}

// sourceKeys returns the keys of the input that a value came from.
func (v *value) sourceKeys() []string {
	if len(v.origins) == 0 {
		return []string{v.name() + v.label}
	}
	var keys []string
	for _, origin := range v.origins {
		keys = append(keys, origin.sourceKeys()...)
	}
	return keys
}

// copyTo translates a value to a field as it is, unless it is empty.
func (t *translation) copyTo(field string, v *value) {
	if v == nil || v.isEmpty() {
		t.unnecessary(v, "empty")
		return
	}
	t.set(field, v.plain(), v)
}

// textTo translates a scalar to a field of type string, unless it is empty, and reports whether it did.
func (t *translation) textTo(field string, v *value) bool {
	if v == nil || v.isEmpty() || v.kind != yaml.ScalarNode {
		t.unnecessary(v, "empty")
		return false
	}
	t.set(field, v.string(), v)
	return true
}

// boolTo translates a value to a field of type bool.
func (t *translation) boolTo(field string, v *value) {
	if v != nil {
		t.set(field, v.bool(), v)
	}
}

// unnecessary records that nothing is lost without a value.
func (t *translation) unnecessary(v *value, why string) { t.mark(v, Unnecessary, why) }

// notTranslated records that a person must do something about a value, unless it is empty.
func (t *translation) notTranslated(v *value, instead string) {
	if v != nil && v.isEmpty() {
		t.mark(v, Unnecessary, "empty")
		return
	}
	t.mark(v, NotTranslated, instead)
}

// todo adds something that a person must do.
func (t *translation) todo(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(t.toDo, text) {
		t.toDo = append(t.toDo, text)
	}
}

// change adds something that behaves differently.
func (t *translation) change(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(t.changes, text) {
		t.changes = append(t.changes, text)
	}
}

// credentialsName is the Secret for values that are in the input.
func (t *translation) credentialsName() string { return t.name + "-credentials" }

// licenseSecretName is the Secret for a license in the input: the operator mounts all of it into the pods.
func (t *translation) licenseSecretName() string { return t.name + "-license-file" }

// secret translates a plain secret to a reference to a key of a Secret, whose value is only in the manifest of
// --secrets.
func (t *translation) secret(field, key string, v *value) {
	t.set(field, secretKeyRef(t.keep(t.credentialsName(), key, v.string(), v)), v)
}

// keep puts a plain secret into a Secret that is written next to the configuration, and returns its place.
func (t *translation) keep(secret, key, text string, from *value) v1alpha1.KeyRef {
	if t.credentials[secret] == nil {
		t.credentials[secret] = map[string]string{}
	}
	t.credentials[secret][key] = text
	where := ""
	if from != nil {
		where = from.where()
	}
	t.secrets = append(t.secrets, SecretKey{Namespace: t.namespace, Name: secret, Key: key, From: where,
		State: SecretMissing})
	return v1alpha1.KeyRef{Name: secret, Key: key}
}

// refer records that the configuration refers to a Secret of the user.
func (t *translation) refer(ref v1alpha1.KeyRef) v1alpha1.KeyRef {
	key := SecretKey{Namespace: t.namespace, Name: ref.Name, Key: ref.Key, State: SecretExisting}
	if !slices.Contains(t.secrets, key) {
		t.secrets = append(t.secrets, key)
	}
	return ref
}

// name returns the path of a value, or kind and name of a whole object.
func (v *value) name() string {
	if v.path != "" {
		return v.path
	}
	return v.at("kind").string() + "/" + v.at("metadata", "name").string()
}

// where returns key, file and line of a value.
func (v *value) where() string {
	if len(v.origins) > 0 {
		return v.origins[0].where()
	}
	return fmt.Sprintf("%s (%s:%d)", v.name()+v.label, v.file, v.line)
}

func secretKeyRef(ref v1alpha1.KeyRef) any {
	return map[string]any{"secretKeyRef": map[string]any{"name": ref.Name, "key": ref.Key}}
}

// isPlaceholder reports whether a secret is a value of examples, which authenticates nobody.
func isPlaceholder(text string) bool {
	return slices.Contains([]string{"", "no-secret", "changeme", "change-me", "none", "null"}, strings.ToLower(text))
}
