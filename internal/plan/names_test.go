// SPDX-License-Identifier: Apache-2.0

package plan

import "testing"

// Fluent Bit's metrics are those of the whole cluster, so no two installations have the same names in them.
func TestLogAliasesAreUnique(t *testing.T) {
	a, b := Names{Namespace: "a-b", Name: "c"}, Names{Namespace: "a", Name: "b-c"}
	if a.LogStepAlias("parse") == b.LogStepAlias("parse") || a.LogAlias("c-out") == b.LogAlias("b-c-out") {
		t.Errorf("both have %s or %s", a.LogStepAlias("parse"), a.LogAlias("c-out"))
	}
}
