package decoding_test

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/decoding"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
)

// decodeCase is a stream, and what it is decoded into.
type decodeCase struct {
	make func(r *rand.Rand) []any // the values of the stream
	into func() any
	why  string
	// above is how far the bound may be above what was measured: a share of the most heap.
	above float64
	slow  bool
}

type (
	flat   struct{ A, B, C, D int64 }
	point  struct{ X, Y float64 }
	record struct {
		ID    int
		Name  string
		At    *point
		Tags  []string
		Attrs map[string]int
	}
	chain struct {
		Value int
		Next  *chain
	}
	lists struct {
		Value int
		Next  []lists
	}
	maps struct {
		Value int
		Next  map[string]maps
	}
	boxes struct{ V any }
	large struct {
		Name string
		List []any
	}
	block [1 << 17]int64
)

func init() {
	gob.Register(boxes{})
	gob.Register(block{})
	gob.Register([]any{})
}

// some makes a slice of n elements.
func some[T any](n int, element func(i int) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = element(i)
	}
	return list
}

func dense(r *rand.Rand) (key [36]byte) {
	for i := range key {
		key[i] = byte(r.Uint32()) | 0x80 // two bytes on the wire
	}
	return key
}

func records(n int) []record {
	return some(n, func(i int) record {
		x := record{i + 1, "a name of some length " + strconv.Itoa(i), &point{1.5, float64(i)},
			[]string{"one", "two", strconv.Itoa(i)}, map[string]int{"x": i}}
		if i%2 > 0 {
			x.At = nil
		}
		return x
	})
}

const deep = 20_000

var cases = map[string]decodeCase{
	"bytes": {func(r *rand.Rand) []any { return []any{make([]byte, 25_000_000)} },
		func() any { return new([]byte) }, "the message and the slice grow", 0.001, false},
	"floats": {func(r *rand.Rand) []any {
		return []any{some(1_500_000, func(int) float64 { return r.NormFloat64() })}
	}, func() any { return new([]float64) }, "numbers", 0.002, false},
	"flat": {func(r *rand.Rand) []any {
		return []any{some(400_000, func(i int) flat { return flat{int64(i), 1, 2, r.Int64()} })}
	}, func() any { return new([]flat) }, "a message below 10 MiB; the slice grows", 0.005, false},
	"keys": {func(r *rand.Rand) []any {
		return []any{some(250_000, func(int) [36]byte { return dense(r) })}
	}, func() any { return new([][36]byte) }, "twice the value: worst while it is read", 0.05, false},
	"records": {func(r *rand.Rand) []any { return []any{records(170_000)} },
		func() any { return new([]record) }, "elements bring more after the slice has grown", 0.05, true},
	"map": {func(r *rand.Rand) []any {
		m := make(map[[36]byte]flat)
		for range 100_000 {
			m[dense(r)] = flat{1, 2, 3, 4}
		}
		return []any{m}
	}, func() any { return new(map[[36]byte]flat) }, "a map is made for its length", 0.01, false},
	"messages": {func(r *rand.Rand) []any {
		return some(20, func(int) any {
			return some(20_000, func(i int) string { return "some string " + strconv.Itoa(i) })
		})
	}, func() any { return new([]string) }, "a buffer for each message", 0.05, false},
	"messages of keys": {func(r *rand.Rand) []any {
		return some(4, func(int) any { return some(50_000, func(int) [36]byte { return dense(r) }) })
	}, func() any { return new([][36]byte) }, "the one before is still held", 0.05, false},
	"boxes": {func(r *rand.Rand) []any {
		var b block
		b[1] = 1
		return []any{large{"x", []any{b, b}}}
	}, func() any { return new(large) }, "a value is copied into its box", 0.05, false},
	"small": {func(r *rand.Rand) []any { return []any{records(2)} },
		func() any { return new([]record) }, "what a decoder takes in any case", 1, false},
	"chain": {func(r *rand.Rand) []any {
		var head *chain
		for i := range deep {
			head = &chain{i + 1, head}
		}
		return []any{head}
	}, func() any { return new(chain) }, "nested structs", 0.2, false},
	"lists": {func(r *rand.Rand) []any {
		head := lists{Value: 1}
		for i := range deep {
			head = lists{i + 1, []lists{head}}
		}
		return []any{head}
	}, func() any { return new(lists) }, "nested slices", 0.5, false},
	"maps": {func(r *rand.Rand) []any {
		head := maps{Value: 1}
		for i := range deep {
			head = maps{i + 1, map[string]maps{"k": head}}
		}
		return []any{head}
	}, func() any { return new(maps) }, "nested maps", 0.5, false},
	"interfaces": {func(r *rand.Rand) []any {
		head := boxes{1}
		for range deep / 10 { // the encoder copies all that is inside at each level
			head = boxes{head}
		}
		return []any{head}
	}, func() any { return new(boxes) }, "nested interfaces", 0.5, false},
	"lists of any": {func(r *rand.Rand) []any {
		head := []any{1}
		for range deep / 10 {
			head = []any{head}
		}
		return []any{head}
	}, func() any { return new([]any) }, "interfaces that hold no structs", 0.5, false},
}

