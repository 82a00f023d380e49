// Package v1alpha2 holds the fields of the Fluent operator's namespaced resources that are emitted. The operator's own
// module is not to be had from the Go module proxy; tests hold what is emitted against its definitions, v3.10.0.
package v1alpha2

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion of the resources.
const APIVersion = "fluentbit.fluent.io/v1alpha2"

// Kinds of the resources.
const (
	KindFluentBitConfig = "FluentBitConfig"
	KindParser          = "Parser"
	KindFilter          = "Filter"
	KindOutput          = "Output"
)

// FluentBitConfig makes the operator look into its namespace, and picks the other resources there by their labels. A
// selector that is left out picks everything.
type FluentBitConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FluentBitConfigSpec `json:"spec"`
}

// FluentBitConfigSpec is what is picked.
type FluentBitConfigSpec struct {
	Service                        Service              `json:"service"`
	FilterSelector                 metav1.LabelSelector `json:"filterSelector"`
	OutputSelector                 metav1.LabelSelector `json:"outputSelector"`
	ParserSelector                 metav1.LabelSelector `json:"parserSelector"`
	ClusterParserSelector          metav1.LabelSelector `json:"clusterParserSelector"`
	MultilineParserSelector        metav1.LabelSelector `json:"multilineParserSelector"`
	ClusterMultilineParserSelector metav1.LabelSelector `json:"clusterMultilineParserSelector"`
}

// Service of a FluentBitConfig is about the filter that the operator adds to give the namespace's records a tag of
// their own; nothing else in it is used.
type Service struct {
	// EmitterName must be unique in the Fluent Bit process.
	EmitterName string `json:"emitterName"`
}

// Parser turns text into fields.
type Parser struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ParserSpec `json:"spec"`
}

// ParserSpec is a parser of JSON.
type ParserSpec struct {
	JSON JSONParser `json:"json"`
}

// JSONParser says where the time of a record stands.
type JSONParser struct {
	TimeKey string `json:"timeKey"`
	// TimeFormat as for strptime, with %L for fractions of a second.
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
	// MatchRegex begins with ^: the operator puts the namespace's prefix behind it.
	MatchRegex string `json:"matchRegex"`
	// Ordinal orders the Filters of a namespace.
	Ordinal int32        `json:"ordinal"`
	Filters []FilterItem `json:"filters"`
}

// FilterItem is one filter: exactly one field is set, since the operator has an order of its own inside an item.
type FilterItem struct {
	Grep   *Grep         `json:"grep,omitempty"`
	Modify *Modify       `json:"modify,omitempty"`
	Parser *ParserFilter `json:"parser,omitempty"`
	Lua    *Lua          `json:"lua,omitempty"`
}

// Grep drops records.
type Grep struct {
	Alias string `json:"alias"`
	// Exclude is a key, a blank and a regular expression for its value.
	Exclude string `json:"exclude"`
}

// Modify changes fields.
type Modify struct {
	Alias string `json:"alias"`
	// Conditions must all hold.
	Conditions []Condition `json:"conditions,omitempty"`
	Rules      []Rule      `json:"rules"`
}

// Condition has exactly one field set, and each map one key.
type Condition struct {
	KeyExists string `json:"keyExists,omitempty"`
	// KeyDoesNotExist has the key with an empty value.
	KeyDoesNotExist map[string]string `json:"keyDoesNotExist,omitempty"`
	KeyValueEquals  map[string]string `json:"keyValueEquals,omitempty"`
	// KeyValueMatches has a regular expression without blanks.
	KeyValueMatches map[string]string `json:"keyValueMatches,omitempty"`
}

// Rule has exactly one field set, and each map one key.
type Rule struct {
	// Set gives a field a value.
	Set map[string]string `json:"set,omitempty"`
	// Add gives a field a value if it is not there.
	Add map[string]string `json:"add,omitempty"`
	// Remove takes a field out.
	Remove string `json:"remove,omitempty"`
	// Rename gives a field the name in the value, if that name is free.
	Rename map[string]string `json:"rename,omitempty"`
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
	// MatchRegex begins with ^: the operator puts the namespace's prefix behind it.
	MatchRegex string `json:"matchRegex"`
	Alias      string `json:"alias"`
	// RetryLimit is how often a chunk is sent again.
	RetryLimit    string        `json:"retry_limit"`
	Elasticsearch Elasticsearch `json:"es"`
}

// Elasticsearch is the service and how records are stored there.
type Elasticsearch struct {
	Host string `json:"host"`
	Port int32  `json:"port"`
	// Path comes before /_bulk.
	Path         string       `json:"path,omitempty"`
	HTTPUser     *SecretValue `json:"httpUser,omitempty"`
	HTTPPassword *SecretValue `json:"httpPassword,omitempty"`
	// LogstashFormat makes an index a day: LogstashPrefix-YYYY.MM.DD.
	LogstashFormat bool   `json:"logstashFormat"`
	LogstashPrefix string `json:"logstashPrefix"`
	GenerateID     bool   `json:"generateID"`
	ReplaceDots    bool   `json:"replaceDots"`
	// SuppressTypeName is a boolean as text.
	SuppressTypeName string `json:"suppressTypeName"`
	TLS              *TLS   `json:"tls,omitempty"`
}

// SecretValue is read from a Secret in the Output's namespace.
type SecretValue struct {
	ValueFrom ValueFrom `json:"valueFrom"`
}

// ValueFrom says where a value is read from.
type ValueFrom struct {
	SecretKeyRef corev1.SecretKeySelector `json:"secretKeyRef"`
}

// TLS of a connection; being there turns it on.
type TLS struct {
	Verify bool `json:"verify"`
	// CAFile is a path in the Fluent Bit pod.
	CAFile string `json:"caFile,omitempty"`
}
