package walker

import (
	"math/bits"
	"unsafe"

	"github.com/bitcoin-mem/memsize/walker/block"
)

// heapWalk is the part of a walk that asks for blocks (Options.Blocks): a container holds the
// whole block that it leads into, as the garbage collector sees it. Typed memory is walked by
// plans, so that each block is held by the place that leads there first. What no type describes
// (closures, unsafe.Pointer, the rest of a block that was entered in its middle, the inside of
// channels) is walked at the end, by the collector's own pointer maps.
type heapWalk struct {
	marks   blockMarks
	total   uint64 // bytes of all blocks
	untyped []untypedBlock
	partial map[unsafe.Pointer]*partialBlock
	// typed are untyped blocks to which a type came later. Where types have fields that are not
	// followed, those of the block are not either.
	typed   map[unsafe.Pointer]bool
	asked   unsafe.Pointer // what the root points to: followed even where it is static
	static  [64]staticPart // seen of late: literals come again and again
	outside bool           // there are some
}

// staticPart is memory outside the heap.
type staticPart struct{ at, size uintptr }

// untypedBlock is a block whose pointer words are still to be followed.
type untypedBlock struct {
	block.Block
	node *Node
	own  bool // the container's own memory (a map's tables), not memory without a type
}

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
		s.heapKept = &heapWalk{partial: map[unsafe.Pointer]*partialBlock{}, typed: map[unsafe.Pointer]bool{}}
	}
	return s.heapKept
}

// walkBlocks is Walk with Options.Blocks.
func (s *Session) walkBlocks(roots []Root) error {
	s.mode, s.heap = byBlock, s.newHeapWalk()
	s.extents.many, s.extents.bits = true, true // a list would have to tell what is taken of a block
	if o := s.options.Beyond; o != nil {
		o.exchange(s.heap)
		defer o.exchange(s.heap)
	}
	err := s.pass(roots)
	if err == nil {
		err = s.untypedBlocks()
	}
	if s.options.Gather != nil {
		s.options.Gather.gather(s.heap)
	}
	for _, n := range s.nodes {
		s.settle(n)
	}
	s.pin()
	s.heapTotal = s.heap.total
	return err
}

// reset forgets all blocks.
func (h *heapWalk) reset() {
	h.marks.reset()
	clear(h.untyped)
	h.untyped, h.asked, h.total = h.untyped[:0], nil, 0
	if h.outside {
		h.static, h.outside = [64]staticPart{}, false
	}
	if len(h.partial) > 1<<10 {
		h.partial = map[unsafe.Pointer]*partialBlock{}
	}
	clear(h.partial)
	if len(h.typed) > 1<<10 {
		h.typed = map[unsafe.Pointer]bool{}
	}
	clear(h.typed)
}

// BlocksExact tells whether this process can tell blocks exactly (see package block).
func BlocksExact() bool { return block.Exact() && block.PointersExact() }

// holdPointee takes the block behind a pointer that is not nil.
func (s *Session) holdPointee(n *Node, p unsafe.Pointer) {
	if s.prefetches() && len(s.stack) < batchLeast && !n.leaf { // else a batch has it on its way
		prefetchRange(p, 1)
	}
	size := n.size
	page := s.heap.marks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if size == shape.most && index*shape.Size()+shape.header == offset { // as in mark
		word, bit := page.bit(index)
		if *word&bit == 0 {
			*word |= bit
			s.heldOne(n, shape.Size())
			if !n.leaf {
				s.push(p, n, 1)
			}
			return
		}
		if page.rest == 0 && !s.concealed {
			return
		}
	}
	if size == 0 {
		s.holdEmpty(n, p, Finding{1, 1})
		return
	}
	if follow, mode := s.hold(n, p, size, Finding{1, 1}); follow && !n.leaf {
		s.push(p, n, 1|mode)
	}
}

