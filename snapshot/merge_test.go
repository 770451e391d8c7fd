package snapshot

import (
	"bytes"
	"encoding/gob"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// save saves a census that can be.
func save(t testing.TB, c *Census) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Save(&b))
	return b.Bytes()
}

// reload saves a census and reads it back; what is read must be the same, to the byte when it is
// saved again.
func reload(t testing.TB, c *Census) *Census {
	t.Helper()
	saved := save(t, c)
	again, err := Scan(t.Context(), bytes.NewReader(saved))
	if c.Err == nil {
		require.NoError(t, err, "%s", saved)
	} else {
		require.Equal(t, c.Err.Error(), err.Error())
	}
	require.Equal(t, dump(c), dump(again), "%s", saved)
	require.Equal(t, string(saved), string(save(t, again)))
	require.Equal(t, c.InputBytes, again.InputBytes)
	require.Equal(t, c.Types, again.Types)
	return again
}

// withoutEncoders is a dump without how many encoders Merge says there were, which one scan of all cannot always tell.
// Its warning that another one begins is none where each has a file of its own.
func withoutEncoders(c *Census) string {
	plain := *c
	plain.Encoders = 0
	plain.Warnings = slices.DeleteFunc(slices.Clone(c.Warnings), func(w Warning) bool {
		return strings.HasPrefix(w.Text, "another encoder")
	})
	return dump(&plain)
}

// TestMergeIsReadingTogether splits random values over files. The census of each, some saved and
// read back, merged, must be that of one scan of all the files one after the other: counts,
// lengths, what is absent, the biggest entries with their offsets, assumptions, types.
func TestMergeIsReadingTogether(t *testing.T) {
	seed := seed.Of(t)
	merged, pointers := 0, 0
	for i := range testRounds() {
		m := maker{rand.New(rand.NewPCG(seed, uint64(i)))}
		types := []reflect.Type{m.typ(4), m.typ(3)}
		var files [][]byte
		for range 1 + m.IntN(4) {
			var stream bytes.Buffer
			enc := gob.NewEncoder(&stream)
			for range 1 + m.IntN(3) {
				v := reflect.New(types[m.IntN(2)]).Elem()
				if m.fill(v, 4); v.Kind() != reflect.Interface {
					require.NoError(t, enc.EncodeValue(v))
				}
			}
			if stream.Len() > 0 {
				files = append(files, stream.Bytes())
			}
		}
		if len(files) == 0 {
			continue
		}
		together, err := Scan(t.Context(), bytes.NewReader(bytes.Join(files, nil)))
		require.NoError(t, err, "seed %d/%d", seed, i)
		if int(together.Encoders) != len(files) {
			continue // encoders of one process number types alike: files of unlike types read as one stream
		}
		var list []*Census
		for _, file := range files {
			c, err := Scan(t.Context(), bytes.NewReader(file))
			require.NoError(t, err)
			if m.IntN(2) == 0 {
				c = reload(t, c)
			}
			list = append(list, c)
		}
		before := dump(list[0])
		c, err := Merge(list...)
		require.NoError(t, err)
		require.Equal(t, before, dump(list[0]), "Merge must not modify what it merges")
		require.Equal(t, withoutEncoders(together), withoutEncoders(c), "seed %d/%d", seed, i)
		require.EqualValues(t, len(files), c.Encoders)
		if together.order.stride == 0 { // no gaps yet: else each has a sample of its own
			require.Equal(t, valuesOf(together), valuesOf(c), "seed %d/%d", seed, i)
		}
		reload(t, c)
		merged++
		if sitesOf(c) > sitesOf(list[0]) {
			pointers++
		}
		// Merged in two steps it is the same.
		if cut := m.IntN(len(list)); cut > 0 {
			first, err := Merge(list[:cut]...)
			require.NoError(t, err)
			twice, err := Merge(append([]*Census{reload(t, first)}, list[cut:]...)...)
			require.NoError(t, err)
			require.Equal(t, dump(c), dump(twice), "seed %d/%d", seed, i)
		}
	}
	require.Greater(t, merged, testRounds()/2)
	require.Greater(t, pointers, testRounds()/20, "too few cases where files add to each other")
}

