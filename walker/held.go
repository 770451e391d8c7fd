package walker

// This file counts the blocks that nodes hold.

// heldRun is blocks that the pointers of a node hold, one after another and all of one size, as they
// mostly are: they are counted now, and settled later.
type heldRun struct {
	size  uintptr
	times uint64
}

// held counts the block of a container.
func (s *Session) held(n *Node, size uintptr, f Finding) {
	if n.kind == opPointer {
		s.heldOne(n, size)
		return
	}
	s.heap.total += uint64(size)
	if s.options.TotalOnly {
		s.found++
		return
	}
	s.report(n, f.Len, f.Cap)
	n.Held.add(uint64(size), 1)
}

// heldOne is held for a pointer.
func (s *Session) heldOne(n *Node, size uintptr) {
	s.found++
	if n.run.size != size {
		s.settle(n)
		n.run.size = size
	}
	n.run.times++
}

// settle accounts for the blocks that a node's pointers were seen to hold.
func (s *Session) settle(n *Node) {
	size, times := uint64(n.run.size), n.run.times
	n.run = heldRun{}
	if times == 0 {
		return
	}
	s.heap.total += size * times
	if !s.options.TotalOnly {
		s.touchHeld(n)
		n.fixed += times
		n.Held.add(size, times)
	}
}

// add adds blocks of one size.
func (h *Held) add(size, times uint64) {
	if h.Blocks == 0 || size < h.Min {
		h.Min = size
	}
	h.Max = max(h.Max, size)
	h.Blocks += size * times
}

func (h *Held) addUntyped(size uint64) {
	if h.UntypedBlocks == 0 || size < h.UntypedMin {
		h.UntypedMin = size
	}
	h.UntypedMax = max(h.UntypedMax, size)
	h.Untyped += size
	h.UntypedBlocks++
}
