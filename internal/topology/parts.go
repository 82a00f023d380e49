// SPDX-License-Identifier: Apache-2.0

package topology

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// route adds the users, the gateways and the Service that the operator creates.
func (d *drawing) route(servers string) {
	service := d.node(Node{
		ID: d.id("service"), Kind: KindService, Namespace: d.Namespace, Lines: []string{"Service " + d.Name},
	})
	d.edge(service, servers, fmt.Sprintf("TCP %d", plan.PortApp))
	if d.Route.Type == v1alpha1.RouteNone && d.Service == nil && d.Calls == nil {
		return
	}
	users := d.node(Node{ID: "users", Kind: KindUsers, Lines: []string{"users"}, Foreign: true})
	d.outside(users, servers)
	if d.Route.Type == v1alpha1.RouteNone {
		return
	}
	for _, gateway := range d.gateways() {
		id := d.node(gateway)
		d.edge(users, id, "HTTPS 443", d.Route.Host)
		d.edge(id, service, d.routeObject(), fmt.Sprintf("TCP %d", plan.PortApp), d.policy("allow-from-gateway"))
	}
}

// outside adds the Services for clients outside the cluster.
func (d *drawing) outside(users, servers string) {
	if service := d.Service; service != nil {
		id := d.node(Node{
			ID: d.id("external"), Kind: KindService, Namespace: d.Namespace,
			Lines: []string{"Service " + service.Name, string(service.Type)},
		})
		d.edge(users, id, fmt.Sprintf("HTTPS %d", service.Port), d.Route.Host)
		d.edge(id, servers, fmt.Sprintf("TCP %d", plan.PortApp), d.policy("allow-from-outside"))
	}
	if calls := d.Calls; calls != nil {
		id := d.node(Node{
			ID: d.id("calls"), Kind: KindService, Namespace: d.Namespace,
			Lines: []string{"Service " + calls.Service.Name, string(calls.Service.Type)},
		})
		d.edge(users, id, fmt.Sprintf("UDP and TCP %d", calls.ClientPort()), calls.Host)
		d.edge(id, servers, fmt.Sprintf("UDP and TCP %d", calls.Port), d.policy("allow-calls"))
	}
}

// gateways returns the nodes of the gateways or of the controller that serves the Ingress.
func (d *drawing) gateways() []Node {
	var nodes []Node
	if d.Route.Type == v1alpha1.RouteIngress {
		class := d.Route.IngressClass
		for _, namespace := range d.NetworkPolicies.GatewayNamespaces {
			nodes = append(nodes, Node{
				ID: identifier("ingress " + namespace + " " + class), Kind: KindGateway, Namespace: namespace, Foreign: true,
				Lines: []string{"Ingress controller", class},
			})
		}
		return nodes
	}
	for _, gateway := range d.Route.Gateways {
		if gateway.IsMesh(d.Route.Type) {
			continue
		}
		in := gateway.Namespace
		if in == "" {
			in = d.Namespace
		}
		nodes = append(nodes, Node{
			ID: identifier("gateway " + in + " " + gateway.Name), Kind: KindGateway, Namespace: in, Foreign: true,
			Lines: []string{"Gateway " + gateway.Name},
		})
	}
	return nodes
}

// routeObject returns the object that connects the gateway with the Service.
func (d *drawing) routeObject() string {
	switch d.Route.Type {
	case v1alpha1.RouteGatewayAPI:
		return "HTTPRoute " + d.Name
	case v1alpha1.RouteIngress:
		return "Ingress " + d.Name
	}
	return "VirtualService " + d.Name
}

// titles name destinations of which no more is known than their kind.
var titles = map[plan.DestinationKind]string{
	plan.DestinationDatabase:       "PostgreSQL",
	plan.DestinationObjectStorage:  "object storage",
	plan.DestinationSTS:            "AWS token service",
	plan.DestinationSSO:            "identity provider",
	plan.DestinationOpenID:         "OpenID Connect provider",
	plan.DestinationElasticsearch:  "Elasticsearch",
	plan.DestinationLDAP:           "LDAP",
	plan.DestinationMail:           "mail server",
	plan.DestinationPush:           "push proxy",
	plan.DestinationRedis:          "Redis",
	plan.DestinationAllowed:        "allowed service",
	plan.DestinationCredentials:    "AWS credentials",
	plan.DestinationAzureLogin:     "Microsoft Entra ID",
	plan.DestinationNotices:        "notices of Mattermost",
	plan.DestinationSecurityAlerts: "security alerts of Mattermost",
	plan.DestinationMarketplace:    "plugin marketplace",
	plan.DestinationDiagnostics:    "diagnostics of Mattermost",
}

