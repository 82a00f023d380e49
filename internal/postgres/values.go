// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// CheckValue returns an error if PostgreSQL rejects a value of the parameter, to follow its name. It returns nil if the
// table has no data. It follows src/backend/utils/misc/guc.c (parse_int, parse_real) and bool.c of PostgreSQL 15.
func (p Parameter) CheckValue(value string) error {
	expected := p.Expected(value)
	if expected == "" {
		return nil
	}
	return fmt.Errorf("is %q, which PostgreSQL rejects together with the connection; must be %s", value, expected)
}

// Expected returns what a value of the parameter must be if PostgreSQL rejects the given one. It returns an empty
// string if PostgreSQL accepts it, or if the table has no data.
func (p Parameter) Expected(value string) string {
	switch p.Type {
	case "bool":
		if !isBool(value) {
			return "on or off"
		}
	case "enum":
		if !p.takes(value) {
			return "one of " + strings.Join(p.Values, ", ")
		}
	case "integer", "real":
		if !p.inRange(value) {
			return p.describe()
		}
	}
	return ""
}

// Memory parses an amount of memory such as 256MB. Without a unit it is a number of pages of 8 kB.
func Memory(value string) (bytes int64, ok bool) {
	p := Parameter{Type: "real", Unit: "8kB", Min: 1, Max: math.MaxInt32}
	parts := numeral().FindStringSubmatch(value)
	if parts == nil || !p.inRange(value) {
		return 0, false
	}
	n, _ := p.parse(parts[1])
	all, own := p.unit()
	if parts[2] != "" {
		own = all[parts[2]]
	}
	return int64(n * own), true
}

// isBool reports whether PostgreSQL parses a value as a boolean: the beginning of a word is sufficient.
func isBool(value string) bool {
	value = strings.ToLower(value)
	for _, word := range []string{"true", "false", "yes", "no"} {
		if value != "" && strings.HasPrefix(word, value) {
			return true
		}
	}
	return slices.Contains([]string{"on", "of", "off", "1", "0"}, value)
}

// takes reports whether an enum has a value. Enums with on and off also accept true and so on.
func (p Parameter) takes(value string) bool {
	values := p.Values
	if slices.Contains(values, "on") && slices.Contains(values, "off") {
		values = append(slices.Clone(values), "true", "false", "yes", "no", "1", "0")
	}
	return slices.ContainsFunc(values, func(one string) bool { return strings.EqualFold(one, value) })
}

// units are the units of memory and of time, as multiples of the smallest one.
var units = map[string]map[string]float64{
	"memory": {"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40},
	"time":   {"us": 1, "ms": 1e3, "s": 1e6, "min": 60e6, "h": 3600e6, "d": 86400e6},
}

// unit returns the units that the parameter accepts, and its own as a multiple of the smallest one.
func (p Parameter) unit() (all map[string]float64, own float64) {
	if p.Unit == "8kB" { // a page
		return units["memory"], 8 << 10
	}
	for _, all := range units {
		if own, ok := all[p.Unit]; ok {
			return all, own
		}
	}
	return nil, 1
}

// numeral is a number with a unit or without one.
var numeral = sync.OnceValue(func() *regexp.Regexp {
	const space, decimal = `[ \t\n\v\f\r]*`, `(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`
	const signed = `([+-]?(?:0[xX][0-9a-fA-F]+|` + decimal + `))`
	return regexp.MustCompile(`^` + space + signed + space + `([A-Za-z]*)` + space + `$`)
})

// inRange reports whether a value is a number that the parameter accepts.
func (p Parameter) inRange(value string) bool {
	parts := numeral().FindStringSubmatch(value)
	if parts == nil {
		return false
	}
	n, ok := p.parse(parts[1])
	if !ok {
		return false
	}
	if unit := parts[2]; unit != "" {
		all, own := p.unit()
		factor, known := all[unit]
		if !known {
			return false
		}
		n = n * factor / own
	}
	if p.Type == "integer" {
		n = math.RoundToEven(n)
	}
	return n >= p.Min && n <= p.Max
}

// parse reads a number without its unit, an integer as C does.
func (p Parameter) parse(text string) (float64, bool) {
	if p.Type == "integer" && !strings.ContainsAny(text, ".eE") || strings.ContainsAny(text, "xX") {
		n, err := strconv.ParseInt(text, 0, 64)
		return float64(n), err == nil
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// describe returns what a number must be.
func (p Parameter) describe() string {
	what := "an integer"
	if p.Type == "real" {
		what = "a number"
	}
	what += " from " + strconv.FormatFloat(p.Min, 'f', -1, 64)
	if p.Max < math.MaxFloat32 {
		what += " to " + strconv.FormatFloat(p.Max, 'f', -1, 64)
	}
	all, _ := p.unit()
	if all == nil {
		return what
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(math.Copysign(1, all[a]-all[b])) })
	return fmt.Sprintf("%s, in %s, or with one of the units %s", what, p.Unit, strings.Join(names, ", "))
}
