// Package gotype has Go types that are none of this process: those of a gob stream, of source, of a
// program's debug information, of a manifest.
//
// One [Type] serves all of them, so that a type that was found is put in the place of one that was
// inferred without being copied, and so that there is one test of whether a stream's type can be
// decoded into another ([Compatible]).
package gotype

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// Type is a Go type. It implements [rules.Type]. Types refer to each other, also in circles: make
// the Type first and set its Spec when the others are there. Once it is in use it must not change.
type Type struct{ Spec Spec }

// Spec is what a Type is.
type Spec struct {
	Kind reflect.Kind
	// Name is without the package, with type arguments as reflect writes them; empty for unnamed and
	// basic types.
	Name    string
	PkgPath string // "main" for a program's own package; may be the bare name where no more is known
	// Opaque is "GobEncoder", "BinaryMarshaler" or "TextMarshaler" for a type of a stream that
	// encodes itself: the stream shows its payload and not its fields.
	Opaque string
	Elem   *Type // pointee, element, a map's value
	Key    *Type // of a map
	Len    int   // of an array
	Fields []rules.Field
}

var _ rules.Type = (*Type)(nil)

// Kind is the Go kind. In types inferred from a stream an integer of unknown width is reflect.Int or
// reflect.Uint, a float reflect.Float64, a complex reflect.Complex128, unless the stream tells more.
func (t *Type) Kind() reflect.Kind { return t.Spec.Kind }

// Name is the name of the type without its package, empty where there is none or none is known.
func (t *Type) Name() string { return t.Spec.Name }

// PkgPath is the import path where it is known, else the bare package name, else empty.
func (t *Type) PkgPath() string { return t.Spec.PkgPath }

// Opaque is how a type of a stream encodes itself (see Spec); empty for all others.
func (t *Type) Opaque() string { return t.Spec.Opaque }

// Elem is the pointee, the element of a slice or array, the value of a map; nil for other kinds.
func (t *Type) Elem() rules.Type { return orNil(t.Spec.Elem) }

// Key is a map's key; nil for other kinds.
func (t *Type) Key() rules.Type { return orNil(t.Spec.Key) }

// orNil keeps a nil *Type from becoming an interface that is not nil.
func orNil(t *Type) rules.Type {
	if t == nil {
		return nil
	}
	return t
}

// Len is the number of elements of an array.
func (t *Type) Len() int { return t.Spec.Len }

// NumField is the number of fields; of a stream's type, of those that were sent.
func (t *Type) NumField() int { return len(t.Spec.Fields) }

// Field is the i-th field in source order.
func (t *Type) Field(i int) rules.Field { return t.Spec.Fields[i] }

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
	case t.Name() != "":
		if t.PkgPath() != "" {
			b.WriteString(t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:] + ".")
		}
		b.WriteString(t.Name())
	case t.Opaque() != "":
		b.WriteString(t.Opaque())
	case depth == 0 || b.Len() > 200:
		b.WriteString("…")
	default:
		t.writeUnnamed(b, depth-1)
	}
}

// writeUnnamed writes a type literal.
func (t *Type) writeUnnamed(b *strings.Builder, depth int) {
	switch t.Kind() {
	case reflect.Pointer:
		b.WriteString("*")
		t.Spec.Elem.write(b, depth)
	case reflect.Slice:
		b.WriteString("[]")
		t.Spec.Elem.write(b, depth)
	case reflect.Array:
		b.WriteString("[" + strconv.Itoa(t.Len()) + "]")
		t.Spec.Elem.write(b, depth)
	case reflect.Map:
		b.WriteString("map[")
		t.Spec.Key.write(b, depth)
		b.WriteString("]")
		t.Spec.Elem.write(b, depth)
	case reflect.Chan:
		b.WriteString("chan ")
		t.Spec.Elem.write(b, depth)
	case reflect.Struct:
		t.writeStruct(b, depth)
	case reflect.Interface:
		b.WriteString("any")
	default:
		b.WriteString(t.Kind().String())
	}
}

// writeStruct writes a struct literal, cut where it gets long.
func (t *Type) writeStruct(b *strings.Builder, depth int) {
	b.WriteString("struct{")
	for i, f := range t.Spec.Fields {
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
