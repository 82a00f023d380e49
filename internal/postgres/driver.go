// SPDX-License-Identifier: Apache-2.0

// Package postgres describes what a connection to PostgreSQL accepts: in a connection string, the parameters of lib/pq,
// which is the server's driver, and those of PostgreSQL itself; in the environment, the variables of lib/pq.
//
// The data about lib/pq is from the sources of 1.10.9 and 1.12.3, and was tested with PostgreSQL 15. It differs from
// libpq, and between the two versions. When lib/pq connects, it sends all parameters that it does not know to
// PostgreSQL, which refuses the connection if it does not know them either, or if the role may not set them.
package postgres

// Driver is a version of lib/pq.
type Driver uint8

// The versions in Mattermost since 9.5.
const (
	// Old is 1.10.9.
	Old Driver = iota
	// New is 1.12.
	New
)

// String names the driver.
func (d Driver) String() string {
	if d == Old {
		return "lib/pq 1.10.9"
	}
	return "lib/pq 1.12"
}

// Drivers returns the driver of a version of Mattermost, or both if it is not known: server/go.mod of 11.4, and of
// 11.6 while it was made, ask for 1.10.9, that of 11.8 while it was made for 1.12.0 (May 2026), and that of 11.10 for
// 1.12.3.
func Drivers(major, minor int) []Driver {
	switch {
	case major < 11 || major == 11 && minor < 6:
		return []Driver{Old}
	case major == 11 && minor < 8:
		return []Driver{Old, New}
	}
	return []Driver{New}
}

// Refused calls check with each driver that the server may have. It returns the first error, and whether all return
// one.
func Refused(drivers []Driver, check func(Driver) error) (first error, certain bool) {
	certain = true
	for _, driver := range drivers {
		switch err := check(driver); {
		case err == nil:
			certain = false
		case first == nil:
			first = err
		}
	}
	return first, certain && first != nil
}

// ChecksHostName reports whether the driver compares the host name with the certificate although the mode does not
// require it: up to 1.11 it does with verify-ca, and with require if there is a CA certificate, since it verifies with
// the server name that it sends (ssl.go, sslVerifyCertificateAuthority).
func (d Driver) ChecksHostName(sslMode string, authority bool) bool {
	return d == Old && (sslMode == "verify-ca" || sslMode == "require" && authority)
}
