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
// A partly taken granule is in conflict with everything, except that its tail says how many bytes
// of it an aligned extent takes, so that a string that is met again is covered. Where an extent
// begins it has a tail only if it is shorter than a granule.
type extents struct {
	owners pageTable[uint32] // for each page the content that owns its extents
	table  pageTable[*page]
	pages  slab[page]
}

const (
	granuleBytes = 8
	wordBytes    = 64 * granuleBytes // memory behind one word of a bitmap
	// maxBits is up to how many bytes of an extent have bits. Programs that map files have pointers to
	// arrays as large as the address space: those put all memory in dispute.
	maxBits   = 1 << 36
	pageWords = pageBytes / wordBytes
)

// page holds the bits of 8 KiB of memory.
type page [pageWords]extentBits

// extentBits are the bits of 512 bytes of memory.
type extentBits struct {
	cover, start uint64
	// tails has four bits for every two granules: how many bytes (1 to 7) are taken of one of them,
	// and of which. Where both are taken in part, only one is known.
	tails [2]uint64
}

// taken are the granules that are not free.
func (b *extentBits) taken() uint64 { return b.cover | b.start }

// tail is how many bytes are taken of a granule that an aligned extent takes in part; 0 if that is
// not known.
func (b *extentBits) tail(granule uintptr) uintptr {
	code := uintptr(b.tails[granule/32] >> (granule % 32 / 2 * 4) & 15)
	if code>>3 != granule%2 {
		return 0
	}
	return code & 7
}

// setTail notes how many bytes are taken of a granule; false if there is no room for that. It is
// called once for a granule, when it is taken.
func (b *extentBits) setTail(granule, bytes uintptr) bool {
	tails, shift := &b.tails[granule/32], granule%32/2*4
	if *tails>>shift&15 != 0 {
		return false
	}
	*tails |= uint64(bytes|granule%2<<3) << shift
	return true
}

// end takes the granule in which an extent ends: the first bytes of it. begins tells that the
// extent also begins there.
func (b *extentBits) end(granule, bytes uintptr, begins bool) {
	known, bit := b.setTail(granule, bytes), uint64(1)<<granule
	b.start |= bit
	if begins && known {
		b.cover |= bit
	}
}

