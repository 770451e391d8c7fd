package block

import "unsafe"

// Cache looks up blocks, and asks the runtime only once for each page. The zero Cache is ready for
// use. It takes 64 bytes or less a page (of 8 KiB) that it has seen, and 1 KiB at least.
type Cache struct {
	lastKey uintptr // page number; 0 at first, which no pointer has
	last    Page
	slots   []cacheSlot // hash table with open addressing: a power of two, at most half full
	used    int
}

type cacheSlot struct {
	key  uintptr // page number; 0: free
	page Page
}

// Of is [Of]. Pages that are not on the heap are remembered, too.
func (c *Cache) Of(p unsafe.Pointer) (Block, bool) {
	if key := uintptr(p) / pageBytes; key != c.lastKey {
		c.turn(p, key)
	}
	if c.last.size == 0 {
		return Block{}, false
	}
	return c.last.Block(p), true
}

// turn makes the page of p the last one.
func (c *Cache) turn(p unsafe.Pointer, key uintptr) {
	if key == 0 {
		c.lastKey, c.last = 0, Page{}
		return
	}
	if 2*c.used >= len(c.slots) {
		c.grow()
	}
	s := c.slot(key)
	if s.key == 0 {
		s.key = key
		s.page, _ = PageOf(p)
		c.used++
	}
	c.lastKey, c.last = key, s.page
}

// slot is where a page is or would be.
func (c *Cache) slot(key uintptr) *cacheSlot {
	mask := uintptr(len(c.slots) - 1)
	i := key & mask // neighbours in memory are neighbours here
	for c.slots[i].key != key && c.slots[i].key != 0 {
		i = (i + 1) & mask
	}
	return &c.slots[i]
}

func (c *Cache) grow() {
	old := c.slots
	c.slots = make([]cacheSlot, max(32, 2*len(old)))
	for _, s := range old {
		if s.key != 0 {
			*c.slot(s.key) = s
		}
	}
}

// Reset forgets all pages, as it must before another walk. A small table is kept.
func (c *Cache) Reset() {
	slots := c.slots
	clear(slots[:min(len(slots), 1024)])
	*c = Cache{}
	if len(slots) <= 1024 {
		c.slots = slots
	}
}
