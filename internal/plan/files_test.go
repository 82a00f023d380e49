// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// An endpoint in every form: what the server takes as address, whether it uses TLS, and the port; or what is wrong.
func TestEndpoint(t *testing.T) {
	yes, no := true, false
	const (
		unknown  = "has no scheme, which decides whether TLS is used; prepend https:// or http://, or set tls"
		hasPath  = "must not have a path; set bucket to the bucket, and pathPrefix to a directory in it"
		notPlain = "must be a host, without scheme, user, port or path"
	)
	for _, test := range []struct {
		endpoint string
		tls      *bool
		want     string // address, TLS, port
		wrong    string
	}{
		{endpoint: "https://s3.example.com", want: "s3.example.com true 443"},
		{endpoint: "http://s3.example.com", want: "s3.example.com false 80"},
		{endpoint: "https://s3.example.com:9000", want: "s3.example.com:9000 true 9000"},
		{endpoint: "http://s3.example.com:9000", want: "s3.example.com:9000 false 9000"},
		{endpoint: "https://s3.example.com:443", want: "s3.example.com:443 true 443"},
		{endpoint: "https://s3.example.com/", want: "s3.example.com true 443"},
		{endpoint: "HTTPS://s3.example.com", want: "s3.example.com true 443"},
		{endpoint: "https://[2001:db8::1]", want: "[2001:db8::1] true 443"},
		{endpoint: "http://[2001:db8::1]:9000", want: "[2001:db8::1]:9000 false 9000"},
		{endpoint: "https://10.0.0.1:9000", want: "10.0.0.1:9000 true 9000"},

		{endpoint: "https://s3.example.com", tls: &yes, want: "s3.example.com true 443"},
		{endpoint: "http://s3.example.com", tls: &no, want: "s3.example.com false 80"},
		{endpoint: "https://s3.example.com", tls: &no, wrong: "has a scheme that conflicts with tls: false; " +
			"remove tls or correct the scheme"},
		{endpoint: "http://s3.example.com", tls: &yes, wrong: "has a scheme that conflicts with tls: true; " +
			"remove tls or correct the scheme"},

		{endpoint: "s3.example.com", tls: &yes, want: "s3.example.com true 443"},
		{endpoint: "s3.example.com:9000", tls: &no, want: "s3.example.com:9000 false 9000"},
		{endpoint: "s3.example.com/", tls: &no, want: "s3.example.com false 80"},
		{endpoint: "[2001:db8::1]:9000", tls: &no, want: "[2001:db8::1]:9000 false 9000"},
		{endpoint: "minio", tls: &no, want: "minio false 80"},
		{endpoint: "s3.example.com", wrong: unknown},
		{endpoint: "s3.example.com:443", wrong: unknown},
		{endpoint: "notamazonaws.com", wrong: unknown},

		{endpoint: "s3.us-gov-west-1.amazonaws.com", want: "s3.us-gov-west-1.amazonaws.com true 443"},
		{endpoint: "s3.cn-north-1.amazonaws.com.cn", want: "s3.cn-north-1.amazonaws.com.cn true 443"},
		{endpoint: "S3.US-EAST-1.AMAZONAWS.COM:443", want: "S3.US-EAST-1.AMAZONAWS.COM:443 true 443"},
		{endpoint: "s3.us-east-1.amazonaws.com", tls: &no, want: "s3.us-east-1.amazonaws.com false 80"},

		{endpoint: "https://s3.example.com/bucket", wrong: hasPath},
		{endpoint: "s3.example.com/bucket", tls: &yes, wrong: notPlain},
		{endpoint: "https://key:secret@s3.example.com", wrong: "must not contain a user name or password; " +
			"there are separate fields for them"},
		{endpoint: "https://s3.example.com?region=x", wrong: "must end after the path, without ? or #"},
		{endpoint: "https://s3.example.com#", wrong: "must end after the path, without ? or #"},
		{endpoint: "s3://bucket", wrong: "must begin with https:// or http://"},
		{endpoint: "https://", wrong: "the host is missing"},
		{endpoint: "https://s3.example.com:0", wrong: `the port after the colon must be a number from 1 to 65535`},
		{endpoint: "https://s3.example.com:65536", wrong: `the port after the colon must be a number from 1 to 65535`},
		{endpoint: "https://s3.example.com:", wrong: `the port after the colon must be a number from 1 to 65535`},
		{endpoint: "https://s3 example.com", wrong: "is not a valid URL"},
		{endpoint: "https://s3_example.com",
			wrong: `"s3_example.com" is not a valid host name (labels of letters, digits and hyphens, separated by dots)`},
		{endpoint: "https://%zz", wrong: "is not a valid URL"},
		{endpoint: "", wrong: "the host is missing"},
	} {
		name := test.endpoint
		if test.tls != nil {
			name += fmt.Sprintf(" with tls: %t", *test.tls)
		}
		t.Run(name, func(t *testing.T) {
			u, err := (&v1alpha1.ObjectStorage{Endpoint: test.endpoint, TLS: test.tls}).ParseEndpoint()
			got, wrong := fmt.Sprint(u.Address(), " ", u.TLS, " ", u.Port), ""
			if err != nil {
				got, wrong = "", err.Error()
			}
			if got != test.want || wrong != test.wrong {
				t.Errorf("got %q, messages %q, want %q and %q", got, wrong, test.want, test.wrong)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	const keys = "accessKey: a, accessSecret: s"
	type env map[string]string
	once := []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	many := []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	theirs := func(modes string) stream {
		return stream{"foreign PersistentVolumeClaim theirs": "spec: {accessModes: " + modes + "}"}
	}
	for _, test := range []struct {
		name, storage string
		around        stream
		claim         *Claim
		s3            *S3
		env           env
		emitted       map[string]string
		destinations  []Destination
		messages      string
	}{
		{
			name: "none described: a volume, which the operator passes to the server", storage: "{}",
			claim: &Claim{Name: "chat-files", Storage: Storage{Size: "10Gi"}, AccessModes: once},
			env:   env{"MM_FILESETTINGS_AMAZONS3SSL": "(unset)", "MM_FILESETTINGS_AMAZONS3REGION": "(unset)"},
		},
		{
			name: "a volume of another size", storage: "{inCluster: {storage: {size: 2048Gi, storageClassName: slow}}}",
			claim: &Claim{Name: "chat-files", Storage: Storage{Size: "2Ti", StorageClassName: "slow"}, AccessModes: once},
		},
		{
			name: "a shared volume", storage: "{inCluster: {accessModes: [ReadWriteMany]}}",
			claim: &Claim{Name: "chat-files", Storage: Storage{Size: "10Gi"}, AccessModes: many},
		},
		{
			name: "a claim of the user's that is not seen", storage: "{inCluster: {existingClaim: theirs}}",
			claim: &Claim{Name: "theirs", Exists: true, Unseen: true, AccessModes: once},
		},
		{
			name: "a claim of the user's", storage: "{inCluster: {existingClaim: theirs}}", around: theirs("[ReadWriteOnce]"),
			claim: &Claim{Name: "theirs", Exists: true, AccessModes: once},
		},
		{
			name: "a claim of the user's for several servers", storage: "{inCluster: {existingClaim: theirs, accessModes: " +
				"[ReadWriteMany]}}", around: theirs("[ReadWriteOnce, ReadWriteMany]"),
			claim: &Claim{Name: "theirs", Exists: true, AccessModes: many},
		},
		{
			name: "a claim of the user's with more than is asked for", storage: "{inCluster: {existingClaim: theirs}}",
			around: theirs("[ReadWriteMany]"), claim: &Claim{Name: "theirs", Exists: true, AccessModes: once},
		},
		{
			name: "a claim of the user's for one server, and several are asked for", storage: "{inCluster: {existingClaim: " +
				"theirs, accessModes: [ReadWriteMany]}}", around: theirs("[ReadWriteOnce]"),
			claim: &Claim{Name: "theirs", Exists: true, AccessModes: many},
			messages: "error: spec.objectStorage.inCluster.accessModes: PersistentVolumeClaim theirs, which is among the " +
				"resources, has only the access modes ReadWriteOnce: several servers cannot use it. Remove ReadWriteMany here, " +
				"or name a claim that has it",
		},
		{
			name: "a claim of the user's that cannot be written to", storage: "{inCluster: {existingClaim: theirs}}",
			around: theirs("[ReadOnlyMany]"), claim: &Claim{Name: "theirs", Exists: true, AccessModes: once},
			messages: "error: spec.objectStorage.inCluster.existingClaim: PersistentVolumeClaim theirs, which is among the " +
				"resources, has no access mode with which servers can write (ReadOnlyMany); name another claim",
		},
		{
			name: "the claim that an earlier run emitted", storage: "{inCluster: {existingClaim: chat-files}}",
			around: stream{"earlier PersistentVolumeClaim chat-files": "spec: {accessModes: [ReadWriteOnce]}"},
			claim:  &Claim{Name: "chat-files", Exists: true, AccessModes: once},
		},
		{
			name: "S3 with keys", storage: "{endpoint: 'http://s3.example.com:9000', bucket: b, pathPrefix: chat/, " +
				"serverSideEncryption: true, region: r, " + keys + "}",
			s3: &S3{Address: "s3.example.com:9000", Bucket: "b", Secret: "chat-object-storage"},
			env: env{
				"MM_FILESETTINGS_AMAZONS3SSL": "false", "MM_FILESETTINGS_AMAZONS3REGION": "r",
				"MM_FILESETTINGS_AMAZONS3PATHPREFIX": "chat/", "MM_FILESETTINGS_AMAZONS3SSE": "true",
			},
			emitted:      map[string]string{"accesskey": "a", "secretkey": "s"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3.example.com", Port: 9000}},
		},
		{
			name: "S3 of this cluster", storage: "{endpoint: 'https://minio.minio.svc.cluster.local/', bucket: b, " + keys + "}",
			s3:      &S3{Address: "minio.minio.svc.cluster.local", Bucket: "b", Secret: "chat-object-storage"},
			env:     env{"MM_FILESETTINGS_AMAZONS3SSL": "true", "MM_FILESETTINGS_AMAZONS3SSE": "(unset)"},
			emitted: map[string]string{"accesskey": "a", "secretkey": "s"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "minio.minio.svc.cluster.local", Port: 443,
				TLS: true, Namespace: "minio"}},
			messages: "info: spec.objectStorage.endpoint: read as https://minio.minio.svc.cluster.local",
		},
		{
			name: "Amazon by its region alone", storage: "{region: us-gov-west-1, bucket: b, " + keys + "}",
			s3:      &S3{Address: "s3.us-gov-west-1.amazonaws.com", Bucket: "b", Secret: "chat-object-storage"},
			env:     env{"MM_FILESETTINGS_AMAZONS3SSL": "true", "MM_FILESETTINGS_AMAZONS3REGION": "us-gov-west-1"},
			emitted: map[string]string{"accesskey": "a", "secretkey": "s"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3.us-gov-west-1.amazonaws.com", Port: 443,
				TLS: true}},
		},
		{
			name: "Amazon by its endpoint alone", storage: "{endpoint: s3.eu-central-1.amazonaws.com, bucket: b, " +
				"existingSecret: mine}",
			s3:  &S3{Address: "s3.eu-central-1.amazonaws.com", Bucket: "b", Secret: "mine"},
			env: env{"MM_FILESETTINGS_AMAZONS3SSL": "true", "MM_FILESETTINGS_AMAZONS3REGION": "eu-central-1"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3.eu-central-1.amazonaws.com", Port: 443,
				TLS: true}},
			messages: "info: spec.objectStorage.endpoint: read as https://s3.eu-central-1.amazonaws.com",
		},
		{
			name: "a Secret of the user's without one of the keys", storage: "{endpoint: 'https://s3', bucket: b, " +
				"existingSecret: mine}", around: stream{"mine/accesskey": "a"},
			s3:           &S3{Address: "s3", Bucket: "b", Secret: "mine"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3", Port: 443, TLS: true, Namespace: "teams"}},
			messages: `error: spec.objectStorage.existingSecret: Secret mine, which is among the resources, ` +
				`has no value for key "secretkey"; correct the key, or add it to the Secret`,
		},
		{
			name: "keys in one Secret under the names that the operator reads",
			storage: "{endpoint: 'https://s3', bucket: b, accessKey: {secretKeyRef: {name: mine, key: accesskey}}, " +
				"accessSecret: {secretKeyRef: {name: mine, key: secretkey}}}",
			s3:           &S3{Address: "s3", Bucket: "b", Secret: "mine"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3", Port: 443, TLS: true, Namespace: "teams"}},
		},
		{
			name: "keys under other names, or in two Secrets, are referenced",
			storage: "{endpoint: 'https://s3', bucket: b, accessKey: {secretKeyRef: {name: mine, key: id}}, " +
				"accessSecret: {secretKeyRef: {name: other, key: secretkey}}}",
			s3: &S3{Address: "s3", Bucket: "b", Secret: "chat-object-storage"},
			env: env{
				"MM_FILESETTINGS_AMAZONS3ACCESSKEYID":     "secret mine/id",
				"MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": "secret other/secretkey",
			},
			// The operator wants both.
			emitted: map[string]string{
				"accesskey": "see MM_FILESETTINGS_AMAZONS3ACCESSKEYID",
				"secretkey": "see MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY",
			},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3", Port: 443, TLS: true, Namespace: "teams"}},
		},
		{
			name: "one key of two in a Secret", storage: "{endpoint: 'https://s3', bucket: b, accessKey: a, " +
				"accessSecret: {secretKeyRef: {name: mine, key: secretkey}}}", around: stream{"mine/secretkey": "hunter2"},
			s3: &S3{Address: "s3", Bucket: "b", Secret: "chat-object-storage"},
			env: env{
				"MM_FILESETTINGS_AMAZONS3ACCESSKEYID":     "(unset)",
				"MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": "secret mine/secretkey",
			},
			emitted:      map[string]string{"accesskey": "a", "secretkey": "see MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3", Port: 443, TLS: true, Namespace: "teams"}},
		},
		{
			name: "a key that ends with a line break", storage: "{endpoint: 'https://s3', bucket: b, existingSecret: mine}",
			around:       stream{"mine/accesskey": "a\n", "mine/secretkey": "s"},
			s3:           &S3{Address: "s3", Bucket: "b", Secret: "mine"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "s3", Port: 443, TLS: true, Namespace: "teams"}},
			messages: `error: spec.objectStorage.existingSecret: key "accesskey" of Secret mine contains a line break or ` +
				`other control character, or has a space at its beginning or end, which would become part of the value; ` +
				`write the Secret without it (echo -n, or a block with |-)`,
		},
		{
			name: "a role instead of keys", storage: "{region: us-gov-west-1, bucket: b, roleARN: " +
				"'arn:aws-us-gov:iam::1:role/r'}",
			s3: &S3{Address: "s3.us-gov-west-1.amazonaws.com", Bucket: "b"},
			destinations: []Destination{
				{Kind: DestinationObjectStorage, Host: "s3.us-gov-west-1.amazonaws.com", Port: 443, TLS: true},
				{Kind: DestinationSTS, Host: "sts.us-gov-west-1.amazonaws.com", Port: 443, TLS: true},
			},
		},
		{
			name: "an identity that EKS gives the pods", storage: "{region: us-gov-west-1, bucket: b, credentials: podIdentity}",
			s3:      &S3{Address: "s3.us-gov-west-1.amazonaws.com", Bucket: "b", Secret: "chat-object-storage"},
			env:     env{"MM_FILESETTINGS_AMAZONS3ACCESSKEYID": "(unset)"},
			emitted: map[string]string{"accesskey": "", "secretkey": ""}, // which the operator requires
			destinations: []Destination{
				{Kind: DestinationObjectStorage, Host: "s3.us-gov-west-1.amazonaws.com", Port: 443, TLS: true},
				{Kind: DestinationCredentials, CIDRs: []string{"169.254.170.23/32", "fd00:ec2::23/128"}, Port: 80},
			},
		},
		{
			name: "the role of the node", storage: "{region: us-gov-west-1, bucket: b, credentials: nodeRole}",
			s3:      &S3{Address: "s3.us-gov-west-1.amazonaws.com", Bucket: "b", Secret: "chat-object-storage"},
			emitted: map[string]string{"accesskey": "", "secretkey": ""},
			destinations: []Destination{
				{Kind: DestinationObjectStorage, Host: "s3.us-gov-west-1.amazonaws.com", Port: 443, TLS: true},
				{Kind: DestinationCredentials, CIDRs: []string{"169.254.169.254/32", "fd00:ec2::254/128"}, Port: 80},
			},
		},
		{
			name: "a role in China", storage: "{endpoint: 'https://s3.cn-north-1.amazonaws.com.cn', bucket: b, roleARN: " +
				"'arn:aws-cn:iam::1:role/r'}",
			s3: &S3{Address: "s3.cn-north-1.amazonaws.com.cn", Bucket: "b"},
			destinations: []Destination{
				{Kind: DestinationObjectStorage, Host: "s3.cn-north-1.amazonaws.com.cn", Port: 443, TLS: true},
				{Kind: DestinationSTS, Host: "sts.cn-north-1.amazonaws.com.cn", Port: 443, TLS: true},
			},
		},
		{
			name: "MinIO", storage: "{inCluster: {engine: minio, " + keys + "}}",
			s3: &S3{Address: "chat-files-hl.teams.svc.cluster.local:9000", Bucket: "mattermost",
				Secret: "chat-object-storage"},
			env:     env{"MM_FILESETTINGS_AMAZONS3SSL": "false", "MM_FILESETTINGS_AMAZONS3REGION": "us-east-1"},
			emitted: map[string]string{"accesskey": "a", "secretkey": "s"},
			destinations: []Destination{{Kind: DestinationObjectStorage, Host: "chat-files-hl.teams.svc.cluster.local",
				Port: 9000, Namespace: "teams", PodLabels: map[string]string{"v1.min.io/tenant": "chat-files"}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, "  domain: a.b\n  database: {existingSecret: x}\n  objectStorage: "+test.storage+"\n",
				test.around)
			if messages != test.messages {
				t.Errorf("messages\n%s\nwant\n%s", messages, test.messages)
			}
			if !reflect.DeepEqual(p.Files.Claim, test.claim) || !reflect.DeepEqual(p.Files.S3, test.s3) {
				t.Errorf("claim %+v, S3 %+v, want %+v and %+v", p.Files.Claim, p.Files.S3, test.claim, test.s3)
			}
			for name, want := range test.env {
				if got := variable(p, name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			var emitted map[string]string
			for _, s := range p.Secrets {
				if s.Name == p.FilesSecretName() {
					emitted = s.Data
				}
			}
			if !reflect.DeepEqual(emitted, test.emitted) {
				t.Errorf("emitted %v, want %v", emitted, test.emitted)
			}
			if got := p.Destinations[1:]; !(len(got) == 0 && test.destinations == nil) &&
				!reflect.DeepEqual(got, test.destinations) {
				t.Errorf("destinations\n%+v\nwant\n%+v", got, test.destinations)
			}
		})
	}
}

// MinIO reads its root user from a file that a shell could read.
func TestMinIO(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n  profile: community\n  objectStorage: {inCluster: {engine: minio, image: img, "+
		"accessKey: key, accessSecret: secret12, storage: {size: 1Gi}}}\n", nil)
	m := p.Files.MinIO
	if m.Name != "chat-files" || m.Image != "img" || m.ConfigSecret != "chat-files-config" || m.Bucket != "mattermost" ||
		m.Storage.Size != "1Gi" || m.Resources.Limits.Cpu().String() != "500m" {
		t.Errorf("tenant %+v", m)
	}
	if got, want := secret(p, "chat-files-config", "config.env"),
		"export MINIO_ROOT_USER=\"key\"\nexport MINIO_ROOT_PASSWORD=\"secret12\"\n"; got != want {
		t.Errorf("config.env is %q, want %q", got, want)
	}
	if strings.Contains(fmt.Sprint(p.Env), "secret12") {
		t.Error("the secret is in the server's environment")
	}
}

// A Secret among the resources is held to the same as a value in the configuration.
func TestAMinIOKeyThatItsFileCannotHold(t *testing.T) {
	const field = "error: spec.objectStorage.inCluster.accessSecret: "
	for secret, want := range map[string]string{
		`a"; rm -rf /`: "contains a quote, backslash, dollar sign, number sign or line break, " +
			"which MinIO's configuration file cannot represent safely; use letters, digits and other characters",
		"short": "is too short: MinIO requires at least 8 characters",
		"password\nexport MINIO_ROOT_USER=other": `key "k" of Secret s contains a line break or other control character, ` +
			"or has a space at its beginning or end, which would become part of the value; " +
			"write the Secret without it (echo -n, or a block with |-)",
	} {
		p, got := resolve(t, "  domain: a.b\n  objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: "+
			"{secretKeyRef: {name: s, key: k}}}}\n", stream{"s/k": secret})
		if got != field+want || p.Files.MinIO != nil {
			t.Errorf("%q: got %q, want %q", secret, got, field+want)
		}
	}
}

// TestFileKeys has keys in two places of External Secrets, the configuration and Secrets of the user's: where the
// backups of the database read them, and what restarts the pods.
func TestFileKeys(t *testing.T) {
	const external = "{externalSecret: {store: {name: vault}, key: s3}}"
	const ref = "{secretKeyRef: {name: mine, key: id}}"
	for _, test := range []struct {
		access, secret         string
		wantAccess, wantSecret string
		templates              map[string]string
	}{
		{"a", "s", "chat-object-storage/accesskey", "chat-object-storage/secretkey", nil},
		{ref, "s", "mine/id", "chat-object-storage/secretkey", nil},
		{external, external, "chat-object-storage/accesskey", "chat-object-storage/secretkey", nil},
		{ref, external, "mine/id", "chat-object-storage/secretkey", map[string]string{
			"accesskey": "see MM_FILESETTINGS_AMAZONS3ACCESSKEYID", "secretkey": "{{ .secretkey }}"}},
		{external, ref, "chat-object-storage/accesskey", "mine/id", map[string]string{
			"accesskey": "{{ .accesskey }}", "secretkey": "see MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY"}},
	} {
		spec := "  domain: a.b\n  database: {inCluster: {backup: {schedule: '0 0 0 * * *'}}}\n  objectStorage: {endpoint: " +
			"'https://s3', bucket: b, accessKey: " + test.access + ", accessSecret: " + test.secret + "}\n"
		p, said := resolve(t, spec, nil)
		archive := p.Database.CloudNativePG.Archive
		access, secret := archive.AccessKey.Name+"/"+archive.AccessKey.Key, archive.SecretKey.Name+"/"+archive.SecretKey.Key
		if said != "" || access != test.wantAccess || secret != test.wantSecret {
			t.Errorf("%s: the backup reads %s and %s, want %s and %s; %s",
				spec, access, secret, test.wantAccess, test.wantSecret, said)
		}
		for _, e := range p.ExternalSecrets {
			if !reflect.DeepEqual(e.Templates, test.templates) {
				t.Errorf("%s: the templates are %v, want %v", spec, e.Templates, test.templates)
			}
			if len(p.Secrets) > 1 { // that of the database
				t.Errorf("%s: Secrets %v", spec, p.Secrets)
			}
		}
		one, _ := resolve(t, spec, stream{"mine/id": "one"})
		two, _ := resolve(t, spec, stream{"mine/id": "two"})
		if changes := one.SecretsChecksum != two.SecretsChecksum; changes != strings.Contains(spec, "mine") {
			t.Errorf("%s: another key restarts the pods: %t", spec, changes)
		}
		if !reflect.DeepEqual(one.Secrets, p.Secrets) {
			t.Errorf("%s: a key is copied: %v", spec, one.Secrets)
		}
	}
}
