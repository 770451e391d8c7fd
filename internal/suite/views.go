package suite

import (
	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// CheckViews checks that all views of a report have the same sum.
func CheckViews(r *memsize.Report, check func(what string, got, want any)) {
	want := r.Total
	check("Scan.Parts", r.Parts.Total(), want)
	check("Scan.Models", r.Models[0].Total, want)
	check("Scan.Models.Parts", r.Models[0].Parts.Total(), want)
	check("Scan.Tree", r.Tree.Total, want)
	var types, own uint64
	for _, t := range r.Types {
		check("parts of "+t.Type, t.Parts.Total(), t.Total)
		types += t.Total
	}
	for n := range r.Nodes() {
		check("parts of "+n.Path, n.Parts.Total(), n.Own)
		own += n.Own
	}
	check("sum of Scan.Types", types, want)
	check("sum over Scan.Tree", own, want)
}

// Claimed is between which multiples of a report's total the truth lies, by the report's own causes.
func Claimed(r *memsize.Report) (low, high float64) {
	var causes rules.Causes
	for n := range r.Nodes() {
		causes |= n.Causes
	}
	if low, high = causes.Bounds(); len(r.Unaccounted) > 0 {
		low = 0
	}
	return low, high
}
