package snapshot

import (
	"encoding/gob"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Values of these maps look alike on the wire: they have no name.
type (
	alikeNarrow map[string]struct {
		N int8
		P *alikePoint
	}
	alikeWide map[string]struct {
		N int64
		P alikePoint
	}
	alikePoint   struct{ X int }
	chosenStruct struct{ X int }
)

// doubtful has something of all that a stream may leave open.
type doubtful struct {
	Small  uint16
	Large  int64
	Single float32
	Text   string
	Struct alikePoint
	Nil    *alikePoint
	Rows   []uint32
	Empty  []bool
	None   [0]int
	Any    []any
	Big    *big.Int
	At     time.Time
	Named  map[string]*alikePoint
}

// atPath is the first site at a path.
func atPath(t *testing.T, c *Census, path string) *Site {
	t.Helper()
	for s := range c.Sites() {
		if s.Path() == path {
			return s
		}
	}
	require.Fail(t, "no such path", path)
	return nil
}

func TestDoubts(t *testing.T) {
	gob.Register(alikePoint{})
	gob.Register([]uint16{})
	gob.RegisterName("chosen", &chosenStruct{})
	point := alikePoint{1}
	v := doubtful{Small: 300, Large: 1 << 40, Single: 0.1, Text: "x", Struct: point, Rows: []uint32{1},
		Any: []any{int16(1), "x", point, &chosenStruct{}, []uint16{1}}, Big: big.NewInt(1), At: time.Unix(1, 0),
		Named: map[string]*alikePoint{"k": &point}}
	c := scanBytes(t, encode(t, v, v))
	signed := []reflect.Kind{reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int, reflect.Int64}
	unsigned := []reflect.Kind{reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64}
	open := Doubt{Pointer: true}
	for path, want := range map[string]Doubt{
		"":         {Fields: true},
		"Small":    {Pointer: true, Kinds: unsigned},
		"Large":    open,
		"Single":   {Pointer: true, Kinds: []reflect.Kind{reflect.Float32, reflect.Float64}},
		"Text":     open,
		"Struct":   {Pointer: true, Fields: true},
		"Struct.X": {Pointer: true, Kinds: signed},
		"Nil":      {}, // a nil proves the pointer
		"Rows":     open,
		"Rows[]":   {}, // the name of the type says all
		"Empty":    {Pointer: true, Unseen: true},
		"None":     {Pointer: true, Unseen: true},
		"Any":      open,
		// No row for Any[]: encoding/gob names a slice type after the first value of it that the process
		// encodes, so that what its name says depends on the tests that ran before.

		"Any[].(int16)":  {}, // registered by the name of the type
		"Any[].(string)": {},
		"Any[].(github.com/bitcoin-mem/memsize/snapshot.alikePoint)": {Pointer: true, Fields: true},
		"Any[].(chosen)":     {Pointer: true, Fields: true}, // a name of its own may stand for a pointer
		"Any[].([]uint16)":   {},
		"Any[].([]uint16)[]": {},
		"Big":                {Pointer: true, Opaque: true},
		"At":                 open, // a time by its name and payload
		"Named":              open,
		"Named[key]":         {},
		"Named[]":            {},
	} {
		require.Equal(t, want, atPath(t, c, path).Doubt, path)
	}
}

// Types of two streams that look alike are taken for one, and values of them are told apart by where
// they are: what is seen at one place proves nothing of the other.
func TestDoubtsOfTypesThatLookAlike(t *testing.T) {
	type both struct{ X int64 } // defined in both streams, which shows where the second begins
	streams := func(first, second any) *Census {
		return scanBytes(t, join(encode(t, both{1}, first), encode(t, both{1}, second)))
	}
	c := streams(alikeNarrow{"a": {N: 1}, "b": {P: &alikePoint{1}}}, alikeWide{"a": {N: 1 << 40}})
	narrow, wide := c.Roots[1].Children[0], c.Roots[2].Children[0]
	require.Same(t, narrow.Type, wide.Type, "else this tests nothing")
	signed := []reflect.Kind{reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int, reflect.Int64}
	require.Equal(t, signed, narrow.Children[0].Doubt.Kinds)
	require.Nil(t, wide.Children[0].Doubt.Kinds)
	require.False(t, narrow.Children[1].Doubt.Pointer, "it was nil")
	require.True(t, wide.Children[1].Doubt.Pointer, "it was not")

	// A name that leads to them tells types without one apart, in two streams as well as in one.
	type named struct{ A map[string][]int16 }
	type other struct{ B map[string][]int64 }
	first, second := named{map[string][]int16{"a": {1}}}, other{map[string][]int64{"a": {1}}}
	for _, c := range []*Census{streams(first, second), scanBytes(t, encode(t, first, second))} {
		require.Equal(t, reflect.Int16, atPath(t, c, "A[][]").Type.Kind())
		require.Equal(t, reflect.Int64, atPath(t, c, "B[][]").Type.Kind())
	}
}