func sitesOf(c *Census) (n int) {
	for range c.Sites() {
		n++
	}
	return n
}

// What one file proves holds for all: where a field is absent in the second, it is a pointer in
// the first as well.
func TestMergeJudgesEvidenceAnew(t *testing.T) {
	type in struct{ A int64 }
	type box struct{ P *in }
	with, err := Scan(t.Context(), bytes.NewReader(encode(t, box{&in{1}})))
	require.NoError(t, err)
	without, err := Scan(t.Context(), bytes.NewReader(encode(t, box{}, box{&in{1 << 40}})))
	require.NoError(t, err)
	require.Equal(t, "snapshot.in", strings.Replace(fieldType(with), "in", "snapshot.in", 1))
	c, err := Merge(with, without)
	require.NoError(t, err)
	require.Equal(t, "*in", fieldType(c))
	require.EqualValues(t, 3, c.Roots[0].Count)
	require.EqualValues(t, 1, c.Roots[0].Children[0].Absent)
	require.Equal(t, reflect.Int64, c.Roots[0].Children[0].Children[0].Children[0].Type.Kind())
}

func fieldType(c *Census) string { return c.Roots[0].Children[0].Type.String() }

// Beyond the lengths that are kept one by one counts and sums stay exact.
func TestMergeManyLengths(t *testing.T) {
	var files []*Census
	var count, sum uint64
	for file := range 3 {
		var texts []string
		for i := range 3000 {
			texts = append(texts, strings.Repeat("x", 300+3*i+file))
			count++
			sum += uint64(len(texts[i]))
		}
		c, err := Scan(t.Context(), bytes.NewReader(encode(t, texts)))
		require.NoError(t, err)
		files = append(files, c)
	}
	c, err := Merge(files...)
	require.NoError(t, err)
	elements := reload(t, c).Roots[0].Children[0]
	require.Equal(t, count, elements.Count)
	for _, l := range elements.Lengths {
		sum -= l.Len * l.Count
	}
	require.Zero(t, sum, "in all lengths together")
	require.False(t, elements.ExactLengths)
	require.Len(t, elements.Biggest, 0)
	require.Len(t, c.Roots[0].Biggest, 20)
}

// Streams of every kind, whole and cut at every byte, come back from their saved form.
func TestReload(t *testing.T) {
	for name, stream := range smallStreams(t) {
		t.Run(name, func(t *testing.T) {
			for end := range len(stream) + 1 {
				c, _ := Scan(t.Context(), bytes.NewReader(stream[:end]))
				reload(t, c)
			}
		})
	}
}

func TestReloadHostile(t *testing.T) {
	for name, row := range hostileRows {
		c, _ := Scan(t.Context(), bytes.NewReader(row.stream))
		if len(c.Roots) > 0 {
			t.Log(name)
			reload(t, c)
		}
	}
}

// A cut saved census, or one with a byte changed, is an error or a census, never a panic.
func TestDamagedCensus(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, stream := range smallStreams(t) {
		c, err := Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err)
		saved := save(t, c)
		for end := 30; end < len(bytes.TrimSpace(saved)); end += 1 + len(saved)/300 {
			part, err := Scan(t.Context(), bytes.NewReader(saved[:end]))
			require.Error(t, err, "%s cut at %d", name, end)
			require.True(t, part.Incomplete)
		}
		for range 300 {
			bad := bytes.Clone(saved)
			bad[30+r.IntN(len(bad)-30)] = "0123456789-{}[]\"e."[r.IntN(18)]
			if c, err := Scan(t.Context(), bytes.NewReader(bad)); err == nil {
				checkSaved(t, c)
			}
		}
	}
}

