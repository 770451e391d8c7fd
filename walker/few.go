package walker

// fewExtents is how many extents are kept in a list before there are bitmaps: most walks of small
// values need no more, and touch no other memory.
const fewExtents = 16

// extentList is the first extents of a walk, in no order. It decides to the byte.
type extentList struct {
	list [fewExtents]struct{ lo, live, hi uintptr }
	n    int
}

// mark is extents.mark; full where a fresh extent has no room.
func (f *extentList) mark(lo, live, size uintptr) (v verdict, full bool) {
	hi := lo + size
	if hi < lo { // torn data: no such memory
		return conflict, false
	}
	for i := range f.list[:f.n] {
		e := &f.list[i]
		if hi <= e.lo || e.hi <= lo {
			continue
		}
		if lo >= e.lo && hi <= e.live && live == size {
			return covered, false
		}
		return conflict, false
	}
	if f.n == len(f.list) {
		return fresh, true
	}
	f.list[f.n] = struct{ lo, live, hi uintptr }{lo, lo + live, hi}
	f.n++
	return fresh, false
}
