// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

func notEmpty(value string) error {
	if value == "" {
		return errors.New("is empty, which the server rejects")
	}
	return nil
}

func onlyTrue(value string) error {
	if on, err := strconv.ParseBool(value); err == nil && !on {
		return errors.New("is false, and the server does not start with it")
	}
	return nil
}

func onlyFalse(value string) error {
	if on, err := strconv.ParseBool(value); err == nil && on {
		return errors.New("is true, and the server does not start with it")
	}
	return nil
}

// oneOrMoreOrMinusOne requires a positive number, or -1, whose meaning is given.
func oneOrMoreOrMinusOne(minusOne string) func(string) error {
	return func(value string) error {
		if number, err := strconv.ParseInt(value, 10, 64); err == nil && (number < -1 || number == 0) {
			return fmt.Errorf("is %d, which the server rejects; must be 1 or more, or -1 for %s", number, minusOne)
		}
		return nil
	}
}

// clock requires what time.Parse accepts for 15:04.
func clock(value string) error {
	if _, err := time.Parse("15:04", value); err != nil {
		return fmt.Errorf("is %q, which is not a time of day; write hours and minutes, such as 02:00", value)
	}
	return nil
}

// requestURI requires what url.ParseRequestURI accepts, or nothing.
func requestURI(value string) error {
	if value == "" {
		return nil
	}
	if _, err := url.ParseRequestURI(value); err != nil {
		return fmt.Errorf("is %q, which is not a URL; write one with a scheme, such as https://chat.example.com", value)
	}
	return nil
}

// webAddress requires what the server's IsValidHTTPURL accepts, or nothing.
func webAddress(value string) error {
	if value == "" || isWebAddress(value) {
		return nil
	}
	return fmt.Errorf("is %q, which is not a URL; it must begin with https:// or http://", value)
}

func isWebAddress(value string) bool {
	if !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") {
		return false
	}
	parsed, err := url.ParseRequestURI(value)
	return err == nil && parsed.Host != ""
}

// isEmail reports whether the server accepts an e-mail address (IsValidEmail).
func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && strings.ToLower(text) == text
}

// azureAccount is the pattern of a storage account's name.
var azureAccount = pattern(`^[a-z0-9]{3,24}$`)

// hostAndPort requires an optional host, and a port number.
func hostAndPort(value string) error {
	wrong := fmt.Errorf("is %q, which is not an address to listen on; write a colon and a port, such as :8065", value)
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
// digits, hyphens and underscores, not all of them digits.
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
		return fmt.Errorf("is %q, and the server rejects spaces around it", value)
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
		return fmt.Errorf("is %q, and the server rejects two dots in it", value)
	}
	return trimmed(value)
}

// attributeAndValue requires an attribute and its value with one equals sign between them, or nothing.
func attributeAndValue(value string) error {
	if value != "" && strings.Count(value, "=") != 1 {
		return fmt.Errorf("is %q, but the server expects one attribute and its value, such as usertype=guest", value)
	}
	return nil
}

// indexes rejects an index that begins with a hyphen: Elasticsearch would exclude it.
func indexes(value string) error {
	for index := range strings.SplitSeq(value, ",") {
		if strings.HasPrefix(index, "-") {
			return fmt.Errorf("contains %q, and the server rejects an index that begins with a hyphen", index)
		}
	}
	return nil
}

// urlSchemes requires the names of schemes, without what follows them in a URL.
func urlSchemes(value string) error {
	for scheme := range strings.SplitSeq(value, " ") {
		if !urlScheme().MatchString(scheme) {
			return fmt.Errorf("contains %q, which is not a URL scheme; write the name alone, such as git or smb", scheme)
		}
	}
	return nil
}

var urlScheme = pattern(`^[A-Za-z][A-Za-z0-9.+-]*$`)

// userIDs requires up to 5 of Mattermost's own ids: 26 letters and digits (IsValidId).
func userIDs(value string) error {
	ids := strings.Split(value, " ")
	if len(ids) > 5 {
		return fmt.Errorf("has %d ids, and the server rejects more than 5", len(ids))
	}
	for _, id := range ids {
		notOfAnID := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }
		if len(id) != 26 || strings.ContainsFunc(id, notOfAnID) {
			return fmt.Errorf("contains %q, which is not a user's id: those have 26 lower-case letters and digits", id)
		}
	}
	return nil
}

