package walker

import (
	"errors"
	"math"
)

// A Graph is the blocks that a walk met and the references between them, recorded while the walk
// goes (Options.Graph), for all that asks who holds what: dominators, retained sizes, holders.
//
// # Words
//
// A vertex is a number. Vertex 0 stands for all roots together, the next ones for a root each, all
// others for a block, or with Entries for an entry of a slice or map that leads somewhere. An edge is
// one reference: a word in the from-block (or in the memory of a root) that leads to another block.
// It has the number of the Node of the reference, which is its place. Two words that lead to one
// block are two edges.
//
// # What a walk must call
//
//	Root             for each root, before it is walked, and then From
//	Exclude          for the block of a root that is the caller's own: it has no vertex
//	From             before the references of a block: all that follow are from there. A block may
//	                 come several times, with parts of its memory: each word once
//	Entry, EndEntry  with Entries, around the references of each entry of a slice or map
//	Refer            for each reference that leads to a block of the heap, whether the block is new
//	                 or not; with Internal for what a container needs for itself (a map's tables)
//	                 and with Untyped for a word of a block that types describe in part, where the
//	                 same word may come as a typed reference as well
//
// References to static memory, to the stack and to what lies outside are not recorded. The order of
// calls does not matter otherwise. When all is recorded, Finish sorts the edges by their from-block.
//
// A vertex takes 16 bytes and about 4 for its number by address, an edge 8; a scan takes 8 until
// Finish, which needs 8 more for each edge while it sorts.
type Graph struct {
	// Entries gives entries of slices and maps that lead somewhere a vertex of their own.
	Entries bool
	// Slots keeps where each reference lies, which takes 8 bytes more for each edge.
	Slots bool
	// MaxBytes is what the graph may take; 0 for no limit. Beyond it Refer does nothing any more,
	// and the walk ends with ErrGraph.
	MaxBytes uint64

	vertices []Vertex
	met      chunks[Vertex] // until Finish
	refs     chunks[Edge]
	places   chunks[uintptr] // of refs, with Slots
	roots    uint32          // how many
	out      []uint32
	edges    []Edge
	slots    []uintptr // of edges, with Slots
	numbers  pageTable[graphPage]
	rest     []uint32 // of the memory for numbers
	scans    chunks[graphScan]
	begin    uint32 // of the last scan
	from     uint32
	entry    pendingEntry
	bytes    uint64 // what is taken
	excludes bool   // a reference led to what was taken out
	failure  error
}

// Vertex is a root, a block or an entry.
type Vertex struct {
	Base  uintptr // of a block; of an entry: where its element, or the key of a map's, lies
	words uint32  // of 8 bytes
	Node  uint32  // of the first reference, with its flags; of an entry: the container's
}

// Size is what the block takes, in bytes; 0 of roots and entries.
func (v *Vertex) Size() uint64 { return uint64(v.words) * graphWord }

// Edge is a reference.
type Edge struct {
	To   uint32
	Node uint32 // its place: the ID of a Node, and flags
}

// Flags of Edge.Node.
const (
	Internal = 1 << 31 // no reference of the program's: a map's header to its tables
	Untyped  = 1 << 30 // found by the collector's pointer maps alone
	Folded   = 1 << 29 // leads back to a place above: the next of a list
	// IDs are the bits of the Node's ID.
	IDs = Folded - 1
)

// ErrGraph is returned by a walk whose graph would take more than Graph.MaxBytes.
var ErrGraph = errors.New("memsize: limit of memory reached by the graph of blocks")

type graphScan struct{ from, begin uint32 }

// pendingEntry is the entry whose references are coming.
type pendingEntry struct {
	at     uintptr // 0 for none
	node   uint32
	parent uint32 // the block
}

// graphPage has the numbers of the blocks that begin on a page, by offset ÷ size: all blocks of a page
// have one size. 0 is none.
type graphPage struct{ numbers []uint32 }

const (
	graphWord    = 8 // bytes: the sizes of all blocks are multiples
	excluded     = math.MaxUint32
	graphNumbers = 1 << 14 // numbers that memory is taken for at a time
)

