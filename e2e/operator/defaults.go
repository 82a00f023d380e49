// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A size sets the replicas and resources of the server (clusterinstallation_sizes.go).
type size struct {
	replicas           int32
	requests, limits   string // CPU
	memory, mostMemory string
}

// sizes by their names. "250000users", which the description of the definition lists, is not one.
var sizes = map[string]size{
	"miniSingleton": {1, "10m", "2", "150Mi", "4Gi"},
	"miniHA":        {2, "10m", "2", "150Mi", "4Gi"},
	"cloud10users":  {2, "10m", "2", "150Mi", "4Gi"},
	"cloud100users": {2, "50m", "2", "256Mi", "4Gi"},
	"100users":      {1, "100m", "2", "256Mi", "4Gi"},
	"1000users":     {2, "150m", "2", "256Mi", "4Gi"},
	"5000users":     {2, "500m", "4", "500Mi", "8Gi"},
	"10000users":    {2, "500m", "4", "500Mi", "8Gi"},
	"25000users":    {2, "1", "4", "4Gi", "16Gi"},
}

const defaultSize = "5000users"

func (s size) resources() corev1.ResourceRequirements {
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse(memory)}
	}
	return corev1.ResourceRequirements{Requests: list(s.requests, s.memory), Limits: list(s.limits, s.mostMemory)}
}

// setDefaults fills in what is missing. A known size replaces replicas and resources; an unknown one is ignored (the
// operator logs it).
func (s *spec) setDefaults() {
	s.Image = cmp.Or(s.Image, "mattermost/mattermost-enterprise-edition")
	s.Version = cmp.Or(s.Version, "10.8.1")
	s.ImagePullPolicy = cmp.Or(s.ImagePullPolicy, corev1.PullIfNotPresent)
	given, known := sizes[s.Size]
	if !known {
		given = sizes[defaultSize]
	}
	if known || s.Replicas == nil {
		s.Replicas = &given.replicas
	}
	if known || s.Scheduling.Resources.Size() == 0 {
		s.Scheduling.Resources = given.resources()
	}
	s.Size = ""
}
