package zoo

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// randomTypes is how many random struct types there are: enough for a share to mean something.
const randomTypes = 60

// random are graphs of random struct types, by seed: structs of 1 to 12 fields of all kinds in random
// nesting, so that sizes lie on size classes and between them, with 10^5 objects and more.
func random() []Shape {
	var all []Shape
	for seed := range uint64(randomTypes) {
		all = append(all, Shape{fmt.Sprintf("random %02d", seed), "random", func() any {
			return newMaker(seed).build()
		}})
	}
	return all
}

// box holds an interface in a type that the compiler made: reflect would have the collector look at
// the type word of an interface in a type that reflect makes.
type box struct{ V any }

// maker makes a random type and a graph of its values.
type maker struct {
	*rand.Rand
	made  map[reflect.Type][]reflect.Value // pointers to values that were made before
	texts []string
	left  int // objects still to make
}

func newMaker(seed uint64) *maker {
	return &maker{Rand: rand.New(rand.NewPCG(seed, 77)), made: map[reflect.Type][]reflect.Value{}}
}

var flat = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
	reflect.TypeFor[int64](), reflect.TypeFor[float64](), reflect.TypeFor[[3]byte](),
	reflect.TypeFor[[5]uint64](), reflect.TypeFor[time.Time](), reflect.TypeFor[string](),
	reflect.TypeFor[[]byte](), reflect.TypeFor[[]int32](), reflect.TypeFor[[]string](),
	reflect.TypeFor[*box](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]int](),
	reflect.TypeFor[map[int]string](), reflect.TypeFor[*int64](),
}

// structType is a random struct type in which others are nested up to a depth.
func (m *maker) structType(depth int) reflect.Type {
	fields := make([]reflect.StructField, 1+m.IntN(12))
	for i := range fields {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.fieldType(depth)}
	}
	return reflect.StructOf(fields)
}

func (m *maker) fieldType(depth int) reflect.Type {
	if depth == 0 || m.IntN(3) > 0 {
		return flat[m.IntN(len(flat))]
	}
	below := m.structType(depth - 1)
	switch m.IntN(7) {
	case 0:
		return below
	case 1, 2:
		return reflect.PointerTo(below)
	case 3:
		return reflect.SliceOf(reflect.PointerTo(below))
	case 4:
		return reflect.SliceOf(below)
	case 5:
		return reflect.MapOf(reflect.TypeFor[string](), reflect.PointerTo(below))
	}
	return reflect.MapOf(reflect.TypeFor[uint32](), below)
}

// build is a slice of pointers to values of one random type, of 10^5 to 4·10^5 objects in all.
func (m *maker) build() any {
	t := m.structType(3)
	m.left = 100_000 + m.IntN(300_000)
	all := reflect.MakeSlice(reflect.SliceOf(reflect.PointerTo(t)), 0, 0)
	for m.left > 0 {
		all = reflect.Append(all, m.pointer(t))
	}
	return all.Interface()
}

// pointer is a pointer to a new value of type t, or to one that was made before.
func (m *maker) pointer(t reflect.Type) reflect.Value {
	if before := m.made[t]; len(before) > 0 && m.IntN(5) == 0 {
		return before[m.IntN(len(before))]
	}
	p := reflect.New(t)
	m.left--
	m.fill(p.Elem())
	if len(m.made[t]) < 1000 {
		m.made[t] = append(m.made[t], p)
	}
	return p
}

func (m *maker) text() string {
	if m.left--; len(m.texts) > 0 && m.IntN(8) == 0 {
		return m.texts[m.IntN(len(m.texts))]
	}
	text := strings.Repeat("t", 1+m.IntN(50))
	if len(m.texts) < 1000 {
		m.texts = append(m.texts, text)
	}
	return text
}

func (m *maker) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(m.text())
	case reflect.Pointer:
		if m.IntN(6) > 0 {
			v.Set(m.pointer(v.Type().Elem()))
		}
	case reflect.Slice:
		m.left--
		s := reflect.MakeSlice(v.Type(), m.IntN(7), 7)
		for i := range s.Len() {
			m.fill(s.Index(i))
		}
		v.Set(s)
	case reflect.Map:
		m.left--
		made := reflect.MakeMap(v.Type())
		for range m.IntN(7) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			m.fill(key)
			m.fill(value)
			made.SetMapIndex(key, value)
		}
		v.Set(made)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(m.Uint32()), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			m.fill(v.Field(i))
		}
	case reflect.Interface:
		m.left--
		v.Set(reflect.ValueOf([]any{m.text(), m.Float64(), int64(m.Uint32()) + 1000}[m.IntN(3)]))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(m.IntN(100)))
	case reflect.Uint32:
		v.SetUint(uint64(m.Uint32()))
	}
}
