// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"net"
	"net/url"
	"strings"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// place is where the servers store messages or files, as far as the Mattermost resource and its Secret show it.
type place struct {
	// key is equal for two places that are the same one; empty if the place is not known.
	key string
	// text describes the place in messages. It contains no credentials.
	text string
	// item is the object that stores the data in the cluster; nil if it is not among the objects.
	item *resourcelist.Item
}

// move is a change of the place of one store.
type move struct {
	// field is the field of the configuration that decides the place.
	field string
	// what is the data, for messages.
	what string
	// before and after are the places.
	before, after place
	// state continues the description of the place after the change: whether it has data. It may be empty.
	state string
	// reported means that the warning about the object with the earlier data says it.
	reported bool
}

// checkMoves notes which stores of an installation change their place. Nothing copies the data, so that the servers
// would start with other data, or with none, although no object is lost.
func (c *Changes) checkMoves(existing, generated *resourcelist.Item, owner string) {
	earlier := func(group, kind, namespace, name string) *resourcelist.Item {
		return c.index.Find(group, kind, namespace, name)
	}
	objects := c.configurations[owner].Objects
	later := func(group, kind, namespace, name string) *resourcelist.Item {
		for _, object := range objects {
			if object.Group() == group && object.Kind == kind && object.Namespace == namespace && object.Name == name {
				return object
			}
		}
		return earlier(group, kind, namespace, name)
	}
	for _, m := range []*move{
		{
			field: "spec.database", what: "messages and accounts",
			before: finder(earlier).database(existing), after: finder(later).database(generated),
		},
		{
			field: "spec.objectStorage", what: "uploaded files",
			before: finder(earlier).files(existing), after: finder(later).files(generated),
		},
	} {
		if m.before.key == "" || m.after.key == "" || m.before.key == m.after.key {
			continue
		}
		if item := m.after.item; item != nil {
			exists := earlier(item.Group(), item.Kind, item.Namespace, item.Name) != nil
			switch {
			case exists:
				m.state = ", which exists already and lacks what was written elsewhere"
			case item.Kind == "Cluster" && readBootstrap(item.Node()).filledFrom != "":
				continue // CloudNativePG restores or imports it
			default:
				m.state = ", which starts empty"
			}
		}
		c.moves[owner] = append(c.moves[owner], m)
	}
}

// guide is where the documentation describes how data moves.
const guide = "docs/storage.md, \"Move to another database or storage\""

// reportMoves reports the moves of an owner that no other warning mentions.
func (c *Changes) reportMoves(owner string) {
	for _, m := range c.moves[owner] {
		if m.reported {
			continue
		}
		same := ""
		if m.after.item == nil {
			same = ". If both are the same place under two names, ignore this warning"
		}
		report := *c.reports[owner]
		report.Results = nil
		report.Report(result.Warning, "", m.field, "the servers used %s until now, and will use %s%s. Nothing is copied: "+
			"users will not see the existing %s. To keep them, change the configuration back, or copy them while the "+
			"servers are stopped (%s)%s", m.before.text, m.after.text, m.state, m.what, guide, same)
		c.results = append(c.results, report.Results...)
	}
}

// moveFrom returns what the warning about an object with data that is handed over says about the place that replaces
// it.
func (c *Changes) moveFrom(item *resourcelist.Item, owner string) string {
	for _, m := range c.moves[owner] {
		if m.before.item == item {
			m.reported = true
			return "The servers will use " + m.after.text + m.state + "; nothing is copied (" + guide + "). "
		}
	}
	return ""
}

// finder returns an object, or nil.
type finder func(group, kind, namespace, name string) *resourcelist.Item

// database returns where a Mattermost resource stores messages: what its variables say, which override the Secret, or
// otherwise the Secret.
func (find finder) database(mattermost *resourcelist.Item) place {
	config := resourcelist.ServerVariable(mattermost, "MM_CONFIG")
	if found := find.connection(config, mattermost.Namespace); found.key != "" {
		return found
	}
	name := resourcelist.Text(resourcelist.Field(mattermost.Node(), "spec", "database", "external", "secret"))
	if name == "" {
		return place{}
	}
	if secret := find("", "Secret", mattermost.Namespace, name); secret != nil {
		text := secretValue(secret.Node(), "DB_CONNECTION_STRING")
		if found := find.connection(text, mattermost.Namespace); found.key != "" {
			return found
		}
	}
	name = mattermost.Namespace + "/" + name
	return place{key: "secret " + name, text: "the database that Secret " + name + " names"}
}

