package account_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// nodes are places of containers of several kinds.
func nodes() []*walker.Node {
	var list []*walker.Node
	for i, typ := range []reflect.Type{
		reflect.TypeFor[*[3]uint64](), reflect.TypeFor[[]uint32](), reflect.TypeFor[string](),
		reflect.TypeFor[map[uint64]string](), reflect.TypeFor[map[string]struct{}](),
		reflect.TypeFor[[]byte](),
	} {
		list = append(list, &walker.Node{ID: i, Type: typ,
			Place: rules.Core().Bind(rules.TypeOf(typ))})
	}
	return list
}

// A tally is a sum: taken with details or without, in batches of any size, each model's figures
// are those of pricing one container after another.
func TestTallyIsASum(t *testing.T) {
	models := []*rules.Model{rules.Core(), model("core-32"), rules.Crate()}
	s := seed.Of(t)
	for round := range uint64(100) {
		r := rand.New(rand.NewPCG(s, round))
		list := nodes()
		detailed, plain := account.NewTally(models, true), account.NewTally(models, false)
		want := make([]uint64, len(models))
		for range r.IntN(20) {
			n := list[r.IntN(len(list))]
			fixed, batch := r.Uint64N(4), make([]walker.Finding, r.IntN(200))
			for i := range batch {
				length := r.Uint64N(50) // many alike
				batch[i] = walker.Finding{Len: length, Cap: length + r.Uint64N(3)}
			}
			times := 1 + r.Uint64N(3)
			detailed.Take(n, fixed, batch, times)
			plain.Take(n, fixed, batch, times)
			for m, model := range models {
				pricer := model.NewPricer(n.Place.(rules.Binding))
				want[m] += pricer.Usage(1, 1).Total() * fixed * times
				for _, f := range batch {
					want[m] += pricer.Usage(f.Len, f.Cap).Total() * times
				}
			}
			clear(batch) // a sink must not keep it
		}
		got := detailed.Live(list)
		for m := range models {
			require.Equal(t, want[m], plain.Total(m), "MEMSIZE_SEED=%d round %d", s, round)
			require.Equal(t, want[m], detailed.Total(m), "MEMSIZE_SEED=%d round %d", s, round)
			require.Equal(t, want[m], got.Models[m].Total, "MEMSIZE_SEED=%d round %d", s, round)
		}
		plain.Reset()
		detailed.Reset()
		require.Zero(t, plain.Total(0), "reset")
		require.Zero(t, detailed.Live(list).Total, "reset")
	}
}

// Of containers that share memory each model charges the one that it finds dearest, whatever the
// order in which they come.
func TestTallyOverlap(t *testing.T) {
	models := []*rules.Model{rules.Core(), rules.Crate()}
	list := nodes()
	candidates := []walker.Candidate{
		{Node: list[1], Finding: walker.Finding{Len: 3, Cap: 8}},
		{Node: list[2], Finding: walker.Finding{Len: 14, Cap: 14}}, // inline in C++, not in Rust
		{Node: list[5], Finding: walker.Finding{Len: 32, Cap: 32}},
	}
	want := make([]uint64, len(models))
	for m, model := range models {
		for _, c := range candidates {
			pricer := model.NewPricer(c.Node.Place.(rules.Binding))
			want[m] = max(want[m], pricer.Usage(c.Len, c.Cap).Total())
		}
	}
	var first *report.Report
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		shuffled := make([]walker.Candidate, len(order))
		for i, k := range order {
			shuffled[i] = candidates[k]
		}
		plain, detailed := account.NewTally(models, false), account.NewTally(models, true)
		plain.Overlap(shuffled)
		detailed.Overlap(shuffled)
		r := detailed.Live(list)
		for m := range models {
			require.Equal(t, want[m], plain.Total(m))
			require.Equal(t, want[m], r.Models[m].Total)
		}
		if first == nil {
			first = r
		}
		require.Equal(t, first, r, "the same report in any order")
	}
}

// Unlike containers that overlap in part are charged as a vector of bytes over their union.
func TestTallyOverlapOfUnlike(t *testing.T) {
	tally := account.NewTally([]*rules.Model{rules.Core()}, false)
	tally.Overlap([]walker.Candidate{{Node: nodes()[0], Bytes: 100}})
	bytes := rules.Core().NewPricer(rules.Core().Bind(rules.TypeOf(reflect.TypeFor[[]byte]())))
	require.Equal(t, bytes.Usage(100, 100).Total(), tally.Total(0))
}
