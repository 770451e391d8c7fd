package walker

import (
	"errors"
	"math/bits"
	"unsafe"
)

// disputes are the ranges of memory in which extents overlap in a way that cannot be settled when they
// are met. The walk that finds one goes on to find the others. Then it begins anew, logs what it
// meets in these ranges (overlap.go), and settles there what the log says; elsewhere nothing changes.
// So what overlaps costs in proportion to its own size.
type disputes struct {
	table  pageTable[[]addresses] // the ranges on each page
	any    bool
	all    bool // all memory is in dispute
	grown  bool // by what this walk met
	passes int
}

// addresses are those from lo up to hi.
type addresses struct{ lo, hi uintptr }

// maxDispute is how many bytes a range has at most: where more is in dispute, all memory is.
const maxDispute = 1 << (min(33, bits.UintSize-2))

// early is how many containers a walk has found at most when a dispute ends it at once: else it goes on to
// find all others.
const early = 1 << 10

// errEarly ends such a walk.
var errEarly = errors.New("walker: a dispute was found early")

// maxPasses is how many walks may each find new ranges, before all memory is in dispute.
const maxPasses = 6

// add puts a range in dispute.
func (d *disputes) add(lo, hi uintptr) {
	d.any, d.grown = true, true
	if hi < lo || hi-lo > maxDispute {
		d.all = true
		return
	}
	for page := lo / pageBytes; page <= (hi-1)/pageBytes; page++ {
		list := d.table.entry(page * pageBytes)
		*list = append(*list, addresses{lo, hi})
	}
}

// touch tells whether any of the size bytes at an address are in dispute; then all of them are, from now
// on.
func (d *disputes) touch(lo, size uintptr) bool {
	if !d.any {
		return false
	}
	hi := lo + max(size, 1)
	switch {
	case d.all:
		return true
	case hi < lo || size > maxDispute:
		d.all, d.grown = true, true
		return true
	}
	touched := false
	for page := lo / pageBytes; page <= (hi-1)/pageBytes; page++ {
		list := d.table.peek(page * pageBytes)
		if list == nil {
			continue
		}
		for _, x := range *list {
			if x.lo <= lo && hi <= x.hi {
				return true
			}
			touched = touched || lo < x.hi && x.lo < hi
		}
	}
	if touched {
		d.add(lo, hi)
	}
	return touched
}

// reset forgets all ranges.
func (d *disputes) reset() {
	if d.any || d.all {
		*d = disputes{}
	}
}

// walkExtents is Walk by extents: as many walks as find new disputes.
func (s *Session) walkExtents(roots []Root) error {
	if s.options.Sorted {
		s.disputes.all, s.disputes.any = true, true
	}
	for {
		s.disputes.grown = false
		s.extents.use(BlocksExact() && !s.options.NoBlockMarks, &s.contents)
		if s.extents.blocks != nil {
			s.extents.blocks.disputes = &s.disputes
		}
		s.marks, s.paged = s.extents.blocks, s.byPages() && !s.disputes.all
		if s.disputes.any {
			s.log = newViewLog()
		}
		err := s.pass(roots)
		if err != nil && err != errEarly || !s.disputes.grown {
			s.resolve()
			return err
		}
		if s.disputes.passes++; s.disputes.passes == maxPasses {
			s.disputes.all = true
		}
		s.restart()
	}
}

// dispute puts in dispute what the size bytes at p overlap.
func (s *Session) dispute(p unsafe.Pointer, size uintptr) {
	lo, hi := uintptr(p), uintptr(p)+max(size, 1)
	if blocks := s.extents.blocks; blocks != nil {
		if page := blocks.of(p); page.heap() {
			b := page.block(p)
			if end := uintptr(b.Base) + b.Size; hi <= end { // nothing reaches beyond its block
				s.disputeRange(uintptr(b.Base), end)
				return
			}
		}
	}
	s.disputeRange(s.extents.around(lo, hi))
}

// disputeRange puts a range of addresses in dispute.
func (s *Session) disputeRange(lo, hi uintptr) {
	if s.options.NoSorting {
		s.failure = ErrOverlap
	}
	if s.disputes.add(lo, hi); s.log == nil {
		s.log = newViewLog()
	}
	s.paged = s.paged && !s.disputes.all
	if blocks := s.extents.blocks; blocks != nil && !s.disputes.all {
		for page := lo / pageBytes; page <= (hi-1)/pageBytes; page++ {
			if e := blocks.peek(page * pageBytes); e != nil && e.shape != nil && e.heap() {
				blocks.setDisputed(e, page*pageBytes)
			}
		}
	}
	if s.found < early && s.disputes.passes < maxPasses/2 && s.failure == nil {
		s.failure = errEarly
	}
}

