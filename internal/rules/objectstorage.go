// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

var (
	// of 3 to 63 characters; counted apart, for a pattern that counts takes long to compile
	bucketName = pattern(`^[a-z0-9][a-z0-9.-]+[a-z0-9]$`)
	regionName = pattern(`^[A-Za-z0-9._-]+$`)
	roleARN    = pattern(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/.+$`)
)

// outsideObjectStorage are the fields of an external S3 service only. Other fields describe one too if none in the
// cluster is configured.
var outsideObjectStorage = []string{"endpoint", "accessKey", "accessSecret", "existingSecret", "roleARN", "credentials",
	"tls",
	"ca"}

// objectStorageOutside reports whether the configuration describes an external S3 service, even if incompletely.
func (s *subject) objectStorageOutside() bool {
	return !s.given("spec.objectStorage.inCluster") &&
		(len(s.givenOf("spec.objectStorage", outsideObjectStorage...)) > 0 ||
			len(s.givenOf("spec.objectStorage", "bucket", "region", "pathPrefix")) > 0 ||
			s.spec.ObjectStorage.ServerSideEncryption)
}

// filesOnVolume reports whether files are stored on an emitted volume.
func (s *subject) filesOnVolume() bool {
	in := s.spec.ObjectStorage.InCluster
	return in != nil && in.Engine == v1alpha1.EngineVolume
}

func objectStorageForm(s *subject) {
	files := s.spec.ObjectStorage
	if in := files.InCluster; in != nil && in.Engine == v1alpha1.EngineMinIO {
		minIOKeys(s, in)
	}
	if s.given("spec.objectStorage.inCluster") {
		for _, field := range s.givenOf("spec.objectStorage", outsideObjectStorage...) {
			s.conflictf("spec.objectStorage."+field, "inCluster", "conflicts with spec.objectStorage.inCluster; set only one")
		}
	}
	if azure := files.Azure; azure != nil {
		if files.IsAzureFromSettings() { // of which the rules about settings report what else is wrong
			mode, _ := s.variable("MM_FILESETTINGS_AZUREAUTHMODE")
			azureIdentity(s, mode.field, "needs an identity of the pods at Azure: set")
			return
		}
		azureStorage(s, azure)
		azureIdentity(s, "spec.objectStorage.azure.accessKey", "is required, unless the pods have an identity at Azure: "+
			"then set")
		return
	}
	if !s.objectStorageOutside() {
		return
	}
	if files.Bucket == "" {
		s.errorf("spec.objectStorage.bucket", "is required; set it to an existing bucket")
	} else if len(files.Bucket) > 63 || !bucketName().MatchString(files.Bucket) {
		s.errorf("spec.objectStorage.bucket", "%q is not a bucket; write 3 to 63 lower-case letters, digits, "+
			"dots and hyphens; use pathPrefix for a directory in it", files.Bucket)
	}
	objectStorageLogin(s, files)
	if strings.TrimSpace(files.PathPrefix) != files.PathPrefix || strings.HasPrefix(files.PathPrefix, "/") {
		s.errorf("spec.objectStorage.pathPrefix", "%q begins with a slash or has spaces around it, "+
			"which would be part of the name of every file; remove them", files.PathPrefix)
	}
}

// objectStorageLogin checks that there is one way to log in to the service.
func objectStorageLogin(s *subject, files *v1alpha1.ObjectStorage) {
	keys := files.AccessKey != nil || files.AccessSecret != nil
	var ways []string
	if keys {
		ways = append(ways, "accessKey")
	}
	if files.ExistingSecret != "" {
		ways = append(ways, "existingSecret")
	}
	if files.RoleARN != "" {
		ways = append(ways, "roleARN")
	}
	if files.Credentials != "" {
		ways = append(ways, "credentials")
	}
	switch {
	case len(ways) == 0:
		s.errorf("spec.objectStorage.accessKey", "is required: without keys the server waits for Amazon's metadata service, "+
			"and forever anywhere else. Set accessKey and accessSecret, existingSecret, or roleARN; "+
			"at Amazon also credentials: podIdentity or nodeRole")
	case len(ways) > 1:
		s.conflictf("spec.objectStorage."+ways[1], ways[0], "conflicts with spec.objectStorage.%s; "+
			"set only one of the ways to log in", ways[0])
	case keys && files.AccessKey == nil:
		s.errorf("spec.objectStorage.accessKey", "is required with accessSecret; set both")
	case keys && files.AccessSecret == nil:
		s.errorf("spec.objectStorage.accessSecret", "is required with accessKey; set both")
	}
	if files.RoleARN != "" && !roleARN().MatchString(files.RoleARN) {
		s.errorf("spec.objectStorage.roleARN", "%q is not an IAM role; write arn:aws:iam::<12 digits>:role/<name>",
			files.RoleARN)
	}
}

// minIOKeys checks the keys against MinIO's own rules for its root user, and against the syntax of its configuration
// file.
func minIOKeys(s *subject, in *v1alpha1.InClusterObjectStorage) {
	if in.GenerateKeys {
		for _, field := range s.givenOf("spec.objectStorage.inCluster", "accessKey", "accessSecret") {
			s.conflictf("spec.objectStorage.inCluster."+field, field, "conflicts with generateKeys: true, "+
				"which gives MinIO the user mattermost and a password of its own; set only one")
		}
		return
	}
	for _, key := range []struct {
		field string
		value *v1alpha1.SecretValue
		least int
	}{
		{"accessKey", in.AccessKey, plan.MinIOAccessKeyLength},
		{"accessSecret", in.AccessSecret, plan.MinIOAccessSecretLength},
	} {
		field := "spec.objectStorage.inCluster." + key.field
		switch {
		case key.value == nil:
			s.errorf(field, "is required: MinIO does not generate keys. Set accessKey and accessSecret to a string, "+
				"{secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}, or set generateKeys: "+
				"true if External Secrets runs in the cluster")
		case key.value.Value != "":
			if err := plan.CheckMinIOKey(key.value.Value, key.least); err != nil {
				s.errorf(field, "%v", err)
			}
		}
	}
}

func objectStorageEndpoint(s *subject) {
	files := s.spec.ObjectStorage
	if !s.objectStorageOutside() || files.Azure != nil {
		return
	}
	if files.Region != "" && !regionName().MatchString(files.Region) {
		s.errorf("spec.objectStorage.region", "%q is not a region; write it like the service, such as us-gov-west-1",
			files.Region)
		return
	}
	if files.Endpoint == "" {
		s.errorf("spec.objectStorage.endpoint", "is required; set it to the URL of the service, "+
			"such as https://s3.example.com, or set region for Amazon S3")
		return
	}
	if strings.Contains(files.Endpoint, "@") { // what precedes it may be a key
		s.errorf("spec.objectStorage.endpoint", "contains a user; write only the URL of the service, "+
			"such as https://s3.example.com, and use accessKey and accessSecret for the keys")
		return
	}
	endpoint, err := files.ParseEndpoint()
	if err != nil {
		s.errorf("spec.objectStorage.endpoint", "%v", err)
		return
	}
	if v1alpha1.IsAmazonHost(endpoint.Host) {
		amazonEndpoint(s, files, strings.ToLower(endpoint.Host))
	} else {
		for _, field := range s.givenOf("spec.objectStorage", "roleARN", "credentials") {
			s.warnf("spec.objectStorage."+field, "is for an Amazon IAM role, but %s does not look like Amazon S3, "+
				"the only service that accepts it; otherwise set accessKey and accessSecret", endpoint.Host)
		}
	}
	if !endpoint.TLS && !inCluster(endpoint.Host) {
		s.warnf("spec.objectStorage.endpoint", "begins with http://, or tls is false, "+
			"so files and signatures are sent unencrypted; use https://")
	}
}

// amazonEndpoint checks bucket and region against those in Amazon's host names.
func amazonEndpoint(s *subject, files *v1alpha1.ObjectStorage, host string) {
	if files.Bucket != "" && strings.HasPrefix(host, files.Bucket+".") {
		s.errorf("spec.objectStorage.endpoint", "contains the bucket, which the server adds; write https://%s",
			strings.TrimPrefix(host, files.Bucket+"."))
	}
	if in := v1alpha1.AmazonRegion(host); in != "" && files.Region != in {
		s.errorf("spec.objectStorage.region", "is %s, but the endpoint is one of %s: every request would be signed for the "+
			"wrong region and rejected. Write region: %s, or correct the endpoint", files.Region, in, in)
	}
	if strings.Contains(files.Bucket, ".") {
		s.warnf("spec.objectStorage.bucket", "%q has a dot, so Amazon's certificate does not match the host name with the "+
			"bucket; use a name without dots", files.Bucket)
	}
}

func volumeReplicas(s *subject) {
	n, field := s.servers()
	if n < 2 || !s.filesOnVolume() || !s.licensed() {
		return
	}
	if !slices.Contains(s.spec.ObjectStorage.InCluster.AccessModes, corev1.ReadWriteMany) {
		s.errorf(field, "means %d servers, and files on a volume with the access mode ReadWriteOnce support one: a second "+
			"could not mount it, or would overwrite files of the first. "+
			"Configure an S3 service in spec.objectStorage (endpoint, "+
			"bucket, keys), set spec.objectStorage.inCluster.accessModes: [ReadWriteMany] if the storage class has a shared "+
			"file system, or set spec.replicas: 1", n)
	}
}

// claimAccessModes are the access modes with which a server can write files.
var claimAccessModes = []string{
	string(corev1.ReadWriteOnce), string(corev1.ReadWriteMany), string(corev1.ReadWriteOncePod),
}

// claim checks the PersistentVolumeClaim for files.
func claim(s *subject, in *v1alpha1.InClusterObjectStorage) {
	const field = "spec.objectStorage.inCluster"
	if in.ExistingClaim != "" {
		if len(validation.IsDNS1123Subdomain(in.ExistingClaim)) > 0 {
			s.errorf(field+".existingClaim", "%q is not a valid name of a PersistentVolumeClaim; "+
				"use lower-case letters, digits, hyphens and dots", in.ExistingClaim)
		}
		if s.given(field + ".storage") {
			s.conflictf(field+".storage", "storage", "has no effect with existingClaim, which has a volume already; set only "+
				"one")
		}
	}
	if len(in.AccessModes) == 0 {
		s.errorf(field+".accessModes", "must not be empty; set for example [ReadWriteOnce]")
	}
	for i, mode := range in.AccessModes {
		switch at := index(field+".accessModes", i); {
		case !slices.Contains(claimAccessModes, string(mode)):
			s.errorf(at, "must be one of %s, got %q", strings.Join(claimAccessModes, ", "), mode)
		case slices.Contains(in.AccessModes[:i], mode):
			s.errorf(at, "duplicate access mode %s; keep one of the two", mode)
		case mode == corev1.ReadWriteOncePod && len(in.AccessModes) > 1:
			s.errorf(at, "%s cannot be combined with other access modes; remove them", mode)
		}
	}
}

func elasticsearch(s *subject) {
	search := s.spec.Elasticsearch
	if !search.Enabled {
		return
	}
	u, err := v1alpha1.ParseServiceURL(search.URL)
	switch {
	case err != nil:
		s.errorf("spec.elasticsearch.url", "%v; write for example https://elasticsearch.example.com:9200", err)
	case !u.TLS && !inCluster(u.Host):
		s.warnf("spec.elasticsearch.url", "begins with http://, so the password and every message are sent "+
			"unencrypted; use https://")
	}
	if strings.Contains(strings.ToLower(u.Host), "opensearch") && search.Backend == "elasticsearch" {
		s.warnf("spec.elasticsearch.backend", "is elasticsearch, but the host name indicates OpenSearch, "+
			"which the server rejects with this backend; set backend: opensearch")
	}
	if search.Password == nil {
		s.errorf("spec.elasticsearch.password", "is required; set it to a string, {secretKeyRef: {name, "+
			"key}} or {externalSecret: {store: {name}, key}}. Elastic's operator keeps it in the Secret "+
			"<cluster>-es-elastic-user, which must be copied into this namespace")
	}
	if prefix := search.IndexPrefix; prefix != "" && !indexPrefix(prefix) {
		s.errorf("spec.elasticsearch.indexPrefix", "%q cannot begin the name of an index; use lower case, "+
			"do not begin with a hyphen, an underscore or a plus sign, and use no spaces or characters such as / * ?", prefix)
	}
}

// indexPrefix reports whether names of Elasticsearch indexes may have this prefix.
func indexPrefix(prefix string) bool {
	return prefix == strings.ToLower(prefix) && !strings.ContainsAny(prefix, " /\\*?\"<>|,#:") &&
		!strings.ContainsAny(prefix[:1], "-_+")
}
