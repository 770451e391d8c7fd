package account

import (
	"cmp"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// Place is what a source of findings knows of one place, for Build.
type Place struct {
	Parent      int // the index in the list given to Build, -1 for a root
	Step        string
	Type        string
	Rule        string
	Root        bool         // a value that nothing leads to
	Recursive   bool         // the path leads back here
	Sums        []Sum        // by model
	Block       *rules.Parts // of each element, under the first model; nil where they share one
	Unaccounted uint64       // values
	Unseen      uint64       // bytes of these, where that is known
	Pinned      uint64       // of the first sum's total
	Causes      rules.Causes // why the first sum may be off
	Reason      string
	Biggest     []report.Entry
	Bounds      *report.Bounds // of all that is below as well, under the first model
}

// Build arranges the figures of places, parents before children, under models of equal order.
func Build(models []string, places []Place) *report.Report {
	r := &report.Report{Schema: report.Schema, Model: models[0], Exactness: "exact"}
	nodes := make([]*report.Node, len(places))
	paths := make([]string, len(places))
	top := &report.Node{}
	for i, p := range places {
		parent := top
		if p.Parent >= 0 {
			parent = nodes[p.Parent]
			paths[i] = paths[p.Parent]
		}
		paths[i] += p.Step
		nodes[i] = parent
		if p.Unaccounted > 0 {
			r.Unaccounted = append(r.Unaccounted,
				report.Unaccounted{Path: paths[i], Type: p.Type, Reason: p.Reason, Count: p.Unaccounted,
					Bytes: p.Unseen})
		}
		switch counted := slices.ContainsFunc(p.Sums, Sum.counted); {
		case counted && parent.Count == 0 && parent.Path == paths[i] && parent != top:
			*parent = *newNode(p, paths[i], &report.Node{}) // the root is this container
		case p.Root || counted:
			nodes[i] = newNode(p, paths[i], parent)
			parent.Children = append(parent.Children, nodes[i])
		}
	}
	r.Tree = top
	if len(top.Children) == 1 {
		r.Tree = top.Children[0]
	}
	sum(r, models, places)
	total(top)
	return r
}

func newNode(p Place, path string, parent *report.Node) *report.Node {
	n := &report.Node{Step: path[len(parent.Path):], Path: path, Type: p.Type, Rule: p.Rule,
		Recursive: p.Recursive, Biggest: p.Biggest, Block: p.Block,
		Pinned: p.Pinned, Causes: p.Causes, Bounds: p.Bounds}
	if len(p.Sums) == 0 {
		return n
	}
	s := p.Sums[0]
	n.Count, n.Min, n.Max, n.Own, n.Parts = s.Count, s.Min, s.Max, s.Total, s.Parts
	n.Blocks = s.Blocks
	if len(p.Sums) > 1 {
		for _, s := range p.Sums {
			n.Models = append(n.Models, s.Total)
		}
	}
	return n
}

// sum fills the totals by model and by type.
func sum(r *report.Report, models []string, places []Place) {
	r.Models = make([]report.ModelFigures, len(models))
	types := map[string]*report.TypeFigures{}
	for m, name := range models {
		r.Models[m].Name = name
	}
	for _, p := range places {
		for m, s := range p.Sums {
			f := &r.Models[m]
			f.Parts = f.Parts.Plus(s.Parts)
			f.Blocks = saturate.Add(f.Blocks, s.Blocks)
		}
		if len(p.Sums) == 0 || p.Sums[0].Count == 0 {
			continue
		}
		t := types[p.Type]
		if t == nil {
			t = &report.TypeFigures{Type: p.Type}
			types[p.Type] = t
		}
		t.Count = saturate.Add(t.Count, p.Sums[0].Count)
		t.Parts = t.Parts.Plus(p.Sums[0].Parts)
		t.Total = t.Parts.Total()
		t.Causes |= p.Causes
	}
	for m := range r.Models {
		r.Models[m].Total = r.Models[m].Parts.Total()
	}
	r.Total, r.Parts = r.Models[0].Total, r.Models[0].Parts
	for _, t := range types {
		r.Types = append(r.Types, *t)
	}
	slices.SortFunc(r.Types, func(a, b report.TypeFigures) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Type, b.Type))
	})
}

// total adds up the subtrees and sorts children, the largest first. The tree is as deep as the
// type graph, not as the data, but type graphs too can be deep: no recursion.
func total(root *report.Node) {
	order := []*report.Node{root}
	for i := 0; i < len(order); i++ {
		order = append(order, order[i].Children...)
	}
	for _, n := range slices.Backward(order) {
		n.Total = n.Own
		for _, c := range n.Children {
			n.Total = saturate.Add(n.Total, c.Total)
		}
		slices.SortStableFunc(n.Children, func(a, b *report.Node) int {
			return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Path, b.Path))
		})
	}
}
