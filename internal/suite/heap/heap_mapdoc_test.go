package heap_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestDocOfMaps holds the page's table of what maps take to the formulas, and these to maps of this
// process: to the byte where a map has one table; beyond, which tables split is random.
func TestDocOfMaps(t *testing.T) {
	if !block.PointersExact() || reflect.TypeFor[int]().Size() == 4 {
		t.Skip("the table is of 64 bits, and this build cannot tell what a map takes")
	}
	doc, err := os.ReadFile("docs/heap.md")
	require.NoError(t, err)
	p := rules.Go().NewPricer(rules.Go().Bind(rules.TypeOf(reflect.TypeFor[map[int64]int64]())))
	for _, n := range []int{0, 8, 9, 100, 800, 1000, 100_000} {
		decoded, _ := p.Decoded(uint64(n))
		made, filled := decoded.Total(), p.Usage(uint64(n), uint64(n)).Total()
		row := fmt.Sprintf("| %d | %d | %d |", n, made, filled)
		require.True(t, strings.Contains(string(doc), row), "docs/heap.md has no row %s", row)
		realMade, realFilled := heapOfMap(n, n), heapOfMap(n, 0)
		if n <= 800 {
			require.Equal(t, realMade, made, n)
			require.Equal(t, realFilled, filled, n)
			continue
		}
		require.InEpsilon(t, realMade, made, 0.1, n)
		require.InEpsilon(t, realFilled, filled, 0.34, n)
	}
}

// heapOfMap is what a map of n entries takes that was made for hint.
func heapOfMap(n, hint int) uint64 {
	m := make(map[int64]int64, hint)
	for i := range n {
		m[int64(i)] = 1
	}
	return memsize.Heap(m)
}