// destinations adds the services that the servers connect to.
func (d *drawing) destinations(servers string) {
	for _, destination := range d.Destinations {
		node := Node{
			ID: d.id(destination.Name()), Kind: KindStore, Namespace: destination.Namespace, Foreign: true,
			Lines: []string{titles[destination.Kind]},
		}
		switch destination.Kind {
		case plan.DestinationDatabase:
			d.database(&node, destination)
		case plan.DestinationObjectStorage:
			d.objectStorage(&node)
		case plan.DestinationSSO:
			endpoint := d.value("MM_GITLABSETTINGS_AUTHENDPOINT")
			if destination.Number == 0 && strings.Contains(endpoint, "/protocol/openid-connect/") {
				node.Lines[0] = "Keycloak"
			}
		}
		node.Lines = append(node.Lines, host(destination))
		protocol := "TCP"
		if destination.TLS {
			protocol = "TLS"
		}
		port := fmt.Sprintf("%s %d", protocol, destination.Port)
		if destination.PodPort != 0 && destination.PodPort != destination.Port {
			port += fmt.Sprintf(" (pods: %d)", destination.PodPort)
		}
		d.edge(servers, d.node(node), port, d.policy("allow-to-"+destination.ObjectName()))
	}
}

// host returns the host of a destination for a label.
func host(destination plan.Destination) string {
	if destination.IsRange() {
		return strings.Join(destination.CIDRs, ", ")
	}
	if destination.Host == "" {
		return "host in a Secret"
	}
	return destination.Host
}

// value returns the plain value of a variable of the servers; empty if there is none.
func (d *drawing) value(variable string) string {
	i := slices.IndexFunc(d.Env, func(v plan.Variable) bool { return v.Name == variable })
	if i < 0 {
		return ""
	}
	return d.Env[i].Value
}

// database describes the database if it is emitted.
func (d *drawing) database(node *Node, destination plan.Destination) {
	if destination.Number > 0 {
		node.Lines[0] = "PostgreSQL, read replica"
		return
	}
	switch {
	case d.Database.CloudNativePG != nil:
		cluster := d.Database.CloudNativePG
		node.Foreign = false
		node.Lines = []string{
			"Cluster " + cluster.Name, "CloudNativePG, " + count(cluster.Instances, "instance") + ", " + cluster.Storage.Size,
		}
	case d.Database.StatefulSet != nil:
		node.Foreign = false
		database := d.Database.StatefulSet
		node.Lines = []string{"StatefulSet " + database.Name, "PostgreSQL, " + database.Storage.Size}
	}
}

// objectStorage describes the object storage.
func (d *drawing) objectStorage(node *Node) {
	if minio := d.Files.MinIO; minio != nil {
		node.Foreign = false
		node.Lines = []string{"Tenant " + minio.Name, "MinIO, " + minio.Storage.Size}
	}
	if d.Files.S3 != nil {
		what := "bucket "
		if d.Files.IsAzure {
			what = "container "
		}
		node.Lines = append(node.Lines, what+d.Files.S3.Bucket)
	}
}

// claim adds the volume for files.
func (d *drawing) claim(servers string) {
	claim := d.Files.Claim
	if claim == nil {
		return
	}
	id := d.node(Node{
		ID: d.id("files"), Kind: KindStore, Namespace: d.Namespace, Foreign: claim.Exists,
		Lines: []string{"PersistentVolumeClaim", claim.Name, claim.Storage.Size},
	})
	d.dashed(servers, id, "files")
}

// backups adds where the database is copied to and from.
func (d *drawing) backups() {
	cluster := d.Database.CloudNativePG
	if cluster == nil {
		return
	}
	database := d.id(string(plan.DestinationDatabase))
	if cluster.Backup != nil {
		d.edge(database, d.archive(cluster.Archive), "backups", cluster.Archive.DestinationPath)
	}
	if recovery := cluster.Recovery; recovery != nil {
		var archive string
		if cluster.Archive != nil && cluster.Archive.Name == recovery.ObjectStore {
			archive = d.archive(cluster.Archive)
		} else {
			archive = d.node(Node{
				ID: d.id("recovery"), Kind: KindStore, Namespace: d.Namespace, Foreign: true,
				Lines: []string{"ObjectStore " + recovery.ObjectStore},
			})
		}
		d.edge(database, archive, "restored from "+recovery.ServerName)
	}
	if from := cluster.Import; from != nil {
		node := Node{
			ID: d.id("import"), Kind: KindStore, Foreign: !from.IsStatefulSet,
			Lines: []string{"PostgreSQL, imported once", from.Host, "database " + from.Database},
		}
		policy := ""
		if from.IsStatefulSet {
			node.Namespace, policy = d.Namespace, d.policy("allow-import-from-database")
		}
		d.edge(database, d.node(node), fmt.Sprintf("TCP %d", from.Port), policy)
	}
}

