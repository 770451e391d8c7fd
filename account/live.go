package account

import (
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Live is the report of a walk by path: what a tally with details took at a session's nodes.
func (t *Tally) Live(nodes []*walker.Node) *report.Report {
	t.settle()
	names := make([]string, len(t.models))
	for i, m := range t.models {
		names[i] = m.Name()
	}
	r := Build(names, t.livePlaces(nodes))
	if t.models[0].IsGoHeap() {
		label(r, "modelled")
	}
	return r
}

// label says how exact the figures of a Go heap are.
func label(r *report.Report, exactness string) {
	r.Exactness, r.Models[0].Exactness = exactness, exactness
}

// livePlaces are a session's nodes as Build takes them. A root without a name is not shown.
func (t *Tally) livePlaces(nodes []*walker.Node) []Place {
	places := make([]Place, len(nodes))
	for i, n := range nodes {
		places[i] = Place{Parent: -1, Step: n.Step, Type: typeName(n),
			Root: n.Parent == nil && n.Step != "", Recursive: n.Recursive,
			Unaccounted: n.Unaccounted, Unseen: n.UnaccountedBytes, Reason: n.Reason}
		if n.Parent != nil {
			places[i].Parent = n.Parent.ID
		}
		if n.ID < len(t.places) {
			places[i].Sums = t.places[n.ID].sums
			places[i].Causes = t.places[n.ID].causes
			if pricers := t.places[n.ID].pricers; len(pricers) > 0 {
				places[i].Block = BlockOf(pricers[0])
			}
		}
		if sums := places[i].Sums; n.Beside != "" && t.models[0].IsGoHeap() && len(sums) > 0 {
			places[i].Unaccounted, places[i].Reason = sums[0].Count, n.Beside
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
