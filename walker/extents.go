package walker

// extents is the set of extents that a walk has seen, as bitmaps over the pages touched: two bits
// for each granule of 8 bytes. It decides at once whether a new extent is fresh (overlaps none),
// covered (lies within one seen before), or in conflict (neither: the walk must sort extents).
//
//	cover start
//	  0     0   free
//	  1     0   inside an extent, followed
//	  1     1   an extent begins here
//	  0     1   taken in part: the tail of an extent, capacity beyond the length, unaligned ends
//
// A partly taken granule is in conflict with everything, except that tails knows how many bytes
// of it an aligned extent takes, so that a string that is met again is covered.
type extents struct {
	few    extentList // as long as they are few, extents are here and not in bitmaps
	many   bool
	failed bool // the few share granules: bitmaps cannot hold them, all that follows is in conflict
	bits   bool // the bitmaps decide: many, and not failed
	table  pageTable[*page]
	pages  slab[page]
	tails  slab[tails]
}

const (
	granuleBytes = 8
	wordBytes    = 64 * granuleBytes // memory behind one word of a bitmap
	pageWords    = pageBytes / wordBytes
)

// page holds the bits of 8 KiB of memory.
type page struct {
	words [pageWords]extentBits
	tails *tails // nil until an extent ends within a granule
}

// extentBits are the bits of 512 bytes of memory.
type extentBits struct{ cover, start uint64 }

// taken are the granules that are not free.
func (b *extentBits) taken() uint64 { return b.cover | b.start }

// tails has four bits a granule: how many bytes of it (1 to 7) the extent takes that ends there,
// with tailStart where the extent also begins there.
type tails [pageBytes / granuleBytes / 2]uint8

const tailStart = 8

func (p *page) tail(address uintptr) uint8 {
	if p.tails == nil {
		return 0
	}
	granule := address % pageBytes / granuleBytes
	return p.tails[granule/2] >> (granule % 2 * 4) & 15
}

// setTail is called once for a granule, when it is taken.
func (e *extents) setTail(p *page, address uintptr, tail uint8) {
	if p.tails == nil {
		p.tails = e.tails.next()
	}
	granule := address % pageBytes / granuleBytes
	p.tails[granule/2] |= tail << (granule % 2 * 4)
}

// fullPage stands for every page that lies wholly inside one extent. It is never written.
var fullPage = func() *page {
	p := new(page)
	for i := range p.words {
		p.words[i].cover = ^uint64(0)
	}
	return p
}()

// verdict is what extents says of a new extent.
type verdict uint8

const (
	fresh    verdict = iota // overlaps nothing: now in the set
	covered                 // lies within an extent of the set, and was followed there
	conflict                // cannot be settled here; the set is unchanged
)

// mark adds the extent of size bytes at lo, of which the first live bytes are followed.
// size is not 0.
func (e *extents) mark(lo, live, size uintptr) verdict {
	if e.bits {
		return e.markBits(lo, live, size)
	}
	if !e.many {
		v, full := e.few.mark(lo, live, size)
		if !full {
			return v
		}
		e.spill()
	}
	if e.failed {
		return conflict
	}
	return e.markBits(lo, live, size)
}

// spill moves the list of few extents into bitmaps.
func (e *extents) spill() {
	e.many = true
	for _, x := range e.few.list[:e.few.n] {
		if e.markBits(x.lo, x.live-x.lo, x.hi-x.lo) != fresh {
			e.failed = true
		}
	}
	e.bits = !e.failed
}

// markBits is mark by bitmaps.
func (e *extents) markBits(lo, live, size uintptr) verdict {
	first, n := lo/granuleBytes%64, size/granuleBytes
	tail := size % granuleBytes
	if lo%granuleBytes != 0 || live != size || first+n > 64 || first+n == 64 && tail != 0 {
		return e.markSlow(lo, live, size)
	}
	p := e.page(lo)
	word := &p.words[lo/wordBytes%pageWords]
	mask := (uint64(1)<<n - 1) << first
	if tail != 0 {
		last := uint64(1) << (first + n)
		if word.taken()&(mask|last) != 0 {
			return e.markSlow(lo, live, size)
		}
		word.cover |= mask
		word.start |= 1<<first | last
		e.setTail(p, lo+n*granuleBytes, tailOf(n, tail))
		return fresh
	}
	return word.mark(mask, 1<<first)
}

// mark takes the granules of a mask, the first of which is given, for one extent.
func (b *extentBits) mark(mask, first uint64) verdict {
	switch {
	case b.taken()&mask == 0:
		b.cover |= mask
		b.start |= first
		return fresh
	case b.cover&mask == mask && b.start&mask&^first == 0:
		return covered
	}
	return conflict
}

// markWhole is mark for an extent that is followed as a whole and begins and ends on a granule.
func (e *extents) markWhole(lo, size uintptr) verdict {
	first, n := lo/granuleBytes%64, size/granuleBytes
	if !e.bits || (lo|size)%granuleBytes != 0 || n > 64 {
		return e.mark(lo, size, size)
	}
	mask := ^uint64(0) >> (64 - n)
	p, w := e.page(lo), lo/wordBytes%pageWords
	if first+n <= 64 {
		return p.words[w].mark(mask<<first, 1<<first)
	}
	if w == pageWords-1 {
		return e.markSlow(lo, size, size)
	}
	word, next := &p.words[w], &p.words[w+1] // the extent crosses from one word to the next
	if word.taken()&(mask<<first) != 0 || next.taken()&(mask>>(64-first)) != 0 {
		return e.markSlow(lo, size, size)
	}
	word.cover |= mask << first
	word.start |= 1 << first
	next.cover |= mask >> (64 - first)
	return fresh
}

