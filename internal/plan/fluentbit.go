// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"regexp"
	"sync"
)

// fluentBitRefuses matches the values that Fluent Bit 5.1.1 does not read as they are from its configuration file. The
// Fluent operator (3.10, apis/fluentbit/v1alpha2/plugins/params/kvs.go) writes values without quotes or escapes, in the
// classic format or, with configFileFormat: yaml, as plain YAML scalars, and refuses only line breaks. One value that
// is no such scalar stops the logging of the whole cluster. Spaces around a value are removed (flb_config_format.c),
// and ${NAME} is replaced with an environment variable (flb_env.c). Everything is refused that libyaml does not read,
// such as control characters, bytes that are not UTF-8, and other line breaks of Unicode.
//
// External Secrets evaluates the expression too, with the same package.
const fluentBitRefuses = `[[:cntrl:]\x{80}-\x{9f}\x{2028}\x{2029}\x{feff}\x{fffd}-\x{ffff}]|^ | $` +
	"|^[!&*@%`{}\\[\\]\"'|>#,]|^[-?:]( |$)|: |:$| #|\\$\\{"

var fluentBitRefused = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(fluentBitRefuses) })

// FluentBitReads reports whether Fluent Bit reads a value of its configuration as it is, in both formats.
func FluentBitReads(value string) bool { return !fluentBitRefused().MatchString(value) }
