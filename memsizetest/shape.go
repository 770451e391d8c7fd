package memsizetest

import (
	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// A heap is measured by blocks: of several tiny values in one block, one is found. So counts and
// lengths are taken from a model that prices values by type, length and capacity alone: the
// modelled heap of a 32-bit process, which every platform can work out. Its bytes are not shown.

// shapeOf is the account of v from which counts and lengths are taken.
func shapeOf(v any) *report.Report {
	m, err := rules.Lookup("go-386")
	if err != nil {
		panic(err) // package rules lists it
	}
	return memsize.Scan(v, memsize.WithModel(m), memsize.NoValues())
}

// shape is how many containers there are at a place, or of a type, and the bytes of their elements
// up to their lengths, as a 32-bit process has them.
type shape struct {
	Path  string `json:"path"`
	Type  string `json:"type"`
	Count uint64 `json:"count"`
	Used  uint64 `json:"used"`
}

// shapes are the places of a report that have containers, by path and type.
func shapes(r *report.Report) map[place]shape {
	places := map[place]shape{}
	for n := range r.Nodes() {
		if n.Count > 0 {
			p := place{n.Path, n.Type}
			s := places[p]
			places[p] = shape{n.Path, n.Type, s.Count + n.Count, s.Used + n.Parts.Used}
		}
	}
	return places
}

// byType is the sum of the places of each type. Where memory is shared, places may change hands
// from run to run, and types do not.
func byType(places map[place]shape) map[string]shape {
	types := map[string]shape{}
	for _, s := range places {
		t := types[s.Type]
		types[s.Type] = shape{Type: s.Type, Count: t.Count + s.Count, Used: t.Used + s.Used}
	}
	return types
}

// place is a line of the tree.
type place struct{ path, typ string }
