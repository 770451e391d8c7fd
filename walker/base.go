package walker

import (
	"reflect"
	"sync"
)

// Without unsafe, the same memory may be held as values of several types: as an array and as its
// element, as a struct and as the one member that fills it, and as any two types between whose
// pointers Go converts, which differ in names and in the tags of fields.

// baseType is the type that stands for all types of the values that may begin and end where one of
// type t does. It unwraps arrays, and structs that hold one member of their own size.
func baseType(t reflect.Type) reflect.Type {
	for {
		inner := unwrap(t)
		if inner == nil {
			return alikes.first(t)
		}
		t = inner
	}
}

// unwrap is the type of the elements of an array, or of the member that fills a struct; nil for
// other types, and for the structs that are containers.
func unwrap(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Array:
		if t.Size() > 0 {
			return t.Elem()
		}
	case reflect.Struct:
		if _, _, ok := atomicPointer(t); ok {
			return nil
		}
		for i := range t.NumField() {
			if f := t.Field(i).Type; f.Size() == t.Size() && f.Size() > 0 {
				return f
			}
		}
	}
	return nil
}

// elementType unwraps arrays: an array costs what its elements do.
func elementType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Array && t.Size() > 0 {
		t = t.Elem()
	}
	return t
}

// alikes are the types between whose pointers Go converts.
var alikes alikeTypes

type alikeTypes struct {
	known sync.Map // reflect.Type → reflect.Type
	mu    sync.Mutex
	// firsts are the types that were met first, each of another kind of memory than the others.
	firsts map[outline][]reflect.Type
}

// outline is what types that are alike have in common at least.
type outline struct {
	kind reflect.Kind
	size uintptr
	more int // fields of a struct
}

// first is the type that stands for those alike to t: the one that was met first.
func (a *alikeTypes) first(t reflect.Type) reflect.Type {
	if first, ok := a.known.Load(t); ok {
		return first.(reflect.Type)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	first := a.find(t)
	a.known.Store(t, first)
	return first
}

func (a *alikeTypes) find(t reflect.Type) reflect.Type {
	o := outline{kind: t.Kind(), size: t.Size()}
	if o.kind == reflect.Struct {
		o.more = t.NumField()
	}
	for _, first := range a.firsts[o] {
		if convertible(t, first) {
			return first
		}
	}
	if a.firsts == nil {
		a.firsts = map[outline][]reflect.Type{}
	}
	a.firsts[o] = append(a.firsts[o], t)
	return t
}

// convertible tells whether Go converts between pointers to two types. Type.ConvertibleTo must not be asked:
// it never returns where types that lead to themselves have the same name in different functions.
func convertible(t, u reflect.Type) bool {
	if t == u || t.Kind() != u.Kind() {
		return t == u
	}
	switch t.Kind() {
	case reflect.Func:
		return false // nothing is followed there
	case reflect.Interface:
		return t.Implements(u) && u.Implements(t)
	case reflect.Struct:
		return t.NumField() == u.NumField() && convertibleFields(t, u)
	case reflect.Map:
		return identical(t.Key(), u.Key()) && identical(t.Elem(), u.Elem())
	case reflect.Chan:
		return t.ChanDir() == u.ChanDir() && identical(t.Elem(), u.Elem())
	case reflect.Array:
		return t.Len() == u.Len() && identical(t.Elem(), u.Elem())
	case reflect.Pointer, reflect.Slice:
		return identical(t.Elem(), u.Elem())
	}
	return true
}

func convertibleFields(t, u reflect.Type) bool {
	for i := range t.NumField() {
		f, g := t.Field(i), u.Field(i)
		if f.Name != g.Name || f.PkgPath != g.PkgPath || f.Anonymous != g.Anonymous || !identical(f.Type, g.Type) {
			return false
		}
	}
	return true
}

// identical tells whether two types differ in the tags of fields at most.
func identical(t, u reflect.Type) bool {
	return t == u || t.Name() == "" && u.Name() == "" && convertible(t, u)
}

// unnamed is a container type without its name, which says all of one that is bound by its kind.
func unnamed(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Chan:
		return reflect.ChanOf(reflect.BothDir, t.Elem())
	case reflect.Interface:
		return anyType
	case reflect.String:
		return stringType
	}
	if t.Name() == "" {
		return t
	}
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(t.Elem())
	case reflect.Slice:
		return reflect.SliceOf(t.Elem())
	case reflect.Map:
		return reflect.MapOf(t.Key(), t.Elem())
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), t.Elem())
	}
	return t
}

var stringType = reflect.TypeFor[string]()
