package oracle

import "reflect"

// Survey says what a graph has that makes walks go wrong. Property tests count them, so that a
// generator that no longer makes one of them is noticed.
type Survey struct {
	Containers int
	Shared     bool // a container that two slots refer to
	Nested     bool // an extent that lies within another, and is not the same
	Interior   bool // a pointer past the first byte of the extent that contains it
	Partial    bool // two extents that overlap, neither within the other
	Spare      bool // a slice with capacity beyond its length
	// Cycles holds the kinds of containers that lie on a cycle.
	Cycles map[reflect.Kind]bool
}

// Survey examines the graph.
func (g *Graph) Survey() Survey {
	s := Survey{Containers: len(g.nodes), Cycles: map[reflect.Kind]bool{}}
	s.references(g)
	for _, c := range components(g.nodes) {
		s.overlaps(c)
	}
	return s
}

// references looks at edges: sharing, cycles, spare capacity.
func (s *Survey) references(g *Graph) {
	t := tarjan{index: map[*node]int{}, low: map[*node]int{}, group: map[*node]*group{}}
	t.visit(g.root)
	entries := map[*node]int{}
	for n, c := range t.group {
		for _, to := range n.edges {
			entries[to]++
			s.Shared = s.Shared || entries[to] > 1
		}
		if c.cyclic() {
			s.Cycles[n.kind] = true
		}
		s.Spare = s.Spare || n.cap > n.len
	}
}

// overlaps compares each extent of a component with the widest one that begins before it.
func (s *Survey) overlaps(c component) {
	widest := c[0]
	for _, n := range c[1:] {
		switch same := n.lo == widest.lo && n.hi == widest.hi; {
		case same:
		case n.hi <= widest.hi:
			s.Nested = true
			s.Interior = s.Interior || n.kind == reflect.Pointer && n.lo > widest.lo
		default:
			s.Partial = true
			widest = n
		}
	}
}
