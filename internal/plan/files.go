// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Keys of the Secret with the object storage's credentials, as the operator reads them (mattermost-operator,
// pkg/mattermost/file_store.go).
const (
	keyAccessKey = "accesskey"
	keySecretKey = "secretkey"
)

// The server's variables with the credentials.
const (
	variableAccessKey = "MM_FILESETTINGS_AMAZONS3ACCESSKEYID"
	variableSecretKey = "MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY"
)

// files decides where uploaded files are stored.
func (b *builder) files() {
	files := b.spec.ObjectStorage
	switch {
	case files.InCluster != nil && files.InCluster.Engine == v1alpha1.EngineMinIO:
		b.minIO(files)
	case files.InCluster != nil:
		b.claim(files.InCluster)
		return // the operator sets driver and directory itself
	case files.Azure != nil:
		b.azure(files.Azure)
		return
	default:
		b.outsideFiles(files)
	}
	b.keyVariables()
	if files.Region != "" {
		b.setEnv("MM_FILESETTINGS_AMAZONS3REGION", files.Region, "spec.objectStorage.region")
	}
	if files.PathPrefix != "" {
		b.setEnv("MM_FILESETTINGS_AMAZONS3PATHPREFIX", files.PathPrefix, "spec.objectStorage.pathPrefix")
	}
	if files.ServerSideEncryption {
		b.setEnv("MM_FILESETTINGS_AMAZONS3SSE", "true", "spec.objectStorage.serverSideEncryption")
	}
}

// claim stores the files on a volume: of a claim that is emitted, or of one that exists.
func (b *builder) claim(in *v1alpha1.InClusterObjectStorage) {
	claim := &Claim{Name: b.FilesName(), Storage: storage(in.Storage), AccessModes: in.AccessModes}
	b.Files.Claim = claim
	if in.ExistingClaim == "" {
		return
	}
	const field = "spec.objectStorage.inCluster."
	claim.Name, claim.Exists, claim.Storage = in.ExistingClaim, true, Storage{}
	item := b.stream.Earlier(b.Owner(), "", "PersistentVolumeClaim", b.Namespace, claim.Name)
	if item == nil {
		item = b.stream.Foreign("", "PersistentVolumeClaim", b.Namespace, claim.Name)
	}
	if claim.Unseen = item == nil; claim.Unseen {
		return
	}
	var modes []string
	if list := resourcelist.Field(item.Node(), "spec", "accessModes"); list != nil {
		for _, mode := range list.Content {
			modes = append(modes, mode.Value)
		}
	}
	canWrite := func(mode string) bool { return strings.HasPrefix(mode, "ReadWrite") }
	switch {
	case !slices.ContainsFunc(modes, canWrite):
		b.report.Report(result.Error, "", field+"existingClaim", "PersistentVolumeClaim %s, which is among the "+
			"resources, "+
			"has no access mode with which servers can write (%s); name another claim", claim.Name, strings.Join(modes,
			", "))
	case claim.IsShared() && !slices.Contains(modes, string(corev1.ReadWriteMany)):
		b.report.Report(result.Error, "", field+"accessModes", "PersistentVolumeClaim %s, which is among the "+
			"resources, "+
			"has only the access modes %s: several servers cannot use it. Remove ReadWriteMany here, or name a claim "+
			"that "+
			"has it", claim.Name, strings.Join(modes, ", "))
	}
}

// driver returns the server's name for the kind of file store (server/platform/shared/filestore).
func (f *Files) driver() string {
	switch {
	case f.IsAzure:
		return "azureblob"
	case f.S3 != nil:
		return "amazons3"
	}
	return "local"
}

// setTLS sets whether the server uses TLS for the object storage. The operator always sets true.
func (b *builder) setTLS(tls bool, field string) {
	value := "false"
	if tls {
		value = "true"
	}
	b.setEnv("MM_FILESETTINGS_AMAZONS3SSL", value, field)
}

