// SPDX-License-Identifier: Apache-2.0

package license

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// file is the JSON of a license with the server's types (server/public/model/license.go, v0.4.0, of Mattermost 11.8),
// because encoding/json rejects the whole license if one value has another type. What identifies the customer is
// checked and dropped.
type file struct {
	ID                  string         `json:"id"`
	IssuedAt            int64          `json:"issued_at"`
	StartsAt            int64          `json:"starts_at"`
	ExpiresAt           int64          `json:"expires_at"`
	Customer            *customer      `json:"customer"`
	Features            *featureObject `json:"features"`
	SKUName             string         `json:"sku_name"`
	SKUShortName        string         `json:"sku_short_name"`
	IsTrial             bool           `json:"is_trial"`
	IsGovSKU            bool           `json:"is_gov_sku"`
	IsSeatCountEnforced bool           `json:"is_seat_count_enforced"`
	ExtraUsers          *int           `json:"extra_users"`
	SignupJWT           *string        `json:"signup_jwt"`
	Limits              *limits        `json:"limits"`
}

type customer struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Company string `json:"company"`
}

type limits struct {
	PostHistory       int64 `json:"post_history"`
	BoardCards        int64 `json:"board_cards"`
	PlaybookRuns      int64 `json:"playbook_runs"`
	CallDuration      int64 `json:"call_duration"`
	AgentsPrompts     int64 `json:"agents_prompts"`
	PushNotifications int64 `json:"push_notifications"`
}

// featureObject is the object features. It decodes into a struct that is built from the list Features, so that
// encoding/json matches keys and checks types as in the server.
type featureObject struct {
	fields reflect.Value
}

const futureFeatures = "future_features"

// featureStruct has the users as its first field and a *bool for every feature after it.
var featureStruct = sync.OnceValue(func() reflect.Type {
	fields := []reflect.StructField{{Name: "Users", Type: reflect.TypeFor[*int](), Tag: `json:"users"`}}
	for _, key := range flagKeys() {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)), Type: reflect.TypeFor[*bool](), Tag: reflect.StructTag(`json:"` + key + `"`),
		})
	}
	return reflect.StructOf(fields)
})

// flagKeys are the keys of a license's features that are true or false.
func flagKeys() []string {
	keys := []string{"cloud", futureFeatures}
	for _, feature := range Features {
		keys = append(keys, feature.Key)
	}
	return keys
}

// UnmarshalJSON reads the object. A second one of the same license adds to the first, as with encoding/json.
func (o *featureObject) UnmarshalJSON(data []byte) error {
	if !o.fields.IsValid() {
		o.fields = reflect.New(featureStruct())
	}
	return json.Unmarshal(data, o.fields.Interface())
}

func (o *featureObject) users() *int { return o.fields.Elem().Field(0).Interface().(*int) }

// flags are the features that the file names.
func (o *featureObject) flags() map[string]bool {
	flags := map[string]bool{}
	for i, key := range flagKeys() {
		if on := o.fields.Elem().Field(i + 1).Interface().(*bool); on != nil {
			flags[key] = *on
		}
	}
	return flags
}

// expected describes a type for messages.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.String:
		return "a string"
	}
	return "an object"
}
