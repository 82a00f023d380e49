// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"

	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// A program can use the types to write a configuration.
func Example() {
	replicas := int32(2)
	config := v1alpha1.MattermostConfig{}
	config.APIVersion, config.Kind = v1alpha1.APIVersion, v1alpha1.Kind
	config.Name, config.Namespace = "mattermost", "mattermost"
	config.Spec.Domain = "example.com"
	config.Spec.Replicas = &replicas
	config.Spec.Enterprise = &v1alpha1.Enterprise{Enabled: true,
		License: &v1alpha1.License{SecretValue: &v1alpha1.SecretValue{
			SecretKeyRef: &v1alpha1.KeyRef{Name: "license", Key: "license"},
		}}}
	out, err := yaml.Marshal(config)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(string(out))
	// Output:
	// apiVersion: mattermost.bigbang.dev/v1alpha1
	// kind: MattermostConfig
	// metadata:
	//   name: mattermost
	//   namespace: mattermost
	// spec:
	//   domain: example.com
	//   enterprise:
	//     enabled: true
	//     license:
	//       secretKeyRef:
	//         key: license
	//         name: license
	//   replicas: 2
}

// SetDefaults sets the defaults that the function uses.
func ExampleMattermostConfig_SetDefaults() {
	config := v1alpha1.MattermostConfig{Spec: v1alpha1.MattermostConfigSpec{Domain: "example.com"}}
	config.SetDefaults()
	fmt.Println(config.Namespace, config.Spec.Version, config.Spec.Profile)
	fmt.Println(config.Spec.Route.Type, config.Spec.Route.Gateways)
	fmt.Println(config.Spec.Database.InCluster.Engine, config.Spec.ObjectStorage.InCluster.Engine)
	// Output:
	// mattermost 11.10.0 bigbang
	// istio [istio-gateway/public-ingressgateway]
	// cloudnative-pg volume
}

func ExampleParseHostPort() {
	for _, hostport := range []string{"db.example.com", "db.example.com:6432", "[2001:db8::1]"} {
		host, port, err := v1alpha1.ParseHostPort(hostport, 5432)
		fmt.Println(host, port, err)
	}
	// Output:
	// db.example.com 5432 <nil>
	// db.example.com 6432 <nil>
	// 2001:db8::1 5432 <nil>
}

func ExampleAtLeast() {
	fmt.Println(v1alpha1.AtLeast("11.10.0", 11, 3), v1alpha1.AtLeast("10.11.2", 11, 0))
	// Output: true false
}
