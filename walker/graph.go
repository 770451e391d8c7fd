package walker

import (
	"errors"
	"math"

	"github.com/bitcoin-mem/memsize/internal/scratch"
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
// A block takes 16 bytes, a reference 8, and 8 more with Slots. Until Finish each run of references from
// one block takes another 8; Finish needs 8 more for each reference while it sorts. Free gives all of this
// back, which the graph does not do by itself.
type Graph struct {
	// Entries gives entries of slices and maps that lead somewhere a vertex of their own.
	Entries bool
	// Slots keeps where each reference lies, which takes 8 bytes more for each edge.
	Slots bool
	// MaxBytes is what the graph, and what is worked out from it, may take; 0 for no limit. Beyond it
	// Refer does nothing any more, and the walk ends with ErrGraph.
	MaxBytes uint64

	numbers  graphNumbers
	roots    uint32 // how many
	recorded recordedGraph
	memory   scratch.Memory
	from     uint32 // number of the vertex whose references are coming
	begin    uint32 // of its run
	entry    pendingEntry
	untyped  bool // some references are
	excludes bool // a reference led to what was taken out
	failure  error
	finishedGraph
}

// recordedGraph is what is kept until Finish, with vertices by the numbers of graphNumbers.
type recordedGraph struct {
	memory  scratch.Memory
	refs    chunks[Edge]
	slots   chunks[uintptr] // of refs, with Slots
	runs    chunks[graphRun]
	entries chunks[graphEntry]
}

// graphRun is where references from one vertex begin.
type graphRun struct{ from, begin uint32 }

// graphEntry is an entry: where its element, or the key of a map's, lies, and the container's node.
type graphEntry struct {
	at   uint64
	node uint64
}

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

// pendingEntry is the entry whose references are coming.
type pendingEntry struct {
	at     uintptr // 0 for none
	node   uint32
	parent uint32 // the number of the block
}

// NewGraph is an empty graph. It is for one walk.
func NewGraph() *Graph {
	g := new(Graph)
	g.numbers.one()
	return g
}

// Free gives the memory of the graph back. Nothing may be asked of it, or of what was worked out from it,
// afterwards.
func (g *Graph) Free() {
	g.recorded.memory.Free()
	g.memory.Free()
	g.recorded, g.finishedGraph = recordedGraph{}, finishedGraph{}
}

// Reserve tells whether so many bytes more are within MaxBytes: ErrGraph if not.
func (g *Graph) Reserve(bytes uint64) error {
	if taken := g.memory.Bytes() + g.recorded.memory.Bytes(); g.MaxBytes > 0 && taken+bytes > g.MaxBytes {
		return ErrGraph
	}
	return nil
}

// Memory is where an analysis of the graph takes its own, given back with the graph.
func (g *Graph) Memory() *scratch.Memory { return &g.memory }

// Root makes the vertex of the next root.
func (g *Graph) Root() uint32 {
	id := g.numbers.one()
	if g.roots++; id != g.roots {
		panic("walker: a graph's roots must come before blocks")
	}
	return id
}

// Exclude takes a block out of the graph: the caller's own.
func (g *Graph) Exclude(base, size uintptr) { g.numbers.exclude(g.numbers.of(base, size)) }

// Excludes tells that a reference led to a block that was taken out. Finish must have been called.
func (g *Graph) Excludes() bool { return g.excludes }

// Block has a block be a vertex, and is its number for From: 0 for one that was taken out.
func (g *Graph) Block(base, size uintptr) uint32 {
	id := g.numbers.of(base, size)
	if g.numbers.isExcluded(id) {
		return 0
	}
	g.numbers.set(id)
	return id
}

// From tells that the next references are from the vertex of a number.
func (g *Graph) From(number uint32) {
	g.entry.at = 0
	g.run(number)
}

// run begins a run of references from one vertex.
func (g *Graph) run(number uint32) {
	runs := &g.recorded.runs
	if number == g.from && runs.n > 0 {
		return
	}
	g.from = number
	begin := uint32(g.recorded.refs.n)
	if runs.n > 0 && g.begin == begin { // nothing was found in the last one
		runs.last[len(runs.last)-1].from = number
		return
	}
	g.begin = begin
	if runs.add(&g.recorded.memory, graphRun{number, begin}) {
		g.grown()
	}
}

// Entry tells that the next references are of the entry at an address of the container of a node.
func (g *Graph) Entry(at uintptr, node int) {
	g.EndEntry()
	g.entry = pendingEntry{at: at, node: uint32(node), parent: g.from}
}

// EndEntry tells that the references of an entry are done.
func (g *Graph) EndEntry() {
	if g.entry.at != 0 {
		g.run(g.entry.parent)
		g.entry.at = 0
	}
}

// Refer records a reference to the block of a base and size, in bytes, at a node's place. It is the word
// at slot; 0 where that does not matter.
func (g *Graph) Refer(base, size uintptr, node int, flags uint32, slot uintptr) {
	g.refer(g.numbers.of(base, size), uint32(node)|flags, slot)
}

// refer is Refer for the block of a number.
func (g *Graph) refer(to, where uint32, slot uintptr) {
	if g.numbers.full {
		g.failure = ErrGraph
		return
	}
	g.numbers.set(to)
	if g.entry.at != 0 && g.from == g.entry.parent {
		g.enter()
	}
	g.untyped = g.untyped || where&Untyped != 0
	g.edge(Edge{to, where}, slot)
}

// enter makes the vertex of the pending entry, which has a reference.
func (g *Graph) enter() {
	r := &g.recorded
	id := entryNumber | uint32(r.entries.n)
	if r.entries.add(&r.memory, graphEntry{uint64(g.entry.at), uint64(g.entry.node)}) {
		g.grown()
	}
	g.edge(Edge{id, g.entry.node | Internal}, g.entry.at)
	g.run(id)
}

func (g *Graph) edge(e Edge, slot uintptr) {
	if g.failure != nil {
		return
	}
	r := &g.recorded
	if r.refs.add(&r.memory, e) {
		g.grown()
	}
	if g.Slots && r.slots.add(&r.memory, slot) {
		g.grown()
	}
}

// grown sees whether there is still room.
func (g *Graph) grown() {
	const most = math.MaxUint32 - 1<<20 // of references: they are numbered, and Finish adds the roots'
	if g.failure = g.Reserve(0); uint64(g.recorded.refs.n) > most || g.recorded.entries.n >= entryNumber-1 {
		g.failure = ErrGraph
	}
}
