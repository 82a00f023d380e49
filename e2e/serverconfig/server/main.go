// SPDX-License-Identifier: Apache-2.0

// Command server reads environments from standard input, as a JSON list of objects, and prints for each what the
// configuration code of the Mattermost server says of it: "" where the configuration is valid. The server itself reads
// the environment in a package that is not public; here it is read in the same way.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

func main() {
	var environments []map[string]string
	if err := json.NewDecoder(os.Stdin).Decode(&environments); err != nil {
		fail(err)
	}
	answers := make([]answer, len(environments))
	for i, env := range environments {
		answers[i] = judge(env)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// An answer is what the server makes of an environment.
type answer struct {
	// Error is why it does not start.
	Error string
	// Applied are the variables that set something.
	Applied []string
	// Ignored are those with a value that the server cannot read, for which it keeps the default.
	Ignored []string
}

func judge(env map[string]string) answer {
	config := &model.Config{}
	config.SetDefaults()
	var a answer
	a.apply(reflect.ValueOf(config).Elem(), "MM", env)
	config.SetDefaults()
	if err := config.IsValid(); err != nil {
		a.Error = err.Id + " " + err.DetailedError
	}
	return a
}

// apply sets the fields of a struct from variables whose names begin with the prefix.
func (a *answer) apply(v reflect.Value, prefix string, env map[string]string) {
	for i := range v.NumField() {
		field := v.Field(i)
		name := prefix + "_" + strings.ToUpper(v.Type().Field(i).Name)
		if field.Kind() == reflect.Struct {
			a.apply(field, name, env)
			continue
		}
		if field.Kind() == reflect.Pointer && field.Type().Elem().Kind() == reflect.Struct {
			if !field.IsNil() {
				a.apply(field.Elem(), name, env)
			}
			continue
		}
		text, ok := env[name]
		switch {
		case !ok:
		case set(field, text):
			a.Applied = append(a.Applied, name)
		default:
			a.Ignored = append(a.Ignored, name)
		}
	}
}

// set reads a value as the type of a field.
func set(field reflect.Value, text string) bool {
	if field.Kind() == reflect.Pointer {
		value := reflect.New(field.Type().Elem())
		if !set(value.Elem(), text) {
			return false
		}
		field.Set(value)
		return true
	}
	if field.Type() == reflect.TypeFor[json.RawMessage]() {
		field.SetBytes([]byte(text))
		return true
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		field.SetBool(on)
	case reflect.Int, reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false
		}
		field.SetInt(number)
	case reflect.Slice:
		field.Set(reflect.ValueOf(strings.Split(text, " ")))
	case reflect.Map:
		value := reflect.New(field.Type())
		if json.Unmarshal([]byte(text), value.Interface()) != nil {
			return false
		}
		field.Set(value.Elem())
	default:
		return false
	}
	return true
}
