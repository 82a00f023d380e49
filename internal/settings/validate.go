package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate says why the server would refuse a value of the setting, written as its environment variable takes it,
// whatever the other settings are. An invalid configuration keeps the server from starting (server/config/store.go, Load,
// which looks after the environment has been applied). What CheckEnv says of the value comes first.
//
// A few rules hold only while their feature is on, such as the forms of SAML's attributes: they are told at once, since
// the value would be wrong then.
//
// The error is to stand behind the setting's name. It never shows a value that is sensitive.
func (s Setting) Validate(value string) error {
	if err := s.CheckEnv(value); err != nil {
		return err
	}
	if s.Type == List && !s.Sensitive && !slices.Contains(commasBelong, s.Name()) {
		for _, element := range strings.Split(value, " ") {
			if strings.Contains(element, ",") {
				return fmt.Errorf("has the element %q: commas do not part elements, so it is one; write single spaces instead", element)
			}
		}
	}
	name := s.Name()
	for i := range rules {
		if rules[i].name == name {
			return rules[i].check(s, value)
		}
	}
	return nil
}

// commasBelong are the lists whose elements may hold commas.
var commasBelong = []string{
	"ServiceSettings.DCRRedirectURIAllowlist",            // patterns of addresses
	"ContentFlaggingSettings.AdditionalSettings.Reasons", // sentences
}

// rule is what the server asks of one setting by itself. Only what applies is given.
type rule struct {
	// name of the setting.
	name string
	// min and max are the bounds of a number.
	min, max int64
	// oneOf are the only values.
	oneOf []string
	// shortest and longest are bounds of a text's bytes. An empty text has no shortest.
	shortest, longest int
	// form says what else is wrong with a value, to stand behind the setting's name.
	form func(value string) error
	// because says what the server does or since when, where "the server does not start" is not enough.
	because string
}

// noMax is the upper bound of a number that has none.
const noMax = math.MaxInt64

