package heap_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/check"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/swiss"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// TestLabelsFollowChecks: on a release that is not known, checks fail, and what rests on them is
// labelled. make distrust runs this test and TestHeapTruth in programs where each check in turn is
// made to fail: figures are then exact still, or say that they are modelled and stay in the bounds
// that they claim.
func TestLabelsFollowChecks(t *testing.T) {
	type record struct {
		m map[int]*int64
		c chan *int64
		f func() int
		s string
	}
	v := &record{map[int]*int64{1: new(int64)}, queue(new(int64)),
		capture(new([10]int64), "", 1), "literal"}
	r := memsize.Scan(v, memsize.WithModel(rules.Go()))
	t.Logf("made to fail: %q; %d bytes, %s", check.Distrusted(), r.Total, r.Exactness)
	require.Equal(t, r.Total, memsize.Heap(v))
	linked := !suite.Portable
	for _, row := range []struct {
		failing string
		what    bool
		ok      bool
	}{
		{check.Blocks, block.Exact(), linked},
		{check.Pointers, block.PointersExact(), linked && check.Distrusted() != check.Blocks},
		{check.Maps, swiss.Exact(), linked},
	} {
		require.Equal(t, row.ok && check.Distrusted() != row.failing, row.what, row.failing)
	}
	lo, hi := block.Image()
	require.Equal(t, check.Distrusted() == check.Image, lo == hi)
	require.Equal(t, lo == hi, len(r.Assumptions) > 0)
	exact := block.Exact() && block.PointersExact()
	require.Equal(t, exact, walker.BlocksExact())
	if exact {
		_, reachable := block.Reachable(suite.DataWord(v))
		require.Equal(t, reachable, r.Total, "whatever else is not known")
		require.Equal(t, "exact", r.Exactness)
		require.Equal(t, "exact", r.Models[0].Exactness)
	} else {
		require.Equal(t, "modelled", r.Exactness)
		require.Equal(t, "modelled", r.Models[0].Exactness)
		require.NotEmpty(t, r.Tree.Causes)
		require.NotEmpty(t, r.Unaccounted, "a closure")
	}
	runtime.KeepAlive(v)
}
