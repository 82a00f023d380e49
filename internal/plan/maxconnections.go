// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

const (
	// ConnectionsPerServer is how many connections a server opens at most to each data source, unless it is given fewer:
	// the default of SqlSettings.MaxOpenConns.
	ConnectionsPerServer = 100
	// enoughPerServer is how many connections a server works well with.
	enoughPerServer = 50
	// fewestPerServer is how many connections a server needs at least.
	fewestPerServer = 10
	// reservedConnections is how many of PostgreSQL's connections the servers leave to others: superusers, replication,
	// backups, metrics, and the two that each server opens for its configuration (server/config/database.go).
	reservedConnections = 100
	// defaultMaxConnections is PostgreSQL's own default of max_connections.
	defaultMaxConnections = 100
)

// fieldMaxConnections is the field of the number of connections.
const fieldMaxConnections = "spec.database.inCluster.maxConnections"

// maxOpenConns is the environment variable of the number of connections of a server.
const maxOpenConns = "MM_SQLSETTINGS_MAXOPENCONNS"

// connectionShare returns how many connections each server may open. There is one server more than replicas during a
// rolling update.
func connectionShare(maxConnections, replicas int32) int32 {
	return min((maxConnections-reservedConnections)/(replicas+1), ConnectionsPerServer)
}

// maxConnections decides how many connections the database in the cluster accepts.
// PostgreSQL reads the number only when it starts, and a database with one instance is not available while it restarts.
// So the number does not depend on the number of servers, and one of an earlier run stays while it suffices.
func (b *builder) maxConnections(group, kind string) int32 {
	number := *b.spec.Database.InCluster.MaxConnections
	earlier := b.earlierMaxConnections(group, kind)
	given := b.given(fieldMaxConnections)
	switch {
	case earlier == 0 || earlier == number:
	case !given && (earlier > number || connectionShare(earlier, b.Replicas) >= enoughPerServer):
		number = earlier
	default:
		field, why := fieldMaxConnections, ""
		if !given {
			field = "spec.replicas"
			why = " because " + strconv.Itoa(int(earlier)) + " are too few for " + servers(b.Replicas)
		}
		b.report.Report(result.Warning, ruleid.InClusterSettings, field,
			"max_connections of the database changes from %d to %d%s: PostgreSQL restarts, and with one instance "+
				"Mattermost is unavailable until it is ready again. Apply this when a short interruption is acceptable",
			earlier, number, why)
	}
	b.checkShare(number, given)
	return number
}

// shareConnections limits the connections of each server to its share.
func (b *builder) shareConnections(maxConnections int32) {
	b.setEnv(maxOpenConns, strconv.Itoa(int(connectionShare(maxConnections, b.Replicas))), noField)
}

// checkShare reports a number of connections that leaves too few for each server.
func (b *builder) checkShare(number int32, given bool) {
	share := connectionShare(number, b.Replicas)
	if share >= enoughPerServer {
		return
	}
	severity := result.Warning
	if share < fewestPerServer {
		severity = result.Error
	}
	field := fieldMaxConnections
	if !given {
		field = "spec.replicas"
	}
	b.report.Report(severity, ruleid.InClusterSettings, field, "%s can open only %d database connections each; %d are "+
		"required and %d recommended. Of max_connections %d, %d are reserved, and a rolling update adds one server. "+
		"Set %s to %d or more",
		servers(b.Replicas), max(share, 0), fewestPerServer, enoughPerServer, number, reservedConnections,
		fieldMaxConnections, reservedConnections+enoughPerServer*(b.Replicas+1))
}

// checkMaxOpenConns reports a number of connections of the user's, in spec.settings or spec.env, for which the database
// in the cluster is too small.
func (b *builder) checkMaxOpenConns() {
	var number int32
	switch {
	case b.Database.CloudNativePG != nil:
		number = b.Database.CloudNativePG.MaxConnections
	case b.Database.StatefulSet != nil:
		number = b.Database.StatefulSet.MaxConnections
	default:
		return
	}
	for _, variable := range b.Env {
		if variable.Name != maxOpenConns || variable.Field == noField || variable.ValueFrom != nil {
			continue
		}
		each, err := strconv.ParseInt(variable.Value, 10, 32)
		if err != nil || each < 1 {
			continue // the rules for settings report it
		}
		if needed := reservedConnections + each*int64(b.Replicas+1); needed > int64(number) {
			b.report.Report(result.Warning, ruleid.InClusterSettings, variable.Field,
				"%s with %d connections each, one more server during a rolling update, and %d reserved connections "+
					"exceed max_connections (%d): PostgreSQL refuses connections when all are in use. "+
					"Set %s to %d or more, or remove this setting",
				servers(b.Replicas), each, reservedConnections, number, fieldMaxConnections, needed)
		}
	}
}

// earlierMaxConnections returns max_connections of the database that is among the resources, or 0.
func (b *builder) earlierMaxConnections(group, kind string) int32 {
	item := b.existingDatabaseObject(group, kind)
	if item == nil {
		return 0
	}
	text := databaseParameter(item, "max_connections")
	if text == "" {
		return defaultMaxConnections
	}
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil || number < 1 {
		return 0
	}
	return int32(number)
}

// existingDatabaseObject returns the Cluster or StatefulSet of the database that is among the resources, or nil.
func (b *builder) existingDatabaseObject(group, kind string) *resourcelist.Item {
	if item := b.stream.Earlier(b.Owner(), group, kind, b.Namespace, b.DatabaseName()); item != nil {
		return item
	}
	return b.stream.Foreign(group, kind, b.Namespace, b.DatabaseName())
}

// databaseParameter returns a parameter of PostgreSQL in a Cluster or StatefulSet; empty if it is not set.
func databaseParameter(item *resourcelist.Item, name string) string {
	if containers := resourcelist.Field(item.Node(), "spec", "template", "spec", "containers"); containers != nil {
		return argument(containers, name+"=")
	}
	return resourcelist.Text(resourcelist.Field(item.Node(), "spec", "postgresql", "parameters", name))
}

// argument returns the rest of the first argument of a container that begins with the prefix; empty for none.
func argument(containers *yaml.Node, prefix string) string {
	if containers == nil {
		return ""
	}
	for _, container := range containers.Content {
		arguments := resourcelist.Field(container, "args")
		if arguments == nil {
			continue
		}
		for _, element := range arguments.Content {
			if value, found := strings.CutPrefix(resourcelist.Text(element), prefix); found {
				return value
			}
		}
	}
	return ""
}

func servers(n int32) string {
	if n == 1 {
		return "one server"
	}
	return strconv.Itoa(int(n)) + " servers"
}
