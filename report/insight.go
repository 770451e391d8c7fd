package report

import "iter"

// Saving is one way to need less memory: what lies at a place, and what to write instead. The
// savings of a report are sorted, the largest first, and each tells what it saves once those above
// it are done, so that no byte is claimed twice.
type Saving struct {
	Kind   string `json:"kind"`  // as "spare capacity", "equal strings"
	Path   string `json:"path"`  // of the place in the tree
	Type   string `json:"type"`  // of the containers there
	Count  uint64 `json:"count"` // values that would change
	Bytes  uint64 `json:"bytes"` // that would be freed
	Advice string `json:"advice"`
}

// Sharer is a place that leads to what another place leads to as well.
type Sharer struct {
	Path       string `json:"path"`
	References uint64 `json:"references"` // that lead there
}

// Dominator is a place in the tree of dominators: the blocks there die with those of its parent.
type Dominator struct {
	Parent   int    `json:"parent"` // index in Report.Dominators, always a smaller one; -1 for none
	Path     string `json:"path"`   // where the blocks were met first
	Own      uint64 `json:"own"`    // bytes of the blocks
	Retained uint64 `json:"retained"`
	Blocks   uint64 `json:"blocks"`
}

// Coverage tells how much of the live heap the values of a report explain, in bytes. No collection
// is forced: Live is what the last one saw.
type Coverage struct {
	Held uint64 `json:"held"` // what the values hold
	Live uint64 `json:"live"` // what the last collection found to be live
	// Since is what has been allocated since, some of which may be held; and what that collection found to
	// be garbage and has not swept yet.
	Since uint64 `json:"since"`
}

// Nodes are the nodes of the tree, parents before children, in the order of the tree.
func (r *Report) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if r.Tree == nil {
			return
		}
		stack := []*Node{r.Tree}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(n) {
				return
			}
			for i := len(n.Children) - 1; i >= 0; i-- {
				stack = append(stack, n.Children[i])
			}
		}
	}
}
