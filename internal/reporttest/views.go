// Package reporttest holds what the tests of several packages ask of a report.
package reporttest

import (
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// Views are the sums of a report, each in its own way: all must be the same figure.
func Views(r *report.Report) map[string]uint64 {
	var own, types uint64
	var parts, ownParts rules.Parts
	for n := range r.Nodes() {
		own += n.Own
		ownParts = ownParts.Plus(n.Parts)
	}
	for _, t := range r.Types {
		types += t.Total
		parts = parts.Plus(t.Parts)
	}
	return map[string]uint64{
		"total": r.Total, "parts": r.Parts.Total(), "first model": r.Models[0].Total,
		"parts of the first model": r.Models[0].Parts.Total(), "tree": r.Tree.Total,
		"nodes of the tree": own, "parts of the nodes": ownParts.Total(),
		"types": types, "parts of the types": parts.Total(),
	}
}
