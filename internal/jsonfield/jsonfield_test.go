// SPDX-License-Identifier: Apache-2.0

package jsonfield_test

import (
	"reflect"
	"testing"

	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

type inner struct {
	A string `json:"a,omitempty"`
}

// Inner is exported, as embedded types of Kubernetes are.
type Inner struct{ inner }

// Meta is embedded without a name.
type Meta struct {
	Kind string `json:"kind"`
}

type outer struct {
	Meta    `json:",inline"`
	Named   Meta `json:"named,omitzero"`
	Ignored int  `json:"-"`
	private int
	Plain   bool
	Inner   `json:"inner"`
}

func TestOf(t *testing.T) {
	want := []jsonfield.Field{
		{Name: "kind", Index: []int{0, 0}},
		{Name: "named", Index: []int{1}, OmitZero: true},
		{Name: "Plain", Index: []int{4}},
		{Name: "inner", Index: []int{5}},
	}
	for range 2 { // the second comes from the cache
		if got := jsonfield.Of(reflect.TypeFor[outer]()); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := jsonfield.Of(reflect.TypeFor[inner]()); len(got) != 1 || !got[0].OmitEmpty {
		t.Errorf("got %+v", got)
	}
	_ = outer{}.private
}
