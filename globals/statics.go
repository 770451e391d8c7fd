package globals

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// What a variable is initialized with may lie in static memory beside it, without a name of its own:
//
//	var cache = &Cache{limit: 100}
//
// A walk counts static memory as the program's and does not follow it, so that what such memory comes to
// lead to would belong to nobody. It is a root here: under the name of the variable if that is a pointer,
// else under the path that leads there.

// search looks for static memory that no variable is.
type search struct {
	owned []owned // by variables, sorted
	seen  map[unsafe.Pointer]bool
	more  []global
}

// owned is the memory of a variable.
type owned struct{ lo, hi uintptr }

// withStatics is the variables with what lies in static memory without a name.
func withStatics(list []global) []global {
	s := &search{seen: map[unsafe.Pointer]bool{}}
	for _, g := range list {
		lo := g.at.Pointer()
		s.owned = append(s.owned, owned{lo, lo + g.at.Type().Elem().Size()})
	}
	slices.SortFunc(s.owned, func(a, b owned) int { return cmp.Compare(a.lo, b.lo) })
	for i := range list {
		v := list[i].at.Elem()
		if v.Kind() == reflect.Pointer && s.nameless(v.UnsafePointer()) && !s.seen[v.UnsafePointer()] {
			list[i].at = reflect.NewAt(v.Type().Elem(), v.UnsafePointer())
			s.seen[v.UnsafePointer()] = true
		}
	}
	for i := range list {
		s.look(list[i].name, list[i].at.Elem())
	}
	for i := 0; i < len(s.more); i++ { // what is found may lead to more
		s.look(s.more[i].name, s.more[i].at.Elem())
	}
	return append(list, s.more...)
}

// nameless tells whether p leads to static memory that no variable is.
func (s *search) nameless(p unsafe.Pointer) bool {
	if block.Where(p) != block.Static {
		return false
	}
	after, _ := slices.BinarySearchFunc(s.owned, uintptr(p)+1, func(o owned, at uintptr) int {
		return cmp.Compare(o.lo, at)
	})
	return after == 0 || uintptr(p) >= s.owned[after-1].hi
}

// found adds memory as a root.
func (s *search) found(path string, t reflect.Type, p unsafe.Pointer) {
	if s.seen[p] || !hasPointers(t) || !s.nameless(p) {
		return
	}
	s.seen[p] = true
	s.more = append(s.more, global{path, reflect.NewAt(t, p)})
}

// look looks at a value in static memory.
func (s *search) look(path string, v reflect.Value) {
	switch t := v.Type(); t.Kind() {
	case reflect.Pointer:
		s.found(path, t.Elem(), v.UnsafePointer())
	case reflect.Slice:
		if v.Cap() > 0 {
			s.found(path+"[:]", reflect.ArrayOf(v.Cap(), t.Elem()), v.UnsafePointer())
		}
	case reflect.Interface:
		if t == reflect.TypeFor[error]() || t == reflect.TypeFor[reflect.Type]() {
			return // hundreds of them, none of which comes to lead anywhere
		}
		if e := v.Elem(); e.Kind() == reflect.Pointer {
			s.found(fmt.Sprintf("%s.(%s)", path, e.Type()), e.Type().Elem(), e.UnsafePointer())
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); hasPointers(f.Type) {
				s.look(path+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Array:
		if hasPointers(t.Elem()) {
			for i := range v.Len() {
				s.look(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		}
	}
}
