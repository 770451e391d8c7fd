package report

import (
	"cmp"
	"slices"
)

// Column is a figure of a node by which nodes are sorted.
type Column uint8

// The columns of Top.
const (
	ByTotal    Column = iota // Node.Total: with all that is below
	ByOwn                    // Node.Own: what the containers there own themselves
	ByRetained               // Node.Retained: what would be freed without them
)

// Top are the n nodes of the tree with the largest figures in a column, the largest first; of equal
// ones the shorter path is first. A nil slice for n below 1.
func (r *Report) Top(n int, by Column) []*Node {
	if n < 1 {
		return nil
	}
	nodes := slices.SortedFunc(r.Nodes(), func(a, b *Node) int {
		return cmp.Or(cmp.Compare(by.of(b), by.of(a)), cmp.Compare(len(a.Path), len(b.Path)),
			cmp.Compare(a.Path, b.Path))
	})
	return nodes[:min(n, len(nodes))]
}

// of is the figure of a node in the column, in bytes.
func (c Column) of(n *Node) uint64 {
	switch c {
	case ByOwn:
		return n.Own
	case ByRetained:
		return n.Retained
	}
	return n.Total
}