func (b *builder) outsideFiles(files *v1alpha1.ObjectStorage) {
	endpoint, err := files.ParseEndpoint()
	if err != nil {
		return // reported by the rules
	}
	if files.Endpoint != endpoint.String() && b.given("spec.objectStorage.endpoint") {
		b.report.Report(result.Info, "", "spec.objectStorage.endpoint", "read as %s", endpoint)
	}
	b.Files.S3 = &S3{Address: endpoint.Address(), Bucket: files.Bucket}
	b.setTLS(endpoint.TLS, "spec.objectStorage.endpoint")
	b.destination(Destination{Kind: DestinationObjectStorage, Host: endpoint.Host, Port: endpoint.Port,
		TLS: endpoint.TLS})
	var keys fileKeys
	switch {
	case files.RoleARN != "":
		b.destination(Destination{Kind: DestinationSTS, Host: tokenService(files.RoleARN, files.Region), Port: 443,
			TLS: true})
	case files.Credentials != "":
		b.identityOfPods(files.Credentials)
	case files.ExistingSecret != "":
		b.Files.S3.Secret = files.ExistingSecret
		keys.access = v1alpha1.KeyRef{Name: files.ExistingSecret, Key: keyAccessKey}
		keys.secret = v1alpha1.KeyRef{Name: files.ExistingSecret, Key: keySecretKey}
		for _, key := range []v1alpha1.KeyRef{keys.access, keys.secret} {
			b.checkSecret(key, "spec.objectStorage.existingSecret")
			b.remember(key)
		}
	default:
		b.Files.S3.Secret, keys = b.keys(files.AccessKey, files.AccessSecret, "spec.objectStorage")
	}
	if cluster := b.Database.CloudNativePG; cluster != nil {
		b.archive(cluster, files, endpoint, keys)
	}
}

// podIdentityAddresses and nodeRoleAddresses are where the server's S3 client gets the credentials of the pods'
// identity: EKS' agent on the node, and the metadata service of EC2 (minio-go, pkg/credentials/iam_aws.go).
var (
	podIdentityAddresses = []string{"169.254.170.23/32", "fd00:ec2::23/128"}
	nodeRoleAddresses    = []string{"169.254.169.254/32", "fd00:ec2::254/128"}
)

// identityOfPods lets the server use the identity that the pods have at Amazon: it asks for their credentials if it has
// no keys (server/platform/shared/filestore/s3store.go, s3New). The operator requires a Secret with keys, which may be
// empty, unless it does not manage the ServiceAccount.
func (b *builder) identityOfPods(credentials v1alpha1.ObjectStorageCredentials) {
	addresses := podIdentityAddresses
	if credentials == v1alpha1.CredentialsNodeRole {
		addresses = nodeRoleAddresses
	}
	b.destination(Destination{Kind: DestinationCredentials, CIDRs: addresses, Port: 80})
	b.operatorKeys("")
}

// keyVariables passes the keys to the server if the operator does not: with useServiceAccount, it reads no Secret.
func (b *builder) keyVariables() {
	s3 := b.Files.S3
	if s3 == nil || s3.Secret == "" || b.ServiceAccount.OfOperator() {
		return
	}
	for _, key := range []struct{ variable, name string }{
		{variableAccessKey, keyAccessKey}, {variableSecretKey, keySecretKey},
	} {
		isSet := func(v Variable) bool { return v.Name == key.variable }
		if !slices.ContainsFunc(b.Env, isSet) {
			b.setSecretEnv(key.variable, v1alpha1.KeyRef{Name: s3.Secret, Key: key.name}, "spec.objectStorage")
		}
	}
}

// tokenService is where the pods exchange their token for the role's keys.
func tokenService(roleARN, region string) string {
	if region == "" {
		return "sts.amazonaws.com"
	}
	host := "sts." + region + ".amazonaws.com"
	if strings.HasPrefix(roleARN, "arn:aws-cn:") {
		host += ".cn"
	}
	return host
}

// fileKeys are where the keys of the object storage are.
type fileKeys struct{ access, secret v1alpha1.KeyRef }

