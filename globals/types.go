package globals

import (
	"debug/dwarf"
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// The running program knows a type only if something puts a value of it into an interface. Of other types
// the debug information is all that there is: a twin of such a type is made by reflect, with the same
// layout and the same names of fields. A pointer from a type to itself, of which reflect can make none,
// becomes an unsafe.Pointer, which a walk of the heap follows all the same; tags are lost.

// Attributes that the Go linker adds to types (cmd/internal/dwarf).
const (
	goKind      dwarf.Attr = 0x2900
	goKey       dwarf.Attr = 0x2901
	goElem      dwarf.Attr = 0x2902
	runtimeType dwarf.Attr = 0x2904
)

// maker makes the types of variables.
type maker struct {
	table *table
	data  *dwarf.Data
	from  uintptr                       // where the runtime's types begin
	made  map[dwarf.Offset]reflect.Type // nil for a type that is being made, or cannot be
}

// at is the type of an entry, or nil where none can be made.
func (m *maker) at(offset dwarf.Offset) reflect.Type {
	if at, ok := m.table.types[offset]; ok {
		return typeFrom(pointerTo(m.from + uintptr(at)))
	}
	t, ok := m.made[offset]
	switch {
	case ok && t != nil:
		return t
	case ok: // a type that leads to itself
		return nil
	}
	m.made[offset] = nil
	r := m.data.Reader()
	r.Seek(offset)
	if e, err := r.Next(); err == nil && e != nil {
		m.made[offset] = m.make(e, r)
	}
	return m.made[offset]
}

// make is the type of an entry whose children r reads next.
func (m *maker) make(e *dwarf.Entry, r *dwarf.Reader) (t reflect.Type) {
	defer func() {
		if recover() != nil { // reflect refuses it, as a map with keys that cannot be compared
			t = nil
		}
	}()
	kind, ok := e.Val(goKind).(int64)
	if e.Tag == dwarf.TagTypedef && !ok {
		return m.named(e)
	}
	switch kind := reflect.Kind(kind); kind {
	case reflect.Struct:
		return m.structure(e, r)
	case reflect.Array:
		return m.array(e, r)
	case reflect.Slice:
		return known(m.attribute(e, goElem), reflect.SliceOf)
	case reflect.Chan:
		return known(m.attribute(e, goElem), func(t reflect.Type) reflect.Type {
			return reflect.ChanOf(reflect.BothDir, t)
		})
	case reflect.Map:
		key, elem := m.attribute(e, goKey), m.attribute(e, goElem)
		if key == nil || elem == nil {
			return nil
		}
		return reflect.MapOf(key, elem)
	case reflect.Pointer:
		if t := known(m.attribute(e, dwarf.AttrType), reflect.PointerTo); t != nil {
			return t
		}
		return reflect.TypeFor[unsafe.Pointer]()
	case reflect.UnsafePointer:
		return reflect.TypeFor[unsafe.Pointer]()
	case reflect.Func:
		return reflect.TypeFor[func()]()
	case reflect.String:
		return reflect.TypeFor[string]()
	default:
		return basic[kind]
	}
}

// basic are the types of numbers.
var basic = func() map[reflect.Kind]reflect.Type {
	types := map[reflect.Kind]reflect.Type{}
	for _, v := range []any{false, int(0), int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0),
		uint32(0), uint64(0), uintptr(0), float32(0), float64(0), complex64(0), complex128(0)} {
		types[reflect.TypeOf(v).Kind()] = reflect.TypeOf(v)
	}
	return types
}()

// known is what f makes of a type; nil where there is none.
func known(t reflect.Type, f func(reflect.Type) reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	return f(t)
}

// attribute is the type that an attribute of an entry refers to.
func (m *maker) attribute(e *dwarf.Entry, a dwarf.Attr) reflect.Type {
	offset, ok := e.Val(a).(dwarf.Offset)
	if !ok {
		return nil
	}
	return m.at(offset)
}

// named is the type that a name stands for. Interfaces and functions have no kind in the debug
// information, but the runtime's own representation of them.
func (m *maker) named(e *dwarf.Entry) reflect.Type {
	if name, _ := e.Val(dwarf.AttrName).(string); strings.HasPrefix(name, "func(") {
		return reflect.TypeFor[func()]()
	}
	switch m.below(e) {
	case "runtime.eface":
		return reflect.TypeFor[any]()
	case "runtime.iface":
		return reflect.TypeFor[error]()
	}
	return m.attribute(e, dwarf.AttrType)
}

// below is the name of the type that an entry refers to.
func (m *maker) below(e *dwarf.Entry) string {
	offset, ok := e.Val(dwarf.AttrType).(dwarf.Offset)
	if !ok {
		return ""
	}
	r := m.data.Reader()
	r.Seek(offset)
	next, err := r.Next()
	if err != nil || next == nil {
		return ""
	}
	name, _ := next.Val(dwarf.AttrName).(string)
	return name
}

// structure is a struct type with the fields of an entry, where reflect gives them the same offsets.
func (m *maker) structure(e *dwarf.Entry, r *dwarf.Reader) reflect.Type {
	var fields []reflect.StructField
	var offsets []int64
	for e.Children {
		member, err := r.Next()
		if err != nil || member == nil || member.Tag == 0 {
			break
		}
		if member.Tag != dwarf.TagMember {
			r.SkipChildren()
			continue
		}
		t := m.attribute(member, dwarf.AttrType)
		if t == nil {
			return nil
		}
		name, _ := member.Val(dwarf.AttrName).(string)
		offset, _ := member.Val(dwarf.AttrDataMemberLoc).(int64)
		fields = append(fields, field(name, len(fields), t))
		offsets = append(offsets, offset)
	}
	made := reflect.StructOf(fields)
	for i, offset := range offsets {
		if made.Field(i).Offset != uintptr(offset) {
			return nil
		}
	}
	if size, ok := e.Val(dwarf.AttrByteSize).(int64); ok && made.Size() != uintptr(size) {
		return nil
	}
	return made
}

// field is field i of a struct. The name of an embedded field is that of its type, with the package.
func field(name string, i int, t reflect.Type) reflect.StructField {
	name = name[strings.LastIndex(name, ".")+1:]
	if name == "" || name == "_" {
		name = fmt.Sprintf("_%d", i)
	}
	f := reflect.StructField{Name: name, Type: t}
	if c := name[0]; c < 'A' || c > 'Z' {
		f.PkgPath = "main"
	}
	return f
}

// array is an array type.
func (m *maker) array(e *dwarf.Entry, r *dwarf.Reader) reflect.Type {
	elem := m.attribute(e, dwarf.AttrType)
	if elem == nil || !e.Children {
		return nil
	}
	if e, err := r.Next(); err == nil && e != nil {
		if n, ok := e.Val(dwarf.AttrCount).(int64); ok {
			return reflect.ArrayOf(int(n), elem)
		}
	}
	return nil
}