// rules are the server's (Config.IsValid in server/public/model/config.go). Those that are marked 10.6 were read in the
// source of that version; all others in that of 11.10 or in its upgrade notes.
var rules = [...]rule{
	{name: "ServiceSettings.SiteURL", form: requestURI},
	{name: "ServiceSettings.WebsocketURL", form: requestURI},
	{name: "ServiceSettings.ListenAddress", form: hostAndPort},
	{name: "ServiceSettings.ConnectionSecurity", oneOf: []string{"", "TLS"}},
	{name: "ServiceSettings.TLSOverwriteCiphers", form: ciphers}, // 10.6
	{name: "ServiceSettings.ReadTimeout", min: 1, max: noMax},
	{name: "ServiceSettings.WriteTimeout", min: 1, max: noMax},
	{name: "ServiceSettings.MaximumLoginAttempts", min: 1, max: noMax},
	{name: "ServiceSettings.MaximumPayloadSizeBytes", min: 1, max: noMax},                                               // 10.6
	{name: "ServiceSettings.MaximumURLLength", min: 1, max: noMax},                                                      // 10.6
	{name: "ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds", min: 1000, max: noMax},                           // 10.6
	{name: "ServiceSettings.OutgoingIntegrationRequestsTimeout", min: 1, max: noMax},                                    // 10.6
	{name: "ServiceSettings.PersistentNotificationIntervalMinutes", min: 2, max: noMax},                                 // 10.6
	{name: "ServiceSettings.PersistentNotificationMaxCount", min: 1, max: noMax},                                        // 10.6
	{name: "ServiceSettings.PersistentNotificationMaxRecipients", min: 1, max: noMax},                                   // 10.6
	{name: "ServiceSettings.ExperimentalGroupUnreadChannels", oneOf: []string{"disabled", "default_on", "default_off"}}, // 10.6
	{name: "ServiceSettings.CollapsedThreads", oneOf: []string{"disabled", "default_on", "default_off", "always_on"}},   // 10.6

	{name: "TeamSettings.SiteName", longest: 30},
	{name: "TeamSettings.MaxUsersPerTeam", min: 1, max: noMax},                                                 // 10.6
	{name: "TeamSettings.MaxChannelsPerTeam", min: 1, max: noMax},                                              // 10.6
	{name: "TeamSettings.MaxNotificationsPerChannel", min: 1, max: noMax},                                      // 10.6
	{name: "TeamSettings.UserStatusAwayTimeout", min: 1, max: noMax},                                           // 10.6
	{name: "TeamSettings.RestrictDirectMessage", oneOf: []string{"any", "team"}},                               // 10.6
	{name: "TeamSettings.TeammateNameDisplay", oneOf: []string{"username", "nickname_full_name", "full_name"}}, // 10.6
	// Both by the upgrade notes of 11.0.
	{name: "TeamSettings.ExperimentalViewArchivedChannels", form: onlyTrue, because: "archived channels can be seen since 11.0"},
	{name: "ExperimentalSettings.ClientSideCertEnable", form: onlyFalse, because: "logging in with client certificates is gone since 11.0"},
	{name: "ExperimentalSettings.LinkMetadataTimeoutMilliseconds", min: 1, max: noMax}, // 10.6

	{name: "SqlSettings.DriverName", oneOf: []string{"postgres"}, because: "there is no MySQL since 11.0"},
	{name: "SqlSettings.DataSource", form: notEmpty},
	{name: "SqlSettings.MaxIdleConns", min: 1, max: noMax},
	{name: "SqlSettings.MaxOpenConns", min: 1, max: noMax},
	{name: "SqlSettings.QueryTimeout", min: 1, max: noMax},
	{name: "SqlSettings.AnalyticsQueryTimeout", min: 1, max: noMax},
	{name: "SqlSettings.ConnMaxLifetimeMilliseconds", min: 0, max: noMax},
	{name: "SqlSettings.ConnMaxIdleTimeMilliseconds", min: 0, max: noMax},
	{name: "SqlSettings.AtRestEncryptKey", shortest: 32},

	{name: "LogSettings.AdvancedLoggingJSON", form: ordinaryLevels},
	{name: "ExperimentalAuditSettings.AdvancedLoggingJSON", form: auditLevels},

	{name: "PasswordSettings.MinimumLength", min: 5, max: 72}, // a FIPS build asks for 14

	{name: "FileSettings.DriverName", oneOf: []string{"local", "amazons3", "azureblob"}},
	{name: "FileSettings.Directory", form: directory},
	{name: "FileSettings.PublicLinkSalt", shortest: 32},
	{name: "FileSettings.MaxFileSize", min: 1, max: noMax},
	{name: "FileSettings.MaxImageDecoderConcurrency", form: oneOrMoreOrMinusOne}, // 10.6
	{name: "FileSettings.AmazonS3RequestTimeoutMilliseconds", min: 1, max: noMax},
	{name: "FileSettings.AmazonS3PathPrefix", form: trimmed},
	{name: "FileSettings.AmazonS3StorageClass", form: storageClass},       // 10.6
	{name: "FileSettings.ExportAmazonS3StorageClass", form: storageClass}, // 10.6
	{name: "FileSettings.AzurePathPrefix", form: azurePrefix},

	{name: "EmailSettings.ConnectionSecurity", oneOf: []string{"", "PLAIN", "TLS", "STARTTLS"}},
	{name: "EmailSettings.EmailBatchingInterval", min: 30, max: noMax},
	{name: "EmailSettings.EmailBatchingBufferSize", min: 1, max: noMax},                       // 10.6
	{name: "EmailSettings.EmailNotificationContentsType", oneOf: []string{"full", "generic"}}, // 10.6

	{name: "RateLimitSettings.PerSec", min: 1, max: noMax},
	{name: "RateLimitSettings.MaxBurst", min: 1, max: noMax},
	{name: "RateLimitSettings.MemoryStoreSize", min: 1, max: noMax},

	{name: "LdapSettings.ConnectionSecurity", oneOf: []string{"", "TLS", "STARTTLS"}},
	{name: "LdapSettings.SyncIntervalMinutes", min: 1, max: noMax},  // 10.6
	{name: "LdapSettings.MaxPageSize", min: 0, max: noMax},          // 10.6
	{name: "LdapSettings.MaximumLoginAttempts", min: 1, max: noMax}, // 10.6, while LDAP is on
	{name: "LdapSettings.UserFilter", form: ldapFilter},             // these three while LDAP is on
	{name: "LdapSettings.GuestFilter", form: ldapFilter},
	{name: "LdapSettings.AdminFilter", form: ldapFilter},

	// All of these while SAML is on.
	{name: "SamlSettings.IdpURL", form: webAddress},
	{name: "SamlSettings.AssertionConsumerServiceURL", form: webAddress}, // 10.6, and while Verify is on
	{name: "SamlSettings.GuestAttribute", form: attributeAndValue},
	{name: "SamlSettings.AdminAttribute", form: attributeAndValue},
	{name: "SamlSettings.SignatureAlgorithm", oneOf: []string{"RSAwithSHA1", "RSAwithSHA256", "RSAwithSHA512"}}, // 10.6
	{name: "SamlSettings.CanonicalAlgorithm", oneOf: []string{"Canonical1.0", "Canonical1.1"}},                  // 10.6

	{name: "CacheSettings.CacheType", oneOf: []string{"lru", "redis"}},

	{name: "MetricsSettings.ClientSideUserIds", form: userIDs}, // 10.6

	{name: "ElasticsearchSettings.Backend", oneOf: []string{"elasticsearch", "opensearch"}},
	{name: "ElasticsearchSettings.PostsAggregatorJobStartTime", form: clock},
	{name: "ElasticsearchSettings.AggregatePostsAfterDays", min: 1, max: noMax}, // 10.6
	{name: "ElasticsearchSettings.LiveIndexingBatchSize", min: 1, max: noMax},
	{name: "ElasticsearchSettings.BatchSize", min: 1, max: noMax},
	{name: "ElasticsearchSettings.RequestTimeoutSeconds", min: 1, max: noMax}, // 10.6
	{name: "ElasticsearchSettings.IgnoredPurgeIndexes", form: indexes},

	{name: "DataRetentionSettings.MessageRetentionDays", min: 0, max: noMax},  // 10.6
	{name: "DataRetentionSettings.MessageRetentionHours", min: 0, max: noMax}, // 10.6
	{name: "DataRetentionSettings.FileRetentionDays", min: 0, max: noMax},     // 10.6
	{name: "DataRetentionSettings.FileRetentionHours", min: 0, max: noMax},    // 10.6
	{name: "DataRetentionSettings.DeletionJobStartTime", form: clock},         // 10.6

	// All of these while the export is on, the customer type with the format globalrelay.
	{name: "MessageExportSettings.ExportFormat", oneOf: []string{"actiance", "globalrelay", "globalrelay-zip", "csv"}},
	{name: "MessageExportSettings.DailyRunTime", form: clock},               // 10.6
	{name: "MessageExportSettings.BatchSize", min: 0, max: noMax},           // 10.6
	{name: "MessageExportSettings.ExportFromTimestamp", min: 0, max: noMax}, // 10.6
	{name: "MessageExportSettings.GlobalRelaySettings.CustomerType", oneOf: []string{"A9", "A10", "CUSTOM"}},

	{name: pluginStates, form: pluginsSayEnable}, // not the server's: it would switch the plugin off

	{name: "DisplaySettings.CustomURLSchemes", form: urlSchemes},                        // 10.6
	{name: "ImageProxySettings.ImageProxyType", oneOf: []string{"local", "atmos/camo"}}, // 10.6, while the proxy is on

	{name: "ImportSettings.Directory", form: notEmpty},         // 10.6
	{name: "ImportSettings.RetentionDays", min: 1, max: noMax}, // 10.6
}

