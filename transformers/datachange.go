// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// checkData reports changes to an existing managed object that the API server or the operator refuses, or that lose
// data.
func (c *Changes) checkData(existing, generated *resourcelist.Item, owner string, report *result.Reporter) {
	check := dataCheck{existing.ID, existing.Node(), generated.Node(), report}
	switch existing.Kind {
	case "PersistentVolumeClaim":
		check.volume("spec.objectStorage.inCluster.storage", []string{"spec"}, mayGrow)
		check.fixed("spec.objectStorage.inCluster.accessModes", "spec", "accessModes")
	case "StatefulSet":
		check.statefulSet()
	case "Cluster":
		check.cluster()
	case "Tenant":
		check.tenant()
	case "Mattermost":
		check.version(existing.Label(ownership.LabelVersion), generated.Label(ownership.LabelVersion),
			c.configurations[owner].DowngradeFrom)
		c.checkMoves(existing, generated, owner)
	}
}

// checkUsersData reports a lower version in a Mattermost resource of the user. All other fields that must not change
// stay as they are.
func (c *Changes) checkUsersData(existing, generated *resourcelist.Item, owner string, report *result.Reporter) {
	if existing.Kind == "Mattermost" {
		check := dataCheck{existing.ID, existing.Node(), generated.Node(), report}
		before, _ := check.text("spec", "version")
		check.version(before, generated.Label(ownership.LabelVersion), c.configurations[owner].DowngradeFrom)
	}
}

// dataCheck compares an existing object with the generated one that replaces it.
type dataCheck struct {
	id           resourcelist.ID
	older, newer *yaml.Node
	report       *result.Reporter
}

func (d *dataCheck) refuse(field, format string, args ...any) {
	d.report.Report(result.Error, "", field, "%s: %s", d.id, fmt.Sprintf(format, args...))
}

func (d *dataCheck) warn(field, format string, args ...any) {
	d.report.Report(result.Warning, "", field, "%s: %s", d.id, fmt.Sprintf(format, args...))
}

// text returns the values of a scalar field before and after the change.
func (d *dataCheck) text(path ...string) (before, after string) {
	return resourcelist.Text(resourcelist.Field(d.older, path...)), resourcelist.Text(resourcelist.Field(d.newer, path...))
}

// fixed reports a change of a field that cannot change after the creation of the object.
func (d *dataCheck) fixed(field string, path ...string) {
	before, after := flat(resourcelist.Field(d.older, path...)), flat(resourcelist.Field(d.newer, path...))
	if before != after {
		d.refuse(field, "%s cannot change from %s to %s while the object exists; change it back. For other values, create "+
			"another volume and move the data", path[len(path)-1], orUnset(before), orUnset(after))
	}
}

// growth reports whether a volume may become larger.
type growth bool

const (
	mayGrow   growth = true
	fixedSize growth = false
)

// volume reports a smaller size or another storage class in the spec of a claim. The API server refuses both
// (kubernetes, pkg/apis/core/validation, ValidatePersistentVolumeClaimUpdate).
func (d *dataCheck) volume(field string, spec []string, g growth) {
	path := append(slices.Clone(spec), "resources", "requests", "storage")
	d.size(field+".size", path, g)
	d.fixed(field+".storageClassName", append(slices.Clone(spec), "storageClassName")...)
}

func (d *dataCheck) size(field string, path []string, g growth) {
	before, after := d.text(path...)
	older, err := resource.ParseQuantity(before)
	if err != nil {
		return
	}
	newer, err := resource.ParseQuantity(after)
	if err != nil {
		return
	}
	switch order := newer.Cmp(older); {
	case order < 0:
		d.refuse(field, "the volume cannot shrink from %s to %s; set at least %s", before, after, before)
	case order > 0 && g == fixedSize:
		d.refuse(field, "the claims of a StatefulSet cannot change from %s to %s. To grow the volume, "+
			"delete the StatefulSet "+
			"with kubectl delete --cascade=orphan, enlarge its claim, delete the file, and render again",
			before, after)
	}
}