// disputed tells whether any of the size bytes at p are in dispute.
func (s *Session) disputed(p unsafe.Pointer, size uintptr) bool {
	if !s.disputes.any {
		return false
	}
	if blocks := s.extents.blocks; blocks != nil && !s.disputes.all {
		if page := blocks.of(p); page.heap() && page.rest == 0 && size <= pageBytes-uintptr(p)%pageBytes {
			return false // see setDisputed
		}
	}
	return s.disputes.touch(uintptr(p), size)
}

// setDisputed has a look taken at all that leads to blocks of a page that are in dispute: they are blocks
// that were met in part. What waits in the queue is left there.
func (m *blockMarks) setDisputed(page *blockPage, address uintptr) {
	list := m.disputes.table.peek(address)
	if list == nil {
		return
	}
	for _, x := range *list {
		m.restOf(page)
		lo, hi := max(x.lo, address), min(x.hi, address+pageBytes)
		for index := page.shape.Index(lo - page.start); page.start+index*page.shape.Size() < hi; index++ {
			if index < uintptr(page.first) || page.shape.tiny {
				continue
			}
			if word, bit := page.bit(index); *word&bit == 0 {
				*word |= bit
				page.leave(index)
			}
			m.setPart(page, index-uintptr(page.first))
		}
	}
}

// around is the range from lo to hi with all extents that touch it, those that touch these, and so on.
func (e *extents) around(lo, hi uintptr) (uintptr, uintptr) {
	if hi < lo || hi-lo > maxDispute {
		return lo, hi
	}
	for lo = lo &^ (granuleBytes - 1); hi-lo < maxDispute && e.taken(lo-granuleBytes); lo -= granuleBytes {
	}
	for hi = (hi + granuleBytes - 1) &^ (granuleBytes - 1); hi-lo < maxDispute && e.taken(hi); hi += granuleBytes {
	}
	return lo, hi
}

// taken tells whether the granule at an address is.
func (e *extents) taken(address uintptr) bool {
	p := e.peek(address)
	return p != nil && p[address/wordBytes%pageWords].taken()>>(address/granuleBytes%64)&1 != 0
}

// claimed is the verdict on the extent of a container, which holds count values: it is in conflict where
// it is in dispute, too. It tells whether the content is to be followed by a frame: else it is walked with
// its page.
func (s *Session) claimed(n *Node, p unsafe.Pointer, live, size, count uintptr) (v verdict, follow bool) {
	if s.disputed(p, size) {
		return conflict, true
	}
	if n.torn == nil && s.byPages() {
		if v := s.claimBlock(n, p, live, size, count); v != conflict {
			return v, false
		}
	}
	v = s.add(p, live, size, s.contentOf(n, contentValues))
	if v == covered && !s.settles(n, p) {
		v = conflict
	}
	if v == conflict {
		s.dispute(p, size)
	}
	return v, true
}

// byPages tells whether this walk by extents leaves the blocks that containers take whole to the queue.
func (s *Session) byPages() bool {
	return s.extents.blocks != nil && !s.options.NoPrefetch
}

// claimBlock takes the block that is a container's extent of size bytes, and nothing else. It is in
// conflict where there is more to look at. Of a slice with spare capacity its content must tell the size.
func (s *Session) claimBlock(n *Node, p unsafe.Pointer, live, size, count uintptr) verdict {
	blocks := s.extents.blocks
	page := blocks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index, missing, id := shape.Index(offset), shape.most-size, s.contentOf(n, contentValues)
	if shape.tiny {
		if live != size {
			return conflict
		}
		return s.claimTiny(n, page, p, size, id)
	}
	c := &s.contents[id]
	told := c.size != 0 && (!c.many || missing < c.size) // the content tells the size
	if index*shape.Size()+shape.header != offset || missing > shape.most-shape.least && missing > maxMissing ||
		live != size && (!c.many || c.size == 0 || count > shortLimit && (!told || count >= short)) {
		return conflict
	}
	i := index - uintptr(page.first)
	word, bit := page.bit(index)
	if *word&bit != 0 {
		return s.claimAgain(n, page, index, p, live, size)
	}
	counted := !told && live == size && (missing > maxMissing || !n.leaf && c.many)
	if counted && (c.size == 0 || count >= spare) {
		return conflict
	}
	*word |= bit
	switch {
	case live != size && count <= shortLimit:
		blocks.setCount(page, i, uint32(live/c.size)|uint32(count)<<shortBits|short|spare)
	case live != size:
		blocks.setCount(page, i, uint32(live/c.size)|spare)
	case counted:
		blocks.setCount(page, i, uint32(count))
	case !told && missing > 0:
		blocks.setMissing(page, index, missing)
	}
	if page.sole != id {
		blocks.setContent(page, i, id)
	}
	if shape.noscan || n.leaf || n.listed || s.options.Shallow || live == 0 {
		page.leave(index)
	} else {
		s.enqueue(page, i)
	}
	return fresh
}

