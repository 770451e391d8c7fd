package snapshot

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// Streams that are odd rather than small: what is checked is that they are read, or stop at a
// limit, in the memory and time that any stream may take.

// A file to which every run of a program has appended a stream of its own: their types are the
// same, whatever number each encoder gave them, and the warnings are few.
func TestManyEncoders(t *testing.T) {
	type event struct {
		When int64
		Tags []string
	}
	var stream bytes.Buffer
	for i := range 3000 {
		require.NoError(t, gob.NewEncoder(&stream).Encode(event{int64(i), []string{"a", "b"}}))
	}
	c := scanBytes(t, stream.Bytes())
	require.EqualValues(t, 3000, c.Values)
	require.EqualValues(t, 3000, c.Encoders)
	require.Len(t, c.Roots, 1)
	require.Len(t, c.Warnings, maxWarnings)
}

// Encoders of ever other types end at a limit, and recognising none of them takes no longer for
// each that was met.
func TestManyTypes(t *testing.T) {
	for why, definition := range map[string]func(i int) []byte{
		"names":  func(i int) []byte { return defineStruct(65, fmt.Sprint("T", i), field{"A", 2}) },
		"fields": func(i int) []byte { return defineStruct(65, "T", field{fmt.Sprint("A", i), 2}) },
	} {
		var stream bytes.Buffer
		for i := range 50_000 {
			stream.Write(message(definition(i)))
			stream.Write(message(integer(65), number(1), integer(7), zeros(1)))
		}
		c, err := Scan(t.Context(), &stream, MaxSites(1000))
		require.ErrorIs(t, err, ErrLimit, why)
		require.EqualValues(t, 500, c.Values)
	}
}

// net/rpc's streams alternate between headers and bodies.
func TestAlternatingTypes(t *testing.T) {
	type request struct {
		ServiceMethod string
		Seq           uint64
	}
	type arguments struct{ A, B int }
	var values []any
	for i := range 100 {
		values = append(values, request{"Arith.Multiply", uint64(i)}, arguments{i, 2})
	}
	c := scanBytes(t, encode(t, values...))
	require.Len(t, c.Roots, 2)
	require.EqualValues(t, 100, c.Roots[0].Count)
	require.EqualValues(t, 100, c.Roots[1].Count)
	require.Empty(t, c.Warnings)
}

// Types of which each holds two of the next: a value that sends none has few sites.
func TestExponentialTypes(t *testing.T) {
	const levels = 40
	var stream bytes.Buffer
	for i := range levels {
		next := int64(66 + i)
		stream.Write(message(defineStruct(int64(65+i), "T", field{"A", next}, field{"B", next})))
	}
	stream.Write(message(defineStruct(65+levels, "Leaf", field{"X", 2})))
	stream.Write(message(integer(65), zeros(1)))
	c := scanBytes(t, stream.Bytes())
	n := 0
	for s := range c.Sites() {
		require.Less(t, len(s.Type.String()), 1000)
		n++
	}
	require.Less(t, n, 10)
}

// Interface values inside each other, of which each defines the type that it holds in the middle of
// the outer ones. The paths grow with the depth, and so does what they take all together.
func TestDefinitionsInsideEachOther(t *testing.T) {
	stream := func(depth int) []byte {
		var stream bytes.Buffer
		parts := join(integer(8), zeros(1))
		for i := range depth {
			id := int64(65 + i)
			stream.Write(message(parts, text(fmt.Sprint("n", i)),
				defineStruct(id, fmt.Sprint("T", i), field{"V", 8})))
			parts = join(integer(id), number(100), number(1))
		}
		stream.Write(message(parts, zeros(1), zeros(depth)))
		return stream.Bytes()
	}
	c := scanBytes(t, stream(200))
	require.EqualValues(t, 1, c.Values)
	require.Equal(t, Depth{Structs: 200, Boxes: 200}, c.Deepest)
	c, err := Scan(t.Context(), bytes.NewReader(stream(3000)))
	require.ErrorIs(t, err, ErrLimit)
	paths := 0
	for s := range c.Sites() {
		paths += len(s.Path())
	}
	require.Less(t, int64(paths), defaults().maxMemory/pathCost)
}

// Payloads that are gobs of payloads that are gobs, down to a limit; and the same around what is
// none. One that is broken at its end makes bytes of all at its place.
func TestPayloadsInsideEachOther(t *testing.T) {
	for why, inner := range map[string][]byte{"gob": encode(t, "x", "y"), "bytes": {1, 2, 3}} {
		for i := range 30 {
			inner = join(message(defineOpaque(65, fmt.Sprint("O", i))),
				message(integer(65), zeros(1), text(string(inner))))
		}
		c := scanBytes(t, inner)
		require.EqualValues(t, 1, c.Values, why)
		depth := 0
		for s := range c.Sites() {
			depth = max(depth, strings.Count("."+s.Path(), "."))
		}
		require.Equal(t, maxNesting, depth, why)
	}
	good := encode(t, sealedContent{"n", []string{"a"}})
	bad := bytes.Clone(good)
	bad[len(bad)-3] = 100 // the length of the last string
	stream := func(last []byte) []byte {
		body := join(integer(66), zeros(1), number(2000))
		for range 1999 {
			body = append(body, text(string(good))...)
		}
		return join(message(defineOpaque(65, "O")), message(defineSlice(66, "S", 65)),
			message(body, text(string(last))))
	}
	c := scanBytes(t, stream(good))
	require.NotEmpty(t, c.Roots[0].Children[0].Children)
	require.EqualValues(t, len(good), c.LargestPayload)
	c = scanBytes(t, stream(bad))
	require.Empty(t, c.Roots[0].Children[0].Children)
	require.EqualValues(t, 2000, c.Roots[0].Children[0].Count)
}