// statefulSet checks the plain PostgreSQL. Its image creates the role, the password and the database only in an empty
// volume, and a server cannot read the files of another major version.
func (d *dataCheck) statefulSet() {
	const inCluster = "spec.database.inCluster"
	older, newer := firstOf(d.older, "spec", "volumeClaimTemplates"), firstOf(d.newer, "spec", "volumeClaimTemplates")
	claim := dataCheck{d.id, older, newer, d.report}
	claim.volume(inCluster+".storage", []string{"spec"}, fixedSize)
	for variable, field := range map[string]string{
		"POSTGRES_USER": "spec.database.username", "POSTGRES_DB": "spec.database.database",
	} {
		before, _ := containerVariable(d.older, variable)
		after, _ := containerVariable(d.newer, variable)
		if before != after {
			d.refuse(field, "the database in the volume was created with another value; change it back. "+
				"PostgreSQL's image reads %s only for an empty volume", variable)
		}
	}
	d.fixedUser("", "spec", "template", "spec", "securityContext", "runAsUser")
	before, after := containerImage(d.older), containerImage(d.newer)
	if from, to := majorVersion(before), majorVersion(after); from != to && from != 0 && to != 0 {
		d.refuse(inCluster+".image", "PostgreSQL %d cannot read the files of PostgreSQL %d; change the image back, or move "+
			"the data with pg_dump and pg_restore to a database with another name", to, from)
	}
}

// cluster checks CloudNativePG's Cluster (cloudnative-pg, internal/webhook/v1/cluster_webhook.go).
func (d *dataCheck) cluster() {
	const inCluster = "spec.database.inCluster"
	d.size(inCluster+".storage.size", []string{"spec", "storage", "size"}, mayGrow)
	d.fixed(inCluster+".storage.storageClassName", "spec", "storage", "storageClass")
	d.fixedUser("26", "spec", "postgresUID")
	d.bootstrap()
	had, has := d.text("spec", "instances")
	from, _ := strconv.Atoi(had)
	switch to, err := strconv.Atoi(has); {
	case err != nil || to >= from:
	case from >= 3 && to < 2:
		d.refuse(inCluster+".instances", "from %d instances to %d: CloudNativePG deletes all replicas with their volumes at "+
			"once. Reduce to 2 first, and to 1 in another change", from, to)
	default:
		d.warn(inCluster+".instances", "from %d instances to %d: CloudNativePG deletes replicas with their volumes", from, to)
	}
	had, has = d.text("spec", "imageName")
	switch from, to := majorVersion(had), majorVersion(has); {
	case from == 0 || to == 0 || from == to:
	case to < from:
		d.refuse(inCluster+".image", "PostgreSQL %d cannot read the files of PostgreSQL %d; change the image back", to, from)
	default:
		d.warn(inCluster+".image", "CloudNativePG upgrades the database from PostgreSQL %d to %d in place and stops it "+
			"meanwhile; there is no way back except a backup", from, to)
	}
}

// fixedUser reports another user ID of PostgreSQL, which must own its files. Usual is the ID if the field is not set;
// empty if it depends on the image.
func (d *dataCheck) fixedUser(usual string, path ...string) {
	before, after := d.text(path...)
	before, after = cmp.Or(before, usual), cmp.Or(after, usual)
	if before != after && before != "" && after != "" {
		d.refuse("spec.database.inCluster.userID", "PostgreSQL cannot run as user %s: its files belong to user %s. Set "+
			"userID to the earlier one, and use an image for it", after, before)
	}
}

// bootstrap checks how a Cluster was created. CloudNativePG reads it only while the Cluster has no instance, and
// accepts every change afterwards (internal/controller/cluster_create.go, createPrimaryInstance). How it was filled
// may be forgotten: a Cluster that was restored or imported is the same as one that was created empty.
func (d *dataCheck) bootstrap() {
	const inCluster = "spec.database.inCluster"
	older, newer := readBootstrap(d.older), readBootstrap(d.newer)
	const fill = "CloudNativePG fills a database only when it creates it, and this one exists: the change would be " +
		"accepted and do nothing. Set spec.database.inCluster.name to a new name, and the existing " +
		"database is kept; if the Cluster " +
		"was deleted from the cluster, delete its file too; if the database was filled, remove the field or change it back"
	switch {
	case older.names != newer.names, older.rest != newer.rest && older.method == newer.method:
		d.refuse("spec.database", "the bootstrap cannot change while the Cluster exists: "+
			"CloudNativePG ignores the change, and "+
			"the servers would not find their database or role. Change database and username back")
	case newer.filledFrom == "" || newer.filledFrom == older.filledFrom:
	case newer.method == "recovery":
		d.refuse(inCluster+".recover", fill)
	default:
		d.refuse(inCluster+".import", fill)
	}
}

