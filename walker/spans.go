package walker

import (
	"math/bits"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// This file is the order of a walk that asks for blocks: page after page, as the collector of Go 1.26
// goes. A block that is met sets its bit on its page, and notes its content there: as what it was met.
// The page joins a queue, unless it is in it. When it leaves the queue, all its blocks are walked that
// were met since: first their memory is asked for, then it is looked at. So the walk waits for few
// lines of memory, and needs a few bits for each block instead of a stack.
//
// The first blocks of a walk are queued one by one, so that in a small value what is shared belongs to
// the place that is nearest to the root, wherever the allocator put the blocks.

// content is what a block was met as: how it is walked.
type content struct {
	node *Node
	kind contentKind
	many bool    // values one after another; else there is one
	size uintptr // of a value, or of a group of a map
	// owners are of memory that several contents share: there is no node then.
	owners []sharedOwner
}

type contentKind uint8

const (
	contentValues  contentKind = iota // of node.elem
	contentHeader                     // of a map
	contentGroups                     // of a map
	contentUntyped                    // no type describes the block
	contentOwn                        // no type describes the block, which is the container's own
	contentKinds
)

// contentOf is the number of a node's content of a kind, made when first needed.
func (s *Session) contentOf(n *Node, kind contentKind) uint32 {
	if id := n.contents[kind]; id != 0 {
		return id
	}
	c := content{node: n, kind: kind, size: n.size, many: kind == contentValues && n.kind != opPointer}
	switch n.kind {
	case opPointer, opSlice:
	case opString:
		c.size = 1
	default:
		c.size = 0
	}
	if kind == contentGroups {
		c.size, c.many = n.groupBytes(), true
	}
	n.contents[kind] = uint32(len(s.contents))
	s.contents = append(s.contents, c)
	return n.contents[kind]
}

// content is the content of a block of the page.
func (b *blockPage) content(i uintptr) uint32 {
	if b.low == nil {
		return b.sole
	}
	id := uint32(b.low[i%maxPerPage])
	if b.high != nil {
		id |= uint32(b.high[i%maxPerPage]) << 8
	}
	return id
}

// setContent notes the content of a block of a page.
func (m *blockMarks) setContent(page *blockPage, i uintptr, id uint32) {
	if page.low == nil {
		if page.sole == 0 {
			page.sole = id
		}
		if page.sole == id {
			return
		}
		m.spread(page)
	}
	page.low[i%maxPerPage] = uint8(id)
	if page.high == nil {
		if id < 1<<8 {
			return
		}
		page.high = (*[maxPerPage]uint16)(m.highs.take(page.shape.perPage(), maxPerPage))
	}
	page.high[i%maxPerPage] = uint16(id >> 8)
}

// spread gives each block of a page a content of its own: the one that all had.
func (m *blockMarks) spread(page *blockPage) {
	n := page.shape.perPage()
	low := (*[maxPerPage]uint8)(m.ids.take(n, maxPerPage))
	for i := range low[:n] {
		low[i] = uint8(page.sole)
	}
	if page.sole >= 1<<8 {
		page.high = (*[maxPerPage]uint16)(m.highs.take(n, maxPerPage))
		for i := range page.high[:n] {
			page.high[i] = uint16(page.sole >> 8)
		}
	}
	page.low, page.sole = low, 0
}

// setCount notes how many values lie in a block that has room for one more.
func (m *blockMarks) setCount(page *blockPage, i uintptr, count uint32) {
	if page.counts == nil {
		page.counts = (*[maxPerPage]uint32)(m.counts.take(page.shape.perPage(), maxPerPage))
	}
	page.counts[i%maxPerPage] = count
}

// count is how many values lie in a block.
func (b *blockPage) count(i uintptr, c *content) uintptr {
	switch {
	case !c.many:
		return 1
	case b.counts != nil && b.counts[i%maxPerPage] != 0:
		length, _ := b.spare(i, c)
		return length
	}
	return b.shape.most / c.size
}

// Flags of a count. A slice with spare capacity has its length there, and if it is short its capacity, too;
// else that is all there is room for in the block.
const (
	spare      = 1 << 31
	short      = 1 << 30
	shortBits  = 15
	shortLimit = 1<<shortBits - 1
)

// spare is the length and the capacity of a slice in a block that has a count.
func (b *blockPage) spare(i uintptr, c *content) (length, capacity uintptr) {
	switch count := uintptr(b.counts[i%maxPerPage]); {
	case count&spare == 0:
		return count, count
	case count&short != 0:
		return count & shortLimit, count >> shortBits & shortLimit
	default:
		return count &^ spare, b.shape.most / c.size
	}
}

// at is where the value in a block of the page lies. The block must be one that was met: it is alive.
func (b *blockPage) at(i uintptr) unsafe.Pointer {
	return pointerTo(b.start + (uintptr(b.first)+i)*b.shape.Size() + b.shape.header)
}

// blockQueue has what is to be walked, first in, first out.
type blockQueue struct {
	list []queuedBlock
	head int
}

// queuedBlock is a page of which something is to be walked, and the block that was met there first.
type queuedBlock struct {
	page  *blockPage
	block uint32
	alone bool // whatever else is to be walked of the page has a place of its own in the queue
}

// queueAhead is how many places before its turn a block's memory is asked for.
const queueAhead = 4

// queuedAlone is how many containers are found before blocks of a page are queued together.
const queuedAlone = 1 << 10

func (q *blockQueue) empty() bool { return q.head == len(q.list) }

func (q *blockQueue) next() queuedBlock {
	b := q.list[q.head]
	if q.head++; q.head == len(q.list) {
		q.head, q.list = 0, q.list[:0]
	} else if q.head > 1<<12 && 2*q.head > len(q.list) {
		q.list = q.list[:copy(q.list, q.list[q.head:])]
		q.head = 0
	}
	return b
}

func (q *blockQueue) reset() {
	if cap(q.list) > 1<<12 {
		q.list = nil
	}
	clear(q.list[:cap(q.list)])
	q.head, q.list = 0, q.list[:0]
}

// expect has a block of a page, which has pointers, walked as count values of a content.
func (s *Session) expect(page *blockPage, i uintptr, id uint32, count uintptr) {
	if page.sole != id {
		s.marks.setContent(page, i, id)
	}
	if c := &s.contents[id]; c.many && page.shape.most-count*c.size >= c.size && count < spare {
		s.marks.setCount(page, i, uint32(count))
	}
	s.enqueue(page, i)
}

// enqueue has a block of a page walked.
func (s *Session) enqueue(page *blockPage, i uintptr) {
	if page.queued != none {
		page.queued = several
		return
	}
	q := queuedBlock{page, uint32(i), s.found < queuedAlone}
	if !q.alone {
		page.queued = single
	}
	if s.queue.list = append(s.queue.list, q); len(s.queue.list)-s.queue.head < queueAhead {
		at := page.at(i)
		prefetch(&at, 1, 0)
	}
}

// walkNext walks what comes next in the queue.
func (s *Session) walkNext() {
	next := s.queue.next()
	s.prefetchQueued()
	page, i := next.page, uintptr(next.block)
	if page.queued == several && !next.alone {
		s.walkPage(page)
		return
	}
	if !next.alone {
		page.queued = none
	}
	if done, bit := &page.words[page.shape.n+i/64], uint64(1)<<(i%64); *done&bit == 0 {
		*done |= bit
		s.walkBlock(page, i)
	}
}

// prefetchQueued asks for what will be needed of what comes a few places later in the queue.
func (s *Session) prefetchQueued() {
	if k := s.queue.head + queueAhead; k < len(s.queue.list) {
		q := s.queue.list[k]
		at := [2]unsafe.Pointer{q.page.at(uintptr(q.block)), unsafe.Pointer(q.page.words)}
		prefetch(&at[0], len(at), 0)
	}
}

// walkPage walks the blocks of a page that were met since it was walked last.
func (s *Session) walkPage(page *blockPage) {
	page.queued = none
	n := page.shape.n
	var ahead [64]unsafe.Pointer
	for w := range n {
		met, done := page.words[w], &page.words[n+w]
		todo := met &^ *done
		if todo == 0 {
			continue
		}
		*done |= todo
		s.frames += uint64(bits.OnesCount64(todo))
		k := 0
		for left := todo; left != 0; left &= left - 1 {
			ahead[k%64] = page.at(w*64 + uintptr(bits.TrailingZeros64(left)))
			k++
		}
		prefetch(&ahead[0], k, 0)
		if c := &s.contents[page.sole]; page.low == nil && s.alike(c, page.shape) {
			s.walkAlike(page, c, w*64, todo, ahead[:k])
			continue
		}
		for ; todo != 0; todo &= todo - 1 {
			if s.found >= s.limit || s.failure != nil {
				return
			}
			s.walkBlock(page, w*64+uintptr(bits.TrailingZeros64(todo)))
		}
	}
}

// alike tells whether blocks of a shape and a content each hold one value, to be followed.
func (s *Session) alike(c *content, shape *blockShape) bool {
	return s.graph == nil && (s.mode != byBlock || !shape.large) && c.kind == contentValues && !c.many && !c.node.leaf && !s.options.Shallow
}

// walkAlike is walkBlock for blocks that are alike: those of a mask from block i on, with values at
// list.
func (s *Session) walkAlike(page *blockPage, c *content, i uintptr, mask uint64, list []unsafe.Pointer) {
	n, lo, hi := c.node, alignUp(c.size), page.shape.most
	s.careful = false
	for _, at := range list {
		if s.found >= s.limit || s.failure != nil {
			return
		}
		if lo < hi && s.mode == byBlock && !zero(at, lo, hi) {
			s.walkBlock(page, i+uintptr(bits.TrailingZeros64(mask)))
		} else {
			s.blockValue(n, n.steps, at)
		}
		mask &= mask - 1
	}
}

// walkBlock walks a block as what it was met.
func (s *Session) walkBlock(page *blockPage, i uintptr) {
	c, at := &s.contents[page.content(i)], page.at(i)
	n := c.node
	s.careful = false
	if s.graph != nil {
		s.graph.From(s.vertexAt(at))
	}
	switch c.kind {
	case contentValues:
		s.walkValues(page, i, c, at)
	case contentHeader:
		if s.mode != byBlock {
			s.followMap(n, at)
			return
		}
		s.walkHeader(n, page, at)
	case contentGroups:
		s.walkGroups(n, at, page.count(i, c))
	default:
		s.walkUntyped(n, page.block(at), c.kind == contentOwn)
	}
}

// walkValues walks the values in a block, and sees whether anything lies behind them.
func (s *Session) walkValues(page *blockPage, i uintptr, c *content, at unsafe.Pointer) {
	n, count, shape := c.node, page.count(i, c), page.shape
	size := count * c.size
	if s.mode == byBlock && size != shape.most && (shape.large || !zero(at, alignUp(size), shape.most)) &&
		page.pointersBehind(at, size) {
		s.divide(n, page, i, at, size)
	}
	switch {
	case n.leaf || s.options.Shallow && n.Parent != nil:
	case count == 1:
		s.entryAt(n, at)
		s.blockValue(n, n.steps, at)
	case count > blockLength:
		s.stack = append(s.stack, frame{at, n, count})
	default:
		for i := range count {
			s.entryAt(n, unsafe.Add(at, i*c.size))
			s.blockValue(n, n.steps, unsafe.Add(at, i*c.size))
		}
	}
}

// blockValue runs steps of n, those of its content or of its keys, over a value in a walk that goes page
// by page. It is value, with what is met most often at hand.
func (s *Session) blockValue(n *Node, steps []step, base unsafe.Pointer) {
	if !s.paged {
		s.value(n, steps, base)
		return
	}
	if checked {
		assertValue(n, steps, base)
	}
	marks, heap := s.marks, s.mode == byBlock
	for i := range steps {
		step := &steps[i]
		at := unsafe.Add(base, step.offset)
		c := step.node
		if c == nil {
			c = s.child(n, step)
		}
		var p unsafe.Pointer
		switch step.kind {
		case opPointer:
			if p = pointerAt(at); p == nil {
				if c.follow.NilCosts {
					s.anonymous(c, at, Finding{})
				}
				continue
			}
		case opString:
			if heap {
				s.holdText(c, (*stringHeader)(at))
			} else {
				s.claimText(c, (*stringHeader)(at))
			}
			continue
		case opSlice:
			switch h := (*sliceHeader)(at); {
			case !heap:
				s.claimArray(c, h)
			case h.capacity > 0 && c.size > 0:
				s.holdArray(c, h)
			default:
				s.slice(c, h)
			}
			continue
		case opInterface:
			h := (*interfaceHeader)(at)
			var d *dynamic
			if h.word != nil && h.data != nil {
				d = c.dynamic.of(uintptr(h.word))
			}
			if d == nil || d.node == nil || d.direct && !d.pointer || d.node.kind != opPointer ||
				!heap && !d.pointer && !marks.of(h.data).heap() {
				s.dynamicValue(c, h)
				continue
			}
			c, p = d.node, h.data
		default:
			s.step(n, step, at)
			continue
		}
		page := marks.of(p)
		shape, offset := page.shape, uintptr(p)-page.start
		if shape.tiny && !heap { // a block that values share is no value's own
			if !s.claimSmall(c, p, c.size, 1) {
				s.pointee(c, p, at)
			}
			continue
		}
		index := shape.Index(offset)
		if index*shape.Size()+shape.header != offset ||
			(page.sole != c.contents[contentValues] || page.sole == 0) &&
				(!shape.noscan || !heap || c.size-shape.least > shape.most-shape.least) {
			if shape == elsewhere {
				s.crew.point(page.start, p, c)
			} else {
				s.pointee(c, p, at)
			}
			continue
		}
		word, bit := page.bit(index)
		if *word&bit != 0 {
			if page.rest != 0 || s.concealed || !heap && s.mixed {
				s.pointee(c, p, at)
			}
			continue
		}
		if !heap {
			if s.one(c); c.leaf {
				*word |= bit
				page.leave(index)
				continue
			}
		} else {
			s.heldOne(c, shape.Size())
		}
		*word |= bit
		if !shape.noscan && page.queued != several {
			s.enqueue(page, index-uintptr(page.first))
		}
	}
}

// holdText takes the block behind a string.
func (s *Session) holdText(n *Node, h *stringHeader) {
	length := uintptr(h.length)
	if length == 0 {
		s.text(n, h)
		return
	}
	if p := uintptr(h.data); p >= s.heap.known.lo && p < s.heap.known.hi {
		return
	}
	page := s.heap.marks.of(h.data)
	shape, offset := page.shape, uintptr(h.data)-page.start
	index := shape.Index(offset)
	if !shape.noscan || (index*shape.Size() != offset || length-shape.least > shape.most-shape.least) &&
		(!shape.tiny || length > tinyBytes) {
		s.hold(n, h.data, length, Finding{uint64(length), uint64(length)})
		return
	}
	if word, bit := page.bit(index); *word&bit == 0 {
		*word |= bit
		s.held(n, shape.Size(), Finding{uint64(length), uint64(length)})
	} else if page.rest != 0 {
		s.hold(n, h.data, length, Finding{uint64(length), uint64(length)})
	}
}

// divide makes a block that was met as a whole one that was met in part: more lies behind the size
// bytes of values there.
func (s *Session) divide(n *Node, page *blockPage, i uintptr, at unsafe.Pointer, size uintptr) {
	s.heap.marks.setPart(page, i)
	s.enter(n, page.block(at), at, size)
	if !n.leaf {
		s.extents.mark(uintptr(at), size, size)
	}
}

// walkUntyped follows the words of a block in which the collector sees pointers.
func (s *Session) walkUntyped(n *Node, b block.Block, own bool) {
	if s.graph != nil {
		s.graphWords(n, b, own)
	}
	if mask, ok := b.Mask(); ok {
		for ; mask != 0; mask &= mask - 1 {
			if p := pointerAt(unsafe.Add(b.Base, bits.TrailingZeros64(mask)*int(wordSize))); p != nil {
				s.untypedPointer(n, p, own)
			}
		}
		return
	}
	for pointers := b.Words(); ; {
		p, ok := pointers.Next()
		if !ok {
			return
		}
		s.untypedPointer(n, p, own)
	}
}
