package property_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
)

// The graph of blocks has the edges that the collector sees, for random types and values.
func TestGraphAgainstCollector(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	src := &suite.HeapSource{Seed: seed.Of(t), Made: suite.MadeTypes}
	for i := range suite.Graphs(t) {
		roots := src.Roots(i)
		found := suite.GraphDisagreements(roots, i%2 == 0)
		require.Empty(t, found, "MEMSIZE_SEED=%d graph %d", src.Seed, i)
		runtime.KeepAlive(roots)
	}
}
