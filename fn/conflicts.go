// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/result"
)

// use is an external resource that only one installation can use.
type use struct {
	// key identifies the resource.
	key string
	// field is the field of the configuration that selects the resource.
	field string
	// what describes the resource in messages, and instead the fix.
	what, instead string
}

// conflicts reports resources that two installations use, and names of objects that an operator manages for one of
// them. The messages name both and their files, and do not depend on the order of the input.
func conflicts(installations []*installation, index resourceIndex) {
	installations = slices.Clone(installations)
	slices.SortStableFunc(installations, func(a, b *installation) int {
		return cmp.Or(
			cmp.Compare(a.item.Path(), b.item.Path()), cmp.Compare(a.item.Index, b.item.Index), cmp.Compare(a.name(), b.name()),
		)
	})
	first := map[string]*installation{}
	for _, i := range installations {
		if i.plan == nil {
			continue
		}
		var reported []string // report a host once, even if it is used at several gateways
		for _, use := range i.uses() {
			other := first[use.key]
			switch {
			case other == nil:
				first[use.key] = i
			case other != i && !slices.Contains(reported, use.field):
				reported = append(reported, use.field)
				i.report.Report(result.Error, "", use.field, "%s%s and %s%s both use %s; %s",
					i.name(), in(i.item), other.name(), in(other.item), use.what, use.instead)
			}
		}
	}
	nameConflicts(installations, index)
}

func (i *installation) name() string {
	return v1alpha1.Kind + " " + i.config.Namespace + "/" + i.config.Name
}

// uses returns the hosts, the external database, the external bucket and the ports of the nodes that the installation
// uses.
func (i *installation) uses() []use {
	uses := i.siteUses()
	switch database := i.config.Spec.Database; {
	case database.ExistingSecret != "":
		secret := i.plan.Namespace + "/" + database.ExistingSecret
		uses = append(uses, use{
			"secret " + secret, "spec.database.existingSecret",
			"the database of Secret " + secret, "use a separate database for each",
		})
	case database.IsExternal():
		address := strings.ToLower(database.Host) + ":" + strconv.Itoa(int(*database.Port))
		uses = append(uses, use{
			"database " + address + "/" + database.Database, "spec.database.database",
			fmt.Sprintf("the database %s at %s", database.Database, address), "use a separate database for each",
		})
	}
	if files := i.config.Spec.ObjectStorage; files.ExistingSecret+files.Bucket != "" && files.IsExternal() {
		if endpoint, err := files.ParseEndpoint(); err == nil {
			address := strings.ToLower(endpoint.Address())
			path := strings.Trim(files.Bucket+"/"+strings.Trim(files.PathPrefix, "/"), "/")
			uses = append(uses, use{
				"files " + address + "/" + path, "spec.objectStorage.bucket",
				fmt.Sprintf("the bucket %s at %s", path, address), "use a separate bucket or pathPrefix for each",
			})
		}
	}
	if claim := i.plan.Files.Claim; claim != nil {
		field := "metadata.name"
		if claim.Exists {
			field = "spec.objectStorage.inCluster.existingClaim"
		}
		name := i.plan.Namespace + "/" + claim.Name
		uses = append(uses, use{
			"claim " + name, field, "the PersistentVolumeClaim " + name, "use a separate claim for each",
		})
	}
	return append(uses, i.nodePorts()...)
}

// nodePorts returns the ports of the nodes that the configuration chooses. A port belongs to one Service of the
// cluster.
func (i *installation) nodePorts() []use {
	var uses []use
	add := func(field string, port int32) {
		if port != 0 {
			number := strconv.Itoa(int(port))
			uses = append(uses, use{
				"node port " + number, field, "the port " + number + " of the nodes", "use a separate port for each",
			})
		}
	}
	if service := i.plan.Service; service != nil {
		add("spec.service.nodePort", service.NodePort)
	}
	if calls := i.plan.Calls; calls != nil {
		add("spec.calls.service.nodePort", calls.Service.NodePort)
	}
	return uses
}

// siteUses returns the host at each gateway, or at the Ingress controller.
func (i *installation) siteUses() []use {
	route, field := i.plan.Route, "spec.domain"
	if i.given("spec.host") {
		field = "spec.host"
	}
	at := func(where string) use {
		return use{
			"site " + string(route.Type) + " " + where + " " + route.Host, field,
			fmt.Sprintf("the host %s at %s", route.Host, where), "set a different spec.host for each",
		}
	}
	switch route.Type {
	case v1alpha1.RouteIstio, v1alpha1.RouteGatewayAPI:
		var uses []use
		for _, gateway := range route.Gateways {
			if gateway.IsMesh(route.Type) {
				continue
			}
			uses = append(uses, at("gateway "+cmp.Or(gateway.Namespace, i.plan.Namespace)+"/"+gateway.Name))
		}
		return uses
	case v1alpha1.RouteIngress:
		return []use{at(strings.TrimSpace("Ingress class " + cmp.Or(route.IngressClass, "by default")))}
	}
	return nil
}
