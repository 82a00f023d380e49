// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"regexp"
	"sync"
)

// fluentBitRefuses matches the values that Fluent Bit does not read as they are from its configuration file. The
// Fluent operator writes values without quotes or escapes, in the classic format or, with configFileFormat: yaml, as
// plain YAML scalars, and refuses only line breaks. One value that is no such scalar stops the logging of the whole
// cluster. Spaces around a value are removed, and ${NAME} is replaced with an environment variable. Everything is
// refused that libyaml does not read, such as control characters, bytes that are not UTF-8, and other line breaks of
// Unicode.
//
// Fluent Bit 5.1.0 ran with the configuration that the operator 3.10.0 wrote: e2e/fluentbit/testdata/values.txt has
// what it made of values. Four that it reads are refused: with a tab inside, with ${ but no }, with U+FEFF, and with
// U+FFFD, as which bytes that are not UTF-8 appear here.
//
// External Secrets evaluates the expression too, with the same package.
const fluentBitRefuses = `[[:cntrl:]\x{80}-\x{9f}\x{2028}\x{2029}\x{feff}\x{fffd}-\x{ffff}]|^ | $` +
	"|^[!&*@%`{}\\[\\]\"'|>#,]|^[-?:]( |$)|: |:$| #|\\$\\{"

var fluentBitRefused = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(fluentBitRefuses) })

// FluentBitReads reports whether Fluent Bit reads a value of its configuration as it is, in both formats.
func FluentBitReads(value string) bool { return !fluentBitRefused().MatchString(value) }

// FluentBitCredentials is the number of bytes that a user name and its password may have together. With more, Fluent
// Bit 5.1.0 sends requests without them: the header has 1023 bytes (src/flb_http_client.c), of which "Basic " and
// Base64's null byte take 7, and 762 bytes are encoded in the others, one of which is the colon between the two.
const FluentBitCredentials = 761
