package price_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/fuzzing"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

type (
	fuzzList struct {
		V    int32
		Next *fuzzList
	}
	fuzzTree struct {
		Kids []fuzzTree
		Name string
	}
	fuzzMaps struct {
		M map[string]*fuzzMaps
		N int16
	}
	fuzzWide struct {
		A bool
		B int8
		C uint16
		D float32
		E complex64
		F string
		G []byte
		H [3]int16
		I *int32
		J **string
		K []*string
		L map[int16]string
		M map[string][]int32
		N [2][2]string
		O struct{ X, Y uint8 }
		P *struct{ Z []float64 }
		Q any
		R []any
	}
	fuzzInner struct{ C string }
)

// fuzzTypes are the Go types whose values are encoded, changed and read.
var fuzzTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[float32](),
	reflect.TypeFor[complex128](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[[]int8](), reflect.TypeFor[[]uint16](), reflect.TypeFor[[]uintptr](),
	reflect.TypeFor[[]float64](), reflect.TypeFor[[]complex64](), reflect.TypeFor[[]bool](),
	reflect.TypeFor[[]string](), reflect.TypeFor[[][]byte](), reflect.TypeFor[[5]int32](),
	reflect.TypeFor[[2][]uint32](), reflect.TypeFor[map[string]int](), reflect.TypeFor[map[int8]bool](),
	reflect.TypeFor[map[string]string](), reflect.TypeFor[map[[2]uint8][]string](),
	reflect.TypeFor[map[string]map[int]string](), reflect.TypeFor[map[string]struct{}](),
	reflect.TypeFor[map[fuzzInner]*fuzzInner](), reflect.TypeFor[fuzzList](), reflect.TypeFor[fuzzTree](),
	reflect.TypeFor[fuzzMaps](), reflect.TypeFor[fuzzWide](), reflect.TypeFor[[]fuzzWide](),
	reflect.TypeFor[[]struct {
		A *struct{ B *struct{ C string } }
	}](),
	reflect.TypeFor[[]struct {
		A, D *struct{ B *struct{ C string } }
	}](),
	reflect.TypeFor[*struct{ A **struct{ B []*int } }](), reflect.TypeFor[[]*[]*[]string](),
	reflect.TypeFor[struct{ A [2]struct{ B *[2]string } }](), reflect.TypeFor[[]any](),
	reflect.TypeFor[map[string]any](), reflect.TypeFor[struct{ A, B any }](), reflect.TypeFor[[]time.Time](),
	reflect.TypeFor[map[any]string](), reflect.TypeFor[struct {
		A struct {
			B struct{ C []struct{ D string } }
		}
	}](), reflect.TypeFor[[][][]int16](), reflect.TypeFor[struct{ E map[string]*[]any }](),
}

// fuzzBoxed are types that interfaces hold.
var fuzzBoxed = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[string](), reflect.TypeFor[[]uint16](),
	reflect.TypeFor[[]int64](), reflect.TypeFor[fuzzInner](), reflect.TypeFor[float32](),
	reflect.TypeFor[[]string](), reflect.TypeFor[bool](), reflect.TypeFor[fuzzList](),
}

func init() {
	for _, t := range fuzzBoxed {
		gob.Register(reflect.Zero(t).Interface())
	}
}

// fill sets v to a random value, down to some levels.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64) >> (64 - v.Type().Bits()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(r.Uint64() >> r.IntN(64) >> (64 - v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(r.IntN(100)) / 4)
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(float64(r.IntN(9)), 1))
	case reflect.String:
		v.SetString(strings.Repeat("ab", r.IntN(12)))
	case reflect.Interface:
		if r.IntN(4) > 0 {
			held := reflect.New(fuzzBoxed[r.IntN(len(fuzzBoxed))]).Elem()
			fill(r, held, depth-1)
			v.Set(held)
		}
	case reflect.Pointer:
		if depth > 0 && r.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1)
		}
	default:
		fillParts(r, v, depth)
	}
}

func fillParts(r *rand.Rand, v reflect.Value, depth int) {
	n := 0
	if depth > 0 {
		n = r.IntN(5)
	}
	switch t := v.Type(); v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
			notNil(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range n {
			key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			fill(r, key, depth-1)
			if key.Kind() == reflect.Interface {
				key.Set(reflect.ValueOf(r.IntN(100)))
			}
			fill(r, elem, depth-1)
			notNil(elem)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1e9), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(r, v.Field(i), depth-1)
		}
	}
}

// notNil makes a pointer that is nil point to a zero value: gob has no word for one in a list.
func notNil(v reflect.Value) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
		notNil(v.Elem())
	}
}

