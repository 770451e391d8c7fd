package walker

import "slices"

// sharing is what of the memory that several roots lead to is shared, for what each of them holds alone
// and what only it holds. A walk follows root after root, and labels what it meets with the root that
// came there first. What a second root comes to becomes a vertex, and is followed once more, so that
// all below it become vertices too; what a third one comes to need not be followed. So each container is
// followed at most twice, however many roots there are.
//
// Most vertices are met by one reference alone, that of another vertex: they are shared by the same roots
// as that is, and count with it. What is left is a small graph.
type sharing struct {
	only     []uint64       // by root, from 1: what only it leads to, in bytes
	vertices []sharedVertex // from 1
	edges    []sharedEdge   // between vertices, beside those from parents
	entries  []sharedEdge   // from roots to vertices
}

// sharedVertex is what two roots or more lead to.
type sharedVertex struct {
	weight uint64 // bytes
	parent uint32 // the vertex that led here first; 0 if that was a root
	joined bool   // there are other references
	last   uint32 // the root that came here last
}

type sharedEdge struct{ from, to uint32 }

// shared in a label tells that the rest is the number of a vertex; else it is that of a root, or 0.
const shared = 1 << 31

func newSharing(roots int) sharing {
	return sharing{only: make([]uint64, roots+1), vertices: make([]sharedVertex, 1)}
}

// vertex makes a vertex to which another led.
func (x *sharing) vertex(weight uint64, parent uint32) uint32 {
	x.vertices = append(x.vertices, sharedVertex{weight: weight, parent: parent})
	return uint32(len(x.vertices) - 1)
}

// enter notes that a root leads to a vertex.
func (x *sharing) enter(root, v uint32) {
	if at := &x.vertices[v]; at.last != root {
		at.last, at.joined = root, true
		x.entries = append(x.entries, sharedEdge{root, v})
	}
}

// refer notes that a vertex leads to another.
func (x *sharing) refer(from, to uint32) {
	at := &x.vertices[to]
	if from == to || at.parent == from {
		return
	}
	at.joined = true
	if k := len(x.edges); k == 0 || x.edges[k-1] != (sharedEdge{from, to}) {
		x.edges = append(x.edges, sharedEdge{from, to})
	}
}

// sharers is the small graph: the roots, then the vertices that others count with, condensed to
// components of which each leads to all of itself. Vertex 0 leads to all.
type sharers struct {
	*sharing
	top       []uint32 // by vertex: with which it counts
	first, to []uint32 // edges by where they are from
	component []uint32 // by vertex of the small graph
	members   [][]uint32
	weight    []uint64 // by component
	seen      []uint32 // by component: the call of reached that came there last
	calls     uint32
	rest      []uint32
}

// solve makes the small graph.
func (x *sharing) solve() *sharers {
	s := &sharers{sharing: x, top: make([]uint32, len(x.vertices))}
	roots := uint32(len(x.only) - 1)
	number := make([]uint32, len(x.vertices)) // of those that others count with, behind the roots
	n := roots + 1
	for v := range x.vertices[1:] {
		at := &x.vertices[v+1]
		if at.joined || at.parent == 0 {
			s.top[v+1], number[v+1] = uint32(v+1), n
			n++
		} else {
			s.top[v+1] = s.top[at.parent]
		}
	}
	weight := make([]uint64, n)
	edges := make([]sharedEdge, 0, len(x.edges)+len(x.entries)+2*int(n))
	for i := uint32(1); i < n; i++ {
		edges = append(edges, sharedEdge{0, i})
	}
	for v := range x.vertices[1:] {
		at, top := &x.vertices[v+1], number[s.top[v+1]]
		weight[top] += at.weight
		if at.parent != 0 && at.joined {
			edges = append(edges, sharedEdge{number[s.top[at.parent]], top})
		}
	}
	for _, e := range x.entries {
		edges = append(edges, sharedEdge{e.from, number[e.to]})
	}
	for _, e := range x.edges {
		edges = append(edges, sharedEdge{number[s.top[e.from]], number[e.to]})
	}
	for v, top := range s.top {
		s.top[v] = number[top]
	}
	s.condense(int(n), edges, weight)
	return s
}

// condense finds the components.
func (s *sharers) condense(n int, edges []sharedEdge, weight []uint64) {
	s.first, s.to = make([]uint32, n+2), make([]uint32, len(edges))
	for _, e := range edges {
		s.first[e.from+2]++
	}
	for i := 1; i < len(s.first); i++ {
		s.first[i] += s.first[i-1]
	}
	for _, e := range edges {
		at := &s.first[e.from+1]
		s.to[*at] = e.to
		*at++
	}
	component, order := components(n, s.edgesOf)
	s.component = component
	count := component[0] + 1
	s.weight, s.seen, s.members = make([]uint64, count), make([]uint32, count), make([][]uint32, count)
	for len(order) > 0 {
		c, k := component[order[0]], 1
		for k < len(order) && component[order[k]] == c {
			k++
		}
		s.members[c] = order[:k]
		for _, v := range order[:k] {
			s.weight[c] += weight[v]
		}
		order = order[k:]
	}
}

func (s *sharers) edgesOf(v uint32) []uint32 { return s.to[s.first[v]:s.first[v+1]] }

// of is the component that a vertex of the sharing counts with.
func (s *sharers) of(v uint32) uint32 { return s.component[s.top[v]] }

// reached are the components that a root leads to, its own first. The list is good until the next call.
func (s *sharers) reached(root uint32) []uint32 {
	s.calls++
	visit := func(v uint32) {
		if c := s.component[v]; s.seen[c] != s.calls {
			s.seen[c] = s.calls
			s.rest = append(s.rest, c)
		}
	}
	s.rest = s.rest[:0]
	visit(root)
	for i := 0; i < len(s.rest); i++ {
		for _, v := range s.members[s.rest[i]] {
			for _, to := range s.edgesOf(v) {
				visit(to)
			}
		}
	}
	return s.rest
}

// alone is what each root holds when it is alone, in bytes.
func (s *sharers) alone() []uint64 {
	alone := slices.Clone(s.only)
	for root := range alone[1:] {
		for _, c := range s.reached(uint32(root + 1)) {
			alone[root+1] += s.weight[c]
		}
	}
	return alone
}
