package heap_test

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"unique"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/rules"
)

// Tests of a package run in order of their files' names. This file is the first, for it collects
// garbage a thousand times, and that is slow once other tests have made types by the thousand, which
// live for ever.

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

// Causes why the portable build cannot be exact, each with its bound: those of rules.Causes, and
// what a report counts as unaccounted.
var (
	exactly = bound{1, 1, ""}
	// A part of a block is priced as if it were all of it.
	pinning = boundOf(rules.PartOfBlock)
	// Maps are priced as if they had been filled by insertion alone.
	mapShape = boundOf(rules.MapHistory)
	// A channel does not show its timer.
	timer = boundOf(rules.TimerChannel)
	// Closures, unsafe.Pointer and what lies behind them.
	withoutType = bound{0, 1, "no type describes it"}
	// The buffer of a channel is the runtime's, and opened by no means of the language.
	queued = bound{0, 1, "what waits in a channel is not seen"}
)

func boundOf(c rules.Causes) bound {
	low, high := c.Bounds()
	return bound{low, high, c.Names()[0]}
}

// TestHeapTruth requires that a value holds what the heap grows by when it is built, to the byte,
// and what the collector reaches from it.
func TestHeapTruth(t *testing.T) {
	defer truth.Quiet()()
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	for _, c := range heapCases() {
		t.Run(c.name, func(t *testing.T) {
			var heap, reachable uint64
			var r *memsize.Report
			c.Look = func(v any) {
				heap = memsize.Heap(v)
				r = memsize.Scan(v, memsize.WithModel(rules.Go()))
				_, reachable = block.Reachable(suite.DataWord(v))
			}
			bytes, err := c.Measure()
			require.NoError(t, err)
			if !block.PointersExact() {
				requireBound(t, c, string(doc), bytes, r)
				require.Equal(t, heap, r.Total)
				return
			}
			require.Equal(t, reachable, heap, "what the collector reaches; %s", c.why)
			if c.around {
				require.LessOrEqual(t, heap, bytes, "what is said to lie around it; %s", c.why)
				return
			}
			require.Equal(t, bytes, heap, "MemStats; %s", c.why)
		})
	}
}

// requireBound holds a modelled figure to the bound that is stated for it here, and to what the
// report itself says of its exactness.
func requireBound(t *testing.T, c heapCase, doc string, bytes uint64, r *memsize.Report) {
	b := c.portable
	if b == (bound{}) {
		b = exactly
	}
	if bytes != r.Total {
		t.Logf("truth %d, modelled %d: %s", bytes, r.Total, b.cause)
	}
	requireWithin(t, b, bytes, r.Total)
	require.True(t, strings.Contains(doc, b.cause), "docs/heap.md does not name %q", b.cause)
	require.Equal(t, "modelled", r.Exactness)
	require.Equal(t, "modelled", r.Models[0].Exactness)
	requireWithin(t, claimed(r), bytes, r.Total)
}

func requireWithin(t *testing.T, b bound, bytes, figure uint64) {
	low, high := math.Floor(b.low*float64(bytes)), math.Ceil(b.high*float64(bytes))
	require.GreaterOrEqual(t, float64(figure), low, "of %d bytes: %s", bytes, b.cause)
	require.LessOrEqual(t, float64(figure), high, "of %d bytes: %s", bytes, b.cause)
}

// TestHeapDocHasBounds holds the table of docs/heap.md to the bounds that tests and reports use.
func TestHeapDocHasBounds(t *testing.T) {
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	for _, c := range []rules.Causes{rules.PartOfBlock, rules.TinyBlocks, rules.MapHistory,
		rules.TimerChannel} {
		low, high := c.Bounds()
		row := fmt.Sprintf("\n| %s | %.2g | %.2g | %s |\n", c.Names()[0], low, high, c.Why()[0])
		require.True(t, strings.Contains(string(doc), row), "docs/heap.md has no row%s", row)
	}
}

// claimed is the bound that a report gives for itself.
func claimed(r *memsize.Report) bound {
	low, high := suite.Claimed(r)
	return bound{low, high, "the report's own causes"}
}

// at is a pointer to a block with v alone.
func at[T any](v T) any {
	p := new(T)
	*p = v
	return p
}

// TestHandleAgainstMemStats holds unique.Handle to MemStats: beside the value, each has an entry in
// a table of the package, and a weak handle, which nothing in the value leads to. They take the
// same for values of any type, so that what is beyond must be the value.
func TestHandleAgainstMemStats(t *testing.T) {
	defer truth.Quiet()()
	if !block.PointersExact() {
		t.Skip("this build does not look up blocks")
	}
	small, large := aroundHandle(t, [16]int64{1}), aroundHandle(t, [600]int64{2})
	require.Equal(t, small, large)
	require.Positive(t, small)
	require.Less(t, small, uint64(256), "an entry, a weak handle and what frees them")
}

// aroundHandle is what a handle takes beyond what the walk says, in bytes.
func aroundHandle[T comparable](t *testing.T, v T) uint64 {
	var heap uint64
	bytes, err := truth.Case{
		Build: func() any { return at(unique.Make(v)) },
		Look:  func(v any) { heap = memsize.Heap(v) },
	}.Measure()
	require.NoError(t, err)
	require.GreaterOrEqual(t, heap, uint64(unsafe.Sizeof(v)))
	return bytes - heap
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
	require.Equal(t, bytes, asked)
	require.Equal(t, uint64(block.Round(2*unsafe.Sizeof(uintptr(0)), true)), through)
	runtime.KeepAlive(&global)
}

var global struct{ list []*int }
