package snapshot

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// The oracle is a plain walk of the Go value that was encoded: it counts, path by path, what
// encoding/gob sends of it by its documented rules.

// tally is what the oracle and the census must agree on at one path.
type tally struct {
	sent    uint64
	lengths map[uint64]uint64
}

// oracle counts by path. Paths are those of Site.Path.
type oracle map[string]*tally

func (o oracle) at(path string) *tally {
	if o[path] == nil {
		o[path] = &tally{lengths: make(map[uint64]uint64)}
	}
	return o[path]
}

// passed is a type on the path to a value, and where it stands.
type passed struct {
	typ  reflect.Type
	path string
}

// count counts a value at the top of a stream.
func (o oracle) count(v reflect.Value) { o.walk(v, "", true, nil) }

// walk counts v, which stands at path, below the types on. always tells that a zero is sent too,
// as everywhere but in struct fields. A type that is on the path already folds back.
func (o oracle) walk(v reflect.Value, path string, always bool, on []passed) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if !always && isOmitted(v) {
		return
	}
	for i, p := range on {
		if p.typ == v.Type() {
			path, on = p.path, on[:i]
			break
		}
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Array, reflect.Slice, reflect.Map:
		if v.Type() != reflect.TypeFor[[]byte]() {
			on = append(on[:len(on):len(on)], passed{v.Type(), path})
		}
	}
	t := o.at(path)
	t.sent++
	switch v.Kind() {
	case reflect.String:
		t.lengths[uint64(v.Len())]++
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			t.lengths[uint64(v.Len())]++
			if v.Type().Elem().Kind() == reflect.Uint8 {
				return
			}
		}
		for i := range v.Len() {
			o.walk(v.Index(i), path+"[]", true, on)
		}
	case reflect.Map:
		t.lengths[uint64(v.Len())]++
		for entries := v.MapRange(); entries.Next(); {
			o.walk(entries.Key(), path+"[key]", true, on)
			o.walk(entries.Value(), path+"[]", true, on)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			step := "." + v.Type().Field(i).Name
			if path == "" {
				step = step[1:]
			}
			o.walk(v.Field(i), path+step, false, on)
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		t.lengths[1]++
		name, ok := boxName(v.Elem().Type())
		if !ok {
			panic(name)
		}
		o.walk(v.Elem(), path+".("+name+")", true, on)
	}
}

// isOmitted tells whether encoding/gob leaves a struct field out.
func isOmitted(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct, reflect.Array:
		return false
	case reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Map, reflect.Interface:
		return v.IsNil()
	}
	return v.IsZero()
}

// ofCensus makes the same tallies of a census.
func ofCensus(c *Census) oracle {
	o := make(oracle)
	for s := range c.Sites() {
		if s.Type.Kind() == reflect.Pointer || s.Fold != nil {
			continue // the value behind the pointer is the next site, of the same path
		}
		sent := s.Count - s.Absent
		if s.Type.Kind() == reflect.Interface && s.Role != Field {
			sent = s.Count // a nil interface is sent there
		}
		if sent == 0 {
			continue
		}
		t := o.at(s.Path())
		t.sent += sent
		for _, l := range s.Lengths {
			t.lengths[l.Len] += l.Count
		}
	}
	return o
}

// boxes are the types that the tests put into interfaces, by the name that gob registers.
type boxed struct {
	A int
	B []any
	C map[string]any
}

var boxTypes = map[string]reflect.Type{
	"int": reflect.TypeFor[int](), "string": reflect.TypeFor[string](),
	"[]string": reflect.TypeFor[[]string](), "[]int8": reflect.TypeFor[[]int8](),
	"float64":                 reflect.TypeFor[float64](),
	"memsize/test.boxed":      reflect.TypeFor[boxed](),
	"map[string]interface {}": reflect.TypeFor[map[string]any](),
	"[]interface {}":          reflect.TypeFor[[]any](),
}

func init() {
	gob.RegisterName("memsize/test.boxed", boxed{})
	gob.Register(map[string]any{})
	gob.Register([]any{})
	gob.Register([]int8{})
}

func boxName(t reflect.Type) (string, bool) {
	for name, u := range boxTypes {
		if t == u {
			return name, true
		}
	}
	return t.String(), false
}

// maker makes random types and values.
type maker struct{ *rand.Rand }

var scalars = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
	reflect.TypeFor[uint16](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](),
	reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
	reflect.TypeFor[string](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[uint8](),
}

var keys = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](),
	reflect.TypeFor[[7]uint8](), reflect.TypeFor[struct{ A, B int16 }](),
	reflect.TypeFor[struct {
		S string
		N [2]string
	}](), reflect.TypeFor[float64](),
}

