package swiss

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/check"
	"github.com/bitcoin-mem/memsize/internal/gort"
)

// Type is how maps of one type lie in memory. It is immutable and may be used concurrently.
type Type struct {
	typ reflect.Type

	group                     uintptr // bytes
	keys, keyStride           uintptr // offset of the first key of a group, and from key to key
	elems, elemStride         uintptr
	indirectKey, indirectElem bool
	groupPointers             bool
	keyPointers, elemPointers bool
	made                      bool
}

// Layout returns how maps of type t lie in memory; false if that is not known for certain. It
// panics if t is not a map type.
func Layout(t reflect.Type) (*Type, bool) {
	if t.Kind() != reflect.Map {
		panic(fmt.Sprintf("swiss.Layout: %v is not a map type: ask for types of kind map only", t))
	}
	if !Exact() {
		return nil, false
	}
	return layoutOf(t)
}

// layouts has a *Type for a reflect.Type; nil where it is not known.
var layouts sync.Map

func layoutOf(t reflect.Type) (*Type, bool) {
	known, ok := layouts.Load(t)
	if !ok {
		known, _ = layouts.LoadOrStore(t, newType(t))
	}
	l := known.(*Type)
	return l, l != nil
}

// newType reads a map type, or returns nil.
func newType(t reflect.Type) (l *Type) {
	ok := check.Guarded(func() bool {
		group, ok := groupOf(t)
		if !ok {
			return false
		}
		l = &Type{typ: t, group: group.Size(), groupPointers: block.HasPointers(group),
			keyPointers: block.HasPointers(t.Key()), elemPointers: block.HasPointers(t.Elem())}
		_, l.made = block.Of(typeAddress(t))
		return (l.interleaved(group) || l.split(group)) && l.agrees()
	})
	if !ok {
		return nil
	}
	return l
}

// Made tells whether reflect made the map type at run time. For the garbage collector the type word
// of an interface in such a map is a pointer (reflect.addTypeBits), which it is nowhere else: it
// keeps alive types that reflect made as well.
func (l *Type) Made() bool { return l.made }

const slots = gort.GroupSlots // in a group

// interleaved takes groups of struct{ctrl uint64; slots [8]struct{key K; elem E}}.
func (l *Type) interleaved(group reflect.Type) bool {
	if !isGroup(group, 2) {
		return false
	}
	array := group.Field(1)
	slot := array.Type.Elem()
	if slot.Kind() != reflect.Struct || slot.NumField() != 2 {
		return false
	}
	l.keys, l.keyStride = array.Offset+slot.Field(0).Offset, slot.Size()
	l.elems, l.elemStride = array.Offset+slot.Field(1).Offset, slot.Size()
	return l.holds(slot.Field(0).Type, slot.Field(1).Type)
}

// split takes groups of struct{ctrl uint64; keys [8]K; elems [8]E}.
func (l *Type) split(group reflect.Type) bool {
	if !isGroup(group, 3) {
		return false
	}
	keys, elems := group.Field(1), group.Field(2)
	l.keys, l.keyStride = keys.Offset, keys.Type.Elem().Size()
	l.elems, l.elemStride = elems.Offset, elems.Type.Elem().Size()
	return l.holds(keys.Type.Elem(), elems.Type.Elem())
}

// isGroup tells whether t is a struct of a control word and arrays with a slot's parts.
func isGroup(t reflect.Type, fields int) bool {
	if t.Kind() != reflect.Struct || t.NumField() != fields {
		return false
	}
	if c := t.Field(0); c.Type.Kind() != reflect.Uint64 || c.Offset != 0 {
		return false
	}
	for i := 1; i < fields; i++ {
		if a := t.Field(i).Type; a.Kind() != reflect.Array || a.Len() != slots {
			return false
		}
	}
	return true
}

// holds tells whether slots have keys and elements, or pointers to them.
func (l *Type) holds(key, elem reflect.Type) bool {
	l.indirectKey, l.indirectElem = key != l.typ.Key(), elem != l.typ.Elem()
	return (!l.indirectKey || pointsTo(key, l.typ.Key())) &&
		(!l.indirectElem || pointsTo(elem, l.typ.Elem()))
}

func pointsTo(p, t reflect.Type) bool { return p.Kind() == reflect.Pointer && p.Elem() == t }

// agrees holds the layout against the numbers that the compiler gave the runtime: the size of a
// group, and then, by Go release, {slot size, element's offset in it} or {offset of keys, their
// stride, offset of elements, their stride}. See internal/abi.MapType.
func (l *Type) agrees() bool {
	first, second := numberOf(l.typ, 1), numberOf(l.typ, 2)
	return numberOf(l.typ, 0) == l.group &&
		(first == l.keyStride && second == l.elems-l.keys ||
			first == l.keys && second == l.keyStride &&
				numberOf(l.typ, 3) == l.elems && numberOf(l.typ, 4) == l.elemStride)
}