// NewGraph is an empty graph. It is for one walk.
func NewGraph() *Graph {
	g := new(Graph)
	g.add(Vertex{})
	return g
}

// Root makes the vertex of the next root.
func (g *Graph) Root() uint32 {
	id := g.add(Vertex{})
	if g.roots++; id != g.roots {
		panic("walker: a graph's roots must come before blocks")
	}
	return id
}

// Exclude takes a block out of the graph: the caller's own.
func (g *Graph) Exclude(base, size uintptr) { *g.number(base, size) = excluded }

// Block is the vertex of a block, made if there is none: 0 for one that was taken out.
func (g *Graph) Block(base, size uintptr, node int) uint32 {
	slot := g.number(base, size)
	if *slot == 0 {
		*slot = g.add(Vertex{Base: base, words: uint32(size / graphWord), Node: uint32(node)})
	}
	if *slot == excluded {
		return 0
	}
	return *slot
}

// Excludes tells that a reference led to a block that was taken out.
func (g *Graph) Excludes() bool { return g.excludes }

// Find is the vertex of a block; false if it has none.
func (g *Graph) Find(base, size uintptr) (uint32, bool) {
	v := *g.number(base, size)
	return v, v != 0 && v != excluded
}

// From tells that the next references are from a vertex.
func (g *Graph) From(v uint32) {
	g.entry.at = 0
	g.scan(v)
}

// scan begins a run of edges.
func (g *Graph) scan(v uint32) {
	if v == g.from && g.scans.n > 0 {
		return
	}
	g.from = v
	begin := uint32(g.refs.n)
	if g.scans.n > 0 && g.begin == begin { // nothing was found in the last one
		g.scans.last[len(g.scans.last)-1].from = v
		return
	}
	g.begin = begin
	g.grown(8 * uint64(g.scans.add(graphScan{v, begin})))
}

// Entry tells that the next references are of the entry at an address of the container of a node.
func (g *Graph) Entry(at uintptr, node int) {
	g.EndEntry()
	g.entry = pendingEntry{at: at, node: uint32(node), parent: g.from}
}

// EndEntry tells that the references of an entry are done.
func (g *Graph) EndEntry() {
	if g.entry.at != 0 {
		g.scan(g.entry.parent)
		g.entry.at = 0
	}
}

// Refer records a reference to the block of a base and size, in bytes, at a node's place. It is the word
// at slot; 0 where that does not matter.
func (g *Graph) Refer(base, size uintptr, node int, flags uint32, slot uintptr) {
	at := g.number(base, size)
	if *at == excluded || g.failure != nil {
		g.excludes = g.excludes || *at == excluded
		return
	}
	where := uint32(node) | flags
	if *at == 0 {
		*at = g.add(Vertex{Base: base, words: uint32(size / graphWord), Node: where})
		if size/graphWord > math.MaxUint32 {
			g.failure = ErrGraph
		}
	}
	if g.entry.at != 0 && g.from == g.entry.parent {
		g.enter()
	}
	g.edge(Edge{*at, where}, slot)
}

// enter makes the vertex of the pending entry, which has a reference.
func (g *Graph) enter() {
	id := g.add(Vertex{Base: g.entry.at, Node: g.entry.node})
	g.edge(Edge{id, g.entry.node | Internal}, g.entry.at)
	g.scan(id)
}

func (g *Graph) edge(e Edge, slot uintptr) {
	if uint64(g.refs.n) >= math.MaxUint32-1 {
		g.failure = ErrGraph
	}
	if g.failure != nil {
		return
	}
	if taken := g.refs.add(e); taken > 0 {
		g.grown(8 * uint64(taken))
	}
	if g.Slots {
		g.places.add(slot)
	}
}

func (g *Graph) add(v Vertex) uint32 {
	if taken := g.met.add(v); taken > 0 {
		g.grown(16 * uint64(taken))
		if g.met.n >= IDs {
			g.failure = ErrGraph
		}
	}
	return uint32(g.met.n - 1)
}

// grown counts bytes that are to be taken.
func (g *Graph) grown(bytes uint64) {
	if g.bytes += bytes; g.MaxBytes > 0 && g.bytes > g.MaxBytes {
		g.failure = ErrGraph
	}
}

