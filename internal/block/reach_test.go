//go:build !memsize_portable

package block_test

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// node has all that a type does not tell: closures, boxes, untyped pointers, interior pointers.
type node struct {
	next    *node
	any     any
	call    func() int
	raw     unsafe.Pointer
	inside  *byte
	list    []*node
	text    string
	channel chan *node
	table   map[int]*node
}

// makeGraph makes a graph of n nodes and what hangs on them; all of it hangs on the result.
func makeGraph(r *rand.Rand, n int) unsafe.Pointer {
	root := &node{}
	for last := root; n > 0; n-- {
		x := &node{}
		last.next = x
		switch r.IntN(8) {
		case 0:
			x.any = [3]*node{last, nil, x}
		case 1:
			held, number := new([5]int), n
			x.call = func() int { return held[0] + number + len(last.text) }
		case 2:
			x.raw = unsafe.Pointer(&make([]*node, 1+r.IntN(2000))[0])
		case 3:
			x.inside = &make([]byte, 1+r.IntN(50_000))[0]
		case 4:
			x.list = make([]*node, 2, 2+r.IntN(6000))[1:]
			x.list[0] = &node{}
		case 5:
			x.text = string(make([]byte, 16+r.IntN(100)))
		case 6:
			x.channel = make(chan *node, 1+r.IntN(100))
			x.channel <- &node{next: last}
		case 7:
			x.table = map[int]*node{n: x, n + 1: {}}
		}
		last = x
	}
	return unsafe.Pointer(root)
}

// quiet runs f in a process that allocates nothing of its own, as far as that can be had.
func quiet(f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	rate := runtime.MemProfileRate
	runtime.MemProfileRate = 0
	defer func() { runtime.MemProfileRate = rate }()
	f()
}

// The blocks that a graph reaches are all that were allocated to make it, to the byte.
func TestReachableIsTheHeap(t *testing.T) {
	random := newRandom(t)
	block.Reachable(makeGraph(random, 100)) // warm up
	for i := range 20 {
		seed, n := random.Uint64(), 1<<i/800+random.IntN(300)
		exact := false
		var got, want uint64
		quiet(func() {
			for range 10 { // the runtime's own allocations can fall in between
				var before, after runtime.MemStats
				r := rand.New(rand.NewPCG(seed, 0))
				runtime.GC()
				runtime.GC()
				runtime.ReadMemStats(&before)
				root := makeGraph(r, n)
				runtime.GC()
				runtime.GC()
				runtime.ReadMemStats(&after)
				_, got = block.Reachable(root)
				want = after.HeapAlloc - before.HeapAlloc
				runtime.KeepAlive(r)
				if exact = got == want; exact {
					return
				}
			}
		})
		require.True(t, exact, "graph %d of %d nodes: reached %d bytes, the heap grew by %d",
			seed, n, got, want)
	}
}

func TestReachable(t *testing.T) {
	captured := new([100]int)
	closure := func() int { return captured[0] }
	cycle := &node{}
	cycle.next = &node{next: cycle}
	pool := &sync.Map{}
	array := make([]int, 1000)
	for _, c := range []struct {
		why    string
		roots  []unsafe.Pointer
		blocks int
		bytes  uintptr
	}{
		{"no root reaches nothing", nil, 0, 0},
		{"nil and static roots reach nothing",
			[]unsafe.Pointer{nil, unsafe.Pointer(&global)}, 0, 0},
		{"a closure and what it captures", []unsafe.Pointer{*(*unsafe.Pointer)(unsafe.Pointer(&closure))},
			2, block.Round(2*wordSize, true) + block.Round(100*wordSize, false)},
		{"a cycle is reached once", []unsafe.Pointer{unsafe.Pointer(cycle)},
			2, 2 * block.Round(unsafe.Sizeof(node{}), true)},
		{"an interior pointer holds the whole block",
			[]unsafe.Pointer{unsafe.Pointer(&array[500]), unsafe.Pointer(&array[1])},
			1, block.Round(1000*wordSize, false)},
		{"an empty struct of pointers", []unsafe.Pointer{unsafe.Pointer(pool)},
			1, block.Round(unsafe.Sizeof(*pool), true)},
	} {
		blocks, bytes := block.Reachable(c.roots...)
		require.Equal(t, c.blocks, blocks, c.why)
		require.Equal(t, uint64(c.bytes), bytes, c.why)
	}
	_ = closure()
}

// Where visit says no, nothing below is visited.
func TestWalkStops(t *testing.T) {
	list := &node{next: &node{next: &node{}}}
	visited := 0
	block.Walk(func(b block.Block) bool {
		visited++
		return visited < 2
	}, unsafe.Pointer(list))
	require.Equal(t, 2, visited)
}
