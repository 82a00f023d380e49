// SPDX-License-Identifier: Apache-2.0

package operator

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Service is the server's, with the resource's patch applied: headless, or a load balancer without the metrics port.
func (i *Installation) Service() (*corev1.Service, error) {
	http, https := "http", "https"
	port := func(name string, number int32, protocol *string, target string) corev1.ServicePort {
		return corev1.ServicePort{Name: name, Port: number, AppProtocol: protocol, TargetPort: intstr.FromString(target)}
	}
	service := &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{
			Name: i.object.GetName(), Namespace: i.object.GetNamespace(), Labels: i.labels(nil),
			Annotations: i.spec.ServiceAnnotations,
		},
		Spec: corev1.ServiceSpec{
			Type:      corev1.ServiceTypeClusterIP,
			ClusterIP: corev1.ClusterIPNone,
			Ports: []corev1.ServicePort{port("app", 8065, &http, "app"),
				port("metrics", 8067, &http, "metrics")},
			Selector:                 i.ownLabels(),
			PublishNotReadyAddresses: true,
		},
	}
	if i.spec.UseServiceLoadBalancer {
		service.Spec.Type, service.Spec.ClusterIP = corev1.ServiceTypeLoadBalancer, ""
		service.Spec.Ports = []corev1.ServicePort{port("http", 80, &http, "app"), port("https", 443, &https, "app")}
	}
	return patched(service, "service", i.spec.ResourcePatch.Service, unpatchableService)
}
