package swiss

import (
	"errors"
	"math/bits"
	"unsafe"
)

var (
	// ErrWriting is the error for a map that was written while it was read. It is found where
	// the runtime marks it or the numbers show it, not always.
	ErrWriting = errors.New("memsize: the map is being written: hold the lock that guards it")
	// ErrTorn is the error for a map whose parts do not fit each other: it was written while it
	// was read, or memory is damaged.
	ErrTorn = errors.New("memsize: the map's header and tables contradict each other")
)

// Iterator goes through the entries of a map, in the order of memory. It allocates nothing, can be
// copied, kept, and resumed, and keeps the map alive. The zero Iterator is at the end.
type Iterator struct {
	layout *Type
	header *header
	err    error

	group unsafe.Pointer // whose entries come next
	full  uint64         // its slots in use that were not returned: bits 0x80 of bytes
	left  uintptr        // groups of the table behind it
	next  int            // the place of the directory to go on with
	table *table
	seen  uint64 // entries in the groups so far
}

// Iterate begins with the map to which m points, the word that is a map value; nil is a map without
// entries. Its type must be that of l.
func (l *Type) Iterate(m unsafe.Pointer) Iterator {
	it := Iterator{layout: l, header: (*header)(m)}
	switch h := it.header; {
	case h == nil:
	case h.writing != 0:
		it.stop(ErrWriting)
	case !h.sound():
		it.stop(ErrTorn)
	case h.tables == 0 && h.directory != nil:
		it.enter(h.directory)
	}
	return it
}

// Next returns where the next key and its element lie; false at the end or for an error. They may
// be read as long as the map is not written.
func (it *Iterator) Next() (key, elem unsafe.Pointer, ok bool) {
	if it.full == 0 && !it.advance() {
		return nil, nil, false
	}
	slot := uintptr(bits.TrailingZeros64(it.full)) / 8
	it.full &= it.full - 1
	return it.layout.key(it.group, slot), it.layout.elem(it.group, slot), true
}

// Group is 8 slots of which some are in use.
type Group struct {
	layout *Type
	base   unsafe.Pointer
	full   uint64
}

// NextGroup returns the entries that Next would return next, those left in one group, and goes on
// behind them; false at the end or for an error. A loop over groups and their entries is faster
// than one over Next: the compiler can inline it.
func (it *Iterator) NextGroup() (Group, bool) {
	if it.full == 0 && !it.advance() {
		return Group{}, false
	}
	g := Group{it.layout, it.group, it.full}
	it.full = 0
	return g, true
}

// Ahead returns where the group behind the last one that was returned lies, and how many bytes it
// takes; nil where a table or the map ends.
func (it *Iterator) Ahead() (group unsafe.Pointer, size uintptr) {
	if it.left == 0 {
		return nil, 0
	}
	return unsafe.Add(it.group, it.layout.group), it.layout.group
}

// More tells whether there is an entry.
func (g *Group) More() bool { return g.full != 0 }

// Next goes on to the next entry.
func (g *Group) Next() { g.full &= g.full - 1 }

// Key returns where the key of the entry lies. There must be one: see More.
func (g *Group) Key() unsafe.Pointer { return g.layout.key(g.base, g.slot()) }

// Elem returns where the element of the entry lies. There must be one: see More.
func (g *Group) Elem() unsafe.Pointer { return g.layout.elem(g.base, g.slot()) }

func (g *Group) slot() uintptr { return uintptr(bits.TrailingZeros64(g.full)) / 8 }

// Single returns the entries of a map that has no more than one group and is at rest; false for any
// other, of which Iterate knows more.
func (l *Type) Single(m unsafe.Pointer) (Group, bool) {
	h := (*header)(m)
	if h.tables != 0 || h.directory == nil || h.writing != 0 || h.used > slots {
		return Group{}, false
	}
	full := full(h.directory)
	return Group{l, h.directory, full}, uint64(bits.OnesCount64(full)) == h.used
}

// Err returns why Next returned false before the end: ErrWriting, ErrTorn, or nil.
func (it *Iterator) Err() error { return it.err }

// Each calls f with where each key and its element lie, until f returns false.
func (l *Type) Each(m unsafe.Pointer, f func(key, elem unsafe.Pointer) bool) error {
	for it := l.Iterate(m); ; {
		g, ok := it.NextGroup()
		if !ok {
			return it.Err()
		}
		for ; g.More(); g.Next() {
			if !f(g.Key(), g.Elem()) {
				return nil
			}
		}
	}
}

// enter makes a group the current one.
func (it *Iterator) enter(group unsafe.Pointer) {
	it.group, it.full = group, full(group)
	it.seen += uint64(bits.OnesCount64(it.full))
}

// advance goes to the next group with entries; false at the end.
func (it *Iterator) advance() bool {
	for it.full == 0 {
		if it.left > 0 {
			it.left--
			it.enter(unsafe.Add(it.group, it.layout.group))
		} else if !it.turn() {
			return false
		}
	}
	return true
}

// turn goes to the first group of the next table; false at the end.
func (it *Iterator) turn() bool {
	h := it.header
	if h == nil {
		return false
	}
	for it.next < h.tables {
		t := h.tableAt(it.next)
		it.next++
		if t == it.table { // the places of one table are neighbours
			continue
		}
		if t == nil || !t.sound() {
			it.stop(ErrTorn)
			return false
		}
		it.table, it.left = t, uintptr(t.lengthMask)
		it.enter(t.groups)
		return true
	}
	if h.writing != 0 || it.seen != h.used {
		it.stop(ErrWriting)
	}
	it.header = nil
	return false
}

// stop ends the iteration with an error.
func (it *Iterator) stop(err error) { *it = Iterator{err: err} }
