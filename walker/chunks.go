package walker

// chunks is a list that only grows, in pieces that stay where they are: nothing is copied, and no room for
// as much again is left over.
type chunks[T any] struct {
	full [][]T
	last []T
	n    int // in all
}

// chunkLengths are of the first piece and of the largest.
const firstChunk, largestChunk = 64, 1 << 14

// add adds a value, and tells for how many new memory was taken.
func (c *chunks[T]) add(v T) (taken int) {
	if len(c.last) == cap(c.last) {
		taken = min(max(firstChunk, 2*cap(c.last)), largestChunk)
		if len(c.last) > 0 {
			c.full = append(c.full, c.last)
		}
		c.last = make([]T, 0, taken)
	}
	c.last = append(c.last, v)
	c.n++
	return taken
}

// each calls f with each piece in order.
func (c *chunks[T]) each(f func(list []T)) {
	for _, list := range c.full {
		f(list)
	}
	f(c.last)
}

// flat is the list in one piece.
func (c *chunks[T]) flat() []T {
	all := make([]T, 0, c.n)
	c.each(func(list []T) { all = append(all, list...) })
	return all
}

// cursor reads a list from its beginning.
func (c *chunks[T]) cursor() chunkCursor[T] { return chunkCursor[T]{list: c} }

// chunkCursor is how far a list was read.
type chunkCursor[T any] struct {
	list     *chunks[T]
	piece, i int
}

// copy reads as many values as there is room for in a slice.
func (c *chunkCursor[T]) copy(to []T) {
	for len(to) > 0 {
		from := c.list.last
		if c.piece < len(c.list.full) {
			from = c.list.full[c.piece]
		}
		n := copy(to, from[c.i:])
		to, c.i = to[n:], c.i+n
		if c.i == len(from) && c.piece < len(c.list.full) {
			c.piece, c.i = c.piece+1, 0
		}
	}
}
