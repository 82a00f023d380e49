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

// use is something outside that only one installation can use.
type use struct {
	// key is the same for two that are in each other's way.
	key string
	// field is where the configuration asks for it.
	field string
	// what it is, for people, and what can be done about it.
	what, instead string
}

// conflicts reports what two installations of one run cannot both have. It names both, each with its place, and does not
// depend on the order in which they came.
func conflicts(installations []*installation) {
	installations = slices.Clone(installations)
	slices.SortStableFunc(installations, func(a, b *installation) int {
		return cmp.Or(cmp.Compare(a.item.File, b.item.File), cmp.Compare(a.item.Index, b.item.Index), cmp.Compare(a.name(), b.name()))
	})
	first := map[string]*installation{}
	for _, i := range installations {
		if i.plan == nil {
			continue
		}
		var told []string // one sentence for a site, however many gateways it shares
		for _, use := range i.uses() {
			other := first[use.key]
			switch {
			case other == nil:
				first[use.key] = i
			case other != i && !slices.Contains(told, use.field):
				told = append(told, use.field)
				i.report.Report(result.Error, "", use.field, "%s%s and %s%s both use %s; %s", i.name(), in(i.item), other.name(), in(other.item), use.what, use.instead)
			}
		}
	}
}

func (i *installation) name() string {
	return v1alpha1.Kind + " " + i.config.Namespace + "/" + i.config.Name
}

// uses are the site, the database and the place for files, where they are outside.
func (i *installation) uses() []use {
	uses := i.siteUses()
	switch database := i.config.Spec.Database; {
	case database.ExistingSecret != "":
		secret := i.plan.Namespace + "/" + database.ExistingSecret
		uses = append(uses, use{"secret " + secret, "spec.database.existingSecret", "the database of Secret " + secret, "give each a database of its own"})
	case database.IsExternal():
		address := strings.ToLower(database.Host) + ":" + strconv.Itoa(int(*database.Port))
		uses = append(uses, use{
			"database " + address + "/" + database.Database, "spec.database.database",
			fmt.Sprintf("the database %s at %s", database.Database, address), "give each a database of its own",
		})
	}
	if files := i.config.Spec.ObjectStorage; files.ExistingSecret+files.Bucket != "" && files.IsExternal() {
		if endpoint, err := files.ParseEndpoint(); err == nil {
			address := strings.ToLower(endpoint.Address())
			folder := strings.Trim(files.Bucket+"/"+strings.Trim(files.PathPrefix, "/"), "/")
			uses = append(uses, use{
				"files " + address + "/" + folder, "spec.objectStorage.bucket",
				fmt.Sprintf("the bucket %s at %s", folder, address), "give each a bucket, or a pathPrefix, of its own",
			})
		}
	}
	return uses
}

// siteUses are the host name at each gateway, or at the Ingress controller.
func (i *installation) siteUses() []use {
	route, field := i.plan.Route, "spec.domain"
	if i.given("spec.host") {
		field = "spec.host"
	}
	at := func(where string) use {
		return use{
			"site " + string(route.Type) + " " + where + " " + route.Host, field,
			fmt.Sprintf("the host %s at %s", route.Host, where), "give each a host of its own, in spec.host",
		}
	}
	switch route.Type {
	case v1alpha1.RouteIstio, v1alpha1.RouteGatewayAPI:
		var uses []use
		for _, gateway := range route.Gateways {
			uses = append(uses, at("gateway "+cmp.Or(gateway.Namespace, i.plan.Namespace)+"/"+gateway.Name))
		}
		return uses
	case v1alpha1.RouteIngress:
		return []use{at(strings.TrimSpace("Ingress class " + cmp.Or(route.IngressClass, "by default")))}
	}
	return nil
}