// holdArray takes the block behind a slice with a capacity, and follows all of that.
func (s *Session) holdArray(n *Node, h *sliceHeader) {
	length, capacity := uintptr(h.length), uintptr(h.capacity)
	f := Finding{uint64(min(length, capacity)), uint64(capacity)}
	follow, mode := s.hold(n, h.data, capacity*n.size, f)
	if !follow || n.leaf {
		return
	}
	if high, _ := bits.Mul(uint(capacity), uint(n.size)); high != 0 { // torn: there is less memory
		s.followUntyped(n, h.data)
		return
	}
	s.push(h.data, n, capacity|mode)
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
		return s.outside(n, p, size), 0
	}
	switch s.heap.marks.mark(page, p, size, false) {
	case fresh:
		s.held(n, page.shape.Size(), f)
		return true, 0
	case covered:
		return s.again(n)
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
		return s.outside(n, p, size), 0
	}
	b := page.block(p)
	begin, index := s.heap.marks.begin(b)
	rest := b.Size - (uintptr(p) - uintptr(b.Base))
	torn := size > rest // or an unsafe cast
	size = min(size, rest)
	switch {
	case s.heap.marks.markPart(b):
		s.held(n, b.Size, f)
		s.enter(n, b, p, size)
	case !s.heap.marks.isPart(begin, index):
		return s.again(n)
	default:
		if part := s.heap.partial[b.Base]; part != nil {
			part.reach(uintptr(p)-uintptr(b.Base), size)
		}
		if !torn && len(s.hidden) > 0 && page.fits(p, size) {
			s.heap.typed[b.Base] = true
		}
	}
	if torn { // the collector's pointer maps say what is in the block
		return false, 0
	}
	switch s.extents.mark(uintptr(p), size, size) {
	case fresh:
		return true, 0
	case covered:
		return s.again(n)
	}
	return true, careful
}

// followUntyped has the block that p points into followed as the collector does.
func (s *Session) followUntyped(n *Node, p unsafe.Pointer) {
	if page := s.heap.marks.of(p); page.heap() && page.shape.Pointers() {
		s.heap.untyped = append(s.heap.untyped, untypedBlock{page.block(p), n, false})
	}
}

// again tells whether memory that is held already is to be followed once more: where it may lie in a
// field that was not.
func (s *Session) again(n *Node) (follow bool, mode uintptr) {
	if s.concealed && (s.hidden[n.elem.base] || s.bound[n.elem.base]) {
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
		return false
	}
	if b := page.block(p); s.heap.marks.markPart(b) {
		s.held(n, b.Size, f)
		s.enter(n, b, p, 0)
	}
	return true
}

// heldRun is blocks that the pointers of a node hold, one after another and all of one size, as they
// mostly are: they are counted now, and settled later.
type heldRun struct {
	size  uintptr
	times uint64
}

// held counts the block of a container.
func (s *Session) held(n *Node, size uintptr, f Finding) {
	if n.kind == opPointer {
		s.heldOne(n, size)
		return
	}
	s.heap.total += uint64(size)
	if s.options.TotalOnly {
		s.found++
		return
	}
	s.report(n, f.Len, f.Cap)
	n.Held.add(uint64(size), 1)
}

// heldOne is held for a pointer.
func (s *Session) heldOne(n *Node, size uintptr) {
	s.found++
	if n.run.size != size {
		s.settle(n)
		n.run.size = size
	}
	n.run.times++
}

// settle accounts for the blocks that a node's pointers were seen to hold.
func (s *Session) settle(n *Node) {
	size, times := uint64(n.run.size), n.run.times
	n.run = heldRun{}
	if times == 0 {
		return
	}
	s.heap.total += size * times
	if !s.options.TotalOnly {
		s.touchHeld(n)
		n.fixed += times
		n.Held.add(size, times)
	}
}

// add adds blocks of one size.
func (h *Held) add(size, times uint64) {
	if h.Blocks == 0 || size < h.Min {
		h.Min = size
	}
	h.Max = max(h.Max, size)
	h.Blocks += size * times
}

func (h *Held) addUntyped(size uint64) {
	if h.UntypedBlocks == 0 || size < h.UntypedMin {
		h.UntypedMin = size
	}
	h.UntypedMax = max(h.UntypedMax, size)
	h.Untyped += size
	h.UntypedBlocks++
}

