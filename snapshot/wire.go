package snapshot

import (
	"hash/fnv"
	"math"
	"strconv"
)

// wireKind is the kind of a type as gob knows it.
type wireKind uint8

const (
	wireBool wireKind = iota + 1
	wireInt
	wireUint
	wireFloat
	wireBytes
	wireString
	wireComplex
	wireInterface
	wireArray
	wireSlice
	wireStruct
	wireMap
	wireOpaque // a GobEncoder, BinaryMarshaler or TextMarshaler
)

const (
	firstUserID = 64   // below are the builtin types and those that describe types
	maxName     = 4096 // bytes of a type's or field's name that are kept
	maxTypeName = 1024 // encoding/gob's own limit for the name of an interface's type
)

// wireType is a type as the stream defines it. Once linked it has its place in a graph of
// canonical types: the same type sent by two encoders is one wireType.
type wireType struct {
	kind   wireKind
	name   string
	length int64       // of an array
	fields []wireField // of a struct; else one for the element (and a second for a map's key)
	opaque string      // which method made the payload
	// boxed is, of a type without a name, the Go type that is known of it when it is linked: from the
	// interface that held a value of it first, or from what leads to it. Nothing else tells a []uint64 of
	// one stream from a []uint16 of another.
	boxed string
	canon *wireType // itself, or the equal type that was there before; nil until linked
}

// wireField refers to another type: a field, an element, a key. The type may be defined later in
// the stream than the reference.
type wireField struct {
	name string
	id   int64
	typ  *wireType // resolved, when linked
}

// The fields of slices, arrays and maps.
const (
	elemField = 0
	keyField  = 1
)

// isComposite tells whether a type is defined by the stream and can so contain itself.
func (w *wireType) isComposite() bool { return w.kind >= wireArray }

// isInline tells whether a value of the type contains its parts without a container between.
func (w *wireType) isInline() bool { return w.kind == wireStruct || w.kind == wireArray }

// isNumber tells whether a value is a single number on the wire.
func (w *wireType) isNumber() bool { return w.kind <= wireFloat }

// isText tells whether a value is a length and so many bytes.
func (w *wireType) isText() bool { return w.kind == wireBytes || w.kind == wireString }

// builtins are the types that every stream knows, by id, which is their kind. They never change.
var builtins = func() (types [wireInterface + 1]*wireType) {
	for kind := wireBool; kind <= wireInterface; kind++ {
		types[kind] = &wireType{kind: kind}
		types[kind].canon = types[kind]
	}
	return types
}()

// definition reads the definition of type id, which stands at the read position: a struct of
// which exactly one field is set, the variant.
func (s *scanner) definition(id int64) *wireType {
	switch {
	case id < firstUserID || id > math.MaxInt32:
		s.malformed("definition of type id %d, which no encoder gives", id)
	case s.stream.types.get(id) != nil:
		s.malformed("type id %d is defined twice", id)
	}
	t := &wireType{}
	s.defining = id
	s.bootstrap("the definition of a type", func(variant int) {
		if t.kind != 0 {
			s.malformed("type %d is defined as two things", id)
		}
		s.variant(t, variant)
	})
	if t.kind == 0 {
		s.malformed("the definition of type %d is empty", id)
	}
	s.stream.types.set(id, t)
	return t
}

// bootstrap reads one of the structs that describe types: it calls read for each field present.
func (s *scanner) bootstrap(what string, read func(field int)) {
	for field := -1; ; {
		delta := s.uint()
		if delta == 0 {
			return
		}
		if delta > 8 || field+int(delta) > 7 {
			s.malformed("field %d of %s, which has no such field", delta, what)
		}
		field += int(delta)
		read(field)
	}
}

// variant reads one variant of a wireType struct.
func (s *scanner) variant(t *wireType, variant int) {
	switch variant {
	case 0:
		t.kind, t.fields = wireArray, make([]wireField, 1)
	case 1:
		t.kind, t.fields = wireSlice, make([]wireField, 1)
	case 2:
		t.kind = wireStruct
	case 3:
		t.kind, t.fields = wireMap, make([]wireField, 2)
	case 4, 5, 6:
		t.kind = wireOpaque
		t.opaque = [...]string{"GobEncoder", "BinaryMarshaler", "TextMarshaler"}[variant-4]
	default:
		s.malformed("a type of kind %d, which gob does not have", variant)
	}
	s.chargeStream(256)
	s.bootstrap("a type", func(field int) { s.variantField(t, field) })
}

// variantField reads one field of a variant: field 0 is common to all.
func (s *scanner) variantField(t *wireType, field int) {
	switch {
	case field == 0:
		s.common(t)
	case field == 1 && (t.kind == wireArray || t.kind == wireSlice):
		t.fields[elemField].id = s.reference()
	case field == 2 && t.kind == wireArray:
		if t.length = s.int(); t.length < 0 || t.length > math.MaxInt {
			s.malformed("an array of %d elements", t.length)
		}
	case field == 1 && t.kind == wireStruct:
		s.structFields(t)
	case field == 1 && t.kind == wireMap:
		t.fields[keyField].id = s.reference()
	case field == 2 && t.kind == wireMap:
		t.fields[elemField].id = s.reference()
	default:
		s.malformed("field %d in the definition of a type of kind %d", field, t.kind)
	}
}

// common reads the name; the id beside it repeats what is known, and decoders ignore it.
func (s *scanner) common(t *wireType) {
	s.bootstrap("the name of a type", func(field int) {
		switch field {
		case 0:
			t.name = s.name()
		case 1:
			s.int()
		default:
			s.malformed("field %d beside the name of a type", field)
		}
	})
}

// structFields reads the list of fields.
func (s *scanner) structFields(t *wireType) {
	n := s.uint()
	if n > uint64(max(s.remaining(), 0))/4 { // a field takes at least four bytes
		s.malformed("a struct of %d fields in %d bytes", n, s.remaining())
	}
	for range n {
		var f wireField
		s.bootstrap("a struct field", func(field int) {
			switch field {
			case 0:
				f.name = s.name()
			case 1:
				f.id = s.reference()
			default:
				s.malformed("field %d in the definition of a struct field", field)
			}
		})
		if f.name == "" {
			s.malformed("a struct field without a name")
		}
		s.chargeStream(fieldCost)
		t.fields = append(t.fields, f)
	}
}

// reference reads the id of a type that need not be defined yet.
func (s *scanner) reference() int64 {
	id := s.int()
	if id <= 0 || id > math.MaxInt32 || id > int64(wireInterface) && id < firstUserID {
		s.malformed("type id %d, which no encoder gives", id)
	}
	return id
}

// name reads the name of a type or field. Of a long one the start is kept, and a hash that
// keeps it distinct from others.
func (s *scanner) name() string {
	n := s.uint()
	if s.defining == ManifestID && s.nesting == 0 && n <= maxManifest {
		return s.manifestName(n)
	}
	s.chargeStream(int64(min(n, maxName)))
	if n <= maxName {
		return string(s.text(n, maxName))
	}
	start := s.text(maxName, maxName)
	hash := fnv.New64a()
	for left := n - maxName; left > 0; {
		piece := s.text(min(left, maxName), maxName)
		hash.Write(piece)
		left -= uint64(len(piece))
	}
	return string(start) + "…" + strconv.FormatUint(hash.Sum64(), 36)
}
