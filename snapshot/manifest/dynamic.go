package manifest

import (
	"reflect"
	"slices"
	"unsafe"
)

// dynamicTypes lists the types of the values in interfaces below v, each once, in the order they
// are met. It goes where encoding/gob goes: not into unexported fields.
func dynamicTypes(v any) []reflect.Type {
	f := finder{holds: map[reflect.Type]bool{}, seen: map[visit]bool{}, found: map[reflect.Type]bool{}}
	f.push(reflect.ValueOf(v))
	for len(f.work) > 0 {
		next := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		f.look(next)
	}
	return f.list
}

// visit is memory that was looked at as a type.
type visit struct {
	at  unsafe.Pointer
	typ reflect.Type
	len int
}

// finder looks for interfaces, with a stack of its own: values nest deeply.
type finder struct {
	holds map[reflect.Type]bool // types that can hold interfaces
	seen  map[visit]bool
	found map[reflect.Type]bool
	list  []reflect.Type
	work  []reflect.Value
}

// push leaves a value to look at, if there can be an interface in it.
func (f *finder) push(v reflect.Value) {
	if v.IsValid() && f.canHold(v.Type()) {
		f.work = append(f.work, v)
	}
}

// canHold tells whether values of t can lead to an interface.
func (f *finder) canHold(t reflect.Type) bool {
	if holds, known := f.holds[t]; known {
		return holds
	}
	seen := map[reflect.Type]bool{t: true}
	list := []reflect.Type{t}
	holds := false
	for i := 0; i < len(list) && !holds; i++ {
		holds = list[i].Kind() == reflect.Interface
		for _, part := range parts(list[i]) {
			if !seen[part] {
				seen[part] = true
				list = append(list, part)
			}
		}
	}
	f.holds[t] = holds
	return holds
}

// parts are the types right below t.
func parts(t reflect.Type) (list []reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return []reflect.Type{t.Elem()}
	case reflect.Map:
		return []reflect.Type{t.Key(), t.Elem()}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				list = append(list, f.Type)
			}
		}
	}
	return list
}

// look leaves the parts of a value to look at.
func (f *finder) look(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		inner := v.Elem()
		f.note(inner.Type())
		f.push(inner)
	case reflect.Pointer:
		if !v.IsNil() && f.isNew(v, 1) {
			f.push(v.Elem())
		}
	case reflect.Slice:
		if f.isNew(v, v.Len()) {
			f.elements(v)
		}
	case reflect.Array:
		f.elements(v)
	case reflect.Map:
		if !v.IsNil() && f.isNew(v, 0) {
			for entry := v.MapRange(); entry.Next(); {
				f.push(entry.Key())
				f.push(entry.Value())
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.push(v.Field(i))
			}
		}
	}
}

// note lists a type that an interface holds. gob registers a type without a name under a literal,
// such as "[]shop.Item": what has a name in it is listed as well.
func (f *finder) note(t reflect.Type) {
	if f.found[t] {
		return
	}
	f.found[t] = true
	if t = named(t); !slices.Contains(f.list, t) {
		f.list = append(f.list, t)
	}
	if t.Name() != "" {
		return
	}
	for _, part := range parts(t) {
		if part = named(part); part.Name() == "" || part.PkgPath() != "" {
			f.note(part)
		}
	}
}

// named is t without pointers before a name: gob registers both under the name.
func named(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	return t
}

func (f *finder) elements(v reflect.Value) {
	for i := range v.Len() {
		f.push(v.Index(i))
	}
}

// isNew tells whether memory was not looked at before.
func (f *finder) isNew(v reflect.Value, length int) bool {
	key := visit{v.UnsafePointer(), v.Type(), length}
	if f.seen[key] {
		return false
	}
	f.seen[key] = true
	return true
}
