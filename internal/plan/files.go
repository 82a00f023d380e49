// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Keys of the Secret with the object storage's credentials, as the operator reads them (mattermost-operator,
// pkg/mattermost/file_store.go).
const (
	keyAccessKey = "accesskey"
	keySecretKey = "secretkey"
)

// files decides where uploaded files go.
func (b *builder) files() {
	files := b.spec.ObjectStorage
	switch {
	case files.InCluster != nil && files.InCluster.Engine == v1alpha1.EngineMinIO:
		b.minIO(files)
	case files.InCluster != nil:
		b.Files.Claim = &Claim{Name: b.FilesName(), Storage: storage(files.InCluster.Storage)}
		return // the operator sets driver and directory itself
	default:
		b.outsideFiles(files)
	}
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

// setTLS says whether the server speaks TLS to the object storage. The operator always says true.
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
	b.Files.S3 = &S3{Address: endpoint.Address(), Bucket: files.Bucket, RoleARN: files.RoleARN}
	b.setTLS(endpoint.TLS, "spec.objectStorage.endpoint")
	b.destination(Destination{Kind: DestinationObjectStorage, Host: endpoint.Host, Port: endpoint.Port, TLS: endpoint.TLS})
	switch {
	case files.RoleARN != "":
		b.destination(Destination{Kind: DestinationSTS, Host: tokenService(files.RoleARN, files.Region), Port: 443,
			TLS: true})
	case files.ExistingSecret != "":
		b.Files.S3.Secret = files.ExistingSecret
		for _, key := range []string{keyAccessKey, keySecretKey} {
			b.secretExists(v1alpha1.KeyRef{Name: files.ExistingSecret, Key: key}, "spec.objectStorage.existingSecret")
			b.remember(v1alpha1.KeyRef{Name: files.ExistingSecret, Key: key})
		}
	default:
		b.Files.S3.Secret = b.keySecret(files.AccessKey, files.AccessSecret, "spec.objectStorage",
			"name a Secret with the keys accesskey and secretkey in spec.objectStorage.existingSecret")
	}
	if cluster := b.Database.CloudNativePG; cluster != nil {
		b.backup(cluster, files, endpoint)
	}
}

// tokenService is where the pods change their token for the role's keys.
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

// keySecret returns the Secret with both keys under the names that the operator reads: the user's own where it has
// those names, else one that is emitted.
func (b *builder) keySecret(accessKey, accessSecret *v1alpha1.SecretValue, field, instead string) string {
	if a, s := accessKey.SecretKeyRef, accessSecret.SecretKeyRef; a != nil && s != nil && a.Name == s.Name &&
		a.Key == keyAccessKey && s.Key == keySecretKey {
		b.secretExists(*a, field+".accessKey")
		b.secretExists(*s, field+".accessSecret")
		b.remember(*a)
		b.remember(*s)
		return a.Name
	}
	if accessKey.ExternalSecret != nil && accessSecret.ExternalSecret != nil {
		external := b.externalSecret(b.FilesSecretName(), ownership.ComponentObjectStorage)
		external.fetch(keyAccessKey, *accessKey.ExternalSecret)
		external.fetch(keySecretKey, *accessSecret.ExternalSecret)
		return external.Name
	}
	for key, value := range map[string]*v1alpha1.SecretValue{keyAccessKey: accessKey, keySecretKey: accessSecret} {
		name := field + ".accessKey"
		if key == keySecretKey {
			name = field + ".accessSecret"
		}
		if text, ok := b.secretText(value, name, instead); ok {
			b.putSecret(b.FilesSecretName(), ownership.ComponentObjectStorage, key, text)
		}
	}
	return b.FilesSecretName()
}

// backup sends copies of the database to the object storage, under a folder of its own.
func (b *builder) backup(cluster *CloudNativePG, files *v1alpha1.ObjectStorage, endpoint v1alpha1.ServiceURL) {
	wanted := b.spec.Database.InCluster.Backup
	if wanted == nil {
		return
	}
	folder := strings.TrimPrefix(path.Join(files.PathPrefix, "postgresql"), "/")
	cluster.Backup = &Backup{
		Schedule:          wanted.Schedule,
		Retention:         wanted.Retention,
		DestinationPath:   "s3://" + files.Bucket + "/" + folder,
		EndpointURL:       endpoint.String(),
		CredentialsSecret: b.Files.S3.Secret,
		RoleARN:           files.RoleARN,
		CABundle:          b.backupCABundle(files.CA),
	}
}

// backupCABundle is where CloudNativePG reads the certificate authority, which must be a Secret there.
func (b *builder) backupCABundle(ca *v1alpha1.CertificateAuthority) *v1alpha1.KeyRef {
	switch {
	case ca == nil:
		return nil
	case ca.SecretKeyRef != nil:
		return ca.SecretKeyRef
	case ca.PEM != "":
		name := b.FilesCASecretName()
		b.putSecret(name, ownership.ComponentObjectStorage, "ca.crt", ca.PEM)
		return &v1alpha1.KeyRef{Name: name, Key: "ca.crt"}
	}
	b.report.Report(result.Error, "", "spec.objectStorage.ca.configMapKeyRef",
		"CloudNativePG reads a certificate authority for backups from a Secret only; use secretKeyRef or pem")
	return nil
}

// minIO is a Tenant whose root user the server uses, as in Big Bang.
func (b *builder) minIO(files *v1alpha1.ObjectStorage) {
	in := files.InCluster
	tenant := &MinIO{
		Name:         b.FilesName(),
		Image:        in.Image,
		ConfigSecret: b.FilesConfigSecretName(),
		Bucket:       "mattermost",
		Storage:      storage(in.Storage),
		Resources:    *in.Resources,
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

// minIOSecrets gives MinIO its root user, and returns the Secret with the same for the server.
func (b *builder) minIOSecrets(in *v1alpha1.InClusterObjectStorage, tenant *MinIO) (string, bool) {
	const component, field, instead = ownership.ComponentObjectStorage, "spec.objectStorage.inCluster",
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
		external.put(minIOFile, minIOConfig(insert(keyAccessKey), insert(keySecretKey)))
	default:
		user, userOK := b.minIOKey(in.AccessKey, MinIOAccessKeyLength, field+".accessKey", instead)
		password, passwordOK := b.minIOKey(in.AccessSecret, MinIOAccessSecretLength, field+".accessSecret", instead)
		if !userOK || !passwordOK {
			return "", false
		}
		b.putSecret(tenant.ConfigSecret, component, minIOFile, minIOConfig(user, password))
	}
	return b.keySecret(in.AccessKey, in.AccessSecret, field, instead), true
}

// generatedUser is MinIO's root user where the password is generated.
const generatedUser = "mattermost"

// CheckMinIOKey returns why a key of a length is not one that MinIO and its configuration file take, and how to fix it.
// MinIO reads the file line by line: what is between the quotes is the value (minio, cmd/common-main.go, parsEnvEntry).
func CheckMinIOKey(text string, least int) error {
	switch {
	case len(text) < least:
		return fmt.Errorf("is too short: MinIO wants %d characters or more", least)
	case strings.ContainsAny(text, "\"\\$`'\n\r#"):
		return errors.New("holds a quote, backslash, dollar sign, number sign or line break, " +
			"which MinIO's configuration file cannot hold safely; use letters, digits and other signs")
	}
	return nil
}

// The least lengths of MinIO's keys.
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
