package report

// Join makes one report of several of the same value, one for each group of models that shared a
// walk: the first gives Total, Types and Tree. The figures of all models come in an order, given
// as positions among the models of all reports: names do not tell models apart, since overrides
// do not change them.
func Join(reports []*Report, order []int) *Report {
	r := reports[0]
	if len(reports) == 1 && len(order) == len(r.Models) {
		return r
	}
	var all []ModelFigures
	for _, other := range reports {
		all = append(all, other.Models...)
		if other.Truncated && !r.Truncated {
			r.Truncated, r.Reason = true, other.Reason
		}
	}
	r.Tree.forgetModels() // they would not be in the order of models
	r.Models = make([]ModelFigures, len(order))
	for i, at := range order {
		r.Models[i] = all[at]
	}
	return r
}

// forgetModels takes the figures by model from all nodes.
func (n *Node) forgetModels() {
	nodes := []*Node{n}
	for i := 0; i < len(nodes); i++ {
		nodes[i].Models = nil
		nodes = append(nodes, nodes[i].Children...)
	}
}