// changed is a stream with some bytes changed. Each edit is four bytes: a place, of two bytes, what the
// third adds to the byte there, and which part the place is in. Seven in eight are in the last message,
// which has the value: a stream of which a definition or the length of a message was changed is rarely
// read to its end. What is added is small where a byte may be a length.
func changed(stream, edits []byte) []byte {
	stream = bytes.Clone(stream)
	for ; len(edits) >= 4; edits = edits[4:] {
		part := stream[lastMessage(stream):]
		if edits[3]%8 == 0 {
			part = stream
		}
		at, by := (int(edits[0])<<8|int(edits[1]))%len(part), edits[2]
		if part[at] < 0x20 {
			by = by%4 - 2
		}
		part[at] += by
	}
	return stream
}

// lastMessage is where the bytes of the last message begin behind its length; 0 where a change of a
// length leaves no messages.
func lastMessage(stream []byte) (at int) {
	for next := 0; ; {
		n, width := uint64(stream[next]), 1
		if size := -int(int8(n)); n >= 0x80 && size <= 8 && next+size < len(stream) {
			n, width = 0, 1+size
			for _, b := range stream[next+1 : next+1+size] {
				n = n<<8 | uint64(b)
			}
		}
		switch end := uint64(next+width) + n; {
		case end == uint64(len(stream)) && n > 0:
			return next + width
		case end > uint64(len(stream)) || n == 0:
			return 0
		default:
			next = int(end)
		}
	}
}

// fuzzed is a stream of a random value of one of fuzzTypes.
func fuzzed(which int, seed uint64) (stream []byte, typ reflect.Type) {
	typ = fuzzTypes[which%len(fuzzTypes)]
	v := reflect.New(typ)
	fill(rand.New(rand.NewPCG(seed, 1)), v.Elem(), 5)
	notNil(v.Elem())
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).EncodeValue(v); err != nil {
		panic(err) // none of the values holds what gob refuses
	}
	return b.Bytes(), typ
}

// fuzzTypesByName is a layout of this program's types.
var fuzzTypesByName = func() map[string]reflect.Type {
	all := make(map[string]reflect.Type)
	for _, t := range fuzzBoxed {
		name := t.String()
		if t.PkgPath() != "" {
			name = t.PkgPath() + "." + t.Name()
		}
		all[name] = t
	}
	return all
}()

// checkChanged holds what is made of a stream, as it is, against what encoding/gob decodes.
func checkChanged(t *testing.T, stream []byte, typ reflect.Type) (scanned bool) {
	c, err := snapshot.Scan(t.Context(), bytes.NewReader(stream))
	scanned = err == nil
	typed := c.Retype(liveTypes{typ, fuzzTypesByName})
	models := append(asIf[:len(asIf):len(asIf)], rules.Go())
	wire, err := price.Price(c, models, nil)
	require.NoError(t, err)
	if len(stream)%4 == 0 { // what is saved takes longer than all else
		checkSaved(t, c, models, wire)
	}
	known, err := price.Price(typed, models, nil)
	require.NoError(t, err)
	v := reflect.New(typ)
	if !scanned || c.Values != 1 || claimsTooMuch(c) || gob.NewDecoder(bytes.NewReader(stream)).DecodeValue(v) != nil {
		return scanned
	}
	if isLossless(typed) {
		checkDecoded(t, stream, v.Elem(), wire, known)
	}
	return scanned
}

// checkDecoded holds figures against what a decoded value takes: with its types known these are equal,
// and without them the truth is within the bounds, if encoding/gob could have written the stream. Of a map
// whose keys are sent twice, which the first model shows, less is there than was sent, of which nothing
// more is said.
func checkDecoded(t *testing.T, stream []byte, v reflect.Value, wire, known *report.Report) {
	t.Helper()
	held, within := v.Interface(), func(int, uint64, string) {}
	if isWritten(stream, v) {
		within = func(model int, want uint64, why string) { checkWithin(t, v.Type(), wire, model, want, why) }
	}
	for i, m := range asIf {
		want := memsize.Of(held, memsize.WithModel(m), memsize.CapIsLen(), memsize.PerReference())
		why := fmt.Sprintf("%s under %s\n%x\n%.900s", v.Type(), m.Name(), stream, fmt.Sprintf("%#v", held))
		if i == 0 && known.Total > want && hasMaps(v.Type()) {
			return
		}
		require.Equal(t, want, known.Models[i].Total, why)
		within(i, want, why)
	}
	if hasTimes(v.Type()) {
		return // a zone may have a location of its own, which is not counted
	}
	want, slack := memsize.Heap(held), 16*float64(blocks(held))
	why := fmt.Sprintf("%s on the heap\n%x\n%.900s", v.Type(), stream, fmt.Sprintf("%#v", held))
	require.InDelta(t, want, known.Models[len(asIf)].Total, slack, why)
	if wire.Models[len(asIf)].Bounds != nil { // else it is a figure, not a bound
		within(len(asIf), want, why)
	}
}

// isWritten tells whether a stream is what encoding/gob writes of v, but for the order of entries: else no
// type has written it, for a change left out what is always sent, a struct for one.
func isWritten(stream []byte, v reflect.Value) bool {
	var b bytes.Buffer
	if gob.NewEncoder(&b).EncodeValue(v) != nil {
		return false
	}
	return slices.Equal(slices.Sorted(slices.Values(stream)), slices.Sorted(slices.Values(b.Bytes())))
}