// holdInside takes what the map or channel at p, in block b, has for itself.
func (s *Session) holdInside(n *Node, b block.Block, p unsafe.Pointer) {
	if n.kind != opMap || !s.holdMap(n, p) {
		s.heap.untyped = append(s.heap.untyped, untypedBlock{b, n, true})
	}
}

// enter notes a new block of which the size bytes at p are typed.
func (s *Session) enter(n *Node, b block.Block, p unsafe.Pointer, size uintptr) {
	if n.kind == opMap || n.kind == opChan {
		s.holdInside(n, b, p)
		return
	}
	if !s.options.TotalOnly {
		part := &partialBlock{size: b.Size, scan: b.Pointers, node: n}
		part.reach(uintptr(p)-uintptr(b.Base), size)
		s.heap.partial[b.Base] = part
	}
	if b.Pointers {
		s.heap.untyped = append(s.heap.untyped, untypedBlock{b, n, false})
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

// outside counts memory that is not on the heap. It is not followed, for it is a root of its own,
// unless it is what was asked about: then it is, also where an earlier root has led to it.
func (s *Session) outside(n *Node, p unsafe.Pointer, size uintptr) (follow bool) {
	asked := p == s.heap.asked
	if s.options.TotalOnly && !asked {
		return false
	}
	if asked {
		s.heap.asked = nil // once for each root is enough
	}
	part := staticPart{uintptr(p), size}
	recent := &s.heap.static[(part.at>>3^part.at>>9)%uintptr(len(s.heap.static))]
	if *recent == part {
		return asked && !isForeign(p)
	}
	*recent, s.heap.outside = part, true
	foreign := isForeign(p)
	if foreign {
		size = 1 // how much of it there is nobody knows: an array type may say far more
	}
	switch {
	case s.extents.mark(uintptr(p), size, size) != fresh:
	case foreign:
		n.foreign()
	default:
		s.touchHeld(n)
		n.Held.Static += uint64(size)
	}
	return asked && !foreign
}

// isForeign tells whether p leads to what is neither on the heap nor static nor a stack.
func isForeign(p unsafe.Pointer) bool { return BlocksExact() && block.Where(p) == block.Unknown }

// foreign counts a value in such memory as unaccounted.
func (n *Node) foreign() {
	n.Unaccounted++
	n.Reason = "memory that is neither Go's heap nor the program's: cgo, a mapped file"
}

// untypedPointer takes the block behind a pointer without a type.
func (s *Session) untypedPointer(n *Node, p unsafe.Pointer, own bool) {
	page := s.heap.marks.of(p)
	if !page.heap() {
		if !s.options.TotalOnly && s.extents.mark(uintptr(p), 1, 1) == fresh && isForeign(p) {
			n.foreign()
		}
		return
	}
	b := page.block(p)
	if !s.heap.marks.markPart(b) {
		return
	}
	s.found++
	s.heap.total += uint64(b.Size)
	s.touchHeld(n)
	if own {
		n.Held.Blocks += uint64(b.Size)
	} else {
		n.Held.addUntyped(uint64(b.Size))
	}
	if b.Pointers {
		s.heap.untyped = append(s.heap.untyped, untypedBlock{b, n, own})
	}
}

// touchHeld makes sure that a node without findings is seen at the end.
func (s *Session) touchHeld(n *Node) {
	if !n.touched {
		s.touch(n)
	}
}

// untypedBlocks follows the pointers of blocks that no type describes, when all typed memory has
// been walked.
func (s *Session) untypedBlocks() error {
	for len(s.heap.untyped) > 0 {
		if s.frames++; s.frames%1024 == 0 {
			if err := s.limits(); err != nil {
				return err
			}
		}
		last := len(s.heap.untyped) - 1
		u := s.heap.untyped[last]
		s.heap.untyped[last] = untypedBlock{} // it must not stay alive with the session
		s.heap.untyped = s.heap.untyped[:last]
		if s.heap.typed[u.Base] {
			continue
		}
		for pointers := u.Block.Words(); ; {
			p, ok := pointers.Next()
			if !ok {
				break
			}
			s.untypedPointer(u.node, p, u.own)
		}
	}
	return nil
}
