package walker

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// partialBlock is a block of which only a part was asked for at first. What no container leads to
// is pinned: alive, and out of reach.
type partialBlock struct {
	size    uintptr
	scan    bool // the block may have pointers
	node    *Node
	first   reachedPart
	reached []reachedPart // by containers besides; may overlap
	sorted  int           // how many parts were left when they were last merged
	bytes   []uint64      // where parts are many: a bit for each byte that is reached
}

// reachedPart is a range of bytes, as offsets from the block's base.
type reachedPart struct{ lo, hi uintptr }

// reach adds the size bytes at an offset. Parts that follow each other are one at once, others when
// their number has doubled, so that a million pointers into one array take little.
func (b *partialBlock) reach(offset, size uintptr) {
	part := reachedPart{offset, offset + size}
	if b.first.join(part) {
		return
	}
	if last := len(b.reached) - 1; last >= 0 && b.reached[last].join(part) {
		return
	}
	switch b.reached = append(b.reached, part); {
	case len(b.reached) < fewParts:
	case b.bytes != nil || b.size/uintptr(len(b.reached)) < pageBytes:
		b.mark()
	case len(b.reached) > 2*b.sorted:
		b.merge()
	}
}

// fewParts is how many parts are not worth a thought.
const fewParts = 64

// mark notes the parts byte by byte. A part for each page at least takes no more than a list in the end.
func (b *partialBlock) mark() {
	if b.bytes == nil {
		b.bytes = make([]uint64, (b.size+63)/64)
	}
	for _, part := range b.reached {
		for lo := part.lo; lo < part.hi; {
			n := min(64-lo%64, part.hi-lo)
			b.bytes[lo/64] |= ^uint64(0) >> (64 - n) << (lo % 64)
			lo += n
		}
	}
	b.reached, b.sorted = b.reached[:0], 0
}

// join makes p what it and q cover; false if there is a gap between them or q begins first.
func (p *reachedPart) join(q reachedPart) bool {
	if q.lo < p.lo || q.lo > p.hi {
		return false
	}
	p.hi = max(p.hi, q.hi)
	return true
}

// merge sorts the parts and joins those that touch.
func (b *partialBlock) merge() {
	slices.SortFunc(b.reached, func(p, q reachedPart) int { return cmp.Compare(p.lo, q.lo) })
	merged := b.reached[:0]
	for _, part := range b.reached {
		if last := len(merged) - 1; last < 0 || !merged[last].join(part) {
			merged = append(merged, part)
		}
	}
	b.reached, b.sorted = merged, len(merged)
}

// pinned is how many bytes of the block are out of reach: none if the allocator would have given
// the block for what is reached.
func (b *partialBlock) pinned() uint64 {
	b.reached = append(b.reached, b.first)
	var reached uintptr
	if b.bytes != nil {
		b.mark()
		for _, word := range b.bytes {
			reached += uintptr(bits.OnesCount64(word))
		}
	} else {
		b.merge()
		for _, part := range b.reached {
			reached += part.hi - part.lo
		}
	}
	if block.Round(reached, b.scan) == b.size {
		return 0
	}
	return uint64(b.size - min(reached, b.size))
}

// notePart notes that the size bytes at an offset of a block are asked for, and nothing else as yet.
func (s *Session) notePart(n *Node, b block.Block, offset, size uintptr) {
	marks := &s.heap.marks
	page, index := marks.begin(b)
	rest := marks.restOf(page)
	if rest.parts == nil {
		rest.parts = (*[maxPerPage]uint32)(marks.counts.take(page.shape.perPage(), maxPerPage))
	}
	part := partialBlock{size: b.Size, scan: b.Pointers, node: n, first: reachedPart{offset, offset + size}}
	s.heap.partial = append(s.heap.partial, part)
	rest.parts[(index-uintptr(page.first))%maxPerPage] = uint32(len(s.heap.partial))
}

// partOf is what is known of a block of a page that was met in part; nil if that is nothing.
func (s *Session) partOf(page *blockPage, i uintptr) *partialBlock {
	if parts := s.heap.marks.restOf(page).parts; parts != nil && parts[i%maxPerPage] != 0 {
		return &s.heap.partial[parts[i%maxPerPage]-1]
	}
	return nil
}

// pin finds what is kept alive and cannot be reached: the rest of blocks that were entered in
// part.
func (s *Session) pin() {
	for i := range s.heap.partial {
		part := &s.heap.partial[i]
		part.node.Held.Pinned += part.pinned()
	}
}
