package account_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/reporttest"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// sums is the figures of times equal containers of bytes each, under one model.
func sums(times, bytes uint64) []account.Sum {
	var s account.Sum
	s.Add(rules.Parts{Used: bytes}, times)
	return []account.Sum{s}
}

// randomPlaces makes a tree of places with figures for some models. Sums of a place may be empty
// under one model and not under another: where memory is shared each model has its own winner.
func randomPlaces(r *rand.Rand, models int) []account.Place {
	places := []account.Place{{Parent: -1, Root: true, Step: "root", Type: "T"}}
	for i := 1; i <= r.IntN(30); i++ {
		p := account.Place{Parent: r.IntN(i), Step: fmt.Sprintf(".F%d", i),
			Type: fmt.Sprintf("[]T%d", r.IntN(5))}
		if r.IntN(10) == 0 {
			p.Parent, p.Root, p.Step = -1, true, fmt.Sprintf("root%d", i)
		}
		if r.IntN(4) > 0 {
			p.Sums = make([]account.Sum, models)
			for m := range p.Sums {
				for range r.IntN(3) {
					p.Sums[m].Add(rules.Parts{Used: r.Uint64N(100), Spare: r.Uint64N(9),
						Padding: r.Uint64N(9), Overhead: r.Uint64N(9), Rounding: r.Uint64N(9)},
						r.Uint64N(5))
				}
			}
		}
		if r.IntN(6) == 0 {
			p.Unaccounted, p.Reason = 1+r.Uint64N(3), "because"
		}
		places = append(places, p)
	}
	return places
}

// In every view the same bytes are counted, once.
func TestBuildSumsAreEqual(t *testing.T) {
	s := seed.Of(t)
	for round := range uint64(500) {
		r := rand.New(rand.NewPCG(s, round))
		names := []string{"a", "b", "c"}[:1+r.IntN(3)]
		places := randomPlaces(r, len(names))
		got := account.Build(names, places)
		want := make([]uint64, len(names))
		blocks := make([]uint64, len(names))
		var unaccounted uint64
		for _, p := range places {
			for m := range p.Sums {
				want[m] += p.Sums[m].Total
				blocks[m] += p.Sums[m].Blocks
			}
			unaccounted += p.Unaccounted
		}
		for view, total := range reporttest.Views(got) {
			require.Equal(t, want[0], total, "MEMSIZE_SEED=%d round %d: %s", s, round, view)
		}
		nodes := make([]uint64, len(names))
		for n := range got.Nodes() {
			below := n.Own
			for _, c := range n.Children {
				below += c.Total
				require.Equal(t, n.Path+c.Step, c.Path)
			}
			require.Equal(t, n.Total, below, "MEMSIZE_SEED=%d round %d: %s", s, round, n.Path)
			for m := range n.Models {
				nodes[m] += n.Models[m]
			}
		}
		for m := range names {
			require.Equal(t, want[m], got.Models[m].Total)
			require.Equal(t, blocks[m], got.Models[m].Blocks)
			if len(names) > 1 {
				require.Equal(t, want[m], nodes[m],
					"MEMSIZE_SEED=%d round %d: the nodes' figures of model %d", s, round, m)
			}
		}
		for _, u := range got.Unaccounted {
			unaccounted -= u.Count
		}
		require.Zero(t, unaccounted, "every value that could not be priced is named")
	}
}

// Places without containers have no line: their figures belong to the place above.
func TestBuildShape(t *testing.T) {
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "root", Type: "[]T"},
		{Parent: 0, Step: "", Type: "[]T", Sums: sums(1, 100)},          // the root itself
		{Parent: 1, Step: "[].A", Type: "any", Sums: []account.Sum{{}}}, // an interface
		{Parent: 2, Step: ".(int)", Type: "any(int)", Sums: sums(3, 8)}, // and its boxes
		{Parent: 1, Step: "[].B", Type: "[]U", Sums: sums(2, 50), Recursive: true, // largest child
			Rule: "set", Biggest: []report.Entry{{Key: "1", Bytes: 9}}},
	})
	require.Equal(t, "root", r.Tree.Path)
	require.Equal(t, uint64(100), r.Tree.Own, "the root and the container that it is are one line")
	require.Equal(t, uint64(100+24+100), r.Tree.Total)
	require.Len(t, r.Tree.Children, 2)
	largest, boxes := r.Tree.Children[0], r.Tree.Children[1]
	require.Equal(t, "root[].B", largest.Path, "the largest comes first")
	require.True(t, largest.Recursive)
	require.Equal(t, "set", largest.Rule)
	require.Len(t, largest.Biggest, 1)
	require.Equal(t, uint64(50), largest.Average())
	require.Equal(t, "[].A.(int)", boxes.Step, "a step over a place without a line")
	require.Equal(t, uint64(3), boxes.Count)
	require.Zero(t, (&report.Node{}).Average(), "no containers, no average, no panic")
}

