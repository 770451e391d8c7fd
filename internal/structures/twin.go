package structures

import (
	"fmt"
	"reflect"
	"strings"
)

// elementTypes are the twins of the element types.
var elementTypes = map[string]reflect.Type{
	"u8":         reflect.TypeFor[uint8](),
	"u16":        reflect.TypeFor[uint16](),
	"u32":        reflect.TypeFor[uint32](),
	"u64":        reflect.TypeFor[uint64](),
	"b20":        reflect.TypeFor[[20]uint8](),
	"b32":        reflect.TypeFor[[32]uint8](),
	"q24":        reflect.TypeFor[[3]uint64](),
	"q48":        reflect.TypeFor[[6]uint64](),
	"o36":        reflect.TypeFor[outPoint](),
	"empty":      reflect.TypeFor[struct{}](),
	"std_string": reflect.TypeFor[string](),
	"vector_u8":  reflect.TypeFor[[]uint8](),
	// An option is a pointer in Go.
	"optional_string": reflect.TypeFor[*string](),
}

type outPoint struct {
	Hash [32]uint8
	N    uint32
}

// Twin is the structure as a Go value. It is an error where a line says what has no twin.
func (s Structure) Twin() (any, error) {
	content, err := s.content()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	twin := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "F", Type: content.Type(), Tag: reflect.StructTag(`memusage:"` + s.tag() + `"`),
	}})).Elem()
	twin.Field(0).Set(content)
	return twin.Interface(), nil
}

// tag is the rule of the container, and of what is in it where that needs one.
func (s Structure) tag() string {
	switch {
	case s.Rule == "vector_bool":
		return "vector" // of bool: the elements tell
	case s.Key == "optional_string":
		return s.Rule + "<option, _>"
	}
	return s.Rule
}

// content is the container itself.
func (s Structure) content() (reflect.Value, error) {
	switch s.Rule {
	case "vector_bool":
		return reflect.MakeSlice(reflect.TypeFor[[]bool](), s.Len, s.Cap), nil
	case "string":
		if s.Cap == s.Len {
			return reflect.ValueOf(strings.Repeat("x", s.Len)), nil
		}
		return reflect.MakeSlice(reflect.TypeFor[[]byte](), s.Len, s.Cap), nil
	case "vector", "list":
		return s.slice()
	case "set", "unordered_set":
		return s.mapOf(s.Elem, "")
	case "map", "unordered_map":
		return s.mapOf(s.Key, s.Val)
	case "unique_ptr", "shared_ptr":
		return s.pointer(0)
	case "vector<shared_ptr>":
		return s.pointers()
	}
	return reflect.Value{}, fmt.Errorf("no twin for the rule %q", s.Rule)
}

func (s Structure) slice() (reflect.Value, error) {
	elem, err := typeNamed(s.Elem)
	if err != nil {
		return reflect.Value{}, err
	}
	slice := reflect.MakeSlice(reflect.SliceOf(elem), s.Len, max(s.Cap, s.Len))
	for i := range s.Len {
		slice.Index(i).Set(s.value(elem, i))
	}
	return slice, nil
}

// mapOf is a map; a set where there is no value type.
func (s Structure) mapOf(key, value string) (reflect.Value, error) {
	k, err := typeNamed(key)
	if err != nil {
		return reflect.Value{}, err
	}
	v := reflect.TypeFor[struct{}]()
	if value != "" {
		if v, err = typeNamed(value); err != nil {
			return reflect.Value{}, err
		}
	}
	m := reflect.MakeMap(reflect.MapOf(k, v))
	for i := range s.Len {
		m.SetMapIndex(s.value(k, i), s.value(v, i))
	}
	return m, nil
}

func (s Structure) pointer(i int) (reflect.Value, error) {
	elem, err := typeNamed(s.Elem)
	if err != nil {
		return reflect.Value{}, err
	}
	p := reflect.New(elem)
	p.Elem().Set(s.value(elem, i))
	return p, nil
}

// pointers is a slice of pointers, all to one object where the structure says so.
func (s Structure) pointers() (reflect.Value, error) {
	first, err := s.pointer(0)
	if err != nil {
		return first, err
	}
	slice := reflect.MakeSlice(reflect.SliceOf(first.Type()), s.Len, max(s.Cap, s.Len))
	for i := range s.Len {
		p := first
		if !strings.HasSuffix(s.How, "all one") {
			p, _ = s.pointer(i)
		}
		slice.Index(i).Set(p)
	}
	return slice, nil
}

// value is the i-th distinct value of a type. Strings and slices have memory of their own.
func (s Structure) value(t reflect.Type, i int) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		number := fmt.Sprintf("%d", i)
		v.SetString(number + strings.Repeat("x", max(0, s.Inner-len(number))))
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(s.value(t.Elem(), i))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, s.Inner, s.Inner))
	default:
		number(v, uint64(i))
	}
	return v
}

// number writes i into the first numbers of v, the low bytes first.
func number(v reflect.Value, i uint64) (rest uint64) {
	switch v.Kind() {
	case reflect.Struct:
		for f := range v.NumField() {
			i = number(v.Field(f), i)
		}
	case reflect.Array:
		for e := range v.Len() {
			i = number(v.Index(e), i)
		}
	default:
		v.SetUint(i & (1<<v.Type().Bits() - 1))
		return i >> v.Type().Bits()
	}
	return i
}

func typeNamed(name string) (reflect.Type, error) {
	t, ok := elementTypes[name]
	if !ok {
		return nil, fmt.Errorf("no twin for the type %q", name)
	}
	return t, nil
}
