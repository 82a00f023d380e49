// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/kubelet"
	"bigbang.dev/mattermost-fn/e2e/operator"
)

// A world is a cluster after the output was applied and every operator did its work, and what is outside of it.
type world struct {
	objects    []*unstructured.Unstructured
	namespaces map[string]kubelet.Namespace
	databases  []database
	store      map[string]string // of External Secrets: key/property
	connected  bool              // the output holds a connection string of the user's
}

// A database is what an administrator, CloudNativePG or the image of PostgreSQL made, not what a connection string
// says.
type database struct {
	namespace            string // where its hosts are known; everywhere where empty
	hosts                []string
	replicas             []string // host:port
	verified             bool     // its certificate is
	name, role, password string
	tls                  bool
}

// generated is a password as CloudNativePG and External Secrets generate it.
const generated = "Gx7cQ0f2LkZr9TnB4vWm1sYd8HpJ3aUe"

// A configuration is what the tests need of a MattermostConfig.
type configuration struct {
	Kind     string
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Database struct {
			Host, Database, SSLMode, ExistingSecret string
			Port                                    int
			Username, Password                      any
			ReadReplicas                            []string
			CA                                      struct{ ConfigMapKeyRef, SecretKeyRef keyRef }
			InCluster                               struct{ Password any }
		}
	}
}

type keyRef struct{ Name, Key string }

// credentials are what the administrator of a database chose, where the configuration only refers to them.
type credentials struct{ role, password string }

// A chooser chooses the credentials of a configuration's database.
type chooser func(configuration) credentials

// always chooses the same.
func always(chosen credentials) chooser { return func(configuration) credentials { return chosen } }

// newWorld makes the world of an output and of the configurations that it came from.
func newWorld(t *testing.T, output string, configurations []configuration, choose chooser) *world {
	t.Helper()
	objects, err := conventions.Objects(output)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{objects: objects, namespaces: map[string]kubelet.Namespace{}, store: map[string]string{}}
	for _, object := range objects {
		w.keep(t, object)
	}
	for _, c := range configurations {
		w.administrate(t, c, choose(c))
	}
	for _, object := range objects {
		switch object.GroupVersionKind().GroupKind().String() {
		case "ExternalSecret.external-secrets.io":
			w.externalSecret(t, object)
		case "Cluster.postgresql.cnpg.io":
			w.cloudNativePG(t, object)
		}
	}
	for _, object := range objects {
		if object.GroupVersionKind().GroupKind().String() == "StatefulSet.apps" {
			w.statefulSet(t, object)
		}
	}
	return w
}

func (w *world) namespace(name string) kubelet.Namespace {
	if _, exists := w.namespaces[name]; !exists {
		w.namespaces[name] = kubelet.Namespace{
			Secrets: map[string]map[string][]byte{}, ConfigMaps: map[string]map[string][]byte{},
		}
	}
	return w.namespaces[name]
}

// set sets a key of an object that is not in the output, or in it.
func set(objects map[string]map[string][]byte, name, key, value string) {
	if objects[name] == nil {
		objects[name] = map[string][]byte{}
	}
	objects[name][key] = []byte(value)
}

// keep keeps the data of a Secret or ConfigMap of the output.
func (w *world) keep(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	namespace := w.namespace(object.GetNamespace())
	switch object.GroupVersionKind().GroupKind().String() {
	case "Secret":
		var secret corev1.Secret
		convert(t, object, &secret)
		for key, value := range secret.Data {
			set(namespace.Secrets, object.GetName(), key, string(value))
		}
		for key, value := range secret.StringData {
			set(namespace.Secrets, object.GetName(), key, value)
		}
		if object.GetLabels()[conventions.ManagedBy] != "mattermost-fn" {
			w.userDatabase(namespace.Secrets[object.GetName()]["DB_CONNECTION_STRING"])
		}
	case "ConfigMap":
		var configMap corev1.ConfigMap
		convert(t, object, &configMap)
		for key, value := range configMap.Data {
			set(namespace.ConfigMaps, object.GetName(), key, value)
		}
	}
}

