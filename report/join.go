package report

// Join makes one report of several of the same value, one for each group of models that shared a
// walk: the first gives Total, Types and Tree; the figures of all models come in the given order.
func Join(reports []*Report, models []string) *Report {
	r := reports[0]
	if len(reports) == 1 {
		return r
	}
	byName := map[string]ModelFigures{}
	for _, other := range reports {
		for _, f := range other.Models {
			byName[f.Name] = f
		}
		if other.Truncated && !r.Truncated {
			r.Truncated, r.Reason = true, other.Reason
		}
	}
	r.Tree.forgetModels() // they would not be in the order of models
	r.Models = r.Models[:0:0]
	for _, name := range models {
		r.Models = append(r.Models, byName[name])
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
