package scan

// identity is what is learned of the object that is being read.
type identity struct {
	// object is nil between objects.
	object *Object
	// objectBegin is where the object begins.
	objectBegin int
	// depth is the number of levels at which the object's own fields stand.
	depth int
	// hasFields says that the object has any field.
	hasFields bool
	// seen are those of the fields below that the object has had.
	seen seen
	// own is the object's field, and inner the field of its metadata, that the current line belongs to; metadata, labels,
	// annotations or 0.
	own, inner seen
}

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

// endObject ends the object before the place, if there is one.
func (r *reader) endObject(end int) {
	if r.object == nil {
		return
	}
	if !r.hasFields {
		r.fail("nothing where an object belongs")
	}
	r.object.Text = r.text[r.objectBegin:end:end]
	r.object = nil
}

// isObject says whether the level that was opened last is the object itself.
func (r *reader) isObject() bool { return r.object != nil && len(r.levels) == r.depth }

// onItem handles an item on the line of its dash: braces are an object, anything else is not.
func (r *reader) onItem(_ []byte, form form) {
	if form != braces && form != emptyBraces {
		r.fail("something else where an object belongs")
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
		pair := Pair{Key: r.intern(key)}
		switch form {
		case literal:
			pair.Value = string(value)
		case null, nothing:
		default:
			pair.Ambiguous = true
		}
		pairs := &r.object.Annotations
		if r.inner == labels {
			pairs = &r.object.Labels
		}
		if *pairs == nil {
			*pairs = make([]Pair, 0, 8) // kpt alone writes five annotations
		}
		*pairs = append(*pairs, pair)
	}
}

// onListField handles a field of the ResourceList.
func (r *reader) onListField(value []byte, form form) {
	field := &r.list.Fields[len(r.list.Fields)-1]
	switch field.Name {
	case items:
		if form != nothing && form != emptyBrackets {
			r.fail("items that are no list in block style")
		}
	case functionConfig:
		if form != nothing {
			r.fail("a functionConfig that is no object in block style")
		}
	default:
		if form == literal {
			field.Value = string(value)
		}
	}
}

// markSeen records a field, and that an object with a duplicate field is ambiguous.
func (r *reader) markSeen(field seen) {
	if r.seen&field != 0 {
		r.object.Ambiguous = true
	}
	r.seen |= field
}

// scalar returns the value of a field that should be a single word.
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

// mapping says that the lines that follow belong to a field that should be a mapping.
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

// intern returns a string that many objects may contain, kept once.
func (r *reader) intern(text []byte) string {
	known, ok := r.interned[string(text)]
	if !ok {
		known = string(text)
		r.interned[known] = known
	}
	return known
}
