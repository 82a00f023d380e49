// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var maxConnections = regexp.MustCompile(`max_connections(?:: "|=)(\d+)`)

// Scaling Mattermost in place does not restart its database: max_connections stays.
func TestScalingKeepsMaxConnections(t *testing.T) {
	const spec = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: chat, namespace: teams}
spec:
  domain: example.com
  enterprise: {enabled: true, license: {uploaded: true}}
  objectStorage: {region: us-east-1, bucket: one, existingSecret: s3}
  database: {inCluster: {ENGINE}}
  replicas: 1
`
	for _, engine := range []string{"engine: cloudnative-pg", "engine: statefulset, generatePassword: true"} {
		config := strings.Replace(spec, "ENGINE", engine, 1)
		out := run(list("", config)).out
		for _, replicas := range []string{"3", "7", "2", "1"} {
			objects := items(t, out)
			objects[0] = strings.Replace(config, "replicas: 1", "replicas: "+replicas, 1)
			r := run(list("", objects...))
			if strings.Contains(r.errors, "max_connections") || r.exit != 0 {
				t.Errorf("%s: %s servers: %s", engine, replicas, r.errors)
			}
			if got := maxConnections.FindStringSubmatch(r.out); got == nil || got[1] != "500" {
				t.Errorf("%s: %s servers: got %v", engine, replicas, got)
			}
			if !strings.Contains(item(t, r.out, "Mattermost teams/chat"), "replicas: "+replicas+"\n") {
				t.Errorf("%s: there are not %s servers", engine, replicas)
			}
			out = r.out
		}
	}
}

// An installation that commit 24cefdc rendered keeps its max_connections.
func TestUpgradeKeepsMaxConnections(t *testing.T) {
	files, err := filepath.Glob("testdata/upgrade/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	compared := 0
	for _, file := range files {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		earlier := maxConnections.FindStringSubmatch(string(before))
		if earlier == nil {
			continue // a database outside the cluster
		}
		compared++
		r := run(string(before))
		if now := maxConnections.FindStringSubmatch(r.out); now == nil || now[1] != earlier[1] {
			t.Errorf("%s: got %v, want %s", file, now, earlier[1])
		}
		if strings.Contains(r.errors, "max_connections") {
			t.Errorf("%s: got %s", file, r.errors)
		}
	}
	if compared < 4 {
		t.Errorf("only %d of the files have a database", compared)
	}
}