// connection returns the database of a connection string; no key if the string is not a URL with a host and a database.
// User and password of the URL are not part of the place.
func (find finder) connection(text, namespace string) place {
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
		return place{}
	}
	host, port := localHost(u.Hostname(), namespace), u.Port()
	if port == "" {
		port = "5432"
	}
	database, schema := strings.Trim(u.Path, "/"), u.Query().Get("search_path")
	p := place{key: host + ":" + port + "/" + database + "?" + schema, text: "database " + database}
	if schema != "" {
		p.text = "schema " + schema + " of " + p.text
	}
	if cluster, found := strings.CutSuffix(host, "-rw"); found {
		p.item = find("postgresql.cnpg.io", "Cluster", namespace, cluster)
	} else {
		p.item = find("apps", "StatefulSet", namespace, host)
	}
	if p.item != nil {
		p.text += " of " + p.item.String()
	} else {
		p.text += " at " + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
	}
	return p
}

// files returns where a Mattermost resource stores files. The operator prefers an S3 service with an address to a
// volume.
func (find finder) files(mattermost *resourcelist.Item) place {
	store := resourcelist.Field(mattermost.Node(), "spec", "fileStore")
	address := resourcelist.Text(resourcelist.Field(store, "external", "url"))
	if address == "" {
		name := resourcelist.Text(resourcelist.Field(store, "externalVolume", "volumeClaimName"))
		if name == "" {
			return place{}
		}
		id := mattermost.Namespace + "/" + name
		return place{"claim " + id, "PersistentVolumeClaim " + id,
			find("", "PersistentVolumeClaim", mattermost.Namespace, name)}
	}
	kind, prefix := "bucket", "MM_FILESETTINGS_AMAZONS3PATHPREFIX"
	if resourcelist.ServerVariable(mattermost, "MM_FILESETTINGS_DRIVERNAME") == "azureblob" {
		kind, prefix = "Azure container", "MM_FILESETTINGS_AZUREPATHPREFIX"
	}
	bucket := resourcelist.Text(resourcelist.Field(store, "external", "bucket"))
	if directory := strings.Trim(resourcelist.ServerVariable(mattermost, prefix), "/"); directory != "" {
		bucket += "/" + directory
	}
	address = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(address), ":443"), ":80")
	p := place{key: kind + " " + bucket + " " + storageService(address, mattermost.Namespace)}
	name, _, _ := strings.Cut(localHost(address, mattermost.Namespace), ":")
	if tenant, found := strings.CutSuffix(name, "-hl"); found {
		p.item = find("minio.min.io", "Tenant", mattermost.Namespace, tenant)
	}
	p.text = kind + " " + bucket + " at " + address
	if p.item != nil {
		p.text = kind + " " + bucket + " of " + p.item.String()
	}
	return p
}

// storageService returns a name for a service in which the name of a bucket is unique. Amazon's has one per partition,
// whatever the region.
func storageService(address, namespace string) string {
	switch {
	case strings.HasSuffix(address, ".amazonaws.com.cn"):
		return "Amazon China"
	case strings.HasSuffix(address, ".amazonaws.com") && strings.Contains(address, "us-gov-"):
		return "Amazon GovCloud"
	case strings.HasSuffix(address, ".amazonaws.com"):
		return "Amazon"
	}
	return localHost(address, namespace)
}

// localHost returns the shortest name of a Service of a namespace, and every other host as it is, in lower case. The
// host may have a port.
func localHost(address, namespace string) string {
	host, port, _ := strings.Cut(strings.ToLower(address), ":")
	if strings.Contains(port, ":") { // an IPv6 address
		return strings.ToLower(address)
	}
	host = strings.TrimSuffix(host, ".")
	for _, suffix := range []string{".svc.cluster.local", ".svc"} {
		if service, found := strings.CutSuffix(host, suffix); found {
			host = service
			break
		}
	}
	host = strings.TrimSuffix(host, "."+namespace)
	if port != "" {
		host += ":" + port
	}
	return host
}
