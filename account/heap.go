package account

import (
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Heap is the report of a walk by path that asked for blocks. The containers' own figures are the
// blocks that they hold; rules only say what these bytes are for.
func (t *Tally) Heap(nodes []*walker.Node) *report.Report {
	t.settle()
	places := t.livePlaces(nodes)
	var untyped []Place
	var static, pinned uint64
	for i, n := range nodes {
		static += n.Held.Static
		pinned += n.Held.Pinned
		if len(places[i].Sums) > 0 || n.Held.Blocks > 0 {
			places[i].Sums = []Sum{heapSum(t.place(n).sums[0], n.Held)}
		}
		places[i].Pinned, places[i].Causes = n.Held.Pinned, 0
		if n.Held.Untyped > 0 {
			sum := Sum{Count: n.Held.UntypedBlocks, Blocks: n.Held.UntypedBlocks, Total: n.Held.Untyped,
				Parts: rules.Parts{Used: n.Held.Untyped},
				Min:   n.Held.UntypedMin, Max: n.Held.UntypedMax}
			untyped = append(untyped, Place{Parent: i, Step: untypedStep, Type: untypedType,
				Sums: []Sum{sum}})
		}
	}
	r := Build([]string{t.models[0].Name()}, append(places, untyped...))
	r.Static, r.Pinned = static, pinned
	label(r, "exact")
	return r
}

// heapSum is a modelled sum made to agree with the blocks that are held. What the containers did
// not ask for is rounding, except for what is pinned, which is spare.
func heapSum(s Sum, h walker.Held) Sum {
	p := s.Parts
	p.Rounding = 0
	p.Spare += h.Pinned
	if total := p.Total(); total <= h.Blocks {
		p.Rounding = h.Blocks - total
	} else {
		excess := total - h.Blocks
		for _, part := range []*uint64{&p.Overhead, &p.Spare, &p.Padding, &p.Used} {
			cut := min(*part, excess)
			*part -= cut
			excess -= cut
		}
	}
	s.Parts, s.Total, s.Min, s.Max = p, h.Blocks, h.Min, max(h.Max, h.Min)
	if s.Count == 1 {
		s.Min, s.Max = s.Total, s.Total
	}
	s.Blocks = s.Count
	return s
}