// archive returns the node of the object storage with backups: that of files if it is the same service.
func (d *drawing) archive(archive *plan.Archive) string {
	endpoint, err := url.Parse(archive.EndpointURL)
	for _, destination := range d.Destinations {
		if err == nil && destination.Kind == plan.DestinationObjectStorage && destination.Host == endpoint.Hostname() {
			return d.id(destination.Name())
		}
	}
	return d.node(Node{
		ID: d.id("archive"), Kind: KindStore, Foreign: true, Lines: []string{"object storage", archive.EndpointURL},
	})
}

// clusterServices adds what the network policies allow in addition: DNS, the mesh and the kubelet.
func (d *drawing) clusterServices(servers string) {
	if policy := d.policy("allow-servers-to-database"); policy != "" && d.Database.StatefulSet != nil {
		for i, edge := range d.graph.Edges {
			if edge.From == servers && edge.To == d.id(string(plan.DestinationDatabase)) {
				d.graph.Edges[i].Lines = slices.Concat(edge.Lines, []string{policy})
			}
		}
	}
	if !d.NetworkPolicies.Enabled {
		return
	}
	dns := d.node(Node{ID: "dns", Kind: KindService, Foreign: true, Lines: []string{"DNS"}})
	d.edge(servers, dns, "TCP and UDP 53", d.policy("allow-to-dns"))
	if d.HasSidecar() {
		istiod := d.node(Node{
			ID: "istiod", Kind: KindService, Namespace: plan.IstioNamespace, Foreign: true, Lines: []string{"istiod"},
		})
		d.edge(servers, istiod, fmt.Sprintf("TCP %d", plan.PortIstiod), d.policy("allow-to-istiod"))
	}
	if d.Istio.Ambient {
		kubelet := d.node(Node{ID: "kubelet", Kind: KindService, Foreign: true, Lines: []string{"kubelet"}})
		d.edge(kubelet, servers, fmt.Sprintf("TCP %d", plan.PortApp), d.policy("allow-from-probes"))
	}
	if !d.MayUseGateway() {
		return
	}
	for _, namespace := range d.NetworkPolicies.GatewayNamespaces {
		pods := d.node(Node{
			// Outside of its namespace's box, which is where connections begin: the arrow would go around everything.
			ID: identifier("gateway pods " + namespace), Kind: KindGateway, Foreign: true,
			Lines: []string{"gateway's pods", "in " + namespace},
		})
		d.edge(servers, pods, "hosts that the gateway serves", d.policy("allow-to-gateway"))
	}
}

// monitoring adds Prometheus and the dashboard.
func (d *drawing) monitoring(servers string) {
	if d.Monitoring == nil {
		return
	}
	namespace := d.NetworkPolicies.MonitoringNamespace
	rule := ""
	if d.Monitoring.Alerts != nil {
		rule = "PrometheusRule " + d.Name
	}
	prometheus := d.node(Node{
		ID: "prometheus", Kind: KindService, Namespace: namespace, Foreign: true, Lines: []string{"Prometheus"},
	})
	policy := d.policy("allow-from-monitoring")
	if namespace == "" {
		policy = ""
	}
	d.edge(prometheus, servers, fmt.Sprintf("TCP %d", plan.PortMetrics), "ServiceMonitor "+d.Name, rule, policy)
	if dashboard := d.Monitoring.Dashboard; dashboard != nil {
		grafana := d.node(Node{
			ID: "grafana", Kind: KindService, Namespace: dashboard.Namespace, Foreign: true, Lines: []string{"Grafana"},
		})
		d.dashed(grafana, prometheus, "dashboard "+dashboard.Name)
	}
}

// logging adds Fluent Bit and what it sends the servers' log to.
func (d *drawing) logging(servers string) {
	if d.Logging == nil {
		return
	}
	fluentBit := d.node(Node{
		ID: "fluent_bit", Kind: KindService, Namespace: d.Logging.Namespace, Foreign: true, Lines: []string{"Fluent Bit"},
	})
	d.dashed(servers, fluentBit, "log")
	for _, output := range d.Logging.Outputs {
		id := ""
		for _, destination := range d.Destinations {
			if destination.Host == output.Host && destination.Port == output.Port {
				id = d.id(destination.Name())
			}
		}
		if id == "" {
			id = d.node(Node{
				ID: identifier("logs " + net.JoinHostPort(output.Host, strconv.Itoa(int(output.Port)))), Kind: KindStore,
				Foreign: true, Lines: []string{"Elasticsearch", output.Host},
			})
		}
		protocol := "TCP"
		if output.TLS {
			protocol = "TLS"
		}
		d.edge(fluentBit, id, fmt.Sprintf("%s %d", protocol, output.Port), "output "+output.Name)
	}
}

