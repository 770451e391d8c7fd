package account

import (
	"context"
	"math"

	"github.com/bitcoin-mem/memsize/internal/scratch"
	"github.com/bitcoin-mem/memsize/walker"
)

// A Grouping says to which group each reference belongs, by the ID of the node that is its place. Group
// 0 is none: a reference that cannot go on its own.
type Grouping struct {
	Typed, Untyped []uint32
	// Folded has references that lead back to a place above, as the next of a list does, in the group of
	// that place; else they are in none.
	Folded bool
}

// NewGrouping is a grouping for a number of nodes, with no groups yet.
func NewGrouping(nodes int) Grouping {
	return Grouping{Typed: make([]uint32, nodes), Untyped: make([]uint32, nodes)}
}

// of is the group of a reference.
func (g *Grouping) of(e walker.Edge) uint32 {
	switch {
	case e.Node&walker.Internal != 0 || e.Node&walker.Folded != 0 && !g.Folded:
		return 0
	case e.Node&walker.Untyped != 0:
		return g.Untyped[e.Node&walker.IDs]
	}
	return g.Typed[e.Node&walker.IDs]
}

// Retained is what the references of a group retain.
type Retained struct {
	Bytes      uint64
	References uint64 // of the group
	// Exact tells that just Bytes would be freed if the references were gone; else at least that.
	Exact bool
}

// mixed stands for the references of several groups, or of none.
const mixed = math.MaxUint32

// Groups is what each of count groups of references retains, by number: the union of the subtrees of
// the vertices that only the group leads to. For a group of one reference that is exact, and for all groups
// of a tree. It takes
// time in proportion to the graph, whatever the number of groups.
func (d *Dominators) Groups(ctx context.Context, groups *Grouping, count int) ([]Retained, error) {
	retained := make([]Retained, count+1)
	var memory scratch.Memory
	defer memory.Free()
	sole := scratch.Slice[uint32](&memory, int(d.graph.Len()))
	for from := range d.graph.Len() {
		if from%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !d.reached(from) {
			continue
		}
		for _, e := range d.graph.Edges(from) {
			group, to := groups.of(e), e.To
			retained[group].References++
			switch {
			case d.graph.Sole(to) != from && d.Dominates(to, from): // it does not keep alive what it is kept alive by
			case group == 0 || sole[to] != 0 && sole[to] != group:
				sole[to] = mixed
			default:
				sole[to] = group
			}
		}
	}
	d.unite(sole, retained)
	for i := range retained {
		retained[i].Exact = retained[i].References <= 1 || d.isTree // nothing dies of two references at once
	}
	return retained, nil
}

// unite adds up the subtrees of the vertices that one group alone leads to, each vertex once. They are
// looked at in the order of the tree, so that one that lies in another comes right after it.
func (d *Dominators) unite(sole []uint32, retained []Retained) {
	end := make([]uint32, len(retained))
	for place, v := range d.order {
		group := sole[v]
		if group == 0 || group == mixed || uint32(place) < end[group] {
			continue
		}
		end[group] = uint32(place) + d.size[v]
		retained[group].Bytes += d.retained[v]
	}
}

// Without is what would be freed if the references of a group were gone, in bytes: all but what is
// reached without them. It marks what is, which takes time in proportion to the graph.
func (d *Dominators) Without(ctx context.Context, groups *Grouping, group uint32) (uint64, error) {
	reached, err := d.reach(ctx, 0, func(e walker.Edge) bool { return groups.of(e) != group })
	return d.retained[0] - reached, err
}

// Reached is what is reached from a vertex, itself included, in bytes.
func (d *Dominators) Reached(ctx context.Context, v uint32) (uint64, error) {
	return d.reach(ctx, v, func(walker.Edge) bool { return true })
}

// reach is the bytes of what a vertex leads to by some of the references.
func (d *Dominators) reach(ctx context.Context, v uint32, by func(walker.Edge) bool) (uint64, error) {
	seen := make([]uint64, d.graph.Len()/64+1)
	stack := []uint32{v}
	seen[v/64] |= 1 << (v % 64)
	var sum uint64
	for steps := 0; len(stack) > 0; steps++ {
		if steps%checkEvery == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		sum += d.graph.Size(v)
		for _, e := range d.graph.Edges(v) {
			if word, bit := &seen[e.To/64], uint64(1)<<(e.To%64); *word&bit == 0 && by(e) {
				*word |= bit
				stack = append(stack, e.To)
			}
		}
	}
	return sum, nil
}
