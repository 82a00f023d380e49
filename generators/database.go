// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	barmancloudv1 "bigbang.dev/mattermost-fn/internal/apis/barmancloud/v1"
	cnpgv1 "bigbang.dev/mattermost-fn/internal/apis/cloudnativepg/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// database returns the database in the cluster, if there is one.
func database(p *plan.Plan) []Object {
	switch {
	case p.Database.CloudNativePG != nil:
		return cloudNativePG(p, p.Database.CloudNativePG)
	case p.Database.StatefulSet != nil:
		return postgresStatefulSet(p, p.Database.StatefulSet)
	}
	return nil
}

// cloudNativePG returns a Cluster, its archive and its backups. The role owns the database, since from PostgreSQL 15 on
// other roles cannot create tables in it.
func cloudNativePG(p *plan.Plan, c *plan.CloudNativePG) []Object {
	cluster := &cnpgv1.Cluster{
		TypeMeta:   typeMeta(cnpgv1.APIVersion, "Cluster"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentDatabase, c.Name),
		Spec: cnpgv1.ClusterSpec{
			Instances: c.Instances,
			ImageName: c.Image,
			// The pods also pull the operator's image, for an init container, and the plugin's.
			ImagePullSecrets:  pullSecrets(p),
			PostgresUID:       c.User,
			PostgresGID:       c.User,
			PostgreSQL:        cnpgv1.PostgreSQL{Parameters: parameters(c.Parameters, c.MaxConnections)},
			Bootstrap:         bootstrap(c),
			ExternalClusters:  externalClusters(c),
			Storage:           cnpgv1.Storage{Size: c.Storage.Size, StorageClass: c.Storage.StorageClassName},
			Resources:         c.Resources,
			InheritedMetadata: inheritedMetadata(p, c),
		},
	}
	objects := []Object{cluster}
	if c.Archive != nil && c.Archive.RoleARN != "" {
		cluster.Spec.ServiceAccountTemplate = &cnpgv1.ServiceAccountTemplate{Metadata: cnpgv1.InheritedMetadata{
			Annotations: map[string]string{"eks.amazonaws.com/role-arn": c.Archive.RoleARN},
		}}
	}
	if store := objectStore(p, c.Archive); store != nil {
		objects = append([]Object{store}, objects...)
	}
	if c.Backup != nil {
		backUp(cluster, c)
		objects = append(objects, scheduledBackup(p, c))
	}
	return objects
}

// inheritedMetadata returns the labels and annotations of the pods and everything else that the operator creates; nil
// for none. With a sidecar the operator's jobs would never complete.
func inheritedMetadata(p *plan.Plan, c *plan.CloudNativePG) *cnpgv1.InheritedMetadata {
	inherited := &cnpgv1.InheritedMetadata{Labels: map[string]string{}}
	if c.Version != "" {
		inherited.Labels[ownership.LabelVersion] = c.Version
	}
	if p.MayInject() {
		inherited.Labels[plan.LabelInject] = "false"
		inherited.Annotations = map[string]string{plan.LabelInject: "false"}
	}
	if len(inherited.Labels) == 0 {
		return nil
	}
	return inherited
}

// parameters returns all parameters of PostgreSQL.
func parameters(others map[string]string, maxConnections int32) map[string]string {
	all := map[string]string{"max_connections": strconv.Itoa(int(maxConnections))}
	maps.Copy(all, others)
	return all
}

// origin is the name of the external cluster that a Cluster is restored or copied from.
const origin = "origin"

// bootstrap says how the database is created.
func bootstrap(c *plan.CloudNativePG) cnpgv1.Bootstrap {
	var secret *corev1.LocalObjectReference
	if c.RoleSecret != "" {
		secret = &corev1.LocalObjectReference{Name: c.RoleSecret}
	}
	if r := c.Recovery; r != nil {
		recovery := &cnpgv1.Recovery{Source: origin, Database: c.Database, Owner: c.Owner, Secret: secret}
		target := cnpgv1.RecoveryTarget{
			BackupID: r.BackupID, TargetTime: r.TargetTime, TargetLSN: r.TargetLSN, TargetImmediate: r.TargetImmediate,
		}
		if target != (cnpgv1.RecoveryTarget{}) {
			recovery.RecoveryTarget = &target
		}
		return cnpgv1.Bootstrap{Recovery: recovery}
	}
	initDB := &cnpgv1.InitDB{Database: c.Database, Owner: c.Owner, Secret: secret}
	if c.Import != nil {
		initDB.Import = &cnpgv1.Import{
			Type:      "microservice",
			Databases: []string{c.Import.Database},
			Source:    cnpgv1.ImportSource{ExternalCluster: origin},
		}
	}
	return cnpgv1.Bootstrap{InitDB: initDB}
}

