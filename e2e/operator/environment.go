// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// bodySizeAnnotation limits uploads at the Ingress, and thereby the size of the server's files.
const bodySizeAnnotation = "nginx.ingress.kubernetes.io/proxy-body-size"

// environment is the server's: the operator's variables in its order, each replaced in place by the resource's of the
// same name, then the rest of the resource's. No other container gets it.
func (i *Installation) environment(secrets Secrets) []corev1.EnvVar {
	s := i.spec
	var env []corev1.EnvVar
	set := func(variable corev1.EnvVar) {
		at := slices.IndexFunc(env, func(e corev1.EnvVar) bool { return e.Name == variable.Name })
		if at < 0 {
			env = append(env, variable)
			return
		}
		env[at] = variable
	}
	value := func(name, value string) { set(corev1.EnvVar{Name: name, Value: value}) }
	from := func(name, secret, key string) {
		set(corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key,
		}}})
	}

	database := s.Database.External.Secret
	connections, _ := secrets(database)
	from("MM_CONFIG", database, "DB_CONNECTION_STRING")
	if _, has := connections["MM_SQLSETTINGS_DATASOURCE"]; has {
		from("MM_SQLSETTINGS_DATASOURCE", database, "MM_SQLSETTINGS_DATASOURCE")
	} else {
		from("MM_SQLSETTINGS_DATASOURCE", database, "DB_CONNECTION_STRING")
	}
	if _, has := connections["MM_SQLSETTINGS_DATASOURCEREPLICAS"]; has {
		from("MM_SQLSETTINGS_DATASOURCEREPLICAS", database, "MM_SQLSETTINGS_DATASOURCEREPLICAS")
	}

	if s3 := s.FileStore.External; s3.URL != "" {
		value("MM_FILESETTINGS_DRIVERNAME", "amazons3")
		value("MM_FILESETTINGS_AMAZONS3BUCKET", s3.Bucket)
		value("MM_FILESETTINGS_AMAZONS3ENDPOINT", s3.URL)
		value("MM_FILESETTINGS_AMAZONS3SSL", "true")
		if !i.usesAccount() {
			from("MM_FILESETTINGS_AMAZONS3ACCESSKEYID", s3.Secret, "accesskey")
			from("MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY", s3.Secret, "secretkey")
		}
	} else {
		value("MM_FILESETTINGS_DRIVERNAME", "local")
		value("MM_FILESETTINGS_DIRECTORY", "/mattermost/data")
	}

	if search := s.ElasticSearch; search.Host != "" {
		value("MM_ELASTICSEARCHSETTINGS_ENABLEINDEXING", "true")
		value("MM_ELASTICSEARCHSETTINGS_ENABLESEARCHING", "true")
		value("MM_ELASTICSEARCHSETTINGS_CONNECTIONURL", search.Host)
		value("MM_ELASTICSEARCHSETTINGS_USERNAME", search.UserName)
		value("MM_ELASTICSEARCHSETTINGS_PASSWORD", search.Password)
	}

	value("MM_PLUGINSETTINGS_ENABLEUPLOADS", "true")
	value("MM_METRICSSETTINGS_ENABLE", "true")
	value("MM_METRICSSETTINGS_LISTENADDRESS", ":8067")
	value("MM_CLUSTERSETTINGS_ENABLE", "true")
	value("MM_CLUSTERSETTINGS_CLUSTERNAME", "production")
	value("MM_INSTALL_TYPE", "kubernetes-operator")
	if host := s.host(); host != "" {
		value("MM_SERVICESETTINGS_SITEURL", "https://"+host)
	}
	value("MM_FILESETTINGS_MAXFILESIZE", strconv.Itoa(s.maxFileSize()))
	if s.JobServer.DedicatedJobServer {
		value("MM_JOBSETTINGS_RUNJOBS", "false") // also for the job server itself
	}
	if s.LicenseSecret != "" {
		value("MM_SERVICESETTINGS_LICENSEFILELOCATION", "/mattermost-license/license")
	}

	for _, variable := range s.MattermostEnv {
		set(variable)
	}
	return env
}

// maxFileSize is the Ingress's limit in whole megabytes or (decimal) gigabytes of them; a thousand megabytes where its
// unit is another, none where it is not a number.
func (s *spec) maxFileSize() int {
	const megabyte, ordinary = 1 << 20, 1000
	limit := s.ingressAnnotations()[bodySizeAnnotation]
	if limit == "" || s.UseServiceLoadBalancer {
		return ordinary * megabyte
	}
	number, _ := strconv.Atoi(limit[:len(limit)-1]) // 0 where it is not a number
	switch limit[len(limit)-1] {
	case 'm', 'M':
		return number * megabyte
	case 'g', 'G':
		return number * 1000 * megabyte
	}
	return ordinary * megabyte
}
