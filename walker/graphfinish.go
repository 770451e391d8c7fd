package walker

import (
	"math"
	"sort"

	"github.com/bitcoin-mem/memsize/internal/scratch"
)

// finishedGraph is a graph whose references are sorted by where they are from. Vertices are numbered 0, the
// roots, the blocks by where their pages were met, the entries.
type finishedGraph struct {
	vertices   uint32 // how many
	firstEntry uint32
	out        []uint32 // by vertex: where its references begin in edges
	edges      []Edge
	slots      []uintptr // of edges, with Slots
	words      []uint32  // by vertex: the size of a block in words
	arrivals   []arrival // by vertex
	entries    []graphEntry
}

// arrival is how a vertex is led to: from where, as Sole says, plus 1; and the Node of the first reference.
// The two lie together, for references lead anywhere: each is a look at memory that is not at hand.
type arrival struct{ sole, first uint32 }

const graphWord = 8 // bytes: the sizes of all blocks are multiples

// Len is how many vertices there are.
func (g *Graph) Len() uint32 { return g.vertices }

// Roots is how many roots there are: vertices 1 to Roots.
func (g *Graph) Roots() uint32 { return g.roots }

// IsEntry tells whether a vertex is an entry.
func (g *Graph) IsEntry(v uint32) bool { return v >= g.firstEntry }

// Size is what a block takes, in bytes; 0 for roots and entries.
func (g *Graph) Size(v uint32) uint64 { return uint64(g.words[v]) * graphWord }

// Base is where a block begins; of an entry, where its element, or the key of a map's, lies; 0 for roots.
func (g *Graph) Base(v uint32) uintptr {
	switch {
	case v <= g.roots:
		return 0
	case g.IsEntry(v):
		return uintptr(g.entries[v-g.firstEntry].at)
	}
	return g.numbers.base(v)
}

// Node is the Edge.Node of the first reference that a walk met to a vertex; of an entry the container's.
func (g *Graph) Node(v uint32) uint32 {
	if g.IsEntry(v) {
		return g.arrivals[v].first & IDs
	}
	return g.arrivals[v].first
}

// Edges are the references of a vertex. Those of vertex 0 are to the roots.
func (g *Graph) Edges(v uint32) []Edge { return g.edges[g.out[v]:g.out[v+1]] }

// Slot is where edge number i of a vertex lies, as in Edges; of an edge to an entry where the entry does.
// It needs Slots; 0 where that is not known.
func (g *Graph) Slot(v uint32, i int) uintptr { return g.slots[g.out[v]:g.out[v+1]][i] }

// Edge is edge number i of all, in the order of the vertices that they are from.
func (g *Graph) Edge(i uint32) Edge { return g.edges[i] }

// SlotOf is where edge number i of all lies: see Slot.
func (g *Graph) SlotOf(i uint32) uintptr { return g.slots[i] }

// Source is the vertex from which edge number i of all is.
func (g *Graph) Source(i uint32) uint32 {
	return uint32(sort.Search(int(g.vertices), func(v int) bool { return g.out[v+1] > i }))
}

// Bases writes where each block begins, and whether it has pointers, by vertex.
func (g *Graph) Bases(bases []uintptr, pointers []bool) {
	g.numbers.eachMet(func(v uint32, p *graphPage, i uintptr) {
		bases[v], pointers[v] = p.begin+i*p.size, p.pointers
	})
}

// References is how many edges there are.
func (g *Graph) References() int { return len(g.edges) }

// Find is the vertex of a block; false if it has none.
func (g *Graph) Find(base, size uintptr) (uint32, bool) {
	id, ok := g.numbers.known(base, size)
	if !ok {
		return 0, false
	}
	return g.numbers.rank(id), true
}

// Results of Sole other than a vertex.
const (
	NoSole   = math.MaxUint32     // nothing leads there
	Multiple = math.MaxUint32 - 1 // several do
)

