package walker

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// extentSet is the set of extents of a walk by extents. Where blocks can be asked for, an extent that
// begins with a block's value and takes all of it but a few bytes is two things only: the block's
// bit, and how many bytes are missing. All other extents go to the bitmaps, and leave the bit for
// part in the marks of their block. Both ways say the same; this one touches less memory.
type extentSet struct {
	extents
	arena  addresses   // the block of which a part was met last
	blocks *blockMarks // nil where blocks cannot be asked for
}

// use says whether blocks may be asked for.
func (e *extentSet) use(blocks bool, contents *[]content) {
	switch {
	case !blocks:
		e.blocks = nil
	case e.blocks == nil:
		e.blocks = &blockMarks{contents: contents}
	}
}

// maxMissing is how many bytes may be missing at the end of a block's value.
const maxMissing = 15

// add is extents.mark for the extent of size bytes at p.
func (e *extentSet) add(p unsafe.Pointer, live, size uintptr) verdict {
	if e.blocks == nil {
		return e.mark(uintptr(p), live, size)
	}
	page := e.blocks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index, missing := shape.Index(offset), shape.most-size
	if index*shape.Size()+shape.header != offset || missing > maxMissing || live != size || shape.tiny {
		return e.addPart(page, p, live, size)
	}
	word, bit := page.bit(index)
	switch {
	case *word&bit == 0:
		*word |= bit
		if missing != 0 {
			e.blocks.setMissing(page, index, missing)
		}
		page.leave(index)
		return fresh
	case e.blocks.isPart(page, index):
		return e.mark(uintptr(p), live, size)
	}
	if followed, _ := e.blocks.extentOf(page, index); size <= followed {
		return covered
	}
	return conflict
}

// setMissing notes how many bytes are missing in a block, in four bits. Pages where all blocks are full
// have no words for that.
func (m *blockMarks) setMissing(page *blockPage, index, missing uintptr) {
	if page.shape.missing == 0 {
		own := page.shape.bits()
		words := m.wordsFor(own + (page.shape.perPage()+15)/16)
		copy(words[:own], page.words[:own])
		page.shape, page.words = page.shape.gapped, words
	}
	i := index - uintptr(page.first)
	page.words[page.shape.missing+i/16%missingWords] |= uint64(missing) << (i % 16 * 4)
}

// extentOf is how many bytes of a block that was met as a whole are followed, and how many are taken. Most
// contents tell it.
func (m *blockMarks) extentOf(page *blockPage, index uintptr) (followed, all uintptr) {
	i := index - uintptr(page.first)
	if page.shape.missing != 0 {
		if missing := page.words[page.shape.missing+i/16%missingWords] >> (i % 16 * 4) & 15; missing != 0 {
			all = page.shape.most - uintptr(missing)
			return all, all
		}
	}
	all = page.shape.most
	if m.contents == nil {
		return all, all
	}
	c := &(*m.contents)[page.content(i)]
	if c.kind != contentValues || c.size == 0 {
		return all, all
	}
	if c.many && page.counts != nil && page.counts[i%maxPerPage] != 0 {
		length, capacity := page.spare(i, c)
		return length * c.size, capacity * c.size
	}
	all = page.count(i, c) * c.size
	return all, all
}

// addPart is add for what is not a block's value.
func (e *extentSet) addPart(page *blockPage, p unsafe.Pointer, live, size uintptr) verdict {
	if !page.heap() {
		return e.mark(uintptr(p), live, size)
	}
	if page.shape.tiny {
		return e.blocks.tinyBits(page, p).mark(uintptr(p)%tinyBytes, live, size)
	}
	b := page.block(p)
	if e.known(b) {
		return e.within(b, uintptr(p), live, size)
	}
	e.arena = addresses{uintptr(b.Base), uintptr(b.Base) + b.Size}
	return e.mark(uintptr(p), live, size)
}

// tinyBits are the bits of a block of 16 bytes that values may share: as those of extents, but for
// single bytes.
type tinyBits struct{ cover, start uint16 }

// tinyBlocks are the blocks on a page.
const tinyBlocks = pageBytes / tinyBytes

func (m *blockMarks) tinyBits(page *blockPage, p unsafe.Pointer) *tinyBits {
	rest := m.restOf(page)
	if rest.bytes == nil {
		rest.bytes = (*[tinyBlocks]tinyBits)(m.bytes.take(tinyBlocks, tinyBlocks))
	}
	return &rest.bytes[uintptr(p)/tinyBytes%tinyBlocks]
}

// mark is extents.mark for the extent of size bytes from a byte of the block on.
func (b *tinyBits) mark(first, live, size uintptr) verdict {
	if size > tinyBytes-first {
		return conflict
	}
	all, followed := uint16(1<<size-1)<<first, uint16(1<<live-1)<<first
	switch {
	case (b.cover|b.start)&all == 0:
		b.cover |= followed
		b.start |= all&^followed | 1<<first
		return fresh
	case live == size && b.cover&all == all && b.start&all&^(1<<first) == 0:
		return covered
	}
	return conflict
}

// known tells whether a block is known by its bit alone. If not, the bitmaps have what is known of
// it, from now on.
func (e *extentSet) known(b block.Block) bool {
	page, index := e.blocks.begin(b)
	return !e.blocks.markPart(b) && !e.blocks.isPart(page, index)
}

// within is the verdict on an extent in a block that is known by its bit.
func (e *extentSet) within(b block.Block, lo, live, size uintptr) verdict {
	page, index := e.blocks.begin(b)
	begin := uintptr(b.Base) + page.shape.header
	followed, _ := e.blocks.extentOf(page, index)
	end := begin + followed
	if live == size && begin <= lo && lo+size <= end && lo <= lo+size {
		return covered
	}
	return conflict
}

// reset forgets all extents.
func (e *extentSet) reset() {
	e.extents.reset()
	e.arena = addresses{}
	if e.blocks != nil {
		e.blocks.reset()
	}
}
