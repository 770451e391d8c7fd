package walker

// Shared is the blocks that two walks or more lead to. Walks with Options.Gather add what they
// lead to; then walks with Options.Beyond take only what no other of them led to. So one knows
// what each of many values alone holds, by two walks of each. The values must stay alive meanwhile.
type Shared struct {
	once, twice blockMarks
}

// gather adds the blocks that a walk holds.
func (x *Shared) gather(h *heapWalk) {
	h.marks.each(func(address uintptr, page *blockPage) {
		once := x.once.like(address, page)
		for w := range page.shape.words() {
			met := page.words[w]
			if again := met & once.words[w]; again != 0 {
				twice := x.twice.like(address, page)
				twice.words[w] |= again
				if page.shape.Pointers() { // there is nothing to walk
					twice.words[page.shape.n+w] |= again
				}
			}
			once.words[w] |= met
		}
	})
}

// like is the entry of an address, for blocks like those of another set's page there.
func (m *blockMarks) like(address uintptr, other *blockPage) *blockPage {
	page := m.entry(address)
	if page.shape == nil {
		m.fill(page, blockPage{start: other.start, shape: other.shape, words: m.wordsFor(other.shape.bits()),
			first: other.first})
	}
	return page
}

// exchange makes the shared blocks those that the walk has met, or undoes that. Whatever lies below
// a shared block is shared: they need not be followed. What the walk adds is held by it alone, and
// does no harm to others.
func (x *Shared) exchange(h *heapWalk) { x.twice, h.marks = h.marks, x.twice }

// each calls f with every page on which blocks were met, and its address.
func (m *blockMarks) each(f func(address uintptr, page *blockPage)) {
	for _, slot := range m.slots {
		if slot.chunk == nil {
			continue
		}
		for i := range slot.chunk {
			if page := &slot.chunk[i]; page.words != nil {
				f(slot.key*chunkBytes+uintptr(i)*pageBytes, page)
			}
		}
	}
}
