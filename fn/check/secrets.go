package check

import (
	"crypto/x509"
	"encoding/pem"
	"sort"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"mattermost-fn/fn/v1alpha1"
)

func authorities(s *subject) {
	v1alpha1.Each(s.MattermostConfig, func(field string, ca *v1alpha1.CertificateAuthority) {
		given := 0
		for _, is := range []bool{ca.PEM != "", ca.ConfigMapKeyRef != nil, ca.SecretKeyRef != nil} {
			if is {
				given++
			}
		}
		if given != 1 {
			s.errorf(field, "takes one of pem, configMapKeyRef and secretKeyRef; %d are given", given)
			return
		}
		if ca.PEM != "" {
			certificates(s, field+".pem", ca.PEM)
		}
	})
}

// certificates checks that the text is PEM certificates and nothing else, above all no private key.
func certificates(s *subject, field, text string) {
	rest := []byte(strings.TrimSpace(text))
	found := 0
	for len(rest) > 0 {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = after
		if strings.Contains(block.Type, "PRIVATE KEY") {
			s.errorf(field, "holds a private key; only certificates belong here. Take the key out, and out of Git's history")
			return
		}
		if _, err := x509.ParseCertificate(block.Bytes); block.Type != "CERTIFICATE" || err != nil {
			s.errorf(field, "block %d of type %q is not a certificate", found+1, block.Type)
			return
		}
		found++
	}
	if found == 0 {
		s.errorf(field, "holds no certificate; expected -----BEGIN CERTIFICATE----- and so on, indented below \"pem: |\"")
	} else if len(strings.TrimSpace(string(rest))) > 0 {
		s.errorf(field, "has text after certificate %d that is not PEM; a line may be damaged", found)
	}
}

func secretText(s *subject) {
	v1alpha1.Each(s.MattermostConfig, func(field string, value *v1alpha1.SecretValue) {
		if value.SecretKeyRef != nil || !s.given(field) {
			return
		}
		switch {
		case value.Value == "":
			s.errorf(field, "is empty; give the value, or {secretKeyRef: {name, key}}")
		case strings.TrimSpace(value.Value) != value.Value && field != "spec.enterprise.license":
			s.errorf(field, "has a blank or line break at its beginning or end, which would be part of the value; remove it (a block with | keeps the last line break, |- does not)")
		case strings.ContainsFunc(strings.TrimSpace(value.Value), func(r rune) bool { return unicode.IsControl(r) && field != "spec.enterprise.license" }):
			s.errorf(field, "holds a control character such as a line break; remove it")
		case strings.HasPrefix(value.Value, "ENC["):
			s.errorf(field, "is encrypted (SOPS); decrypt it before the function runs, or use {secretKeyRef: {name, key}}")
		}
	})
}

func plainSecrets(s *subject) {
	var fields []string
	v1alpha1.Each(s.MattermostConfig, func(field string, value *v1alpha1.SecretValue) {
		if value.SecretKeyRef == nil && value.Value != "" {
			fields = append(fields, field)
		}
	})
	if len(fields) == 0 {
		return
	}
	sort.Strings(fields)
	s.warnf(fields[0], "%s in plain text: whoever can read this file, or Git, can read the secret, and kpt writes the Secrets that come of it to disk. Keep it in a Secret of your own and write {secretKeyRef: {name, key}}",
		stands(fields))
}

func stands(fields []string) string {
	if len(fields) == 1 {
		return "stands here"
	}
	return "and " + strings.Join(fields[1:], ", ") + " stand here"
}

func references(s *subject) {
	name := func(field, name string) {
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			s.errorf(field, "%q is not the name of an object: lower-case letters, digits, dots and hyphens", name)
		}
	}
	v1alpha1.Each(s.MattermostConfig, func(field string, ref *v1alpha1.KeyRef) {
		if !s.given(field + ".name") {
			s.errorf(field+".name", "is missing; give the name of the object in the namespace %s", s.Namespace)
		} else {
			name(field+".name", ref.Name)
		}
		if !s.given(field + ".key") {
			s.errorf(field+".key", "is missing; give the key in the object's data")
		} else if len(validation.IsConfigMapKey(ref.Key)) > 0 {
			s.errorf(field+".key", "%q cannot be a key: letters, digits, dots, hyphens and underscores", ref.Key)
		}
	})
	for field, value := range map[string]string{
		"spec.database.existingSecret":      s.spec.Database.ExistingSecret,
		"spec.objectStorage.existingSecret": s.spec.ObjectStorage.ExistingSecret,
		"spec.route.tlsSecret":              s.spec.Route.TLSSecret,
	} {
		if value != "" {
			name(field, value)
		}
	}
	for i, secret := range *s.spec.Image.PullSecrets {
		name(index("spec.image.pullSecrets", i), secret)
	}
}

func uncheckedTLS(s *subject) {
	if s.spec.Elasticsearch.Enabled && s.spec.Elasticsearch.SkipTLSVerify {
		s.warnf("spec.elasticsearch.skipTLSVerify", "the certificate is not checked, so anybody on the way can read and change what is searched; give the authority in spec.elasticsearch.ca instead")
	}
	if database := s.spec.Database; database.Outside() {
		switch database.SSLMode {
		case "disable", "allow", "prefer":
			if !inCluster(database.Host) {
				s.warnf("spec.database.sslMode", "%s lets messages and the password travel in clear text; use require, or better verify-full with spec.database.ca", database.SSLMode)
			}
		}
	}
}

func unmaintained(s *subject) {
	if in := s.spec.ObjectStorage.InCluster; in != nil && in.Engine == v1alpha1.EngineMinIO {
		s.warnf("spec.objectStorage.inCluster.engine", "MinIO's community edition was archived in April 2026 and gets no security fixes; use an S3 service outside, or a volume for one replica")
	}
}