// userDatabase is the one that a connection string of the user's, in the output as it was in the input, leads to.
func (w *world) userDatabase(connection []byte) {
	u, err := url.Parse(string(connection))
	if err != nil || u.User == nil {
		return
	}
	password, _ := u.User.Password()
	w.connected = true
	w.databases = append(w.databases, database{
		hosts: []string{u.Host}, name: strings.TrimPrefix(u.Path, "/"), role: u.User.Username(), password: password,
		tls: u.Query().Get("sslmode") != "disable",
	})
}

func convert(t *testing.T, object *unstructured.Unstructured, to any) {
	t.Helper()
	text, err := object.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
}

// administrate makes the database outside of the cluster that a configuration is for, and the Secrets and the CA that
// it refers to.
func (w *world) administrate(t *testing.T, c configuration, chosen credentials) {
	t.Helper()
	d := c.Spec.Database
	namespace := w.namespace(c.Metadata.Namespace)
	if d.ExistingSecret != "" {
		if w.connected {
			return // the Secret is in the output, perhaps by another name
		}
		made := database{
			hosts: []string{c.Metadata.Name + ".example.com:5432"}, name: "mattermost",
			role: chosen.role, password: chosen.password, tls: true,
		}
		connection := url.URL{
			Scheme: "postgres", User: url.UserPassword(made.role, made.password), Host: made.hosts[0], Path: made.name,
			RawQuery: "sslmode=require",
		}
		set(namespace.Secrets, d.ExistingSecret, "DB_CONNECTION_STRING", connection.String())
		w.databases = append(w.databases, made)
		return
	}
	if d.Host == "" {
		w.value(t, c, d.InCluster.Password, chosen.password)
		return
	}
	port := func(host string) string {
		if _, _, err := net.SplitHostPort(host); err == nil {
			return host
		}
		return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(or(d.Port, 5432)))
	}
	made := database{
		hosts:    []string{port(d.Host)},
		name:     or(d.Database, "mattermost"),
		role:     or(w.value(t, c, d.Username, chosen.role), "mattermost"),
		password: w.value(t, c, d.Password, chosen.password),
		tls:      d.SSLMode != "disable",
		verified: strings.HasPrefix(d.SSLMode, "verify-") || d.CA.ConfigMapKeyRef.Name+d.CA.SecretKeyRef.Name != "",
	}
	for _, replica := range d.ReadReplicas {
		made.replicas = append(made.replicas, port(replica))
	}
	if ref := d.CA.ConfigMapKeyRef; ref.Name != "" {
		set(namespace.ConfigMaps, ref.Name, ref.Key, string(authority(t).bundle))
	}
	if ref := d.CA.SecretKeyRef; ref.Name != "" {
		set(namespace.Secrets, ref.Name, ref.Key, string(authority(t).bundle))
	}
	w.databases = append(w.databases, made)
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// value of a field that holds a string or refers to one: in a Secret, which is made unless it is in the output, or in a
// store.
func (w *world) value(t *testing.T, c configuration, field any, chosen string) string {
	t.Helper()
	switch field := field.(type) {
	case nil:
		return ""
	case string:
		return field
	case map[string]any:
		if ref, is := field["secretKeyRef"].(map[string]any); is {
			secrets := w.namespace(c.Metadata.Namespace).Secrets
			name, key := ref["name"].(string), ref["key"].(string)
			if value, exists := secrets[name][key]; exists {
				return string(value)
			}
			set(secrets, name, key, chosen)
			return chosen
		}
		if ref, is := field["externalSecret"].(map[string]any); is {
			property, _ := ref["property"].(string)
			w.store[ref["key"].(string)+"/"+property] = chosen
			return chosen
		}
	}
	t.Fatalf("%s: a value in a form that is not known here: %v", c.Metadata.Name, field)
	return ""
}

