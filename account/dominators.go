package account

import (
	"context"

	"github.com/bitcoin-mem/memsize/walker"
)

// Dominators tells of each vertex of a graph what would be freed without it.
//
// A vertex d dominates v if every chain of references from the roots to v leads through d: v dies with
// d. The nearest such d is v's immediate dominator; these make a tree, below vertex 0. What a vertex
// retains is itself and all that it dominates.
//
// They are found by semidominators and nearest common ancestors (Georgiadis 2005, after Lengauer and
// Tarjan 1979), in flat arrays of 32-bit numbers and without recursion: a list is as deep as it is
// long. All arrays but those of vertices are by preorder number: 1 for vertex 0, 0 for none.
type Dominators struct {
	graph    *walker.Graph
	number   []uint32 // vertex → preorder number; 0 where nothing leads to it
	vertex   []uint32 // and back
	idom     []uint32
	retained []uint64 // bytes
	place    []uint32 // in the order in which each subtree lies together
	size     []uint32 // vertices in the subtree
}

// NewDominators finds the dominators of a graph, which was finished. It returns the context's error
// when that is done.
func NewDominators(ctx context.Context, g *walker.Graph) (*Dominators, error) {
	d := &Dominators{graph: g}
	parent, err := d.traverse(ctx)
	if err != nil {
		return nil, err
	}
	first, from := d.predecessors()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	semi := newSemidominators(parent)
	if err := semi.find(ctx, first, from); err != nil {
		return nil, err
	}
	d.idom = semi.nearest(parent)
	d.sum()
	return d, nil
}

// traverse numbers the vertices that vertex 0 leads to in the order of a depth-first search, and
// returns from which each was come to.
func (d *Dominators) traverse(ctx context.Context) (parent []uint32, err error) {
	g := d.graph
	n := len(g.Vertices())
	d.number = make([]uint32, n)
	d.vertex = make([]uint32, 1, n+1)
	parent = make([]uint32, 1, n+1)
	type step struct{ v, edge uint32 }
	var path []step
	visit := func(v, from uint32) {
		d.number[v] = uint32(len(d.vertex))
		d.vertex = append(d.vertex, v)
		parent = append(parent, from)
		path = append(path, step{v, 0})
	}
	visit(0, 0)
	for len(path) > 0 {
		top := &path[len(path)-1]
		edges := g.Edges(top.v)
		if int(top.edge) == len(edges) {
			path = path[:len(path)-1]
			continue
		}
		to := edges[top.edge].To
		top.edge++
		if d.number[to] == 0 {
			visit(to, d.number[top.v])
		}
		if len(d.vertex)%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return parent, nil
}

// checkEvery is how many vertices are looked at between two looks at the context.
const checkEvery = 1 << 16

// predecessors are the references to each vertex, by where they are from: those to number i are
// from[first[i]:first[i+1]].
func (d *Dominators) predecessors() (first, from []uint32) {
	g := d.graph
	first = make([]uint32, len(d.vertex)+2)
	for _, v := range d.vertex[1:] {
		for _, e := range g.Edges(v) {
			first[d.number[e.To]+2]++
		}
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	from = make([]uint32, first[len(first)-1])
	for i, v := range d.vertex[1:] {
		for _, e := range g.Edges(v) {
			at := &first[d.number[e.To]+1]
			from[*at] = uint32(i) + 1
			*at++
		}
	}
	return first, from
}

// semidominators is the forest in which they are found: each vertex is linked to its parent when it
// was looked at, from the last to the first.
type semidominators struct {
	semi, label, ancestor []uint32
	path                  []uint32
}

func newSemidominators(parent []uint32) *semidominators {
	s := &semidominators{semi: make([]uint32, len(parent)), label: make([]uint32, len(parent)),
		ancestor: make([]uint32, len(parent))}
	for i := range s.semi {
		s.semi[i], s.label[i] = uint32(i), uint32(i)
	}
	copy(s.ancestor, parent)
	return s
}

// find finds the semidominator of each vertex.
func (s *semidominators) find(ctx context.Context, first, from []uint32) error {
	for i := uint32(len(s.semi)) - 1; i >= 2; i-- {
		best := i
		for _, p := range from[first[i]:first[i+1]] {
			best = min(best, s.eval(p, i))
		}
		s.semi[i] = best
		if i%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// eval is the least semidominator on the way from p up to what is not yet linked, the vertices up to
// i. It shortens the way.
func (s *semidominators) eval(p, i uint32) uint32 {
	if p <= i {
		return p
	}
	x := p
	s.path = s.path[:0]
	for s.ancestor[x] > i {
		s.path = append(s.path, x)
		x = s.ancestor[x]
	}
	for k := len(s.path) - 1; k >= 0; k-- {
		y := s.path[k]
		if s.semi[s.label[x]] < s.semi[s.label[y]] {
			s.label[y] = s.label[x]
		}
		s.ancestor[y] = s.ancestor[x]
		x = y
	}
	return s.semi[s.label[p]]
}

// nearest makes the parents immediate dominators: the nearest common ancestor of a vertex's parent and
// its semidominator.
func (s *semidominators) nearest(parent []uint32) []uint32 {
	idom := parent
	for i := 2; i < len(idom); i++ {
		up := idom[i]
		for up > s.semi[i] {
			up = idom[up]
		}
		idom[i] = up
	}
	return idom
}

// sum adds up the subtrees, and gives their vertices places next to each other.
func (d *Dominators) sum() {
	n := len(d.vertex)
	d.retained, d.size, d.place = make([]uint64, n), make([]uint32, n), make([]uint32, n)
	vertices := d.graph.Vertices()
	for i := n - 1; i >= 1; i-- {
		d.retained[i] += vertices[d.vertex[i]].Size()
		d.size[i]++
		if i > 1 {
			d.retained[d.idom[i]] += d.retained[i]
			d.size[d.idom[i]] += d.size[i]
		}
	}
	next := make([]uint32, n)
	for i := 1; i < n; i++ {
		if i > 1 {
			d.place[i] = next[d.idom[i]]
			next[d.idom[i]] += d.size[i]
		}
		next[i] = d.place[i] + 1
	}
}

// Retained is what a vertex retains, in bytes: 0 where nothing leads to it.
func (d *Dominators) Retained(v uint32) uint64 { return d.retained[d.number[v]] }

// Immediate is the immediate dominator of a vertex; of vertex 0 it is 0.
func (d *Dominators) Immediate(v uint32) uint32 { return d.vertex[d.idom[d.number[v]]] }

// Dominates tells whether a vertex is another or dominates it.
func (d *Dominators) Dominates(v, other uint32) bool {
	return d.dominates(d.number[v], d.number[other])
}

// dominates is Dominates by preorder numbers.
func (d *Dominators) dominates(i, j uint32) bool { return d.place[j]-d.place[i] < d.size[i] }
