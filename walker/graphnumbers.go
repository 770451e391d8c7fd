package walker

import (
	"math"
	"math/bits"
	"sort"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// graphNumbers gives the blocks of a graph numbers, by the page on which they begin: the blocks of a page,
// all of one size, have numbers in a row, whether they are met or not. So a reference is recorded without
// a look at anything but the page's first number. When all are met, count makes numbers without gaps of
// them: the rank of a number is how many before it were met.
type graphNumbers struct {
	first    pageTable[uint32] // by page: the number of the first block that begins there; 0 for none
	pages    []graphPage       // in the order of their numbers
	next     uint32            // the first number that is free
	met      []uint64          // bits by number
	ranks    []uint32          // of each word of met
	vertices uint32            // how many were met
	excluded map[uint32]bool   // by number
	full     bool              // a block has no number, for there are no more
}

// graphPage is a page on which blocks begin.
type graphPage struct {
	begin    uintptr // of the first block that begins there
	size     uintptr // of each
	first    uint32  // its number
	pointers bool    // the collector looks for pointers in them
}

// entryNumber is the bit of the numbers of entries.
const entryNumber = 1 << 31

// one gives a number that is not a block's.
func (n *graphNumbers) one() uint32 {
	id := n.next
	n.room(1)
	n.set(id)
	return id
}

// room makes room for so many more numbers.
func (n *graphNumbers) room(count int) {
	n.next += uint32(count)
	for len(n.met)*64 < int(n.next) {
		n.met = append(n.met, 0)
	}
}

// set has the block of a number be a vertex.
func (n *graphNumbers) set(id uint32) { n.met[id/64] |= 1 << (id % 64) }

// of is the number of the block of a base and size.
func (n *graphNumbers) of(base, size uintptr) uint32 {
	return n.page(base, size, base%pageBytes/size) + uint32(base%pageBytes/size)
}

// page is the first number of the page on which a block begins, as number i there.
func (n *graphNumbers) page(base, size, i uintptr) uint32 {
	first := n.first.entry(base)
	if *first == 0 {
		if n.next > entryNumber-maxPerPage-1 || uint64(size)/graphWord > math.MaxUint32 {
			n.full = true
			return 0
		}
		*first = n.next
		known, _ := block.Of(pointerTo(base))
		n.pages = append(n.pages, graphPage{base - i*size, size, n.next, known.Pointers})
		n.room(int((pageBytes-1)/size + 1))
	}
	return *first
}

// known is the number of a block that is a vertex; false if it is none.
func (n *graphNumbers) known(base, size uintptr) (uint32, bool) {
	first := n.first.peek(base)
	if first == nil || *first == 0 {
		return 0, false
	}
	id := *first + uint32(base%pageBytes/size)
	return id, n.met[id/64]>>(id%64)&1 != 0
}

func (n *graphNumbers) exclude(id uint32) {
	if n.excluded == nil {
		n.excluded = map[uint32]bool{}
	}
	n.excluded[id] = true
}

func (n *graphNumbers) isExcluded(id uint32) bool { return n.excluded[id] }

// count finds the ranks of all numbers.
func (n *graphNumbers) count() {
	for id := range n.excluded {
		n.met[id/64] &^= 1 << (id % 64)
	}
	n.ranks = make([]uint32, len(n.met))
	for i, w := range n.met {
		n.ranks[i] = n.vertices
		n.vertices += uint32(bits.OnesCount64(w))
	}
}

// rank is the vertex of a number.
func (n *graphNumbers) rank(id uint32) uint32 {
	return n.ranks[id/64] + uint32(bits.OnesCount64(n.met[id/64]&(1<<(id%64)-1)))
}

// sizes writes the size of each block, in words.
func (n *graphNumbers) sizes(words []uint32) {
	end := n.vertices
	for i := len(n.pages) - 1; i >= 0; i-- {
		p := &n.pages[i]
		begin := n.rank(p.first)
		for v := begin; v < end; v++ {
			words[v] = uint32(p.size / graphWord)
		}
		end = begin
	}
}

// eachMet calls f with each block that is a vertex: number i of those that begin on a page.
func (n *graphNumbers) eachMet(f func(v uint32, p *graphPage, i uintptr)) {
	for k := range n.pages {
		p, end := &n.pages[k], n.next
		if k+1 < len(n.pages) {
			end = n.pages[k+1].first
		}
		v := n.rank(p.first)
		for id := p.first; id < end; id++ {
			if n.met[id/64]>>(id%64)&1 != 0 {
				f(v, p, uintptr(id-p.first))
				v++
			}
		}
	}
}

// base is where the block of a vertex begins.
func (n *graphNumbers) base(v uint32) uintptr {
	i := sort.Search(len(n.pages), func(i int) bool { return n.rank(n.pages[i].first) > v }) - 1
	p := &n.pages[i]
	k := sort.Search(maxPerPage, func(k int) bool { // the first number beyond v
		id := p.first + uint32(k) + 1
		return id >= n.next || n.rank(id) > v
	})
	return p.begin + uintptr(k)*p.size
}
