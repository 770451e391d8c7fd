package account

import (
	"context"

	"github.com/bitcoin-mem/memsize/internal/scratch"
)

// core is what folding leaves of a graph. Its dominators are found by semidominators and nearest common
// ancestors (Georgiadis 2005, after Lengauer and Tarjan 1979). All arrays but those of Dominators and number
// are by preorder number: 1 for vertex 0, 0 for none.
type core struct {
	*Dominators
	number []uint32 // by vertex: its preorder number; isFolded
	most   int      // how many vertices there are
	edges  uint32   // how many references between them, to which something leads
	vertex []uint32
	parent []uint32
	memory scratch.Memory
}

// find finds the immediate dominators of the core. Vertices to which nothing leads have none, and size 0.
func (c *core) find(ctx context.Context) error {
	defer c.memory.Free()
	g := c.graph
	if err := g.Reserve(28 * uint64(c.most)); err != nil {
		return err
	}
	for v, below := range c.number {
		if below != isFolded {
			c.number[v] = 0
		}
	}
	c.vertex, c.parent = c.slice(c.most + 1)[:1], c.slice(c.most + 1)[:1]
	if err := c.traverse(ctx); err != nil {
		return err
	}
	for v, number := range c.number {
		if number == 0 {
			c.size[v], c.retained[v], c.idom[v] = 0, 0, 0
		}
	}
	if len(c.vertex) > 2 {
		if err := g.Reserve(24*uint64(c.most) + 4*uint64(c.edges)); err != nil {
			return err
		}
		first, from := c.predecessors()
		if err := ctx.Err(); err != nil {
			return err
		}
		semi := c.newSemidominators()
		if err := semi.find(ctx, first, from); err != nil {
			return err
		}
		idom := semi.nearest(c.parent)
		for i := 2; i < len(idom); i++ {
			c.idom[c.vertex[i]] = c.vertex[idom[i]]
		}
	}
	c.vertex = append([]uint32(nil), c.vertex...)
	return nil
}

func (c *core) slice(n int) []uint32 { return scratch.Slice[uint32](&c.memory, n) }

// step is how far a search is with a vertex.
type step struct{ v, edge uint32 }

// traverse numbers the vertices that vertex 0 leads to in the order of a depth-first search.
func (c *core) traverse(ctx context.Context) error {
	path := scratch.Slice[step](&c.memory, c.most)[:0]
	visit := func(v, from uint32) {
		c.number[v] = uint32(len(c.vertex))
		c.vertex = append(c.vertex, v)
		c.parent = append(c.parent, from)
		path = append(path, step{v, 0})
	}
	visit(0, 0)
	for steps := 1; len(path) > 0; steps++ {
		top := &path[len(path)-1]
		next, found := c.next(top)
		switch {
		case !found:
			path = path[:len(path)-1]
		case c.number[next] == 0:
			visit(next, c.number[top.v])
		}
		if steps%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// next is where the next reference within the core leads.
func (c *core) next(at *step) (to uint32, found bool) {
	for edges := c.graph.Edges(at.v); int(at.edge) < len(edges); {
		to := edges[at.edge].To
		at.edge++
		if c.number[to] != isFolded {
			c.edges++
			return to, true
		}
	}
	return 0, false
}

// predecessors are the references to each vertex, by where they are from: those to number i are
// from[first[i]:first[i+1]].
func (c *core) predecessors() (first, from []uint32) {
	first = c.slice(len(c.vertex) + 2)
	c.each(func(_, to uint32) { first[to+2]++ })
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	from = c.slice(int(first[len(first)-1]))
	c.each(func(i, to uint32) {
		at := &first[to+1]
		from[*at] = i
		*at++
	})
	return first, from
}

// each calls f with the numbers of each reference.
func (c *core) each(f func(from, to uint32)) {
	for i, v := range c.vertex[1:] {
		for _, e := range c.graph.Edges(v) {
			if to := c.number[e.To]; to != isFolded {
				f(uint32(i)+1, to)
			}
		}
	}
}

// semidominators is the forest in which they are found: each vertex is linked to its parent when it
// was looked at, from the last to the first.
type semidominators struct {
	semi, label, ancestor []uint32
	path                  []uint32
}

func (c *core) newSemidominators() *semidominators {
	n := len(c.parent)
	s := &semidominators{semi: c.slice(n), label: c.slice(n), ancestor: c.slice(n), path: c.slice(n)[:0]}
	for i := range s.semi {
		s.semi[i], s.label[i] = uint32(i), uint32(i)
	}
	copy(s.ancestor, c.parent)
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
