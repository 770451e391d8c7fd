package snapshot

import (
	"cmp"
	"slices"
)

// biggest keeps the largest entries of one place, as they lie on the wire.
type biggest struct{ entries []rawEntry }

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
	if len(b.entries) < limit {
		e.key = slices.Clone(e.key)
		b.entries = append(b.entries, e)
	} else {
		// The last to go is the latest of the smallest, so that ties stay in stream order.
		last := &b.entries[len(b.entries)-1]
		e.key = append(last.key[:0], e.key...)
		*last = e
	}
	slices.SortStableFunc(b.entries, func(x, y rawEntry) int { return cmp.Compare(y.bytes, x.bytes) })
	if len(b.entries) < limit {
		return 0
	}
	return b.entries[len(b.entries)-1].bytes
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
