// SPDX-License-Identifier: Apache-2.0

package fn_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"bigbang.dev/mattermost-fn/fn"
)

// A program reads a file, processes it and writes the manifests for a cluster.
func Example() {
	list := &fn.List{}
	err := list.ReadFile("mattermost.yaml", []byte(`apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: mattermost, namespace: mattermost}
spec:
  domain: example.com
  sso: {enabled: true, clientID: chat, clientSecret: example, issuerURL: https://login.example.com/realms/a}
  logging: {fluentBit: {form: operator}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	results := fn.Process(list, time.Now())
	for _, result := range results {
		if result.Severity != fn.Info {
			fmt.Println(result.File, result.Line, result.Severity, result.Field, result.Rule)
		}
	}
	if results.HasErrors() {
		return
	}
	for _, object := range list.Objects() {
		fmt.Println(object)
	}
	if err := list.WriteManifests(io.Discard); err != nil {
		fmt.Println(err)
	}
	// Output:
	// mattermost.yaml 6 warning spec.sso.clientSecret MM024
	// MattermostConfig mattermost/mattermost
	// Secret mattermost/mattermost-database
	// Secret mattermost/mattermost-sso
	// Cluster mattermost/mattermost-db
	// PersistentVolumeClaim mattermost/mattermost-files
	// Mattermost mattermost/mattermost
	// VirtualService mattermost/mattermost
	// ConfigMap mattermost/mattermost-log-redact
	// FluentBitConfig mattermost/mattermost
	// Parser mattermost/mattermost-json
	// Filter mattermost/mattermost
}

// Run turns one configuration into all objects that Mattermost needs. The configuration remains the first item of the
// list.
func ExampleRun() {
	in := strings.NewReader(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: mattermost.bigbang.dev/v1alpha1
  kind: MattermostConfig
  metadata: {name: mattermost, namespace: mattermost}
  spec: {domain: example.com}
`)
	var out bytes.Buffer
	code := fn.Run(in, &out, os.Stdout)

	fmt.Println("exit code", code)
	for _, kind := range regexp.MustCompile(`(?m)^  kind: (\w+)`).FindAllStringSubmatch(out.String(), -1) {
		fmt.Println(kind[1])
	}
	// Output:
	// exit code 0
	// MattermostConfig
	// Secret
	// Cluster
	// PersistentVolumeClaim
	// Mattermost
	// VirtualService
	// ConfigMap
	// FluentBitConfig
	// Parser
	// Filter
}

// Run rejects an invalid configuration: the items do not change, and the results contain the errors.
func ExampleRun_refused() {
	const in = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: mattermost.bigbang.dev/v1alpha1
  kind: MattermostConfig
  metadata: {name: mattermost, namespace: mattermost}
  spec: {domain: example.com, replicas: 1.5, databse: {}} # two mistakes
`
	var out bytes.Buffer
	code := fn.Run(strings.NewReader(in), &out, os.Stdout)

	fmt.Println("exit code", code)
	fmt.Println("items unchanged:", strings.HasPrefix(out.String(), in))
	// Output:
	// MattermostConfig mattermost/mattermost: error: spec.databse: unknown field; did you mean database?
	// MattermostConfig mattermost/mattermost: error: spec.replicas: expected an integer without quotes, got the number 1.5
	// exit code 1
	// items unchanged: true
}
