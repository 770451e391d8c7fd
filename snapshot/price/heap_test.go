package price_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/testdata"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// liveTypes is a layout of this program's own types.
type liveTypes struct {
	root  reflect.Type
	boxed map[string]reflect.Type
}

// Is32 tells whether this program is a 32-bit one.
func (l liveTypes) Is32() bool { return bits.UintSize == 32 }

func (l liveTypes) Root(*snapshot.Type) rules.Type { return rules.TypeOf(l.root) }

func (l liveTypes) Dynamic(name string, _ *snapshot.Type) rules.Type {
	if t := l.boxed[name]; t != nil {
		return rules.TypeOf(t)
	}
	return nil
}

// heapCase is a stream, and the type that it is decoded into.
type heapCase struct {
	name   string
	stream []byte
	typ    reflect.Type
	boxed  map[string]reflect.Type
	typed  float64 // how far the figure may be off, with the types known: a share of the truth
	wire   float64 // and from the wire alone
	why    string
}

func encoded(v any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// decode is what a program does with a stream.
func (c heapCase) decode() any {
	p := reflect.New(c.typ)
	if err := gob.NewDecoder(bytes.NewReader(c.stream)).DecodeValue(p); err != nil {
		panic(err)
	}
	return p.Interface()
}

type record struct {
	ID    uint32
	Name  string
	Tags  []string
	Score float32
	Sub   *record
	Attrs map[string]int64
}

// order has tiny blocks in an order of its own, pointers to numbers among them.
type order struct {
	ID    *int32
	Code  string
	Marks []int16
	Flag  *bool
	Note  any
	Sums  []*int32
}

// orders are such that the first are unlike the last.
func orders(r *rand.Rand) (list []order) {
	text := func(n int) string { return strings.Repeat("x", 2+r.IntN(n)) }
	for i := range 150_000 {
		id, flag := r.Int32(), true
		o := order{ID: &id, Code: text(4 + i/15_000)}
		if i%3 == 0 {
			o.Flag, o.Marks = &flag, make([]int16, r.IntN(7))
		}
		if i%5 == 0 {
			o.Note, o.Sums = text(5), []*int32{&id, &id, &id}
		}
		list = append(list, o)
	}
	return list
}

// switches has pointers to numbers, some in rows, between texts that are far from tiny.
type switches struct {
	On    *bool
	Label string
	Row   []*bool
	Cases [20]*int16
}

func panel() (list []switches) {
	on, number := true, int16(1)
	for i := range 1000 {
		s := switches{On: &on, Label: strings.Repeat("x", 14+i*7%5)}
		if i%3 == 0 {
			s.Label = strings.Repeat("x", 40)
		}
		s.Row = slices.Repeat([]*bool{&on}, []int{0, 2, 300}[i%3])
		for i := range s.Cases {
			s.Cases[i] = &number
		}
		list = append(list, s)
	}
	return list
}

// payment has values that encode themselves.
type payment struct {
	Amount *big.Int
	Payee  string
	At     time.Time
	Digits [2]*big.Int
}

func payments(r *rand.Rand) (list []payment) {
	number := func() *big.Int { return new(big.Int).Lsh(big.NewInt(r.Int64()), uint(r.IntN(100))) }
	for range 5000 {
		list = append(list, payment{number(), strings.Repeat("x", 2+r.IntN(10)),
			time.Unix(r.Int64N(1e9), 0).UTC(), [2]*big.Int{big.NewInt(r.Int64N(9)), number()}})
	}
	return list
}

func heapCases(t *testing.T) []heapCase {
	r := rand.New(rand.NewPCG(7, 7))
	text := func(low, high int) string { return strings.Repeat("x", low+r.IntN(high-low+1)) }
	file := func(name string) []byte {
		b, err := os.ReadFile("../../testdata/" + name)
		require.NoError(t, err)
		return b
	}
	words, ints := map[string]string{}, map[int32]uint8{}
	for range 30_000 {
		words[fmt.Sprint(r.Uint64())] = text(0, 40)
		ints[int32(r.Uint32())] = uint8(r.Uint32())
	}
	var records []record
	var pattern []any
	for i := range 5000 {
		records = append(records, record{ID: r.Uint32(), Name: text(0, 20), Score: r.Float32(),
			Tags: []string{text(1, 3), text(2, 9)}, Sub: &record{ID: 1},
			Attrs: map[string]int64{text(3, 8): r.Int64()}})
		pattern = append(pattern, any(int64(i)), any(text(0, 12)), any(r.Float64()))
	}
	boxes := slices.Clone(pattern)
	r.Shuffle(len(boxes), func(i, j int) { boxes[i], boxes[j] = boxes[j], boxes[i] })
	floats := make([]float64, 3<<20) // more than 10 MiB: grown
	for i := range floats {
		floats[i] = r.Float64()
	}
	const exact, close, open = 0.001, 0.01, 1.5
	return []heapCase{
		{"utxo", file("utxo.gob"), reflect.TypeFor[testdata.CoinsMap](), nil, exact, close,
			"one large map"},
		{"mempool", file("mempool.gob"), reflect.TypeFor[testdata.Mempool](), nil, exact, 0.05,
			"pointers; widths are assumed from the wire"},
		{"sessions", file("sessions.gob"), reflect.TypeFor[testdata.Sessions](),
			map[string]reflect.Type{
				"shop.Cart":     reflect.TypeFor[testdata.Cart](),
				"shop.Limits":   reflect.TypeFor[testdata.Limits](),
				"shop.Position": reflect.TypeFor[*testdata.Position](),
			}, exact, close, "strings of all sites packed"},
		{"strings", encoded(words), reflect.TypeFor[map[string]string](), nil, exact, close,
			"tiny strings are packed"},
		{"numbers", encoded(ints), reflect.TypeFor[map[int32]uint8](), nil, exact, open,
			"nothing fixes the widths"},
		{"records", encoded(records), reflect.TypeFor[[]record](), nil, exact, close, "small maps"},
		{"boxes", encoded(boxes), reflect.TypeFor[[]any](), nil, exact, close,
			"boxes of numbers share blocks with the values that were boxed"},
		{"pattern", encoded(pattern), reflect.TypeFor[[]any](), nil, exact, close,
			"tiny blocks that always come in the same order"},
		{"orders", encoded(orders(r)), reflect.TypeFor[[]order](), nil, exact, open,
			"far more values than the sample of their order has, whose sizes change on the way"},
		{"switches", encoded(panel()), reflect.TypeFor[[]switches](), nil, exact, open,
			"tiny blocks by the row, and between blocks that only begin with as many bytes"},
		{"payloads", encoded(payments(r)), reflect.TypeFor[[]payment](), nil, exact, open,
			"what encodes itself, among other tiny blocks"},
		{"floats", encoded(floats), reflect.TypeFor[[]float64](), nil, exact, close,
			"a slice that encoding/gob grows in steps"},
		{"bytes", encoded(make([]byte, 12<<20)), reflect.TypeFor[[]byte](), nil, exact, close,
			"bytes too are grown"},
	}
}

// TestDecodedHeap decodes streams into their Go types and measures what stays on the heap.
func TestDecodedHeap(t *testing.T) {
	if underRace {
		t.Skip("under the race detector the allocator packs no tiny blocks")
	}
	cases := heapCases(t)
	defer truth.Quiet()()
	model := "go"
	if runtime.GOARCH == "386" {
		model = "go-386"
	}
	m, err := rules.Lookup(model)
	require.NoError(t, err)
	gob.Register(int64(0))
	for _, c := range cases {
		census, err := snapshot.Scan(context.Background(), bytes.NewReader(c.stream))
		require.NoError(t, err)
		typed := census.Retype(liveTypes{c.typ, c.boxed})
		require.Empty(t, typed.Drift, c.name)
		total := func(c *snapshot.Census) float64 {
			r, err := price.Price(c, []*rules.Model{m}, nil)
			require.NoError(t, err)
			return float64(r.Total)
		}
		const rounds = 3 // maps have random seeds
		var sum float64
		for range rounds {
			measured, err := truth.Case{Build: c.decode}.Measure()
			require.NoError(t, err, c.name)
			sum += float64(measured)
		}
		root := m.Shape(m.Bind(rules.TypeOf(c.typ))).Size // the value's own block, which p points to
		want := sum/rounds - float64(m.Allocator().Usage(root))
		known, wire := total(typed), total(census)
		t.Logf("%-9s measured %12.0f, typed %+.4f %%, wire %+.4f %%", c.name, want,
			100*(known/want-1), 100*(wire/want-1))
		assert.InDelta(t, want, known, c.typed*want, "%s: %s", c.name, c.why)
		assert.InDelta(t, want, wire, c.wire*want, "%s from the wire: %s", c.name, c.why)
		if r, err := price.Price(census, []*rules.Model{m}, nil); assert.NoError(t, err) &&
			r.Models[0].Bounds != nil {
			low, high := boundsOf(r)
			assert.LessOrEqual(t, float64(low), want, c.name)
			assert.GreaterOrEqual(t, float64(high), want, c.name)
		}
	}
}
