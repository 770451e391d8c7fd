package snapshot

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// Type is a Go type as far as a gob stream tells it. It implements [rules.Type]. Types of one
// census are canonical: equal pointers are the same type. Immutable once the census is built.
type Type struct {
	kind   reflect.Kind
	name   string
	pkg    string
	elem   *Type
	key    *Type
	length int
	fields []rules.Field
	opaque string
}

var _ rules.Type = (*Type)(nil)

// Kind is the Go kind. An integer of unknown width is reflect.Int or reflect.Uint, a float
// reflect.Float64, a complex reflect.Complex128, unless the stream tells more.
func (t *Type) Kind() reflect.Kind { return t.kind }

// Name is the name of the type without its package, escaped; empty for unnamed types and for
// named ones whose name the stream does not carry.
func (t *Type) Name() string { return t.name }

// PkgPath is the import path where the stream carries it, else the bare package name, else empty.
func (t *Type) PkgPath() string { return t.pkg }

// Opaque is "GobEncoder", "BinaryMarshaler" or "TextMarshaler" for a type that encodes itself,
// so that the stream shows its payload and not its fields; empty for all others.
func (t *Type) Opaque() string { return t.opaque }

// Elem is the pointee, the element of a slice or array, the value of a map; nil for other kinds.
func (t *Type) Elem() rules.Type { return orNil(t.elem) }

// Key is a map's key; nil for other kinds.
func (t *Type) Key() rules.Type { return orNil(t.key) }

// orNil keeps a nil *Type from becoming an interface that is not nil.
func orNil(t *Type) rules.Type {
	if t == nil {
		return nil
	}
	return t
}

// Len is the number of elements of an array.
func (t *Type) Len() int { return t.length }

// NumField is the number of fields that were sent: exported fields of types that gob knows.
func (t *Type) NumField() int { return len(t.fields) }

// Field is the i-th field that was sent, in source order.
func (t *Type) Field(i int) rules.Field { return t.fields[i] }

// String is the type as Go source for people: its name where it has one. Long and recursive
// types without a name are cut with an ellipsis.
func (t *Type) String() string {
	var b strings.Builder
	t.write(&b, 6)
	return b.String()
}

// write is String down to depth levels of unnamed types.
func (t *Type) write(b *strings.Builder, depth int) {
	switch {
	case t.name != "":
		if t.pkg != "" {
			b.WriteString(t.pkg[strings.LastIndexByte(t.pkg, '/')+1:] + ".")
		}
		b.WriteString(t.name)
	case t.opaque != "":
		b.WriteString(t.opaque)
	case depth == 0 || b.Len() > 200:
		b.WriteString("…")
	default:
		t.writeUnnamed(b, depth-1)
	}
}

// writeUnnamed writes a type literal.
func (t *Type) writeUnnamed(b *strings.Builder, depth int) {
	switch t.kind {
	case reflect.Pointer:
		b.WriteString("*")
		t.elem.write(b, depth)
	case reflect.Slice:
		b.WriteString("[]")
		t.elem.write(b, depth)
	case reflect.Array:
		b.WriteString("[" + strconv.Itoa(t.length) + "]")
		t.elem.write(b, depth)
	case reflect.Map:
		b.WriteString("map[")
		t.key.write(b, depth)
		b.WriteString("]")
		t.elem.write(b, depth)
	case reflect.Struct:
		t.writeStruct(b, depth)
	case reflect.Interface:
		b.WriteString("any")
	default:
		b.WriteString(t.kind.String())
	}
}

// writeStruct writes a struct literal, cut where it gets long.
func (t *Type) writeStruct(b *strings.Builder, depth int) {
	b.WriteString("struct{")
	for i, f := range t.fields {
		if i > 0 {
			b.WriteString("; ")
		}
		if b.Len() > 80 {
			b.WriteString("…")
			break
		}
		b.WriteString(f.Name + " ")
		f.Type.(*Type).write(b, depth)
	}
	b.WriteString("}")
}
