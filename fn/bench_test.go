package fn

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"mattermost-fn/fn/check"
	"mattermost-fn/fn/decode"
	"mattermost-fn/fn/plan"
	"mattermost-fn/fn/resourcelist"
	"mattermost-fn/fn/result"
	"mattermost-fn/fn/v1alpha1"
	"mattermost-fn/generators"
)

// foreign is a ResourceList as kpt sends one: n objects of somebody's own (Deployments, ConfigMaps with blocks of text,
// Services), each with its file, and the configuration in their middle.
func foreign(n int, config string) []byte {
	kinds := []string{`- apiVersion: apps/v1
  kind: Deployment
  metadata: # kpt-merge: apps/app-%[1]d
    name: app-%[1]d
    namespace: apps
    labels:
      app: app-%[1]d
    annotations:
      internal.config.kubernetes.io/path: 'app-%[1]d/deployment.yaml'
      internal.config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/seqindent: 'compact'
      config.kubernetes.io/path: 'app-%[1]d/deployment.yaml'
      config.kubernetes.io/index: '0'
  spec:
    replicas: 2 # kpt-set: ${replicas}
    selector:
      matchLabels:
        app: app-%[1]d
    template:
      metadata:
        labels:
          app: app-%[1]d
      spec:
        containers:
        - name: app
          image: registry.example.com/app:1.2.%[1]d
          args: ["--port=8080", "--log-level=info"]
          env:
          - name: DATABASE
            valueFrom:
              secretKeyRef: {name: app-%[1]d, key: url}
          ports:
          - containerPort: 8080
            name: http
          resources:
            limits: {cpu: 500m, memory: 512Mi}
            requests: {cpu: 100m, memory: 128Mi}
`, `- apiVersion: v1
  kind: ConfigMap
  metadata: # kpt-merge: apps/app-%[1]d
    name: app-%[1]d
    namespace: apps
    annotations:
      internal.config.kubernetes.io/path: 'app-%[1]d/configmap.yaml'
      internal.config.kubernetes.io/index: '0'
      config.kubernetes.io/path: 'app-%[1]d/configmap.yaml'
      config.kubernetes.io/index: '0'
  data:
    LEVEL: info
    app.conf: |
      # the configuration of app %[1]d
      server {
        listen 8080;
        location / {
          proxy_pass http://app-%[1]d:8080;
        }
      }
`, `- apiVersion: v1
  kind: Service
  metadata: # kpt-merge: apps/app-%[1]d
    name: app-%[1]d
    namespace: apps
    annotations:
      internal.config.kubernetes.io/path: 'app-%[1]d/service.yaml'
      internal.config.kubernetes.io/index: '0'
      config.kubernetes.io/path: 'app-%[1]d/service.yaml'
      config.kubernetes.io/index: '0'
  spec:
    selector:
      app: app-%[1]d
    ports:
    - name: http
      port: 80
      targetPort: http
`}
	var b bytes.Buffer
	b.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	for i := range n {
		if i == n/2 {
			b.WriteString("- " + strings.ReplaceAll(strings.TrimSuffix(config, "\n"), "\n", "\n  ") + "\n")
		}
		fmt.Fprintf(&b, kinds[i%len(kinds)], i)
	}
	return b.Bytes()
}

// enterprise is the configuration of the example with everything.
func enterprise(b *testing.B) string {
	b.Helper()
	text, err := os.ReadFile("../examples/enterprise/mattermost.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// Reading a ResourceList, for each size.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := foreign(n, enterprise(b))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := resourcelist.Read(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Generating: from the configuration that was read to the manifests, for the example with everything.
func BenchmarkGenerate(b *testing.B) {
	list, err := resourcelist.Read(foreign(1, enterprise(b)))
	if err != nil {
		b.Fatal(err)
	}
	node := list.Items[0].Node()
	b.ReportAllocs()
	for b.Loop() {
		config := &v1alpha1.MattermostConfig{}
		lines, problems := decode.Strict(node, config)
		config.SetDefaults()
		given := func(field string) bool { _, ok := lines[field]; return ok }
		report := &result.Reporter{}
		check.Run(config, given, surroundingsOf(list), time.Time{}, report)
		p := plan.New(config, given, surroundingsOf(list), report)
		if report.HasErrors() || len(problems) > 0 {
			b.Fatal(report.Results, problems)
		}
		for _, object := range generators.Generate(p) {
			if _, err := generators.Manifest(object); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The whole function, bytes in and bytes out, for each size: the first time, and again over its own output.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		data := foreign(n, enterprise(b))
		b.Run(fmt.Sprintf("%d/first", n), func(b *testing.B) { benchmarkRun(b, data) })
		var out bytes.Buffer
		if exit := Run(bytes.NewReader(data), &out, io.Discard); exit != 0 {
			b.Fatal("refused")
		}
		b.Run(fmt.Sprintf("%d/again", n), func(b *testing.B) { benchmarkRun(b, out.Bytes()) })
	}
}

func benchmarkRun(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if exit := Run(bytes.NewReader(data), io.Discard, io.Discard); exit != 0 {
			b.Fatal("refused")
		}
	}
}

// Many installations in one stream: the cost should grow with their number.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1_000} {
		var configs strings.Builder
		for i := range n {
			fmt.Fprintf(&configs, "- apiVersion: %s\n  kind: %s\n  metadata:\n    name: chat\n    namespace: team-%d\n  spec:\n    host: chat-%d.example.com\n", v1alpha1.APIVersion, v1alpha1.Kind, i, i)
		}
		data := []byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + configs.String())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var said bytes.Buffer
				if exit := Run(bytes.NewReader(data), io.Discard, &said); exit != 0 || said.Len() > 0 {
					b.Fatal(exit, said.String())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/installation")
		})
	}
}
