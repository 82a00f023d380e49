// SPDX-License-Identifier: Apache-2.0

package settings

import "math"

// noMax is the upper bound of a number that has none.
const noMax = math.MaxInt64

// Conditions of several constraints.
var (
	whileLDAP        = []condition{on("LdapSettings.Enable")}
	whileSAML        = []condition{on("SamlSettings.Enable")}
	whileExport      = []condition{on("MessageExportSettings.EnableExport")}
	whileGlobalRelay = []condition{on("MessageExportSettings.EnableExport"),
		{"MessageExportSettings.ExportFormat", "globalrelay"}}
	whileIntune      = []condition{on("IntuneSettings.Enable")}
	whileTranslation = []condition{on("AutoTranslationSettings.Enable")}
	whileEphemeral   = []condition{on("MobileEphemeralModeSettings.Enable")}
	whileDedicated   = []condition{on("FileSettings.DedicatedExportStore")}
	whileExportS3    = []condition{on("FileSettings.DedicatedExportStore"), {"FileSettings.ExportDriverName", "amazons3"}}
)

// Values of several settings.
var (
	azureModes     = []string{"shared_key", "default_credential"}
	azureClouds    = []string{"", "commercial", "government", "custom"}
	storageClasses = []string{
		"", "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
		"OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE",
	}
	// logLevels are the standard levels, as the server's own settings accept them (server/config/logger.go, stdLevels).
	logLevels = []string{"panic", "fatal", "error", "warn", "info", "debug", "trace", "stdlog"}
)

// AzureSince is the first release with Azure Blob Storage.
var AzureSince = Release{11, 9}