// bootstrap is how a Cluster is created.
type bootstrap struct {
	// method is the field of spec.bootstrap; names are the database and its owner.
	method, names string
	// filledFrom is what the database is restored or copied from; empty if it is created empty.
	filledFrom string
	// rest is everything else except the Secret with the password, which may change.
	rest string
}

func readBootstrap(cluster *yaml.Node) bootstrap {
	spec := resourcelist.Field(cluster, "spec", "bootstrap")
	if spec == nil || len(spec.Content) < 2 || spec.Content[1].Kind != yaml.MappingNode {
		return bootstrap{rest: flat(spec)}
	}
	read := bootstrap{method: spec.Content[0].Value}
	options := spec.Content[1]
	read.names = flat(resourcelist.Field(options, "database")) + "/" + flat(resourcelist.Field(options, "owner"))
	fills := read.method != "initdb"
	var filledFrom, rest []string
	for i := 0; i+1 < len(options.Content); i += 2 {
		field := options.Content[i].Value + ": " + flat(options.Content[i+1])
		switch name := options.Content[i].Value; {
		case name == "database", name == "owner", name == "secret":
		case fills, name == "import":
			filledFrom = append(filledFrom, field)
		default:
			rest = append(rest, field)
		}
	}
	slices.Sort(filledFrom)
	slices.Sort(rest)
	read.rest = fmt.Sprint(rest)
	if len(filledFrom) > 0 {
		read.filledFrom = fmt.Sprint(filledFrom, flat(resourcelist.Field(cluster, "spec", "externalClusters")))
	}
	return read
}

// tenant checks MinIO's Tenant.
func (d *dataCheck) tenant() {
	older, newer := firstOf(d.older, "spec", "pools"), firstOf(d.newer, "spec", "pools")
	pool := dataCheck{d.id, older, newer, d.report}
	pool.volume("spec.objectStorage.inCluster.storage", []string{"volumeClaimTemplate", "spec"}, mayGrow)
	before := resourcelist.Text(resourcelist.Field(firstOf(d.older, "spec", "buckets"), "name"))
	after := resourcelist.Text(resourcelist.Field(firstOf(d.newer, "spec", "buckets"), "name"))
	if before != "" && before != after {
		d.refuse("spec.objectStorage.bucket", "the uploaded files are in bucket %s; change the bucket back, "+
			"or copy the files "+
			"to the new one and delete this object's file", before)
	}
}

// version reports a lower version of the server than before.
func (d *dataCheck) version(before, after, intended string) {
	if why := ownership.RefuseDowngrade(before, after, intended); why != "" {
		d.refuse("spec.version", "%s", why)
	}
}

// checkPasswords reports another password for an existing plain PostgreSQL: its image sets the password only in an
// empty volume, so the servers could no longer log in.
func (c *Changes) checkPasswords() {
	var earlier, later secretSources
	for _, item := range c.list.Items {
		if item.Kind != "StatefulSet" || item.Group() != "apps" || !c.desired[item] {
			continue
		}
		owner := ownerIn(c.current(item))
		if owner == "" {
			continue
		}
		if earlier == nil {
			earlier, later = secretsAmong(c.list.Items), secretsAmong(c.wanted())
		}
		before, after := earlier.passwordOf(item), later.passwordOf(c.current(item))
		const field = "spec.database.inCluster.password"
		const advice = "PostgreSQL's image sets the password only in an empty volume. Change the password in the database " +
			"with ALTER ROLE first, delete the file of the earlier Secret or ExternalSecret, and render again"
		switch {
		case before == after || before.reference == "":
		case before.generated != after.generated, before.value != "" && after.value != "" && before.value != after.value:
			c.refuse(owner, field, item.String()+": the database in the volume has another password. "+advice)
		case before.value == "" || after.value == "":
			report := *c.reports[owner]
			report.Results = nil
			report.Report(result.Warning, "", field, "%s: the password comes from another place than before, and must still be "+
				"the same. %s", item.ID, advice)
			c.results = append(c.results, report.Results...)
		}
	}
}

// wanted returns the objects that configurations need and those of users, as they will be after this run.
func (c *Changes) wanted() []*resourcelist.Item {
	var wanted []*resourcelist.Item
	for _, item := range c.items {
		if c.desired[item] || c.owners.Of(item) == "" {
			wanted = append(wanted, c.current(item))
		}
	}
	return wanted
}

