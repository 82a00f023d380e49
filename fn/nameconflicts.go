// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// claim is an object that exists, or must not exist, because of an installation. APIVersion of its id is only the API
// group, as in a resourceIndex.
type claim struct {
	id resourcelist.ID
	// operator creates or deletes the object; empty if mattermost-fn emits it.
	operator string
	deletes  bool
	// uses means that the installation needs the object and that someone else creates it.
	uses bool
	// installation is the one that the object belongs to.
	installation *installation
}

// purpose says who does what with the object.
func (c claim) purpose() string {
	switch {
	case c.uses:
		return c.installation.name() + " uses it"
	case c.operator == "":
		return "mattermost-fn generates it for " + c.installation.name()
	case c.deletes:
		return c.operator + " deletes it for " + c.installation.name()
	}
	return c.operator + " manages it for " + c.installation.name()
}

// claims returns the objects that are emitted for the installation, and those that operators create or delete for it.
func (i *installation) claims() []claim {
	operators := plan.OperatorObjects(i.plan.Names, &i.config.Spec)
	claims := make([]claim, 0, len(i.items)+len(operators)+1)
	for _, item := range i.items {
		id := resourcelist.ID{APIVersion: item.Group(), Kind: item.Kind, Namespace: item.Namespace, Name: item.Name}
		claims = append(claims, claim{id: id, installation: i})
	}
	for _, object := range operators {
		claims = append(claims, claim{
			resourcelist.ID{APIVersion: object.Group, Kind: object.Kind, Namespace: object.Namespace, Name: object.Name},
			object.Operator, object.Deletes, false, i,
		})
	}
	if class := i.plan.Route.IngressClass; i.plan.Route.Type == v1alpha1.RouteIngress && class != "" {
		id := resourcelist.ID{APIVersion: "networking.k8s.io", Kind: "IngressClass", Name: class}
		claims = append(claims, claim{id: id, uses: true, installation: i})
	}
	return claims
}

// nameConflicts reports objects that an operator creates or deletes for one installation and that are emitted or
// created for another one. Objects that are emitted for two installations are reported when they are added to the list.
func nameConflicts(installations []*installation, index resourceIndex) {
	const usual = 40 // claims of an installation
	first, active := make(map[resourcelist.ID]*claim, usual*len(installations)), map[string]bool{}
	for _, i := range installations {
		active[ownership.Owner(i.config.Namespace, i.config.Name)] = true
	}
	for _, i := range installations {
		if i.plan == nil {
			continue
		}
		var conflicting []*claim // the first one of each pair of installations
		also := map[*installation][]string{}
		claims := i.claims()
		for n := range claims {
			c := &claims[n]
			other, claimed := first[c.id]
			switch {
			case !claimed, other.deletes && !c.deletes && other.installation == i:
				first[c.id] = c
			case other.installation == i, other.deletes && c.deletes, other.uses && c.uses,
				other.operator == "" && c.operator == "":
			default:
				if also[other.installation] == nil {
					conflicting = append(conflicting, c)
				}
				also[other.installation] = append(also[other.installation], c.id.String())
			}
			if owner := index.managedFor(c.id); c.operator != "" && owner != "" && !active[owner] {
				i.report.Report(result.Error, "", "metadata.name", "conflicts with %s among the resources, which was generated "+
					"for MattermostConfig %s: %s; rename one of the two installations, or delete the object if "+
					"the other one no longer exists", c.id, owner, c.purpose())
			}
		}
		for _, c := range conflicting {
			other := first[c.id]
			objects := also[other.installation]
			more := ""
			if len(objects) > 1 {
				more = ", and the same applies to " + strings.Join(objects[1:], ", ")
			}
			i.report.Report(result.Error, "", "metadata.name", "%s%s and %s%s both use %s: %s, and %s%s; rename one of the two",
				i.name(), in(i.item), other.installation.name(), in(other.installation.item), c.id,
				c.purpose(), other.purpose(), more)
		}
	}
}
