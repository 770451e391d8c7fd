package main

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// Types that interfaces hold.
type (
	boxedStruct struct {
		A int16
		B *string
		C any
	}
	boxedNumber uint16
	boxedSlice  []*int32
	boxedMap    map[string]int8
	direct      struct{ P *int64 }
)

var boxes = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[string](),
	reflect.TypeFor[float32](), reflect.TypeFor[[]byte](), reflect.TypeFor[boxedStruct](),
	reflect.TypeFor[boxedNumber](), reflect.TypeFor[boxedSlice](), reflect.TypeFor[boxedMap](),
	reflect.TypeFor[*direct](), reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](),
	reflect.TypeFor[[]int16](),
}

// speaker is an interface with a method.
type (
	speaker interface{ Speak() }
	cat     struct{ Name string }
	dog     []string
)

func (*cat) Speak() {}
func (dog) Speak()  {}

var speakers = []reflect.Type{reflect.TypeFor[*cat](), reflect.TypeFor[dog]()}

// filler makes random values, and zero ones often.
type filler struct{ *rand.Rand }

func (f filler) fill(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		zone := time.FixedZone("", f.IntN(50)*1000)
		zone = []*time.Location{time.UTC, zone}[f.IntN(2)]
		v.Set(reflect.ValueOf(time.Unix(f.Int64N(1e9), 0).In(zone)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			omit := f.IntN(4) == 0 && !holdsArray(field.Type()) ||
				depth <= 0 && field.Kind() == reflect.Pointer
			if field.CanSet() && !omit {
				f.fill(field, depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), depth-1)
		}
	case reflect.Pointer:
		if depth < -20 { // of a type that leads to itself by pointers alone
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth-1)
	case reflect.Slice:
		n := f.length(depth)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			f.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.length(depth) {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth-1)
			f.fill(elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Interface:
		if depth > 0 {
			t := boxes[f.IntN(len(boxes))]
			if v.NumMethod() > 0 {
				t = speakers[f.IntN(len(speakers))]
			}
			box := reflect.New(t).Elem()
			f.fill(box, depth-1)
			v.Set(box)
		}
	default:
		f.scalar(v)
	}
}

// length is how many elements a container gets; none where values nest deeply.
func (f filler) length(depth int) int {
	switch {
	case depth <= 0:
		return 0
	case depth == 3 && f.IntN(8) == 0:
		return f.IntN(300)
	}
	return f.IntN(6)
}

func (f filler) scalar(v reflect.Value) {
	shift := f.IntN(64)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.String: // those of one byte are the runtime's own: not what they would cost
		v.SetString(strings.Repeat("xy", f.IntN(20)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, 1, 0.1, f.NormFloat64()}[f.IntN(4)])
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(f.NormFloat64(), 1))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.Uint64()) >> shift)
	case reflect.Int: // what needs more than 32 bits is no int on 32 bits
		v.SetInt(int64(int32(f.Uint64()) >> (shift / 2)))
	case reflect.Uint, reflect.Uintptr:
		v.SetUint(uint64(uint32(f.Uint64()) >> (shift / 2)))
	default:
		v.SetUint(f.Uint64() >> shift)
	}
}

// holdsArray tells whether zero values of t may hold pointers that gob refuses when nil.
func holdsArray(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return true
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsArray(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
