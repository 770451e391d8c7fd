package walker

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/gort"
)

// blockMarks is what a walk that asks for blocks knows of each: two bits, on the page where its
// value begins.
//
//	met part
//	 0   0   not met
//	 1   0   held, and all that its value leads to is followed or will be: nothing more to do
//	 1   1   held, and entered in its middle or in part: the extents say what was followed
//
// Nearly all references lead to the beginning of a value that fills its block. They need a look at
// the page's entry and one bit: few pages have any bits for part.
type blockMarks struct {
	pageTable[blockPage]
	crew     *crew // nil where one session walks; else it is the session of a worker
	worker   int
	contents *[]content    // of the session, by number; nil where nothing is known of them
	disputes *disputes     // in a walk by extents; else nil
	words    arena[uint64] // for pages
	ids      arena[uint8]  // for pages: see blockPage.low
	highs    arena[uint16]
	counts   arena[uint32]                     // for pages: see blockPage.counts, pageRest.parts
	bytes    arena[tinyBits]                   // for pages in a walk by extents: see extentSet
	rests    []pageRest                        // of the pages that have one
	shapes   map[block.Shape]*blockShape       // kept from walk to walk
	recent   [maxRecent / wordSize]*blockShape // of small blocks, by size: those met last
}

// blockPage is what is known of a page; without a shape, nothing yet.
//
// What a block was met as is the number of a content (see spans.go). The blocks of a page are mostly
// alike: then the number stands for all of them. Else each block has a byte of its own, and a second
// one where there are more than 255 contents.
type blockPage struct {
	start  uintptr // of the span
	shape  *blockShape
	words  *blockWords         // of the blocks that begin on the page
	low    *[maxPerPage]uint8  // of the contents of blocks; nil: all are sole
	high   *[maxPerPage]uint16 // of the contents of blocks; nil: all are 0
	counts *[maxPerPage]uint32 // of values in a block where they do not fill it; nil: all do, as where it is 0
	first  uint32              // number of the first of the blocks in the span
	rest   uint32              // number in rests, plus 1; 0 for none
	sole   uint32              // content of all blocks that were met; 0 for none
	queued queued              // whether the page will be walked
	late   bool                // some blocks are to be followed when all typed memory was walked
}

// queued is what will be walked of a page.
type queued uint8

const (
	none    queued = iota
	single         // the block that is named in the queue
	several        // all blocks that were met and not walked
)

// maxPerPage is how many blocks begin on a page at most.
const maxPerPage = pageBytes / 8

// pageRest is what is known of few pages: where a block was met in part, or where small values share
// blocks in a walk by extents.
type pageRest struct {
	part  *blockWords           // whether a block was met in part, and whether it is late; nil until needed
	parts *[maxPerPage]uint32   // in a walk by blocks: numbers of partial blocks, plus 1; nil until needed
	bytes *[tinyBlocks]tinyBits // in a walk by extents: see extentSet; nil until needed
	// seconds are in a walk by extents: see Session.shareTiny; nil until needed.
	seconds *[tinyBlocks]uint16
}

// blockShape is what the blocks of a span are like. The pages of a size class share one, so that it
// is always at hand.
type blockShape struct {
	block.Shape
	header      uintptr // bytes in front of a block's value
	least, most uintptr // bytes, of the values that the allocator gives these blocks to
	tiny        bool    // values without pointers share the blocks
	noscan      bool    // blocks without pointers
	large       bool    // some have a header, or a span of their own
	n           uintptr // words with the bits of a page: see words
	// missing is where in a page's words are those for what is missing; 0 if there are none. gapped is
	// the shape of pages that have them. See extentSet.
	missing uintptr
	gapped  *blockShape
}

// notHeap is the shape of what is not on the heap. No value fits it: none begins at the last address.
var notHeap = &blockShape{header: ^uintptr(0), least: 1}

// blockWords are the bits of the blocks on a page: for each whether it was met (or met in part); then,
// if they have pointers, for each whether its content was walked or is walked in another way than
// with its page; then, on pages of a gapped shape, the bytes that are missing in each. A page of larger
// blocks than those of 8 bytes has less of them: what lies behind are another page's.
type blockWords [2*metWords + missingWords]uint64

const (
	metWords     = pageBytes / 8 / 64
	missingWords = pageBytes / 8 / 16
)

// maxRecent is the size of blocks, in bytes, whose shapes are found at once.
const maxRecent = 1 << 10

