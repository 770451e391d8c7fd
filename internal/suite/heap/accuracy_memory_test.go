package heap_test

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/variant"
)

// TestWalkMemory: a walk takes less than 4 percent of what it walks, however long slices and maps are
// and however they nest. It is a process of its own, for the gaps of other tests would be walked too.
func TestWalkMemory(t *testing.T) {
	if suite.RaceDetector || variant.Plain() || !block.Exact() {
		t.Skip("the race detector, iterators of maps and the portable build take more")
	}
	if os.Getenv(inChild) == "" {
		inProcessOfItsOwn(t)
		return
	}
	type node struct {
		left, right *node
		list        []*node
	}
	var long []*node
	for range 100_000 {
		n := &node{left: new(node), list: []*node{{}, {}}}
		n.list[0].right = n
		long = append(long, n)
	}
	document := make([]any, 0, 40_000)
	byName := map[string]any{}
	for i := range cap(document) {
		text := fmt.Sprint("a text of its own ", i)
		document = append(document, map[string]any{"name": text, "tags": []any{text[:5], map[string]any{"x": i}}})
		byName[text] = document[i]
	}
	for name, v := range map[string]any{"pointers": long, "slice": document, "map": byName} {
		held := memsize.Heap(v)
		took := uint64(math.MaxUint64)
		for range 5 { // the least: plans are known, and no collection emptied the pools
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			require.Equal(t, held, memsize.Heap(v), name)
			runtime.ReadMemStats(&after)
			took = min(took, after.TotalAlloc-before.TotalAlloc)
		}
		t.Logf("%s: %d bytes held, %d taken", name, held, took)
		require.Less(t, took, held/25+64<<10, name)
	}
}
