package fn_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"bigbang.dev/mattermost-fn/fn"
)

// One configuration becomes everything that Mattermost needs. The configuration stays the first item of the list.
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

// A configuration that is refused changes nothing: the items go out as they came in, and the results say why.
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
	// MattermostConfig mattermost/mattermost: error: spec.databse: there is no such field; did you mean database?
	// MattermostConfig mattermost/mattermost: error: spec.replicas: got number 1.5, expected a whole number without quotes
	// exit code 1
	// items unchanged: true
}
