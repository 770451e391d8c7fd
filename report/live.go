package report

import (
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Live is the report of a walk by path: what a tally with details took at a session's nodes.
func (t *Tally) Live(nodes []*walker.Node) *Report {
	t.settle()
	names := make([]string, len(t.models))
	for i, m := range t.models {
		names[i] = m.Name()
	}
	return Build(names, t.livePlaces(nodes))
}

// livePlaces are a session's nodes as Build takes them.
func (t *Tally) livePlaces(nodes []*walker.Node) []Place {
	places := make([]Place, len(nodes))
	for i, n := range nodes {
		places[i] = Place{Parent: -1, Step: n.Step, Type: typeName(n),
			Root: n.Parent == nil, Recursive: n.Recursive,
			Unaccounted: n.Unaccounted, Reason: n.Reason}
		if n.Parent != nil {
			places[i].Parent = n.Parent.ID
		}
		if n.ID < len(t.places) {
			places[i].Sums = t.places[n.ID].sums
			if pricers := t.places[n.ID].pricers; len(pricers) > 0 {
				places[i].Block = BlockOf(pricers[0])
			}
		}
		if b, ok := n.Place.(rules.Binding); ok && b.Expr != nil && b.Expr.Rule != nil {
			places[i].Rule = b.Expr.Rule.String()
		}
	}
	return places
}

// BlockOf is Place.Block for a place with this pricer.
func BlockOf(p *rules.Pricer) *rules.Parts {
	if block, ok := p.Node(); ok {
		return &block
	}
	return nil
}
