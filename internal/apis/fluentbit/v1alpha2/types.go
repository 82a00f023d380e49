// SPDX-License-Identifier: Apache-2.0

// Package v1alpha2 defines the fields of the Fluent operator's namespaced resources that are emitted. The operator's
// own module is not available from the Go module proxy; tests validate emitted objects against its CRDs, v3.10.0.
package v1alpha2

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion is the API version of the resources.
const APIVersion = "fluentbit.fluent.io/v1alpha2"

// The kinds of the resources.
const (
	KindFluentBitConfig = "FluentBitConfig"
	KindParser          = "Parser"
	KindFilter          = "Filter"
	KindOutput          = "Output"
)

// FluentBitConfig makes the operator process its namespace, and selects the other resources there by their labels. A
// selector that is not set selects everything.
type FluentBitConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FluentBitConfigSpec `json:"spec"`
}

// FluentBitConfigSpec contains the selectors.
type FluentBitConfigSpec struct {
	Service                        Service              `json:"service"`
	FilterSelector                 metav1.LabelSelector `json:"filterSelector"`
	OutputSelector                 metav1.LabelSelector `json:"outputSelector"`
	ParserSelector                 metav1.LabelSelector `json:"parserSelector"`
	ClusterParserSelector          metav1.LabelSelector `json:"clusterParserSelector"`
	MultilineParserSelector        metav1.LabelSelector `json:"multilineParserSelector"`
	ClusterMultilineParserSelector metav1.LabelSelector `json:"clusterMultilineParserSelector"`
}

// Service of a FluentBitConfig configures the filter that the operator adds to give the namespace's records their own
// tag. The operator uses no other field of it.
type Service struct {
	// EmitterName must be unique in the Fluent Bit process.
	EmitterName string `json:"emitterName"`
}

// Parser parses a line into fields.
type Parser struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ParserSpec `json:"spec"`
}

// ParserSpec configures a JSON parser.
type ParserSpec struct {
	JSON JSONParser `json:"json"`
}

// JSONParser configures the time of a record.
type JSONParser struct {
	TimeKey string `json:"timeKey"`
	// TimeFormat is a strptime format, with %L for fractions of a second.
	TimeFormat string `json:"timeFormat"`
	TimeKeep   bool   `json:"timeKeep"`
}

// Filter processes the records whose tag matches.
type Filter struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FilterSpec `json:"spec"`
}

// FilterSpec is a chain of filters.
type FilterSpec struct {
	// MatchRegex begins with ^: the operator inserts the namespace's prefix after it.
	MatchRegex string `json:"matchRegex"`
	// Ordinal orders the Filters of a namespace.
	Ordinal int32        `json:"ordinal"`
	Filters []FilterItem `json:"filters"`
}

// FilterItem is one filter. Exactly one field is set, since the operator reorders the filters inside an item.
type FilterItem struct {
	Grep   *Grep         `json:"grep,omitempty"`
	Modify *Modify       `json:"modify,omitempty"`
	Parser *ParserFilter `json:"parser,omitempty"`
	Lua    *Lua          `json:"lua,omitempty"`
}

// Grep drops records.
type Grep struct {
	Alias string `json:"alias"`
	// Exclude is a key, a space and a regular expression for its value.
	Exclude string `json:"exclude"`
}

// Modify changes fields.
type Modify struct {
	Alias string `json:"alias"`
	// Conditions must all be true.
	Conditions []Condition `json:"conditions,omitempty"`
	Rules      []Rule      `json:"rules"`
}

// Condition has exactly one field set, and each map one key.
type Condition struct {
	KeyExists string `json:"keyExists,omitempty"`
	// KeyDoesNotExist has the key with an empty value.
	KeyDoesNotExist map[string]string `json:"keyDoesNotExist,omitempty"`
	KeyValueEquals  map[string]string `json:"keyValueEquals,omitempty"`
	// KeyValueMatches has a regular expression without spaces.
	KeyValueMatches map[string]string `json:"keyValueMatches,omitempty"`
	// KeyValueDoesNotMatch has a regular expression without spaces. It is false if the key does not exist.
	KeyValueDoesNotMatch map[string]string `json:"keyValueDoesNotMatch,omitempty"`
}

// Rule has exactly one field set, and each map one key.
type Rule struct {
	// Set sets the value of a field.
	Set map[string]string `json:"set,omitempty"`
	// Add adds a field if it does not exist.
	Add map[string]string `json:"add,omitempty"`
	// Remove removes a field.
	Remove string `json:"remove,omitempty"`
	// Rename renames a field to the value, unless a field with that name exists.
	Rename map[string]string `json:"rename,omitempty"`
	// HardRename renames a field to the value, and removes a field that has that name.
	HardRename map[string]string `json:"hardRename,omitempty"`
}

// ParserFilter applies a Parser to a field.
type ParserFilter struct {
	Alias   string `json:"alias"`
	KeyName string `json:"keyName"`
	Parser  string `json:"parser"`
	// ReserveData keeps the record's other fields.
	ReserveData bool `json:"reserveData"`
}

// Lua runs a function of a script.
type Lua struct {
	Alias string `json:"alias"`
	// Script is in a ConfigMap of the Filter's namespace.
	Script corev1.ConfigMapKeySelector `json:"script"`
	Call   string                      `json:"call"`
}

// Output sends the records whose tag matches to Elasticsearch.
type Output struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec OutputSpec `json:"spec"`
}

// OutputSpec is an output to Elasticsearch.
type OutputSpec struct {
	// MatchRegex begins with ^: the operator inserts the namespace's prefix after it.
	MatchRegex string `json:"matchRegex"`
	Alias      string `json:"alias"`
	// RetryLimit is the number of retries for a chunk.
	RetryLimit    string        `json:"retry_limit"`
	Elasticsearch Elasticsearch `json:"es"`
}

// Elasticsearch configures the service and how it stores records.
type Elasticsearch struct {
	Host string `json:"host"`
	Port int32  `json:"port"`
	// Path is the part of the URL path before /_bulk.
	Path         string       `json:"path,omitempty"`
	HTTPUser     *SecretValue `json:"httpUser,omitempty"`
	HTTPPassword *SecretValue `json:"httpPassword,omitempty"`
	// LogstashFormat creates one index per day: LogstashPrefix-YYYY.MM.DD.
	LogstashFormat bool   `json:"logstashFormat"`
	LogstashPrefix string `json:"logstashPrefix"`
	GenerateID     bool   `json:"generateID"`
	ReplaceDots    bool   `json:"replaceDots"`
	// SuppressTypeName is a boolean as a string.
	SuppressTypeName string `json:"suppressTypeName"`
	TLS              *TLS   `json:"tls,omitempty"`
}

// SecretValue is read from a Secret in the Output's namespace.
type SecretValue struct {
	ValueFrom ValueFrom `json:"valueFrom"`
}

// ValueFrom is the source of a value.
type ValueFrom struct {
	SecretKeyRef corev1.SecretKeySelector `json:"secretKeyRef"`
}

// TLS configures TLS of a connection; its presence enables it.
type TLS struct {
	Verify bool `json:"verify"`
	// CAFile is the path of the certificate authority in the Fluent Bit pod.
	CAFile string `json:"caFile,omitempty"`
}
