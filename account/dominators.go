package account

import (
	"context"
	"math"

	"github.com/bitcoin-mem/memsize/internal/scratch"
	"github.com/bitcoin-mem/memsize/walker"
)

// Dominators tells of each vertex of a graph what would be freed without it.
//
// A vertex d dominates v if every chain of references from the roots to v leads through d: v dies with
// d. The nearest such d is v's immediate dominator; these make a tree, below vertex 0. What a vertex
// retains is itself and all that it dominates.
//
// Most of a heap is trees: a vertex to which references lead from one other vertex alone is dominated by
// that one. Where no more than such vertices lie below one, it and they are folded into where it hangs,
// from the leaves up. What is left, the core, is searched for semidominators (see semidominators.go).
// Everything is in flat arrays of 32-bit numbers and without recursion: a list is as deep as it is long.
type Dominators struct {
	graph    *walker.Graph
	idom     []uint32 // by vertex
	retained []uint64 // by vertex, in bytes
	size     []uint32 // by vertex: vertices in the subtree; 0 where nothing leads to it
	place    []uint32 // by vertex: in the order in which each subtree lies together
	order    []uint32 // the vertices by place
	isTree   bool     // to no vertex do references lead from several others
}

// NewDominators finds the dominators of a graph, which was finished. It takes the memory for it from the
// graph: at most 24 bytes for each vertex, and while it works 4 more, and for the core 28 for each vertex
// and 4 for each reference. It returns the context's error when that is done, and walker.ErrGraph where
// there is no memory.
func NewDominators(ctx context.Context, g *walker.Graph) (*Dominators, error) {
	n := int(g.Len())
	if err := g.Reserve(28 * uint64(n)); err != nil {
		return nil, err
	}
	m := g.Memory()
	d := &Dominators{graph: g, idom: scratch.Slice[uint32](m, n), retained: scratch.Slice[uint64](m, n),
		size: scratch.Slice[uint32](m, n), place: scratch.Slice[uint32](m, n), order: scratch.Slice[uint32](m, n)}
	var own scratch.Memory
	defer own.Free()
	f := folding{Dominators: d, below: scratch.Slice[uint32](&own, n)}
	if err := f.fold(ctx); err != nil {
		return nil, err
	}
	core := core{Dominators: d, number: f.below, most: n - int(f.folded)}
	if err := core.find(ctx); err != nil {
		return nil, err
	}
	return d, d.arrange(ctx, core.vertex[1:], d.order[:f.folded], f.below)
}

// folding folds trees into the vertices on which they hang.
type folding struct {
	*Dominators
	below  []uint32 // by vertex: how many it dominates by itself that are not folded; blocked, folded
	folded uint32   // how many, in order
}

// Values of folding.below.
const (
	isFolded  = math.MaxUint32 // the vertex is folded
	isBlocked = 1 << 31        // the vertex leads to one to which others lead too
)

// checkEvery is how many vertices are looked at between two looks at the context.
const checkEvery = 1 << 16

// fold folds all that can be. Vertices come in the order of folding: what lies below before what is above.
func (f *folding) fold(ctx context.Context) error {
	g, shared := f.graph, false
	for v := range g.Len() {
		f.retained[v], f.size[v] = g.Size(v), 1
		if sole := g.Sole(v); sole < walker.Multiple {
			f.below[sole]++
			f.idom[v] = sole
		} else {
			shared = shared || sole == walker.Multiple
		}
	}
	if f.isTree = !shared; shared {
		if err := f.block(ctx); err != nil {
			return err
		}
	}
	for v := range g.Len() {
		for f.below[v] == 0 && v != 0 && g.Sole(v) < walker.Multiple {
			v = f.into(v, f.idom[v])
		}
	}
	return ctx.Err()
}

// block finds the vertices that lead to one to which others lead too.
func (f *folding) block(ctx context.Context) error {
	g := f.graph
	for v := range g.Len() {
		if v%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, e := range g.Edges(v) {
			if g.Sole(e.To) == walker.Multiple {
				f.below[v] |= isBlocked
				break
			}
		}
	}
	return ctx.Err()
}

// into folds a vertex into the one above it, and returns that.
func (f *folding) into(v, up uint32) uint32 {
	f.below[v] = isFolded
	f.order[f.folded] = v
	f.folded++
	f.retained[up] += f.retained[v]
	f.size[up] += f.size[v]
	f.below[up]--
	return up
}

// arrange adds up the subtrees of the core, whose vertices come in the order in which a search came to them,
// and gives all vertices places so that those of a subtree lie next to each other. Folded vertices come
// with what lies below before what is above. next is room for a number of each vertex.
func (d *Dominators) arrange(ctx context.Context, core, folded, next []uint32) error {
	for i := len(core) - 1; i >= 1; i-- {
		v := core[i]
		up := d.idom[v]
		d.retained[up] += d.retained[v]
		d.size[up] += d.size[v]
	}
	clear(next)
	for i := 1; i < len(core); i++ {
		d.put(core[i], next)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := len(folded) - 1; i >= 0; i-- {
		v := folded[i]
		if d.size[d.idom[v]] == 0 { // nothing leads to where it hangs
			d.size[v], d.retained[v] = 0, 0
			continue
		}
		d.put(v, next)
	}
	clear(d.order)
	for v, place := range d.place {
		if d.size[v] > 0 {
			d.order[place] = uint32(v)
		}
	}
	d.order = d.order[:d.size[0]]
	return ctx.Err()
}

// put gives a vertex a place below its dominator: next is how much of a vertex's subtree has one.
func (d *Dominators) put(v uint32, next []uint32) {
	up := d.idom[v]
	d.place[v] = d.place[up] + 1 + next[up]
	next[up] += d.size[v]
}

// Retained is what a vertex retains, in bytes: 0 where nothing leads to it.
func (d *Dominators) Retained(v uint32) uint64 { return d.retained[v] }

// Immediate is the immediate dominator of a vertex; of vertex 0 it is 0.
func (d *Dominators) Immediate(v uint32) uint32 { return d.idom[v] }

// Dominates tells whether a vertex is another or dominates it. Something must lead to both.
func (d *Dominators) Dominates(v, other uint32) bool { return d.place[other]-d.place[v] < d.size[v] }

// reached tells whether anything leads to a vertex.
func (d *Dominators) reached(v uint32) bool { return d.size[v] > 0 }
