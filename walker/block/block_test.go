package block_test

import (
	"testing"

	"github.com/bitcoin-mem/memsize/walker/block"
)

func TestExactSmoke(t *testing.T) {
	t.Log(block.Exact(), block.PointersExact())
}
