package golden_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/rules"
)

// The element types of the golden rows that are no plain arrays.
type (
	goldenO36 struct { // COutPoint: a hash and an index
		Hash [32]byte
		N    uint32
	}
	goldenM12 struct { // 12 bytes on i386, 16 where a uint64 is aligned to 8
		Wide   uint64
		Narrow uint32
	}
	// A C++ class without members takes a byte as a map's value; a Go map to struct{} is a set.
	goldenEmpty struct{ _ struct{} }
	// Go has neither type: a rule of their own gives them size and alignment.
	goldenInt128     struct{ Low, High uint64 }
	goldenLongDouble struct{ Low, High uint64 }
)

// wideScalar is the rule of a scalar that Go does not have: a size, an alignment, no heap.
type wideScalar struct{ size, align uint64 }

func (w wideScalar) String() string { return fmt.Sprintf("scalar of %d bytes", w.size) }

func (w wideScalar) Inline(rules.Container) rules.Shape {
	return rules.Shape{Size: w.size, Align: w.align}
}

func (wideScalar) Usage(rules.Container) rules.Parts                 { return rules.Parts{} }
func (wideScalar) Increment(rules.Container) (bytes uint64, ok bool) { return 0, false }

var goldenTypes = map[string]reflect.Type{
	"u8": reflect.TypeFor[uint8](), "i8": reflect.TypeFor[int8](),
	"u16": reflect.TypeFor[uint16](), "i16": reflect.TypeFor[int16](),
	"u32": reflect.TypeFor[uint32](), "i32": reflect.TypeFor[int32](),
	"u64": reflect.TypeFor[uint64](), "i64": reflect.TypeFor[int64](),
	"f32": reflect.TypeFor[float32](), "f64": reflect.TypeFor[float64](),
	"o36": reflect.TypeFor[goldenO36](), "m12": reflect.TypeFor[goldenM12](),
	"empty":       reflect.TypeFor[struct{}](),
	"std_string":  reflect.TypeFor[string](),
	"vector_u8":   reflect.TypeFor[[]uint8](),
	"vector_u32":  reflect.TypeFor[[]uint32](),
	"ptr":         reflect.TypeFor[*byte](),
	"i128":        reflect.TypeFor[goldenInt128](),
	"long_double": reflect.TypeFor[goldenLongDouble](),
	"longdouble":  reflect.TypeFor[goldenLongDouble](), // in names of pairs
	"c1":          reflect.TypeFor[struct{ X uint8 }](), "c2": reflect.TypeFor[struct{ X uint16 }](),
	"c4": reflect.TypeFor[struct{ X uint32 }](), "c8": reflect.TypeFor[struct{ X uint64 }](),
}

// goldenUnits are the elements of the array types: b20 is 20 bytes, w12 three uint32.
var goldenUnits = map[string]reflect.Type{
	"b": reflect.TypeFor[uint8](), "h": reflect.TypeFor[uint16](),
	"w": reflect.TypeFor[uint32](), "o": reflect.TypeFor[uint32](), "q": reflect.TypeFor[uint64](),
}

// goldenType is the Go counterpart of a C++ type that the golden rows name.
func goldenType(name string) reflect.Type {
	if t, ok := goldenTypes[name]; ok {
		return t
	}
	unit, ok := goldenUnits[name[:1]]
	size, err := strconv.Atoi(name[1:])
	if !ok || err != nil {
		panic("no Go counterpart of the golden type " + name)
	}
	return reflect.ArrayOf(size/int(unit.Size()), unit)
}

// goldenValueType is goldenType, as a map's value.
func goldenValueType(name string) reflect.Type {
	if name == "empty" {
		return reflect.TypeFor[goldenEmpty]()
	}
	return goldenType(name)
}

// goldenPair splits a name such as pair_b32_u32.
func goldenPair(name string) (key, value string, ok bool) {
	rest, ok := strings.CutPrefix(name, "pair_")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "_")
}

func makeSlice(elem reflect.Type, length, capacity int) reflect.Value {
	return reflect.MakeSlice(reflect.SliceOf(elem), length, capacity)
}

// makeMap is a map with n different keys and zero values.
func makeMap(key, value reflect.Type, n int) reflect.Value {
	m := reflect.MakeMap(reflect.MapOf(key, value))
	k, zero := reflect.New(key).Elem(), reflect.Zero(value)
	for i := range n {
		setNumber(k, uint64(i))
		m.SetMapIndex(k, zero)
	}
	if m.Len() != n {
		panic(fmt.Sprintf("%d different keys of type %s do not exist", n, key))
	}
	return m
}

func makeSet(elem reflect.Type, n int) reflect.Value {
	return makeMap(elem, reflect.TypeFor[struct{}](), n)
}

// setNumber sets v to the i-th value of its type, and returns the digits of i that are left over:
// a uint8 takes one digit in base 256, an array of them as many as it needs. Strings stay short
// enough to be inline in C++.
func setNumber(v reflect.Value, i uint64) (rest uint64) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(i&1 == 1)
		return i >> 1
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(i))
		return 0
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(i & (1<<v.Type().Bits() - 1))
		if v.Type().Bits() == 64 {
			return 0
		}
		return i >> v.Type().Bits()
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(i))
		return 0
	case reflect.String:
		v.SetString(strconv.FormatUint(i, 36))
		return 0
	case reflect.Array:
		for j := range v.Len() {
			i = setNumber(v.Index(j), i)
		}
		return i
	case reflect.Struct:
		for j := range v.NumField() {
			i = setNumber(v.Field(j), i)
		}
		return i
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()).Convert(v.Type()))
		return 0
	}
	panic("no numbers of type " + v.Type().String())
}
