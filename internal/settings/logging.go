// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// logTarget is a target of AdvancedLoggingJSON as the server's log library decodes one (github.com/mattermost/logr/v2,
// config/config.go, TargetCfg).
type logTarget struct {
	Type          string          `json:"type"`
	Options       json.RawMessage `json:"options"`
	Format        string          `json:"format"`
	FormatOptions json.RawMessage `json:"format_options"`
	Levels        []targetLevel   `json:"levels"`
	MaxQueueSize  int             `json:"maxqueuesize"`
}

// targetLevel is a level of a log target. The server looks at its id, not at its name.
type targetLevel struct {
	ID         uint   `json:"id"`
	Name       string `json:"name"`
	Stacktrace bool   `json:"stacktrace"`
	Color      uint8  `json:"color"`
}

func (l targetLevel) String() string {
	if l.Name != "" {
		return fmt.Sprintf("%s (id %d)", l.Name, l.ID)
	}
	return strconv.FormatUint(uint64(l.ID), 10)
}

// The options of each type and format.
type (
	consoleOptions struct {
		Out string `json:"out"`
	}
	fileOptions struct {
		Filename   string `json:"filename"`
		MaxSize    int    `json:"max_size"`
		MaxAge     int    `json:"max_age"`
		MaxBackups int    `json:"max_backups"`
		Compress   bool   `json:"compress"`
	}
	networkOptions struct {
		IP       string `json:"ip"`
		Host     string `json:"host"`
		Port     int    `json:"port"`
		TLS      bool   `json:"tls"`
		Cert     string `json:"cert"`
		Insecure bool   `json:"insecure"`
		Tag      string `json:"tag"`
	}
	textOptions struct {
		DisableTimestamp  bool   `json:"disable_timestamp"`
		DisableLevel      bool   `json:"disable_level"`
		DisableMsg        bool   `json:"disable_msg"`
		DisableFields     bool   `json:"disable_fields"`
		DisableStacktrace bool   `json:"disable_stacktrace"`
		EnableCaller      bool   `json:"enable_caller"`
		TimestampFormat   string `json:"timestamp_format"`
	}
	jsonOptions struct {
		textOptions
		KeyTimestamp   string `json:"key_timestamp"`
		KeyLevel       string `json:"key_level"`
		KeyMsg         string `json:"key_msg"`
		KeyGroupFields string `json:"key_group_fields"`
		KeyStacktrace  string `json:"key_stacktrace"`
		KeyCaller      string `json:"key_caller"`
	}
	plainOptions struct {
		textOptions
		Delim       string `json:"delim"`
		MinLevelLen int    `json:"min_level_len"`
		MinMsgLen   int    `json:"min_msg_len"`
		LineEnd     string `json:"line_end"`
		EnableColor bool   `json:"enable_color"`
	}
	gelfOptions struct {
		Hostname     string `json:"hostname"`
		EnableCaller bool   `json:"enable_caller"`
	}
)

// logTargets requires targets that the log library can create (config.go, ConfigureTargets). It never shows an option,
// which may be a password.
func logTargets(value string) error {
	return eachTarget(value, func(name string, target logTarget) error {
		if err := target.check(); err != nil {
			return fmt.Errorf("has a target %q that %w", name, err)
		}
		return nil
	})
}

func (t logTarget) check() error {
	if err := t.checkType(); err != nil {
		return err
	}
	if strings.EqualFold(t.Type, "none") {
		return nil // nothing is created
	}
	if t.MaxQueueSize < 0 {
		return fmt.Errorf("has the maxqueuesize %d, and the server crashes; must be 0 or more", t.MaxQueueSize)
	}
	return t.checkFormat()
}

func (t logTarget) checkType() error {
	switch strings.ToLower(t.Type) {
	case "none":
		return nil
	case "console":
		var options consoleOptions
		if err := decodeOptions("options", t.Options, &options); err != nil {
			return err
		}
		if options.Out != "" && options.Out != "stdout" && options.Out != "stderr" {
			return fmt.Errorf("has the option out: %q; must be stdout or stderr", options.Out)
		}
		return nil
	case "file":
		var options fileOptions
		if err := decodeOptions("options", t.Options, &options); err != nil {
			return err
		}
		if options.Filename == "" {
			return errors.New("is a file without the option filename")
		}
		return nil
	case "tcp", "syslog":
		var options networkOptions
		if err := decodeOptions("options", t.Options, &options); err != nil {
			return err
		}
		if options.Host == "" && options.IP == "" || options.Port == 0 {
			return fmt.Errorf("needs the options host and port for type %s", t.Type)
		}
		return nil
	}
	return fmt.Errorf("has the type %q; must be console, file, tcp, syslog or none", t.Type)
}

