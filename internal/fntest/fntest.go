// SPDX-License-Identifier: Apache-2.0

// Package fntest generates input of the function for tests and benchmarks: foreign objects in the form in which kpt
// sends them, and many configurations.
package fntest

import (
	"bytes"
	"fmt"
	"strings"
)

// Beginning and end of the generated lists. The functionConfig is the one that `kpt fn eval` sends by default.
const (
	begin = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
	end   = "functionConfig:\n  metadata:\n    name: function-input\n  data: {}\n  kind: ConfigMap\n  apiVersion: v1\n"
)

// Foreign returns a ResourceList in the form in which kpt sends it: n foreign objects of 1.9 to 2.4 KB each, and in
// their middle the configuration, an object in YAML. If the configuration is empty, the list contains none.
func Foreign(n int, configuration string) []byte {
	if n == 0 && configuration == "" {
		return []byte(strings.TrimSuffix(begin, "\n") + " []\n")
	}
	var b bytes.Buffer
	b.WriteString(begin)
	for i := range n + 1 {
		if i == n/2 && configuration != "" {
			b.WriteString(item(strings.TrimSuffix(configuration, "\n")))
		}
		if i < n {
			b.WriteString(item(object(i, true)))
		}
	}
	b.WriteString(end)
	return b.Bytes()
}

// Resources returns the same n objects as YAML documents, without the annotations of kpt.
func Resources(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "---\n%s\n", object(i, false))
	}
	return b.Bytes()
}

// Fleet returns a ResourceList with n configurations, each with a different namespace and host.
func Fleet(n int) []byte {
	var b bytes.Buffer
	b.WriteString(begin)
	for i := range n {
		b.WriteString(item(Configuration(i)))
	}
	b.WriteString(end)
	return b.Bytes()
}

// Configuration returns the i-th configuration of a fleet: the Basic Tier with all defaults.
func Configuration(i int) string {
	return fmt.Sprintf(`apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: %s
spec:
  host: %s`, Namespace(i), Host(i))
}

// Namespace returns the namespace of the i-th configuration of a fleet. The emitted objects contain the string nowhere
// else.
func Namespace(i int) string { return fmt.Sprintf("team-%d", i) }

// Host returns the host of the i-th configuration of a fleet. The emitted objects contain the string nowhere else.
func Host(i int) string { return fmt.Sprintf("chat-%d.example.com", i) }

// item returns an object as an element of a list.
func item(object string) string {
	return "- " + strings.ReplaceAll(object, "\n", "\n  ") + "\n"
}

// object returns the i-th foreign object.
func object(i int, fromKpt bool) string {
	kinds := []struct{ file, text string }{
		{"deployment.yaml", deployment}, {"configmap.yaml", configMap},
		{"service.yaml", service}, {"database.yaml", database},
	}
	kind := kinds[i%len(kinds)]
	text := strings.ReplaceAll(strings.Replace(kind.text, "METADATA", metadata, 1), "NUMBER", fmt.Sprint(i))
	annotations := ""
	if fromKpt {
		annotations = fmt.Sprintf(`
    config.kubernetes.io/index: '0'
    config.kubernetes.io/path: '%[1]s'
    internal.config.kubernetes.io/index: '0'
    internal.config.kubernetes.io/path: '%[1]s'
    internal.config.kubernetes.io/seqindent: 'compact'
    internal.config.kubernetes.io/annotations-migration-resource-id: '%[2]d'
    internal.config.kubernetes.io/id: '%[3]d'
    config.k8s.io/id: '%[3]d'`, fmt.Sprintf("apps/app-%d/%s", i, kind.file), i, i+1)
	}
	return strings.Replace(text, "\n    # ANNOTATIONS", annotations, 1)
}

