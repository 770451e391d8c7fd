package memsize_test

import (
	"math"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/walker/block"
)

// heapCase is a value whose true size is measured.
type heapCase struct {
	name string
	why  string
	truth.Case
	// around tells that building makes something that nothing in the value leads to and that
	// lives as long (why says what): the value alone is held against the collector only.
	around bool
	// portable says how the portable build's figure may differ from the truth; the zero bound
	// that it may not.
	portable bound
}

// bound is how far a figure may be off, as multiples of the truth, and why. The cause stands in
// docs/heap.md.
type bound struct {
	low, high float64
	cause     string
}

// Causes why the portable build cannot be exact, each with its bound. Values whose figures come
// from several causes have bounds of their own.
var (
	exactly = bound{1, 1, ""}
	// Requests below 16 bytes without pointers may share a block of 16, or have one alone: a byte
	// that is priced as 8 takes between 1 and 16.
	tinies = bound{0.5, 8, "tiny values share blocks"}
	// What the runtime and the compiler keep outside the heap is priced as if it were on it.
	static = bound{1, 6, "static memory looks like the heap"}
	// Closures, unsafe.Pointer and what lies behind them.
	withoutType = bound{0, 1, "no type describes it"}
	// The buffer of a channel is the runtime's, and opened by no means of the language.
	queued = bound{0, 1, "what waits in a channel is not seen"}
	// A part of a block is priced as if it were all of it.
	pinning = bound{0, 1, "the rest of the block is not seen"}
	// Maps are priced as if they had been filled by insertion alone, and their tables evenly.
	mapShape = bound{0, 2.1, "the history of a map is not seen"}
)

// TestHeapTruth requires that a value holds what the heap grows by when it is built, to the byte,
// and what the collector reaches from it.
func TestHeapTruth(t *testing.T) {
	defer truth.Quiet()()
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	for _, c := range heapCases() {
		t.Run(c.name, func(t *testing.T) {
			var heap, reachable uint64
			c.Look = func(v any) {
				heap = memsize.Heap(v)
				_, reachable = block.Reachable(dataWord(v))
			}
			bytes, err := c.Measure()
			require.NoError(t, err)
			if !block.PointersExact() {
				requireBound(t, c, string(doc), bytes, heap)
				return
			}
			require.Equal(t, reachable, heap, "what the collector reaches; %s", c.why)
			if c.around {
				require.Less(t, heap, bytes, "what is said to lie around it; %s", c.why)
				return
			}
			require.Equal(t, bytes, heap, "MemStats; %s", c.why)
		})
	}
}

// requireBound holds a modelled figure to its stated bound.
func requireBound(t *testing.T, c heapCase, doc string, bytes, heap uint64) {
	b := c.portable
	if b == (bound{}) {
		b = exactly
	}
	low, high := math.Floor(b.low*float64(bytes)), math.Ceil(b.high*float64(bytes))
	if bytes != heap {
		t.Logf("truth %d, modelled %d: %s", bytes, heap, b.cause)
	}
	require.GreaterOrEqual(t, float64(heap), low, "of %d bytes: %s", bytes, b.cause)
	require.LessOrEqual(t, float64(heap), high, "of %d bytes: %s", bytes, b.cause)
	require.Contains(t, doc, b.cause, "docs/heap.md does not name this cause")
}

// dataWord is the pointer in v, which is pointer-shaped.
func dataWord(v any) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(&v), unsafe.Sizeof(uintptr(0))))
}

// at is a pointer to a block with v alone.
func at[T any](v T) any {
	p := new(T)
	*p = v
	return p
}

// TestHeapOfStaticRoot: static memory is followed if it is what was asked about, and nowhere else.
func TestHeapOfStaticRoot(t *testing.T) {
	defer truth.Quiet()()
	var asked, through uint64
	bytes, err := truth.Case{
		Build: func() any { global.list = make([]*int, 100); return &global },
		Look: func(v any) {
			asked = memsize.Heap(v)
			through = memsize.Heap(&struct{ p any }{v})
		},
		Drop: func() { global.list = nil },
	}.Measure()
	require.NoError(t, err)
	if !block.Exact() {
		t.Skip("this build does not tell static memory from the heap")
	}
	require.Equal(t, bytes, asked)
	require.Equal(t, uint64(block.Round(2*unsafe.Sizeof(uintptr(0)), true)), through)
	runtime.KeepAlive(&global)
}

var global struct{ list []*int }
