// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/postgres"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// databaseSizes are CPU and memory of a database server for a number of users, if they are more than the default.
// Mattermost's reference architectures have 2 CPUs and 16 GiB for 2,000 concurrent users, and 8 CPUs and 64 GiB for
// 30,000 (docs.mattermost.com, scale-to-2000-users and scale-to-30000-users); the others are between those.
var databaseSizes = map[int32]struct{ cpu, memory string }{
	1000:  {"1", "4Gi"},
	5000:  {"2", "16Gi"},
	10000: {"4", "32Gi"},
	25000: {"8", "64Gi"},
}

const (
	fieldDatabaseResources  = "spec.database.inCluster.resources"
	fieldDatabaseParameters = "spec.database.inCluster.parameters"
)

// databaseSize decides resources and parameters of the database in the cluster, max_connections excepted. A change of
// resources restarts PostgreSQL, and a pod that asks for more than a node has would not start again: so those of a
// database that exists stay unless the configuration sets them.
func (b *builder) databaseSize(group, kind string) (corev1.ResourceRequirements, map[string]string) {
	in := b.spec.Database.InCluster
	resources, parameters := *in.Resources, maps.Clone(in.Parameters)
	if parameters == nil {
		parameters = map[string]string{}
	}
	existing := b.existingDatabaseObject(group, kind)
	if b.spec.Users != nil && (!b.given(fieldDatabaseResources) || b.hasOnlyNullLimit(fieldDatabaseResources)) {
		resources = b.sizeForUsers(resources, parameters, existing)
	}
	resources = b.withoutNullLimit(fieldDatabaseResources, resources, v1alpha1.DefaultCPU)
	if existing != nil {
		b.reportParameterRestart(existing, parameters)
	}
	b.checkSharedBuffers(resources, parameters)
	return resources, parameters
}

// sizeForUsers returns the resources for the number of users, or those of the existing database, and adds the parameter
// that belongs to them.
func (b *builder) sizeForUsers(resources corev1.ResourceRequirements, parameters map[string]string,
	existing *resourcelist.Item) corev1.ResourceRequirements {
	const shared = "shared_buffers"
	wanted, isSized := databaseSizes[*b.spec.Users]
	if isSized {
		list := quantities(wanted.cpu, wanted.memory)
		resources = corev1.ResourceRequirements{Requests: list, Limits: list.DeepCopy()}
	}
	_, isGiven := parameters[shared]
	if existing == nil {
		if isSized && !isGiven {
			parameters[shared] = strconv.FormatInt(resources.Limits.Memory().Value()>>22, 10) + "MB"
		}
		return resources
	}
	if earlier := databaseParameter(existing, shared); earlier != "" && !isGiven {
		parameters[shared] = earlier
	}
	earlier, ok := resourcesOf(existing)
	if !ok || sameResources(earlier, resources) {
		return resources
	}
	b.report.Report(result.Info, "", "spec.users", "does not change the resources of the database, which exists and has "+
		"%s: PostgreSQL would restart. %d users need %s; to change them, set %s", describe(earlier), *b.spec.Users,
		describe(resources), fieldDatabaseResources)
	return earlier
}

// resourcesOf returns the resources of a database server in a Cluster or StatefulSet.
func resourcesOf(item *resourcelist.Item) (corev1.ResourceRequirements, bool) {
	node := resourcelist.Field(item.Node(), "spec", "resources")
	containers := resourcelist.Field(item.Node(), "spec", "template", "spec", "containers")
	if containers != nil && len(containers.Content) > 0 { // a StatefulSet
		node = resourcelist.Field(containers.Content[0], "resources")
	}
	if node == nil {
		return corev1.ResourceRequirements{}, false
	}
	requests, ok := quantitiesOf(resourcelist.Field(node, "requests"))
	limits, alsoOK := quantitiesOf(resourcelist.Field(node, "limits"))
	return corev1.ResourceRequirements{Requests: requests, Limits: limits}, ok && alsoOK && len(limits) > 0
}

func quantitiesOf(node *yaml.Node) (corev1.ResourceList, bool) {
	if node == nil {
		return nil, true
	}
	list := corev1.ResourceList{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		quantity, err := resource.ParseQuantity(resourcelist.Text(node.Content[i+1]))
		if err != nil {
			return nil, false
		}
		list[corev1.ResourceName(node.Content[i].Value)] = quantity
	}
	return list, true
}

func sameResources(a, b corev1.ResourceRequirements) bool {
	same := func(x, y resource.Quantity) bool { return x.Cmp(y) == 0 }
	return maps.EqualFunc(a.Requests, b.Requests, same) && maps.EqualFunc(a.Limits, b.Limits, same)
}

// describe names CPU and memory of a server.
func describe(resources corev1.ResourceRequirements) string {
	return resources.Limits.Cpu().String() + " CPU and " + resources.Limits.Memory().String()
}

// reportParameterRestart reports changed parameters that PostgreSQL reads only when it starts.
func (b *builder) reportParameterRestart(existing *resourcelist.Item, parameters map[string]string) {
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		p, known := postgres.Find(name)
		if known && p.NeedsRestart() && databaseParameter(existing, name) != parameters[name] {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return
	}
	b.report.Report(result.Warning, ruleid.DatabaseParameters, fieldDatabaseParameters, "%s changed: PostgreSQL "+
		"restarts, and with one instance Mattermost is unavailable until it is ready again. Apply this "+
		"when a short interruption is "+
		"acceptable", strings.Join(changed, ", "))
}

// checkSharedBuffers reports shared_buffers that do not fit into the memory. CloudNativePG refuses more than the
// request (internal/webhook/v1/cluster_webhook.go); the plain PostgreSQL is killed.
func (b *builder) checkSharedBuffers(resources corev1.ResourceRequirements, parameters map[string]string) {
	text, ok := parameters["shared_buffers"]
	bytes, parsed := postgres.Memory(text)
	memory := resources.Requests.Memory()
	if memory.IsZero() {
		memory = resources.Limits.Memory()
	}
	if !ok || !parsed || memory.IsZero() || bytes <= memory.Value() {
		return
	}
	b.report.Report(result.Error, ruleid.DatabaseParameters, fieldDatabaseParameters+".shared_buffers", "%s is more "+
		"than the memory of a database server (%s); a quarter of the memory is usual", text, memory)
}
