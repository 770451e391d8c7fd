// Package truth measures what a value really takes on this process's heap, to the byte, with
// nothing but runtime.MemStats: it shares neither code nor ideas with the walk that it judges.
//
// # Definitions
//
// The truth about a value is by how much HeapAlloc grows when the value is built, with all that is
// garbage by then collected, and by how much it shrinks when the value is dropped. The two agree
// or the measurement does not count: something else allocated meanwhile.
//
// HeapAlloc counts whole blocks, as the allocator gave them, and is exact (runtime/mstats.go: it
// is summed up from every processor's counts while the world is stopped). What spoils a
// measurement is the runtime's own use of the heap, for threads, for profiles and for the work of
// the collector; see [Quiet].
//
// # Usage
//
// Call Quiet once, then [Case.Measure] for each value. Only one goroutine may do so at a time, and
// no other should allocate.
package truth

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// threads is how many threads are started beforehand: each has a few hundred bytes on the heap,
// which the runtime allocates when it first needs one more.
const threads = 16

// Quiet makes the runtime allocate as little as it can on its own behalf: one processor, no
// collection but when asked, no profile of allocations, threads started beforehand. It returns a
// function that sets all back but the threads.
func Quiet() (restore func()) {
	processors := runtime.GOMAXPROCS(1)
	percent := debug.SetGCPercent(-1)
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 0
	startThreads()
	for range 4 { // the collector starts its workers
		collect()
	}
	return func() {
		runtime.MemProfileRate = rate
		debug.SetGCPercent(percent)
		runtime.GOMAXPROCS(processors)
	}
}

// startThreads makes the runtime start threads, and keep them: a goroutine that is locked to its
// thread has one of its own.
func startThreads() {
	var ready, done sync.WaitGroup
	release := make(chan struct{})
	ready.Add(threads)
	for range threads {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			<-release
		})
	}
	ready.Wait()
	close(release)
	done.Wait()
}

// collect frees all garbage. It takes more than one cycle: the first finds what has a finalizer or
// lies in a sync.Pool, the next empties the pool's victims, the last frees what these held.
func collect() {
	for range 3 {
		runtime.GC()
	}
}

// alloc is HeapAlloc, in bytes.
func alloc() int64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// kept is what is left on the heap when all garbage is gone, in bytes.
func kept() int64 {
	collect()
	return alloc()
}

// Case is a value to measure.
type Case struct {
	// Build makes the value. What it returns is a pointer or pointer-shaped, for boxing anything
	// else into an interface would take a block that is no part of the value.
	Build func() any
	// Prepare puts the runtime into a state in which building the value allocates nothing beside it,
	// such as room in a list of the runtime's own; nil for nothing. It is called before each build.
	Prepare func()
	// Look is called with the value while it is held; nil for nothing. It must not keep it. What
	// it allocates and keeps does not spoil the measurement.
	Look func(v any)
	// Drop lets go of what Build keeps elsewhere; nil for nothing.
	Drop func()
	// NoGarbage tells that Build makes no garbage, and that the value would not survive a
	// collection (a sync.Pool): there is none between building and
	// measuring, and two builds must agree.
	NoGarbage bool
}

// attempts is how often a measurement that was disturbed is tried again.
const attempts = 8

// Measure returns what the value takes on the heap, in bytes. The value is built at least twice,
// the first time to fill caches of types and the like. The error tells that every attempt was
// disturbed.
func (c Case) Measure() (bytes uint64, err error) {
	c.once()
	var built, dropped int64
	for range attempts {
		before := built
		built, dropped = c.once()
		if c.NoGarbage {
			dropped = before
		}
		if built == dropped {
			return uint64(built), nil
		}
	}
	return 0, fmt.Errorf("truth: disturbed %d times: %d bytes when built, %d when dropped; "+
		"is another goroutine allocating?", attempts, built, dropped)
}

// once builds and drops the value once. It returns the growth and the shrinking of the heap.
func (c Case) once() (built, dropped int64) {
	before := kept()
	if c.Prepare != nil {
		c.Prepare()
		before = alloc()
	}
	v := c.Build()
	if c.NoGarbage {
		built = alloc() - before
	} else {
		built = kept() - before
	}
	if c.Look != nil {
		c.Look(v)
	}
	held := kept()
	runtime.KeepAlive(v)
	v = nil
	if c.Drop != nil {
		c.Drop()
	}
	return built, held - kept()
}
