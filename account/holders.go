package account

import (
	"context"
	"math"

	"github.com/bitcoin-mem/memsize/internal/trace"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// Chains are up to most chains of references from the roots to a vertex, the shortest first. Two of them
// have no reference and no vertex in common but those that all chains lead through. It returns the
// context's error when that is done.
func (d *Dominators) Chains(ctx context.Context, target uint32, most int) ([][]trace.Hop, error) {
	if !d.reached(target) {
		return nil, nil
	}
	through := map[uint32]bool{0: true, target: true} // vertices that all lead through
	for v := target; v != 0; v = d.Immediate(v) {
		through[v] = true
	}
	ways := d.waysTo(through)
	search := newSearch(d.graph)
	var chains [][]trace.Hop
	for len(chains) < most {
		chain, err := search.shortest(ctx, target)
		if err != nil || chain == nil {
			return chains, err
		}
		chains = append(chains, chain)
		only := true // there is no other
		for _, hop := range chain {
			to := d.graph.Edges(hop.From)[hop.Edge].To
			search.used[hop] = ways[to] != 1
			search.avoid[to] = !through[to]
			only = only && ways[to] == 1
		}
		if only {
			break
		}
	}
	return chains, nil
}

// waysTo counts the references that lead to each of some vertices from outside.
func (d *Dominators) waysTo(vertices map[uint32]bool) map[uint32]int {
	ways := map[uint32]int{}
	for _, v := range d.order {
		for _, e := range d.graph.Edges(v) {
			if vertices[e.To] && !d.Dominates(e.To, v) {
				ways[e.To]++
			}
		}
	}
	return ways
}

// search looks for shortest chains, breadth first.
type search struct {
	graph *walker.Graph
	come  []trace.Hop // by vertex: the edge that led there first
	used  map[trace.Hop]bool
	avoid map[uint32]bool
}

// noEdge tells that a vertex was not come to.
const noEdge = math.MaxUint32

func newSearch(g *walker.Graph) *search {
	return &search{graph: g, come: make([]trace.Hop, g.Len()),
		used: map[trace.Hop]bool{}, avoid: map[uint32]bool{}}
}

// shortest is the shortest chain from vertex 0 to a vertex that is left; nil if there is none. An edge
// from vertex 0 or inside a container is no reference: several chains may take it.
func (s *search) shortest(ctx context.Context, target uint32) ([]trace.Hop, error) {
	if err := s.spread(ctx, target); err != nil {
		return nil, err
	}
	return s.chainTo(target), nil
}

// spread finds how each vertex is come to first, up to the target; 0 for all of them. Edges inside a
// container do not make a chain longer.
func (s *search) spread(ctx context.Context, target uint32) error {
	none := trace.Hop{Edge: noEdge}
	for v := range s.come {
		s.come[v] = none
	}
	s.come[0].Edge = 0
	for queue := []uint32{0}; len(queue) > 0; {
		var next []uint32
		for i := 0; i < len(queue); i++ {
			v := queue[i]
			if (i+1)%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			for k, e := range s.graph.Edges(v) {
				hop := trace.Hop{From: v, Edge: uint32(k)}
				if s.come[e.To] != none || s.avoid[e.To] || s.used[hop] && e.Node&walker.Internal == 0 {
					continue
				}
				s.come[e.To] = hop
				if e.To == target {
					return nil
				}
				if e.Node&walker.Internal != 0 {
					queue = append(queue, e.To)
				} else {
					next = append(next, e.To)
				}
			}
		}
		queue = next
	}
	return ctx.Err()
}

// chainTo is the chain by which a vertex was come to; nil if it was not.
func (s *search) chainTo(v uint32) (chain []trace.Hop) {
	for v != 0 {
		hop := s.come[v]
		if hop.Edge == noEdge {
			return nil
		}
		chain = append(chain, hop)
		v = hop.From
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	return chain
}

// MarkSteps marks the steps of the chain of hops to a vertex that all chains lead through, and says what
// each retains.
func (d *Dominators) MarkSteps(chain *report.Chain, hops []trace.Hop, target uint32) {
	step := 0
	for _, hop := range hops[1:] {
		e := d.graph.Edges(hop.From)[hop.Edge]
		if d.graph.IsEntry(e.To) || e.Node&walker.Internal != 0 && e.Node&walker.Untyped == 0 {
			continue
		}
		chain.Steps[step].Only = d.Dominates(e.To, target)
		chain.Steps[step].Retained = d.Retained(e.To)
		step++
	}
}
