// Package reused has tests meet memory that another goroutine wrote before it was freed.
//
// The race detector forgets what was done to freed memory when the next value is made there, and for
// that value's bytes only. What reads a block beyond its value must therefore hide from it, or it
// reports accesses to values that are long gone; a build with it shows whether all such reads do.
//
// A test takes Memory, and looks at values of other sizes that are allocated there: those that Meet
// makes, or its own.
package reused

import (
	"runtime"
	"testing"
	"unsafe"
)

// Meet calls f with ten new values, or a few more, that lie in such memory.
func Meet[T any](t testing.TB, f func(x *T)) {
	t.Helper()
	end := make(chan struct{})
	defer close(end)
	var kept []*T
	for met, tries := 0, 0; met < 10; tries++ {
		if tries == 1000 {
			t.Fatal("no memory is used again")
		}
		memory := Memory(end)
		for range 1000 {
			x := new(T)
			kept = append(kept, x)
			if memory.has(unsafe.Pointer(x)) {
				met++
				f(x)
			}
		}
	}
	runtime.KeepAlive(kept)
}

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

//go:norace
func (r *Range) has(p unsafe.Pointer) bool { return r.from <= uintptr(p) && uintptr(p) < r.to }
