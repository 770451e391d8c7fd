package snapshot

import (
	"bytes"
	"encoding/gob"
	"io"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// find returns the last site at a path: the value behind the pointers.
func find(t *testing.T, c *Census, path string) *Site {
	t.Helper()
	var found *Site
	for s := range c.Sites() {
		if s.Path() == path {
			found = s
		}
	}
	require.NotNil(t, found, "no site %q in\n%s", path, dump(c))
	return found
}

// The types of TestTypes. Each is encoded by one encoder only, for what an encoder calls a type
// depends on where it met it first.
type widths struct {
	Small   []int8
	Wide    []uint64
	Matrix  [][]float32
	Ptrs    [3]*point
	Named   map[userID]*point
	Ptr     *point
	ByValue point
	Nested  struct{ Deep *point }
	Hash    [32]byte
}

type point struct{ X, Y int }

type userID string

type floats struct{ Single, Double []price }

type price struct {
	Low  float32
	High float64
}

type ring struct {
	Value int
	Next  *ring
}

type knot struct {
	One *knotB
	Val int
}

type knotB struct {
	Two *knot
	Val int
}

// What is missing is seen also at a field that its own type leads back to.
func TestAbsentWhereTypesRecur(t *testing.T) {
	type list struct{ Ring *ring }
	c := scanBytes(t, encode(t, list{}, list{&ring{1, &ring{2, &ring{3, nil}}}}))
	require.Equal(t, "*ring", fieldType(c))
	require.EqualValues(t, 1, c.Roots[0].Children[0].Absent)
}

// TestTypes: what the wire tells of the Go type, seen through the types of the sites.
func TestTypes(t *testing.T) {
	p := &point{1, 2}
	w := widths{
		Small: []int8{1}, Wide: []uint64{1}, Matrix: [][]float32{{1}}, Ptrs: [3]*point{p, p, p},
		Named: map[userID]*point{"a": p}, Ptr: p, Hash: [32]byte{31: 200},
	}
	var noPtr widths
	noPtr.Ptrs = w.Ptrs
	var prices floats
	for range 100 {
		prices.Single = append(prices.Single, price{rand.Float32(), rand.Float64()})
	}
	for _, row := range []struct {
		value  []any
		path   string
		typ    string
		reason string
	}{
		{[]any{w}, "Small", "[]int8", "the name of an unnamed type carries widths"},
		{[]any{w}, "Small[]", "int8", ""},
		{[]any{w}, "Wide[]", "uint64", ""},
		{[]any{w}, "Matrix[][]", "float32", "through two levels"},
		{[]any{w}, "Ptrs", "[3]*snapshot.point", "and pointers"},
		{[]any{w}, "Named[key]", "snapshot.userID", "and names"},
		{[]any{w}, "Named[]", "snapshot.point", "behind the pointer"},
		{[]any{w}, "ByValue", "snapshot.point", "always sent: no proof of a pointer"},
		{[]any{w, noPtr}, "Ptr", "snapshot.point", "behind the pointer that an absence proves"},
		{[]any{w}, "Hash", "[32]uint8", "an array of small numbers is one of bytes"},
		{[]any{prices}, "Single[].Low", "float32", "no mantissa longer than five bytes"},
		{[]any{prices}, "Single[].High", "float64", ""},
		{[]any{[]int64{1 << 40}}, "[]", "int64", "wider than 32 bits"},
		{[]any{[]any{int16(5)}}, "[].(int16)", "int16", "registered names carry widths"},
		{[]any{[]any{&inner{}}}, "[].(*snapshot.inner)", "snapshot.inner", "and pointers"},
		{[]any{[]any{outer{}}}, "[].(example.org/pkg.outer)", "pkg.outer", "and import paths"},
		{[]any{time.Unix(1, 0)}, "", "time.Time", "by name and payload"},
		{[]any{&ring{1, &ring{2, nil}}}, "Next", "ring", "a type that contains itself"},
	} {
		c := scanBytes(t, encode(t, row.value...))
		require.Equal(t, row.typ, find(t, c, row.path).Type.String(), "%s: %s", row.path, row.reason)
	}
}

// TestPointers: pointers are sites of their own, nil ones are counted, and types that contain
// themselves by value do not exist.
func TestPointers(t *testing.T) {
	three := [3]*point{{}, {}, {}}
	c := scanBytes(t, encode(t, widths{Ptr: &point{}, Ptrs: three},
		widths{Ptrs: three}, widths{Ptrs: three}))
	var pointer *Site
	for s := range c.Sites() {
		if s.Path() == "Ptr" && s.Role == Field {
			pointer = s
		}
	}
	require.Equal(t, "*snapshot.point", pointer.Type.String())
	require.EqualValues(t, 3, pointer.Count)
	require.EqualValues(t, 2, pointer.Absent)
	require.Equal(t, []LengthCount{{1, 1}}, pointer.Lengths)
	require.EqualValues(t, 1, pointer.Children[0].Count)
	require.Equal(t, Pointee, pointer.Children[0].Role)

	// Cut before the first absence, which would prove where the pointer is: there must be one.
	endless := join(message(defineStruct(65, "A", field{"B", 66})),
		message(defineStruct(66, "B", field{"A", 65})),
		message(integer(65), bytes.Repeat([]byte{1}, 100)))
	c, err := Scan(t.Context(), bytes.NewReader(endless[:len(endless)-5]))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	checkFinite(t, c)
	require.NotEmpty(t, c.Assumptions)
	require.Contains(t, c.Assumptions[0].Taken, "contains itself")

	c = scanBytes(t, encode(t, knot{&knotB{&knot{Val: 1}, 2}, 3}))
	checkFinite(t, c)
}

// checkFinite fails if a type of the census contains itself without a container between.
func checkFinite(t *testing.T, c *Census) {
	t.Helper()
	finite := make(map[*Type]bool) // false while it is being looked at
	var check func(*Type)
	check = func(typ *Type) {
		if done, met := finite[typ]; met {
			require.True(t, done, "%v has no finite size", typ)
			return
		}
		finite[typ] = false
		for i := range typ.NumField() {
			check(typ.Field(i).Type.(*Type))
		}
		if typ.Kind() == reflect.Array {
			check(typ.Spec.Elem)
		}
		finite[typ] = true
	}
	for s := range c.Sites() {
		check(s.Type)
	}
}

// TestAssumptions: what is assumed is named, what is known is not.
func TestAssumptions(t *testing.T) {
	type counted struct {
		Height uint32
		Name   string
		Big    int64
		Flag   bool
	}
	c := scanBytes(t, encode(t, counted{1 << 20, "n", 1 << 50, true}))
	require.Equal(t, []Assumption{{Path: "Height", Name: "Height", Type: "uint", Taken: "4..8 bytes, assumed 8"}}, c.Assumptions)
}

// TestFold: a recursive type is a finite tree, and counts below a fold are those of the ancestor.
func TestFold(t *testing.T) {
	var list *ring
	for i := range 100_000 {
		list = &ring{i, list}
	}
	c := scanBytes(t, encode(t, list))
	root := c.Roots[0]
	require.EqualValues(t, 100_000, root.Count)
	next := root.Children[1]
	require.EqualValues(t, 100_000, next.Count)
	require.EqualValues(t, 1, next.Absent)
	require.Same(t, root, next.Children[0].Fold)
	require.EqualValues(t, 99_999, next.Children[0].Count)
	require.EqualValues(t, 1, root.Children[0].Absent, "the zero")
}

// bead is a node with a field behind the link: it is sent when all nodes below are complete.
type bead struct {
	Value int
	Next  *bead
	After string
}

// beads makes a list of n nodes; every third has something in After.
func beads(n int) *bead {
	var list *bead
	for i := range n {
		list = &bead{Value: i, Next: list}
		if i%3 == 0 {
			list.After = "after"
		}
	}
	return list
}

// TestLists: lists beside each other, whose nodes go on behind the link; frames that are merged
// on the way down are taken apart on the way up.
func TestLists(t *testing.T) {
	c := scanBytes(t, encode(t, []*bead{beads(1), beads(2), beads(500), beads(3)}))
	require.EqualValues(t, 506, find(t, c, "[]").Count)
	require.EqualValues(t, 4+502, find(t, c, "[].Next").Parent.Count)
	after := find(t, c, "[].After")
	require.Equal(t, []LengthCount{{5, 1 + 1 + 167 + 1}}, after.Lengths)
	require.EqualValues(t, 506-170, after.Absent)
	require.EqualValues(t, 4, find(t, c, "[].Value").Absent, "the zero of each list")

	// Cut at the innermost node, none has had the chance to send After.
	stream := encode(t, beads(1000))
	for cut := range len(stream) {
		c, err := Scan(t.Context(), bytes.NewReader(stream[:cut]))
		if err != nil && len(c.Roots) > 0 && c.Roots[0].Count < 900 {
			require.Zero(t, find(t, c, "After").Absent, "cut at %d: %s", cut, dump(c))
		}
	}
}

// TestDeep: values nest as deeply as they like; equal frames cost nothing.
func TestDeep(t *testing.T) {
	const depth = 2_000_000
	deep := join(message(defineSlice(65, "T", 65)),
		message(integer(65), zeros(1), bytes.Repeat([]byte{1}, depth), zeros(1)))
	c, err := Scan(t.Context(), bytes.NewReader(deep), MaxDepth(trackedDepth+10))
	require.NoError(t, err)
	require.EqualValues(t, depth+1, c.Roots[0].Count)
	require.Equal(t, []LengthCount{{0, 1}, {1, depth}}, c.Roots[0].Lengths)

	box := join(text("T"), integer(65), number(9)) // T{V any} in an interface in a T …
	nested := join(message(defineStruct(65, "T", field{"V", 8})),
		message(integer(65), bytes.Repeat(join([]byte{1}, box), 300_000), zeros(300_001)))
	c, err = Scan(t.Context(), bytes.NewReader(nested))
	require.NoError(t, err)
	require.EqualValues(t, 300_001, c.Roots[0].Count)
}

// TestTwoEncoders: the same type from two encoders is one root, another type under the same id is
// not mixed up with it.
func TestTwoEncoders(t *testing.T) {
	c := scanBytes(t, join(encode(t, someOuter()), encode(t, someOuter(), 5)))
	require.Len(t, c.Roots, 2)
	require.EqualValues(t, 2, c.Roots[0].Count)
	require.EqualValues(t, 2, c.Encoders)
	require.Len(t, c.Warnings, 1)

	first := join(message(defineStruct(65, "T", field{"A", 2})),
		message(integer(65), number(1), integer(7), zeros(1)))
	other := join(message(defineStruct(65, "T", field{"B", 6})),
		message(integer(65), number(1), text("x"), zeros(1)))
	c = scanBytes(t, join(first, other, first))
	require.Len(t, c.Roots, 2)
	require.EqualValues(t, 2, c.Roots[0].Count)
	require.EqualValues(t, 1, c.Roots[1].Count)
	require.EqualValues(t, 3, c.Encoders)

	// Types that differ in nothing but how they encode themselves.
	binary := join(integer(-65), []byte{6, 1}, common("O", 65), []byte{0, 0})
	value := message(integer(65), zeros(1), text("xyz"))
	c = scanBytes(t, join(message(defineOpaque(65, "O")), value, message(binary), value))
	require.Len(t, c.Roots, 2)
	require.Equal(t, "BinaryMarshaler", c.Roots[1].Type.Opaque())

	// The second encoder's types refer forward to an id that the first has used: the new one counts.
	slices := join(message(defineSlice(66, "S", 65)), message(defineStruct(65, "T", field{"B", 6})),
		message(integer(66), zeros(1), number(1), number(1), text("x"), zeros(1)))
	c = scanBytes(t, join(first, slices))
	require.Equal(t, "string", find(t, c, "[].B").Type.String())
}

// TestPayloads: a GobEncoder's payload that is a gob is looked into, any other is bytes.
func TestPayloads(t *testing.T) {
	c := scanBytes(t, encode(t, []sealed{{"one"}, {"three"}}))
	tags := find(t, c, "[].gob.Tags[]")
	require.Equal(t, []LengthCount{{3, 3}, {5, 1}}, tags.Lengths)
	require.EqualValues(t, 1, c.Values, "values inside payloads are not values of the stream")

	c = scanBytes(t, encode(t, []*big.Int{big.NewInt(5), big.NewInt(1 << 60)}))
	ints := find(t, c, "[]")
	require.Equal(t, "GobEncoder", ints.Type.Opaque())
	require.Empty(t, ints.Children)
	require.EqualValues(t, 2, ints.Count)

	// One payload that is no gob makes bytes of all.
	good, err := sealed{"one"}.GobEncode()
	require.NoError(t, err)
	mixed := join(message(defineOpaque(65, "O")), message(defineSlice(66, "", 65)),
		message(integer(66), zeros(1),
			number(3), number(uint64(len(good))), good, text("no gob"), number(uint64(len(good))), good))
	c = scanBytes(t, mixed)
	require.Empty(t, find(t, c, "[]").Children)
	require.Len(t, find(t, c, "[]").Lengths, 2)
}

// TestBiggest: the twenty largest entries of a map, by wire bytes, with their keys, even if an
// entry is longer than the window.
func TestBiggest(t *testing.T) {
	values := make(map[string][]byte)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 300 {
		values[strings.Repeat("k", i%7)+string(rune('A'+i))] = make([]byte, r.IntN(1500))
	}
	values["huge"] = make([]byte, 3*bufferSize)
	type entry struct {
		key  string
		size uint64
	}
	var want []entry
	for key, value := range values {
		size := len(text(key)) + len(number(uint64(len(value)))) + len(value)
		want = append(want, entry{`"` + key + `"`, uint64(size)})
	}
	slices.SortFunc(want, func(a, b entry) int { return int(b.size) - int(a.size) })
	c := scanBytes(t, encode(t, map[string]map[string][]byte{"only": values}))
	got := find(t, c, "[]").Biggest
	require.Len(t, got, 20)
	for i, e := range got {
		require.Equal(t, want[i].size, e.Bytes)
		require.Contains(t, want, entry{e.Key, e.Bytes})
	}
	require.Equal(t, `"huge"`, got[0].Key)
	require.Equal(t, `"only"`, find(t, c, "").Biggest[0].Key)
}

// TestKeys: keys of every kind are shown as Go literals or hex, bounded and escaped.
func TestKeys(t *testing.T) {
	for _, row := range []struct {
		value any
		key   string
	}{
		{map[string]int{"a\x1b[31m\nb\"": 1}, `"a\x1b[31m\nb"` + `"`},
		{map[int]int{-5: 1}, "-5"},
		{map[uint8]int{200: 1}, "200"},
		{map[bool]int{true: 1}, "true"},
		{map[float64]int{1.5: 1}, "1.5"},
		{map[complex128]int{1 + 2i: 1}, "(1+2i)"},
		{map[[4]byte]int{{1, 0xab, 0, 0xff}: 1}, "01ab00ff"},
		{map[[2]int]int{{1, -300}: 1}, "[1 -300]"},
		{map[point]int{{3, 4}: 1}, "{X:3 Y:4}"},
		{map[string]int{strings.Repeat("é", 200): 1}, `"` + strings.Repeat("é", 64) + "…\"…"},
		{[]string{"a", "bb"}, "1"},
	} {
		c := scanBytes(t, encode(t, row.value))
		require.Equal(t, row.key, c.Roots[0].Biggest[0].Key, "%v", row.value)
	}
}

// TestEscaping: no control character of a name gets out.
func TestEscaping(t *testing.T) {
	bad := "\x1b]0;owned\a\n\xff"
	stream := join(message(defineStruct(65, bad, field{bad, 2}, field{"I", 8})),
		message(integer(65), number(1), integer(7), number(1), text(bad),
			integer(2), number(2), zeros(1), integer(1), zeros(1)))
	c := scanBytes(t, stream)
	require.NotContains(t, dump(c), "\x1b")
	require.NotContains(t, dump(c), "\a")
	require.Contains(t, c.Roots[0].Type.String(), `\x1b`)
	for s := range c.Sites() {
		require.NotContains(t, s.Path(), "\n")
	}
}

// TestGobAgrees: on all small streams encoding/gob decodes as many values as the scan counts.
func TestGobAgrees(t *testing.T) {
	for name, stream := range smallStreams(t) {
		if name == "two encoders" || name == "interfaces" {
			continue // a decoder cannot read the first, nor skip the second
		}
		dec := gob.NewDecoder(bytes.NewReader(stream))
		values := uint64(0)
		for dec.DecodeValue(reflect.Value{}) == nil {
			values++
		}
		require.Equal(t, values, scanBytes(t, stream).Values, name)
	}
}
