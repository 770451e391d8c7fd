package walker

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// This file is what a walk of the heap does with memory that is in no block of the heap.

// outside counts memory that is not on the heap. It is not followed, for it is a root of its own,
// unless it is what was asked about: then it is, also where an earlier root has led to it.
func (s *Session) outside(n *Node, p unsafe.Pointer, size uintptr) (follow bool) {
	asked := p == s.heap.asked
	if s.options.TotalOnly && !asked {
		return false
	}
	if asked {
		s.heap.asked = nil // once for each root is enough
	}
	part := staticPart{uintptr(p), size}
	recent := &s.heap.static[(part.at>>3^part.at>>9)%uintptr(len(s.heap.static))]
	if *recent == part {
		return asked && !isForeign(p)
	}
	*recent, s.heap.outside = part, true
	foreign := isForeign(p)
	switch {
	case foreign:
		s.unseenAt(n, p, size)
	case s.extents.mark(uintptr(p), size, size) == fresh:
		s.touchHeld(n)
		n.Held.Static += uint64(size)
	}
	return asked && !foreign
}

// isForeign tells whether p leads to what is neither on the heap nor static nor a stack.
func isForeign(p unsafe.Pointer) bool {
	if !BlocksExact() {
		return !block.MayBeHeap(p)
	}
	place := block.Where(p)
	return place == block.Unknown || place == block.Arena
}

// unseenAt counts the value of a node at p, in such memory, as unaccounted.
func (s *Session) unseenAt(n *Node, p unsafe.Pointer, size uintptr) {
	if n.kind != opSlice && n.kind != opString {
		size = 0 // a type may say far more than there is
	}
	reason := foreignReason
	if block.Where(p) == block.Arena {
		reason = arenaReason
	}
	s.unseen.add(n, p, size, reason)
}
