// SPDX-License-Identifier: Apache-2.0

package rules

import "bigbang.dev/mattermost-fn/internal/ruleid"

// Rules are all rules, in the order of their ids.
var Rules = []Rule{
	{
		ID: ruleid.Prerequisite, phase: reportedBy("fn/fn.go"),
		Title: "external prerequisite",
		Why: "What is emitted works only together with settings of other systems. Without them the identity provider " +
			"rejects the login because of its redirect URL, pods wait for a Secret, or the API server rejects a kind. " +
			"`mattermost-fn check` lists everything that must exist or be done, in order, with commands; with `--output " +
			"json` each has a stable id. `render` only counts them, and the function in kustomize and kpt does not " +
			"report them. Nothing is wrong with the configuration.",
		Fix: "work through the list once, and again when the URL of the site or of a service changes. `spec.allow: " +
			"[MM000]` hides it.",
	},
	{
		ID: ruleid.Names, phase: onConfiguration(names), Example: "bad-not-a-label",
		Title: "name that the cluster or an operator rejects",
		Why: "The installation's name becomes the name of its Service, the prefix of all other names, and a label on " +
			"every object. The name of a Service must not contain dots or upper-case letters, nor start with a " +
			"digit. CloudNativePG accepts at most 50 characters for `<name>-db`. The pods of MinIO carry " +
			"`<name>-files-pool-0` and a hash in a label of 63 characters; with a longer name the StatefulSet never " +
			"creates a pod. The MinIO operator names one of its Services `minio`, whatever the installation's name " +
			"is.",
		Fix: "use a short name of lower-case letters, digits and hyphens, such as `mattermost`. Set the namespace " +
			"too; the info only says which one is used without it.",
	},
	{
		ID: ruleid.Site, phase: onConfiguration(site), Example: "bad-two-sites",
		Title: "missing, duplicate or invalid site",
		Why: "The site's URL is used by the route, in the links of every mail, and by the identity provider, which " +
			"compares it with that of a login. The function adds `https://` to the host name, and `chat.` to " +
			"`spec.domain`. An IP address does not get a certificate.",
		Fix: "set `spec.domain: example.com` for `https://chat.example.com`, or the whole host name in `spec.host`. " +
			"Set only one of the two, without scheme, port or path.",
	},
	{
		ID: ruleid.Image, phase: onConfiguration(image), Example: "bad-moving-version",
		Title: "image or version that is not pinned or is invalid",
		Why: "A tag such as `latest` or `11.10` points to another image tomorrow. A pod that restarts after that " +
			"runs a newer server than the other pods, and migrates the database that they are using. CloudNativePG " +
			"reads the version of PostgreSQL from the image's tag and rejects images without one. The server " +
			"requires PostgreSQL 14 or newer since version 11.0, and 13 since 10.6.",
		Fix: "set all three numbers in `spec.version`, the image without tag or digest in `spec.image.repository`, " +
			"and a digest in `spec.image.digest`.",
	},
	{
		ID: ruleid.Enumerations, phase: onConfiguration(enumerations),
		Title: "value that is not allowed",
		Why: "The API server rejects most of these values, some only fail when an operator uses them, and a " +
			"misspelled engine or route type would leave out a part of the installation.",
		Fix: "use one of the values that the message lists. `mattermost-fn explain FIELD` shows them too.",
	},
	{
		ID: ruleid.Replicas, phase: onConfiguration(replicas), Example: "bad-two-servers",
		Title: "several servers without a license",
		Why: "Without a license that has the feature `cluster` the servers do not communicate with each other. All " +
			"pods start and look healthy, but a new message only appears for users whose browsers are connected to " +
			"the same pod; all others see it after a reload. Scheduled jobs run on every server at once.",
		Fix: "set `spec.replicas: 1`, or `spec.enterprise` with `enabled: true` and a `license`.",
	},
	{
		ID: ruleid.Edition, phase: onConfiguration(edition),
		Title: "edition that lacks a requested feature",
		Why: "Images of the team edition contain no code for licensed features, so they ignore a license. Since " +
			"version 11 they show no button for single sign-on. Earlier versions answer a login that requests the " +
			"scope `openid` with an error, because they lack the code for it.",
		Fix: "use an image of the enterprise edition. It runs without a license, as Mattermost Entry.",
	},
	{
		ID: ruleid.MissingLicense, phase: onConfiguration(missingLicense),
		Title: "enterprise without a license, or a license without enterprise",
		Why: "Without a license an enterprise image runs as Mattermost Entry. If the configuration contains no " +
			"license, a renewed one must be uploaded by hand, since the server prefers the license in its database " +
			"to a file. MM037 checks the license itself.",
		Fix: "store the text of the license file, which starts with `eyJ`, in a Secret, refer to it with a " +
			"`secretKeyRef` in `spec.enterprise.license`, and set `spec.enterprise.enabled: true`.",
	},
	{
		ID: ruleid.LicensedFeatures, phase: onConfiguration(licensedFeatures), Example: "bad-lacking",
		Title: "licensed feature that the license lacks",
		Why: "The server does not fail when a licensed feature is enabled without a license: search stays in the " +
			"database, files are stored unencrypted, the login button is missing, and nothing is exported, deleted " +
			"or measured. Only Redis keeps the server from starting. The features in the license file decide, not " +
			"the name of its plan; a feature that the file does not mention is included if `future_features` is. A " +
			"license in a Secret that the function does not see is assumed to have all features. Metrics without " +
			"`enterprise` are only an info, because the function leaves them out. Since version 11 an enterprise " +
			"image supports OpenID Connect and metrics without a license, as Mattermost Entry.",
		Fix: "set `spec.enterprise` with `enabled: true` and a `license` that has the feature, or use the " +
			"alternative that the message names.",
	},
	{
		ID: ruleid.SingleSignOn, phase: onConfiguration(singleSignOn),
		Title: "single sign-on that does not work",
		Why: "The server copies the client ID unchanged into the login URL, so a space or an ampersand breaks that " +
			"URL. It needs all endpoints of the identity provider. The client secret and the tokens are sent to " +
			"them, so plain HTTP is only allowed for a Service in the cluster. Since version 20 Keycloak answers 403 " +
			"when a token lacks the scope `openid`; GitLab itself answers at `/api/v4/user` only to a token with the " +
			"scope `read_user`. The server appends a query to the login URL, so `authEndpoint` must not contain one.",
		Fix: "set `spec.sso.issuerURL` to the provider's issuer (for Keycloak the URL of the realm), or set all " +
			"three endpoints (for GitLab itself `/oauth/authorize`, `/oauth/token` and `/api/v4/user`). Leave out " +
			"`spec.sso.scope`.",
	},
	{
		ID: ruleid.LoginWays, phase: onConfiguration(loginWays),
		Title: "no way to log in",
		Why: "With single sign-on, LDAP, SAML and both kinds of local login disabled, the login page offers no way " +
			"to log in, not even for administrators.",
		Fix: "enable one of them, in its section or in `spec.settings`.",
	},
	{
		ID: ruleid.DatabaseForm, phase: onConfiguration(databaseForm),
		Title: "incomplete or ambiguous database",
		Why: "If two databases are described, the server can use only one, and the messages may not be where someone " +
			"later looks for them. A description without a host must not silently create a new, empty database in " +
			"the cluster. A plain PostgreSQL does not start without a password.",
		Fix: "set only one of `inCluster`, `host` with its connection fields, and `existingSecret`; or none for a " +
			"database in the cluster. With the engine `statefulset` set one of `password` and `generatePassword`.",
	},
	{
		ID: ruleid.DatabaseConnection, phase: onConfiguration(databaseConnection),
		Title: "database connection that does not work or is not safe",
		Why: "The connection string is made of these fields. A part in the wrong field, or also in `parameters`, would " +
			"silently override another. The server's PostgreSQL driver, lib/pq, uses some parameters itself and sends " +
			"all others to PostgreSQL, which refuses the connection if it does not know one or the role may not set " +
			"it; then no server starts. The driver's own are not those of libpq: it has no `keepalives` or " +
			"`gssencmode`, and `target_session_attrs`, `allow` and `prefer` only since lib/pq 1.12, which Mattermost " +
			"has since 11.8 at the latest. Earlier versions compare the host name with the certificate even with " +
			"`verify-ca`. Names with a dot are parameters of extensions, which PostgreSQL accepts unchecked. Read " +
			"replicas are ignored without a license.",
		Fix: "use the field that the message names; `sslMode: require` or, better, `verify-full`; set everything " +
			"else in the configuration of PostgreSQL, or with `ALTER ROLE ... SET`.",
	},
	{
		ID: ruleid.ObjectStorageForm, phase: onConfiguration(objectStorageForm),
		Title: "incomplete or ambiguous object storage",
		Why: "Without keys the server requests credentials from Amazon's metadata service, and outside Amazon it " +
			"waits for a response that never comes. Of two sets of credentials it would use only one. MinIO does not " +
			"start with a short key, and a shell reads its configuration file, so quotes and dollar signs have a " +
			"special meaning in it.",
		Fix: "set the bucket, and one of `accessKey` with `accessSecret`, `existingSecret`, `roleARN` and " +
			"`credentials`; or " +
			"`inCluster`, where the engine `minio` needs both keys or `generateKeys`.",
	},
	{
		ID: ruleid.ObjectStorageEndpoint, phase: onConfiguration(objectStorageEndpoint),
		Title: "object storage that cannot be reached",
		Why: "When the file store does not respond, only a line in the server's log says so: the pods stay ready and " +
			"uploads fail. The operator passes on the endpoint unchanged and always enables TLS, so the function " +
			"must know the scheme. Amazon rejects requests that are signed for another region, and its certificate " +
			"does not cover bucket names that contain a dot.",
		Fix: "set the URL of the service with its scheme, without bucket and path, and the matching region.",
	},
	{
		ID: ruleid.VolumeReplicas, phase: onConfiguration(volumeReplicas),
		Title: "several servers on one volume",
		Why: "A volume with the access mode ReadWriteOnce is mounted by one node. On another node a second server " +
			"waits for it indefinitely; on the same node the two overwrite each other's files.",
		Fix: "use an S3 service in `spec.objectStorage`, `accessModes: [ReadWriteMany]` for a shared file system in " +
			"`spec.objectStorage.inCluster`, or `spec.replicas: 1`.",
	},
	{
		ID: ruleid.InClusterSettings, phase: onConfiguration(inClusterSettings),
		Title: "database or object storage in the cluster with settings of another engine",
		Why: "Such a setting has no effect, while the configuration reads as if there were three database servers, a " +
			"backup or encryption. A size without a unit is a number of bytes. Two database servers are a warning: " +
			"while one of them is down, there is no second copy. With engine statefulset the server is created by the " +
			"role of `username`: PostgreSQL's initdb fails when the name contains a quote, a dollar sign or a " +
			"backslash, or starts with `pg_`. The servers share the connections of the database; PostgreSQL refuses " +
			"more than `max_connections`, and restarts when that number changes.",
		Fix: "remove the setting, or choose the engine that supports it. Set `maxConnections` before the database is " +
			"in use, large enough for the number of servers that you expect.",
	},
	{
		ID: ruleid.Backup, phase: onConfiguration(backup),
		Title: "backup without a destination or a schedule",
		Why: "A copy on the same storage is lost together with the original. CloudNativePG's schedule starts with " +
			"seconds. It also accepts five fields and reads them as seconds, minutes, hours, day and month, so a " +
			"backup that is meant for two o'clock every night runs every hour. It accepts a date that does not exist, " +
			"such as February 31, and then never makes a backup. What it refuses exists only in Git: everything else is " +
			"applied, and there are no backups.",
		Fix: "set an S3 service in `spec.objectStorage`, and a schedule of six fields such as `\"0 0 2 * " +
			"* *\"`. Fields may " +
			"contain `*`, numbers, names (`MON`, `JAN`), ranges, lists and steps; weekdays are 0 (Sunday) to 6. `@daily` and " +
			"`@every 12h` work too. `mattermost-fn check` shows the next two runs.",
	},
	{
		ID: ruleid.Elasticsearch, phase: onConfiguration(elasticsearch),
		Title: "Elasticsearch connection that does not work",
		Why: "When the server cannot use the service, it starts without search. It rejects OpenSearch if the backend " +
			"is set to Elasticsearch. Index names must be lower-case.",
		Fix: "use a URL without a user name, a password from a Secret in this namespace, and `backend: opensearch` " +
			"for OpenSearch.",
	},
	{
		ID: ruleid.Route, phase: onConfiguration(route),
		Title: "route that does not expose the site",
		Why: "A route without a gateway or class does not expose the site. The operator gives an Ingress without a " +
			"class the class `nginx`, deletes the IngressClass that has the installation's name, and drops " +
			"annotations with snippets or line breaks. It also reads the maximum upload size from the annotation " +
			"`proxy-body-size`: it fails on an empty value, and turns `1.5g` into 0, with which the server does not " +
			"start. The API server rejects an Ingress whose class differs between annotation and field. The operator's " +
			"Service is headless, so load balancers that connect to nodes cannot use it.",
		Fix: "set `spec.route.gateways` or `spec.route.ingressClass`, and use whole numbers with `m` or `g` in the " +
			"annotation. Other annotations are described by the message.",
	},
	{
		ID: ruleid.Mesh, phase: onConfiguration(mesh),
		Title: "conflicting service mesh settings",
		Why: "A pod joins the mesh with a sidecar or in ambient mode, not both, and only sidecars support " +
			"restricting the destinations of a pod. Authorization policies allow the identities that they list, so a " +
			"gateway with another identity is blocked, and with it all users. The servers use plain HTTP on the " +
			"metrics port; if HTTPS is requested there, the mesh responds and requires a certificate.",
		Fix: "follow the message. The identity of your gateway goes into `spec.istio.gatewayPrincipals`.",
	},
	{
		ID: ruleid.NetworkPolicies, phase: onConfiguration(networkPolicies),
		Title: "network policy with an unknown peer, or one that blocks everyone",
		Why: "The policies first deny all traffic. With a wrong namespace or address range nothing is allowed, and " +
			"the users' browsers cannot load the site. An empty list allows every address, which is the opposite of " +
			"what it looks like.",
		Fix: "list namespaces by name and address ranges such as `10.1.2.0/24`, and set " +
			"`spec.networkPolicies.gatewayNamespace` if the route does not say where its gateway runs.",
	},
	{
		ID: ruleid.CABundles, phase: onConfiguration(caBundles),
		Title: "certificate authority that is ambiguous, missing or not PEM",
		Why: "Go programs skip what they cannot read in a file of certificates, so a damaged one only shows as a " +
			"failing connection. The certificate of a single server works until that server's certificate is " +
			"renewed. A private key must not be written to a ConfigMap.",
		Fix: "set one of `pem`, `configMapKeyRef` and `secretKeyRef` to the certificate of the authority, from " +
			"`-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`.",
	},
	{
		ID: ruleid.SecretText, phase: onConfiguration(secretText),
		Title: "secret that is not the intended value",
		Why: "A trailing newline is part of a password, and the login fails. An encrypted value or a placeholder " +
			"would be used literally: it is base64-encoded into a Secret, where the tool that was meant to decrypt " +
			"or replace it does not find it. PostgreSQL normalizes a password before it stores it, and the server's " +
			"driver sends it unchanged: with a letter and a separate accent, a ligature or a no-break space the " +
			"login fails.",
		Fix: "set the final value before the function runs, or use a `secretKeyRef`.",
	},
	{
		ID: ruleid.PlainSecrets, phase: onConfiguration(plainSecrets), Example: "bad-two",
		Title: "plain-text secret",
		Why: "What the configuration contains ends up in Git and in every clone, and kpt writes the resulting " +
			"Secrets to disk. The value of an environment variable becomes part of the Mattermost resource and of " +
			"the pods, which more users may read than Secrets. There, Mattermost's own passwords, keys and salts are " +
			"an error (MM039). In `spec.settings` and `spec.plugins` they are moved to a Secret, as are the settings " +
			"of plugins, log targets, and URLs with a user or password.",
		Fix: "create a Secret and replace the value with `{secretKeyRef: {name, key}}`, or use `{externalSecret: " +
			"{store: {name}, key}}` with a store that External Secrets reads ([secrets.md](secrets.md)); in " +
			"`spec.env` use `valueFrom: {secretKeyRef: {name, key}}`.",
	},
	{
		ID: ruleid.Resources, phase: onConfiguration(resources),
		Title: "missing or implausible CPU and memory limits",
		Why: "A container without a memory limit can take down its node, and clusters with a policy or quota reject " +
			"one without limits. Without a CPU limit a container works: that is a warning. " +
			"`memory: 512m` is half a byte and `cpu: 2000` is two thousand CPUs; such pods never run.",
		Fix: "set limits for CPU and memory on every container, requests that do not exceed them, and units: `500m` " +
			"and `2` for CPU, `512Mi` and `4Gi` for memory.",
	},
	{
		ID: ruleid.References, phase: onConfiguration(references),
		Title: "reference to an object or key that cannot exist",
		Why: "A pod that refers to such an object never starts. A value in a Secret that the function itself emits " +
			"would be overwritten.",
		Fix: "use the name and the key of an object in the installation's namespace.",
	},
	{
		ID: ruleid.Logging, phase: onConfiguration(logging),
		Title: "logs that Fluent Bit cannot parse or send",
		Why: "One Fluent Bit serves the whole cluster, and one invalid line in its configuration stops the logs of " +
			"everyone. Elasticsearch rejects index names with upper-case letters, and Fluent Bit drops the log lines " +
			"after a few attempts.",
		Fix: "use plain words as names, and set a user together with a password.",
	},
	{
		ID: ruleid.Environment, phase: onConfiguration(environment),
		Title: "environment variable that the cluster rejects",
		Why: "The operator copies such a variable into a Deployment that the API server rejects, or into pods that " +
			"never start. The status of the Mattermost resource then stays `reconciling`.",
		Fix: "set each variable once, with either `value` or a complete `valueFrom`.",
	},
	{
		ID: ruleid.Pods, phase: onConfiguration(pods),
		Title: "pods that the operator or the server cannot run",
		Why: "The operator creates the Deployment, so only its log shows what the API server rejects: the resource stays " +
			"`reconciling`. Fields that are newer than the operator's definition are dropped without a message. The operator " +
			"supports only some kinds of volumes and rejects the whole resource because of another kind. A volume mounted " +
			"over a directory of the image hides its contents, such as the CA certificates or " +
			"the server itself. The server writes to five directories, which a read-only root file system does not " +
			"allow. Some labels are set by the operator.",
		Fix: "follow the message; mount single files with `subPath`.",
	},
	{
		ID: ruleid.Collisions, phase: onConfiguration(collisions),
		Title: "object of yours that the operator would delete or overwrite",
		Why: "The operator treats objects with the installation's name as its own. It deletes the Ingress and the " +
			"Deployment `<name>-jobserver` and, cluster-wide, the IngressClass of that name. It overwrites the " +
			"Service, Deployment, ServiceAccount, Role and RoleBinding. CloudNativePG does not create a database " +
			"while another Service has the name of one of its own (`<name>-db-rw`, `-ro`, `-r`). The MinIO operator " +
			"accepts one Tenant per namespace, because one of its Services is named `minio`.",
		Fix: "rename one of the two.",
	},
	{
		ID: ruleid.UncheckedTLS, phase: onConfiguration(uncheckedTLS),
		Title: "TLS that is disabled or not verified",
		Why: "Without verification of the certificate a man-in-the-middle can impersonate the service, and receives " +
			"the password first.",
		Fix: "set the certificate authority (`ca`) instead of disabling verification; use `sslMode: verify-full` for " +
			"an external database.",
	},
	{
		ID: ruleid.Unmaintained, phase: onConfiguration(unmaintained),
		Title: "unmaintained software",
		Why: "MinIO's community edition was archived in April 2026, and ingress-nginx was retired in March 2026. New " +
			"vulnerabilities in them are not fixed.",
		Fix: "use an external S3 service, or a volume with a single server; use a route of type `gatewayAPI` or " +
			"`istio`.",
	},
	{
		ID: ruleid.Unused, phase: onConfiguration(unused),
		Title: "setting without effect",
		Why: "The configuration reads as if search, alerts or a certificate authority were in use, but they are not, " +
			"usually because they were not enabled. A section that is explicitly disabled (`enabled: false`) is not " +
			"reported.",
		Fix: "enable what the message names, or remove the setting.",
	},
	{
		ID: ruleid.HarmfulEnvironment, phase: onConfiguration(harmfulEnvironment), Example: "bad-site-host",
		Title: "server setting that conflicts with the deployment",
		Why: "These values of `spec.settings` and `spec.env` are valid, but wrong in this deployment. Files that are " +
			"written into the container are lost with it, and servers without clustering do not exchange messages. " +
			"The emitted Services, probes, policies and routes depend on the ports and on the site's URL, which " +
			"therefore cannot be changed for the server alone; a port that nothing uses yet is a warning. The probes " +
			"and the route send plain HTTP to the server, so the server must not use TLS. Behind a gateway all " +
			"requests have the same client address, unless the server knows which header to trust. A log target of " +
			"type syslog must be reachable before the server starts. Values that the server rejects in any " +
			"deployment are reported by MM038, MM039 and MM040.",
		Fix: "remove the variable; most of them have a field.",
	},
	{
		ID: ruleid.PodSecurity, phase: onConfiguration(podSecurity),
		Title: "containers that violate the restricted pod security standard",
		Why: "In a namespace that enforces this level, pods that violate it are not created. The Deployment exists, " +
			"its pods do not, and only an event of the ReplicaSet says why. It is an error if this configuration " +
			"creates such a namespace. All emitted containers comply; containers that you add get no defaults.",
		Fix: "set `securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}` on the " +
			"containers that you add.",
	},
	{
		ID: ruleid.Unreachable, phase: onPlan(unreachable),
		Title: "service that the network policies or the mesh block",
		Why: "Network policies and the mesh allow the servers to connect to what the fields of the configuration " +
			"name. That does not include services in `spec.env`, `spec.settings` and settings of plugins, such as a " +
			"log target, an image proxy or the storage for exports, or a database whose address " +
			"is in a Secret that the function does not see. Connections to it time out.",
		Fix: "use the field that the message names, or add host and port to `spec.networkPolicies.allow`. For the database " +
			"add a NetworkPolicy or ServiceEntry of your own, or let the function see the Secret.",
	},
	{
		ID: ruleid.LicenseContents, phase: onConfiguration(licenseContents),
		Title: "license that cannot be read, has expired, or has too few seats",
		Why: "A license that cannot be read does not keep the server from starting: it runs without the licensed " +
			"features, and only its log says so. The usual causes are a license file that was base64-decoded, or a " +
			"file name instead of the file's contents. Ten days after a license has expired, the server removes it, " +
			"and with it clustering, logins and search. The function has no clock, so it compares the expiry only " +
			"with `spec.evaluationTime`; `mattermost-fn check` warns by the clock of the computer that it runs on. " +
			"The info shows what the license contains, except for whom it was issued.",
		Fix: "use the complete contents of a license file for `spec.enterprise.license`, and renew it in time. " +
			"`spec.enterprise.verify: production` also verifies the signature; keep `none` for a license that was " +
			"signed with another key.",
	},
	{
		ID: ruleid.MattermostSettings, phase: onConfiguration(mattermostSettings),
		Title: "unknown setting or invalid value",
		Why: "The server reads its settings from environment variables. It silently ignores an unknown name, and " +
			"keeps the default if it cannot parse the value. It does not start with a value that it parses and finds " +
			"invalid, nor with a few that are valid in its configuration and fail at start-up, such as an unknown " +
			"log level or a redirect from port 80. A value that it accepts but does not use as written, such as an " +
			"unknown locale, is a warning. The known settings are those of Mattermost 11.10: an older `spec.version` " +
			"may lack a setting, or have one that was removed since, which goes into `spec.env`.",
		Fix: "use the name that the message suggests; [settings.md](settings.md) lists all settings with their types.",
	},
	{
		ID: ruleid.EnvironmentSettings, phase: onConfiguration(environmentSettings),
		Title: "environment variable that Mattermost ignores or cannot parse",
		Why: "The same applies to variables in `spec.env` that start with `MM_`. Some that Mattermost's " +
			"documentation lists do not exist, the server does not parse `yes` as a boolean, and a name that " +
			"continues after that of a setting, such as `MM_SQLSETTINGS_DATASOURCE_OLD`, sets that setting. A " +
			"password in `value` can be read by everyone who may read the Mattermost resource.",
		Fix: "use the name that the message suggests, a value of the setting's type, and `valueFrom` for secrets; or " +
			"use `spec.settings`, which accepts lists and maps as YAML.",
	},
	{
		ID: ruleid.Conflicts, phase: onPlan(conflicts),
		Title: "conflicting settings",
		Why: "Each of the settings is valid, but the server does not start with both: e-mail batching with " +
			"clustering, days and hours of the same retention, search without an index, Redis without the number of " +
			"its database, a feature without what it needs. The server's whole environment is checked, from whatever " +
			"field a variable comes. A value that the server checks only when a feature is enabled is a warning " +
			"until then, as is one that the server corrects.",
		Fix: "change one of the settings that the message names.",
	},
	{
		ID: ruleid.LDAP, phase: onConfiguration(ldap),
		Title: "LDAP that does not work",
		Why: "The server does not start without an LDAP server, a base DN and the attributes for the ID and the user " +
			"name, nor with a filter whose parentheses do not match. An account without a password cannot search the " +
			"directory.",
		Fix: "set the fields that the message names; for Active Directory use `objectGUID` and `sAMAccountName`.",
	},
	{
		ID: ruleid.SAML, phase: onConfiguration(saml),
		Title: "SAML that does not work",
		Why: "The server does not start without the identity provider's URL and descriptor URL, nor with an " +
			"attribute for guests or administrators that does not contain exactly one equals sign. Over plain HTTP a " +
			"man-in-the-middle can serve a fake login page.",
		Fix: "use both URLs as the identity provider's metadata shows them, with `https://`, and attributes such as " +
			"`role=admin`.",
	},
	{
		ID: ruleid.OpenID, phase: onConfiguration(openID),
		Title: "OpenID Connect that does not work",
		Why: "The login button fails without the issuer, the client ID and the client secret. There is one set of " +
			"settings for OpenID Connect, so a second section would override the first. Without `openid` in its " +
			"scope a login is not OpenID Connect, and Keycloak answers 403.",
		Fix: "set `issuerURL`, `clientID` and `clientSecret`; set only one of `spec.openid` and `spec.sso` with " +
			"`provider: openid`.",
	},
	{
		ID: ruleid.Email, phase: onConfiguration(email),
		Title: "e-mail that cannot be sent",
		Why: "Mail that is not sent goes unnoticed until someone has to reset a password. The server authenticates " +
			"only with both user and password, and other mail servers reject a sender that is not an e-mail address. " +
			"Without `spec.email` e-mail is disabled, whatever single settings say.",
		Fix: "set the host name in `server`, its port in `port`, and only the address in `from`; the display name " +
			"goes into `fromName`.",
	},
	{
		ID: ruleid.Push, phase: onConfiguration(push),
		Title: "push notifications that cannot be sent",
		Why: "Phones receive no notifications, and only the server's log says so. Over plain HTTP a " +
			"man-in-the-middle can read the notifications.",
		Fix: "use one of `hosted-global`, `hosted-us`, `hosted-eu` and `hosted-ap`, or the `https://` URL of your " +
			"own push proxy.",
	},
	{
		ID: ruleid.Compliance, phase: onConfiguration(compliance),
		Title: "compliance export that does not run",
		Why: "With the format `globalrelay` the server does not start unless the account is complete. A time without " +
			"quotes and a colon is not a time of day. An account that the format does not use makes the " +
			"configuration read as if the export left the cluster.",
		Fix: "set `dailyRunTime: \"01:00\"`, and the type, address, user and password of the account; for `CUSTOM` " +
			"also its server.",
	},
	{
		ID: ruleid.Retention, phase: onConfiguration(oldMessages),
		Title: "conflicting retention",
		Why: "The server does not start if both days and hours are above zero for the same data. Zero does not mean " +
			"forever: leave out what is to be kept. Messages that are deleted within two days may be gone before the " +
			"daily compliance export has read them.",
		Fix: "set only one of `messageDays` and `messageHours`, and one of `fileDays` and `fileHours`; remove " +
			"`spec.retention` to keep everything.",
	},
	{
		ID: ruleid.Guests, phase: onConfiguration(guests),
		Title: "guests that cannot log in",
		Why: "Guests log in with an e-mail address and a password, or with LDAP or SAML, which must say who is a " +
			"guest. If all three are unavailable, there are no guests. The server requires a second factor from " +
			"guests only if it requires one from everyone.",
		Fix: "set `emailAccounts: true`, `spec.ldap.guestFilter` or `spec.saml.guestAttribute`; write domains " +
			"without `@`.",
	},
	{
		ID: ruleid.Redis, phase: onConfiguration(redisCache),
		Title: "Redis cache that does not work",
		Why:   "The server connects to Redis before anything else and exits if it cannot, so no pod becomes ready.",
		Fix:   "set `spec.redis.address` to `host:port` without a scheme, and the database to 0 or above.",
	},
	{
		ID: ruleid.Plugins, phase: onConfiguration(plugins),
		Title: "plugins that do not run",
		Why: "The server skips a plugin with an invalid ID, and settings of single plugins have no effect while all " +
			"plugins are disabled. The settings of all plugins are one value, which may only contain mappings. " +
			"Nothing resolves a secret reference inside it: the server would use the reference itself as the secret.",
		Fix: "use the ID as the System Console shows it, such as `com.mattermost.calls`, and a mapping of settings " +
			"for each plugin, without references to secrets.",
	},
	{
		ID: ruleid.SetTwice, phase: reportedBy("internal/plan/build.go"),
		Title: "same server variable set twice",
		Why: "`spec.env` overrides `spec.settings`, and that overrides all other fields. A reader of the overridden " +
			"field believes in a value that the server does not use. It is worse for the variables that say where " +
			"messages and files are stored: the server would use one database for its configuration and another one " +
			"for messages, while the init container waits for the first, which is also the one that is backed up.",
		Fix: "keep one of the two; for databases and object storages use `spec.database` and `spec.objectStorage`.",
	},
	{
		ID: ruleid.Allow, phase: onConfiguration(allow),
		Title: "unknown rule",
		Why: "A misspelled ID in `spec.allow` silences nothing, and an ID that is assigned later would silence a " +
			"rule that no one has read.",
		Fix: "use the ID in brackets after the warning, such as `MM024`.",
	},
	{
		ID: ruleid.Patch, phase: reportedBy("fn/fn.go"),
		Title: "patch that matches nothing, does not apply or changes another object",
		Why: "A patch that misses its object changes nothing, without notice. A patch that removes kind or name " +
			"leaves an object that cannot be applied; one that changes them would overwrite another object of the " +
			"package, of any kind and in any namespace. A strategic merge patch replaces the lists of custom " +
			"resources: one with a single variable of the server would remove all others. kustomize accepts a JSON " +
			"6902 `replace` or `copy` of a path that does not exist, and adds a field that nothing reads; RFC 6902 " +
			"forbids it.",
		Fix: "use one of the objects that the message lists, as `target` or as kind, name and namespace of the patch " +
			"itself; a JSON 6902 patch needs a path that exists in the object, or `add`. Write variables of the server " +
			"in `spec.env`, and add to lists with JSON 6902 (`/-` at the end of the path). Type, name, namespace and " +
			"ownership metadata stay as they are; a patch may only remove the metadata, which makes the object yours " +
			"([ownership.md](ownership.md)). To delete an object: `$patch: delete`.",
	},
	{
		ID: ruleid.ExternalSecrets, phase: onConfiguration(externalSecrets),
		Title: "value that External Secrets cannot fetch or assemble",
		Why: "External Secrets only reports this in the status of the ExternalSecret, in the cluster: the Secret is " +
			"never created, the Mattermost operator reports that it is missing, or the pods wait with " +
			"`CreateContainerConfigError`. Both keys of the object storage are read from one Secret. A key that the " +
			"configuration contains would have to be copied into the ExternalSecret that fetches the other one, and " +
			"an ExternalSecret is as public as a ConfigMap.",
		Fix: "use the store, key and property as `kubectl get secretstores,clustersecretstores` and the store itself " +
			"show them; for the keys of an object storage use `externalSecret` for both, or next to a `secretKeyRef`; for " +
			"those of MinIO in the cluster, for both or for neither.",
	},
	{
		ID: ruleid.PostgresEnvironment, phase: onConfiguration(postgresEnvironment),
		Title: "libpq variable that the server's PostgreSQL driver refuses or ignores",
		Why: "Mattermost connects with lib/pq, which reads the variables of libpq (`PGAPPNAME`, " +
			"`PGCONNECT_TIMEOUT`) but not all of them, and refuses to connect if one is set that it does not support. " +
			"Which these are changed with lib/pq 1.12, which Mattermost has since 11.8 at the latest. The connection " +
			"string that the function writes contains host, port, database and SSL mode, and overrides the " +
			"environment; user and password come from `PGUSER` and `PGPASSWORD`, which the function sets, and which " +
			"a variable in `spec.env` replaces. `PGHOSTADDR` and a service file lead to another database than the " +
			"one that the init container, network policies and prerequisites know.",
		Fix: "use the fields of `spec.database`, and `spec.database.parameters` for the rest.",
	},
	{
		ID: ruleid.SavedSecrets, phase: onPlan(savedSecrets),
		Title: "secret that the server saves in clear text",
		Why: "The server keeps settings that come from its environment out of its database, and masks secrets " +
			"there. It does neither with the password of Global Relay and the key of LibreTranslate: they are " +
			"written to the table `Configurations` in clear text when the configuration is saved in the System " +
			"Console.",
		Fix: "nothing in the configuration. Restrict who can read the database and its backups.",
	},
	{
		ID: ruleid.ExpandedNames, phase: onConfiguration(expandedNames),
		Title: "name that the kubelet would change",
		Why: "CloudNativePG creates the database with a command that contains both names, and the kubelet replaces " +
			"`$(NAME)` and `$$` in every command. The database or its owner would be created under a different name " +
			"than the one that the server connects with.",
		Fix: "use a name without `$$` and `$(`. With `engine: statefulset` both are escaped.",
	},
	{
		ID: ruleid.UncheckedLicense, phase: onConfiguration(uncheckedLicense),
		Title: "license whose contents are not known",
		Why: "With `enterprise.license: {uploaded: true}` the license is in Mattermost's database, which the " +
			"function cannot read. Licensed features are allowed. Only the server knows which features the license " +
			"has, for how many users it is valid and when it expires: it silently disables what the license lacks, " +
			"and removes the license 10 days after its expiry. A new database contains no license: until someone " +
			"uploads it, several servers lose messages (MM005).",
		Fix: "compare the license under System Console, Edition and License with what the configuration uses. If " +
			"`enterprise.license` is a `secretKeyRef` to the license and the function sees the Secret, all of it is " +
			"checked.",
	},
	{
		ID: ruleid.BackupForm, phase: reportedBy("internal/plan/backup.go"),
		Title: "backups by code that CloudNativePG removes",
		Why: "CloudNativePG's own code for backups (`barmanObjectStore`) is deprecated. Its releases announce the removal " +
			"for 1.31, its documentation for 1.32; after that there are no backups. The Barman Cloud plugin replaces it " +
			"and uses the same archive. A Cluster that names a plugin which the operator does not know is no longer " +
			"managed, so the function does not move an existing database to the plugin by itself. CloudNativePG refuses " +
			"a Cluster that has both.",
		Fix: "install the plugin next to the operator, then set `backup.method: plugin` ([backup.md](backup.md)).",
	},
	{
		ID: ruleid.Restore, phase: onConfiguration(restore),
		Title: "database that is not restored or imported",
		Why: "CloudNativePG fills a database only when it creates it: `recover` or `import` on a Cluster that exists is " +
			"accepted and does nothing. A restored database that archives into the directory of its backups fails with " +
			"`Expected empty archive`. Another major version of PostgreSQL cannot read a backup, two targets are refused, " +
			"and a target after the end of the archive makes the restore fail. An import without password or host waits " +
			"forever.",
		Fix: "use a new `database.inCluster.name`, or delete the Cluster first; set `image` to the one that the backup was " +
			"made with, and another `backup.serverName` ([backup.md](backup.md)).",
	},
	{
		ID: ruleid.DatabaseParameters, phase: onConfiguration(databaseParametersInCluster),
		Title: "parameter that the database in the cluster does not start with",
		Why: "PostgreSQL does not start with an unknown parameter, a value that it refuses, or more `shared_buffers` than " +
			"memory. CloudNativePG refuses parameters that it sets itself. The servers share `max_connections`, so it has a " +
			"field of its own. A change of some parameters restarts PostgreSQL.",
		Fix: "use the names and values of PostgreSQL's documentation, as strings, such as `work_mem: 16MB`.",
	},
	{
		ID: ruleid.BuiltOutput, phase: reportedBy("internal/builtoutput/builtoutput.go"),
		Title: "emitted objects that no longer fit together",
		Why: "kustomize changes names, namespaces, labels and images in the fields that it knows, after the function: " +
			"`namespace:` moves the objects and leaves the namespace in alerts and identities, `labels:` with " +
			"`includeSelectors` reaches the selectors and not the pods of a custom resource, `images:` reaches the init " +
			"container and not the server, a hash or prefix reaches a Secret and not the field that names it, a " +
			"`secretGenerator` without `namespace` makes a Secret where no pod reads it, and a strategic merge patch " +
			"replaces a list of the Mattermost resource. " +
			"kustomize exits with 0, and a part of the installation does not work. `mattermost-fn check` reports it for a " +
			"kustomization, and for what was built: `kustomize build … | mattermost-fn check -`.",
		Fix: "change the configuration instead of its output: point `generators:` at a directory with a kustomization " +
			"([examples/overlays](../examples/overlays)). Or list the Component of " +
			"[examples/component](../examples/component), which tells kustomize the fields of custom resources.",
	},
	{
		ID: ruleid.HashSuffix, phase: reportedBy("fn/hashsuffix.go"),
		Title: "reference to a name that kustomize changes",
		Why: "A `secretGenerator` or `configMapGenerator` appends a hash of the content to the name, after the function. " +
			"kustomize updates references in Deployments, but does not know those in a Mattermost resource or a Cluster: the " +
			"pods wait for a Secret that does not exist.",
		Fix: "set `generatorOptions: {disableNameSuffixHash: true}`; the function restarts the pods itself when the " +
			"content changes. Or list the Component of [examples/component](../examples/component) under `components:`, which " +
			"tells kustomize these fields; the function does not see it, so set `spec.allow: [MM071]` then.",
	},
	{
		ID: ruleid.BigBangLogging, phase: withPrerequisites(bigBangLogging),
		Title: "log objects that nothing in Big Bang reads",
		Why: "Big Bang installs Alloy and Loki. Its package fluentbit, off by default, is the plain chart of Fluent Bit. " +
			"Nothing of Big Bang defines or reads the kinds of the Fluent operator: the API server refuses them, and the " +
			"log is neither parsed nor redacted.",
		Fix: "set `logging.fluentBit.form: configMap` for the plain chart, `logging.fluentBit.enabled: false` for Alloy, " +
			"or `form: operator` where the Fluent operator is installed. Only `check` and `render` report it; " +
			"`spec.allow: [MM072]` silences it ([logging.md](logging.md)).",
	},
	{
		ID: ruleid.UnsetFields, phase: reportedBy("fn/fn.go"),
		Title: "field without a value",
		Why: "A field that is `null`, or has nothing after its colon, such as `enterprise:`, is not set: its default " +
			"applies, as without the field. That is easily mistaken for switching a default off. `null` does that for " +
			"`runAsUser`, `runAsGroup` and `fsGroup` of `spec.pod.securityContext`, for `userID` of PostgreSQL and MinIO, " +
			"and for `limits.cpu` of `spec.resources` and of `resources` of the database, its backups and MinIO.",
		Fix: "remove the field, or set a value.",
	},
	{
		ID: ruleid.JobServer, phase: reportedBy("fn/jobserver.go"),
		Title: "dedicated job server that is killed",
		Why: "The operator applies its patch of the Deployment to that of a dedicated job server too, after it removed the " +
			"probes there: a job server does not listen on port 8065, so the emitted startup probe kills it every 10 " +
			"minutes, in the middle of its jobs. The operator also puts all labels of the pods into the selector of that " +
			"Deployment, which cannot change: after a change of `spec.pod.labels` or `spec.istio`, delete the Deployment " +
			"`NAME-jobserver`, and the operator creates it again.",
		Fix: "set `spec.jobServer` and `spec.resourcePatch` in one patch, without the startup probe, and give the liveness " +
			"probe its time.",
	},
	{
		ID: ruleid.UnknownAuthorities, phase: onConfiguration(unknownAuthorities),
		Title: "TLS to a service of the cluster whose authority is not known",
		Why: "No public authority signs certificates for names such as `search.logging.svc`. The server trusts the " +
			"authorities of its image and those of the configuration, so without the authority of the service every " +
			"connection fails: search finds nothing, and users cannot log in. Elastic's operator and most databases have " +
			"an authority of their own.",
		Fix: "set `ca` in the section of the service to the certificate of its authority. Elastic's operator keeps it in " +
			"the Secret `<cluster>-es-http-certs-public` of its namespace, which must be copied.",
	},
	{
		ID: ruleid.SelectedTwice, phase: onConfiguration(otherFluentBitConfigs),
		Title: "FluentBitConfig that selects the installation's objects too",
		Why: "The Fluent operator writes what two FluentBitConfigs of a namespace select twice. Fluent Bit does not start " +
			"with two parsers of one name, so the logging of the whole cluster stops. A selector that is missing or empty " +
			"selects everything in the namespace.",
		Fix: "set `parserSelector`, `filterSelector` and `outputSelector` of the other FluentBitConfig to a label that " +
			"only its own objects have ([logging.md](logging.md)).",
	},
	{
		ID: ruleid.ServiceAccount, phase: onConfiguration(serviceAccount),
		Title: "ServiceAccount without the intended identity",
		Why: "A cloud gives pods an identity by annotations of their ServiceAccount, when it creates them. Annotations " +
			"are not added to a ServiceAccount that exists already (`create: false`). With two roles only one is used, and " +
			"the other one's permissions are missing.",
		Fix: "set an IAM role of Amazon in `spec.objectStorage.roleARN` only, other annotations in " +
			"`spec.serviceAccount.annotations`, and those of an existing ServiceAccount there.",
	},
	{
		ID: ruleid.OutsideClients, phase: onConfiguration(outsideClients), Example: "bad-calls-of-two-servers",
		Title: "Service or port that clients outside the cluster cannot use",
		Why: "Clients outside the cluster are not in the mesh and have no identity there: strict mutual TLS and " +
			"authorization policies reject them. All media of a call go through the server that hosts it, but a Service of " +
			"several servers leads to any of them. Clients connect to the address that the server announces, which must be " +
			"that of its Service. The operator's own LoadBalancer Service has no port for metrics and for routes.",
		Fix: "use `spec.service` without strict mutual TLS, or a route; one server with `spec.calls`, or rtcd for several.",
	},
	{
		ID: ruleid.Upgrade, phase: onUpgrade(changes), Example: "bad-unlicensed",
		Title: "change between the version that runs and the configured one",
		Why: "A newer server changes its database when it starts, and there is no way back except a backup. Between two " +
			"releases, features move to other plans, settings disappear, defaults and requirements change. The version " +
			"that runs is that of the Mattermost resource among the resources, or that of `--from`. As a function, and " +
			"in `render`, the infos are counted in one line; `mattermost-fn check --from 10.5.1 FILE` lists them, first " +
			"those about the configuration, each with an id and its source in `--output json`. Once the output has the new " +
			"version, nothing is reported.",
		Fix: "read the list, decide about the warnings, back up database and files, and upgrade from one extended support " +
			"release to the next.",
	},
	{
		ID: ruleid.Proxied, phase: onPlan(proxied), Example: "bad-search",
		Title: "service of the cluster behind a proxy",
		Why: "With `HTTP_PROXY` and `HTTPS_PROXY` the server sends all its HTTP requests through the proxy, also those to " +
			"object storage, Elasticsearch and the identity provider. A proxy outside the cluster cannot resolve names such " +
			"as `search.logging.svc`, so files, search and login fail. Connections to PostgreSQL, Redis, LDAP and mail " +
			"servers use no proxy.",
		Fix: "set `NO_PROXY` as the message says. Hosts outside the cluster that the proxy does not serve must be added.",
	},
	{
		ID: ruleid.ReadOnlyPaths, phase: onConfiguration(readOnlyPaths),
		Title: "path on a read-only file system that the server writes to",
		Why: "With `pod.readOnlyRootFilesystem` the server can write only to the directories that have a volume, and never " +
			"to a volume that is read-only: one with `readOnly: true`, a configMap, or another object of the API. It exits " +
			"if it cannot create the socket of local mode, starts no plugin, and loses logs and reports elsewhere.",
		Fix: "remove the setting, whose default is writable, or write a path below one of the directories in the message.",
	},
}