func (t logTarget) checkFormat() error {
	switch strings.ToLower(t.Format) {
	case "json":
		return decodeOptions("format_options", t.FormatOptions, &jsonOptions{})
	case "plain":
		var options plainOptions
		if err := decodeOptions("format_options", t.FormatOptions, &options); err != nil {
			return err
		}
		if options.MinMsgLen < 0 || options.MinMsgLen > 1024 {
			return fmt.Errorf("has the format option min_msg_len: %d; must be 0 to 1024", options.MinMsgLen)
		}
		return nil
	case "gelf":
		return decodeOptions("format_options", t.FormatOptions, &gelfOptions{})
	}
	return fmt.Errorf("has the format %q; must be json, plain or gelf", t.Format)
}

// decodeOptions decodes options, all of which are optional.
func decodeOptions(field string, text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	err := json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		name := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
		return fmt.Errorf("has a %s in %s.%s, expected %s", wrong.Value, field, name, wrong.Type)
	case err != nil:
		return fmt.Errorf("has %s that are not an object", field)
	}
	return nil
}

// ordinaryLevels requires levels that the server log accepts since 11.3 (LoggerConfiguration.IsValid; server/public/
// shared/mlog/levels.go, MlvlAll).
func ordinaryLevels(value string) error {
	return levels(value, func(level targetLevel) string {
		switch id := level.ID; {
		case id <= 6, id == 10, 130 <= id && id <= 132, 140 <= id && id <= 144, 200 <= id && id <= 204,
			300 <= id && id <= 304:
			return ""
		case isAuditLevel(level):
			return "belongs to the audit log; move it to ExperimentalAuditSettings.AdvancedLoggingJSON"
		}
		return "the server rejects; the ids are 0 to 6 (panic, fatal, error, warn, info, debug, trace), 10 (stdlog), " +
			"130 to 132, 140 to 144, 200 to 204 and 300 to 304"
	})
}

// auditLevels requires the levels of the audit log, the only ones that it accepts since 11.3.
func auditLevels(value string) error {
	return levels(value, func(level targetLevel) string {
		if isAuditLevel(level) {
			return ""
		}
		return "does not belong to the audit log; the ids are 100 (audit-api), 101 (audit-content), " +
			"102 (audit-permissions) and 103 (audit-cli)"
	})
}

func isAuditLevel(level targetLevel) bool { return 100 <= level.ID && level.ID <= 103 }

// levels checks the levels of all log targets. The function wrong returns what is wrong with one, to follow "which".
func levels(value string, wrong func(targetLevel) string) error {
	return eachTarget(value, func(name string, target logTarget) error {
		for _, level := range target.Levels {
			if why := wrong(level); why != "" {
				return fmt.Errorf("has the level %s in its target %q, which %s", level, name, why)
			}
		}
		return nil
	})
}

// eachTarget calls check with every log target, sorted by name, until one returns an error.
func eachTarget(value string, check func(name string, target logTarget) error) error {
	var targets map[string]logTarget
	if json.Unmarshal([]byte(value), &targets) != nil {
		return nil // reported by CheckEnv
	}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if err := check(name, targets[name]); err != nil {
			return err
		}
	}
	return nil
}

// SyslogTargets returns the names of the log targets of an AdvancedLoggingJSON that connect to a syslog server when
// they are created: Mattermost does not start if that server cannot be reached (targets/syslog.go, Init, which
// LoggerConfiguration.IsValid calls).
func SyslogTargets(value string) []string {
	var names []string
	_ = eachTarget(value, func(name string, target logTarget) error {
		if strings.EqualFold(target.Type, "syslog") {
			names = append(names, name)
		}
		return nil
	})
	return names
}

// NetworkTarget is a log target that connects to a service over TCP.
type NetworkTarget struct {
	// Name of the target, and the Host and Port of the service.
	Name, Host string
	Port       int
	// Verifies is true if the target has TLS, and the certificate is verified with the system's authorities.
	Verifies bool
}

// NetworkTargets returns the log targets of an AdvancedLoggingJSON that connect to a service, sorted by name.
func NetworkTargets(value string) []NetworkTarget {
	var targets []NetworkTarget
	_ = eachTarget(value, func(name string, target logTarget) error {
		var options networkOptions
		isNetwork := strings.EqualFold(target.Type, "syslog") || strings.EqualFold(target.Type, "tcp")
		if isNetwork && decodeOptions("options", target.Options, &options) == nil {
			targets = append(targets, NetworkTarget{Name: name, Host: cmp.Or(options.Host, options.IP), Port: options.Port,
				Verifies: options.TLS && !options.Insecure && options.Cert == ""})
		}
		return nil
	})
	return targets
}
