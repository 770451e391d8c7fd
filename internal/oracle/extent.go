package oracle

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/rules"
)

// byIdentity charges every slot once, and every component of overlapping extents as one container.
func (g *Graph) byIdentity() rules.Parts {
	sum := g.slots()
	for _, c := range components(g.nodes) {
		sum = sum.Plus(g.charge(c))
	}
	return sum
}

// slots sums the charges that belong to slots: each slot once, at the dearest of its prices.
func (g *Graph) slots() rules.Parts {
	offers := map[uintptr]offer{}
	for _, n := range append([]*node{g.root}, g.nodes...) {
		for _, l := range n.leaves {
			offers[l.slot] = dearer(l.offer, offers[l.slot])
		}
	}
	var sum rules.Parts
	for _, o := range offers {
		sum = sum.Plus(o.price)
	}
	return sum
}

// component is containers whose extents overlap, directly or through others, sorted by where they
// begin, the longest first.
type component []*node

// components groups the nodes that have an extent. To touch is not to overlap.
func components(nodes []*node) []component {
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return n.lo == n.hi })
	slices.SortFunc(nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(b.hi, a.hi))
	})
	var all []component
	var end uintptr
	for i, n := range nodes {
		if i == 0 || n.lo >= end {
			all = append(all, nil)
		}
		last := len(all) - 1
		all[last] = append(all[last], n)
		end = max(end, n.hi)
	}
	return all
}

// maximal is the containers whose extent no other extent contains; equal extents all stay.
func (c component) maximal() []*node {
	var outer []*node
	var end uintptr
	for _, n := range c {
		last := len(outer) - 1
		same := last >= 0 && outer[last].lo == n.lo && outer[last].hi == n.hi
		if n.hi > end || same {
			outer = append(outer, n)
		}
		end = max(end, n.hi)
	}
	return outer
}

// charge is the price of a component: of its one maximal container; of one container over the
// union, if the maximal ones are views of one array; else of the union's bytes.
func (g *Graph) charge(c component) rules.Parts {
	outer := c.maximal()
	lo, hi := outer[0].lo, outer[len(outer)-1].hi
	if !oneArray(outer) {
		size := uint64(hi - lo)
		return g.usage(g.bytes(), size, size)
	}
	var best offer
	for _, n := range outer {
		length, capacity := uint64(n.len), uint64(n.cap)
		if n.elem != nil {
			size := n.elem.Size()
			capacity = uint64((hi - lo) / size)
			length = min(capacity, uint64((c.live(n.elem)-lo)/size))
		}
		best = dearer(offer{g.usage(n.binding, length, capacity), n.typ}, best)
	}
	return best.price
}

// oneArray tells whether the containers have one extent, or are views of one array: all of the
// same element type, a whole number of elements apart.
func oneArray(outer []*node) bool {
	first := outer[0]
	if last := outer[len(outer)-1]; last.lo == first.lo && last.hi == first.hi {
		return true
	}
	for _, n := range outer {
		if n.elem != first.elem || (n.lo-first.lo)%first.elem.Size() != 0 {
			return false
		}
	}
	return true
}

// live is where the last element in use ends, of all views of elements of one type.
func (c component) live(elem reflect.Type) uintptr {
	var end uintptr
	for _, n := range c {
		if n.elem == elem {
			end = max(end, n.live)
		}
	}
	return end
}

// bytes is the binding of a vector of bytes, whatever the model makes of slices by default.
func (g *Graph) bytes() rules.Binding {
	vector, err := rules.ParseExpr("vector")
	if err != nil {
		panic(err)
	}
	return g.model.Rebind(rules.TypeOf(reflect.TypeFor[[]byte]()), vector)
}