// Keys of a map may be interfaces of any types.
func TestKeysOfAnyType(t *testing.T) {
	gob.Register([2]int{})
	c := scanBytes(t, encode(t, map[any]any{
		1: "x", "k": 2, 1.5: []byte("b"), true: nil, [2]int{1, 2}: 3,
	}))
	key := c.Roots[0].Children[1]
	require.Equal(t, Key, key.Role)
	require.Len(t, key.Children, 5)
	require.EqualValues(t, 5, key.Count)
}

// A stream may use the number of a manifest's type for a type of its own.
func TestManifestIDOfAnotherType(t *testing.T) {
	c := scanBytes(t, join(message(defineStruct(ManifestID, "T", field{"A", 2})),
		message(integer(ManifestID), number(1), integer(5), zeros(1))))
	require.Nil(t, c.Manifest)
	require.Equal(t, "T", c.Roots[0].Type.Name())
	require.Equal(t, "A", c.Roots[0].Type.Field(0).Name)
}

// Names of any length are read; a start of them is kept.
func TestLongNames(t *testing.T) {
	name := strings.Repeat("n", 5<<20)
	c := scanBytes(t, join(message(defineStruct(65, name, field{name, 2})),
		message(integer(65), number(1), integer(5), zeros(1))))
	require.Less(t, len(c.Roots[0].Type.Name()), 2*maxShown)
	require.Less(t, len(c.Roots[0].Children[0].Path()), 2*maxShown)
}

// Types by the hundred thousand that no value uses, and chains of types, end at the limit of
// memory.
func TestTooManyDefinitions(t *testing.T) {
	var unused, chain bytes.Buffer
	for i := range int64(200_000) {
		unused.Write(message(defineSlice(65+i, "S", 2)))
		chain.Write(message(defineSlice(65+i, "S", 66+i)))
	}
	for _, stream := range []*bytes.Buffer{&unused, &chain} {
		_, err := Scan(t.Context(), stream)
		require.ErrorIs(t, err, ErrLimit)
		require.ErrorContains(t, err, "memory")
	}
}

// What zstd and gzip allow, and what they do not.
func TestOddCompression(t *testing.T) {
	plain := encode(t, someOuter(), []int{1, 2, 3})
	skippable := join([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00"), zeros(4))
	for why, stream := range map[string][]byte{
		"other data first": join(skippable, zstded(t, plain)), // pzstd does so
		"frames":           join(zstded(t, plain[:100]), zstded(t, plain[100:])),
		"members":          join(gzipped(t, plain[:100]), gzipped(t, nil), gzipped(t, plain[100:])),
		"empty members":    join(bytes.Repeat(gzipped(t, nil), 5000), gzipped(t, plain)),
	} {
		c, err := Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err, why)
		require.EqualValues(t, 2, c.Values, why)
		require.EqualValues(t, len(plain), c.Bytes, why)
	}
	var wide bytes.Buffer
	w, err := zstd.NewWriter(&wide, zstd.WithWindowSize(2*maxWindow), zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	_, err = w.Write(message(integer(6), zeros(1), text(strings.Repeat("x", 3*maxWindow))))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, row := range []struct {
		stream []byte
		says   string
		values uint64
	}{
		{wide.Bytes(), "a window of more than 32 MiB", 0},
		{join(zstded(t, plain), []byte("rubbish")), "the zstd data are followed by something else", 2},
		{join(gzipped(t, plain), zeros(512)), "the gzip data are followed by something else", 2},
		{gzipped(t, plain)[:100], "the gzip data end early", 0},
		{zstded(t, plain)[:100], "the zstd data end early", 0},
		{gzipped(t, nil), "the input is empty", 0},
	} {
		c, err := Scan(t.Context(), bytes.NewReader(row.stream))
		require.ErrorContains(t, err, row.says)
		require.Equal(t, row.values, c.Values, row.says)
	}
}

// Random bytes behind a good value never change what was counted before them.
func TestRubbishBehind(t *testing.T) {
	good := encode(t, someOuter())
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		rubbish := randomBytes(r, 1+r.IntN(40))
		c, err := Scan(t.Context(), bytes.NewReader(join(good, rubbish)))
		require.GreaterOrEqual(t, c.Values, uint64(1))
		if err == nil {
			require.Greater(t, c.Values+uint64(len(c.Warnings)), uint64(1), "it was another value")
		}
	}
	c, err := Scan(t.Context(), bytes.NewReader(join(good, []byte("\n"))))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a line feed announces ten bytes")
	require.EqualValues(t, 1, c.Values)
}

// What is no gob is named, where its first bytes tell.
func TestOtherFormatsAreNamed(t *testing.T) {
	tar := append(bytes.Repeat([]byte("name\x00"), 60)[:tarMagicAt], "ustar\x0000"+strings.Repeat("\x00", 600)...)
	for says, content := range map[string]string{
		"JSON text":            " {\"a\": 1}",
		"a tar archive":        string(tar),
		"looks like text, not": " \n\n     ",
	} {
		_, err := Scan(t.Context(), strings.NewReader(content))
		require.ErrorContains(t, err, says)
	}
}