// check holds a value against the rule.
func (r *rule) check(s Setting, value string) error {
	err := r.complain(s, value)
	if err != nil && r.because != "" {
		return fmt.Errorf("%w: %s", err, r.because)
	}
	return err
}

func (r *rule) complain(s Setting, value string) error {
	switch {
	case r.form != nil:
		return r.form(value)
	case r.oneOf != nil:
		if !slices.Contains(r.oneOf, value) {
			return fmt.Errorf("is %q, which the server refuses (%s)", value, choices(r.oneOf))
		}
	case r.shortest > 0:
		if value != "" && len(value) < r.shortest {
			return fmt.Errorf("is too short: it has %d characters, and the server refuses less than %d; leave the setting out to have one made", len(value), r.shortest)
		}
	case r.longest > 0:
		if len(value) > r.longest {
			return fmt.Errorf("has %d bytes, and the server refuses more than %d", len(value), r.longest)
		}
	case s.Type == Int:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil // CheckEnv told it
		}
		if number < r.min || number > r.max {
			if r.max == noMax {
				return fmt.Errorf("is %d, which the server refuses; write %d or more", number, r.min)
			}
			return fmt.Errorf("is %d, which the server refuses; write %d to %d", number, r.min, r.max)
		}
	}
	return nil
}

// choices lists values: one of "", TLS.
func choices(values []string) string {
	if len(values) == 1 {
		return "only " + values[0] + " is taken"
	}
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = value
		if value == "" {
			shown[i] = `""`
		}
	}
	return "one of " + strings.Join(shown, ", ")
}