// Sole is the vertex from which all references to another are, but for its own: NoSole or Multiple if there is
// no such.
func (g *Graph) Sole(v uint32) uint32 { return g.arrivals[v].sole - 1 }

// Finish sorts the edges by where they are from, and leaves out untyped ones that were recorded as
// typed references too. It returns ErrGraph if something was not recorded, or there is no memory for it.
func (g *Graph) Finish() error {
	g.From(0)
	for r := uint32(1); r <= g.roots; r++ {
		g.edge(Edge{r, Internal}, 0)
	}
	defer func() {
		g.recorded.memory.Free()
		g.recorded = recordedGraph{}
	}()
	if g.failure != nil {
		return g.failure
	}
	g.numbers.count()
	g.firstEntry = g.numbers.vertices
	n := int(g.firstEntry) + g.recorded.entries.n
	perEdge := uint64(8)
	if g.Slots {
		perEdge = 16
	}
	if err := g.Reserve(16*uint64(n) + perEdge*uint64(g.recorded.refs.n)); err != nil {
		return err
	}
	g.vertices = uint32(n)
	g.take(n)
	g.sort()
	if g.untyped || len(g.numbers.excluded) > 0 {
		g.once()
	}
	return nil
}

// take takes the memory of the finished graph.
func (g *Graph) take(n int) {
	m, f, refs := &g.memory, &g.finishedGraph, g.recorded.refs.n
	f.out, f.words = scratch.Slice[uint32](m, n+1), scratch.Slice[uint32](m, n)
	f.arrivals = scratch.Slice[arrival](m, n)
	f.edges = scratch.Slice[Edge](m, refs)
	if g.Slots {
		f.slots = scratch.Slice[uintptr](m, refs)
	}
	f.entries = scratch.Slice[graphEntry](m, g.recorded.entries.n)
	g.recorded.entries.cursor().copy(f.entries)
	g.numbers.sizes(f.words)
}

// vertex is the vertex of a number.
func (g *Graph) vertex(number uint32) uint32 {
	if number >= entryNumber {
		return g.firstEntry + number&^entryNumber
	}
	return g.numbers.rank(number)
}

// sort sorts the references by where they are from: it counts them, and puts them in their places.
func (g *Graph) sort() {
	g.eachRun(func(from, begin, end uint32) { g.out[g.vertex(from)+1] += end - begin })
	for v := range g.vertices {
		g.out[v+1] += g.out[v]
	}
	refs, slots, at := g.recorded.refs.cursor(), g.recorded.slots.cursor(), g.out
	g.eachRun(func(from, begin, end uint32) {
		from = g.vertex(from)
		place := at[from]
		at[from] += end - begin
		if g.Slots {
			slots.copy(g.slots[place:][:end-begin])
		}
		for to := g.edges[place:][:end-begin]; len(to) > 0; {
			n := g.put(from, to, refs.next(len(to)))
			to = to[n:]
		}
	})
	copy(g.out[1:], g.out) // each was moved on to where the next begins
	g.out[0] = 0
}

// put puts references from a vertex in their place, as references to vertices.
func (g *Graph) put(from uint32, to, list []Edge) int {
	for i, e := range list {
		if len(g.numbers.excluded) > 0 && g.numbers.isExcluded(e.To) {
			g.excludes = true
			to[i] = Edge{0, dropped}
			continue
		}
		v := g.vertex(e.To)
		to[i] = Edge{v, e.Node}
		switch a := &g.arrivals[v]; {
		case from == v:
		case a.sole == 0:
			*a = arrival{from + 1, e.Node}
		case a.sole != from+1:
			a.sole = Multiple + 1
		}
	}
	return len(list)
}

// eachRun calls f with where each run of references begins and ends, in order.
func (g *Graph) eachRun(f func(from, begin, end uint32)) {
	last, some := graphRun{}, false
	g.recorded.runs.each(func(list []graphRun) {
		for _, s := range list {
			if some {
				f(last.from, last.begin, s.begin)
			}
			last, some = s, true
		}
	})
	if some {
		f(last.from, last.begin, uint32(g.recorded.refs.n))
	}
}

