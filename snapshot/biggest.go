package snapshot

import (
	"cmp"
	"slices"
)

// biggest keeps the largest entries of one place, as they lie on the wire. While a stream is read
// they are a heap, of which the next to be thrown out is the first.
type biggest struct {
	entries []rawEntry
	heaped  bool // else they are in any order
}

// rawEntry is an entry whose key is not rendered yet: most are thrown out again.
type rawEntry struct {
	bytes  uint64
	offset int64
	index  uint64
	key    []byte // the start of the entry's bytes; reused
	text   string // the rendered key, of a saved census; else empty
}

const (
	maxRawKey    = 160  // bytes of an entry that are kept to show its key
	trackedDepth = 1000 // open values below which entries are no longer tracked
	entryCost    = 288
)

// insert takes e among the limit largest and returns the size that the next must exceed.
func (b *biggest) insert(e rawEntry, limit int) (floor uint64) {
	if !b.heaped {
		for i := len(b.entries)/2 - 1; i >= 0; i-- {
			b.sink(i)
		}
		b.heaped = true
	}
	if len(b.entries) < limit {
		e.key = slices.Clone(e.key)
		b.entries = append(b.entries, e)
		b.rise(len(b.entries) - 1)
	} else {
		e.key = append(b.entries[0].key[:0], e.key...)
		b.entries[0] = e
		b.sink(0)
	}
	if len(b.entries) < limit {
		return 0
	}
	return b.entries[0].bytes
}

// goes tells whether x is thrown out before y: the smaller one, and of equal ones the later, so
// that ties stay in stream order.
func (x *rawEntry) goes(y *rawEntry) bool {
	return x.bytes < y.bytes || x.bytes == y.bytes && x.offset > y.offset
}

// rise moves an entry of the heap up to where it belongs.
func (b *biggest) rise(i int) {
	for up := (i - 1) / 2; i > 0 && b.entries[i].goes(&b.entries[up]); up = (i - 1) / 2 {
		b.entries[i], b.entries[up] = b.entries[up], b.entries[i]
		i = up
	}
}

// sink moves an entry of the heap down to where it belongs.
func (b *biggest) sink(i int) {
	for {
		first := i
		for below := 2*i + 1; below <= 2*i+2 && below < len(b.entries); below++ {
			if b.entries[below].goes(&b.entries[first]) {
				first = below
			}
		}
		if first == i {
			return
		}
		b.entries[i], b.entries[first] = b.entries[first], b.entries[i]
		i = first
	}
}

// sorted are the entries, the largest first.
func (b *biggest) sorted() []rawEntry {
	if b.heaped {
		slices.SortFunc(b.entries, func(x, y rawEntry) int {
			return cmp.Or(cmp.Compare(y.bytes, x.bytes), cmp.Compare(x.offset, y.offset))
		})
		b.heaped = false
	}
	return b.entries
}

// noteEntry offers the entry from offset start to the read position to the biggest of p.
func (s *scanner) noteEntry(p *place, start int64, index uint64, key []byte) {
	size := uint64(s.offset() - start)
	if size <= p.floor {
		return
	}
	if p.biggest == nil {
		p.biggest = &biggest{}
	}
	if len(p.biggest.entries) < s.biggest {
		s.charge(entryCost)
	}
	p.floor = p.biggest.insert(rawEntry{bytes: size, offset: start, index: index, key: key}, s.biggest)
}

// rawKey is the start of an entry of the frame at depth: in the window, or saved when it left.
func (s *scanner) rawKey(depth int, start int64) []byte {
	if start < s.base {
		return s.saved[depth]
	}
	from := int(start - s.base)
	return s.buf[from:min(from+maxRawKey, s.pos)]
}

// saveKeys copies the keys of open map entries that are about to leave the window, which will
// start at keepFrom. They are complete: the window keeps more than a key behind the position.
func (s *scanner) saveKeys(keepFrom int64) {
	for depth := range min(len(s.stack), trackedDepth) {
		f := &s.stack[depth]
		if f.place.kind != wireMap || f.start < s.base || f.start >= keepFrom {
			continue
		}
		for len(s.saved) <= depth {
			s.saved = append(s.saved, nil)
		}
		s.saved[depth] = append(s.saved[depth][:0], s.rawKey(depth, f.start)...)
	}
}
