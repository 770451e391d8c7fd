package heap_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

// armed is a case of a timer that runs while it is measured. stop stops it; it captures nothing, as a
// closure would be measured too.
func armed[T any](name, why string, f func() T, stop func(v T)) heapCase {
	var held T
	c := build(name, why, func() any {
		held = f()
		return held
	}).bounded(withoutType)
	c.Drop = func() {
		stop(held)
		held = *new(T)
		forgetStopped()
	}
	return c
}

// forgetStopped has the processor forget timers that were stopped. It keeps them among its timers, and what
// they lead to, until they are more than a quarter of all, and looks when it next looks for work
// (runtime/time.go: zombies).
func forgetStopped() {
	var others [256]*time.Timer
	for i := range others {
		others[i] = time.AfterFunc(time.Hour, func() {})
	}
	for _, t := range others {
		t.Stop()
	}
	runtime.Gosched()
}

// request is what a server keeps of one.
type request struct {
	ctx    context.Context
	cancel context.CancelFunc
	body   []byte
}

// timerCases are timers that are armed: each leads to the processor that keeps it, and through that to
// every other timer and goroutine. A timer is its own block and what its function holds.
func timerCases() []heapCase {
	type deadline struct {
		above, ctx   context.Context
		cancel, stop func()
	}
	return []heapCase{
		armed("armed time.Timer", "its channel", func() *time.Timer {
			return time.NewTimer(time.Hour)
		}, func(t *time.Timer) { t.Stop() }),
		armed("armed time.Ticker", "its channel", func() *time.Ticker {
			return time.NewTicker(time.Hour)
		}, (*time.Ticker).Stop),
		armed("armed time.AfterFunc", "what its function holds", func() *time.Timer {
			held := make([]int64, 1000)
			return time.AfterFunc(time.Hour, func() { held[0]++ })
		}, func(t *time.Timer) { t.Stop() }),
		armed("channel of an armed timer", "keeps the timer", func() <-chan time.Time {
			armedTimer = time.NewTimer(time.Hour)
			return armedTimer.C
		}, func(<-chan time.Time) { armedTimer.Stop(); armedTimer = nil }),
		armed("context with a timeout", "its timer", func() *request {
			r := &request{body: make([]byte, 1000)}
			r.ctx, r.cancel = context.WithTimeout(context.Background(), time.Hour)
			return r
		}, func(r *request) { r.cancel() }),
		armed("context with a deadline below another", "both", func() *deadline {
			d := new(deadline)
			d.above, d.cancel = context.WithCancel(context.Background())
			d.ctx, d.stop = context.WithDeadline(d.above, time.Now().Add(time.Hour))
			return d
		}, func(d *deadline) { d.stop(); d.cancel() }),
	}
}

// armedTimer is one of which only the channel is asked about.
var armedTimer *time.Timer

// waiters runs goroutines that wait until stop is called, and returns when all of them wait or pass
// by f's look.
func waiters(t *testing.T, n int, wait func()) (started *atomic.Int32) {
	t.Helper()
	started = new(atomic.Int32)
	for range n {
		go func() {
			started.Add(1)
			wait()
		}()
	}
	require.Eventually(t, func() bool { return started.Load() == int32(n) }, 10*time.Second, time.Millisecond)
	time.Sleep(20 * time.Millisecond) // until they wait
	return started
}

// TestWaitersAreNotHeld: who waits on a channel or a sync.Cond is kept alive by the scheduler, and so is
// what the waiter leads to.
func TestWaitersAreNotHeld(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not look behind a channel")
	}
	c, stop := make(chan *int, 1), make(chan struct{})
	defer close(stop)
	alone := memsize.Heap(c)
	other := make(chan *int, 512<<10) // 4 MiB, which only the waiters lead to
	waiters(t, 20, func() {
		select {
		case <-c:
		case <-other:
		case <-stop:
		case <-time.After(time.Hour):
		}
	})
	require.Equal(t, alone, memsize.Heap(c))
	_, reachable := block.Reachable(*(*unsafe.Pointer)(unsafe.Pointer(&c)))
	require.Equal(t, alone, reachable, "the collector's own way")
	r := memsize.Scan(c, memsize.WithModel(rules.Go()))
	require.Equal(t, alone, r.Total)
	require.Empty(t, r.Unaccounted)

	cond := sync.NewCond(new(sync.Mutex))
	quiet := memsize.Heap(cond)
	waiters(t, 20, func() {
		cond.L.Lock()
		cond.Wait()
		cond.L.Unlock()
	})
	defer cond.Broadcast()
	require.Equal(t, quiet, memsize.Heap(cond))
	_, reachable = block.Reachable(unsafe.Pointer(cond))
	require.Equal(t, quiet, reachable)
	closure := func() { cond.Signal(); c <- nil } // no type describes what it leads to
	require.Less(t, memsize.Heap(closure), alone+quiet+100)
	runtime.KeepAlive(other)
}

// TestOthersTimersAreNotHeld: what another part of the program's timers hold is not a request's.
func TestOthersTimersAreNotHeld(t *testing.T) {
	r := &request{body: make([]byte, 1000)}
	r.ctx, r.cancel = context.WithTimeout(context.Background(), time.Hour)
	defer r.cancel()
	alone := memsize.Heap(r)
	require.Less(t, alone, uint64(1600))
	held := make([]byte, 64<<20)
	other := time.AfterFunc(time.Hour, func() { held[0]++ })
	defer other.Stop()
	require.Equal(t, alone, memsize.Heap(r))
	report := memsize.ScanRoots(map[string]any{"request": r, "timer": other}, memsize.WithModel(rules.Go()))
	require.Zero(t, report.Shared)
	require.Equal(t, alone, report.Roots[0].Only)
	if block.PointersExact() {
		require.Greater(t, report.Roots[1].Only, uint64(64<<20))
	}
}