// once makes each word of the blocks with untyped edges count once. All pointer words of such a block
// were recorded as untyped, and those that types describe once more or several times, where types
// overlap. As many edges to each block are kept as there are words that lead to it: typed ones first.
func (g *Graph) once() {
	g.dropOwn()
	kept := uint32(0)
	for v := range g.vertices {
		begin, end := g.out[v], g.out[v+1]
		g.out[v] = kept
		edges := g.edges[begin:end]
		g.dropRepeated(edges)
		for i, e := range edges {
			if e.Node != dropped {
				g.edges[kept] = e
				if g.Slots {
					g.slots[kept] = g.slots[begin+uint32(i)]
				}
				kept++
			}
		}
	}
	g.out[g.vertices] = kept
	g.edges = g.edges[:kept]
}

// ownWord is the flags of a word in what a container has for itself, where that is not read by its layout.
const ownWord = Untyped | Internal

// dropOwn marks the words of such memory that are those of entries, which were recorded as the container's
// when the entries were walked.
func (g *Graph) dropOwn() {
	type word struct{ container, to uint32 }
	entries, noted := map[word]int{}, map[uint32]bool{}
	for v := range g.vertices {
		container := v
		for i, e := range g.Edges(v) {
			if e.Node&ownWord != ownWord || e.Node == dropped {
				continue
			}
			if container == v {
				if container = g.container(v); !noted[container] {
					noted[container] = true
					g.eachTyped(container, func(to uint32) { entries[word{container, to}]++ })
				}
			}
			if w := (word{container, e.To}); container != v && entries[w] > 0 {
				entries[w]--
				g.edges[g.out[v]+uint32(i)].Node = dropped
			}
		}
	}
}

// container is the vertex of the container that has a block for itself.
func (g *Graph) container(v uint32) uint32 {
	for steps := 0; g.arrivals[v].first&Internal != 0 && g.Sole(v) < Multiple && steps < ownSteps; steps++ {
		v = g.Sole(v)
	}
	return v
}

// ownSteps is how many blocks of its own lie between a container and any of them at most: a map has a
// directory, tables and groups.
const ownSteps = 4

// eachTyped calls f with where each typed reference of a container leads, and of its entries.
func (g *Graph) eachTyped(container uint32, f func(to uint32)) {
	for _, e := range g.Edges(container) {
		if e.Node&(Untyped|Internal) == 0 {
			f(e.To)
		} else if g.IsEntry(e.To) {
			g.eachTyped(e.To, f)
		}
	}
}

// dropped marks an edge that is to be left out.
const dropped = math.MaxUint32

// dropRepeated marks the edges of a block and of its entries, which come later, that count twice.
func (g *Graph) dropRepeated(edges []Edge) {
	words := untypedWords(edges)
	if words == nil {
		return
	}
	keep := func(list []Edge, want func(flags uint32) bool) {
		for i, e := range list {
			if e.Node == dropped || !want(e.Node&(Untyped|Internal)) {
				continue
			}
			left, lies := words[e.To]
			switch {
			case !lies: // the word is none of the block's: it lies in a map's group
			case left > 0:
				words[e.To]--
			default:
				list[i].Node = dropped
			}
		}
	}
	typed := func(flags uint32) bool { return flags == 0 }
	for _, e := range edges {
		if g.IsEntry(e.To) {
			keep(g.edges[g.out[e.To]:g.out[e.To+1]], typed)
		}
	}
	keep(edges, typed)
	keep(edges, func(flags uint32) bool { return flags == Untyped })
}

// untypedWords counts the untyped edges by where they lead; nil if there are none. What a container has
// for itself is of no type as well: see dropOwn.
func untypedWords(edges []Edge) (words map[uint32]int) {
	for _, e := range edges {
		if e.Node&(Untyped|Internal) == Untyped && e.Node != dropped {
			if words == nil {
				words = map[uint32]int{}
			}
			words[e.To]++
		}
	}
	return words
}