// maxShapes and maxRests bound what is kept from walk to walk; large blocks come in all sizes.
const (
	maxShapes = 1 << 10
	maxRests  = 64
)

// of is the entry of the page that p points into.
func (m *blockMarks) of(p unsafe.Pointer) *blockPage {
	if uintptr(p)/pageBytes+1 == m.lastKey {
		return m.last
	}
	return m.turnTo(p)
}

// turnTo makes the page of p the last one.
func (m *blockMarks) turnTo(p unsafe.Pointer) *blockPage {
	address := uintptr(p)
	if key := address / chunkBytes; len(m.slots) > 0 {
		// The first place is mostly the right one: this is turn, without a call.
		s := &m.slots[(key^key>>16)&uintptr(len(m.slots)-1)]
		if s.key == key && s.chunk != nil {
			page := &s.chunk[address/pageBytes%chunkPages]
			if page.shape != nil {
				m.lastKey, m.last = address/pageBytes+1, page
				return page
			}
		}
	}
	page := m.turn(address)
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
	if m.crew != nil && m.crew.owner(known.Start()) != m.worker {
		m.fill(page, blockPage{start: known.Start(), shape: elsewhere})
		return
	}
	var recent **blockShape
	if size := known.Size(); size < maxRecent {
		recent = &m.recent[size/wordSize]
	}
	if recent != nil && *recent != nil && (*recent).Shape == known.Shape {
		m.enter(page, *recent, known.Start(), p)
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
		shape.large = uint64(shape.Size()) > gort.MaxBitmapped(uint64(wordSize))
		shape.noscan = !shape.Pointers()
		shape.n = (shape.perPage() + 63) / 64
		gapped := *shape
		gapped.missing, shape.gapped = shape.bits(), &gapped
		m.shapes[known.Shape] = shape
	}
	if recent != nil {
		*recent = shape
	}
	m.enter(page, shape, known.Start(), p)
}

// enter fills the entry of the page of p, which is in a span of a shape.
func (m *blockMarks) enter(page *blockPage, shape *blockShape, start uintptr, p unsafe.Pointer) {
	m.fill(page, blockPage{start: start, shape: shape})
	size := shape.Size()
	begin := uintptr(p) / pageBytes * pageBytes
	page.first = uint32((begin - page.start + size - 1) / size)
	page.words = m.wordsFor(shape.bits())
	if m.disputes != nil && m.disputes.any {
		m.setDisputed(page, begin)
	}
}

// perPage is how many blocks may begin on a page.
func (s *blockShape) perPage() uintptr { return (pageBytes-1)/s.Size() + 1 }

// words is how many words have a bit for each block of a page.
func (s *blockShape) words() uintptr { return s.n }

// bits is how many words have all the bits of a page.
func (s *blockShape) bits() uintptr {
	if s.Pointers() {
		return 2 * s.n
	}
	return s.n
}

// wordsFor gives a page n words of its own.
func (m *blockMarks) wordsFor(n uintptr) *blockWords {
	return (*blockWords)(m.words.take(n, uintptr(len(blockWords{}))))
}

// reset forgets all blocks.
func (m *blockMarks) reset() {
	m.crew = nil
	if m.used == 0 {
		return
	}
	m.pageTable.reset()
	m.words.reset()
	m.bytes.reset()
	m.ids.reset()
	m.highs.reset()
	m.counts.reset()
	clear(m.rests)
	if m.rests = m.rests[:0]; cap(m.rests) > maxRests {
		m.rests = nil
	}
	if len(m.shapes) > maxShapes {
		m.shapes = nil
	}
}

// block is the block that p points into. The page must be on the heap.
func (b *blockPage) block(p unsafe.Pointer) block.Block {
	return b.shape.Block(p, uintptr(p)-b.start)
}

// heap tells whether the page is on the heap, and this session's if several walk.
func (b *blockPage) heap() bool { return b.shape != notHeap && b.shape != elsewhere }

// bit is the place for the bit of a block that begins on the page: whether it was met.
func (b *blockPage) bit(index uintptr) (*uint64, uint64) {
	i := index - uintptr(b.first)
	return &b.words[i/64%metWords], 1 << (i % 64)
}

// isPart tells whether a block that begins on a page and was met was so in part.
func (m *blockMarks) isPart(page *blockPage, index uintptr) bool {
	if page.rest == 0 {
		return false
	}
	part, i := m.rests[page.rest-1].part, index-uintptr(page.first)
	return part != nil && part[i/64%metWords]>>(i%64)&1 != 0
}

