// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Null removes each default CPU limit, of all containers in all objects, and neither a memory limit nor a request.
func TestNullRemovesEveryCPULimit(t *testing.T) {
	const s3 = "objectStorage: {region: us-east-1, bucket: one, accessKey: {secretKeyRef: {name: s3, key: a}}, " +
		"accessSecret: {secretKeyRef: {name: s3, key: b}}}"
	for _, test := range []struct{ name, spec string }{
		{"backups", "{domain: a.b, users: 5000, %s, database: {inCluster: {%s, backup: {%s}}}, " + s3 + "}"},
		{
			"restored without backups", "{domain: a.b, %s, database: {inCluster: {%s, name: new, recover: " +
				"{from: old}, image: 'registry.example.com/postgresql:17.5'%.0s}}, " + s3 + "}",
		},
		{
			"plain database and MinIO", "{domain: a.b, version: 11.7.0, %s, database: {inCluster: {engine: statefulset, " +
				"password: p, %s}}, objectStorage: {inCluster: {engine: minio, accessKey: abcdef, accessSecret: abcdefghi, %s}}}",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			limits := func(resources string) []string {
				var found []string
				for _, object := range Generate(planOf(t, fmt.Sprintf(test.spec, resources, resources, resources))) {
					found = append(found, limitsIn(manifestNode(t, object).YNode(), object.GetName())...)
				}
				return found
			}
			removed, kept := limits("resources: {limits: {cpu: null}}"), limits("resources: {}")
			if len(kept) < 3 || len(removed) != len(kept) {
				t.Fatalf("%d limits are kept, %d without one of CPU: %v, %v", len(kept), len(removed), kept, removed)
			}
			for i, text := range removed {
				if strings.Contains(text, "cpu") || !strings.Contains(text, "memory") || !strings.Contains(kept[i], "cpu") {
					t.Errorf("got %s, kept are %s", text, kept[i])
				}
			}
		})
	}
}

// A CPU limit of null next to other resources keeps the default request of CPU, and never leaves the limit.
func TestNullCPULimitNextToOthers(t *testing.T) {
	for resources, want := range map[string]string{
		"{limits: {cpu: null}}":                                       "limits memory 4Gi, requests cpu 2 memory 4Gi",
		"{limits: {cpu: null}, requests: {cpu: null}}":                "limits memory 4Gi, requests cpu 2 memory 4Gi",
		"{limits: {cpu: null, memory: 8Gi}}":                          "limits memory 8Gi, requests cpu 2",
		"{limits: {cpu: null, memory: 8Gi}, requests: {cpu: null}}":   "limits memory 8Gi, requests cpu 2",
		"{limits: {cpu: null, memory: 8Gi}, requests: {memory: 1Gi}}": "limits memory 8Gi, requests cpu 2 memory 1Gi",
		"{limits: {cpu: null, memory: 8Gi}, requests: {cpu: 1}}":      "limits memory 8Gi, requests cpu 1",
		"{limits: {memory: null}}":                                    "limits cpu 2 memory 4Gi, requests cpu 2 memory 4Gi",
	} {
		p := planOf(t, "{domain: a.b, resources: "+resources+"}")
		text := func(list corev1.ResourceList) (text string) {
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if quantity, ok := list[name]; ok {
					text += " " + string(name) + " " + quantity.String()
				}
			}
			return text
		}
		if got := "limits" + text(p.Resources.Limits) + ", requests" + text(p.Resources.Requests); got != want {
			t.Errorf("%s: got %s, want %s", resources, got, want)
		}
	}
}

// limitsIn returns the names of all limits in a manifest, one text per container.
func limitsIn(node *yaml.Node, at string) (found []string) {
	for i, content := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "limits" {
			names := at + ":"
			for j := 0; j < len(content.Content); j += 2 {
				names += " " + content.Content[j].Value
			}
			found = append(found, names)
			continue
		}
		found = append(found, limitsIn(content, at)...)
	}
	return found
}
