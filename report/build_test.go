package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// sums is the figures of times equal containers of bytes each, under one model.
func sums(times, bytes uint64) []report.Sum {
	var s report.Sum
	s.Add(rules.Parts{Used: bytes}, times)
	return []report.Sum{s}
}

// randomPlaces makes a tree of places with figures for some models. Sums of a place may be empty
// under one model and not under another: where memory is shared each model has its own winner.
func randomPlaces(r *rand.Rand, models int) []report.Place {
	places := []report.Place{{Parent: -1, Root: true, Step: "root", Type: "T"}}
	for i := 1; i <= r.IntN(30); i++ {
		p := report.Place{Parent: r.IntN(i), Step: fmt.Sprintf(".F%d", i),
			Type: fmt.Sprintf("[]T%d", r.IntN(5))}
		if r.IntN(10) == 0 {
			p.Parent, p.Root, p.Step = -1, true, fmt.Sprintf("root%d", i)
		}
		if r.IntN(4) > 0 {
			p.Sums = make([]report.Sum, models)
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

// views are the sums of a report, each in its own way: all must be the same figure.
func views(r *report.Report) map[string]uint64 {
	var own, types uint64
	var parts, ownParts rules.Parts
	everyNode(r.Tree, func(n *report.Node) {
		own += n.Own
		ownParts = ownParts.Plus(n.Parts)
	})
	for _, t := range r.Types {
		types += t.Total
		parts = parts.Plus(t.Parts)
	}
	return map[string]uint64{
		"total": r.Total, "parts": r.Parts.Total(), "first model": r.Models[0].Total,
		"parts of the first model": r.Models[0].Parts.Total(), "tree": r.Tree.Total,
		"nodes of the tree": own, "parts of the nodes": ownParts.Total(),
		"types": types, "parts of the types": parts.Total(),
	}
}

func everyNode(n *report.Node, f func(*report.Node)) {
	f(n)
	for _, c := range n.Children {
		everyNode(c, f)
	}
}

// In every view the same bytes are counted, once.
func TestBuildSumsAreEqual(t *testing.T) {
	s := seed.Of(t)
	for round := range uint64(500) {
		r := rand.New(rand.NewPCG(s, round))
		names := []string{"a", "b", "c"}[:1+r.IntN(3)]
		places := randomPlaces(r, len(names))
		got := report.Build(names, places)
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
		for view, total := range views(got) {
			require.Equal(t, want[0], total, "MEMSIZE_SEED=%d round %d: %s", s, round, view)
		}
		nodes := make([]uint64, len(names))
		everyNode(got.Tree, func(n *report.Node) {
			below := n.Own
			for _, c := range n.Children {
				below += c.Total
				require.Equal(t, n.Path+c.Step, c.Path)
			}
			require.Equal(t, n.Total, below, "MEMSIZE_SEED=%d round %d: %s", s, round, n.Path)
			for m := range n.Models {
				nodes[m] += n.Models[m]
			}
		})
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

// Real reports have equal sums too.
func TestRealReportsSumUp(t *testing.T) {
	for name, r := range reports() {
		for view, total := range views(r) {
			require.Equal(t, r.Total, total, "%s: %s", name, view)
		}
		for _, m := range r.Models {
			require.Equal(t, m.Total, m.Parts.Total(), "%s: %s", name, m.Name)
		}
	}
}

// Places without containers have no line: their figures belong to the place above.
func TestBuildShape(t *testing.T) {
	r := report.Build([]string{"core"}, []report.Place{
		{Parent: -1, Root: true, Step: "root", Type: "[]T"},
		{Parent: 0, Step: "", Type: "[]T", Sums: sums(1, 100)},          // the root itself
		{Parent: 1, Step: "[].A", Type: "any", Sums: []report.Sum{{}}},  // an interface
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
	two := report.Build([]string{"core"}, []report.Place{
		{Parent: -1, Root: true, Step: "a", Type: "T"},
		{Parent: -1, Root: true, Step: "b", Type: "T", Sums: sums(1, 8)},
	})
	require.Empty(t, two.Tree.Path)
	require.Len(t, two.Tree.Children, 2)
	require.Equal(t, "b", two.Tree.Children[0].Path)
	none := report.Build([]string{"core"}, nil)
	require.NotNil(t, none.Tree, "nil owns nothing, and has a tree all the same")
	require.Zero(t, none.Total)
}

// Figures saturate: a small one would be a lie.
func TestSumSaturates(t *testing.T) {
	var s report.Sum
	s.Add(rules.Parts{Used: math.MaxUint64 / 2}, 3)
	s.Add(rules.Parts{Rounding: 1}, math.MaxUint64)
	require.Equal(t, uint64(math.MaxUint64), s.Total)
	require.Equal(t, uint64(math.MaxUint64), s.Count)
	require.Equal(t, uint64(1), s.Min)
	require.Equal(t, uint64(math.MaxUint64/2), s.Max)
	r := report.Build([]string{"core"}, []report.Place{
		{Parent: -1, Root: true, Step: "a", Sums: sums(1, math.MaxUint64)},
		{Parent: 0, Step: ".b", Sums: sums(1, 5)},
	})
	require.Equal(t, uint64(math.MaxUint64), r.Total)
	require.Equal(t, uint64(math.MaxUint64), r.Tree.Total)
}

// A tree as deep as a hostile type graph is built without recursion.
func TestBuildDeep(t *testing.T) {
	const depth = 20_000
	places := []report.Place{{Parent: -1, Root: true, Step: "x"}}
	for i := 1; i < depth; i++ {
		places = append(places, report.Place{Parent: i - 1, Step: ".", Sums: sums(1, 1)})
	}
	require.Equal(t, uint64(depth-1), report.Build([]string{"core"}, places).Tree.Total)
}

func TestJoin(t *testing.T) {
	one := func(model string, bytes uint64) *report.Report {
		return report.Build([]string{model}, []report.Place{
			{Parent: -1, Root: true, Step: "root", Sums: sums(1, bytes)}})
	}
	single := one("a", 1)
	require.Same(t, single, report.Join([]*report.Report{single}, []int{0}))

	stopped := one("b", 2)
	stopped.Truncated, stopped.Reason = true, "limit"
	joined := report.Join([]*report.Report{one("a", 1), stopped, one("a", 3)}, []int{2, 1, 0})
	require.Equal(t, uint64(1), joined.Total, "the first gives the total")
	require.True(t, joined.Truncated, "one that was stopped makes the whole partial")
	require.Equal(t, "limit", joined.Reason)
	var got []string
	for _, m := range joined.Models {
		got = append(got, fmt.Sprint(m.Name, m.Total))
	}
	require.Equal(t, []string{"a3", "b2", "a1"}, got, "in the order asked for, whatever the names")
}

// A node's figures by model are in the order of the report's models, or not there: with models
// that did not share a walk in between, nobody could tell which is which.
func TestJoinNodeModels(t *testing.T) {
	shared := report.Build([]string{"a", "c"}, []report.Place{{Parent: -1, Root: true, Step: "root",
		Sums: append(sums(1, 10), sums(1, 30)...)}})
	require.Equal(t, []uint64{10, 30}, shared.Tree.Models)
	other := report.Build([]string{"b"}, []report.Place{{Parent: -1, Root: true, Step: "root",
		Sums: sums(1, 20)}})
	joined := report.Join([]*report.Report{shared, other}, []int{0, 2, 1})
	require.Equal(t, "b", joined.Models[1].Name)
	require.Nil(t, joined.Tree.Models)
}
