package heap_test

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"
	"unique"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/heapdump"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/truth"
)

// TestHeapAgainstDump holds Heap to the runtime's own heap dump, to the byte, on every kind of value of
// this suite and on those that lead to the scheduler, while other parts of the program have timers,
// waiting goroutines and pulled iterators of their own.
func TestHeapAgainstDump(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not look up blocks")
	}
	defer truth.Quiet()()
	elsewhere := make([]byte, 16<<20)
	other := time.AfterFunc(time.Hour, func() { elsewhere[0]++ })
	defer other.Stop()
	cases := append(append(heapCases(), schedulerCases(t)...), standardCases(t)...)
	values := make([]any, len(cases))
	for i, c := range cases {
		if c.Prepare != nil {
			c.Prepare()
		}
		values[i] = c.Build()
	}
	time.Sleep(20 * time.Millisecond) // goroutines of the library come to wait
	dump, err := heapdump.Take()
	require.NoError(t, err)
	for i, c := range cases {
		bytes, _ := dump.Reach(uintptr(suite.DataWord(values[i])))
		assert.Equal(t, bytes, memsize.Heap(values[i]), "%s: %s", c.name, c.why)
	}
	for i := len(cases) - 1; i >= 0; i-- {
		if cases[i].Drop != nil {
			cases[i].Drop()
		}
	}
	runtime.KeepAlive(values)
}

// schedulerCases are values on which goroutines wait, and what else the runtime keeps on its own side.
func schedulerCases(t *testing.T) []heapCase {
	full, stop := make(chan *int, 1<<19), make(chan struct{})
	t.Cleanup(func() { close(stop) })
	wait := func(c chan *int) {
		select {
		case <-c:
		case <-full:
		case <-stop:
		}
	}
	return []heapCase{
		build("channel with waiters", "its header and its buffer", func() any {
			c := make(chan *int, 3)
			waiters(t, 5, func() { wait(c) })
			return c
		}),
		build("unbuffered channel with waiters", "its header", func() any {
			c := make(chan *int)
			waiters(t, 5, func() { wait(c) })
			return c
		}),
		build("closure over such a channel", "no type describes the channel", func() any {
			c := make(chan *int, 1)
			waiters(t, 5, func() { wait(c) })
			return func() { c <- nil }
		}),
		build("Cond with waiters", "its own block, and its lock's", func() any {
			cond := sync.NewCond(new(sync.Mutex))
			waiters(t, 5, func() { cond.L.Lock(); cond.Wait(); cond.L.Unlock() })
			t.Cleanup(cond.Broadcast)
			return cond
		}),
		build("ticker that someone waits for", "its channel", func() any {
			ticker := time.NewTicker(time.Hour)
			t.Cleanup(ticker.Stop)
			waiters(t, 3, func() {
				select {
				case <-ticker.C:
				case <-stop:
				}
			})
			return ticker
		}),
		build("context.AfterFunc", "the function, and the context", func() any {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			t.Cleanup(cancel)
			own := make([]byte, 1000)
			return context.AfterFunc(context.WithoutCancel(ctx), func() { own[0]++ })
		}),
		build("function of iter.Pull", "its closure, and not the goroutine", func() any {
			own := make([]int, 1000)
			next, cancel := iter.Pull(func(yield func(int) bool) {
				for _, n := range own {
					if !yield(n) {
						return
					}
				}
			})
			next()
			t.Cleanup(cancel)
			return next
		}),
		build("unique.Handle", "the value", func() any { return at(unique.Make([16]int64{7})) }),
		build("leaves cast to nodes", "the block's end is the end", func() any {
			nodes, _ := castLeaves(20)
			return &nodes
		}),
		build("lock that someone waits for", "its block", func() any {
			lock := new(sync.Mutex)
			lock.Lock()
			t.Cleanup(lock.Unlock)
			waiters(t, 3, func() { lock.Lock(); defer lock.Unlock() })
			return lock
		}),
	}
}
