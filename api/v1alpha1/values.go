// SPDX-License-Identifier: Apache-2.0

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

// ServiceURL is the parsed URL of a service.
type ServiceURL struct {
	// TLS reports whether the scheme is https.
	TLS bool
	// Host is a host name or an IP address, without brackets.
	Host string
	// Port is the port, or the default port of the scheme if the URL has none.
	Port int32
	// ExplicitPort reports whether the URL has a port.
	ExplicitPort bool
	// Path is empty or begins with a slash. It does not end with one.
	Path string
}

// Address returns host or host:port, as in the URL.
func (u ServiceURL) Address() string {
	if u.ExplicitPort {
		return net.JoinHostPort(u.Host, strconv.Itoa(int(u.Port)))
	}
	if strings.Contains(u.Host, ":") {
		return "[" + u.Host + "]"
	}
	return u.Host
}

// String returns the URL.
func (u ServiceURL) String() string {
	scheme := "http"
	if u.TLS {
		scheme = "https"
	}
	return scheme + "://" + u.Address() + u.Path
}

// ParseServiceURL parses the http:// or https:// URL of a service: a host, an optional port and an optional path, and
// nothing else. The error continues a sentence about the URL, and never repeats user information, which may contain a
// password.
func ParseServiceURL(rawURL string) (ServiceURL, error) {
	parsed, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return ServiceURL{}, errors.New("is not a valid URL")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return ServiceURL{}, errors.New("must begin with https:// or http://")
	case parsed.User != nil:
		return ServiceURL{}, errors.New("must not contain a user name or password; there are separate fields for them")
	case parsed.RawQuery != "" || parsed.Fragment != "" || strings.ContainsAny(rawURL, "?#"):
		return ServiceURL{}, errors.New("must end after the path, without ? or #")
	}
	u := ServiceURL{TLS: parsed.Scheme == "https", Path: strings.TrimRight(parsed.EscapedPath(), "/")}
	u.Host, u.Port, u.ExplicitPort, err = hostPort(parsed.Host)
	if err != nil {
		return ServiceURL{}, err
	}
	if !u.ExplicitPort {
		u.Port = choose[int32](u.TLS, 443, 80)
	}
	return u, nil
}

// ParseQueryURL parses a URL like ParseServiceURL, but allows a query at its end, which the result does not contain.
func ParseQueryURL(rawURL string) (ServiceURL, error) {
	base, query, _ := strings.Cut(rawURL, "?")
	if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(query, "# ") {
		return ServiceURL{}, errors.New("the query after the ? is not valid; write name=value, percent-encoded")
	}
	return ParseServiceURL(base)
}

// ParseHostPort parses host or host:port. The port is defaultPort if there is none.
func ParseHostPort(hostport string, defaultPort int32) (host string, port int32, err error) {
	host, port, explicit, err := hostPort(hostport)
	if err == nil && !explicit {
		port = defaultPort
	}
	return host, port, err
}

// hostPort parses host or host:port, and reports whether there is a port.
func hostPort(hostport string) (host string, port int32, explicit bool, err error) {
	host = hostport
	if h, p, splitErr := net.SplitHostPort(hostport); splitErr == nil {
		number, numberErr := strconv.ParseUint(p, 10, 16)
		if numberErr != nil || number == 0 {
			// The message does not repeat the value: in user:password@host it would be the password.
			return "", 0, false, errors.New("the port after the colon must be a number from 1 to 65535")
		}
		host, port, explicit = h, int32(number), true
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return host, port, explicit, CheckHost(host)
}

// CheckHost returns an error if the host is neither a host name nor an IP address.
func CheckHost(host string) error {
	if host == "" {
		return errors.New("the host is missing")
	}
	if address, err := netip.ParseAddr(host); err == nil {
		if address.Zone() != "" {
			return errors.New("must be an IP address without a zone (the part after %), " +
				"since zones are valid on one machine only")
		}
		return nil
	}
	if strings.ContainsAny(host, "@:/?# ") {
		return errors.New("must be a host, without scheme, user, port or path")
	}
	if len(validation.IsDNS1123Subdomain(strings.ToLower(host))) > 0 {
		return fmt.Errorf("%q is not a valid host name (labels of letters, digits and hyphens, separated by dots)", host)
	}
	return nil
}

// SplitImage splits an image into its name, tag and digest. The tag and the digest are empty if there is none.
func SplitImage(image string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(image, "@")
	if at := strings.LastIndex(name, ":"); at > strings.LastIndex(name, "/") {
		name, tag = name[:at], name[at+1:]
	}
	return name, tag, digest
}

// ParseVersion parses major and minor of a version such as 11.10.0 or v11.10.0-rc1.
func ParseVersion(version string) (major, minor int, err error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
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

// AtLeast reports whether the version is major.minor or newer. A version that cannot be parsed counts as newer, since a
// rule reports it.
func AtLeast(version string, major, minor int) bool {
	gotMajor, gotMinor, err := ParseVersion(version)
	return err != nil || gotMajor > major || (gotMajor == major && gotMinor >= minor)
}

// AmazonRegion returns the region in the host name of an Amazon endpoint, such as s3.us-gov-west-1.amazonaws.com or
// that of a VPC endpoint. It is empty for any other host, and for the endpoint without a region, which is in us-east-1.
func AmazonRegion(host string) string {
	if found := amazonRegion().FindStringSubmatch(strings.ToLower(host)); found != nil {
		return found[1]
	}
	return ""
}

var amazonRegion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[.-])([a-z]{2}(?:-[a-z]+)+-[0-9]+)\.(?:vpce\.)?amazonaws\.com`)
})

// IsAmazonHost reports whether the host is an Amazon endpoint. All of them support TLS.
func IsAmazonHost(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
}

// ParseEndpoint parses the endpoint of the S3 service. The scheme decides whether TLS is used, then the field tls, and
// Amazon's endpoints always use it. Without any of these it returns an error, since a guess could send keys
// unencrypted.
func (o *ObjectStorage) ParseEndpoint() (ServiceURL, error) {
	endpoint := o.Endpoint
	if !strings.Contains(endpoint, "://") {
		host, _, err := ParseHostPort(strings.TrimRight(endpoint, "/"), 0)
		switch {
		case err != nil:
			return ServiceURL{}, err
		case o.TLS != nil:
			endpoint = choose(*o.TLS, "https://", "http://") + endpoint
		case IsAmazonHost(host):
			endpoint = "https://" + endpoint
		default:
			return ServiceURL{}, errors.New("has no scheme, which decides whether TLS is used; " +
				"prepend https:// or http://, or set tls")
		}
	}
	u, err := ParseServiceURL(endpoint)
	switch {
	case err != nil:
		return ServiceURL{}, err
	case u.Path != "":
		return ServiceURL{}, errors.New("must not have a path; " +
			"set bucket to the bucket, and pathPrefix to a directory in it")
	case o.TLS != nil && *o.TLS != u.TLS:
		return ServiceURL{}, fmt.Errorf("has a scheme that conflicts with tls: %t; remove tls or correct the scheme", *o.TLS)
	}
	return u, nil
}