// The objects resemble hand-written ones: they have comments, flow style, quotes and block scalars.
const (
	metadata = `metadata: # kpt-merge: apps/app-NUMBER
  name: app-NUMBER
  namespace: apps
  labels:
    app.kubernetes.io/name: app-NUMBER
    app.kubernetes.io/part-of: shop
  annotations:
    example.com/owner: "team-shop@example.com"`
	deployment = `apiVersion: apps/v1
kind: Deployment
METADATA
    # ANNOTATIONS
spec:
  replicas: 2 # kpt-set: ${replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: app-NUMBER
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-NUMBER
        app.kubernetes.io/part-of: shop
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 10001}
      containers:
      - name: app
        image: registry.example.com/shop/app:1.2.NUMBER
        args: ["--port=8080", "--log-level=info"]
        env:
        - name: DATABASE
          valueFrom:
            secretKeyRef: {name: app-NUMBER, key: url}
        - name: CACHE
          value: redis://cache.apps.svc.cluster.local:6379/NUMBER
        # Needed until every client speaks the new protocol.
        - name: LEGACY_PROTOCOL
          value: "true"
        ports:
        - containerPort: 8080
          name: http
        readinessProbe:
          httpGet:
            path: /ready
            port: http
          periodSeconds: 5
        resources:
          limits: {cpu: 500m, memory: 512Mi}
          requests: {cpu: 100m, memory: 128Mi}
        volumeMounts:
        - mountPath: /etc/app
          name: configuration
          readOnly: true
      volumes:
      - name: configuration
        configMap:
          name: app-NUMBER`
	configMap = `apiVersion: v1
kind: ConfigMap
METADATA
    # ANNOTATIONS
data:
  LEVEL: info
  TIMEOUT: "30"
  nginx.conf: |
    # in front of app-NUMBER
    worker_processes auto;
    events {
      worker_connections 1024;
    }
    http {
      upstream app {
        server app-NUMBER:8080 max_fails=3 fail_timeout=10s;
        keepalive 16;
      }
      server {
        listen 8443 ssl;
        server_name app-NUMBER.example.com;
        ssl_certificate     /etc/tls/tls.crt;
        ssl_certificate_key /etc/tls/tls.key;
        location / {
          proxy_pass http://app;
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
        location /static/ {
          root /srv/www;
          expires 7d;
          add_header Cache-Control "public, immutable";
        }
        location /api/ {
          limit_req zone=api burst=20 nodelay;
          proxy_pass http://app;
          proxy_read_timeout 60s;
          proxy_next_upstream error timeout http_503;
        }
        location /healthz {
          access_log off;
          return 200 "ok";
        }
      }
    }
  flags.json: |
    {
      "checkout": {"enabled": true, "share": 0.5},
      "search": {"enabled": false, "share": 0},
      "recommendations": {"enabled": true, "share": 1},
      "app": "app-NUMBER"
    }`
	service = `apiVersion: v1
kind: Service
METADATA
    example.com/description: What the front end and the applications call
    example.com/runbook: https://runbooks.example.com/shop/app-NUMBER/what-to-do-when-nobody-answers
    external-dns.alpha.kubernetes.io/hostname: app-NUMBER.example.com,app-NUMBER.internal.example.com
    external-dns.alpha.kubernetes.io/ttl: "60"
    service.beta.kubernetes.io/aws-load-balancer-type: nlb
    service.beta.kubernetes.io/aws-load-balancer-internal: "true"
    service.beta.kubernetes.io/aws-load-balancer-backend-protocol: tcp
    service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: /healthz
    service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags: cost-center=4711,app=app-NUMBER
    # ANNOTATIONS
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  sessionAffinity: ClientIP
  sessionAffinityConfig:
    clientIP: {timeoutSeconds: 10800}
  selector:
    app.kubernetes.io/name: app-NUMBER
  ports:
  - name: http
    port: 80
    targetPort: http
    protocol: TCP
  - name: https
    port: 443
    targetPort: https
    protocol: TCP
  # for the scraper
  - name: metrics
    port: 9090
    targetPort: metrics
    protocol: TCP
  loadBalancerSourceRanges:
  - 10.0.0.0/8
  - 172.16.0.0/12
  - 192.168.0.0/16`
	database = `apiVersion: example.com/v1beta2
kind: Database
METADATA
    # ANNOTATIONS
spec:
  version: "17"
  instances: 3
  storage:
    class: fast
    size: 20Gi
  parameters:
    max_connections: "200"
    shared_buffers: 512MB
    log_min_duration_statement: 250ms
  users:
  - name: app
    roles: [read, write]
    secret: {name: app-NUMBER, key: password}
  - name: reports
    roles: [read]
    secret: {name: app-NUMBER-reports, key: password}
  backup:
    schedule: "0 30 1 * * *"
    retention: 14d
    destination: s3://backups-NUMBER/app-NUMBER
    credentials:
      accessKey: {name: backups, key: access}
      secretKey: {name: backups, key: secret}
  monitoring:
    enabled: true
    queries: |
      app_orders:
        query: SELECT count(*) AS open FROM orders WHERE state = 'open'
        metrics:
        - open: {usage: GAUGE, description: "Orders that nobody has sent yet"}
      app_lag:
        query: SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS seconds
        metrics:
        - seconds: {usage: GAUGE, description: "How far a replica is behind"}
  # A change restarts the replicas, one after the other.
  resources:
    limits: {cpu: "2", memory: 4Gi}
    requests: {cpu: 500m, memory: 2Gi}
  maintenance:
    windows:
    - {day: Sunday, from: "02:00", to: "04:00"}`
)
