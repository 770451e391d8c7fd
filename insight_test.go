package memsize_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/walker"
)

// What is held is told beside what the last collection found to be live.
func TestCoverage(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	large := make([]byte, 5<<20)
	runtime.GC()
	r := memsize.ScanRoots(map[string]any{"large": &large}, memsize.OnHeap())
	require.NotNil(t, r.Coverage)
	require.Equal(t, r.Total, r.Coverage.Held)
	require.Greater(t, r.Coverage.Live, uint64(5<<20))
	require.Nil(t, memsize.ScanRoots(map[string]any{"large": &large}).Coverage, "core knows no heap")
	require.Panics(t, func() { memsize.Scan(large, memsize.WithRetained()) }, "core knows no heap")
}
