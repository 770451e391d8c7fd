package walker

import "github.com/bitcoin-mem/memsize/internal/gort"

// pageTable has an entry for each page of 8 KiB of address space that was asked for. It finds it by
// chunks: the Go heap is dense, so there are few. The entry asked for last comes first. The chunks
// are in a small hash table with open addressing.
type pageTable[E any] struct {
	lastKey uintptr // page number plus 1; 0 for none
	last    *E
	slots   []chunkSlot[E] // a power of two, at most half full
	used    int
	filled  []*E // the first entries that are not zero: see fill
}

const (
	pageBytes  = gort.PageBytes
	chunkPages = 128
	chunkBytes = chunkPages * pageBytes
)

type chunkSlot[E any] struct {
	key   uintptr
	chunk *[chunkPages]E // nil: free
}

// entry is the entry of an address, made if there is none.
func (t *pageTable[E]) entry(address uintptr) *E {
	if address/pageBytes+1 == t.lastKey {
		return t.last
	}
	return t.turn(address)
}

// turn makes the entry of an address the last one.
func (t *pageTable[E]) turn(address uintptr) *E {
	e := t.peek(address)
	if e == nil {
		e = t.insert(address)
	}
	t.lastKey, t.last = address/pageBytes+1, e
	return e
}

// peek is the entry of an address, or nil.
func (t *pageTable[E]) peek(address uintptr) *E {
	if len(t.slots) == 0 {
		return nil
	}
	s := t.slot(address / chunkBytes)
	if s.chunk == nil {
		return nil
	}
	return &s.chunk[address/pageBytes%chunkPages]
}

// slot is where the chunk with a key is or would be. Neighbours in memory are neighbours here.
func (t *pageTable[E]) slot(key uintptr) *chunkSlot[E] {
	mask := uintptr(len(t.slots) - 1)
	for i := key ^ key>>16; ; i++ {
		if s := &t.slots[i&mask]; s.key == key || s.chunk == nil {
			return s
		}
	}
}

// insert makes the chunk of an address.
func (t *pageTable[E]) insert(address uintptr) *E {
	if 2*(t.used+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]chunkSlot[E], max(8, 2*len(old)))
		for _, s := range old {
			if s.chunk != nil {
				*t.slot(s.key) = s
			}
		}
	}
	key := address / chunkBytes
	s := t.slot(key)
	*s = chunkSlot[E]{key, new([chunkPages]E)}
	t.used++
	return &s.chunk[address/pageBytes%chunkPages]
}

// fill sets an entry that was zero. A table of few is reset by these, one of many as a whole.
func (t *pageTable[E]) fill(entry *E, value E) {
	*entry = value
	if len(t.filled) < maxFilled {
		t.filled = append(t.filled, entry)
	}
}

const maxFilled = 64

// reset forgets all entries. Small tables are kept for the next walk.
func (t *pageTable[E]) reset() {
	if t.used > 32 {
		*t = pageTable[E]{}
	}
	t.lastKey, t.last = 0, nil
	if len(t.filled) < maxFilled {
		for _, entry := range t.filled {
			var none E
			*entry = none
		}
	} else {
		for _, s := range t.slots {
			if s.chunk != nil {
				clear(s.chunk[:])
			}
		}
	}
	clear(t.filled)
	t.filled = t.filled[:0]
}

// slab hands out zero values of P from blocks of many.
type slab[P any] struct {
	rest   []P // of the last block: not yet handed out
	blocks [][]P
}

const slabLength = 64

func (s *slab[P]) next() *P {
	if len(s.rest) == 0 {
		s.rest = make([]P, slabLength)
		s.blocks = append(s.blocks, s.rest)
	}
	p := &s.rest[0]
	s.rest = s.rest[1:]
	return p
}

// reset takes all back. It keeps one block, no more: a pooled slab must not pin what one large walk
// needed.
func (s *slab[P]) reset() {
	if len(s.blocks) == 0 {
		return
	}
	used := s.blocks[0]
	if len(s.blocks) == 1 {
		used = used[:slabLength-len(s.rest)]
	}
	clear(used)
	clear(s.blocks[1:])
	s.blocks = s.blocks[:1]
	s.rest = s.blocks[0]
}

// arena hands out runs of zero words of which only the beginning is the taker's: a run may be looked
// at as an array of any length up to the one that was asked for as seen.
type arena[W any] struct {
	rest []W
	kept []W // the first block, for the next walk
	made int // blocks
}

const arenaLength = 1 << 11

// take gives a run of n words of which more are seen.
func (a *arena[W]) take(n, seen uintptr) []W {
	if uintptr(len(a.rest)) < seen {
		switch a.made++; {
		case a.made > 1:
			a.rest = make([]W, arenaLength)
		case a.kept == nil:
			a.kept = make([]W, arenaLength)
			fallthrough
		default:
			a.rest = a.kept
		}
	}
	run := a.rest[:seen]
	a.rest = a.rest[n:]
	return run
}

// reset takes all back, and keeps one block.
func (a *arena[W]) reset() {
	if a.made == 0 {
		return
	}
	used := len(a.kept)
	if a.made == 1 {
		used -= len(a.rest)
	}
	clear(a.kept[:used])
	a.rest, a.made = nil, 0
}
