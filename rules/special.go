package rules

import (
	"reflect"
	"strings"
)

// nature is what a type is to the rules beyond its kind: the few library types whose meaning
// their fields do not tell.
type nature int

const (
	ordinary      nature = iota
	listHead             // container/list.List: a std::list
	listNode             // *container/list.Element: an iterator, owns nothing
	atomicPointer        // sync/atomic.Pointer[T]: a *T
	weakPointer          // weak.Pointer[T]: owns nothing
	opaque               // leads to the program rather than to the value: see ProgramTypes
)

// natureOf recognises a type by package path and name, so that it works for any Type.
func natureOf(t Type) nature {
	switch t.Kind() {
	case reflect.Pointer:
		if n := pointerNature(t.Elem()); n != ordinary {
			return n
		}
	case reflect.Struct:
		if n := structNature(t); n != ordinary {
			return n
		}
	}
	if programEntry(t) != nil {
		return opaque
	}
	return ordinary
}

func pointerNature(pointee Type) nature {
	if pointee.PkgPath() == "container/list" && pointee.Name() == "Element" {
		return listNode
	}
	return ordinary
}

func structNature(t Type) nature {
	switch pkg, name := t.PkgPath(), t.Name(); {
	case pkg == "container/list" && name == "List":
		return listHead
	case pkg == "sync/atomic" && strings.HasPrefix(name, "Pointer["):
		return atomicPointer
	case pkg == "weak" && strings.HasPrefix(name, "Pointer["):
		return weakPointer
	}
	return ordinary
}

// pointeeOf is what a *T or a sync/atomic.Pointer[T] points to: T, and true. A walker treats both
// as one kind. Of other types it is nil and false.
func pointeeOf(t Type) (Type, bool) {
	if t.Kind() == reflect.Pointer {
		return t.Elem(), true
	}
	if natureOf(t) != atomicPointer || t.NumField() == 0 {
		return nil, false
	}
	// The first field of atomic.Pointer[T] is _ [0]*T: it keeps the type argument.
	marker := t.Field(0).Type
	if marker.Kind() != reflect.Array || marker.Elem().Kind() != reflect.Pointer {
		return nil, false
	}
	return marker.Elem().Elem(), true
}

// isSetType tells whether t is a map without values, which C++ and Rust call a set.
func isSetType(t Type) bool {
	if t.Kind() != reflect.Map {
		return false
	}
	return isEmptyStruct(t.Elem())
}

func isEmptyStruct(t Type) bool { return t.Kind() == reflect.Struct && t.NumField() == 0 }

// anyType is the type of the Value of a container/list.Element, and of an interface about which
// nothing else is known.
var anyType = TypeOf(reflect.TypeFor[any]())
