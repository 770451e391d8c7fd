package account

import (
	"cmp"
	"context"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/trace"
	"github.com/bitcoin-mem/memsize/report"
)

// Biggest writes to each place of maps, slices and lists the most entries that retain most, of all that lie
// there, the largest first. The graph must have been recorded with Entries and Slots. It returns the
// context's error when that is done.
func (k *Retention) Biggest(ctx context.Context, r *report.Report, t *trace.Tracer, most int) error {
	byNode := k.biggest(most)
	search := newSearch(k.graph)
	if err := search.spread(ctx, 0); err != nil {
		return err
	}
	for n := range r.Nodes() {
		group := k.byPath[n.Path]
		if group == 0 || int(group) > len(k.nodes) {
			continue
		}
		for _, v := range byNode[group-1] {
			if err := ctx.Err(); err != nil {
				return err
			}
			n.Biggest = append(n.Biggest, k.entry(t, search, v))
		}
	}
	return ctx.Err()
}

// entry describes the entry of a vertex.
func (k *Retention) entry(t *trace.Tracer, search *search, v uint32) report.Entry {
	e := report.Entry{Retained: k.Dominators.Retained(v)}
	if k.graph.IsEntry(v) {
		chain, key := t.Entry(search.chainTo(v))
		e.Key, e.Path = key, chain.Expr
	} else {
		e.Key, e.Path = k.listEntry(t, search, v)
	}
	if t.Hide {
		e.Key = ""
	}
	return e
}

// biggest are the entries of each node that retain most, the largest first.
func (k *Retention) biggest(most int) map[uint32][]uint32 {
	byNode := map[uint32][]uint32{}
	larger := func(a, b uint32) int {
		return cmp.Or(cmp.Compare(k.Dominators.Retained(b), k.Dominators.Retained(a)), cmp.Compare(a, b))
	}
	for v := range k.graph.Len() {
		if k.Dominators.Retained(v) == 0 {
			continue
		}
		node, ok := k.graph.Node(v), k.graph.IsEntry(v)
		if !ok {
			if node, ok = k.listOf(v); !ok {
				continue
			}
		}
		list := byNode[node]
		if list = append(list, v); len(list) >= 2*most+16 {
			slices.SortFunc(list, larger)
			list = list[:most]
		}
		byNode[node] = list
	}
	for node, list := range byNode {
		slices.SortFunc(list, larger)
		byNode[node] = list[:min(len(list), most)]
	}
	return byNode
}