// secrets adds the Secrets by their source.
func (d *drawing) secrets(servers string) {
	var ours, external []string
	for _, secret := range d.Secrets {
		ours = append(ours, secret.Name)
	}
	stores := []string{}
	for _, secret := range d.ExternalSecrets {
		external = append(external, secret.Name)
		for _, value := range secret.Values {
			stores = append(stores, storeName(value.Ref.Store))
		}
	}
	slices.Sort(stores)
	byOperator := []string{}
	if d.Database.CloudNativePG != nil {
		byOperator = append(byOperator, d.DatabaseRoleSecretName())
	}
	known := slices.Concat(ours, external, byOperator)
	theirs := slices.DeleteFunc(d.secretNames(), func(name string) bool { return slices.Contains(known, name) })
	d.secretNode(servers, "secrets", "Secrets, emitted", ours)
	if id := d.secretNode(servers, "external-secrets", "ExternalSecrets", external); id != "" {
		for _, store := range slices.Compact(stores) {
			to := d.node(Node{
				ID: d.id("store " + store), Kind: KindStore, Foreign: true, Lines: []string{store},
			})
			d.dashed(id, to, "fetched by External Secrets")
		}
	}
	d.secretNode(servers, "operator-secrets", "Secret of CloudNativePG", byOperator)
	if id := d.secretNode(servers, "your-secrets", "Secrets that you provide", theirs); id != "" {
		d.graph.Nodes[len(d.graph.Nodes)-1].Foreign = true
	}
}

// storeName returns kind and name of a store.
func storeName(store v1alpha1.StoreRef) string {
	return string(cmp.Or(store.Kind, v1alpha1.StoreKind("SecretStore"))) + " " + store.Name
}

// secretNames returns the names of all Secrets in the installation's namespace that anything reads, sorted.
func (d *drawing) secretNames() []string {
	names := []string{d.LicenseSecret, d.Database.Secret}
	names = append(names, d.Image.PullSecrets...)
	if s3 := d.Files.S3; s3 != nil {
		names = append(names, s3.Secret)
	}
	for _, bundle := range d.CABundles {
		names = append(names, bundle.Secret)
	}
	variables := slices.Concat(d.Env, d.Database.WaitEnv).EnvVars()
	sources := slices.Clone(d.Pod.Deployment.EnvFrom)
	for _, container := range slices.Concat(d.Pod.InitContainers, d.Pod.Sidecars) {
		variables = append(variables, container.Env...)
		sources = append(sources, container.EnvFrom...)
	}
	for _, variable := range variables {
		if from := variable.ValueFrom; from != nil && from.SecretKeyRef != nil {
			names = append(names, from.SecretKeyRef.Name)
		}
	}
	for _, source := range sources {
		if source.SecretRef != nil {
			names = append(names, source.SecretRef.Name)
		}
	}
	for _, volume := range d.Pod.Volumes {
		if volume.Secret != nil {
			names = append(names, volume.Secret.SecretName)
		}
	}
	if cluster := d.Database.CloudNativePG; cluster != nil && cluster.Archive != nil {
		names = append(names, cluster.Archive.AccessKey.Name, cluster.Archive.SecretKey.Name)
		if bundle := cluster.Archive.CABundle; bundle != nil {
			names = append(names, bundle.Name)
		}
	}
	if cluster := d.Database.CloudNativePG; cluster != nil && cluster.Import != nil {
		names = append(names, cluster.Import.PasswordRef.Name)
		if bundle := cluster.Import.CABundle; bundle != nil {
			names = append(names, bundle.Name)
		}
	}
	if d.Database.StatefulSet != nil {
		names = append(names, d.Database.StatefulSet.PasswordRef.Name)
	}
	if d.Logging != nil {
		for _, output := range d.Logging.Outputs {
			if output.Password != nil {
				names = append(names, output.Password.Name)
			}
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

// secretNode adds a node with the names of Secrets and returns its ID; empty if there are none.
func (d *drawing) secretNode(servers, name, title string, secrets []string) string {
	if len(secrets) == 0 {
		return ""
	}
	id := d.node(Node{
		ID: d.id(name), Kind: KindSecrets, Namespace: d.Namespace, Lines: append([]string{title}, secrets...),
	})
	d.dashed(servers, id)
	return id
}