// tailOf is what tails holds for an extent of n whole granules and some bytes.
func tailOf(n, bytes uintptr) uint8 {
	if n == 0 {
		return uint8(bytes) | tailStart
	}
	return uint8(bytes)
}

// markSlow is mark for extents that cross words, have ends within a granule, or spare capacity.
func (e *extents) markSlow(lo, live, size uintptr) verdict {
	hi := lo + size
	begin, end := lo&^(granuleBytes-1), (hi+granuleBytes-1)&^(granuleBytes-1)
	if hi < lo || end < hi { // torn data: no such memory
		return conflict
	}
	aligned := lo == begin && live == size
	full := (lo + live) &^ (granuleBytes - 1) // end of the granules that are wholly followed
	if e.free(begin, end) {
		e.set(lo, begin, full, hi, end, aligned)
		return fresh
	}
	if aligned && e.covers(begin, full, end, uint8(hi-full)) {
		return covered
	}
	return conflict
}

// free tells whether no granule of [begin, end) is taken.
func (e *extents) free(begin, end uintptr) bool {
	return e.words(begin, end, func(p *page, w uintptr, mask uint64) bool {
		return p == nil || p.words[w].taken()&mask == 0
	})
}

// covers tells whether the granules [begin, full) lie within one extent, and with them the tail
// bytes of the granule at full, if any.
func (e *extents) covers(begin, full, end uintptr, tail uint8) bool {
	startWord, startBit := begin/wordBytes, uint64(1)<<(begin/granuleBytes%64)
	inside := e.words(begin, full, func(p *page, w uintptr, mask uint64) bool {
		if p == nil || p.words[w].cover&mask != mask {
			return false
		}
		if w == startWord%pageWords && mask&startBit != 0 {
			mask &^= startBit
		}
		return p.words[w].start&mask == 0
	})
	if !inside || tail == 0 {
		return inside
	}
	p := e.peek(full)
	if p == nil {
		return false
	}
	w, bit := full/wordBytes%pageWords, uint64(1)<<(full/granuleBytes%64)
	if p.words[w].cover&bit != 0 { // inside a longer extent, unless one begins here
		return p.words[w].start&bit == 0 || begin == full
	}
	known := p.tail(full)
	if begin != full && known&tailStart != 0 { // another extent, which begins at our tail
		return false
	}
	return known&^tailStart >= tail
}

// set marks the extent [lo, hi) of the granules [begin, end): those wholly in [begin, full) as
// followed, the others as taken in part.
func (e *extents) set(lo, begin, full, hi, end uintptr, aligned bool) {
	if lo != begin { // the first granule is taken in part
		e.partial(begin, begin+granuleBytes)
		begin += granuleBytes
	}
	full = max(full, begin)
	if begin < full {
		e.fill(begin, full)
	}
	e.partial(full, end)
	if !aligned || hi == full {
		return
	}
	e.setTail(e.page(full), full, tailOf(full-begin, hi-full))
}

// fill marks the granules [begin, end) as one followed extent.
func (e *extents) fill(begin, end uintptr) {
	first := e.page(begin)
	first.words[begin/wordBytes%pageWords].start |= 1 << (begin / granuleBytes % 64)
	for begin < end {
		if begin%pageBytes == 0 && end-begin >= pageBytes {
			if entry := e.table.entry(begin); *entry == nil {
				*entry = fullPage
				begin += pageBytes
				continue
			}
		}
		p, w, mask, next := e.page(begin), begin/wordBytes%pageWords, wordMask(begin, end), nextWord(begin)
		p.words[w].cover |= mask
		begin = next
	}
}

// partial marks the granules [begin, end) as taken in part.
func (e *extents) partial(begin, end uintptr) {
	for begin < end {
		e.page(begin).words[begin/wordBytes%pageWords].start |= wordMask(begin, end)
		begin = nextWord(begin)
	}
}

// words calls f for each bitmap word of [begin, end) until it says no; f gets a nil page where
// nothing was marked. Whole pages are passed in one call where they are all alike.
func (e *extents) words(begin, end uintptr, f func(p *page, w uintptr, mask uint64) bool) bool {
	for begin < end {
		p := e.peek(begin)
		if !f(p, begin/wordBytes%pageWords, wordMask(begin, end)) {
			return false
		}
		if (p == nil || p == fullPage) && begin%pageBytes == 0 && end-begin >= pageBytes {
			begin += pageBytes
			continue
		}
		begin = nextWord(begin)
	}
	return true
}

// wordMask is the bits of [begin, end) in the bitmap word that holds begin.
func wordMask(begin, end uintptr) uint64 {
	mask := ^uint64(0) << (begin / granuleBytes % 64)
	if stop := nextWord(begin); end < stop {
		mask &= 1<<(end/granuleBytes%64) - 1
	}
	return mask
}

// nextWord is the first address behind the bitmap word that holds an address.
func nextWord(address uintptr) uintptr { return address&^(wordBytes-1) + wordBytes }

// page is the page of an address, made if there is none.
func (e *extents) page(address uintptr) *page {
	entry := e.table.entry(address)
	if *entry == nil {
		*entry = e.pages.next()
	}
	return *entry
}

// peek is the page of an address, or nil.
func (e *extents) peek(address uintptr) *page {
	if entry := e.table.peek(address); entry != nil {
		return *entry
	}
	return nil
}

// reset forgets all extents.
func (e *extents) reset() {
	e.few.n = 0
	if !e.many {
		return
	}
	e.many, e.failed, e.bits = false, false, false
	e.table.reset()
	e.pages.reset()
	e.tails.reset()
}