// checkWithin holds the truth against the bounds of a model.
func checkWithin(t *testing.T, typ reflect.Type, wire *report.Report, model int, want uint64, why string) {
	t.Helper()
	figures := wire.Models[model : model+1]
	low, high := boundsOf(&report.Report{Total: figures[0].Total, Models: figures})
	require.LessOrEqual(t, low, want, why)
	if typ.Kind() != reflect.Pointer && !pointsToPointers(typ) { // of which the most says nothing
		require.GreaterOrEqual(t, high, want, why)
	}
}

// checkSaved: a census comes back from its saved form, and from a merge of it alone, as it was: it is
// saved again to the byte, and costs the same under every model.
func checkSaved(t *testing.T, c *snapshot.Census, models []*rules.Model, want *report.Report) {
	t.Helper()
	var saved bytes.Buffer
	require.NoError(t, c.Save(&saved))
	loaded, err := snapshot.Scan(t.Context(), bytes.NewReader(saved.Bytes()))
	require.Equal(t, c.Err == nil, err == nil)
	merged, err := snapshot.Merge(c)
	require.NoError(t, err)
	for _, back := range []*snapshot.Census{loaded, merged} {
		var again bytes.Buffer
		require.NoError(t, back.Save(&again))
		require.Equal(t, saved.String(), again.String())
		r, err := price.Price(back, models, nil)
		require.NoError(t, err)
		require.Equal(t, want.Models, r.Models)
		require.Equal(t, want.Tree, r.Tree)
	}
}

// Every file that the tests have comes back from its saved form as it was.
func TestFilesSurviveSaving(t *testing.T) {
	names, err := filepath.Glob("../../testdata/*.gob")
	require.NoError(t, err)
	if folder := os.Getenv("MEMSIZE_SNAPSHOTS"); folder != "" {
		for _, pattern := range []string{"real/*.gob", "hostile/*", "../cases/hostile/*"} {
			more, err := filepath.Glob(filepath.Join(folder, pattern))
			require.NoError(t, err)
			names = append(names, more...)
		}
	}
	models := append(asIf[:len(asIf):len(asIf)], rules.Go(), lookup("go-386"))
	for _, name := range names {
		if strings.Contains(name, "bomb") && testing.Short() {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.Open(name)
			require.NoError(t, err)
			defer file.Close()
			c, _ := snapshot.Scan(t.Context(), file, snapshot.MaxSites(4000))
			if len(c.Roots) == 0 {
				return
			}
			r, err := price.Price(c, models, nil)
			require.NoError(t, err)
			checkSaved(t, c, models, r)
		})
	}
}

// claimsTooMuch tells streams that are not given to encoding/gob, for it would take what they claim.
func claimsTooMuch(c *snapshot.Census) bool {
	return c.LargestMessage > 1<<20 || c.Deepest.Values() > 1000
}

// isLossless tells whether a decoder keeps all that is in the stream.
func isLossless(c *snapshot.Census) bool { return len(c.Drift) == 0 }

// hasMaps tells whether values of t can hold maps.
func hasMaps(t reflect.Type) bool {
	return holds(t, func(t reflect.Type) bool { return t.Kind() == reflect.Map }, make(map[reflect.Type]bool))
}

// hasTimes tells whether values of t can hold times.
func hasTimes(t reflect.Type) bool {
	return holds(t, func(t reflect.Type) bool { return t == reflect.TypeFor[time.Time]() }, make(map[reflect.Type]bool))
}

// pointsToPointers tells whether values of t can hold pointers to pointers.
func pointsToPointers(t reflect.Type) bool {
	return holds(t, func(t reflect.Type) bool {
		return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Pointer
	}, make(map[reflect.Type]bool))
}

// holds tells whether a type that is asked for is t or below.
func holds(t reflect.Type, asked func(reflect.Type) bool, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if asked(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Map:
		return holds(t.Key(), asked, seen) || holds(t.Elem(), asked, seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holds(t.Elem(), asked, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holds(t.Field(i).Type, asked, seen) {
				return true
			}
		}
	}
	return false
}

// changedGobs is the fuzz target of gobs of one of 40 Go types, with a few bytes changed.
func changedGobs(t *testing.T, in fuzzing.Input) (parsed bool) {
	stream, typ := fuzzed(in.Which, in.Seed)
	return checkChanged(t, changed(stream, in.Edits[:min(len(in.Edits), 16)]), typ)
}

// FuzzGob: a gob with a few bytes changed is accounted for without a panic; where encoding/gob still
// decodes it, the account is what it decodes to.
func FuzzGob(f *testing.F) { fuzzing.Run(f, len(fuzzTypes), changedGobs) }

// TestChangedGobs runs some of the inputs that FuzzGob looks for.
func TestChangedGobs(t *testing.T) { fuzzing.Try(t, 1000, changedGobs) }
