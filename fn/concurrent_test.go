// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"os"
	"sync"
	"testing"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

// Programs that embed the function call it from several goroutines. .ci/run runs this test with the race detector.
func TestConcurrentRuns(t *testing.T) {
	enterprise, err := os.ReadFile("../examples/enterprise/mattermost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inputs := []string{
		string(fntest.Foreign(20, string(enterprise))), string(fntest.Fleet(3)), list("", smallest), list(smallest),
		list("", smallest+"  replicas: 1.5\n  databse: {}\n"), list("", smallest+"  patches: [{patch: '{}'}]\n"), smallest,
	}
	concurrent := make([]outcome, 4*len(inputs))
	var group sync.WaitGroup
	for i := range concurrent {
		group.Go(func() { concurrent[i] = run(inputs[i%len(inputs)]) })
	}
	group.Wait() // no sequential run before: lazy initialization must happen in several goroutines at once
	for i, got := range concurrent {
		if want := run(inputs[i%len(inputs)]); got != want {
			t.Errorf("input %d: exit %d, got %s\nalone: exit %d, got %s", i%len(inputs), got.exit, got.errors, want.exit,
				want.errors)
		}
	}
}
