package main

import (
	"reflect"
	"unsafe"

	"github.com/modern-go/reflect2"
)

// Two walkers as one writes them in an hour: recursive, with a map of the addresses that were seen.
// Both add up the bytes that the types describe, as the walks by hand do.

// seen are addresses that were met. One of a struct and one of its first field are the same to it,
// which is wrong, and faster than what would be right.
type seen map[unsafe.Pointer]struct{}

func (s seen) add(p unsafe.Pointer) bool {
	if _, ok := s[p]; ok || p == nil {
		return false
	}
	s[p] = struct{}{}
	return true
}

// byReflect is the walk with package reflect.
func byReflect(g graph) uint64 {
	w := reflectWalk{seen: seen{}}
	w.walk(reflect.ValueOf(g.value))
	return w.bytes
}

type reflectWalk struct {
	seen  seen
	bytes uint64
}

func (w *reflectWalk) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if w.seen.add(v.UnsafePointer()) {
			w.bytes += uint64(v.Type().Elem().Size())
			w.walk(v.Elem())
		}
	case reflect.String:
		if s := v.String(); len(s) > 0 && w.seen.add(unsafe.Pointer(unsafe.StringData(s))) {
			w.bytes += uint64(len(s))
		}
	case reflect.Slice:
		w.slice(v)
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	case reflect.Array:
		w.elements(v)
	case reflect.Map:
		w.entries(v)
	case reflect.Interface:
		if !v.IsNil() {
			v = v.Elem()
			w.bytes += boxBytes(v.Type())
			w.walk(v)
		}
	}
}

func (w *reflectWalk) slice(v reflect.Value) {
	if v.Cap() > 0 && w.seen.add(v.UnsafePointer()) {
		w.bytes += uint64(v.Cap()) * uint64(v.Type().Elem().Size())
		w.elements(v)
	}
}

func (w *reflectWalk) elements(v reflect.Value) {
	if isScalar(v.Type().Elem().Kind()) {
		return
	}
	for i := range v.Len() {
		w.walk(v.Index(i))
	}
}

func (w *reflectWalk) entries(v reflect.Value) {
	if !w.seen.add(v.UnsafePointer()) {
		return
	}
	t := v.Type()
	w.bytes += mapBytes(v.Len(), t.Key().Size(), t.Elem().Size())
	for entry := v.MapRange(); entry.Next(); {
		w.walk(entry.Key())
		w.walk(entry.Value())
	}
}

func mapBytes(n int, key, elem uintptr) uint64 {
	return mapHeader + uint64(n)*uint64(key+elem+mapControl)
}

// boxBytes is what an interface allocates for a value of a type: nothing for what is a pointer.
func boxBytes(t reflect.Type) uint64 {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return 0
	}
	return uint64(t.Size())
}

func isScalar(k reflect.Kind) bool { return k <= reflect.Complex128 }

// reflect2Walk is the walk with reflect2, compiled once for each type as json-iterator does.
type reflect2Walk struct {
	seen   seen
	bytes  uint64
	visits map[uintptr]visit
}

// visit walks the value at an address.
type visit func(p unsafe.Pointer)

func (w *reflect2Walk) of(v any) uint64 {
	w.seen, w.bytes = seen{}, 0
	w.value(reflect2.TypeOf(v), reflect2.PtrOf(v))
	w.seen = nil // or the collector would have to mark it
	return w.bytes
}

// value walks what an interface holds.
func (w *reflect2Walk) value(t reflect2.Type, p unsafe.Pointer) {
	at := p
	if t.LikePtr() { // the interface holds the pointer itself, not where it lies
		at = unsafe.Pointer(&p)
	}
	w.visit(t)(at)
}

// visit is a type's, compiled when first needed.
func (w *reflect2Walk) visit(t reflect2.Type) visit {
	s, ok := w.visits[t.RType()]
	if !ok {
		s = w.compile(t)
		w.visits[t.RType()] = s
	}
	return s
}

