package block

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// Memory of a value leads to memory of the scheduler: a channel, a sync.Cond and an armed timer keep
// lists of who waits, and through these the collector comes to all goroutines, timers and processors
// of the program. None of that is alive because of the value: the scheduler has lists of its own.
//
// What belongs to the scheduler is told by two kinds of blocks, since all ways lead through one of
// them:
//
//	runtime.sudog   a goroutine that waits   told by size, pointer words, and what its first word leads to
//	runtime.p, m    a processor, a thread    told by the type in the header of the block, as is a g on 32 bits
//
// Invariant: the first word of a sudog is the goroutine's g, and blocks of g and of sudog have the
// size and the pointer words that those of a goroutine have which waits on a channel at first use. Where
// no such goroutine can be found (check.Waiters), no block is taken for a sudog.
type waiter struct {
	known        bool
	size, mask   uintptr // of runtime.sudog
	gSize, gMask uintptr // of runtime.g
}

// Scheduler tells whether b belongs to the runtime's scheduler, at which a walk ends.
func (b Block) Scheduler() bool {
	switch {
	case !b.Pointers || !PointersExact():
		return false
	case b.Size > maxBitmapped:
		return b.Size < maxSmall && ofProcessor(b)
	}
	w := learnWaiter()
	if !w.known || b.Size != w.size {
		return false
	}
	mask, ok := b.Mask()
	return ok && uintptr(mask) == w.mask && w.isG(pointerAt(b.Base))
}

// isG tells whether p is a pointer to a g.
func (w *waiter) isG(p unsafe.Pointer) bool {
	b, ok := Of(p)
	if !ok || b.Size != w.gSize {
		return false
	}
	if b.Size > maxBitmapped { // on 32 bits
		return ofProcessor(b)
	}
	mask, ok := b.Mask()
	return ok && b.Base == p && uintptr(mask) == w.gMask
}

// processorTypes has for the address of a type whether it is one of the scheduler's.
var processorTypes sync.Map

// ofProcessor tells whether the block, which has a header, holds a processor or a thread.
func ofProcessor(b Block) bool {
	address := pointerAt(b.Base)
	if address == nil {
		return false
	}
	if known, ok := processorTypes.Load(address); ok {
		return known.(bool)
	}
	t := typeOf(address)
	is := t.PkgPath() == "runtime" && (t.Name() == "p" || t.Name() == "m" || t.Name() == "mPadded" ||
		t.Name() == "g")
	processorTypes.Store(address, is)
	return is
}

// learnWaiter has a goroutine wait on a channel, and looks at what the channel leads to.
var learnWaiter = sync.OnceValue(func() *waiter {
	w := new(waiter)
	w.known = PointersExact() && check.Holds(check.Waiters, w.learn)
	return w
})

// recvq is where a channel (runtime.hchan) keeps the first of those that wait to receive, in words:
// after qcount, dataqsiz, buf, elemsize and closed, timer, elemtype, sendx and recvx. On 32 bits
// elemsize and closed are two words.
const recvq = 8 + (8-wordSize)/4

func (w *waiter) learn() bool {
	c := make(chan *int)
	go func() { <-c }()
	defer close(c)
	header := *(*unsafe.Pointer)(unsafe.Pointer(&c))
	var first unsafe.Pointer
	for range 10_000 {
		if first = pointerAt(unsafe.Add(header, recvq*wordSize)); first != nil {
			break
		}
		runtime.Gosched()
	}
	sudog, ok := Of(first)
	if !ok || sudog.Base != first {
		return false
	}
	g, ok := Of(pointerAt(first))
	if !ok || !sudog.Pointers || !g.Pointers {
		return false
	}
	mask, ok := sudog.Mask()
	gMask, _ := g.Mask()
	w.size, w.mask, w.gSize, w.gMask = sudog.Size, uintptr(mask), g.Size, uintptr(gMask)
	return ok && w.isG(pointerAt(first))
}
