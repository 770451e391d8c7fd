package account

import "github.com/bitcoin-mem/memsize/report"

// Join makes one report of several of the same value, one for each group of models that shared a
// walk: the first gives Total, Types and Tree. The figures of all models come in an order, given
// as positions among the models of all reports: names do not tell models apart, since overrides
// do not change them.
func Join(reports []*report.Report, order []int) *report.Report {
	r := reports[0]
	if len(reports) == 1 && len(order) == len(r.Models) {
		return r
	}
	var all []report.ModelFigures
	for _, other := range reports {
		all = append(all, other.Models...)
		if other.Truncated && !r.Truncated {
			r.Truncated, r.Reason = true, other.Reason
		}
	}
	forgetModels(r.Tree) // they would not be in the order of models
	r.Models = make([]report.ModelFigures, len(order))
	for i, at := range order {
		r.Models[i] = all[at]
	}
	return r
}

// forgetModels takes the figures by model from all nodes.
func forgetModels(n *report.Node) {
	nodes := []*report.Node{n}
	for i := 0; i < len(nodes); i++ {
		nodes[i].Models = nil
		nodes = append(nodes, nodes[i].Children...)
	}
}