// constraints are those of Config.IsValid in server/public/model/config.go of 11.10, and of 11.6 where the two differ;
// at the end those that the server checks only when it starts.
var constraints = [...]constraint{
	{name: "ServiceSettings.SiteURL", form: requestURI},
	{name: "ServiceSettings.WebsocketURL", form: requestURI},
	{name: "ServiceSettings.ListenAddress", form: hostAndPort},
	{name: "ServiceSettings.ConnectionSecurity", oneOf: []string{"", "TLS"}},
	{name: "ServiceSettings.TLSOverwriteCiphers", form: ciphers},
	{name: "ServiceSettings.ReadTimeout", min: 1, max: noMax},
	{name: "ServiceSettings.WriteTimeout", min: 1, max: noMax},
	{name: "ServiceSettings.MaximumLoginAttempts", min: 1, max: noMax},
	{name: "ServiceSettings.MaximumPayloadSizeBytes", min: 1, max: noMax},
	{name: "ServiceSettings.MaximumURLLength", min: 1, max: noMax},
	{name: "ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds", min: 1000, max: noMax},
	{name: "ServiceSettings.OutgoingIntegrationRequestsTimeout", min: 1, max: noMax},
	{name: "ServiceSettings.PersistentNotificationIntervalMinutes", min: 2, max: noMax},
	{name: "ServiceSettings.PersistentNotificationMaxCount", min: 1, max: noMax},
	{name: "ServiceSettings.PersistentNotificationMaxRecipients", min: 1, max: noMax},
	{name: "ServiceSettings.ExperimentalGroupUnreadChannels", oneOf: []string{"disabled", "default_on", "default_off"}},
	{name: "ServiceSettings.CollapsedThreads", oneOf: []string{"disabled", "default_on", "default_off", "always_on"}},
	{name: "ServiceSettings.MinimumDesktopAppVersion", form: semanticVersion},
	{name: "ServiceSettings.DCRRedirectURIAllowlist", form: redirectPatterns},
	{name: "ServiceSettings.MaximumPersonalAccessTokenLifetimeDays", min: 0, max: 36500},

	{name: "TeamSettings.SiteName", longest: 30},
	{name: "TeamSettings.MaxUsersPerTeam", min: 1, max: noMax},
	{name: "TeamSettings.MaxChannelsPerTeam", min: 1, max: noMax},
	{name: "TeamSettings.MaxNotificationsPerChannel", min: 1, max: noMax},
	{name: "TeamSettings.UserStatusAwayTimeout", min: 1, max: noMax},
	{name: "TeamSettings.RestrictDirectMessage", oneOf: []string{"any", "team"}},
	{name: "TeamSettings.TeammateNameDisplay", oneOf: []string{"username", "nickname_full_name", "full_name"}},
	{name: "TeamSettings.LockProfileFieldsForEmailUsers", oneOf: []string{"none", "name_and_username", "all"}},
	// Both by the upgrade notes of 11.0.
	{name: "TeamSettings.ExperimentalViewArchivedChannels", since: Release{11, 0}, form: onlyTrue,
		because: "archived channels are always visible since 11.0"},
	{name: "ExperimentalSettings.ClientSideCertEnable", since: Release{11, 0}, form: onlyFalse,
		because: "login with client certificates was removed in 11.0"},
	{name: "ExperimentalSettings.LinkMetadataTimeoutMilliseconds", min: 1, max: noMax},

	{name: "SqlSettings.DriverName", oneOf: []string{"postgres"}, because: "MySQL is not supported since 11.0"},
	{name: "SqlSettings.DataSource", form: notEmpty},
	{name: "SqlSettings.MaxIdleConns", min: 1, max: noMax},
	{name: "SqlSettings.QueryTimeout", min: 1, max: noMax},
	{name: "SqlSettings.AnalyticsQueryTimeout", min: 1, max: noMax},
	{name: "SqlSettings.ConnMaxLifetimeMilliseconds", min: 0, max: noMax},
	{name: "SqlSettings.ConnMaxIdleTimeMilliseconds", min: 0, max: noMax},
	{name: "SqlSettings.AtRestEncryptKey", shortest: 32},

	{name: "LogSettings.AdvancedLoggingJSON", form: logTargets},
	{name: "LogSettings.AdvancedLoggingJSON", since: Release{11, 3}, form: ordinaryLevels},
	{name: "ExperimentalAuditSettings.AdvancedLoggingJSON", form: logTargets},
	{name: "ExperimentalAuditSettings.AdvancedLoggingJSON", since: Release{11, 3}, form: auditLevels},
	{name: "ExperimentalAuditSettings.FileName", while: []condition{on("ExperimentalAuditSettings.FileEnabled")},
		form: noDirectory},

	{name: "PasswordSettings.MinimumLength", min: 5, max: 72}, // a FIPS build asks for 14

	{name: "FileSettings.DriverName", before: AzureSince, oneOf: []string{"local", "amazons3"},
		because: "azureblob is supported since 11.9"},
	{name: "FileSettings.DriverName", since: AzureSince, oneOf: []string{"local", "amazons3", "azureblob"}},
	{name: "FileSettings.Directory", form: directory},
	{name: "FileSettings.ExportDirectory", form: trimmed},
	{name: "FileSettings.PublicLinkSalt", shortest: 32},
	{name: "FileSettings.MaxFileSize", min: 1, max: noMax},
	{name: "FileSettings.ExtractContentTimeout", min: 0, max: noMax},
	{name: "FileSettings.MaxImageDecoderConcurrency", form: oneOrMoreOrMinusOne("as many as there are processors")},
	{name: "FileSettings.AmazonS3RequestTimeoutMilliseconds", min: 1, max: noMax},
	{name: "FileSettings.AmazonS3PathPrefix", form: trimmed},
	{name: "FileSettings.AmazonS3StorageClass", oneOf: storageClasses},
	{name: "FileSettings.ExportAmazonS3PathPrefix", form: trimmed},
	{name: "FileSettings.ExportAmazonS3StorageClass", oneOf: storageClasses},
	{name: "FileSettings.AzureRequestTimeoutMilliseconds", min: 1, max: 600000},
	{name: "FileSettings.AzureAuthMode", oneOf: azureModes},
	{name: "FileSettings.AzureCloud", oneOf: azureClouds},
	{name: "FileSettings.AzurePathPrefix", form: azurePrefix},
	{name: "FileSettings.ExportAzureRequestTimeoutMilliseconds", min: 1, max: 600000},
	{name: "FileSettings.ExportAzureAuthMode", oneOf: azureModes},
	{name: "FileSettings.ExportAzureCloud", oneOf: azureClouds},
	{name: "FileSettings.ExportAzurePathPrefix", form: azurePrefix},

	{name: "EmailSettings.ConnectionSecurity", oneOf: []string{"", "PLAIN", "TLS", "STARTTLS"}},
	{name: "EmailSettings.EmailBatchingInterval", min: 30, max: noMax},
	{name: "EmailSettings.EmailBatchingBufferSize", min: 1, max: noMax},
	{name: "EmailSettings.EmailNotificationContentsType", oneOf: []string{"full", "generic"}},

	{name: "RateLimitSettings.PerSec", min: 1, max: noMax},
	{name: "RateLimitSettings.MaxBurst", min: 1, max: noMax},
	{name: "RateLimitSettings.MemoryStoreSize", min: 1, max: noMax},

	{name: "LdapSettings.ConnectionSecurity", oneOf: []string{"", "TLS", "STARTTLS"}},
	{name: "LdapSettings.SyncIntervalMinutes", min: 1, max: noMax},
	{name: "LdapSettings.MaxPageSize", min: 0, max: noMax},
	{name: "LdapSettings.MaximumLoginAttempts", while: whileLDAP, min: 1, max: noMax},
	{name: "LdapSettings.UserFilter", while: whileLDAP, form: CheckLDAPFilter},
	{name: "LdapSettings.GuestFilter", while: whileLDAP, form: CheckLDAPFilter},
	{name: "LdapSettings.AdminFilter", while: whileLDAP, form: CheckLDAPFilter},

	{name: "SamlSettings.IdpURL", while: whileSAML, form: webAddress},
	{name: "SamlSettings.AssertionConsumerServiceURL", while: []condition{on("SamlSettings.Enable"),
		on("SamlSettings.Verify")}, form: webAddress},
	{name: "SamlSettings.GuestAttribute", while: whileSAML, form: attributeAndValue},
	{name: "SamlSettings.AdminAttribute", while: whileSAML, form: attributeAndValue},
	{name: "SamlSettings.SignatureAlgorithm", while: whileSAML,
		oneOf: []string{"RSAwithSHA1", "RSAwithSHA256", "RSAwithSHA512"}},
	{name: "SamlSettings.CanonicalAlgorithm", while: whileSAML, oneOf: []string{"Canonical1.0", "Canonical1.1"}},

	{name: "IntuneSettings.TenantId", while: whileIntune, form: uuid},
	{name: "IntuneSettings.ClientId", while: whileIntune, form: uuid},
	{name: "IntuneSettings.AuthService", while: whileIntune, form: intuneService},

	{name: "NativeAppSettings.AppDownloadLink", form: downloadLink},
	{name: "NativeAppSettings.AndroidAppDownloadLink", form: downloadLink},
	{name: "NativeAppSettings.IosAppDownloadLink", form: downloadLink},

	{name: "CacheSettings.CacheType", oneOf: []string{"lru", "redis"}},

	{name: "MetricsSettings.ClientSideUserIds", form: userIDs},

	{name: "ElasticsearchSettings.Backend", oneOf: []string{"elasticsearch", "opensearch"}},
	{name: "ElasticsearchSettings.PostsAggregatorJobStartTime", form: clock},
	{name: "ElasticsearchSettings.AggregatePostsAfterDays", min: 1, max: noMax},
	{name: "ElasticsearchSettings.LiveIndexingBatchSize", min: 1, max: noMax},
	{name: "ElasticsearchSettings.BatchSize", min: 1, max: noMax},
	{name: "ElasticsearchSettings.RequestTimeoutSeconds", min: 1, max: noMax},
	{name: "ElasticsearchSettings.IgnoredPurgeIndexes", form: indexes},

	{name: "DataRetentionSettings.MessageRetentionDays", min: 0, max: noMax},
	{name: "DataRetentionSettings.MessageRetentionHours", min: 0, max: noMax},
	{name: "DataRetentionSettings.FileRetentionDays", min: 0, max: noMax},
	{name: "DataRetentionSettings.FileRetentionHours", min: 0, max: noMax},
	{name: "DataRetentionSettings.DeletionJobStartTime", form: clock},

	{name: "MessageExportSettings.ExportFormat", while: whileExport,
		oneOf: []string{"actiance", "globalrelay", "globalrelay-zip", "csv"}},
	{name: "MessageExportSettings.DailyRunTime", while: whileExport, form: clock},
	{name: "MessageExportSettings.BatchSize", while: whileExport, min: 0, max: noMax},
	{name: "MessageExportSettings.ExportFromTimestamp", while: whileExport, min: 0, max: noMax}, // and no later than now
	{name: "MessageExportSettings.GlobalRelaySettings.CustomerType", while: whileGlobalRelay,
		oneOf: []string{"A9", "A10", "CUSTOM"}},

	{name: "AutoTranslationSettings.Provider", while: whileTranslation, form: translationProvider},
	{name: "AutoTranslationSettings.TimeoutMs", while: whileTranslation, min: 1, max: noMax},
	{name: "AutoTranslationSettings.Workers", while: whileTranslation, min: 1, max: 64},
	{name: "AutoTranslationSettings.LibreTranslate.URL", while: []condition{on("AutoTranslationSettings.Enable"),
		{"AutoTranslationSettings.Provider", "libretranslate"}}, form: webAddress},

	{name: pluginStates, form: pluginsSayEnable}, // not a check of the server, which would switch the plugin off

	{name: "DisplaySettings.CustomURLSchemes", form: urlSchemes},
	{name: "ImageProxySettings.ImageProxyType", while: []condition{on("ImageProxySettings.Enable")},
		oneOf: []string{"local", "atmos/camo"}},

	{name: "ImportSettings.Directory", form: notEmpty},
	{name: "ImportSettings.RetentionDays", min: 1, max: noMax},
	{name: "WranglerSettings.AllowedEmailDomain", form: emailDomains},

	{name: notificationTargets, form: reviewersAreNotified},

	{name: "AIRecapSettings.DefaultLimits.MaxRecapsPerDay", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.MaxScheduledRecaps", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.MaxChannelsPerRecap", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.MaxPostsPerRecap", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.MaxTokensPerRecap", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.MaxPostsPerDay", form: oneOrMoreOrMinusOne("no limit")},
	{name: "AIRecapSettings.DefaultLimits.CooldownMinutes", min: 0, max: noMax},

	{name: "MobileEphemeralModeSettings.DisconnectionTimeoutSeconds", while: whileEphemeral, min: 0, max: 600},
	{name: "MobileEphemeralModeSettings.OfflinePersistenceTimerHours", while: whileEphemeral, min: 0, max: 72},
	{name: "MobileEphemeralModeSettings.AutoCacheCleanupDays", while: whileEphemeral, min: 0, max: 60},

	// With these, the configuration is valid, but the process exits. Sources in 11.10: the log library is set up
	// first (server/config/logger.go, stdLevels; platform/log.go, initLogging), then the stores (platform/service.go;
	// sqlstore/store.go, monitorReplicas, which panics), then the web server (app/server.go, Start).
	{name: "LogSettings.ConsoleLevel", while: []condition{on("LogSettings.EnableConsole")}, form: logLevel},
	{name: "LogSettings.FileLevel", while: []condition{on("LogSettings.EnableFile")}, form: logLevel},
	{name: "LogSettings.MaxFieldSize", min: 0, max: noMax},
	// Tried with 11.6: with 1 it never listens, and logs nothing.
	{name: "SqlSettings.MaxOpenConns", min: 2, max: noMax, because: "when it starts, it keeps one connection while it " +
		"needs another, so with 1 it waits forever"},
	{name: "SqlSettings.ReplicaMonitorIntervalSeconds", min: 1, max: math.MaxInt64 / 1_000_000_000, because: "it crashes"},
	{name: "EmailSettings.PushNotificationBuffer", min: 0, max: math.MaxInt32, because: "it crashes"},
	{name: "FileSettings.AmazonS3Endpoint", while: []condition{{"FileSettings.DriverName", "amazons3"}}, form: s3Endpoint},
	{name: "FileSettings.ExportDriverName", before: AzureSince, while: whileDedicated,
		oneOf: []string{"local", "amazons3"}, because: "azureblob is supported since 11.9"},
	{name: "FileSettings.ExportDriverName", since: AzureSince, while: whileDedicated,
		oneOf: []string{"local", "amazons3", "azureblob"}},
	{name: "FileSettings.ExportAmazonS3Endpoint", while: whileExportS3, form: s3Endpoint},
	{name: "ServiceSettings.Forward80To443", form: onlyFalse, because: "it listens on port 8065 in Kubernetes, " +
		"and forwards only to 443; the gateway or ingress redirects"},
	{name: "ServiceSettings.UseLetsEncrypt", form: onlyFalse,
		because: "it needs ServiceSettings.Forward80To443 and port 443; TLS ends at the gateway or ingress"},
	{name: "RateLimitSettings.PerSec", while: []condition{on("RateLimitSettings.Enable")}, min: 1, max: 1e9},
	{name: "ServiceSettings.LocalModeSocketLocation", while: []condition{on("ServiceSettings.EnableLocalMode")},
		form: socket},
}
