package snapshot

// frame is a value that is open: a struct, slice, array or map that has been begun. The stack of
// frames is explicit because values nest as deeply as the data is long. Equal frames that follow
// each other are one frame with a count, so that a linked list of any length takes one.
type frame struct {
	place *place
	n     uint64 // elements or entries declared
	done  uint64 // elements or entries begun; of a struct, 1 + the last field
	start int64  // offset of the current entry; untracked if the stack is deep
	more  uint64 // frames below that are equal to this one
	value bool   // of a map: the current entry's key has been read
	deep  deep
}

const (
	untracked = -1
	frameCost = 3 * 48 // a frame, with the copies that growing the stack leaves behind
)

// push opens a value at p. n is the number of its elements.
func (s *scanner) push(p *place, n uint64, k deep) {
	s.depths.enter(k)
	s.pushFrame(p, n, k)
}

// pushFrame makes a frame.
func (s *scanner) pushFrame(p *place, n uint64, k deep) {
	if len(s.stack) == cap(s.stack) {
		if len(s.stack) >= s.maxDepth {
			s.stop(ErrLimit, "values nest more than %d deep", s.maxDepth)
		}
		s.growStack()
	}
	start := int64(untracked)
	if len(s.stack) < trackedDepth {
		start = s.offset()
	}
	s.stack = s.stack[:len(s.stack)+1]
	f := &s.stack[len(s.stack)-1]
	f.place, f.n, f.done, f.start, f.more, f.value, f.deep = p, n, 0, start, 0, false, k
}

// growStack doubles the stack within its limit.
func (s *scanner) growStack() {
	size := min(max(2*cap(s.stack), 64), s.maxDepth)
	s.charge(frameCost * int64(size-cap(s.stack)))
	grown := make([]frame, len(s.stack), size)
	copy(grown, s.stack)
	s.stack = grown
}

// top is the innermost open value, as a frame of its own: it is about to change.
func (s *scanner) top() *frame {
	f := &s.stack[len(s.stack)-1]
	if f.more == 0 {
		return f
	}
	f.more--
	single := *f
	single.more = 0
	s.pushFrame(f.place, 0, f.deep)
	f = &s.stack[len(s.stack)-1]
	*f = single
	return f
}

// pop closes the innermost value.
func (s *scanner) pop() {
	f := &s.stack[len(s.stack)-1]
	s.leave(f.deep, 1)
	if f.more > 0 {
		f.more--
		return
	}
	s.stack = s.stack[:len(s.stack)-1]
}

// merge joins the innermost frame with the one below if they are equal. It is called when a
// value inside the innermost is about to be opened.
func (s *scanner) merge(base int) {
	k := len(s.stack) - 1
	if k <= base {
		return
	}
	f, below := &s.stack[k], &s.stack[k-1]
	if f.place == below.place && f.done == below.done && f.n == below.n &&
		f.value == below.value && f.deep == below.deep && f.isUntracked() && below.isUntracked() {
		below.more += f.more + 1
		s.stack = s.stack[:k]
	}
}

// isUntracked tells whether the frame has no entry of its own to follow: a struct, or a
// container deep in the stack.
func (f *frame) isUntracked() bool {
	return f.start == untracked || f.place.kind == wireStruct
}
