package walker

// pageTable has something for each page of 8 KiB of address space that was asked for. It finds it
// by chunks of 4 MiB: the Go heap is dense, so there are few. The page asked for last comes first.
type pageTable[P any] struct {
	lastKey uintptr // page number plus 1; 0 for none
	last    *P
	chunks  chunkTable[P]
	slab    []P // pages not yet handed out
	slabs   [][]P
}

const (
	pageBytes  = 8192
	chunkBytes = 4 << 20
	chunkPages = chunkBytes / pageBytes
	slabPages  = 64
)

// page is the page of an address, made if there is none.
func (t *pageTable[P]) page(address uintptr) *P {
	if address/pageBytes+1 == t.lastKey {
		return t.last
	}
	return t.turn(address)
}

// turn makes the page of an address the last one.
func (t *pageTable[P]) turn(address uintptr) *P {
	slot := t.slot(address)
	if *slot == nil {
		*slot = t.newPage()
	}
	t.lastKey, t.last = address/pageBytes+1, *slot
	return *slot
}

// peek is the page of an address, or nil.
func (t *pageTable[P]) peek(address uintptr) *P {
	c := t.chunks.peek(address / chunkBytes)
	if c == nil {
		return nil
	}
	return c.pages[address%chunkBytes/pageBytes]
}

// slot is where the page of an address is or would be.
func (t *pageTable[P]) slot(address uintptr) **P {
	return &t.chunks.get(address).pages[address%chunkBytes/pageBytes]
}

func (t *pageTable[P]) newPage() *P {
	if len(t.slab) == 0 {
		t.slab = make([]P, slabPages)
		t.slabs = append(t.slabs, t.slab)
	}
	p := &t.slab[0]
	t.slab = t.slab[1:]
	return p
}

// reset forgets all pages. It keeps one slab, no more: a pooled table must not pin what one large
// walk needed. The slab's pages in use are cleared, after clean has seen them.
func (t *pageTable[P]) reset(clean func(pages []P)) {
	t.lastKey, t.last = 0, nil
	t.chunks.reset()
	if len(t.slabs) == 0 {
		return
	}
	used := t.slabs[0]
	if len(t.slabs) == 1 {
		used = used[:slabPages-len(t.slab)]
	}
	if clean != nil {
		clean(used)
	}
	clear(used)
	clear(t.slabs[1:])
	t.slabs = t.slabs[:1]
	t.slab = t.slabs[0]
}

// chunkTable finds the pages of a chunk: a small hash table with open addressing, and the chunk
// used last in front of it.
type chunkTable[P any] struct {
	lastKey uintptr
	last    *chunk[P]
	slots   []chunkSlot[P] // a power of two, at most half full
	used    int
}

type chunkSlot[P any] struct {
	key   uintptr
	chunk *chunk[P] // nil: free
}

type chunk[P any] struct {
	pages [chunkPages]*P
}

// get is the chunk of an address, made if there is none.
func (t *chunkTable[P]) get(address uintptr) *chunk[P] {
	key := address / chunkBytes
	if t.last != nil && t.lastKey == key {
		return t.last
	}
	c := t.peek(key)
	if c == nil {
		c = t.insert(key)
	}
	t.lastKey, t.last = key, c
	return c
}

// peek is the chunk with a key, or nil.
func (t *chunkTable[P]) peek(key uintptr) *chunk[P] {
	if t.last != nil && t.lastKey == key {
		return t.last
	}
	if len(t.slots) == 0 {
		return nil
	}
	return t.slots[t.slot(key)].chunk
}

// slot is where a key is or would be.
func (t *chunkTable[P]) slot(key uintptr) uintptr {
	mask := uintptr(len(t.slots) - 1)
	i := (key ^ key>>8) * 0x9E3779B1 >> 4 & mask
	for t.slots[i].chunk != nil && t.slots[i].key != key {
		i = (i + 1) & mask
	}
	return i
}

func (t *chunkTable[P]) insert(key uintptr) *chunk[P] {
	if 2*(t.used+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]chunkSlot[P], max(8, 2*len(old)))
		for _, s := range old {
			if s.chunk != nil {
				t.slots[t.slot(s.key)] = s
			}
		}
	}
	c := new(chunk[P])
	t.slots[t.slot(key)] = chunkSlot[P]{key, c}
	t.used++
	return c
}

// reset forgets the chunks; small tables and the last chunk are kept for the next walk.
func (t *chunkTable[P]) reset() {
	if t.used == 0 {
		return
	}
	if t.used > 16 {
		*t = chunkTable[P]{}
		return
	}
	for i := range t.slots {
		if c := t.slots[i].chunk; c != nil {
			clear(c.pages[:])
		}
	}
}
