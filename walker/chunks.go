package walker

import "github.com/bitcoin-mem/memsize/internal/scratch"

// chunks is a list that only grows, in pieces that stay where they are: nothing is copied, and no room for
// as much again is left over. Its values have no pointers.
type chunks[T any] struct {
	full [][]T
	last []T
	n    int // in all
}

// firstChunk and largestChunk are lengths of pieces.
const firstChunk, largestChunk = 64, 1 << 20

// add adds a value, and tells whether new memory was taken.
func (c *chunks[T]) add(m *scratch.Memory, v T) (taken bool) {
	if len(c.last) == cap(c.last) {
		c.grow(m)
		taken = true
	}
	c.last = append(c.last, v)
	c.n++
	return taken
}

// grow begins a piece: the longer, the longer the list is.
func (c *chunks[T]) grow(m *scratch.Memory) {
	if len(c.last) > 0 {
		c.full = append(c.full, c.last)
	}
	c.last = scratch.Slice[T](m, min(max(firstChunk, c.n/2), largestChunk))[:0]
}

// each calls f with each piece in order.
func (c *chunks[T]) each(f func(list []T)) {
	for _, list := range c.full {
		f(list)
	}
	f(c.last)
}

// cursor reads a list from its beginning.
func (c *chunks[T]) cursor() *chunkCursor[T] { return &chunkCursor[T]{list: c} }

// chunkCursor is how far a list was read.
type chunkCursor[T any] struct {
	list     *chunks[T]
	piece, i int
}

// next reads the next values, most or fewer: none at the end.
func (c *chunkCursor[T]) next(most int) []T {
	from := c.list.last
	if c.piece < len(c.list.full) {
		from = c.list.full[c.piece]
	}
	values := from[c.i:min(c.i+most, len(from))]
	if c.i += len(values); c.i == len(from) && c.piece < len(c.list.full) {
		c.piece, c.i = c.piece+1, 0
	}
	return values
}

// copy reads as many values as there is room for in a slice.
func (c *chunkCursor[T]) copy(to []T) {
	for len(to) > 0 {
		to = to[copy(to, c.next(len(to))):]
	}
}
