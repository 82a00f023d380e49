package scan

// identity is what is learned of the object that is being read.
type identity struct {
	// object is nil between objects.
	object *Object
	// objectBegin is where the object begins.
	objectBegin int
	// depth is the number of levels at which the object's own fields stand.
	depth int
	// filled says that the object has any field.
	filled bool
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
	if !r.filled {
		r.refuse("nothing where an object belongs")
	}
	r.object.Text = r.text[r.objectBegin:end:end]
	r.object = nil
}

// isObject says whether the level that was opened last is the object itself.
func (r *reader) isObject() bool { return r.object != nil && len(r.levels) == r.depth }

// learnItem takes notice of an item that is written behind its dash: braces are an object, anything else is none.
func (r *reader) learnItem(_ []byte, form form) {
	if form != braces && form != emptyBraces {
		r.refuse("something else where an object belongs")
	}
	r.filled, r.object.Unclear = true, true
}

// learn takes notice of a field.
func (r *reader) learn(key, value []byte, form form) {
	switch depth := len(r.levels); {
	case depth == 1:
		r.learnField(value, form)
	case r.object == nil:
	case depth == r.depth:
		r.filled = true
		r.own, r.inner = 0, 0
		switch string(key) {
		case "apiVersion":
			r.once(apiVersion)
			r.object.APIVersion = r.word(value, form)
		case "kind":
			r.once(kind)
			r.object.Kind = r.word(value, form)
		case "metadata":
			r.once(metadata)
			r.own = r.mapping(metadata, form)
		}
	case depth == r.depth+1 && r.own == metadata:
		r.inner = 0
		switch string(key) {
		case "name":
			r.once(name)
			r.object.Name = r.word(value, form)
		case "namespace":
			r.once(namespace)
			r.object.Namespace = r.word(value, form)
		case "labels":
			r.once(labels)
			r.inner = r.mapping(labels, form)
		case "annotations":
			r.once(annotations)
			r.inner = r.mapping(annotations, form)
		}
	case depth == r.depth+2 && r.inner != 0:
		pair := Pair{Key: r.keep(key)}
		switch form {
		case word:
			pair.Value = string(value)
		case null, nothing:
		default:
			pair.Unclear = true
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

// learnField takes notice of a field of the ResourceList.
func (r *reader) learnField(value []byte, form form) {
	field := &r.list.Fields[len(r.list.Fields)-1]
	switch field.Name {
	case items:
		if form != nothing && form != emptyBrackets {
			r.refuse("items that are no list in block style")
		}
	case functionConfig:
		if form != nothing {
			r.refuse("a functionConfig that is no object in block style")
		}
	default:
		if form == word {
			field.Value = string(value)
		}
	}
}

// once makes an object unclear that has a field twice.
func (r *reader) once(field seen) {
	if r.seen&field != 0 {
		r.object.Unclear = true
	}
	r.seen |= field
}

// word is the text of a field that should be one word.
func (r *reader) word(value []byte, form form) string {
	switch form {
	case word:
		return r.keep(value)
	case null, nothing:
	default:
		r.object.Unclear = true
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
		r.object.Unclear = true
	}
	return 0
}

// keep keeps a word that may stand in many objects once.
func (r *reader) keep(word []byte) string {
	kept, ok := r.words[string(word)]
	if !ok {
		kept = string(word)
		r.words[kept] = kept
	}
	return kept
}