// typ makes a type of at most depth levels.
func (m maker) typ(depth int) reflect.Type {
	if depth == 0 || m.IntN(4) == 0 {
		return scalars[m.IntN(len(scalars))]
	}
	switch m.IntN(8) {
	case 0, 1:
		return reflect.SliceOf(m.typ(depth - 1))
	case 2:
		return reflect.ArrayOf(m.IntN(20), m.typ(depth-1))
	case 3:
		return reflect.MapOf(keys[m.IntN(len(keys))], m.typ(depth-1))
	case 4:
		return reflect.TypeFor[any]()
	}
	fields := make([]reflect.StructField, 1+m.IntN(5))
	for i := range fields {
		t := m.typ(depth - 1)
		if m.IntN(3) == 0 && t.Kind() != reflect.Interface {
			t = reflect.PointerTo(t)
		}
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t}
	}
	return reflect.StructOf(fields)
}

// fill sets v at random; zero values are frequent.
func (m maker) fill(v reflect.Value, depth int) {
	if m.IntN(6) == 0 && v.Kind() != reflect.Array {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int64:
		v.SetInt(int64(m.Uint64()) >> m.IntN(64))
	case reflect.Uint8, reflect.Uint16, reflect.Uint64:
		v.SetUint(m.Uint64() >> m.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(m.NormFloat64())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(m.NormFloat64(), m.NormFloat64()))
	case reflect.String:
		v.SetString(string(make([]byte, m.length())))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), m.length(), 1<<9))
		for i := range v.Len() {
			m.fill(v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			m.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range m.IntN(6) {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			m.fill(key, 1)
			m.fill(elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			m.fill(v.Field(i), depth-1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		m.fill(v.Elem(), depth-1)
	case reflect.Interface:
		m.box(v, depth)
	}
}

// length is mostly short, now and then longer than what a histogram keeps in its array.
func (m maker) length() int {
	if m.IntN(10) == 0 {
		return m.IntN(300)
	}
	return m.IntN(6)
}

// box puts a value of one of boxTypes into an interface.
func (m maker) box(v reflect.Value, depth int) {
	if depth < -4 {
		return
	}
	names := []string{"int", "string", "[]string", "[]int8", "float64", "memsize/test.boxed",
		"map[string]interface {}", "[]interface {}"}
	x := reflect.New(boxTypes[names[m.IntN(len(names))]]).Elem()
	m.fill(x, depth-1)
	v.Set(x)
}

// folds tells whether a type contains itself somewhere.
func folds(c *Census) bool {
	for s := range c.Sites() {
		if s.Fold != nil {
			return true
		}
	}
	return false
}

// TestAgainstReflection encodes random values of random types and compares the census with a
// walk of the value, path by path, for readers that give all, half, or one byte at a time.
func TestAgainstReflection(t *testing.T) {
	seed := seed.Of(t)
	compared, folded := 0, 0
	for i := range testRounds() {
		m := maker{rand.New(rand.NewPCG(seed, uint64(i)))}
		typ := m.typ(4)
		var stream bytes.Buffer
		enc := gob.NewEncoder(&stream)
		want := make(oracle)
		values := 0
		for range 1 + m.IntN(3) {
			v := reflect.New(typ).Elem()
			m.fill(v, 4)
			if typ.Kind() == reflect.Interface && v.IsNil() {
				continue
			}
			if err := enc.EncodeValue(v); err != nil {
				t.Fatalf("seed %d/%d: %v: %v", seed, i, typ, err)
			}
			want.count(v)
			values++
		}
		if values == 0 || typ.Kind() == reflect.Interface {
			continue
		}
		c := scanBytes(t, stream.Bytes())
		require.EqualValues(t, values, c.Values)
		if folds(c) {
			folded++
		}
		compared++
		require.Equal(t, want, ofCensus(c), "seed %d/%d: %v\n%s", seed, i, typ, dump(c))
	}
	require.Greater(t, compared, testRounds()/2)
	require.Greater(t, folded, testRounds()/20, "too few recursive values to trust the test")
	t.Logf("%d compared, %d folded", compared, folded)
}

// scanBytes scans a stream that must be good, through several readers and window sizes, which
// must all give the same census.
func scanBytes(t *testing.T, stream []byte) *Census {
	t.Helper()
	o := defaults()
	c, err := scan(t.Context(), bytes.NewReader(stream), o)
	require.NoError(t, err)
	checkSums(t, c)
	require.EqualValues(t, len(stream), c.Bytes)
	checkOrder(t, c)
	o.notes = maxWindows // one to a window, and gaps that make the scan pause
	sparse, err := scan(t.Context(), bytes.NewReader(stream), o)
	require.NoError(t, err)
	require.Equal(t, dump(c), dump(sparse))
	o.bufferSize = 0 // the smallest that works
	half, err := scan(t.Context(), iotest.HalfReader(bytes.NewReader(stream)), o)
	require.NoError(t, err)
	require.Equal(t, dump(c), dump(half))
	require.Equal(t, valuesOf(sparse), valuesOf(half), "the sample depends on how the stream is cut")
	if len(stream) < 20_000 {
		one, err := scan(t.Context(), iotest.OneByteReader(bytes.NewReader(stream)), o)
		require.NoError(t, err)
		require.Equal(t, dump(c), dump(one))
		require.Equal(t, valuesOf(sparse), valuesOf(one), "the sample depends on how the stream is cut")
	}
	return c
}

// testRounds is how many random types the property tests try.
func testRounds() int {
	if testing.Short() {
		return 150
	}
	return 600
}