// fullPage stands for every page that lies wholly inside one extent. It is never written.
var fullPage = func() *page {
	p := new(page)
	for i := range p {
		p[i].cover = ^uint64(0)
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
	if (lo|size)%granuleBytes == 0 && live == size && size <= wordBytes {
		return e.markWhole(lo, size)
	}
	first, n := lo/granuleBytes%64, size/granuleBytes
	tail := size % granuleBytes
	if lo%granuleBytes != 0 || live != size || tail == 0 || first+n >= 64 {
		return e.markSlow(lo, live, size)
	}
	word := &e.page(lo)[lo/wordBytes%pageWords]
	mask := (uint64(1)<<n - 1) << first
	if word.taken()&(mask|1<<(first+n)) != 0 {
		return e.markSlow(lo, live, size)
	}
	word.cover |= mask
	word.start |= 1 << first
	word.end(first+n, tail, n == 0)
	return fresh
}

// mark takes the granules of a mask, the first of which is given, for one extent.
func (b *extentBits) mark(mask uint64, first uintptr) verdict {
	start := uint64(1) << first
	switch {
	case b.taken()&mask == 0:
		b.cover |= mask
		b.start |= start
		return fresh
	case b.cover&mask == mask && b.start&mask&^start == 0 &&
		(b.start&start == 0 || b.tail(first) == 0):
		return covered
	}
	return conflict
}

// markWhole is mark for a short extent that is followed as a whole and begins and ends on a
// granule.
func (e *extents) markWhole(lo, size uintptr) verdict {
	first, n := lo/granuleBytes%64, size/granuleBytes
	mask := ^uint64(0) >> (64 - n)
	p, w := e.page(lo), lo/wordBytes%pageWords
	if first+n <= 64 {
		return p[w].mark(mask<<first, first)
	}
	if w == pageWords-1 {
		return e.markSlow(lo, size, size)
	}
	word, next := &p[w], &p[w+1] // the extent crosses from one word to the next
	if word.taken()&(mask<<first) != 0 || next.taken()&(mask>>(64-first)) != 0 {
		return e.markSlow(lo, size, size)
	}
	word.cover |= mask << first
	word.start |= 1 << first
	next.cover |= mask >> (64 - first)
	return fresh
}

// markSlow is mark for extents that cross words, have ends within a granule, or spare capacity.
func (e *extents) markSlow(lo, live, size uintptr) verdict {
	hi := lo + size
	begin, end := lo&^(granuleBytes-1), (hi+granuleBytes-1)&^(granuleBytes-1)
	if hi < lo || end < hi || uint64(size) > maxBits { // or torn data: no such memory
		return conflict
	}
	aligned := lo == begin && live == size
	full := (lo + live) &^ (granuleBytes - 1) // end of the granules that are wholly followed
	if e.free(begin, end) {
		e.set(lo, begin, full, hi, end, aligned)
		return fresh
	}
	if aligned && e.covers(begin, full, hi-full) {
		return covered
	}
	return conflict
}

// free tells whether no granule of [begin, end) is taken.
func (e *extents) free(begin, end uintptr) bool {
	return e.words(begin, end, func(p *page, w uintptr, mask uint64) bool {
		return p == nil || p[w].taken()&mask == 0
	})
}

// covers tells whether the granules [begin, full) lie within one extent, and with them the tail
// bytes of the granule at full, if any.
func (e *extents) covers(begin, full, tail uintptr) bool {
	startWord, startGranule := begin/wordBytes, begin/granuleBytes%64
	inside := e.words(begin, full, func(p *page, w uintptr, mask uint64) bool {
		if p == nil || p[w].cover&mask != mask {
			return false
		}
		if start := uint64(1) << startGranule; w == startWord%pageWords && p[w].start&mask&start != 0 {
			if p[w].tail(startGranule) != 0 { // an extent of less than a granule
				return false
			}
			mask &^= start
		}
		return p[w].start&mask == 0
	})
	if !inside || tail == 0 {
		return inside
	}
	p := e.peek(full)
	if p == nil {
		return false
	}
	word, granule := &p[full/wordBytes%pageWords], full/granuleBytes%64
	covers, begins := word.cover>>granule&1 != 0, word.start>>granule&1 != 0
	switch known := word.tail(granule); {
	case covers && !begins: // inside a longer extent
		return true
	case covers && begin != full: // another extent begins at our tail
		return false
	case covers && known == 0:
		return true
	default:
		return known >= tail
	}
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
	if !aligned || hi == full {
		e.partial(full, end)
		return
	}
	e.page(full)[full/wordBytes%pageWords].end(full/granuleBytes%64, hi-full, begin == full)
}

// fill marks the granules [begin, end) as one followed extent.
func (e *extents) fill(begin, end uintptr) {
	first := e.page(begin)
	first[begin/wordBytes%pageWords].start |= 1 << (begin / granuleBytes % 64)
	for begin < end {
		if begin%pageBytes == 0 && end-begin >= pageBytes {
			if entry := e.table.entry(begin); *entry == nil {
				e.table.fill(entry, fullPage)
				begin += pageBytes
				continue
			}
		}
		p, w, mask, next := e.page(begin), begin/wordBytes%pageWords, wordMask(begin, end), nextWord(begin)
		p[w].cover |= mask
		begin = next
	}
}

// partial marks the granules [begin, end) as taken in part.
func (e *extents) partial(begin, end uintptr) {
	for begin < end {
		e.page(begin)[begin/wordBytes%pageWords].start |= wordMask(begin, end)
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
		e.table.fill(entry, e.pages.next())
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
	e.table.reset()
	e.owners.reset()
	e.pages.reset()
}