func notEmpty(value string) error {
	if value == "" {
		return errors.New("is empty, which the server refuses")
	}
	return nil
}

func onlyTrue(value string) error {
	if on, err := strconv.ParseBool(value); err == nil && !on {
		return errors.New("is false, and the server refuses to start with that")
	}
	return nil
}

func onlyFalse(value string) error {
	if on, err := strconv.ParseBool(value); err == nil && on {
		return errors.New("is true, and the server refuses to start with that")
	}
	return nil
}

func oneOrMoreOrMinusOne(value string) error {
	if number, err := strconv.ParseInt(value, 10, 64); err == nil && (number < -1 || number == 0) {
		return fmt.Errorf("is %d, which the server refuses; write 1 or more, or -1 for as many as there are processors", number)
	}
	return nil
}

// clock wants what time.Parse takes for 15:04.
func clock(value string) error {
	if _, err := time.Parse("15:04", value); err != nil {
		return fmt.Errorf("is %q, which is no time of day; write hours and minutes, such as 02:00", value)
	}
	return nil
}

// requestURI wants what url.ParseRequestURI takes, or nothing.
func requestURI(value string) error {
	if value == "" {
		return nil
	}
	if _, err := url.ParseRequestURI(value); err != nil {
		return fmt.Errorf("is %q, which is no address; write one with a scheme, such as https://chat.example.com", value)
	}
	return nil
}

// webAddress wants what the server's IsValidHTTPURL takes, or nothing.
func webAddress(value string) error {
	if value == "" || isWebAddress(value) {
		return nil
	}
	return fmt.Errorf("is %q, which is no web address; write one that begins with https:// or http://", value)
}

func isWebAddress(value string) bool {
	if !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") {
		return false
	}
	parsed, err := url.ParseRequestURI(value)
	return err == nil && parsed.Host != ""
}

// hostAndPort wants a host, which may be left out, and a port by number.
func hostAndPort(value string) error {
	wrong := fmt.Errorf("is %q, which is no address to listen at; write a colon and a port, such as :8065", value)
	colon := strings.LastIndexByte(value, ':')
	if colon < 0 {
		return wrong
	}
	host := value[:colon]
	if port, err := strconv.Atoi(value[colon+1:]); err != nil || port < 0 || port > math.MaxUint16 {
		return wrong
	}
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		inner, closed := strings.CutSuffix(inner, "]")
		if _, err := netip.ParseAddr(inner); !closed || err != nil {
			return wrong
		}
		return nil
	}
	if _, err := netip.ParseAddr(host); host == "" || err == nil && !strings.Contains(host, ":") || isDomainName(host) {
		return nil
	}
	return wrong
}

// isDomainName follows the server's function of that name, which is that of Go's resolver: labels of up to 63 letters,
// digits, hyphens and underscores, at least one of them no digit.
func isDomainName(name string) bool {
	if len(name) == 0 || len(name) > 253 {
		return false
	}
	letters := false
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
				letters = true
			case '0' <= c && c <= '9', c == '-':
			default:
				return false
			}
		}
	}
	return letters
}

func trimmed(value string) error {
	if strings.TrimSpace(value) != value {
		return fmt.Errorf("is %q, and the server refuses blanks around it", value)
	}
	return nil
}

func directory(value string) error {
	if err := notEmpty(value); err != nil {
		return err
	}
	return trimmed(value)
}

func azurePrefix(value string) error {
	if strings.Contains(value, "..") {
		return fmt.Errorf("is %q, and the server refuses two dots in it", value)
	}
	return trimmed(value)
}

// attributeAndValue wants an attribute and its value with one equals sign between them, or nothing.
func attributeAndValue(value string) error {
	if value != "" && strings.Count(value, "=") != 1 {
		return fmt.Errorf("is %q, and the server takes one attribute and its value, such as usertype=guest", value)
	}
	return nil
}

// indexes refuses an index that begins with a hyphen: Elasticsearch would take it for one to leave out.
func indexes(value string) error {
	for index := range strings.SplitSeq(value, ",") {
		if strings.HasPrefix(index, "-") {
			return fmt.Errorf("holds %q, and the server refuses an index that begins with a hyphen", index)
		}
	}
	return nil
}

