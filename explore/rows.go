package explore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/report"
)

// row is a node of the tree with its figures under the chosen model, in bytes.
type row struct {
	node  *report.Node
	total uint64
	own   uint64
	old   uint64 // total in the older report; 0 without one
}

// grown is by how much the row grew since the older report.
func (r row) grown() int64 { return int64(r.total) - int64(r.old) }

// column is what rows are sorted by.
type column uint8

const (
	byTotal column = iota
	byOwn
	byCount
	byRetained
	byName
	byGrowth
	columns
)

func (c column) String() string {
	return [columns]string{"total", "own", "count", "retained", "name", "growth"}[c]
}

// figures are what a report says of each node under one of its models.
type figures struct {
	model  int
	totals map[*report.Node]uint64
}

// newFigures adds up the subtrees under a model. Without figures by model the nodes' own are shown,
// which are those of the first model.
func newFigures(r *report.Report, model int) figures {
	f := figures{model, map[*report.Node]uint64{}}
	nodes := slices.Collect(r.Nodes())
	for _, n := range slices.Backward(nodes) {
		sum := f.own(n)
		for _, c := range n.Children {
			sum += f.totals[c]
		}
		f.totals[n] = sum
	}
	return f
}

// own is what the containers at a node own themselves.
func (f figures) own(n *report.Node) uint64 {
	if f.model < len(n.Models) {
		return n.Models[f.model]
	}
	return n.Own
}

// rowsOf are the children of a node that contain a text in their step or type, sorted by a column, the
// largest first; names from A to Z.
func (e *Explorer) rowsOf(n *report.Node) []row {
	var list []row
	for _, c := range n.Children {
		if e.filter != "" && !contains(c.Step, e.filter) && !contains(c.Type, e.filter) {
			continue
		}
		list = append(list, row{c, e.figures.totals[c], e.figures.own(c), e.old[c.Path]})
	}
	slices.SortStableFunc(list, func(a, b row) int {
		switch e.by {
		case byOwn:
			return cmp.Compare(b.own, a.own)
		case byCount:
			return cmp.Compare(b.node.Count, a.node.Count)
		case byRetained:
			return cmp.Compare(b.node.Retained, a.node.Retained)
		case byName:
			return cmp.Compare(a.node.Step, b.node.Step)
		case byGrowth:
			return cmp.Compare(b.grown(), a.grown())
		}
		return cmp.Compare(b.total, a.total)
	})
	return list
}

// contains tells whether text has part in it, whatever the case of letters.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