// externalClusters returns the source of a restore or of an import.
func externalClusters(c *plan.CloudNativePG) []cnpgv1.ExternalCluster {
	switch {
	case c.Recovery != nil:
		return []cnpgv1.ExternalCluster{{Name: origin, Plugin: &cnpgv1.ExternalPlugin{
			Name: plan.BarmanCloud,
			Parameters: map[string]string{
				"barmanObjectName": c.Recovery.ObjectStore,
				"serverName":       c.Recovery.ServerName,
			},
		}}}
	case c.Import != nil:
		i := c.Import
		source := cnpgv1.ExternalCluster{
			Name: origin,
			ConnectionParameters: map[string]string{
				"host": i.Host, "port": strconv.Itoa(int(i.Port)), "user": i.Username, "dbname": i.Database,
				"sslmode": i.SSLMode,
			},
			Password: &barmancloudv1.SecretKey{Name: i.PasswordRef.Name, Key: i.PasswordRef.Key},
		}
		if i.CABundle != nil {
			source.SSLRootCert = &barmancloudv1.SecretKey{Name: i.CABundle.Name, Key: i.CABundle.Key}
		}
		return []cnpgv1.ExternalCluster{source}
	}
	return nil
}

// backUp adds the archive of the database to its Cluster.
func backUp(cluster *cnpgv1.Cluster, c *plan.CloudNativePG) {
	if c.Backup.Method == v1alpha1.BackupBuiltIn {
		cluster.Spec.Backup = &cnpgv1.Backup{
			BarmanObjectStore: cnpgv1.BarmanObjectStore{
				Configuration: archive(c.Archive),
				ServerName:    c.Backup.ServerName,
			},
			RetentionPolicy: c.Archive.Retention,
		}
		return
	}
	cluster.Spec.Plugins = []cnpgv1.Plugin{{
		Name:          plan.BarmanCloud,
		Enabled:       true,
		IsWALArchiver: true,
		Parameters: map[string]string{
			"barmanObjectName": c.Archive.Name,
			"serverName":       c.Backup.ServerName,
		},
	}}
}

// scheduledBackup returns the schedule of the backups of a Cluster.
func scheduledBackup(p *plan.Plan, c *plan.CloudNativePG) *cnpgv1.ScheduledBackup {
	scheduled := &cnpgv1.ScheduledBackup{
		TypeMeta:   typeMeta(cnpgv1.APIVersion, "ScheduledBackup"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentDatabase, c.Name),
		Spec: cnpgv1.ScheduledBackupSpec{
			Schedule: c.Backup.Schedule,
			// If the Cluster is deleted, its Backup objects are deleted with it, but not the backups themselves.
			BackupOwnerReference: "cluster",
			Cluster:              corev1.LocalObjectReference{Name: c.Name},
			Method:               string(c.Backup.Method),
		},
	}
	if c.Backup.Method == v1alpha1.BackupPlugin {
		scheduled.Spec.PluginConfiguration = &cnpgv1.PluginConfiguration{Name: plan.BarmanCloud}
	}
	return scheduled
}

// objectStore returns the description of the archive for the Barman Cloud plugin; nil if the plugin is not used.
func objectStore(p *plan.Plan, a *plan.Archive) Object {
	if a == nil || a.Name == "" {
		return nil
	}
	store := &barmancloudv1.ObjectStore{
		TypeMeta:   typeMeta(barmancloudv1.APIVersion, "ObjectStore"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentDatabase, a.Name),
		Spec: barmancloudv1.ObjectStoreSpec{
			Configuration:                archive(a),
			RetentionPolicy:              a.Retention,
			InstanceSidecarConfiguration: &barmancloudv1.InstanceSidecarConfiguration{Resources: &a.Resources},
		},
	}
	if !a.IsAmazon {
		// Many services refuse the checksums that Amazon's client adds since 2025 (plugin-barman-cloud, issue 393).
		store.Spec.InstanceSidecarConfiguration.Env = []corev1.EnvVar{
			{Name: "AWS_REQUEST_CHECKSUM_CALCULATION", Value: "when_required"},
			{Name: "AWS_RESPONSE_CHECKSUM_VALIDATION", Value: "when_required"},
		}
	}
	return store
}

// archive returns the S3 service of an archive, which both methods describe in the same way.
func archive(a *plan.Archive) barmancloudv1.Configuration {
	configuration := barmancloudv1.Configuration{
		DestinationPath: a.DestinationPath,
		EndpointURL:     a.EndpointURL,
		S3Credentials:   barmancloudv1.S3Credentials{InheritFromIAMRole: true},
		WAL:             barmancloudv1.Compression{Compression: "gzip"},
		Data:            barmancloudv1.Compression{Compression: "gzip"},
	}
	if !a.InheritsRole() {
		configuration.S3Credentials = barmancloudv1.S3Credentials{
			AccessKeyID:     &barmancloudv1.SecretKey{Name: a.AccessKey.Name, Key: a.AccessKey.Key},
			SecretAccessKey: &barmancloudv1.SecretKey{Name: a.SecretKey.Name, Key: a.SecretKey.Key},
		}
	}
	if a.CABundle != nil {
		configuration.EndpointCA = &barmancloudv1.SecretKey{Name: a.CABundle.Name, Key: a.CABundle.Key}
	}
	return configuration
}