// number is where the number of a block is kept.
func (g *Graph) number(base, size uintptr) *uint32 {
	page := g.numbers.entry(base)
	if page.numbers == nil {
		n := int((pageBytes-1)/size + 1)
		if len(g.rest) < n {
			g.rest = make([]uint32, graphNumbers)
			g.grown(4 * graphNumbers)
		}
		page.numbers, g.rest = g.rest[:n:n], g.rest[n:]
	}
	return &page.numbers[base%pageBytes/size]
}

// Vertices are all vertices by number.
func (g *Graph) Vertices() []Vertex { return g.vertices }

// Roots is how many roots there are: vertices 1 to Roots.
func (g *Graph) Roots() int { return int(g.roots) }

// IsEntry tells whether a vertex is an entry.
func (g *Graph) IsEntry(v uint32) bool { return v > g.roots && g.vertices[v].words == 0 }

// Edges are the references of a vertex. Those of vertex 0 are to the roots. Finish must have been
// called.
func (g *Graph) Edges(v uint32) []Edge { return g.edges[g.out[v]:g.out[v+1]] }

// Slot is where edge number i of a vertex lies, as in Edges; of an edge to an entry where the entry does.
// It needs Slots; 0 where that is not known.
func (g *Graph) Slot(v uint32, i int) uintptr { return g.slots[g.out[v]:g.out[v+1]][i] }

// References is how many edges there are.
func (g *Graph) References() int { return len(g.edges) }

// Finish sorts the edges by where they are from, and leaves out untyped ones that were recorded as
// typed references too. It returns ErrGraph if something was not recorded.
func (g *Graph) Finish() error {
	g.From(0)
	for r := uint32(1); r <= g.roots; r++ {
		g.edge(Edge{r, Internal}, 0)
	}
	g.vertices, g.met = g.met.flat(), chunks[Vertex]{}
	out := make([]uint32, len(g.vertices)+1)
	g.eachScan(func(from, begin, end uint32) { out[from+1] += end - begin })
	for v := range g.vertices {
		out[v+1] += out[v]
	}
	sorted, at := make([]Edge, g.refs.n), out
	refs := g.refs.cursor()
	slots, places := make([]uintptr, g.places.n), g.places.cursor()
	g.eachScan(func(from, begin, end uint32) {
		refs.copy(sorted[at[from]:][:end-begin])
		if g.Slots {
			places.copy(slots[at[from]:][:end-begin])
		}
		at[from] += end - begin
	})
	copy(out[1:], out) // each was moved on to where the next begins
	out[0] = 0
	g.out, g.edges, g.slots, g.rest = out, sorted, slots, nil
	g.refs, g.places, g.scans = chunks[Edge]{}, chunks[uintptr]{}, chunks[graphScan]{}
	g.once()
	return g.failure
}

// eachScan calls f with where each run of edges begins and ends, in order.
func (g *Graph) eachScan(f func(from, begin, end uint32)) {
	last, some := graphScan{}, false
	g.scans.each(func(list []graphScan) {
		for _, s := range list {
			if some {
				f(last.from, last.begin, s.begin)
			}
			last, some = s, true
		}
	})
	if some {
		f(last.from, last.begin, uint32(g.refs.n))
	}
}

// once makes each word of the blocks with untyped edges count once. All pointer words of such a block
// were recorded as untyped, and those that types describe once more or several times, where types
// overlap. As many edges to each block are kept as there are words that lead to it: typed ones first.
func (g *Graph) once() {
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
	g.out[len(g.vertices)] = kept
	g.edges = g.edges[:kept]
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
			switch {
			case e.Node == dropped || !want(e.Node&(Untyped|Internal)):
			case words[e.To] > 0:
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
	keep(edges, func(flags uint32) bool { return flags&Untyped != 0 })
}

// untypedWords counts the untyped edges by where they lead; nil if there are none.
func untypedWords(edges []Edge) (words map[uint32]int) {
	for _, e := range edges {
		if e.Node&Untyped != 0 && e.Node != dropped {
			if words == nil {
				words = map[uint32]int{}
			}
			words[e.To]++
		}
	}
	return words
}
