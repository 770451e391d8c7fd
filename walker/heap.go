package walker

import (
	"math/bits"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// heapWalk is the part of a walk that asks for blocks (Options.Blocks): a container holds the
// whole block that it leads into, as the garbage collector sees it. Typed memory is walked by
// plans, so that each block is held by the place that leads there first. What no type describes
// (closures, unsafe.Pointer, the rest of a block that was entered in its middle, the inside of
// channels) is late: it is walked at the end, by the collector's own pointer maps.
type heapWalk struct {
	marks   blockMarks
	total   uint64       // bytes of all blocks
	late    []*blockPage // with blocks that are late
	byMasks bool         // all typed memory was walked
	partial []partialBlock
	arena   arenaBlock
	known   addresses      // a block without pointers to which nothing can be added: substrings lead to one again and again
	asked   unsafe.Pointer // what the root points to: followed even where it is static
	static  [64]staticPart // seen of late: literals come again and again
	outside bool           // there are some
}

// staticPart is memory outside the heap.
type staticPart struct{ at, size uintptr }

// Held is what the containers at a node hold on the heap, in bytes.
type Held struct {
	Blocks   uint64 // whole blocks
	Min, Max uint64 // of one container's block
	Untyped  uint64 // blocks that no type describes, which these containers lead to
	// UntypedBlocks is how many those are, UntypedMin and UntypedMax what one of them takes.
	UntypedBlocks, UntypedMin, UntypedMax uint64
	Pinned                                uint64 // the part of Blocks that is kept alive and cannot be reached
	Static                                uint64 // memory outside the heap: not in Blocks, and not followed
}

// newHeapWalk is the session's heap walk, used again if there was one.
func (s *Session) newHeapWalk() *heapWalk {
	if s.heapKept == nil {
		s.heapKept = &heapWalk{}
	}
	return s.heapKept
}

// walkBlocks is Walk with Options.Blocks.
func (s *Session) walkBlocks(roots []Root) error {
	s.mode, s.heap = byBlock, s.newHeapWalk()
	s.byFrames = s.options.NoPrefetch || s.options.Beyond != nil
	s.marks, s.paged = &s.heap.marks, !s.byFrames && s.options.Graph == nil
	if o := s.options.Beyond; o != nil {
		o.exchange(s.heap)
		defer o.exchange(s.heap)
	}
	err := s.pass(roots)
	if err == nil {
		err = s.walkLate()
	}
	s.graphRepeated()
	if s.options.Gather != nil {
		s.options.Gather.gather(s.heap)
	}
	for _, n := range s.nodes {
		s.settle(n)
	}
	s.pin()
	if s.crew != nil {
		if err == errAlone {
			s.options.Workers = 0
			s.restart()
			return s.walkBlocks(roots)
		}
		s.disband()
	}
	s.heapTotal = s.heap.total
	if o := s.options.Holdings; o != nil && err == nil {
		o.own(s, roots)
	}
	return err
}

// reset forgets all blocks.
func (h *heapWalk) reset() {
	h.marks.reset()
	h.asked, h.total, h.byMasks, h.known, h.arena = nil, 0, false, addresses{}, arenaBlock{}
	clear(h.late)
	clear(h.partial)
	if h.late, h.partial = h.late[:0], h.partial[:0]; cap(h.late)+cap(h.partial) > 1<<10 {
		h.late, h.partial = nil, nil
	}
	if h.outside {
		h.static, h.outside = [64]staticPart{}, false
	}
}

// BlocksExact tells whether this process can tell blocks exactly (see package block).
func BlocksExact() bool { return block.Exact() && block.PointersExact() }

// holdPointee takes the block behind a pointer that is not nil.
func (s *Session) holdPointee(n *Node, p unsafe.Pointer) {
	page := s.heap.marks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header != offset || n.size-shape.least > shape.most-shape.least ||
		s.byFrames {
		s.holdOddPointee(n, page, p)
		return
	}
	if word, bit := page.bit(index); *word&bit == 0 {
		*word |= bit
		s.heldOne(n, shape.Size())
		s.expectValues(n, page, index-uintptr(page.first), 1)
	} else if page.rest != 0 || s.concealed || page.sole != n.contents[contentValues] && shape.Pointers() {
		s.holdAgain(n, page, index, p, 1)
	}
}

// holdOddPointee is holdPointee where the pointer leads to no bytes, or not to a value that takes its
// block.
func (s *Session) holdOddPointee(n *Node, page *blockPage, p unsafe.Pointer) {
	if n.size == 0 {
		s.holdEmpty(n, p, Finding{1, 1})
		return
	}
	if s.holdInArena(n, p) {
		return
	}
	if follow, mode := s.holdOther(n, page, p, n.size, Finding{1, 1}); follow && !n.leaf {
		s.push(p, n, 1|mode)
	}
}

// holdArray takes the block behind a slice with a capacity, and follows all of that.
func (s *Session) holdArray(n *Node, h *sliceHeader) {
	p, capacity := h.data, uintptr(h.capacity)
	page := s.heap.marks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header != offset || capacity > shape.most || s.byFrames {
		s.holdOddArray(n, page, h)
		return
	}
	if capacity*n.size-shape.least > shape.most-shape.least {
		s.holdOddArray(n, page, h)
		return
	}
	if word, bit := page.bit(index); *word&bit == 0 {
		*word |= bit
		s.held(n, shape.Size(), Finding{uint64(min(uintptr(h.length), capacity)), uint64(capacity)})
		s.expectValues(n, page, index-uintptr(page.first), capacity)
	} else if page.rest != 0 || shape.Pointers() {
		s.holdAgain(n, page, index, p, capacity)
	}
}

// holdOddArray is holdArray where the slice does not take its block.
func (s *Session) holdOddArray(n *Node, page *blockPage, h *sliceHeader) {
	length, capacity := uintptr(h.length), uintptr(h.capacity)
	f := Finding{uint64(min(length, capacity)), uint64(capacity)}
	follow, mode := s.holdOther(n, page, h.data, capacity*n.size, f)
	if !follow || n.leaf {
		return
	}
	if high, _ := bits.Mul(uint(capacity), uint(n.size)); high != 0 { // torn: there is less memory
		s.followUntyped(n, h.data)
		return
	}
	s.push(h.data, n, capacity|mode)
}

// expectValues has a block of a page walked that was met as count values of a node.
func (s *Session) expectValues(n *Node, page *blockPage, i, count uintptr) {
	switch {
	case !page.shape.Pointers():
	case n.leaf && count*n.size == page.shape.most:
		page.words[page.shape.n+i/64] |= 1 << (i % 64)
	default:
		s.expect(page, i, s.contentOf(n, contentValues), count)
	}
}

// holdAgain takes a block that was met as count values of a node at p, and may have been met as
// something else before.
func (s *Session) holdAgain(n *Node, page *blockPage, index uintptr, p unsafe.Pointer, count uintptr) {
	i := index - uintptr(page.first)
	if !s.heap.marks.isPart(page, index) {
		id := page.content(i)
		if id >= uint32(len(s.contents)) { // the marks are of another session: see Shared
			id = 0
		}
		same := id == n.contents[contentValues] && id != 0 && page.count(i, &s.contents[id]) == count
		switch waits := page.shape.Pointers() && page.words[page.shape.n+i/64]>>(i%64)&1 == 0; {
		case !s.concealed && (same || !waits):
			return
		case waits && id != 0:
			s.lookBehind(page, i, &s.contents[id])
		}
	}
	if follow, mode := s.holdOther(n, page, p, count*n.size, Finding{1, 1}); follow && !n.leaf {
		s.push(p, n, count|mode)
	}
}

// lookBehind looks for what lies behind the values in a block now, not when its page is walked.
func (s *Session) lookBehind(page *blockPage, i uintptr, c *content) {
	at := page.at(i)
	size := page.count(i, c) * c.size
	if c.kind == contentValues && size != page.shape.most && page.pointersBehind(at, size) {
		s.divide(c.node, page, i, at, size)
		page.words[page.shape.n+i/64] |= 1 << (i % 64)
		if !c.node.leaf {
			s.push(at, c.node, size/c.size)
		}
	}
}

// hold takes the block behind the size bytes at p. It tells whether the content is to be
// followed, and in what mode (careful, or 0), to be set in the frame.
func (s *Session) hold(n *Node, p unsafe.Pointer, size uintptr, f Finding) (follow bool, mode uintptr) {
	page := s.heap.marks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header == offset && size-shape.least <= shape.most-shape.least &&
		(size == shape.most || !shape.Pointers()) || shape.tiny && size <= tinyBytes { // as in mark
		word, bit := page.bit(index)
		if *word&bit == 0 {
			*word |= bit
			page.leave(index)
			s.held(n, shape.Size(), f)
			return true, 0
		}
		if page.rest == 0 && !s.concealed {
			return false, 0
		}
	}
	return s.holdOther(n, page, p, size, f)
}

// holdOther is hold where there is more to look at.
func (s *Session) holdOther(n *Node, page *blockPage, p unsafe.Pointer, size uintptr,
	f Finding) (follow bool, mode uintptr) {
	if !page.heap() {
		return !s.away(page, message{p, n, f.Len, f.Cap, toContainer}) && s.outside(n, p, size), 0
	}
	switch s.heap.marks.mark(page, p, size, false) {
	case fresh:
		s.held(n, page.shape.Size(), f)
		return true, 0
	case covered:
		return s.again(n, p)
	}
	return s.holdPart(n, page, p, size, f)
}

// holdHeader takes the block of the header of a map or channel, and what that has for itself. It
// tells whether the content is to be followed.
func (s *Session) holdHeader(n *Node, p unsafe.Pointer, size uintptr, f Finding) (follow bool) {
	page := s.heap.marks.of(p)
	switch s.heap.marks.mark(page, p, size, true) {
	case fresh:
		s.held(n, page.shape.Size(), f)
		s.holdInside(n, page.block(p), p)
		return true
	case covered:
		return false
	}
	follow, _ = s.holdPart(n, page, p, size, f)
	return follow
}

// holdPart is hold for memory that is not a block's whole value, or in a block that was met in part.
func (s *Session) holdPart(n *Node, page *blockPage, p unsafe.Pointer, size uintptr,
	f Finding) (follow bool, mode uintptr) {
	if !page.heap() {
		return !s.away(page, message{p, n, f.Len, f.Cap, toContainer}) && s.outside(n, p, size), 0
	}
	b, marks := page.block(p), &s.heap.marks
	begin, index := marks.begin(b)
	if word, bit := begin.bit(index); *word&bit != 0 && begin.shape.noscan && s.options.TotalOnly && !s.concealed {
		s.heap.known = addresses{uintptr(b.Base), uintptr(b.Base) + b.Size}
		return false, 0 // there is no more to it
	}
	rest := b.Size - (uintptr(p) - uintptr(b.Base))
	torn := size > rest // or an unsafe cast
	size = min(size, rest)
	switch {
	case marks.markPart(b):
		s.held(n, b.Size, f)
		s.enter(n, b, p, size)
	case !marks.isPart(begin, index):
		return s.again(n, p)
	default:
		i := index - uintptr(begin.first)
		s.heap.arena = arenaBlock{lo: uintptr(b.Base), size: b.Size}
		if part := s.partOf(begin, i); part != nil {
			part.reach(uintptr(p)-uintptr(b.Base), size)
			s.heap.arena.part = int(marks.restOf(begin).parts[i%maxPerPage])
		}
		if !torn && len(s.hidden) > 0 && page.fits(p, size) {
			marks.setLate(begin, i, false) // its fields that are not followed are not to be
		}
	}
	if torn || n.leaf { // the collector's pointer maps say what is in the block
		return false, 0
	}
	switch s.extents.mark(uintptr(p), size, size) {
	case fresh:
		return true, 0
	case covered:
		return s.again(n, p)
	}
	return true, careful
}

// arena is the block of which a part was met last: pointers into one array come again and again.
type arenaBlock struct {
	lo, size uintptr
	part     int // number in partial, plus 1; 0 for none
}

// holdInArena is holdPart for a pointee in the block of which a part was met last; false where there is more
// to look at.
func (s *Session) holdInArena(n *Node, p unsafe.Pointer) bool {
	a := &s.heap.arena
	offset := uintptr(p) - a.lo
	if offset >= a.size || n.size > a.size-offset || s.concealed || len(s.hidden) > 0 {
		return false
	}
	if a.part != 0 {
		s.heap.partial[a.part-1].reach(offset, n.size)
	}
	if n.leaf {
		return true
	}
	switch s.extents.mark(uintptr(p), n.size, n.size) {
	case fresh:
		s.push(p, n, 1)
	case conflict:
		s.push(p, n, 1|careful)
	}
	return true
}

// followUntyped has the block that p points into followed as the collector does.
func (s *Session) followUntyped(n *Node, p unsafe.Pointer) {
	if page := s.heap.marks.of(p); page.heap() && page.shape.Pointers() {
		s.later(n, page.block(p), contentUntyped)
	}
}

// later has a block followed by the collector's pointer maps when all typed memory was walked.
func (s *Session) later(n *Node, b block.Block, kind contentKind) {
	if !b.Pointers {
		return
	}
	marks := &s.heap.marks
	page, index := marks.begin(b)
	i := index - uintptr(page.first)
	marks.setContent(page, i, s.contentOf(n, kind))
	marks.setLate(page, i, true)
	if !page.late {
		page.late = true
		s.heap.late = append(s.heap.late, page)
	}
}

// again tells whether memory that is held already is to be followed once more: where it may lie in a
// field that was not.
func (s *Session) again(n *Node, p unsafe.Pointer) (follow bool, mode uintptr) {
	if s.concealed && (s.hidden[n.elem.base] || s.bound[n.elem.base]) {
		s.graphAgain(n, p)
		return true, careful
	}
	return false, 0
}

// holdEmpty takes the block behind a pointer to no bytes at all, which the collector follows like
// any other: an empty slice or string that was cut from a full one keeps that alive, and so does a
// pointer to a field without size. It tells whether there is one.
func (s *Session) holdEmpty(n *Node, p unsafe.Pointer, f Finding) bool {
	if s.heap == nil || p == nil {
		return false
	}
	page := s.heap.marks.of(p)
	if !page.heap() {
		return s.away(page, message{p, n, f.Len, f.Cap, toEmpty})
	}
	if b := page.block(p); s.heap.marks.markPart(b) {
		s.held(n, b.Size, f)
		s.enter(n, b, p, 0)
	}
	return true
}

// holdInside takes what the map or channel at p, in block b, has for itself.
func (s *Session) holdInside(n *Node, b block.Block, p unsafe.Pointer) {
	defer s.turnBack(s.turnAside(n, b.Base))
	if n.kind != opMap || !s.holdMap(n, p) {
		s.later(n, b, contentOwn)
	}
}

// enter notes a new block of which the size bytes at p are typed.
func (s *Session) enter(n *Node, b block.Block, p unsafe.Pointer, size uintptr) {
	if n.kind == opMap || n.kind == opChan {
		s.holdInside(n, b, p)
		return
	}
	if !s.options.TotalOnly {
		s.notePart(n, b, uintptr(p)-uintptr(b.Base), size)
	}
	if b.Pointers {
		s.later(n, b, contentUntyped)
	}
}

// alignUp is n rounded up to whole words.
func alignUp(n uintptr) uintptr { return (n + wordSize - 1) &^ (wordSize - 1) }

// zero tells whether the words from offset lo to hi behind p are 0. No value has to be there, so that
// the race detector may still know of what was there once: see block.Words.
//
//go:norace
func zero(p unsafe.Pointer, lo, hi uintptr) bool {
	for ; lo+wordSize <= hi; lo += wordSize {
		if *(*uintptr)(unsafe.Add(p, lo)) != 0 {
			return false
		}
	}
	return true
}

// untypedPointer takes the block behind a pointer without a type.
func (s *Session) untypedPointer(n *Node, p unsafe.Pointer, own bool) {
	page := s.heap.marks.of(p)
	if !page.heap() {
		x := message{at: p, node: n, kind: toUntyped}
		if own {
			x.cap = 1
		}
		if !s.away(page, x) && !s.options.TotalOnly && isForeign(p) {
			s.unseenAt(n, p, 0)
		}
		return
	}
	shape := page.shape
	index := shape.Index(uintptr(p) - page.start)
	if index < uintptr(page.first) { // the block begins on an earlier page
		page, _ = s.heap.marks.begin(page.block(p))
	}
	word, bit := page.bit(index)
	if *word&bit != 0 {
		return
	}
	if shape.Pointers() && page.block(page.at(index-uintptr(page.first))).Scheduler() {
		return
	}
	size, kind := uint64(shape.Size()), contentUntyped
	if !own && !s.options.TotalOnly && shape.Size() >= wordSize {
		s.code(n, page.at(index-uintptr(page.first)))
	}
	if own {
		kind = contentOwn
		n.Held.Blocks += size
	} else {
		n.Held.addUntyped(size)
	}
	s.found++
	s.heap.total += size
	s.touchHeld(n)
	switch {
	case s.heap.byMasks:
		*word |= bit
		if shape.Pointers() {
			s.expect(page, index-uintptr(page.first), s.contentOf(n, kind), 1)
		}
	default:
		b := page.block(page.at(index - uintptr(page.first)))
		if s.heap.marks.markPart(b); shape.Pointers() {
			s.later(n, b, kind)
		}
	}
}

// touchHeld makes sure that a node without findings is seen at the end.
func (s *Session) touchHeld(n *Node) {
	if !n.touched {
		s.touch(n)
	}
}

// walkLate walks the blocks that no type describes, when all typed memory has been walked.
func (s *Session) walkLate() error {
	if s.crew != nil {
		return s.walkLateCrew()
	}
	s.beginLate()
	return s.run()
}

// beginLate has these blocks walked.
func (s *Session) beginLate() {
	s.heap.byMasks = true
	for _, page := range s.heap.late {
		part, n := s.heap.marks.partsOf(page).part, page.shape.n
		for w := range n {
			page.words[n+w] &^= part[n+w]
			part[n+w] = 0
		}
		page.late = false
		if page.queued == none {
			s.queue.list = append(s.queue.list, queuedBlock{page: page})
		}
		page.queued = several
	}
}
