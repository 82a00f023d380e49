// SPDX-License-Identifier: Apache-2.0

// The command server-license prints what the Mattermost server reads in the JSON of licenses: one line per document,
// for internal/license/testdata/server.jsonl.
//
// It decodes with the server's own type (server/public v0.4.0, of Mattermost 11.8) as the server does with MM_LICENSE:
// encoding/json, then Features.SetDefaults (server/channels/app/platform/license.go, ValidateAndSetLicenseBytes,
// SetLicense).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// answer is what the server reads.
type answer struct {
	Document string `json:"document"`
	// Refused says that the server runs without a license. Crashes says that it does not start.
	Refused bool `json:"refused,omitempty"`
	Crashes bool `json:"crashes,omitempty"`

	ID       string   `json:"id,omitempty"`
	Plan     string   `json:"plan,omitempty"`
	Starts   int64    `json:"starts,omitempty"`
	Expires  int64    `json:"expires,omitempty"`
	Trial    bool     `json:"trial,omitempty"`
	Enforced bool     `json:"enforced,omitempty"`
	Seats    int      `json:"seats,omitempty"`
	Has      []string `json:"has,omitempty"`
	Lacks    []string `json:"lacks,omitempty"`
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, document := range documents() {
		if err := encoder.Encode(ask(document)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func ask(document string) (a answer) {
	a = answer{Document: document}
	var license model.License
	if json.Unmarshal([]byte(document), &license) != nil {
		a.Refused = true
		return a
	}
	if license.Features == nil {
		a.Crashes = true // SetDefaults of nil
		return a
	}
	license.Features.SetDefaults()
	a.ID, a.Plan, a.Starts, a.Expires = license.Id, license.SkuShortName, license.StartsAt, license.ExpiresAt
	a.Trial, a.Enforced, a.Seats = license.IsTrial, license.IsSeatCountEnforced, *license.Features.Users
	features := reflect.ValueOf(license.Features).Elem()
	for i := range features.NumField() {
		on, ok := features.Field(i).Interface().(*bool)
		switch {
		case !ok || on == nil:
		case *on:
			a.Has = append(a.Has, key(features.Type().Field(i)))
		default:
			a.Lacks = append(a.Lacks, key(features.Type().Field(i)))
		}
	}
	// The shorter list says it all.
	if len(a.Has) < len(a.Lacks) {
		a.Lacks = nil
	} else {
		a.Has = nil
	}
	return a
}

func key(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// documents are licenses, well formed and not.
func documents() []string {
	const rest = `"id":"abc","expires_at":1814313600000,"sku_short_name":"enterprise"`
	documents := []string{
		`{` + rest + `,"features":{"users":500}}`,
		`{` + rest + `,"features":{}}`,
		`{` + rest + `}`,
		`{` + rest + `,"features":null}`,
		`{"features":{"users":1}}`,
		`{"FEATURES":{"USERS":7,"CLUSTER":false},"ID":"abc","EXPIRES_AT":1,"Sku_Short_Name":"E20"}`,
		`{"features":{"users":1},"features":{"cluster":false}}`,
		`{"features":{"cluster":true,"cluster":false,"Cluster":null}}`,
		`{"features":{"clu\u017fter":false}}`, // the long s folds to s
		`{"features":{"users":1,"unknown":{"a":[1]}},"unknown":7}`,
		`{"id":"a\ud800b\u0000","features":{}}`,
		`{` + rest + `,"features":{"users":1}}` + "\n \t\r\n",
		`{` + rest + `,"features":{"users":1}} x`,
		"\ufeff{}", "\x00", "", " ", "null", "[]", `""`, "1", "{", `{"features":{"users":1}`, `{'features':{}}`,
		`{"features":{"future_features":false,"ldap":true},"is_trial":true,"is_seat_count_enforced":true,"starts_at":5}`,
		`{"features":{"future_features":null,"cloud":null,"announcement":null,"theme_management":null}}`,
		`{"features":{"future_features":false,"cloud":true,"announcement":false,"theme_management":false}}`,
	}
	values := []string{"true", "false", "null", `"true"`, `""`, "0", "1", "10.5", "1e3", "1E400", "-1",
		"9223372036854775807", "9223372036854775808", `"10"`, "[]", "{}", "[true]"}
	license := reflect.TypeFor[model.License]()
	for i := range license.NumField() {
		for _, value := range values[:16] {
			documents = append(documents, fmt.Sprintf(`{"features":{"users":1},%q:%s}`, key(license.Field(i)), value))
		}
	}
	for parent, inner := range map[string]reflect.Type{"customer": reflect.TypeFor[model.Customer](),
		"limits": reflect.TypeFor[model.LicenseLimits]()} {
		for i := range inner.NumField() {
			for _, value := range values[:8] {
				documents = append(documents, fmt.Sprintf(`{"features":{"users":1},%q:{%q:%s}}`, parent,
					key(inner.Field(i)), value))
			}
		}
	}
	features := reflect.TypeFor[model.Features]()
	for i := range features.NumField() {
		tried := values[:6]
		if i == 0 || key(features.Field(i)) == "cluster" {
			tried = values
		}
		for _, value := range tried {
			documents = append(documents, fmt.Sprintf(`{"features":{"future_features":false,%q:%s}}`,
				key(features.Field(i)), value))
		}
		documents = append(documents, fmt.Sprintf(`{"features":{%q:false}}`, key(features.Field(i))))
	}
	slices.Sort(documents)
	return slices.Compact(documents)
}