// urlSchemes wants the names of schemes, without what stands behind them in an address.
func urlSchemes(value string) error {
	for scheme := range strings.SplitSeq(value, " ") {
		for i, c := range []byte(scheme) {
			letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
			if !letter && (i == 0 || !('0' <= c && c <= '9') && c != '.' && c != '+' && c != '-') {
				return fmt.Errorf("holds %q, which is no scheme of an address; write the name alone, such as git or smb", scheme)
			}
		}
	}
	return nil
}

// userIDs wants up to 5 ids of Mattermost's own: 26 lower case letters and digits.
func userIDs(value string) error {
	ids := strings.Split(value, " ")
	if len(ids) > 5 {
		return fmt.Errorf("holds %d ids, and the server refuses more than 5", len(ids))
	}
	for _, id := range ids {
		valid := len(id) == 26
		for _, c := range []byte(id) {
			valid = valid && ('a' <= c && c <= 'z' || '0' <= c && c <= '9')
		}
		if !valid {
			return fmt.Errorf("holds %q, which is no user's id: those have 26 lower case letters and digits", id)
		}
	}
	return nil
}

// storageClass wants a class of Amazon S3 that the server knows, or nothing.
func storageClass(value string) error {
	if slices.Contains(storageClasses[:], value) {
		return nil
	}
	return fmt.Errorf("is %q, which the server refuses (%s)", value, choices(storageClasses[:]))
}

var storageClasses = [...]string{
	"", "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
	"OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE",
}

// ciphers wants names that the server has for them (ServerTLSSupportedCiphers).
func ciphers(value string) error {
	for name := range strings.SplitSeq(value, " ") {
		if !slices.Contains(knownCiphers[:], name) {
			return fmt.Errorf("holds %q, which the server does not know; write names such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", name)
		}
	}
	return nil
}

var knownCiphers = [...]string{
	"TLS_RSA_WITH_RC4_128_SHA",
	"TLS_RSA_WITH_3DES_EDE_CBC_SHA",
	"TLS_RSA_WITH_AES_128_CBC_SHA",
	"TLS_RSA_WITH_AES_256_CBC_SHA",
	"TLS_RSA_WITH_AES_128_CBC_SHA256",
	"TLS_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_RC4_128_SHA",
	"TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
}

// ordinaryLevels refuses the levels of the audit log in the ordinary one, which the server does since 11.3.
func ordinaryLevels(value string) error {
	return levels(value, func(target string, id int, name string) error {
		if isAuditLevel(id, name) {
			return fmt.Errorf("has the level %s in its target %q, which belongs to the audit log; move it to ExperimentalAuditSettings.AdvancedLoggingJSON", name, target)
		}
		return nil
	})
}

// auditLevels refuses all other levels in the audit log, which the server does since 11.3.
func auditLevels(value string) error {
	return levels(value, func(target string, id int, name string) error {
		if !isAuditLevel(id, name) {
			return fmt.Errorf("has the level %s in its target %q, which does not belong to the audit log (audit-api, audit-content, audit-permissions, audit-cli)", name, target)
		}
		return nil
	})
}

// isAuditLevel tells the levels of the audit log, which have the ids from 100 on (server/public/shared/mlog/levels.go).
func isAuditLevel(id int, name string) bool {
	return 100 <= id && id <= 109 || strings.HasPrefix(name, "audit-")
}

// levels goes through the levels of all log targets.
func levels(value string, check func(target string, id int, name string) error) error {
	var targets map[string]logTarget
	if json.Unmarshal([]byte(value), &targets) != nil {
		return nil // CheckEnv told it
	}
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		for _, level := range targets[target].Levels {
			name := level.Name
			if name == "" {
				name = strconv.Itoa(level.ID)
			}
			if err := check(target, level.ID, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// pluginsSayEnable refuses a state that does not say whether the plugin runs, such as one with Enabled.
func pluginsSayEnable(value string) error {
	var states map[string]map[string]any
	if json.Unmarshal([]byte(value), &states) != nil {
		return nil // CheckEnv told it
	}
	for _, plugin := range slices.Sorted(maps.Keys(states)) {
		says := false
		for key := range states[plugin] {
			says = says || strings.EqualFold(key, "Enable")
		}
		if !says {
			return fmt.Errorf(`has a state of %q without Enable, which switches the plugin off; write {"Enable":true} or {"Enable":false}`, plugin)
		}
	}
	return nil
}
