package walker

import (
	"fmt"
	"reflect"
	"strings"
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

// alikes are the types between whose pointers Go converts. Type.ConvertibleTo must not be asked: it never
// returns where types that lead to themselves have the same name in different functions.
var alikes alikeTypes

// alikeTypes numbers the classes of types that are alike. A type is told by its kind and the identities
// of its parts, each of which is found once, so that deep types take no longer than their depth.
type alikeTypes struct {
	known sync.Map // reflect.Type → reflect.Type
	mu    sync.Mutex
	// classes are by what types alike have in common, and firsts the types of each that was met first.
	classes    map[outline]int
	firsts     []reflect.Type
	ofType     map[reflect.Type]int
	interfaces []int // the classes of interfaces, which are compared one by one
}

// outline is what types that are alike have in common, and no others.
type outline struct {
	kind   reflect.Kind
	size   uintptr
	number int          // length of an array, direction of a channel
	a, b   identity     // of the element, of a map's key
	fields string       // of a struct
	alone  reflect.Type // a type that is like no other
}

// identity is what two types have in common that differ in the tags of fields at most: a type with a name
// is itself, others are told by their class.
type identity struct {
	named reflect.Type
	class int
}

// first is the type that stands for those alike to t: the one that was met first.
func (a *alikeTypes) first(t reflect.Type) reflect.Type {
	if first, ok := a.known.Load(t); ok {
		return first.(reflect.Type)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	first := a.firsts[a.class(t)]
	a.known.Store(t, first)
	return first
}

// class is the number of the class of t.
func (a *alikeTypes) class(t reflect.Type) int {
	if class, ok := a.ofType[t]; ok {
		return class
	}
	if a.classes == nil {
		a.classes, a.ofType = map[outline]int{}, map[reflect.Type]int{}
	}
	class := a.find(t)
	a.ofType[t] = class
	return class
}

func (a *alikeTypes) find(t reflect.Type) int {
	if t.Kind() == reflect.Interface {
		for _, class := range a.interfaces {
			if u := a.firsts[class]; t.Implements(u) && u.Implements(t) {
				return class
			}
		}
		a.interfaces = append(a.interfaces, len(a.firsts))
		a.firsts = append(a.firsts, t)
		return len(a.firsts) - 1
	}
	o := a.outlineOf(t)
	class, ok := a.classes[o]
	if !ok {
		class = len(a.firsts)
		a.classes[o], a.firsts = class, append(a.firsts, t)
	}
	return class
}

func (a *alikeTypes) outlineOf(t reflect.Type) outline {
	o := outline{kind: t.Kind(), size: t.Size()}
	switch t.Kind() {
	case reflect.Func:
		o.alone = t // nothing is followed there
	case reflect.Struct:
		var fields strings.Builder
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(&fields, "%q %q %v %d;", f.Name, f.PkgPath, f.Anonymous, a.number(f.Type))
		}
		o.fields = fields.String()
	case reflect.Map:
		o.a, o.b = a.identity(t.Elem()), a.identity(t.Key())
	case reflect.Chan:
		o.number, o.a = int(t.ChanDir()), a.identity(t.Elem())
	case reflect.Array:
		o.number, o.a = t.Len(), a.identity(t.Elem())
	case reflect.Pointer, reflect.Slice:
		o.a = a.identity(t.Elem())
	}
	return o
}

func (a *alikeTypes) identity(t reflect.Type) identity {
	if t.Name() != "" || t.Kind() == reflect.Func {
		return identity{named: t}
	}
	return identity{class: a.class(t)}
}

// number numbers the identity of a type: as a class of its own, which no type is in.
func (a *alikeTypes) number(t reflect.Type) int {
	o := outline{a: a.identity(t), alone: identities}
	class, ok := a.classes[o]
	if !ok {
		class = len(a.firsts)
		a.classes[o], a.firsts = class, append(a.firsts, t)
	}
	return class
}

var identities = reflect.TypeFor[identity]()

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