// externalSecret makes the Secret that External Secrets makes. Functions in its templates are not known here: a value
// that needs one is a value that is composed.
func (w *world) externalSecret(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	var external struct {
		Spec struct {
			Target struct {
				Name     string
				Template *struct{ Data map[string]string }
			}
			Data []struct {
				SecretKey string
				RemoteRef struct{ Key, Property string }
			}
			DataFrom []any
		}
	}
	convert(t, object, &external)
	values := map[string]string{}
	for _, data := range external.Spec.Data {
		values[data.SecretKey] = or(w.store[data.RemoteRef.Key+"/"+data.RemoteRef.Property], "from a store")
	}
	if len(external.Spec.DataFrom) > 0 {
		values["password"] = generated
	}
	made := values
	if external.Spec.Target.Template != nil && external.Spec.Target.Template.Data != nil {
		made = map[string]string{}
		for key, text := range external.Spec.Target.Template.Data {
			parsed, err := template.New(key).Option("missingkey=error").Parse(text)
			if err != nil {
				t.Fatalf("ExternalSecret %s: %v", object.GetName(), err)
			}
			var value strings.Builder
			if err := parsed.Execute(&value, values); err != nil {
				t.Fatalf("ExternalSecret %s: %v", object.GetName(), err)
			}
			made[key] = value.String()
		}
	}
	for key, value := range made {
		set(w.namespace(object.GetNamespace()).Secrets, or(external.Spec.Target.Name, object.GetName()), key, value)
	}
}

// cloudNativePG makes the database and the Secret of a Cluster, with the keys that CloudNativePG 1.30 writes.
func (w *world) cloudNativePG(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	var cluster struct {
		Spec struct {
			Bootstrap struct {
				InitDB, Recovery struct {
					Database, Owner string
					Secret          struct{ Name string }
				}
			}
		}
	}
	convert(t, object, &cluster)
	initdb := cluster.Spec.Bootstrap.InitDB
	if recovery := cluster.Spec.Bootstrap.Recovery; recovery.Database != "" {
		initdb = recovery // its database exists already, and has the role's new password
	}
	name, namespace := object.GetName(), object.GetNamespace()
	made := database{
		namespace: namespace, hosts: serviceHosts(name+"-rw", namespace, 5432),
		name: or(initdb.Database, "app"), role: or(initdb.Owner, or(initdb.Database, "app")), password: generated, tls: true,
	}
	secrets := w.namespace(namespace).Secrets
	if initdb.Secret.Name != "" {
		made.password = string(secrets[initdb.Secret.Name]["password"])
	} else {
		host := name + "-rw"
		uri := url.URL{
			Scheme: "postgresql", User: url.UserPassword(made.role, made.password), Host: host + "." + namespace + ":5432",
			Path: made.name,
		}
		for key, value := range map[string]string{
			"username": made.role, "user": made.role, "password": made.password, "dbname": made.name,
			"host": host, "port": "5432", "uri": uri.String(),
			"pgpass": strings.Join([]string{host, "5432", made.name, made.role, made.password}, ":") + "\n",
		} {
			set(secrets, name+"-app", key, value)
		}
	}
	w.databases = append(w.databases, made)
}

// statefulSet makes the database that the image of PostgreSQL makes of its variables.
func (w *world) statefulSet(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	var set appsv1.StatefulSet
	convert(t, object, &set)
	for _, container := range set.Spec.Template.Spec.Containers {
		if !slices.ContainsFunc(container.Env, func(v corev1.EnvVar) bool { return v.Name == "POSTGRES_PASSWORD" }) {
			continue
		}
		env, err := w.namespace(object.GetNamespace()).Environment(container)
		if err != nil {
			t.Fatalf("StatefulSet %s: %v", object.GetName(), err)
		}
		role := or(env["POSTGRES_USER"], "postgres")
		w.databases = append(w.databases, database{
			namespace: object.GetNamespace(), hosts: serviceHosts(set.Spec.ServiceName, object.GetNamespace(), 5432),
			name: or(env["POSTGRES_DB"], role), role: role, password: env["POSTGRES_PASSWORD"],
		})
	}
}

// serviceHosts are the names of a Service in its namespace.
func serviceHosts(service, namespace string, port int) (hosts []string) {
	for _, suffix := range []string{"", "." + namespace, "." + namespace + ".svc",
		"." + namespace + ".svc.cluster.local"} {
		hosts = append(hosts, net.JoinHostPort(service+suffix, strconv.Itoa(port)))
	}
	return hosts
}

// A podOfServer is what runs with the database's variables.
type podOfServer struct {
	name     string
	resource string // for messages
	server   container
	wait     container
	command  []string // of the container that waits
	database database
}

// pods resolves the pods that the operator makes, as the kubelet does.
func (w *world) pods(t *testing.T) (pods []podOfServer) {
	t.Helper()
	for _, object := range w.objects {
		if object.GroupVersionKind().GroupKind().String() == "Mattermost.installation.mattermost.com" {
			pods = append(pods, w.pod(t, object))
		}
	}
	return pods
}

