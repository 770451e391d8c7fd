package walker

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/walker/block"
)

// blockMarks is what a walk that asks for blocks knows of each: two bits, on the page where its
// value begins.
//
//	whole part
//	  0    0   not met
//	  1    0   held, and all that its value leads to is followed or will be: nothing more to do
//	  0    1   held, and entered in its middle or in part: the extents say what was followed
//
// Nearly all references lead to the beginning of a value that fills its block. They need a look at
// the page's entry and one bit.
type blockMarks struct {
	pageTable[blockPage]
	words arena[blockBits] // for pages
	// missing and bytes are for pages in a walk by extents: see extentSet.
	missing arena[uint64]
	bytes   arena[tinyBits]
	extents bool
	shapes  map[block.Shape]*blockShape // kept from walk to walk
}

// blockPage is what is known of a page; without a shape, nothing yet.
type blockPage struct {
	start uintptr // of the span
	shape *blockShape
	first uintptr     // number in the span of the first block that begins on the page
	words *blockWords // of the blocks from there on: no more than there are
	// missing and bytes are for walks by extents: see extentSet.
	missing *blockMissing
	bytes   *[tinyBlocks]tinyBits // nil until needed
}

// blockShape is what the blocks of a span are like. The pages of a size class share one, so that it
// is always at hand.
type blockShape struct {
	block.Shape
	header      uintptr // bytes in front of a block's value
	least, most uintptr // bytes, of the values that the allocator gives these blocks to
	tiny        bool    // values without pointers share the blocks
}

// notHeap is the shape of what is not on the heap. No value fits it.
var notHeap = &blockShape{header: 1, least: 1}

// blockWords are the bits of the blocks on a page, blockBits those of 64 blocks. A page of larger
// blocks than those of 8 bytes has less of them: what lies behind are another page's.
type (
	blockWords [pageBytes / 8 / 64]blockBits
	blockBits  struct{ whole, part uint64 }
)

// maxShapes bounds what is kept from walk to walk: large blocks come in all sizes.
const maxShapes = 1 << 10

// of is the entry of the page that p points into.
func (m *blockMarks) of(p unsafe.Pointer) *blockPage {
	if uintptr(p)/pageBytes+1 == m.lastKey {
		return m.last
	}
	return m.turnTo(p)
}

// turnTo makes the page of p the last one.
func (m *blockMarks) turnTo(p unsafe.Pointer) *blockPage {
	page := m.turn(uintptr(p))
	if page.shape == nil {
		m.learn(page, p)
	}
	return page
}

// learn fills the entry of a page.
func (m *blockMarks) learn(page *blockPage, p unsafe.Pointer) {
	known, ok := block.PageOf(p)
	if !ok {
		m.fill(page, blockPage{shape: notHeap})
		return
	}
	shape := m.shapes[known.Shape]
	if shape == nil {
		if m.shapes == nil {
			m.shapes = map[block.Shape]*blockShape{}
		}
		shape = &blockShape{Shape: known.Shape, header: known.Header()}
		shape.tiny = shape.Size() == tinyBytes && !shape.Pointers()
		shape.least, shape.most = known.Requests()
		m.shapes[known.Shape] = shape
	}
	m.fill(page, blockPage{start: known.Start(), shape: shape})
	size := shape.Size()
	begin := uintptr(p) / pageBytes * pageBytes
	page.first = (begin - page.start + size - 1) / size
	page.words = m.wordsFor(shape)
	if m.extents {
		words := (shape.perPage() + 15) / 16
		page.missing = (*blockMissing)(m.missing.take(words, uintptr(len(blockMissing{}))))
	}
}

// perPage is how many blocks may begin on a page.
func (s *blockShape) perPage() uintptr { return (pageBytes-1)/s.Size() + 1 }

// words is how many of a page's words are its own.
func (s *blockShape) words() uintptr { return (s.perPage() + 63) / 64 }

// wordsFor gives a page the bits of its blocks.
func (m *blockMarks) wordsFor(s *blockShape) *blockWords {
	return (*blockWords)(m.words.take(s.words(), uintptr(len(blockWords{}))))
}

// reset forgets all blocks.
func (m *blockMarks) reset() {
	if m.used == 0 {
		return
	}
	m.pageTable.reset()
	m.words.reset()
	m.missing.reset()
	m.bytes.reset()
	if len(m.shapes) > maxShapes {
		m.shapes = nil
	}
}

// block is the block that p points into. The page must be on the heap.
func (b *blockPage) block(p unsafe.Pointer) block.Block {
	return b.shape.Block(p, uintptr(p)-b.start)
}

// heap tells whether the page is on the heap.
func (b *blockPage) heap() bool { return b.shape != notHeap }

// bit is the place for the bits of a block that begins on the page.
func (b *blockPage) bit(index uintptr) (*blockBits, uint64) {
	i := index - b.first
	return &b.words[i/64%uintptr(len(b.words))], 1 << (i % 64)
}

// mark takes the block of a value of size bytes at p as a whole: fresh if it was not met, covered if
// it is held as a whole already. It is in conflict, and nothing is marked, where p does not lead to
// the beginning of a value of just that size, or the block was met in part. With trust nothing is
// looked for behind the value: all of the block is its own.
func (b *blockPage) mark(p unsafe.Pointer, size uintptr, trust bool) verdict {
	shape, offset := b.shape, uintptr(p)-b.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header != offset || size-shape.least > shape.most-shape.least {
		return b.markTiny(index, size)
	}
	word, bit := b.bit(index)
	if (word.whole|word.part)&bit == 0 &&
		(size == shape.most || trust || !b.pointersBehind(p, size)) {
		word.whole |= bit
		return fresh
	}
	if word.whole&bit != 0 {
		return covered
	}
	return conflict
}

// tinyBytes is the size of the blocks that values below it share if they have no pointers
// (runtime/malloc.go, maxTinySize).
const tinyBytes = 16

// markTiny is mark for the values that share a block of 16 bytes, of which nothing more can be said.
func (b *blockPage) markTiny(index, size uintptr) verdict {
	if size > tinyBytes || !b.shape.tiny {
		return conflict
	}
	word, bit := b.bit(index)
	if (word.whole|word.part)&bit != 0 { // there are no pointers to follow
		return covered
	}
	word.whole |= bit
	return fresh
}

// pointersBehind tells whether something lies behind the size bytes at p in their block, which has
// pointers. The allocator leaves 0 what was not asked for.
func (b *blockPage) pointersBehind(p unsafe.Pointer, size uintptr) bool {
	return b.shape.Pointers() && !zero(p, alignUp(size), b.block(p).Limit()-b.shape.header)
}

// markPart takes a block in part; false if it was met.
func (m *blockMarks) markPart(b block.Block) bool {
	word, bit := m.bitsOf(b)
	if (word.whole|word.part)&bit != 0 {
		return false
	}
	word.part |= bit
	return true
}

// bitsOf is the place for the bits of a block, which may begin on another page than it was met.
func (m *blockMarks) bitsOf(b block.Block) (*blockBits, uint64) {
	page := m.of(b.Base)
	return page.bit(page.shape.Index(uintptr(b.Base) - page.start))
}
