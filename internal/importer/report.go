// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Class is what became of a key of the input.
type Class string

// The classes. Every key has exactly one.
const (
	// Translated means that fields of the configuration have the value.
	Translated Class = "translated"
	// Unnecessary means that nothing is lost without the key.
	Unnecessary Class = "unnecessary"
	// NotTranslated means that a person must do something, or decide that it is not needed.
	NotTranslated Class = "not translated"
)

// Entry is one key of the input and what became of it.
type Entry struct {
	// Key such as sso.client_id. It covers everything below it.
	Key string `json:"key"`
	// File and Line say where the key is.
	File string `json:"file"`
	Line int    `json:"line"`
	// Source is the chart or resource that the key belongs to.
	Source string `json:"source"`
	// Class is what became of the key.
	Class Class `json:"class"`
	// Fields of the configuration that the key was translated to.
	Fields []string `json:"fields,omitempty"`
	// Why a key is unnecessary, what to do instead, or what else to know.
	Why string `json:"why,omitempty"`
}

// SecretKey is a key of a Secret that the configuration refers to.
type SecretKey struct {
	// Namespace, Name and Key of the Secret.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Key       string `json:"key"`
	// From is where the value is in the input, as key, file and line; empty if the input only refers to the Secret.
	From string `json:"from,omitempty"`
	// State is written, missing or existing.
	State SecretState `json:"state"`
}

// SecretState says where the value of a key of a Secret comes from.
type SecretState string

// The states of keys.
const (
	// SecretWritten means that the key is in the manifest of --secrets.
	SecretWritten SecretState = "written"
	// SecretMissing means that the value is in the input and must be put into the Secret.
	SecretMissing SecretState = "missing"
	// SecretExisting means that the Secret is in the cluster already.
	SecretExisting SecretState = "existing"
)

// Report says what became of every key of the input.
type Report struct {
	// Sources are the kinds of input that were recognized.
	Sources []string `json:"sources"`
	// Keys of the input, in its order.
	Keys []Entry `json:"keys"`
	// Secrets that the configuration refers to.
	Secrets []SecretKey `json:"secrets"`
	// ToDo is what a person must do besides.
	ToDo []string `json:"toDo"`
	// Changes are what behaves differently, with the reason.
	Changes []string `json:"changes"`

	// own are the objects of the input that mattermost-fn emitted.
	own []ownObject
}

// Object identifies an object in a cluster.
type Object struct {
	Group, Kind, Namespace, Name string
}

// NewObject returns the identity of an object. The version in apiVersion is not part of it.
func NewObject(apiVersion, kind, namespace, name string) Object {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		group = ""
	}
	return Object{Group: group, Kind: kind, Namespace: namespace, Name: name}
}

// ownObject is an object of the input that mattermost-fn emitted.
type ownObject struct {
	Object
	// key is the index of its entry among the keys.
	key int
	// used is true for a Secret with values that moved to another one.
	used bool
}

// CompareOutput compares the objects of the input that mattermost-fn emitted with those that it emits for the
// configuration: what is not emitted again is not translated, since a tool that prunes would delete it.
func (r *Report) CompareOutput(emitted []Object) {
	for _, object := range r.own {
		entry := &r.Keys[object.key]
		switch {
		case slices.Contains(emitted, object.Object) || entry.Class == NotTranslated:
		case object.used:
			entry.Class, entry.Fields = Unnecessary, nil
			entry.Why = "other Secrets have its values: create them first, then delete it"
		default:
			entry.Class, entry.Fields = NotTranslated, nil
			entry.Why = "mattermost-fn emitted it, and does not for this configuration: set the fields that it followed from. " +
				"Otherwise a tool that prunes deletes it"
		}
	}
}

// NeedsPerson reports whether something is left to do.
func (r *Report) NeedsPerson() bool {
	return len(r.ToDo) > 0 || r.count(NotTranslated) > 0 ||
		slices.ContainsFunc(r.Secrets, func(s SecretKey) bool { return s.State == SecretMissing })
}

// AddCheck adds an error of mattermost-fn check about the configuration.
func (r *Report) AddCheck(field, message string) {
	text := "mattermost-fn check: " + strings.TrimPrefix(field+": "+message, ": ")
	if !slices.Contains(r.ToDo, text) {
		r.ToDo = append(r.ToDo, text)
	}
}

func (r *Report) count(class Class) int {
	count := 0
	for _, entry := range r.Keys {
		if entry.Class == class {
			count++
		}
	}
	return count
}

// Write writes the report as text: first what needs a person, then the rest.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Recognized: %s.\n%d keys: %d translated, %d unnecessary, %d not translated.\n",
		strings.Join(r.Sources, "; "), len(r.Keys), r.count(Translated), r.count(Unnecessary), r.count(NotTranslated))
	r.writeKeys(&b, NotTranslated, "Not translated: what to do instead")
	writeList(&b, "To do", r.ToDo)
	r.writeSecrets(&b)
	writeList(&b, "What changes", r.Changes)
	r.writeKeys(&b, Translated, "Translated")
	r.writeKeys(&b, Unnecessary, "Unnecessary")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeList(b *strings.Builder, heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", heading)
	for _, line := range lines {
		fmt.Fprintf(b, "  - %s\n", line)
	}
}

func (r *Report) writeKeys(b *strings.Builder, class Class, heading string) {
	if r.count(class) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", heading)
	reasons := map[string][]string{}
	var order []string
	for _, entry := range r.Keys {
		if entry.Class != class {
			continue
		}
		line := fmt.Sprintf("%s:%d %s", entry.File, entry.Line, printable(entry.Key))
		if class == Translated {
			fmt.Fprintf(b, "  %s -> %s\n", line, strings.Join(entry.Fields, ", "))
			continue
		}
		if reasons[entry.Why] == nil {
			order = append(order, entry.Why)
		}
		reasons[entry.Why] = append(reasons[entry.Why], line)
	}
	for _, why := range order {
		fmt.Fprintf(b, "  - %s:\n", printable(why))
		for _, line := range reasons[why] {
			fmt.Fprintf(b, "      %s\n", line)
		}
	}
}

func (r *Report) writeSecrets(b *strings.Builder) {
	if len(r.Secrets) == 0 {
		return
	}
	b.WriteString("\nSecrets:\n")
	for _, secret := range r.Secrets {
		fmt.Fprintf(b, "  %s/%s, key %q: ", secret.Namespace, secret.Name, secret.Key)
		switch secret.State {
		case SecretWritten:
			fmt.Fprintf(b, "written, from %s\n", secret.From)
		case SecretMissing:
			fmt.Fprintf(b, "create it with the value of %s, or use --secrets FILE\n", secret.From)
		default:
			b.WriteString("must exist\n")
		}
	}
}

// printable replaces control characters, which a terminal would interpret.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, text)
}
