package walker

// chunkTable finds the pages of a chunk of 4 MiB of address space: a small hash table with open
// addressing, and the chunk used last in front of it. The Go heap is dense, so there are few.
type chunkTable struct {
	lastKey uintptr
	last    *chunk
	slots   []chunkSlot // a power of two, at most half full
	used    int
}

type chunkSlot struct {
	key   uintptr
	chunk *chunk // nil: free
}

type chunk struct {
	pages [chunkPages]*page
}

// get is the chunk of an address, made if there is none.
func (t *chunkTable) get(address uintptr) *chunk {
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
func (t *chunkTable) peek(key uintptr) *chunk {
	if t.last != nil && t.lastKey == key {
		return t.last
	}
	if len(t.slots) == 0 {
		return nil
	}
	return t.slots[t.slot(key)].chunk
}

// slot is where a key is or would be.
func (t *chunkTable) slot(key uintptr) uintptr {
	mask := uintptr(len(t.slots) - 1)
	i := (key ^ key>>8) * 0x9E3779B1 >> 4 & mask
	for t.slots[i].chunk != nil && t.slots[i].key != key {
		i = (i + 1) & mask
	}
	return i
}

func (t *chunkTable) insert(key uintptr) *chunk {
	if 2*(t.used+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]chunkSlot, max(8, 2*len(old)))
		for _, s := range old {
			if s.chunk != nil {
				t.slots[t.slot(s.key)] = s
			}
		}
	}
	c := new(chunk)
	t.slots[t.slot(key)] = chunkSlot{key, c}
	t.used++
	return c
}

// reset forgets the chunks; small tables and the last chunk are kept for the next walk.
func (t *chunkTable) reset() {
	if t.used == 0 {
		return
	}
	if t.used > 16 {
		*t = chunkTable{}
		return
	}
	for i := range t.slots {
		if c := t.slots[i].chunk; c != nil {
			clear(c.pages[:])
		}
	}
}
