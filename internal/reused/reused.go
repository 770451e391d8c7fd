// Package reused has tests meet memory that another goroutine wrote before it was freed.
//
// The race detector forgets what was done to freed memory when the next value is made there, and for
// that value's bytes only. What reads a block beyond its value must therefore hide from it, or it
// reports accesses to values that are long gone; a build with it shows whether all such reads do.
//
// A test takes Memory, allocates values of other sizes, and looks at those that lie there.
package reused

import (
	"runtime"
	"unsafe"
)

// Memory is where a goroutine wrote what is garbage by now. The goroutine runs on until end is
// closed: of one that has ended, or has written much since, the detector knows too little to report
// it.
func Memory(end <-chan struct{}) *Range {
	written := new(Range)
	go func() {
		garbage := make([]*block, 700)
		for i := range garbage {
			garbage[i] = &block{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
		}
		written.tell(garbage)
		<-end
	}()
	for !written.told() {
		runtime.Gosched()
	}
	runtime.GC()
	runtime.GC()
	return written
}

type block [12]uintptr

// Range is the memory from the first to the last block that was written; some between may be of
// others. It is told from goroutine to goroutine in a way that the race detector does not see: any
// other would put what follows after what was written.
type Range struct {
	from, to uintptr
	done     bool
}

//go:norace
func (r *Range) tell(blocks []*block) {
	r.from = ^uintptr(0)
	for _, b := range blocks {
		r.from = min(r.from, uintptr(unsafe.Pointer(b)))
		r.to = max(r.to, uintptr(unsafe.Pointer(b)))
	}
	r.done = true
}

//go:norace
func (r *Range) told() bool { return r.done }

// Has tells whether p points into the range.
//
//go:norace
func (r *Range) Has(p unsafe.Pointer) bool { return r.from <= uintptr(p) && uintptr(p) < r.to }
