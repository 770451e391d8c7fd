package heap_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

var staticTwins, otherTwins [2]twins

type twins struct{ left, right *twins }

// TestPointersOfAllSorts: pointers that are walked many at a time may be nil, static, inside another
// block, or met before.
func TestPointersOfAllSorts(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build cannot ask the collector")
	}
	list := new([]*twins)
	for i := range 500 {
		p, array := new(twins), new([8]twins)
		p.left, p.right = &array[i%8], &staticTwins[i%2]
		array[3].left = p
		*list = append(*list, p, nil, p, &otherTwins[i%2], p.left)
	}
	_, held := block.Reachable(unsafe.Pointer(list))
	require.Equal(t, held, memsize.Heap(list))
	require.Equal(t, held, memsize.Scan(list, memsize.WithModel(rules.Go())).Total)
}
