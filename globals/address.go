package globals

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// This file turns what the debug information says into pointers and types of the running program.
//
// Invariant: all variables lie at their addresses plus one distance (0, but in a position-independent
// executable), and all types at one distance from where the runtime's types begin. Both distances are
// taken from anchors, and checked with witnesses of other packages and types: where one of these does not lie
// where the debug information says, none is believed.

// anchor and the witnesses are found in the debug information like any other variable.
type anchorType struct{ next *anchorType }

var (
	anchor   *anchorType
	witness1 map[string]*anchorType
	witness2 []error
)

const here = "github.com/bitcoin-mem/memsize/globals."

var witnesses = []struct {
	name string
	at   unsafe.Pointer
	typ  reflect.Type
}{
	{here + "anchor", unsafe.Pointer(&anchor), reflect.TypeFor[*anchorType]()},
	{here + "witness1", unsafe.Pointer(&witness1), reflect.TypeFor[map[string]*anchorType]()},
	{here + "witness2", unsafe.Pointer(&witness2), reflect.TypeFor[[]error]()},
	{here + "ErrNoDebugInfo", unsafe.Pointer(&ErrNoDebugInfo), reflect.TypeFor[error]()},
}

// globals are the variables with pointers whose types the running program knows.
func (t *table) globals() (list []global, err error) {
	at := map[string]variable{}
	for _, v := range t.variables {
		at[v.name] = v
	}
	first, ok := at[witnesses[0].name]
	start, known := t.types[first.typ]
	if !ok || !known {
		return nil, fmt.Errorf("globals: %w: the debug information has no %s", errors.ErrUnsupported,
			witnesses[0].name)
	}
	slide := uint64(uintptr(witnesses[0].at)) - first.address
	types := uintptr(addressOf(witnesses[0].typ)) - uintptr(start)
	m := &maker{table: t, data: t.data, from: types, made: map[dwarf.Offset]reflect.Type{}}
	for _, w := range witnesses {
		v := at[w.name]
		if uintptr(v.address+slide) != uintptr(w.at) || m.at(v.typ) != w.typ {
			return nil, fmt.Errorf("globals: %w: %s does not lie where the debug information says",
				errors.ErrUnsupported, w.name)
		}
	}
	for _, v := range t.variables {
		if isBook(v.name) {
			continue
		}
		if typ := m.at(v.typ); typ != nil && hasPointers(typ) {
			p := pointerTo(uintptr(v.address + slide))
			list = append(list, global{v.name, reflect.NewAt(typ, p)})
		}
	}
	return withStatics(list), nil
}

// interfaceWords is an interface value: the address of a type, and data.
type interfaceWords struct{ typ, data unsafe.Pointer }

func addressOf(t reflect.Type) unsafe.Pointer { return (*interfaceWords)(unsafe.Pointer(&t)).data }

func typeFrom(address unsafe.Pointer) reflect.Type {
	var v any
	(*interfaceWords)(unsafe.Pointer(&v)).typ = address
	return reflect.TypeOf(v)
}

// pointerTo is a pointer to an address of the program's image, which the collector has no say in.
func pointerTo(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// hasPointers tells whether values of a type can lead anywhere.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() == reflect.UnsafePointer || t.Kind() == reflect.String ||
		t.Kind() >= reflect.Chan && t.Kind() <= reflect.Slice
}
