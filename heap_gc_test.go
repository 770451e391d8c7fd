package memsize_test

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// inChild tells that this process is the child of TestHeapUnderGC.
const inChild = "MEMSIZE_TEST_GC_CHILD"

const walks = 100

// TestHeapUnderGC walks values of every kind a hundred times in a process whose collector never
// rests, overwrites what it frees, and moves stacks: the figures must not change. It is a process
// of its own, for clobberfree is read when one starts, and a fault would end it.
func TestHeapUnderGC(t *testing.T) {
	if os.Getenv(inChild) != "" {
		walkUnderGC(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestHeapUnderGC$", "-test.v")
	c.Env = append(os.Environ(), inChild+"=1", "GOGC=1", "GODEBUG=clobberfree=1")
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "--- PASS: TestHeapUnderGC")
}

func walkUnderGC(t *testing.T) {
	debug.SetGCPercent(1)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() { collectUntil(stop) })
	busy.Go(func() { growUntil(stop) })
	values, first := map[string]any{}, map[string]uint64{}
	src := &heapSource{seed: seed(t), made: 20}
	for i := range 20 {
		roots := src.roots(i)
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
	for walk := range walks {
		for name, v := range values {
			figure := deeper(walk*20, func() uint64 { return memsize.Heap(v) })
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
}

func collectUntil(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			runtime.GC()
		}
	}
}

// growUntil makes stacks that grow, and garbage for the allocator to hand out again.
func growUntil(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			done := make(chan uint64)
			go func() { done <- deeper(2000, func() uint64 { return uint64(len(make([]byte, 100))) }) }()
			<-done
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
