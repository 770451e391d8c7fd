package oracle

import (
	"fmt"
	"reflect"
	"strings"
)

// Dump lists the graph's containers for a person who looks for a mistake: type, extent, length
// and capacity, price alone, and the numbers of the containers that it refers to.
func (g *Graph) Dump() string {
	numbers := map[*node]int{g.root: 0}
	for i, n := range g.nodes {
		numbers[n] = i + 1
	}
	var out strings.Builder
	for i, n := range append([]*node{g.root}, g.nodes...) {
		if i == 0 {
			fmt.Fprint(&out, "0 the value itself")
		} else {
			fmt.Fprintf(&out, "%d %s %v %v [%x %x) len %d cap %d price %d", i, n.kind,
				n.binding.Type, n.binding.Expr, n.lo, n.hi, n.len, n.cap, n.price.Total())
		}
		for _, l := range n.leaves {
			fmt.Fprintf(&out, " slot@%x %d", l.slot, l.price.Total())
		}
		for _, to := range n.edges {
			fmt.Fprintf(&out, " →%d", numbers[to])
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Slots is every place that holds a reference and can be written, so that a test can cut it and
// see whether a disagreement remains. What lies in maps and boxes cannot be written.
func (g *Graph) Slots() []reflect.Value {
	var slots []reflect.Value
	for _, n := range append([]*node{g.root}, g.nodes...) {
		if n.kind == reflect.Interface || n.kind == reflect.Map {
			continue
		}
		for _, v := range n.slots {
			if v.Kind() != reflect.Struct && v.Kind() != reflect.Array && !v.IsZero() {
				slots = append(slots, v)
			}
		}
	}
	return slots
}
