package check

import (
	"regexp"
	"strings"

	"mattermost-fn/fn/plan"
	"mattermost-fn/fn/v1alpha1"
)

var (
	retention  = regexp.MustCompile(`^[1-9][0-9]*[dwm]$`)
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	roleARN    = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/.+$`)
)

func objectStorageForm(s *subject) {
	files := s.spec.ObjectStorage
	if s.given("spec.objectStorage.inCluster") {
		for _, field := range []string{"endpoint", "accessKey", "accessSecret", "existingSecret", "roleARN", "tls", "ca"} {
			if s.given("spec.objectStorage." + field) {
				s.errorf("spec.objectStorage."+field, "stands beside spec.objectStorage.inCluster; keep one of the two")
			}
		}
		if in := files.InCluster; in != nil && in.Engine == v1alpha1.EngineMinIO {
			minIOKeys(s, in)
		}
		return
	}
	if !files.Outside() {
		return
	}
	if files.Bucket == "" {
		s.errorf("spec.objectStorage.bucket", "is missing; give the bucket, which must exist")
	} else if !bucketName.MatchString(files.Bucket) {
		s.errorf("spec.objectStorage.bucket", "%q is not a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, without slashes", files.Bucket)
	}
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
	switch {
	case len(ways) == 0:
		s.errorf("spec.objectStorage.accessKey", "is missing: without keys the server waits for Amazon's metadata service, and for ever anywhere else. Give accessKey and accessSecret, existingSecret, or roleARN")
	case len(ways) > 1:
		s.errorf("spec.objectStorage."+ways[1], "stands beside spec.objectStorage.%s; keep one way to log in", ways[0])
	case keys && files.AccessKey == nil:
		s.errorf("spec.objectStorage.accessKey", "is missing beside accessSecret")
	case keys && files.AccessSecret == nil:
		s.errorf("spec.objectStorage.accessSecret", "is missing beside accessKey")
	}
	if files.RoleARN != "" && !roleARN.MatchString(files.RoleARN) {
		s.errorf("spec.objectStorage.roleARN", "%q is not a role: arn:aws:iam::<12 digits>:role/<name>", files.RoleARN)
	}
	if strings.TrimSpace(files.PathPrefix) != files.PathPrefix || strings.HasPrefix(files.PathPrefix, "/") {
		s.errorf("spec.objectStorage.pathPrefix", "%q must not begin with a slash or have blanks around it", files.PathPrefix)
	}
}

// minIOKeys checks what MinIO itself demands of its root user, and that its configuration file can hold it.
func minIOKeys(s *subject, in *v1alpha1.InClusterObjectStorage) {
	for _, key := range []struct {
		field string
		value *v1alpha1.SecretValue
		least int
	}{
		{"accessKey", in.AccessKey, 3},
		{"accessSecret", in.AccessSecret, 8},
	} {
		field := "spec.objectStorage.inCluster." + key.field
		switch {
		case key.value == nil:
			s.errorf(field, "is missing; nothing makes keys for MinIO")
		case key.value.SecretKeyRef != nil:
		case len(key.value.Value) < key.least:
			s.errorf(field, "is too short: MinIO wants %d characters or more", key.least)
		case strings.ContainsAny(key.value.Value, "\"\\$`'\n\r#"):
			s.errorf(field, "holds a quote, backslash, dollar sign, number sign or line break, which MinIO's configuration file cannot hold safely; use letters, digits and other signs")
		}
	}
}

func objectStorageEndpoint(s *subject) {
	files := s.spec.ObjectStorage
	if !files.Outside() {
		return
	}
	if files.Endpoint == "" {
		s.errorf("spec.objectStorage.endpoint", "is missing; give the service's address, such as https://s3.example.com, or the region for Amazon's")
		return
	}
	endpoint, err := files.ParseEndpoint()
	switch {
	case err != nil:
		s.errorf("spec.objectStorage.endpoint", "%v", err)
	case v1alpha1.IsAmazonHost(endpoint.Host) && strings.HasPrefix(endpoint.Host, files.Bucket+"."):
		s.errorf("spec.objectStorage.endpoint", "holds the bucket; the server puts it in front by itself. Write https://%s", strings.TrimPrefix(endpoint.Host, files.Bucket+"."))
	case v1alpha1.IsAmazonHost(endpoint.Host) && strings.Contains(files.Bucket, "."):
		s.warnf("spec.objectStorage.bucket", "%q has a dot, so Amazon's certificate does not match bucket and host together; use a name without dots", files.Bucket)
	case !endpoint.TLS && !inCluster(endpoint.Host):
		s.warnf("spec.objectStorage.endpoint", "begins with http://, so files and signatures travel in clear text")
	}
}

func volumeReplicas(s *subject) {
	in := s.spec.ObjectStorage.InCluster
	if in == nil || in.Engine != v1alpha1.EngineVolume || !s.licensed() {
		return
	}
	field, n := "spec.replicas", plan.Replicas(s.spec.Users)
	if s.spec.Replicas != nil {
		n = *s.spec.Replicas
	} else {
		field = "spec.users"
	}
	if n > 1 {
		s.errorf(field, "means %d servers, and files on a volume serve one: a second could not mount it, or would damage what the first writes. "+
			"Describe an S3 service in spec.objectStorage (endpoint, bucket, keys), or set spec.replicas: 1", n)
	}
}

func elasticsearch(s *subject) {
	search := s.spec.Elasticsearch
	if !search.Enabled {
		return
	}
	if u, err := v1alpha1.ParseServiceURL(search.URL); err != nil {
		s.errorf("spec.elasticsearch.url", "%v; write for example https://elasticsearch.example.com:9200", err)
	} else if !u.TLS && !inCluster(u.Host) {
		s.warnf("spec.elasticsearch.url", "begins with http://, so the password and every message travel in clear text")
	}
	if search.Password == nil {
		s.errorf("spec.elasticsearch.password", "is missing; give it as text or {secretKeyRef: {name, key}}. Elastic's operator keeps it in the Secret <cluster>-es-elastic-user, which must be copied into this namespace")
	}
	if prefix := search.IndexPrefix; prefix != "" && (prefix != strings.ToLower(prefix) || strings.ContainsAny(prefix, " /\\*?\"<>|,#:") || strings.HasPrefix(prefix, "-") || strings.HasPrefix(prefix, "_")) {
		s.errorf("spec.elasticsearch.indexPrefix", "%q cannot begin the name of an index: lower case, not beginning with - or _, without blanks and signs such as / * ?", prefix)
	}
}