func (w *world) pod(t *testing.T, object *unstructured.Unstructured) podOfServer {
	t.Helper()
	namespace := w.namespace(object.GetNamespace())
	installation, err := operator.Read(object)
	if err != nil {
		t.Fatalf("Mattermost %s: %v", object.GetName(), err)
	}
	deployment, err := installation.Deployment(func(name string) (map[string][]byte, bool) {
		data, exists := namespace.Secrets[name]
		return data, exists
	})
	if err != nil {
		t.Fatalf("Mattermost %s: %v", object.GetName(), err)
	}
	spec := deployment.Spec.Template.Spec
	pod := podOfServer{name: object.GetName(), resource: object.GetNamespace() + "/" + object.GetName()}
	pod.server, _ = resolve(t, namespace, spec.Containers[0], spec.Volumes)
	for _, init := range spec.InitContainers {
		if init.Name == "wait-for-database" {
			pod.wait, pod.command = resolve(t, namespace, init, spec.Volumes)
		}
	}
	if pod.command == nil {
		t.Fatalf("%s: no container waits for the database", pod.resource)
	}
	pod.database = w.database(t, object.GetNamespace(), pod.server.env["MM_CONFIG"])
	for _, c := range []*container{&pod.server, &pod.wait} {
		c.secret, c.hosts = pod.database.password, slices.Concat(pod.database.hosts, pod.database.replicas)
	}
	pod.wait.only = "MM_CONFIG"
	return pod
}

// resolve gives what a container gets. Secrets that have nothing to do with the database are made.
func resolve(t *testing.T, namespace kubelet.Namespace, from corev1.Container, volumes []corev1.Volume) (container,
	[]string) {
	t.Helper()
	for _, variable := range from.Env {
		ref := variable.ValueFrom
		if ref == nil || ref.SecretKeyRef == nil || ofDatabase(variable.Name) {
			continue
		}
		if _, exists := namespace.Secrets[ref.SecretKeyRef.Name][ref.SecretKeyRef.Key]; !exists {
			set(namespace.Secrets, ref.SecretKeyRef.Name, ref.SecretKeyRef.Key, "filler")
		}
	}
	env, err := namespace.Environment(from)
	if err != nil {
		t.Fatalf("container %s: %v", from.Name, err)
	}
	files, err := namespace.Files(from, existing(namespace, volumes))
	if err != nil {
		t.Fatalf("container %s: %v", from.Name, err)
	}
	command := kubelet.Command(from, env)
	for name := range env {
		if !ofDatabase(name) && !strings.HasPrefix(name, "PG") {
			delete(env, name)
		}
	}
	return container{env: env, files: files}, command
}

// ofDatabase tells whether the server connects with a variable.
func ofDatabase(variable string) bool {
	return slices.Contains([]string{"MM_CONFIG", "PGUSER", "PGPASSWORD"}, variable) ||
		strings.HasPrefix(variable, "MM_SQLSETTINGS_")
}

// existing replaces volumes of Secrets and ConfigMaps that are not known, which have nothing to do with the database.
func existing(namespace kubelet.Namespace, volumes []corev1.Volume) []corev1.Volume {
	volumes = slices.Clone(volumes)
	for at, volume := range volumes {
		secret, configMap := volume.Secret, volume.ConfigMap
		if secret != nil && namespace.Secrets[secret.SecretName] == nil ||
			configMap != nil && namespace.ConfigMaps[configMap.Name] == nil {
			volumes[at].VolumeSource = corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
		}
	}
	return volumes
}

// database finds the one at the host of a connection string.
func (w *world) database(t *testing.T, namespace, connection string) database {
	t.Helper()
	u, err := url.Parse(connection)
	if err != nil {
		t.Fatal("MM_CONFIG is not a URL")
	}
	for _, d := range w.databases {
		if (d.namespace == "" || d.namespace == namespace) && slices.Contains(d.hosts, u.Host) {
			return d
		}
	}
	t.Fatalf("MM_CONFIG leads to %s, where no database of %v is", u.Host, w.known())
	return database{}
}

func (w *world) known() (hosts []string) {
	for _, d := range w.databases {
		hosts = append(hosts, fmt.Sprintf("%s %v", d.namespace, d.hosts))
	}
	return hosts
}
