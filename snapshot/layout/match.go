package layout

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// Fits tells whether a stream's type can be decoded into t and t has every field that is sent:
// stricter than encoding/gob, which drops what has no field, for it is used to find types.
func Fits(wire *snapshot.Type, t rules.Type) bool {
	f := fitting{seen: make(map[pair]bool)}
	f.push(wire, t)
	for len(f.work) > 0 {
		p := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		if !f.fits(p) || len(f.seen) > maxPairs {
			return false
		}
	}
	return true
}

// maxPairs bounds the types that one comparison looks at.
const maxPairs = 1 << 14

type pair struct{ wire, t rules.Type }

// fitting compares two type graphs with a stack of its own: they may come from a hostile stream.
type fitting struct {
	seen map[pair]bool
	work []pair
}

func (f *fitting) push(wire, t rules.Type) {
	p := pair{strip(wire), strip(t)}
	if !f.seen[p] {
		f.seen[p] = true
		f.work = append(f.work, p)
	}
}

// strip is t without its pointers.
func strip(t rules.Type) rules.Type {
	for depth := 0; t.Kind() == reflect.Pointer && depth < 8; depth++ {
		t = t.Elem()
	}
	return t
}

// fits compares two types, and leaves what is below them to do.
func (f *fitting) fits(p pair) bool {
	wire, t := p.wire, p.t
	if w, ok := wire.(*snapshot.Type); ok && w.Opaque() != "" {
		return t.Name() != "" && (w.Name() == "" || w.Name() == t.Name())
	}
	if !snapshot.SameKind(wire.Kind(), t.Kind()) {
		return false
	}
	switch wire.Kind() {
	case reflect.Array:
		f.push(wire.Elem(), t.Elem())
		return wire.Len() == t.Len()
	case reflect.Slice:
		f.push(wire.Elem(), t.Elem())
	case reflect.Map:
		f.push(wire.Key(), t.Key())
		f.push(wire.Elem(), t.Elem())
	case reflect.Struct:
		return f.fields(wire, t)
	}
	return true
}

// fields pairs the fields of two structs by name.
func (f *fitting) fields(wire, t rules.Type) bool {
	byName := make(map[string]rules.Type, t.NumField())
	for i := range t.NumField() {
		byName[t.Field(i).Name] = t.Field(i).Type
	}
	for i := range wire.NumField() {
		field := byName[wire.Field(i).Name]
		if field == nil {
			return false
		}
		f.push(wire.Field(i).Type, field)
	}
	return true
}
