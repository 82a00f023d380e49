// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	fluentbit "bigbang.dev/mattermost-fn/internal/apis/fluentbit/v1alpha2"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// logLabel is the label by which the Fluent operator's chart and most FluentBitConfigs select resources. Only the
// FluentBitConfig has it, in case that the FluentBit resource selects FluentBitConfigs by it. If another
// FluentBitConfig of the namespace selected the Parser too, Fluent Bit would find it twice and not start.
const logLabel = "fluentbit.fluent.io/enabled"

// logOrdinal orders the Filter after those of the same namespace that prepare all lines, which have 0.
const logOrdinal = 100

// logRetries is the number of retries for a chunk, with which Elasticsearch may be unavailable for about an hour. With
// Fluent Bit's default of one, the lines of every restart are lost; without a limit, one unavailable service would fill
// the memory that all outputs share.
const logRetries = "10"

// fluentBitOperator returns the Fluent operator's resources, in the installation's namespace. The script is first:
// while a Filter refers to a ConfigMap that does not exist, the operator does not update the configuration of any
// namespace.
func fluentBitOperator(p *plan.Plan) []Object {
	script := fluentBitScript(p)
	objects := []Object{script, fluentBitSelection(p), fluentBitParser(p), fluentBitFilter(p, script.Name)}
	for _, output := range p.Logging.Outputs {
		objects = append(objects, fluentBitOutput(p, output))
	}
	return objects
}

// fluentBitScript returns the ConfigMap with redactScript, under a key that changes with its content: the operator does
// not watch ConfigMaps, but it watches the Filter that refers to the key. The operator copies the scripts of a
// namespace into one Secret by key, so the scripts of two installations must have different keys unless they are equal.
func fluentBitScript(p *plan.Plan) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   typeMeta("v1", "ConfigMap"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentLogging, p.LogScriptName()),
		Data:       map[string]string{redactScriptKey(): redactScript},
	}
}

var redactScriptKey = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(redactScript))
	return "redact-" + hex.EncodeToString(sum[:5]) + ".lua"
})

// fluentBitSelection makes the operator process Filters, Parsers and Outputs in the namespace, but only those of this
// installation. The objects of earlier releases have the label too, so none is left out while they are updated.
func fluentBitSelection(p *plan.Plan) *fluentbit.FluentBitConfig {
	selector := metav1.LabelSelector{MatchLabels: map[string]string{ownership.LabelInstance: p.Name}}
	meta := p.ObjectMeta(ownership.ComponentLogging, p.Name)
	meta.Labels[logLabel] = "true"
	return &fluentbit.FluentBitConfig{
		TypeMeta:   typeMeta(fluentbit.APIVersion, fluentbit.KindFluentBitConfig),
		ObjectMeta: meta,
		Spec: fluentbit.FluentBitConfigSpec{
			// Neither a name nor a namespace contains an underscore, so this is unique.
			Service:                        fluentbit.Service{EmitterName: "re_emitted_" + p.Namespace + "_" + p.Name},
			FilterSelector:                 selector,
			OutputSelector:                 selector,
			ParserSelector:                 selector,
			ClusterParserSelector:          selector,
			MultilineParserSelector:        selector,
			ClusterMultilineParserSelector: selector,
		},
	}
}

func fluentBitParser(p *plan.Plan) *fluentbit.Parser {
	return &fluentbit.Parser{
		TypeMeta:   typeMeta(fluentbit.APIVersion, fluentbit.KindParser),
		ObjectMeta: p.ObjectMeta(ownership.ComponentLogging, p.LogParserName()),
		Spec: fluentbit.ParserSpec{
			JSON: fluentbit.JSONParser{TimeKey: logTimeKey, TimeFormat: logTimeFormat, TimeKeep: true},
		},
	}
}

// operatorLogTags returns logTags for a namespaced resource, without the namespace: the operator puts the MD5 sum of
// the resource's namespace in front of the expression, as it does with the tags of all records of the namespace and no
// others (fluent-operator 3, pkg/utils/utils.go, controllers/fluentbitconfig_controller.go). So the resource still
// matches its own namespace where kustomize changes that.
func operatorLogTags(p *plan.Plan) string { return logTags(p, anyNamespace) }

func fluentBitFilter(p *plan.Plan, scriptName string) *fluentbit.Filter {
	script := corev1.ConfigMapKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: scriptName},
		Key:                  redactScriptKey(),
	}
	return &fluentbit.Filter{
		TypeMeta:   typeMeta(fluentbit.APIVersion, fluentbit.KindFilter),
		ObjectMeta: p.ObjectMeta(ownership.ComponentLogging, p.Name),
		Spec: fluentbit.FilterSpec{
			MatchRegex: operatorLogTags(p),
			Ordinal:    logOrdinal,
			Filters:    logFilters(p, p.LogParserName(), script),
		},
	}
}

// fluentBitOutput sends the processed lines to Elasticsearch.
func fluentBitOutput(p *plan.Plan, output plan.LogOutput) *fluentbit.Output {
	search := fluentbit.Elasticsearch{
		Host:           output.Host,
		Port:           output.Port,
		Path:           output.Path,
		HTTPUser:       fluentBitSecret(output.Username),
		HTTPPassword:   fluentBitSecret(output.Password),
		LogstashFormat: true,
		LogstashPrefix: output.IndexPrefix,
		// Fluent Bit may resend a whole chunk because of one record that was rejected.
		GenerateID: true,
		// The pods have the labels app and app.kubernetes.io/name: with dots, the second makes the first an object.
		ReplaceDots: true,
		// Elasticsearch 8 rejects types. Not On, which the YAML of the API server parses as a boolean.
		SuppressTypeName: "true",
	}
	if output.TLS {
		search.TLS = &fluentbit.TLS{Verify: !output.SkipTLSVerify, CAFile: output.CAFile}
	}
	return &fluentbit.Output{
		TypeMeta:   typeMeta(fluentbit.APIVersion, fluentbit.KindOutput),
		ObjectMeta: p.ObjectMeta(ownership.ComponentLogging, output.Name),
		Spec: fluentbit.OutputSpec{
			MatchRegex:    operatorLogTags(p),
			Alias:         p.LogAlias(output.Name),
			RetryLimit:    logRetries,
			Elasticsearch: search,
		},
	}
}

func fluentBitSecret(ref *v1alpha1.KeyRef) *fluentbit.SecretValue {
	if ref == nil {
		return nil
	}
	return &fluentbit.SecretValue{ValueFrom: fluentbit.ValueFrom{SecretKeyRef: corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: ref.Name},
		Key:                  ref.Key,
	}}}
}
