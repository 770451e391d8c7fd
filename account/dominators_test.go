package account_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/walker"
)

// edge is a reference of a graph that a test makes: vertex 0 is the root.
type edge struct{ from, to, group int }

// graphOf makes a graph of n vertices, the first of which is the root. Those after it are blocks of
// which no two sets have the same sum.
func graphOf(t testing.TB, n int, edges []edge) *walker.Graph {
	t.Helper()
	const page = 8192
	base := func(i int) uintptr { return 1<<30 + uintptr(i)*page }
	g := walker.NewGraph()
	g.Root()
	for i := 1; i < n; i++ {
		require.Equal(t, uint32(i+1), g.Block(base(i), page<<i))
	}
	for _, e := range edges {
		g.From(uint32(e.from) + 1)
		if e.to != 0 {
			g.Refer(base(e.to), page<<e.to, e.group, 0, 0)
		}
	}
	require.NoError(t, g.Finish())
	return g
}

// alive are the vertices that the root leads to without some references and without a vertex, as bits.
func alive(edges []edge, keep func(edge) bool, without int) (seen uint64) {
	if without == 0 {
		return 0
	}
	for seen = 1; ; {
		before := seen
		for _, e := range edges {
			if seen>>e.from&1 != 0 && e.to != without && keep(e) {
				seen |= 1 << e.to
			}
		}
		if seen == before {
			return seen
		}
	}
}

// bytes are those of a set of vertices: of all but the root.
func bytes(set uint64) uint64 { return set &^ 1 * 8192 }

func all(edge) bool { return true }

// groupsOf are the groups of a test: by the number that each edge has.
func groupsOf(n int) *account.Grouping {
	g := account.NewGrouping(n + 1)
	for i := range g.Typed {
		g.Typed[i] = uint32(i)
	}
	return &g
}

// requireDominators holds a graph to the definition: vertices and references are left out, and what is
// still reached is reached without them.
func requireDominators(t testing.TB, n int, edges []edge, why ...any) {
	t.Helper()
	ctx := context.Background()
	g := graphOf(t, n, edges)
	defer g.Free()
	d, err := account.NewDominators(ctx, g)
	require.NoError(t, err, why...)
	whole := alive(edges, all, -1)
	for v := range n {
		want := uint64(0)
		if whole>>v&1 != 0 {
			want = whole &^ alive(edges, all, v)
		}
		require.Equal(t, bytes(want), d.Retained(uint32(v)+1), why...)
	}
	const groups = 4
	retained, err := d.Groups(ctx, groupsOf(groups), groups)
	require.NoError(t, err, why...)
	for group := 1; group <= groups; group++ {
		want := bytes(whole &^ alive(edges, func(e edge) bool { return e.group != group }, -1))
		exact, err := d.Without(ctx, groupsOf(groups), uint32(group))
		require.NoError(t, err, why...)
		require.Equal(t, want, exact, why...)
		if retained[group].Exact {
			require.Equal(t, want, retained[group].Bytes, why...)
		} else {
			require.LessOrEqual(t, retained[group].Bytes, want, why...)
		}
	}
}

// randomEdges are references between n vertices, some of which nothing leads to; loops and repeated
// ones among them.
func randomEdges(r *rand.Rand, n int) []edge {
	edges := make([]edge, r.IntN(3*n))
	for i := range edges {
		from, to := r.IntN(n), r.IntN(n)
		if r.IntN(3) > 0 { // deeper
			from, to = min(from, to), max(from, to)
		}
		edges[i] = edge{from, to, r.IntN(5)}
		if r.IntN(4) == 0 { // a group of its own, of one reference
			edges[i].group = 0
		}
	}
	return edges
}

// TestDominatorsOfRandomGraphs holds random graphs to brute force: the same ones each time.
func TestDominatorsOfRandomGraphs(t *testing.T) {
	rounds := uint64(100_000)
	if testing.Short() {
		rounds = 5_000
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(14, round))
		n := 2 + r.IntN(14)
		requireDominators(t, n, randomEdges(r, n), "graph ", round)
	}
}

