package walker

import (
	"fmt"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// assertValue asserts that a walk is where it believes to be: that a value lies within one block, and that
// each of its words that leads somewhere is one in which the garbage collector sees a pointer. It is
// made at every step of programs that are built with the race detector, for values on the heap where
// the runtime can be asked.
func assertValue(n *Node, steps []step, base unsafe.Pointer) {
	b, ok := block.Of(base)
	if !ok || !block.PointersExact() || len(steps) == 0 {
		return
	}
	size, offset := n.size, uintptr(base)-uintptr(b.Base)
	if steps[0].key {
		size = n.key.size
	}
	if offset+size > b.Size {
		panic(fmt.Sprintf("memsize: %d bytes of %v at offset %d in a block of %d bytes: please report",
			size, n.Type, offset, b.Size))
	}
	for i := range steps {
		step := &steps[i]
		at := offset + step.offset
		switch step.kind {
		case opArray, opUnaccounted:
			continue
		case opInterface:
			at += wordSize // its second word is the one that leads on
		}
		if !b.HasPointer(at) {
			panic(fmt.Sprintf("memsize: %v at offset %d of a block of %d bytes is no pointer to the "+
				"garbage collector: please report", step.op.typ, at, b.Size))
		}
	}
}