// Many roots hang below a node without a name; one is the tree itself.
func TestBuildRoots(t *testing.T) {
	two := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "a", Type: "T"},
		{Parent: -1, Root: true, Step: "b", Type: "T", Sums: sums(1, 8)},
	})
	require.Empty(t, two.Tree.Path)
	require.Len(t, two.Tree.Children, 2)
	require.Equal(t, "b", two.Tree.Children[0].Path)
	none := account.Build([]string{"core"}, nil)
	require.NotNil(t, none.Tree, "nil owns nothing, and has a tree all the same")
	require.Zero(t, none.Total)
}

// Figures saturate: a small one would be a lie.
func TestSumSaturates(t *testing.T) {
	var s account.Sum
	s.Add(rules.Parts{Used: math.MaxUint64 / 2}, 3)
	s.Add(rules.Parts{Rounding: 1}, math.MaxUint64)
	require.Equal(t, uint64(math.MaxUint64), s.Total)
	require.Equal(t, uint64(math.MaxUint64), s.Count)
	require.Equal(t, uint64(1), s.Min)
	require.Equal(t, uint64(math.MaxUint64/2), s.Max)
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "a", Sums: sums(1, math.MaxUint64)},
		{Parent: 0, Step: ".b", Sums: sums(1, 5)},
	})
	require.Equal(t, uint64(math.MaxUint64), r.Total)
	require.Equal(t, uint64(math.MaxUint64), r.Tree.Total)
}

// A tree as deep as a hostile type graph is built without recursion.
func TestBuildDeep(t *testing.T) {
	const depth = 20_000
	places := []account.Place{{Parent: -1, Root: true, Step: "x"}}
	for i := 1; i < depth; i++ {
		places = append(places, account.Place{Parent: i - 1, Step: ".", Sums: sums(1, 1)})
	}
	require.Equal(t, uint64(depth-1), account.Build([]string{"core"}, places).Tree.Total)
}

func TestJoin(t *testing.T) {
	one := func(model string, bytes uint64) *report.Report {
		return account.Build([]string{model}, []account.Place{
			{Parent: -1, Root: true, Step: "root", Sums: sums(1, bytes)}})
	}
	single := one("a", 1)
	require.Same(t, single, account.Join([]*report.Report{single}, []int{0}))

	stopped := one("b", 2)
	stopped.Truncated, stopped.Reason = true, "limit"
	joined := account.Join([]*report.Report{one("a", 1), stopped, one("a", 3)}, []int{2, 1, 0})
	require.Equal(t, uint64(1), joined.Total, "the first gives the total")
	require.True(t, joined.Truncated, "one that was stopped makes the whole partial")
	require.Equal(t, "limit", joined.Reason)
	var got []string
	for _, m := range joined.Models {
		got = append(got, fmt.Sprint(m.Name, m.Total))
	}
	require.Equal(t, []string{"a3", "b2", "a1"}, got, "in the order asked for, whatever the names")
}

// A node has the figures of all models, in the order of the report's models, also where these did not
// share a walk; and what only one of the walks found is a node too, so that the figures sum up.
func TestJoinNodeModels(t *testing.T) {
	shared := account.Build([]string{"a", "c"}, []account.Place{
		{Parent: -1, Root: true, Step: "root", Sums: append(sums(1, 10), sums(1, 30)...)},
		{Parent: 0, Step: ".X", Sums: append(sums(1, 1), sums(1, 3)...)}})
	require.Equal(t, []uint64{10, 30}, shared.Tree.Models)
	other := account.Build([]string{"b"}, []account.Place{
		{Parent: -1, Root: true, Step: "root", Sums: sums(1, 20)},
		{Parent: 0, Step: ".(untyped)", Sums: sums(2, 7)}})
	joined := account.Join([]*report.Report{shared, other}, []int{0, 2, 1})
	require.Equal(t, "b", joined.Models[1].Name)
	require.Equal(t, []uint64{10, 20, 30}, joined.Tree.Models)
	found := map[string][]uint64{}
	totals := make([]uint64, 3)
	for n := range joined.Nodes() {
		found[n.Path] = n.Models
		for m, own := range n.Models {
			totals[m] += own
		}
	}
	require.Equal(t, []uint64{1, 0, 3}, found["root.X"])
	require.Equal(t, []uint64{0, 14, 0}, found["root.(untyped)"])
	for m, total := range totals {
		require.Equal(t, joined.Models[m].Total, total, joined.Models[m].Name)
	}
	require.Equal(t, shared.Total, joined.Tree.Total)
}
