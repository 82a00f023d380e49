package v1alpha1

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/util/validation"
)

// ServiceURL is the address of a service.
type ServiceURL struct {
	// TLS says that the scheme is https.
	TLS bool
	// Host is a name or an address, without brackets.
	Host string
	// Port is the scheme's own where none is given.
	Port int32
	// PortGiven says that the port was written out.
	PortGiven bool
	// Path is empty or begins with a slash.
	Path string
}

// Address is host or host:port, as it was written.
func (u ServiceURL) Address() string {
	if u.PortGiven {
		return net.JoinHostPort(u.Host, strconv.Itoa(int(u.Port)))
	}
	if strings.Contains(u.Host, ":") {
		return "[" + u.Host + "]"
	}
	return u.Host
}

// String is the whole URL.
func (u ServiceURL) String() string {
	scheme := "http"
	if u.TLS {
		scheme = "https"
	}
	return scheme + "://" + u.Address() + u.Path
}

// ParseServiceURL reads http:// and https:// URLs of a service: a host, perhaps a port and a path, and nothing else. The
// error never repeats user information, which may be a password.
func ParseServiceURL(text string) (ServiceURL, error) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return ServiceURL{}, errors.New("it cannot be read as a URL")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return ServiceURL{}, errors.New("it must begin with https:// or http://")
	case parsed.User != nil:
		return ServiceURL{}, errors.New("it must not hold a user name or password; there are fields for them")
	case parsed.RawQuery != "" || parsed.Fragment != "" || strings.ContainsAny(text, "?#"):
		return ServiceURL{}, errors.New("it must end after the path, without ? and #")
	}
	u := ServiceURL{TLS: parsed.Scheme == "https", Path: strings.TrimRight(parsed.EscapedPath(), "/")}
	u.Host, u.Port, u.PortGiven, err = hostPort(parsed.Host)
	if err != nil {
		return ServiceURL{}, err
	}
	if !u.PortGiven {
		u.Port = choose[int32](u.TLS, 443, 80)
	}
	return u, nil
}

// ParseQueryURL reads what ParseServiceURL reads, perhaps with a query at its end, which the result does not have.
func ParseQueryURL(text string) (ServiceURL, error) {
	base, query, _ := strings.Cut(text, "?")
	if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(query, "# ") {
		return ServiceURL{}, errors.New("its query, after the ?, cannot be read; write name=value, percent-encoded")
	}
	return ParseServiceURL(base)
}

// ParseHostPort reads host or host:port; the port is standard where none is given.
func ParseHostPort(text string, standard int32) (host string, port int32, err error) {
	host, port, given, err := hostPort(text)
	if err == nil && !given {
		port = standard
	}
	return host, port, err
}

func hostPort(text string) (host string, port int32, given bool, err error) {
	host = text
	if h, p, splitErr := net.SplitHostPort(text); splitErr == nil {
		number, numberErr := strconv.ParseUint(p, 10, 16)
		if numberErr != nil || number == 0 {
			// What stands there is not repeated: behind user:password@ it would be the password.
			return "", 0, false, errors.New("what follows the colon is not a port; expected 1 to 65535")
		}
		host, port, given = h, int32(number), true
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return host, port, given, CheckHost(host)
}

// CheckHost says why text is neither a host name nor an address; nil where it is one.
func CheckHost(text string) error {
	if text == "" {
		return errors.New("the host is missing")
	}
	if address, err := netip.ParseAddr(text); err == nil {
		if address.Zone() != "" {
			return errors.New("an address with a zone (behind %) means something on one machine only; write it without")
		}
		return nil
	}
	if strings.ContainsAny(text, "@:/?# ") {
		return errors.New("a host is expected here, without scheme, user, port or path")
	}
	if len(validation.IsDNS1123Subdomain(strings.ToLower(text))) > 0 {
		return fmt.Errorf("%q is not a host name: labels of letters, digits and hyphens, separated by dots", text)
	}
	return nil
}

// ParseVersion reads major and minor from a version such as 11.10.0 or v11.10.0-rc1.
func ParseVersion(text string) (major, minor int, err error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	parts := strings.Split(number, ".")
	if len(parts) != 3 {
		return 0, 0, errors.New("expected three numbers")
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return 0, 0, fmt.Errorf("%q is not a number", part)
		}
		switch i {
		case 0:
			major = int(n)
		case 1:
			minor = int(n)
		}
	}
	return major, minor, nil
}

// AtLeast says whether the version is major.minor or newer. A version that cannot be read counts as newer: it is
// reported elsewhere.
func AtLeast(version string, major, minor int) bool {
	gotMajor, gotMinor, err := ParseVersion(version)
	return err != nil || gotMajor > major || (gotMajor == major && gotMinor >= minor)
}

// AmazonRegion finds the region in the host name of an Amazon endpoint, such as s3.us-gov-west-1.amazonaws.com or a VPC
// endpoint's; empty for any other, and for the endpoint of no region, which is in us-east-1.
func AmazonRegion(host string) string {
	if found := amazonRegion().FindStringSubmatch(strings.ToLower(host)); found != nil {
		return found[1]
	}
	return ""
}

var amazonRegion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[.-])([a-z]{2}(?:-[a-z]+)+-[0-9]+)\.(?:vpce\.)?amazonaws\.com`)
})

// IsAmazonHost says whether the host is one of Amazon's S3 endpoints, which all speak TLS.
func IsAmazonHost(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
}

// ParseEndpoint reads the address of the S3 service. Whether TLS is used comes from the scheme, else from the field tls,
// else from Amazon being Amazon; it is never guessed.
func (o *ObjectStorage) ParseEndpoint() (ServiceURL, error) {
	text := o.Endpoint
	if !strings.Contains(text, "://") {
		host, _, err := ParseHostPort(strings.TrimRight(text, "/"), 0)
		switch {
		case err != nil:
			return ServiceURL{}, err
		case o.TLS != nil:
			text = choose(*o.TLS, "https://", "http://") + text
		case IsAmazonHost(host):
			text = "https://" + text
		default:
			return ServiceURL{}, errors.New("it has no scheme, so whether to use TLS is not known; write https:// or http:// in front, or set tls")
		}
	}
	u, err := ParseServiceURL(text)
	switch {
	case err != nil:
		return ServiceURL{}, err
	case u.Path != "":
		return ServiceURL{}, errors.New("it must not have a path; the bucket goes into bucket, a folder in it into pathPrefix")
	case o.TLS != nil && *o.TLS != u.TLS:
		return ServiceURL{}, fmt.Errorf("its scheme contradicts tls: %t; remove tls or correct the scheme", *o.TLS)
	}
	return u, nil
}
