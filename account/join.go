package account

import "github.com/bitcoin-mem/memsize/report"

// Join makes one report of several of the same value, one for each group of models that shared a
// walk: the first gives Total, Types and Tree. The figures of all models come in an order, given
// as positions among the models of all reports: names do not tell models apart, since overrides
// do not change them.
//
// A node of the tree has the figures of all models, matched by path. What only the tree of a later
// report has, as the untyped memory that a walk of the heap finds, becomes a node without bytes under
// the first model, so that the nodes' figures of each model sum to its total.
func Join(reports []*report.Report, order []int) *report.Report {
	r := reports[0]
	if len(reports) == 1 && len(order) == len(r.Models) {
		return r
	}
	var all []report.ModelFigures
	figures := joined{root: r.Tree, by: map[string]*report.Node{}, own: map[*report.Node][]uint64{}}
	for _, other := range reports {
		figures.add(other.Tree, len(all), len(other.Models))
		all = append(all, other.Models...)
		if other.Truncated && !r.Truncated {
			r.Truncated, r.Reason = true, other.Reason
		}
	}
	r.Models = make([]report.ModelFigures, len(order))
	for i, at := range order {
		r.Models[i] = all[at]
	}
	if len(order) < 2 {
		return r
	}
	for n, own := range figures.own {
		n.Models = make([]uint64, len(order))
		for i, at := range order {
			if at < len(own) {
				n.Models[i] = own[at]
			}
		}
	}
	return r
}

// joined is the first report's nodes with what all reports say of them.
type joined struct {
	root *report.Node
	by   map[string]*report.Node   // by path
	own  map[*report.Node][]uint64 // under the models of all reports
}

// add adds the figures of a tree, those of count models from number first on.
func (j *joined) add(tree *report.Node, first, count int) {
	type pair struct{ node, parent *report.Node }
	stack := []pair{{tree, nil}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		known := j.known(p.node, p.parent, first == 0)
		own := j.own[known]
		for len(own) < first+count {
			own = append(own, 0)
		}
		for m := range count {
			figure := p.node.Own
			if m < len(p.node.Models) {
				figure = p.node.Models[m]
			}
			own[first+m] += figure
		}
		j.own[known] = own
		for i := len(p.node.Children) - 1; i >= 0; i-- {
			stack = append(stack, pair{p.node.Children[i], known})
		}
	}
}

// known is the node of the first report at a node's path, made below parent if there is none.
func (j *joined) known(n, parent *report.Node, isFirst bool) *report.Node {
	known := j.by[n.Path]
	switch {
	case isFirst:
		known = n
		if j.by[n.Path] == nil {
			j.by[n.Path] = n
		}
	case known == nil && parent == nil:
		return j.root
	case known == nil:
		known = &report.Node{Step: n.Step, Path: n.Path, Type: n.Type, Rule: n.Rule,
			Recursive: n.Recursive}
		j.by[n.Path] = known
		parent.Children = append(parent.Children, known)
	}
	return known
}