// ciphers requires names from ServerTLSSupportedCiphers.
func ciphers(value string) error {
	for name := range strings.SplitSeq(value, " ") {
		if !slices.Contains(knownCiphers[:], name) {
			return fmt.Errorf("contains %q, which the server does not know; "+
				"write names such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", name)
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

// pluginsSayEnable rejects a state without the key Enable, such as one with Enabled.
func pluginsSayEnable(value string) error {
	var states map[string]map[string]any
	if json.Unmarshal([]byte(value), &states) != nil {
		return nil // reported by CheckEnv
	}
	for _, plugin := range slices.Sorted(maps.Keys(states)) {
		hasEnable := false
		for key := range states[plugin] {
			hasEnable = hasEnable || strings.EqualFold(key, "Enable")
		}
		if !hasEnable {
			return fmt.Errorf(
				`has a state of %q without Enable, which switches the plugin off; write {"Enable":true} or {"Enable":false}`,
				plugin)
		}
	}
	return nil
}

// semanticVersion requires three numbers, and perhaps a pre-release and metadata, as https://semver.org has them; or
// nothing.
func semanticVersion(value string) error {
	if value == "" || semantic().MatchString(value) {
		return nil
	}
	return fmt.Errorf("is %q, which is not a semantic version; write all three numbers, such as 5.10.0", value)
}

var semantic = pattern(`^(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})` +
	`(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?` +
	`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`)

// redirectPatterns requires URLs in which * and ** match anything (IsValidDCRRedirectURIPattern).
func redirectPatterns(value string) error {
	for element := range strings.SplitSeq(value, " ") {
		unprintable := func(r rune) bool { return r < 0x20 || r == 0x7f }
		filled := strings.ReplaceAll(strings.ReplaceAll(element, "**", "1"), "*", "1")
		if strings.Contains(element, "***") || strings.ContainsFunc(element, unprintable) || !isWebAddress(filled) {
			return fmt.Errorf("contains %q, which is not a URL pattern; it must begin with https:// or http://, "+
				"with at most two asterisks in a row, such as https://*.example.com/callback", element)
		}
	}
	return nil
}

// downloadLink requires a URL with a host, whatever its scheme, or nothing (NativeAppSettings.AreDownloadLinksValid).
func downloadLink(value string) error {
	if value == "" {
		return nil
	}
	if link, err := url.ParseRequestURI(value); err != nil || link.Scheme == "" || link.Hostname() == "" {
		return fmt.Errorf("is %q, which is not a URL with a host; "+
			"write for example https://apps.example.com/mattermost", value)
	}
	return nil
}

// emailDomains requires domains as WranglerSettings.IsValid takes them: two or three labels, or localhost.
func emailDomains(value string) error {
	for domain := range strings.SplitSeq(value, " ") {
		if domain != "localhost" && !emailDomain().MatchString(domain) {
			return fmt.Errorf("contains %q, which the server does not accept as a domain; write for example example.com", domain)
		}
	}
	return nil
}

var emailDomain = pattern(
	`^([a-zA-Z]|[a-zA-Z]{2}|[a-zA-Z][0-9]|[0-9][a-zA-Z]|[a-zA-Z0-9][a-zA-Z0-9_-]{1,61}[a-zA-Z0-9])` +
		`\.([a-zA-Z]{2,6}|[a-zA-Z0-9-]{2,30}\.[a-zA-Z]{2,3})$`)

// uuid requires an id of Microsoft Entra.
func uuid(value string) error {
	if value == "" || uuidForm().MatchString(value) {
		return nil // Conflicts checks whether it may be empty
	}
	return fmt.Errorf("is %q, which is not a UUID; write it as Microsoft Entra shows it, "+
		"such as 01234567-89ab-cdef-0123-456789abcdef", value)
}

var uuidForm = pattern(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// intuneService requires one of the two services; Conflicts checks whether it may be empty.
func intuneService(value string) error { return oneOfOrEmpty(value, "office365", "saml") }

// translationProvider requires one of the two providers; Conflicts checks whether it may be empty.
func translationProvider(value string) error { return oneOfOrEmpty(value, "libretranslate", "agents") }

func oneOfOrEmpty(value string, values ...string) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("is %q, which the server rejects (%s)", value, choices(values))
}

// logLevel requires one of the log library's standard levels. Case does not matter.
func logLevel(value string) error {
	if slices.Contains(logLevels, strings.ToLower(value)) {
		return nil
	}
	return fmt.Errorf("is %q, which is not a log level (%s)", value, choices(logLevels))
}

// noDirectory requires a file name.
func noDirectory(value string) error {
	if strings.HasSuffix(value, `\`) {
		return errors.New(`ends with a backslash, which makes it a directory for the server; write the name of a file`)
	}
	return nil
}

// s3Endpoint requires what the S3 library accepts: a host, perhaps with a port, without scheme and path (minio-go,
// utils.go, isValidEndpointURL).
func s3Endpoint(value string) error {
	endpoint, err := url.Parse("https://" + value)
	if err == nil && (endpoint.Path == "" || endpoint.Path == "/") {
		host := endpoint.Hostname()
		if _, err := netip.ParseAddr(host); err == nil || isS3Host(host) {
			return nil
		}
	}
	return fmt.Errorf("is %q, which is not the host of an S3 service; write host or host:port, without scheme and path, "+
		"such as s3.example.com", value)
}

// isS3Host follows the S3 library's definition of a domain (s3utils.IsValidDomain).
func isS3Host(host string) bool {
	return host != "" && len(host) <= 255 && !strings.ContainsAny(host[:1], "-_.") &&
		!strings.ContainsAny(host[len(host)-1:], "-_") &&
		!strings.ContainsAny(host, "`~!@#$%^&*()+={}[]|\\\"';:><?/")
}

// socket requires a path that fits into the address of a Unix socket.
func socket(value string) error {
	const longest = 107 // sockaddr_un.sun_path of Linux, which ends in a zero byte
	if value == "" || len(value) > longest {
		return fmt.Errorf("has %d bytes, and the path of a socket has 1 to %d", len(value), longest)
	}
	return nil
}

// notificationTargets is the setting that maps events to those who are notified.
const notificationTargets = "ContentFlaggingSettings.NotificationSettings.EventTargetMapping"

// reviewersAreNotified requires events and targets that the server knows, and the reviewers among those of a flagged
// post.
func reviewersAreNotified(value string) error {
	var targets map[string][]string
	if json.Unmarshal([]byte(value), &targets) != nil {
		return nil // reported by CheckEnv
	}
	events, known := []string{"flagged", "assigned", "removed", "dismissed"}, []string{"reviewers", "author", "reporter"}
	for _, event := range slices.Sorted(maps.Keys(targets)) {
		if !slices.Contains(events, event) {
			return fmt.Errorf("has the event %q, which the server does not know (%s)", event, choices(events))
		}
		for _, target := range targets[event] {
			if !slices.Contains(known, target) {
				return fmt.Errorf("has the target %q at %q, which the server does not know (%s)", target, event, choices(known))
			}
		}
	}
	if !slices.Contains(targets["flagged"], "reviewers") {
		return errors.New(
			`does not notify the reviewers of flagged posts, which the server requires; write the whole map, ` +
				`with {"flagged":["reviewers"]} in it`)
	}
	return nil
}

// locales are those that the server has translations for (server/public/shared/i18n/i18n.go); it is the same list from
// 11.2 to 11.10.
var locales = [...]string{
	"bg", "de", "en", "en-AU", "es", "fa", "fr", "hu", "it", "ja", "ko", "nl", "pl", "pt-BR", "ro", "ru", "sv", "tr", "uk",
	"vi", "zh-CN", "zh-TW",
}

// knownLocale returns an error for a locale for which the server would use English (server/config/utils.go,
// fixInvalidLocales).
func knownLocale(value string) error {
	if slices.Contains(locales[:], value) {
		return nil
	}
	return fmt.Errorf("is %q, which the server does not have: it uses en instead%s; %s", value, didYouMean(value),
		choices(locales[:]))
}

// knownLocales returns an error for a list with an unknown locale, with which the server would offer all locales.
func knownLocales(value string) error {
	if value == "" {
		return nil
	}
	for locale := range strings.SplitSeq(value, ",") {
		if !slices.Contains(locales[:], locale) {
			return fmt.Errorf("contains %q, which the server does not have: it offers all locales instead%s; "+
				"separate them by commas without spaces, each %s", locale, didYouMean(locale), choices(locales[:]))
		}
	}
	return nil
}

// didYouMean suggests the locale that was likely meant.
func didYouMean(locale string) string {
	for _, known := range locales {
		if strings.EqualFold(known, strings.ReplaceAll(strings.TrimSpace(locale), "_", "-")) {
			return "; did you mean " + known + "?"
		}
	}
	return ""
}

// pattern returns a regular expression that is compiled when it is first used.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
