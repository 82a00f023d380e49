// SPDX-License-Identifier: Apache-2.0

package scan

import "slices"

// identity collects type, name, labels and annotations of the current object.
type identity struct {
	// object is nil between objects.
	object *Object
	// objectBegin is the offset at which the object begins.
	objectBegin int
	// depth is the number of open levels at the object's own fields.
	depth int
	// hasFields is true if the object has at least one field.
	hasFields bool
	// seen is the set of the object's fields so far, of those that are constants below.
	seen seen
	// own is the object's field, and inner the field of its metadata, that the current line belongs to: metadata, labels,
	// annotations or 0.
	own, inner seen
	// ignoring is true inside a field of the object that does not identify it. Then previous is the line before, without
	// its indentation, which is previousColumn.
	ignoring       bool
	previous       []byte
	previousColumn int
	// labelPairs and annotationPairs are the ranges of the object's labels and annotations in reader.pairs.
	labelPairs, annotationPairs pairRange
}

// pairRange is a range of reader.pairs.
type pairRange struct{ begin, end int }

type seen uint8

const (
	apiVersion seen = 1 << iota
	kind
	metadata
	name
	namespace
	labels
	annotations
)

func (r *reader) beginObject(object *Object, begin, depth int) {
	r.identity = identity{object: object, objectBegin: begin, depth: depth}
}

// endObject ends the current object, if any, at an offset.
func (r *reader) endObject(end int) {
	if r.object == nil {
		return
	}
	if !r.hasFields && !r.object.Unusual {
		r.failList("empty value instead of an object")
	}
	r.object.Text = r.text[r.objectBegin:end:end]
	r.object.Labels, r.object.Annotations = r.slice(r.labelPairs), r.slice(r.annotationPairs)
	r.object, r.ignoring = nil, false
}

// isObject reports whether the innermost open level is the object itself.
func (r *reader) isObject() bool { return r.object != nil && len(r.levels) == r.depth }

// onItem handles an item on the line of its dash. Only a flow mapping is an object.
func (r *reader) onItem(_ []byte, form form) {
	if r.object.Unusual {
		return
	}
	if form != braces && form != emptyBraces {
		r.failList("scalar or list instead of an object")
	}
	r.hasFields, r.object.Ambiguous = true, true
}

// onField handles a field.
func (r *reader) onField(key, value []byte, form form) {
	switch depth := len(r.levels); {
	case depth == 1:
		r.onListField(value, form)
	case r.object == nil:
	case depth == r.depth:
		r.hasFields = true
		r.own, r.inner = 0, 0
		switch string(key) {
		case "apiVersion":
			r.markSeen(apiVersion)
			r.object.APIVersion = r.scalar(value, form)
		case "kind":
			r.markSeen(kind)
			r.object.Kind = r.scalar(value, form)
		case "metadata":
			r.markSeen(metadata)
			r.own = r.mapping(metadata, form)
		}
	case depth == r.depth+1 && r.own == metadata:
		r.inner = 0
		switch string(key) {
		case "name":
			r.markSeen(name)
			r.object.Name = r.scalar(value, form)
		case "namespace":
			r.markSeen(namespace)
			r.object.Namespace = r.scalar(value, form)
		case "labels":
			r.markSeen(labels)
			r.inner = r.mapping(labels, form)
		case "annotations":
			r.markSeen(annotations)
			r.inner = r.mapping(annotations, form)
		}
	case depth == r.depth+2 && r.inner != 0:
		pair := Pair{Key: key}
		switch form {
		case literal:
			pair.Value = value
		case null, nothing:
		default:
			pair.Ambiguous = true
		}
		pairs := &r.annotationPairs
		if r.inner == labels {
			pairs = &r.labelPairs
		}
		if pairs.begin == pairs.end {
			*pairs = pairRange{len(r.pairs), len(r.pairs)}
		}
		if n := len(r.pairs); n == cap(r.pairs) {
			r.pairs = slices.Grow(r.pairs, n+64)
		}
		r.pairs = append(r.pairs, pair)
		pairs.end++
	}
}

// slice returns the labels or annotations in a range.
func (r *reader) slice(pairs pairRange) []Pair {
	if pairs.begin == pairs.end {
		return nil
	}
	return r.pairs[pairs.begin:pairs.end:pairs.end]
}

// onListField handles a field of the ResourceList.
func (r *reader) onListField(value []byte, form form) {
	field := &r.list.Fields[len(r.list.Fields)-1]
	switch field.Name {
	case items:
		if form != nothing && form != emptyBrackets {
			r.failList("items that are not a list in block style")
		}
	case functionConfig:
		if form != nothing {
			r.failList("functionConfig that is not an object in block style")
		}
	default:
		if form == literal {
			field.Value = string(value)
		}
	}
}

// markSeen records a field of the object. A duplicate field makes the object ambiguous.
func (r *reader) markSeen(field seen) {
	if r.seen&field != 0 {
		r.object.Ambiguous = true
	}
	r.seen |= field
}

// scalar returns the value of a field that should be a plain or simply quoted scalar. Any other value makes the object
// ambiguous.
func (r *reader) scalar(value []byte, form form) string {
	switch form {
	case literal:
		return r.intern(value)
	case null, nothing:
	default:
		r.object.Ambiguous = true
	}
	return ""
}

// mapping handles a field that should be a mapping. It returns the field if its contents follow in deeper lines.
func (r *reader) mapping(field seen, form form) seen {
	switch form {
	case nothing:
		return field
	case null, emptyBraces:
	default:
		r.object.Ambiguous = true
	}
	return 0
}

// intern returns the text as a string, and the same string for equal texts.
func (r *reader) intern(text []byte) string {
	known, ok := r.interned[string(text)]
	if !ok {
		known = string(text)
		r.interned[known] = known
	}
	return known
}
