package heap_test

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/rules"
)

// inChild tells that this process is the child of a test: see inProcessOfItsOwn.
const inChild = "MEMSIZE_TEST_CHILD"

// walks is how often each value is walked at least, and how many collections and growing stacks
// there are meanwhile.
const walks = 100

// TestHeapUnderGC walks values of every kind a hundred times in a process whose collector never
// rests, overwrites what it frees, and moves stacks: the figures must not change. It is a process
// of its own, for clobberfree is read when one starts, and a fault would end it.
func TestHeapUnderGC(t *testing.T) {
	if os.Getenv(inChild) != "" {
		walkUnderGC(t)
		return
	}
	inProcessOfItsOwn(t, "GOGC=1", "GODEBUG=clobberfree=1")
}

// inProcessOfItsOwn runs a test once more, in a new process with these settings.
func inProcessOfItsOwn(t *testing.T, settings ...string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(append(os.Environ(), inChild+"=1"), settings...)
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "--- PASS: "+t.Name())
	t.Logf("%s", output)
}

func walkUnderGC(t *testing.T) {
	require.Equal(t, 1, debug.SetGCPercent(1), "GOGC is read when a process starts")
	require.True(t, clobbersFreed(), "GODEBUG is read when a process starts")
	stop := make(chan struct{})
	var busy sync.WaitGroup
	var collected, grown atomic.Uint64
	busy.Go(func() { collectUntil(stop, &collected) })
	busy.Go(func() { growUntil(stop, &grown) })
	values, first := map[string]any{}, map[string]uint64{}
	src := &suite.HeapSource{Seed: seed.Of(t), Made: 20}
	for i := range 20 {
		roots := src.Roots(i)
		values[string(rune('a'+i))] = &roots
	}
	for _, c := range heapCases() {
		if c.NoGarbage { // a sync.Pool: the collector empties it
			continue
		}
		if v := c.Build(); memsize.Heap(v) < 1<<18 { // more figures, rather than large ones
			values[c.name] = v
		}
	}
	for name, v := range values {
		first[name] = memsize.Heap(v)
	}
	walk := 0
	for ; walk < walks || min(collected.Load(), grown.Load()) < walks; walk++ {
		for name, v := range values {
			figure := deeper(walk%walks*20, func() uint64 { return memsize.Heap(v) })
			require.Equal(t, first[name], figure, "%s, walk %d", name, walk)
		}
	}
	for name, v := range values {
		r := memsize.Scan(v, memsize.WithModel(rules.Go()))
		require.Equal(t, first[name], r.Total, name)
	}
	close(stop)
	busy.Wait()
	runtime.KeepAlive(values)
	t.Logf("%d values, %d walks of each, %d collections, %d stacks grown", len(values), walk,
		collected.Load(), grown.Load())
}

// clobbersFreed tells whether the collector overwrites what it frees. Neighbours keep the span of
// the freed block alive, so that it may be looked at.
func clobbersFreed() bool {
	const deadBeef = 0xdeadbeefdeadbeef // runtime.clobberfree
	var kept [100]*[64]uint64
	for i := range kept {
		kept[i] = new([64]uint64)
	}
	at := uintptr(unsafe.Pointer(kept[50]))
	kept[50] = nil
	for range 3 {
		runtime.GC()
	}
	freed := **(**uint64)(unsafe.Pointer(&at))
	runtime.KeepAlive(&kept)
	return freed == deadBeef
}

func collectUntil(stop chan struct{}, collected *atomic.Uint64) {
	for {
		select {
		case <-stop:
			return
		default:
			runtime.GC()
			collected.Add(1)
		}
	}
}

// growUntil makes stacks that grow, and garbage for the allocator to hand out again.
func growUntil(stop chan struct{}, grown *atomic.Uint64) {
	for {
		select {
		case <-stop:
			return
		default:
			done := make(chan uint64)
			go func() { done <- deeper(2000, func() uint64 { return uint64(len(make([]byte, 100))) }) }()
			<-done
			grown.Add(1)
		}
	}
}

// deeper calls f when the stack has grown by n frames.
//
//go:noinline
func deeper(n int, f func() uint64) uint64 {
	var frame [8]uint64
	if n == 0 {
		return f()
	}
	frame[n%8] = 1
	return deeper(n-1, f) + frame[(n+1)%8]
}
