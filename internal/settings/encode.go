// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode encodes a value for the setting's environment variable, so that the server reads exactly that value. The value
// has a type that decoding YAML yields: string, bool, int, int64, uint64, float64, json.Number, []any, map[string]any.
//
// Its errors say what was given and what is expected, to follow the setting's name. They never show a sensitive value.
func (s Setting) Encode(value any) (string, error) {
	if s.Unsettable != "" {
		return "", errors.New("cannot be set by environment: " + s.Unsettable)
	}
	switch s.Type {
	case String:
		if text, ok := value.(string); ok {
			if err := checkText(text); err != nil {
				return "", err
			}
			return text, nil
		}
	case Bool:
		if b, ok := value.(bool); ok {
			return strconv.FormatBool(b), nil
		}
	case Int:
		if number, ok := wholeNumber(value); ok {
			return strconv.FormatInt(number, 10), nil
		}
	case List:
		if list, ok := value.([]any); ok {
			return s.encodeList(list)
		}
	case Map, JSON:
		if object, ok := value.(map[string]any); ok {
			return s.encodeObject(object)
		}
	}
	return "", s.wrongType(value)
}

// encodeList joins the elements of a list.
func (s Setting) encodeList(list []any) (string, error) {
	if len(list) == 0 {
		return "", s.emptyList()
	}
	texts := make([]string, len(list))
	for i, element := range list {
		text, ok := element.(string)
		if !ok {
			return "", fmt.Errorf("element %d is %s, expected a string%s", i, s.describe(element), quoteHint(element))
		}
		if err := checkText(text); err != nil {
			return "", fmt.Errorf("element %d %w", i, err)
		}
		if strings.Contains(text, " ") {
			return "", fmt.Errorf("element %d is %s, and in an environment variable elements are separated by spaces; "+
				"a list with spaces can only be set in the System Console", i, s.describe(text))
		}
		texts[i] = text
	}
	return strings.Join(texts, " "), nil
}

// emptyList returns an error, since an empty list cannot be set: the server splits the variable at its spaces, so an
// empty variable is a list with one empty element.
func (s Setting) emptyList() error {
	if s.Default == "[]" {
		return errors.New("is an empty list, which an environment variable cannot express: " +
			"an empty one is a list with one empty element; " +
			"remove it, it is empty by default")
	}
	return fmt.Errorf("is an empty list, which an environment variable cannot express: "+
		"an empty one is a list with one empty element; "+
		"remove it, or empty it in the System Console (the default is %s)", s.Default)
}

// encodeObject writes an object as compact JSON with its keys sorted.
func (s Setting) encodeObject(object map[string]any) (string, error) {
	if err := checkJSON(object); err != nil {
		return "", err
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return "", errors.New("cannot be encoded as JSON")
	}
	encoded := strings.TrimSuffix(buffer.String(), "\n")
	if err := s.checkObject(encoded); err != nil {
		return "", err
	}
	return encoded, nil
}

// checkJSON returns an error for a value that JSON cannot express, with its keys. It never shows the value.
func checkJSON(value any) error {
	switch v := value.(type) {
	case nil, bool, int, int64, uint64:
		return nil
	case string:
		if !utf8.ValidString(v) {
			return errors.New("contains a string that is not UTF-8")
		}
		return nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("contains a number that JSON cannot express: NaN or infinity")
		}
		return nil
	case json.Number:
		if !json.Valid([]byte(v)) {
			return errors.New("contains a number that JSON cannot express")
		}
		return nil
	case []any:
		for _, element := range v {
			if err := checkJSON(element); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !utf8.ValidString(key) {
				return errors.New("contains a key that is not UTF-8")
			}
			if err := checkJSON(v[key]); err != nil {
				return fmt.Errorf("%w (at %q)", err, key)
			}
		}
		return nil
	}
	return fmt.Errorf("contains %s, which JSON cannot express", kindOf(value))
}

// checkText returns an error for a string that cannot be the value of an environment variable.
func checkText(text string) error {
	switch {
	case strings.ContainsRune(text, 0):
		return errors.New("contains a NUL character, which an environment variable cannot")
	case !utf8.ValidString(text):
		return errors.New("is not UTF-8, which Kubernetes requires")
	}
	return nil
}

// wholeNumber returns a value as an integer, if it is exactly one.
func wholeNumber(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case float64:
		// Above 2^53, adjacent integers are the same float64, so it may not be the number that was written.
		return int64(v), v == math.Trunc(v) && math.Abs(v) <= 1<<53
	case json.Number:
		number, err := strconv.ParseInt(string(v), 10, 64)
		return number, err == nil
	}
	return 0, false
}

// wrongType returns the error for a value of another type.
func (s Setting) wrongType(value any) error {
	hint := ""
	switch s.Type {
	case String:
		hint = quoteHint(value)
	case Bool, Int:
		if text, ok := value.(string); ok && s.parses(text) {
			hint = "; write it without quotes"
		}
		if s.Type == Int {
			switch value.(type) {
			case float64, uint64, json.Number:
				hint = "; from -9223372036854775808 to 9223372036854775807"
			}
		}
	case List:
		if _, ok := value.(string); ok {
			hint = "; write each element after a dash"
		}
	case Map, JSON:
		if _, ok := value.(string); ok {
			hint = "; write it as a YAML mapping instead of a string"
		}
	}
	if value == nil {
		hint = "; remove the setting to keep the default"
	}
	return fmt.Errorf("is %s, expected %s%s", s.describe(value), s.Type, hint)
}

// quoteHint returns the hint for a value that YAML does not parse as a string.
func quoteHint(value any) string {
	switch value.(type) {
	case bool, int, int64, uint64, float64, json.Number:
		return "; put quotes around it"
	}
	return ""
}

// describe returns the kind of a value, with the value itself if it is short and not sensitive.
func (s Setting) describe(value any) string {
	if text, ok := value.(string); ok {
		if s.Sensitive || len(text) > 60 {
			return "a string"
		}
		return fmt.Sprintf("the string %q", text)
	}
	switch value.(type) {
	case bool, int, int64, uint64, float64, json.Number:
		if s.Sensitive {
			break
		}
		return fmt.Sprintf("%s %v", strings.Replace(kindOf(value), "a ", "the ", 1), value)
	}
	return kindOf(value)
}

// kindOf returns the kind of a value.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int, int64, uint64, float64, json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("a %T", value)
}