// password is where a database's password comes from.
type password struct {
	// reference is the Secret and the key; value is empty if it is not known.
	reference, value string
	// generated means that External Secrets generates it once; fetched that External Secrets fetches it.
	generated, fetched bool
}

// secretSources contains the objects that provide Secrets, by namespace and name of the Secret: Secrets and
// ExternalSecrets.
type secretSources map[string][]*resourcelist.Item

// secretsAmong returns the objects that provide Secrets among the given ones.
func secretsAmong(items []*resourcelist.Item) secretSources {
	sources := secretSources{}
	for _, item := range items {
		name := item.Name
		switch item.Kind {
		case "Secret":
		case "ExternalSecret":
			name = resourcelist.Text(resourcelist.Field(item.Node(), "spec", "target", "name"))
		default:
			continue
		}
		key := item.Namespace + "/" + name
		sources[key] = append(sources[key], item)
	}
	return sources
}

// passwordOf returns where a StatefulSet reads its password.
func (s secretSources) passwordOf(statefulSet *resourcelist.Item) password {
	_, reference := containerVariable(statefulSet.Node(), "POSTGRES_PASSWORD")
	if reference.name == "" {
		return password{}
	}
	found := password{reference: reference.name + "/" + reference.key}
	for _, item := range s[statefulSet.Namespace+"/"+reference.name] {
		if item.Kind == "Secret" {
			found.value = secretValue(item.Node(), reference.key)
			continue
		}
		found.generated = isGeneratedOnce(item)
		found.fetched = !found.generated
	}
	return found
}

// secretValue returns the value of a key of a Secret; empty if there is none or it cannot be decoded.
func secretValue(secret *yaml.Node, key string) string {
	if text := resourcelist.Text(resourcelist.Field(secret, "stringData", key)); text != "" {
		return text
	}
	decoded, err := base64.StdEncoding.DecodeString(resourcelist.Text(resourcelist.Field(secret, "data", key)))
	if err != nil {
		return ""
	}
	return string(decoded)
}

// firstOf returns the first element of a list, or nil.
func firstOf(node *yaml.Node, path ...string) *yaml.Node {
	list := resourcelist.Field(node, path...)
	if list == nil || len(list.Content) == 0 {
		return nil
	}
	return list.Content[0]
}

// containerVariable returns an environment variable of the first container of a pod template: its value, or the key of
// a Secret that it refers to.
func containerVariable(node *yaml.Node, name string) (value string, reference secretKey) {
	environment := resourcelist.Field(firstOf(node, "spec", "template", "spec", "containers"), "env")
	if environment == nil {
		return "", secretKey{}
	}
	for _, variable := range environment.Content {
		if scalarField(variable, "name") == name {
			if ref := resourcelist.Field(variable, "valueFrom", "secretKeyRef"); ref != nil {
				reference = secretKey{scalarField(ref, "name"), scalarField(ref, "key")}
			}
			return scalarField(variable, "value"), reference
		}
	}
	return "", secretKey{}
}

func containerImage(node *yaml.Node) string {
	return resourcelist.Text(resourcelist.Field(firstOf(node, "spec", "template", "spec", "containers"), "image"))
}

var imageVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`:v?([0-9]+)[^/]*$`) })

// majorVersion returns the first number of the tag of an image; 0 if the tag does not begin with a number.
func majorVersion(image string) int {
	found := imageVersion().FindStringSubmatch(image)
	if found == nil {
		return 0
	}
	major, _ := strconv.Atoi(found[1])
	return major
}

// flat returns the content of a node for comparison; an empty string for nil.
func flat(node *yaml.Node) string {
	switch {
	case node == nil:
		return ""
	case node.Kind == yaml.ScalarNode:
		return resourcelist.Text(node)
	case node.Kind == yaml.MappingNode:
		var fields []string
		for i := 0; i+1 < len(node.Content); i += 2 {
			fields = append(fields, node.Content[i].Value+": "+flat(node.Content[i+1]))
		}
		slices.Sort(fields)
		return fmt.Sprint(fields)
	}
	var elements []string
	for _, element := range node.Content {
		elements = append(elements, flat(element))
	}
	return fmt.Sprint(elements)
}

func orUnset(value string) string {
	if value == "" {
		return "unset"
	}
	return value
}
