package account

import (
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// maxDominators is how many places the tree of dominators has; what lies below others counts with them.
const maxDominators = 1000

// tree is the dominators of all blocks by place: a block counts below the place of its immediate
// dominator. A place that comes back below itself, as in a list, is one.
func (k *Retention) tree() []report.Dominator {
	type key struct {
		parent int
		group  uint32
	}
	list, groups := []report.Dominator{}, []uint32{}
	number := map[key]int{}
	at := make([]int32, k.graph.Len()) // by vertex: the place in the list and 1; 0 for none
	for _, v := range k.order[1:] {
		parent := int(at[k.idom[v]]) - 1
		if at[v] = int32(parent + 1); v <= k.graph.Roots() || k.graph.IsEntry(v) {
			continue
		}
		group := k.groupOf(k.graph.Node(v))
		place := parent
		for place >= 0 && groups[place] != group {
			place = list[place].Parent
		}
		if place < 0 {
			var known bool
			if place, known = number[key{parent, group}]; !known {
				if place = parent; len(list) < maxDominators || parent < 0 {
					place = len(list)
					number[key{parent, group}] = place
					groups = append(groups, group)
					list = append(list, report.Dominator{Parent: parent, Path: k.paths[group]})
				}
			}
		}
		list[place].Own += k.graph.Size(v)
		list[place].Blocks++
		at[v] = int32(place) + 1
	}
	for i := len(list) - 1; i >= 0; i-- {
		list[i].Retained += list[i].Own
		if up := list[i].Parent; up >= 0 {
			list[up].Retained += list[i].Retained
		}
	}
	return list
}

// groupOf is the group of the place at which a block was met first.
func (k *Retention) groupOf(node uint32) uint32 {
	if node&walker.Untyped != 0 {
		return k.places.Untyped[node&walker.IDs]
	}
	return k.places.Typed[node&walker.IDs]
}
