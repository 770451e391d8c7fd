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
	r.Models = r.Models[:0:0]
	for _, name := range models {
		r.Models = append(r.Models, byName[name])
	}
	return r
}