// restOf is what is known of few pages, made for one that has none.
func (m *blockMarks) restOf(page *blockPage) *pageRest {
	if page.rest == 0 {
		m.rests = append(m.rests, pageRest{})
		page.rest = uint32(len(m.rests))
	}
	return &m.rests[page.rest-1]
}

// mark takes the block of a value of size bytes at p as a whole: fresh if it was not met, covered if
// it is held as a whole already. It is in conflict, and nothing is marked, where p does not lead to
// the beginning of a value of just that size, or the block was met in part. With trust nothing is
// looked for behind the value: all of the block is its own.
func (m *blockMarks) mark(page *blockPage, p unsafe.Pointer, size uintptr, trust bool) verdict {
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header != offset || size-shape.least > shape.most-shape.least {
		return page.markTiny(index, size)
	}
	word, bit := page.bit(index)
	switch {
	case *word&bit == 0:
		if size != shape.most && !trust && page.pointersBehind(p, size) {
			return conflict
		}
		*word |= bit
		page.leave(index)
		return fresh
	case m.isPart(page, index):
		return conflict
	}
	return covered
}

// close marks a block as met as a whole, and has its content not walked.
func (m *blockMarks) close(b block.Block) {
	page, index := m.begin(b)
	word, bit := page.bit(index)
	*word |= bit
	page.leave(index)
}

// leave has a block's content not walked with its page.
func (b *blockPage) leave(index uintptr) {
	if b.shape.Pointers() {
		i := index - uintptr(b.first)
		b.words[b.shape.n+i/64] |= 1 << (i % 64)
	}
}

// fits tells whether the size bytes at p are all there is in their block.
func (b *blockPage) fits(p unsafe.Pointer, size uintptr) bool {
	shape, offset := b.shape, uintptr(p)-b.start
	return shape.Index(offset)*shape.Size()+shape.header == offset &&
		size-shape.least <= shape.most-shape.least && !b.pointersBehind(p, size)
}

// tinyBytes is the size of the blocks that values below it share if they have no pointers
// (runtime/malloc.go, maxTinySize).
const tinyBytes = gort.TinyBlock

// markTiny is mark for the values that share a block of 16 bytes, of which nothing more can be said.
func (b *blockPage) markTiny(index, size uintptr) verdict {
	if size > tinyBytes || !b.shape.tiny {
		return conflict
	}
	word, bit := b.bit(index)
	if *word&bit != 0 { // there are no pointers to follow
		return covered
	}
	*word |= bit
	return fresh
}

// pointersBehind tells whether something lies behind the size bytes at p in their block, which has
// pointers. What was not asked for is mostly 0, but a block that was used before may have old words
// there, which are no pointers to the collector.
func (b *blockPage) pointersBehind(p unsafe.Pointer, size uintptr) bool {
	if !b.shape.Pointers() {
		return false
	}
	held, header := b.block(p), b.shape.header
	lo, hi := alignUp(size), held.Limit()-header
	if zero(p, lo, hi) {
		return false
	}
	for ; lo+wordSize <= hi; lo += wordSize {
		if held.HasPointer(header + lo) {
			return true
		}
	}
	return false
}

// markPart takes a block in part; false if it was met.
func (m *blockMarks) markPart(b block.Block) bool {
	page, index := m.begin(b)
	word, bit := page.bit(index)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	m.setPart(page, index-uintptr(page.first))
	page.leave(index)
	return true
}

// setPart notes that a block of a page was met in part.
func (m *blockMarks) setPart(page *blockPage, i uintptr) {
	m.partsOf(page).part[i/64] |= 1 << (i % 64)
}

// partsOf is what is known of the blocks of a page that were met in part.
func (m *blockMarks) partsOf(page *blockPage) *pageRest {
	rest := m.restOf(page)
	if rest.part == nil {
		rest.part = m.wordsFor(2 * page.shape.n)
	}
	return rest
}

// setLate has a block of a page walked when all typed memory was walked, or not.
func (m *blockMarks) setLate(page *blockPage, i uintptr, late bool) {
	word, bit := &m.partsOf(page).part[page.shape.n+i/64], uint64(1)<<(i%64)
	if *word |= bit; !late {
		*word &^= bit
	}
}

// begin is the page on which a block begins, which may be another one than that on which it was met,
// and its number there.
func (m *blockMarks) begin(b block.Block) (page *blockPage, index uintptr) {
	page = m.of(b.Base)
	return page, page.shape.Index(uintptr(b.Base) - page.start)
}