// databaseArgument returns a database's name as an argument for PostgreSQL's programs, which take a name with an equals
// sign, or one that begins like a URL, for a connection string (libpq, fe-connect.c, recognized_connection_string).
func databaseArgument(name string) string {
	if !strings.Contains(name, "=") && !strings.HasPrefix(name, "postgres://") &&
		!strings.HasPrefix(name, "postgresql://") {
		return name
	}
	return "dbname='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "'"
}

// arguments returns the arguments of PostgreSQL that set parameters.
func arguments(parameters map[string]string) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		args = append(args, "-c", name+"="+parameters[name])
	}
	return args
}

// postgresStatefulSet returns a single PostgreSQL server and its Service.
func postgresStatefulSet(p *plan.Plan, s *plan.StatefulSet) []Object {
	labels := map[string]string{ownership.LabelName: "postgresql", ownership.LabelInstance: p.Name}
	podMeta := metav1.ObjectMeta{Labels: map[string]string{
		ownership.LabelName:      "postgresql",
		ownership.LabelInstance:  p.Name,
		ownership.LabelComponent: string(ownership.ComponentDatabase),
		ownership.LabelPartOf:    "mattermost",
		ownership.LabelManagedBy: ownership.ManagedBy,
	}}
	if s.Version != "" {
		podMeta.Labels[ownership.LabelVersion] = s.Version
	}
	if p.MayInject() { // as Mattermost bypasses its own sidecar when it connects to the database
		podMeta.Labels[plan.LabelInject] = "false"
	}
	meta := func() metav1.ObjectMeta {
		meta := p.ObjectMeta(ownership.ComponentDatabase, s.Name)
		meta.Labels[ownership.LabelName] = "postgresql"
		delete(meta.Labels, ownership.LabelVersion) // Mattermost's, not PostgreSQL's
		return meta
	}
	ready := func(period, failures int32) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{
				Command: []string{"pg_isready", "--username", s.Owner, "--dbname", databaseArgument(s.Database)},
			}},
			PeriodSeconds: period, TimeoutSeconds: 5, FailureThreshold: failures,
		}
	}
	container := escaped(corev1.Container{
		Name:            "postgresql",
		Image:           s.Image,
		ImagePullPolicy: p.Image.PullPolicy,
		Args:            arguments(parameters(s.Parameters, s.MaxConnections)),
		Env: []corev1.EnvVar{
			{Name: "POSTGRES_USER", Value: s.Owner},
			{Name: "POSTGRES_DB", Value: s.Database},
			plan.EnvFromSecret("POSTGRES_PASSWORD", s.PasswordRef),
			// A directory below the mount: a new volume may contain lost+found, and PostgreSQL requires an empty
			// directory.
			{Name: "PGDATA", Value: "/var/lib/postgresql/data/pgdata"},
		},
		Ports:           []corev1.ContainerPort{{Name: "postgresql", ContainerPort: 5432, Protocol: corev1.ProtocolTCP}},
		Resources:       s.Resources,
		ReadinessProbe:  ready(5, 6),
		LivenessProbe:   ready(10, 6),
		StartupProbe:    ready(5, 60),
		SecurityContext: plan.RestrictedContainer(),
		VolumeMounts: []corev1.VolumeMount{
			{Name: "data", MountPath: "/var/lib/postgresql/data"},
			{Name: "run", MountPath: "/var/run/postgresql"},
		},
	})
	replicas := int32(1)
	yes := true
	statefulSet := &appsv1.StatefulSet{
		TypeMeta:   typeMeta("apps/v1", "StatefulSet"),
		ObjectMeta: meta(),
		Spec: appsv1.StatefulSetSpec{
			ServiceName: s.Name,
			Replicas:    &replicas,
			Selector:    &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: podMeta,
				Spec: corev1.PodSpec{
					ImagePullSecrets: pullSecrets(p),
					Containers:       []corev1.Container{container},
					SecurityContext: &corev1.PodSecurityContext{
						RunAsNonRoot: &yes, RunAsUser: s.User, RunAsGroup: s.User, FSGroup: s.User,
						SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
					},
					Volumes: []corev1.Volume{{Name: "run",
						VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
				},
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data"},
				Spec:       claimSpec(s.Storage),
			}},
		},
	}
	service := &corev1.Service{
		TypeMeta:   typeMeta("v1", "Service"),
		ObjectMeta: meta(),
		Spec: corev1.ServiceSpec{
			Type:      corev1.ServiceTypeClusterIP,
			ClusterIP: corev1.ClusterIPNone,
			Selector:  labels,
			Ports: []corev1.ServicePort{{
				Name: "tcp-postgresql", Port: 5432, TargetPort: intstr.FromString("postgresql"), Protocol: corev1.ProtocolTCP,
			}},
		},
	}
	return []Object{service, statefulSet}
}

// claimSpec returns the spec of a claim for a volume that one node mounts.
func claimSpec(s plan.Storage) corev1.PersistentVolumeClaimSpec {
	spec := corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceStorage: resource.MustParse(s.Size),
		}},
	}
	if s.StorageClassName != "" {
		spec.StorageClassName = &s.StorageClassName
	}
	return spec
}
