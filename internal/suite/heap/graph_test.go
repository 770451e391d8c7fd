package heap_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/suite"
)

// The graph of blocks has the edges that the collector sees, for every kind of memory.
func TestGraphOfCases(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	for _, c := range heapCases() {
		if c.NoGarbage { // a sync.Pool: a collection between two looks empties it
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			v := c.Build()
			for _, entries := range []bool{false, true} {
				require.Empty(t, suite.GraphDisagreements([]any{v}, entries), c.why)
			}
			runtime.KeepAlive(v)
			if c.Drop != nil {
				c.Drop()
			}
		})
	}
}