// keys passes both keys to the server. It returns where they are, and the Secret for the operator: the user's own if it
// has the keys that the operator reads, otherwise an emitted one. A key in another Secret of the user is referenced,
// never copied: the server reads it from a variable that replaces the operator's. The operator requires a Secret with
// both keys nevertheless (mattermost-operator 1.25.9, pkg/mattermost/helpers.go, mergeEnvVars).
func (b *builder) keys(accessKey, accessSecret *v1alpha1.SecretValue, field string) (string, fileKeys) {
	if a, s := accessKey.SecretKeyRef, accessSecret.SecretKeyRef; a != nil && s != nil && a.Name == s.Name &&
		a.Key == keyAccessKey && s.Key == keySecretKey {
		b.checkSecret(*a, field+".accessKey")
		b.checkSecret(*s, field+".accessSecret")
		b.remember(*a)
		b.remember(*s)
		return a.Name, fileKeys{*a, *s}
	}
	external := accessKey.ExternalSecret != nil || accessSecret.ExternalSecret != nil
	mixed := external && (accessKey.ExternalSecret == nil || accessSecret.ExternalSecret == nil)
	name := b.filesSecretName()
	key := func(key, variable, field string, value *v1alpha1.SecretValue) v1alpha1.KeyRef {
		ref := v1alpha1.KeyRef{Name: name, Key: key}
		const component = ownership.ComponentObjectStorage
		put := func(text string) { b.putSecret(ref.Name, component, key, text) }
		if external {
			put = func(text string) { b.externalSecret(ref.Name, component).put(key, text) }
		}
		switch {
		case value.SecretKeyRef != nil:
			b.checkSecret(*value.SecretKeyRef, field)
			b.setSecretEnv(variable, *value.SecretKeyRef, field)
			put("see " + variable)
			return *value.SecretKeyRef
		case value.ExternalSecret != nil:
			b.externalSecret(ref.Name, component).fetch(key, *value.ExternalSecret)
			if mixed {
				put(insert(key))
			}
		default:
			put(value.Value)
		}
		return ref
	}
	keys := fileKeys{
		key(keyAccessKey, variableAccessKey, field+".accessKey", accessKey),
		key(keySecretKey, variableSecretKey, field+".accessSecret", accessSecret),
	}
	return name, keys
}

// filesSecretName returns the name of the Secret with keys that are not generated. A Tenant with generated keys, which
// was handed over or gets other keys, has its configuration in the Secret of the usual name: External Secrets owns
// that, and it contains the only copy of the keys. Once changed, the name stays.
func (b *builder) filesSecretName() string {
	usual, other := b.FilesSecretName(), b.FilesKeysSecretName()
	earlier := func(group, kind, name string) *resourcelist.Item {
		return b.stream.Earlier(b.Owner(), group, kind, b.Namespace, name)
	}
	tenant := earlier("minio.min.io", "Tenant", b.FilesName())
	switch {
	case earlier("external-secrets.io", "ExternalSecret", other) != nil, earlier("", "Secret", other) != nil:
		return other
	case tenant == nil, earlier("external-secrets.io", "ExternalSecret", usual) == nil:
	case resourcelist.Text(resourcelist.Field(tenant.Node(), "spec", "configuration", "name")) == usual:
		return other
	}
	return usual
}

// minIO is a Tenant whose root user the server uses, as in Big Bang.
func (b *builder) minIO(files *v1alpha1.ObjectStorage) {
	in := files.InCluster
	tenant := &MinIO{
		User:         b.userID("spec.objectStorage.inCluster.userID", b.spec.ObjectStorage.InCluster.UserID, 1000),
		Name:         b.FilesName(),
		Image:        in.Image,
		Version:      b.podVersion(tagOf(in.Image)),
		ConfigSecret: b.FilesConfigSecretName(),
		Bucket:       "mattermost",
		Storage:      storage(in.Storage),
		Resources:    b.withoutNullLimit("spec.objectStorage.inCluster.resources", *in.Resources, v1alpha1.DefaultCPU),
	}
	secret, ok := b.minIOSecrets(in, tenant)
	if !ok {
		return
	}
	b.Files.MinIO = tenant
	host := b.FilesServiceHost()
	b.Files.S3 = &S3{
		Address: host + ":9000",
		Bucket:  tenant.Bucket,
		Secret:  secret,
	}
	b.setTLS(false, "spec.objectStorage.inCluster")
	b.destination(Destination{Kind: DestinationObjectStorage, Host: host, Port: 9000, Namespace: b.Namespace,
		PodLabels: map[string]string{"v1.min.io/tenant": tenant.Name}})
}

