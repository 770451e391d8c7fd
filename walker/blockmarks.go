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
// the page's record and one bit.
type blockMarks struct {
	pageTable[blockPage]
}

// blockPage is what is known of the blocks on a page.
type blockPage struct {
	block.Page
	known       bool
	header      uintptr // bytes in front of a block's value
	least, most uintptr // bytes, of the values that the allocator gives these blocks to
	words       [pageWords]blockBits
}

// blockBits are the bits of the blocks whose values begin in 512 bytes of memory.
type blockBits struct{ whole, part uint64 }

// of is the record of the page that p points into.
func (m *blockMarks) of(p unsafe.Pointer) *blockPage {
	if uintptr(p)/pageBytes+1 == m.lastKey {
		return m.last
	}
	return m.turnTo(p)
}

// turnTo makes the page of p the last one.
func (m *blockMarks) turnTo(p unsafe.Pointer) *blockPage {
	page := m.turn(uintptr(p))
	if !page.known {
		page.learn(p)
	}
	return page
}

func (b *blockPage) learn(p unsafe.Pointer) {
	b.known = true
	var ok bool
	if b.Page, ok = block.PageOf(p); ok {
		b.header = b.Header()
		b.least, b.most = b.Requests()
	}
}

// mark takes the block of a value of size bytes at p as a whole: fresh if it was not met, covered if
// it is held as a whole already. It is in conflict, and nothing is marked, where p does not lead to
// the beginning of a value of just that size, or the block was met in part.
func (b *blockPage) mark(p unsafe.Pointer, size uintptr) verdict {
	if !b.Begins(p, b.header) || size-b.least > b.most-b.least {
		return b.markTiny(p, size)
	}
	word, bit := b.bit(uintptr(p))
	if (word.whole|word.part)&bit == 0 && (size == b.most || !b.pointersBehind(p, size)) {
		word.whole |= bit
		return fresh
	}
	if word.whole&bit != 0 {
		return covered
	}
	return conflict
}

// markTiny is mark for the values that share a block of 16 bytes, of which nothing more can be said.
func (b *blockPage) markTiny(p unsafe.Pointer, size uintptr) verdict {
	const tiny = 16
	if b.Size() != tiny || b.Pointers() || size > tiny {
		return conflict
	}
	word, bit := b.bit(uintptr(p) &^ (tiny - 1))
	if (word.whole|word.part)&bit != 0 { // there are no pointers to follow
		return covered
	}
	word.whole |= bit
	return fresh
}

// pointersBehind tells whether something lies behind the size bytes at p in their block, which has
// pointers. The allocator leaves 0 what was not asked for.
func (b *blockPage) pointersBehind(p unsafe.Pointer, size uintptr) bool {
	return b.Pointers() && !zero(p, alignUp(size), b.Block(p).Limit()-b.header)
}

// bit is the place for the bits of the block whose value begins at an address on this page.
func (b *blockPage) bit(address uintptr) (*blockBits, uint64) {
	return &b.words[address/wordBytes%pageWords], 1 << (address / granuleBytes % 64)
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
	return page.bit(uintptr(b.Base) + page.header)
}
