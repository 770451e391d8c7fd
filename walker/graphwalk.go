package walker

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// graphWalk is the part of a walk that records the graph of blocks: each reference that it meets, before
// it looks whether the block is new.
type graphWalk struct {
	*Graph
	counted map[unsafe.Pointer]bool // blocks whose words were recorded as untyped
	again   []againBlock
	root    uint32 // the vertex of the one that is being walked
}

// graphRoots makes the vertices of the roots.
func (s *Session) graphRoots(roots []Root) {
	if s.options.Graph == nil {
		return
	}
	s.graph = &graphWalk{Graph: s.options.Graph, counted: map[unsafe.Pointer]bool{}}
	for range roots {
		s.graph.Root()
	}
}

// graphRoot turns to the next root.
func (s *Session) graphRoot() {
	if s.graph != nil {
		s.graph.root++
	}
}

// source tells the graph from where the references of a frame are.
func (s *Session) source(f *frame) {
	if f.node.Parent == nil { // the root's own memory
		s.graph.From(s.graph.root)
		return
	}
	at := f.ptr
	if f.node.kind == opMap && f.count != 1 {
		at = (*mapIterator)(at).owner()
	}
	s.graph.From(s.vertexAt(at))
}

// vertexAt is the number of the vertex of the block at p; of the root where that has none: the caller's own memory,
// and static memory that was asked about.
func (s *Session) vertexAt(p unsafe.Pointer) uint32 {
	g := s.graph
	if page := s.heap.marks.of(p); page.heap() {
		if v := s.numberOf(page, p); !g.numbers.isExcluded(v) {
			g.numbers.set(v)
			return v
		}
	}
	return g.root
}

// refer records the reference p, which lies at slot; nil where that does not matter.
func (s *Session) refer(n *Node, p unsafe.Pointer, flags uint32, slot unsafe.Pointer) {
	if s.graph == nil || p == nil {
		return
	}
	page := s.heap.marks.of(p)
	if !page.heap() {
		return
	}
	s.graph.refer(s.numberOf(page, p), uint32(n.ID)|flags, uintptr(slot))
	if s.graph.failure != nil {
		s.failure = s.graph.failure
	}
}

// numberOf is the number in the graph of the block at p, which lies on a page.
func (s *Session) numberOf(page *blockPage, p unsafe.Pointer) uint32 {
	size, index := page.shape.Size(), page.shape.Index(uintptr(p)-page.start)
	if index < uintptr(page.first) { // it begins on an earlier page
		b := page.block(p)
		return s.graph.numbers.of(uintptr(b.Base), b.Size)
	}
	i := index - uintptr(page.first)
	return s.graph.numbers.page(page.start+index*size, size, i) + uint32(i)
}

// entryAt tells the graph that the references of an entry of a node's container are coming.
func (s *Session) entryAt(n *Node, p unsafe.Pointer) {
	if s.graph != nil {
		s.graphEntry(n, p)
	}
}

func (s *Session) graphEntry(n *Node, p unsafe.Pointer) {
	if s.graph.Entries && (n.kind == opSlice || n.kind == opMap) {
		s.graph.Entry(uintptr(p), n.ID)
	}
}

// aside is where the graph was before it turned to something else for a while.
type aside struct {
	from  uint32
	entry pendingEntry
}

// turnAside tells the graph that references from the block at p are coming, before those that are
// under way go on.
func (s *Session) turnAside(n *Node, p unsafe.Pointer) aside {
	if s.graph == nil {
		return aside{}
	}
	before := aside{s.graph.from, s.graph.entry}
	s.graph.From(s.vertexAt(p))
	return before
}

// turnBack goes on where the graph was.
func (s *Session) turnBack(to aside) {
	if s.graph != nil {
		s.graph.run(to.from)
		s.graph.entry = to.entry
	}
}

// folds is the flag of a reference at c that lies in the content of n: Folded if that leads back to a place
// above.
func (c *Node) folds(n *Node) uint32 {
	up := c.Parent
	for up != nil && up != n && up.kind == opArray { // the steps of an array may be among those of n
		up = up.Parent
	}
	if up != n {
		return Folded
	}
	return 0
}

// referStep records the reference of a step of n at a place. That of an interface is recorded when its type
// is known, that of what is not followed by type with it.
func (s *Session) referStep(n, c *Node, kind opKind, at unsafe.Pointer) {
	if s.graph == nil {
		return
	}
	switch kind {
	case opPointer, opSlice, opString, opMap, opChan: // the first word leads to the block
		s.refer(c, pointerAt(at), c.folds(n), at)
	}
}

// graphWords records the words of a block in which the collector sees pointers.
func (s *Session) graphWords(n *Node, b block.Block, own bool) {
	if s.graph.counted[b.Base] {
		return
	}
	s.graph.counted[b.Base] = true
	flags := uint32(Untyped)
	if own {
		flags |= Internal
	}
	for pointers := b.Words(); ; {
		slot, ok := pointers.NextSlot()
		if !ok {
			return
		}
		if to, found := block.Of(*slot); !found || !to.Scheduler() {
			s.refer(n, *slot, flags, unsafe.Pointer(slot))
		}
	}
}

// graphAgain notes that memory at p may be walked once more, as something else.
func (s *Session) graphAgain(n *Node, p unsafe.Pointer) {
	if s.graph == nil {
		return
	}
	if page := s.heap.marks.of(p); page.heap() && page.shape.Pointers() {
		s.graph.again = append(s.graph.again, againBlock{page.block(p), n})
	}
}

// againBlock is a block that was walked several times in part.
type againBlock struct {
	block.Block
	node *Node
}

// graphRepeated records the words of the blocks that were walked several times, so that each reference
// counts once.
func (s *Session) graphRepeated() {
	if s.graph == nil {
		return
	}
	for _, b := range s.graph.again {
		s.graph.From(s.vertexAt(b.Base))
		s.graphWords(b.node, b.Block, false)
	}
}