// A saved census that claims values deeper in each other than any stream has is refused: what a
// decoder needs for them would wrap.
func TestSavedDepth(t *testing.T) {
	saved := save(t, scanBytes(t, encode(t, []string{"a"})))
	const end = `"biggest":20}`
	require.Contains(t, string(saved), end)
	for _, kind := range []string{"structs", "lists", "maps", "boxes", "singles"} {
		deep := `"biggest":20,"deepest":{"` + kind + `":4611686018427387904}}`
		bad := bytes.Replace(saved, []byte(end), []byte(deep), 1)
		_, err := Scan(t.Context(), bytes.NewReader(bad))
		require.ErrorContains(t, err, "nest too deep", kind)
	}
}

// checkSaved holds a census that was read against what all must keep.
func checkSaved(t testing.TB, c *Census) {
	t.Helper()
	for s := range c.Sites() {
		_, _ = s.Type.String(), s.Path()
		require.LessOrEqual(t, s.Absent, s.Count)
	}
	reload(t, c)
	_, err := Merge(c, c)
	require.NoError(t, err)
}

func TestSaveRefusesOwnCensus(t *testing.T) {
	c := &Census{Roots: []*Site{{}}}
	require.ErrorContains(t, c.Save(new(bytes.Buffer)), "only a census made by Scan")
	_, err := Merge(c)
	require.ErrorContains(t, err, "census 1 was not made by Scan")
	_, err = Merge()
	require.ErrorContains(t, err, "nothing to merge")
}

func TestCensusErrors(t *testing.T) {
	head := `{"schema":"memsize-census/1","stream":{"values":1},`
	for why, row := range map[string]struct{ saved, wants string }{
		"another version":       {`{"schema":"memsize-census/9"}`, `of version "memsize-census/9"`},
		"nothing in it":         {`{"schema":"memsize-census/1"}`, "lacks a stream or sites"},
		"ends early":            {head, "unexpected end"},
		"a type of no kind":     {head + `"types":[{"kind":"x"}]}`, "type 1 is of kind \"x\""},
		"an array of less":      {head + `"types":[{"kind":"array","len":-1}]}`, "not a good array"},
		"a type of none":        {head + `"types":[{"kind":"slice","elem":7}],"sites":[{"type":1}]}`, "no type 7"},
		"a site before another": {head + `"types":[{"kind":"int"}],"sites":[{"parent":1,"type":1}]}`, "before its parent"},
		"counts that overflow": {head + `"types":[{"kind":"int"}],"sites":[{"type":1,"count":` +
			`18446744073709551615}]}`, "more than 2^62"},
		"lengths that miss values": {head + `"types":[{"kind":"string"}],"sites":[{"type":1,"count":3}]}`,
			"3 values, and 0 lengths"},
		"lengths beyond all": {head + `"types":[{"kind":"string"}],"sites":[{"type":1,"count":2,` +
			`"lengths":[[4611686018427387904,2]]}]}`, "2^62"},
		"a terminal's escape": {head + `"types":[{"kind":"slice","elem":2},{"kind":"int"}],"sites":[` +
			`{"type":1,"biggest":[{"key":"\u001b[2J","bytes":1}]}]}`, "bad entry"},
		"more behind": {head + `"sites":[{"type":1}],"types":[{"kind":"int"}]} {}`, "has no type"},
	} {
		c, err := Scan(t.Context(), strings.NewReader(row.saved))
		require.ErrorContains(t, err, row.wants, why)
		require.True(t, c.Incomplete, why)
		require.Empty(t, c.Roots, why)
	}
}

// Types without a name are told apart by what leads to them: a map's elements by the name of the map.
func TestStreamsKeepTheirNamelessTypes(t *testing.T) {
	gob.Register(map[string][]int8{})
	gob.Register(map[string][]int64{})
	var b bytes.Buffer
	for _, v := range []any{map[string][]int8{"key": make([]int8, 40)}, map[string][]int64{"key": make([]int64, 40)}} {
		require.NoError(t, gob.NewEncoder(&b).Encode([]any{v}))
	}
	c, err := Scan(t.Context(), &b)
	require.NoError(t, err)
	var elements []string
	for s := range c.Sites() {
		if s.Role == Elem && s.Parent != nil && s.Parent.Role == Elem {
			elements = append(elements, s.Type.String())
		}
	}
	require.Equal(t, []string{"int8", "int64"}, elements)
}