// TestDominatorsOfKnownGraphs are those that other programs got wrong, and the corners.
func TestDominatorsOfKnownGraphs(t *testing.T) {
	for _, c := range []struct {
		why   string
		n     int
		edges []edge
	}{
		{"the dominator of c (3) is the root: LeakCanary's", 6, []edge{{0, 1, 1}, {0, 4, 1}, {1, 2, 1},
			{1, 3, 1}, {4, 5, 1}, {5, 2, 1}, {2, 3, 1}}},
		{"nothing but a root", 1, nil},
		{"a block that nothing leads to leads to one that is held", 3, []edge{{0, 1, 1}, {2, 1, 1}}},
		{"a cycle", 4, []edge{{0, 1, 1}, {1, 2, 2}, {2, 3, 2}, {3, 1, 2}}},
		{"a cycle with two ways in", 4, []edge{{0, 1, 1}, {0, 2, 1}, {1, 2, 1}, {2, 1, 1}, {2, 3, 3}}},
		{"a block that leads to itself", 2, []edge{{0, 1, 1}, {1, 1, 2}}},
		{"one block, two references, one place", 3, []edge{{0, 1, 1}, {0, 1, 1}, {1, 2, 2}}},
		{"one block, two places", 3, []edge{{0, 1, 1}, {0, 1, 2}, {1, 2, 3}}},
		{"the classic of Lengauer and Tarjan", 13, []edge{{0, 1, 1}, {0, 2, 1}, {0, 3, 1}, {1, 4, 1},
			{2, 1, 1}, {2, 4, 1}, {2, 5, 1}, {3, 6, 1}, {3, 7, 1}, {4, 12, 1}, {5, 8, 1}, {6, 9, 1},
			{7, 9, 1}, {7, 10, 1}, {8, 5, 1}, {8, 11, 1}, {9, 11, 1}, {10, 9, 1}, {11, 9, 1}, {11, 0, 1},
			{12, 8, 1}}},
	} {
		requireDominators(t, c.n, c.edges, c.why)
	}
}

// row makes a graph of n blocks of 16 bytes in a row, below a root.
func row(n int, refer func(g *walker.Graph, base func(i int) uintptr)) *walker.Graph {
	g := walker.NewGraph()
	g.Root()
	refer(g, func(i int) uintptr { return 1<<30 + 16*uintptr(i) })
	return g
}

// A list of 10,000,000 blocks is as deep as a graph can be; each retains all after it.
func TestDominatorsOfLongList(t *testing.T) {
	n := 10_000_000
	if testing.Short() {
		n = 100_000
	}
	g := row(n, func(g *walker.Graph, base func(i int) uintptr) {
		g.From(1)
		for i := range n {
			g.Refer(base(i), 16, 1, 0, 0)
			g.From(g.Block(base(i), 16))
		}
	})
	require.NoError(t, g.Finish())
	defer g.Free()
	d, err := account.NewDominators(context.Background(), g)
	require.NoError(t, err)
	require.Equal(t, uint64(16*n), d.Retained(1))
	require.Equal(t, uint64(16), d.Retained(uint32(n)+1))
	require.Equal(t, uint64(16*(n-n/2)), d.Retained(uint32(n/2)+2))
	groups, err := d.Groups(context.Background(), groupsOf(2), 2)
	require.NoError(t, err)
	require.Equal(t, uint64(16*n), groups[1].Bytes)
}

// A million references to one block: only the root keeps it.
func TestDominatorsOfManyReferences(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 10_000
	}
	g := row(n, func(g *walker.Graph, base func(i int) uintptr) {
		g.From(1)
		for i := range n {
			g.Refer(base(i), 16, 1, 0, 0)
		}
		for i := range n {
			g.From(g.Block(base(i), 16))
			g.Refer(base(n), 16, 2, 0, 0)
		}
	})
	require.NoError(t, g.Finish())
	defer g.Free()
	d, err := account.NewDominators(context.Background(), g)
	require.NoError(t, err)
	last, _ := g.Find(1<<30+16*uintptr(n), 16)
	require.Equal(t, uint32(1), d.Immediate(last))
	groups, err := d.Groups(context.Background(), groupsOf(2), 2)
	require.NoError(t, err)
	require.Equal(t, account.Retained{Bytes: 16, References: uint64(n)}, groups[2])
}

// When the context is done, the work ends.
func TestDominatorsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := account.NewDominators(ctx, graphOf(t, 3, []edge{{0, 1, 1}, {1, 2, 1}}))
	require.ErrorIs(t, err, context.Canceled)
}