// minIOFile is the key of MinIO's configuration file in the Secret that the Tenant names.
const minIOFile = "config.env"

// minIOConfig is MinIO's configuration file.
func minIOConfig(user, password string) string {
	return "export MINIO_ROOT_USER=\"" + user + "\"\nexport MINIO_ROOT_PASSWORD=\"" + password + "\"\n"
}

// minIOSecrets sets MinIO's root user, and returns the Secret with the same keys for the server.
func (b *builder) minIOSecrets(in *v1alpha1.InClusterObjectStorage, tenant *MinIO) (string, bool) {
	const component, field, instead = ownership.ComponentObjectStorage, "spec.objectStorage.inCluster",
		"set generateKeys: true instead of both keys, where External Secrets runs; " +
			"use an object storage outside, or engine volume"
	switch {
	case in.GenerateKeys:
		// One Secret for both, so that they agree; the MinIO operator reads its file from it and nothing else.
		external := b.externalSecret(b.FilesSecretName(), component)
		external.Generated = true
		external.put(keyAccessKey, generatedUser)
		external.put(keySecretKey, insert(passwordValue))
		external.put(minIOFile, minIOConfig(generatedUser, insert(passwordValue)))
		tenant.ConfigSecret = external.Name
		return external.Name, true
	case in.AccessKey.ExternalSecret != nil && in.AccessSecret.ExternalSecret != nil:
		external := b.externalSecret(tenant.ConfigSecret, component)
		external.fetch(keyAccessKey, *in.AccessKey.ExternalSecret)
		external.fetch(keySecretKey, *in.AccessSecret.ExternalSecret)
		external.put(minIOFile, minIOConfig(insertMinIOKey(keyAccessKey), insertMinIOKey(keySecretKey)))
	default:
		user, userOK := b.minIOKey(in.AccessKey, MinIOAccessKeyLength, field+".accessKey", instead)
		password, passwordOK := b.minIOKey(in.AccessSecret, MinIOAccessSecretLength, field+".accessSecret", instead)
		if !userOK || !passwordOK {
			return "", false
		}
		b.putSecret(tenant.ConfigSecret, component, minIOFile, minIOConfig(user, password))
	}
	secret, _ := b.keys(in.AccessKey, in.AccessSecret, field)
	return secret, true
}

// generatedUser is MinIO's root user if the password is generated.
const generatedUser = "mattermost"

// CheckMinIOKey returns an error for a key that MinIO or its configuration file does not accept.
// MinIO reads the file line by line: what is between the quotes is the value (minio, cmd/common-main.go, parsEnvEntry).
func CheckMinIOKey(text string, least int) error {
	switch {
	case len(text) < least:
		return fmt.Errorf("is too short: MinIO requires at least %d characters", least)
	case strings.ContainsAny(text, "\"\\$`'\n\r#"):
		return errors.New("contains a quote, backslash, dollar sign, number sign or line break, " +
			"which MinIO's configuration file cannot represent safely; use letters, digits and other characters")
	}
	return nil
}

// insertMinIOKey is a key in the template of MinIO's configuration file, held to what CheckMinIOKey demands.
func insertMinIOKey(name string) string {
	return insertLine(name, "^[^\"\\\\$`'#\n\r]+$", name+" has a quote, backslash, dollar sign, number sign or line "+
		"break, "+
		"which MinIO's configuration file cannot hold")
}

// The minimum lengths of MinIO's keys.
const (
	MinIOAccessKeyLength    = 3
	MinIOAccessSecretLength = 8
)

// minIOKey returns a key for MinIO's configuration file. The rules have checked it only if it is in the configuration.
func (b *builder) minIOKey(value *v1alpha1.SecretValue, least int, field, instead string) (string, bool) {
	text, ok := b.secretText(value, field, instead)
	if !ok || value.SecretKeyRef == nil {
		return text, ok
	}
	if err := CheckMinIOKey(text, least); err != nil {
		b.report.Report(result.Error, "", field, "%v", err)
		return "", false
	}
	return text, true
}