// later is a type's visit, looked up when first used: types lead back to themselves.
func (w *reflect2Walk) later(t reflect2.Type) visit {
	var s visit
	return func(p unsafe.Pointer) {
		if s == nil {
			s = w.visit(t)
		}
		s(p)
	}
}

func (w *reflect2Walk) compile(t reflect2.Type) visit {
	switch t.Kind() {
	case reflect.Pointer:
		return w.pointer(t.(reflect2.PtrType))
	case reflect.Slice:
		return w.slice(t.(reflect2.SliceType))
	case reflect.Struct:
		return w.fields(t.(reflect2.StructType))
	case reflect.Array:
		a := t.(reflect2.ArrayType)
		return w.elements(a.Elem(), func(unsafe.Pointer) int { return a.Len() }, a.UnsafeGetIndex)
	case reflect.Map:
		return w.entries(t.(reflect2.MapType))
	case reflect.String:
		return w.text
	case reflect.Interface:
		return w.boxed(t)
	}
	return func(unsafe.Pointer) {}
}

func (w *reflect2Walk) pointer(t reflect2.PtrType) visit {
	size, elem := uint64(t.Elem().Type1().Size()), w.later(t.Elem())
	return func(p unsafe.Pointer) {
		if q := *(*unsafe.Pointer)(p); w.seen.add(q) {
			w.bytes += size
			elem(q)
		}
	}
}

func (w *reflect2Walk) text(p unsafe.Pointer) {
	if s := *(*string)(p); len(s) > 0 && w.seen.add(unsafe.Pointer(unsafe.StringData(s))) {
		w.bytes += uint64(len(s))
	}
}

func (w *reflect2Walk) boxed(t reflect2.Type) visit {
	return func(p unsafe.Pointer) {
		if v := t.UnsafeIndirect(p); v != nil {
			dynamic := reflect2.TypeOf(v)
			w.bytes += boxBytes(dynamic.Type1())
			w.value(dynamic, reflect2.PtrOf(v))
		}
	}
}

func (w *reflect2Walk) slice(t reflect2.SliceType) visit {
	size := uint64(t.Elem().Type1().Size())
	elements := w.elements(t.Elem(), t.UnsafeLengthOf, t.UnsafeGetIndex)
	return func(p unsafe.Pointer) {
		if n := t.UnsafeCap(p); n > 0 && w.seen.add(*(*unsafe.Pointer)(p)) {
			w.bytes += uint64(n) * size
			elements(p)
		}
	}
}

func (w *reflect2Walk) elements(t reflect2.Type, length func(unsafe.Pointer) int,
	index func(unsafe.Pointer, int) unsafe.Pointer) visit {
	if isScalar(t.Kind()) {
		return func(unsafe.Pointer) {}
	}
	elem := w.later(t)
	return func(p unsafe.Pointer) {
		for i := range length(p) {
			elem(index(p, i))
		}
	}
}

func (w *reflect2Walk) fields(t reflect2.StructType) visit {
	type field struct {
		offset uintptr
		visit  visit
	}
	var fields []field
	for i := range t.NumField() {
		if f := t.Field(i); !isScalar(f.Type().Kind()) {
			fields = append(fields, field{f.Offset(), w.later(f.Type())})
		}
	}
	return func(p unsafe.Pointer) {
		for _, f := range fields {
			f.visit(unsafe.Add(p, f.offset))
		}
	}
}

func (w *reflect2Walk) entries(t reflect2.MapType) visit {
	key, elem := w.later(t.Key()), w.later(t.Elem())
	each := mapBytes(1, t.Key().Type1().Size(), t.Elem().Type1().Size()) - mapHeader
	return func(p unsafe.Pointer) {
		if !w.seen.add(*(*unsafe.Pointer)(p)) {
			return
		}
		w.bytes += mapHeader
		for i := t.UnsafeIterate(p); i.HasNext(); {
			k, v := i.UnsafeNext()
			w.bytes += each
			key(k)
			elem(v)
		}
	}
}