const (
	attempts = 5        // on a busy machine a collection may go unseen
	other    = 32 << 10 // bytes that the process takes besides
)

func (m measured) beyond() float64 { return float64(m.Most) - float64(m.Result) }

// isNear tells whether the bound is not far above what was seen. While a stack grows, there are
// two.
func (m measured) isNear(n decoding.Need, above float64) bool {
	const small = 1 << 20
	return float64(n.Beyond) <= m.beyond()+above*float64(m.Most)+other &&
		(n.Stack <= small || n.Stack <= 2*m.Stack && m.Stack <= 2*n.Stack)
}

// on64Bits skips a test of streams whose numbers the wire does not show to have 64 bits.
func on64Bits(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("NOT RUN: it expects a 64-bit process")
	}
}

// TestBeyond decodes each case in a process of its own, which looks at its heap whenever that has
// grown by a hundredth: what the decoder held at the worst moment must be within the bound, and
// the bound not far above it.
func TestBeyond(t *testing.T) {
	on64Bits(t)
	model, err := rules.Lookup("go")
	require.NoError(t, err)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.slow && testing.Short() {
				t.Skip("NOT RUN: some seconds of collections; run without -short")
			}
			var stream bytes.Buffer
			e := gob.NewEncoder(&stream)
			for _, v := range c.make(rand.New(rand.NewPCG(1, 2))) {
				require.NoError(t, e.Encode(v))
			}
			census, err := snapshot.Scan(t.Context(), bytes.NewReader(stream.Bytes()))
			require.NoError(t, err)
			need, err := decoding.Of(census, model, nil)
			require.NoError(t, err)
			var got measured
			for range attempts {
				m := inChild(t, name, stream.Bytes())
				got = measured{m.Result, max(got.Most, m.Most), max(got.Stack, m.Stack)}
				if got.isNear(need, c.above) {
					break
				}
			}
			t.Logf("result %d, priced %d; beyond %.0f, bound %+v; stack %d", got.Result, need.Result,
				got.beyond(), need, got.Stack)
			assert.GreaterOrEqual(t, float64(need.Beyond+other), got.beyond(), c.why)
			assert.True(t, got.isNear(need, c.above), c.why)
		})
	}
}

// nest is the stream of a chain of n values, written by hand: the encoder would recurse as well.
func nest(t *testing.T, n int) []byte {
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(chain{Value: 1, Next: &chain{Value: 1}}))
	one := b.Bytes()
	// The message is its length, the type's number of two bytes, 1 2 1 for the outer value, up to
	// the inner one, 1 2 for that, and a zero for the end of each.
	message := one[len(one)-10:]
	require.Equal(t, []byte{9, message[1], message[2], 1, 2, 1, 1, 2, 0, 0}, message)
	body := slices.Concat(message[1:3], bytes.Repeat([]byte{1, 2, 1}, n-1), []byte{1, 2},
		make([]byte, n))
	length := binary.BigEndian.AppendUint32([]byte{0xfc}, uint32(len(body)))
	return slices.Concat(one[:len(one)-10], length, body)
}

// TestStackLimit: a stack that fits is decoded, and one that is said not to fit ends the program.
// The limit is lower than Go's own, which would take half a GB.
func TestStackLimit(t *testing.T) {
	const frame = 248
	const below, above = childStack/frame - 100, childStack/frame + 100
	if runtime.GOARCH != "amd64" {
		t.Skip("NOT RUN: the depth is that of amd64's frames")
	}
	stack := func(n int) (uint64, []byte, string) {
		stream := nest(t, n)
		census, err := snapshot.Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err)
		require.Equal(t, snapshot.Depth{Structs: uint64(n)}, census.Deepest)
		need, err := decoding.Of(census, rules.Go(), nil)
		require.NoError(t, err)
		require.False(t, need.Overflows)
		out, errs := runChild(t, "chain", stream)
		return need.Stack, out, errs
	}
	need, out, errs := stack(below)
	require.NotEmpty(t, out, errs)
	require.Equal(t, uint64(childStack), need)
	need, out, errs = stack(above)
	require.Empty(t, out)
	require.Contains(t, errs, "stack overflow")
	require.Equal(t, uint64(2*childStack), need)
}

// TestOverflow: the same at the limit that Go has, by the figures alone.
func TestOverflow(t *testing.T) {
	on64Bits(t)
	for n, want := range map[int]bool{2_000_000: false, 2_200_000: true} {
		census, err := snapshot.Scan(t.Context(), bytes.NewReader(nest(t, n)))
		require.NoError(t, err)
		need, err := decoding.Of(census, rules.Go(), nil)
		require.NoError(t, err)
		require.Equal(t, want, need.Overflows, need.Stack)
	}
}