// claimAgain is claimBlock for a block that was met.
func (s *Session) claimAgain(n *Node, page *blockPage, index uintptr, p unsafe.Pointer, live, size uintptr) verdict {
	if page.rest != 0 || s.mixed || !s.settles(n, p) {
		return conflict
	}
	followed, all := s.extents.blocks.extentOf(page, index)
	if live == size && live <= followed || live == followed && size == all {
		return covered
	}
	return conflict
}

// claimTiny is claimBlock for values that share a block.
func (s *Session) claimTiny(n *Node, page *blockPage, p unsafe.Pointer, size uintptr, id uint32) verdict {
	blocks := s.extents.blocks
	switch v := blocks.tinyBits(page, p).mark(uintptr(p)%tinyBytes, size, size); {
	case v == fresh:
		s.shareTiny(page, uintptr(p), id)
		return fresh
	case v == covered && s.settles(n, p):
		return covered
	}
	return conflict
}

// claimHeader takes the header of the map at p, which is looked at with its page; false where there is more
// to look at.
func (s *Session) claimHeader(n *Node, p unsafe.Pointer) bool {
	if !s.byPages() || !s.readable(n) || s.disputed(p, mapHeaderBytes) {
		return false
	}
	page := s.extents.blocks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index, id := shape.Index(offset), s.contentOf(n, contentHeader)
	if index*shape.Size()+shape.header != offset || mapHeaderBytes != shape.most {
		return false
	}
	if word, bit := page.bit(index); *word&bit == 0 {
		*word |= bit
		s.expect(page, index-uintptr(page.first), id, 1)
		return true
	}
	return page.rest == 0 && !s.mixed && s.settles(n, p)
}

// followMap reports a map, and follows what is in it.
func (s *Session) followMap(n *Node, m unsafe.Pointer) {
	length := uint64(len(*(*map[int]int)(unsafe.Pointer(&m)))) // it is where it is for maps of every type
	s.report(n, length, length)
	switch {
	case length == 0 || n.leaf && n.key.leaf() || s.options.Shallow:
	case length <= blockLength:
		s.aheadOfMap(n, m)
		s.push(m, n, 1)
	default:
		s.push(unsafe.Pointer(s.iterateMap(n, unsafe.Pointer(&m), 0)), n, 0)
	}
}

// add adds an extent with a content to those that were met.
func (s *Session) add(p unsafe.Pointer, live, size uintptr, id uint32) verdict {
	v := s.extents.add(p, live, size)
	if v == fresh {
		s.record(p, uintptr(p), size, id)
	}
	return v
}

// exclude takes memory that no container owns: what leads there is in dispute.
func (s *Session) exclude(p unsafe.Pointer, size uintptr) {
	switch {
	case s.disputes.touch(uintptr(p), size):
	case s.add(p, 0, size, contentVarious) != fresh:
		s.dispute(p, size)
	}
}

// careful is the mode for frames of what lies at p.
func (s *Session) carefulAt(p unsafe.Pointer) uintptr {
	if s.mode == byExtent && s.disputes.touch(uintptr(p), 1) {
		return careful
	}
	return 0
}

// inherited is the mode for frames of memory in the value that is being walked.
func (s *Session) inherited() uintptr {
	if s.careful {
		return careful
	}
	return 0
}

// record notes which content the new extent of size bytes at p, which is at an address, has.
func (s *Session) record(p unsafe.Pointer, address, size uintptr, id uint32) {
	e := &s.extents
	if e.blocks != nil {
		page := e.blocks.of(p)
		if page.heap() {
			index := page.shape.Index(address - page.start)
			if index >= uintptr(page.first) && !e.blocks.isPart(page, index) {
				if page.shape.tiny {
					s.shareTiny(page, address, id)
				} else {
					e.blocks.setContent(page, index-uintptr(page.first), id)
				}
				return
			}
		}
	}
	s.recordPages(address, size, id)
}

// recordPages notes the content of an extent of which the bitmaps have what is known.
func (s *Session) recordPages(address, size uintptr, id uint32) {
	e := &s.extents
	if uint64(size) > maxBits { // no such extent is in the bitmaps
		return
	}
	for page := address / pageBytes; page <= (address+size-1)/pageBytes; page++ {
		owner := e.owners.entry(page * pageBytes)
		*owner = s.both(*owner, id)
	}
}
