//go:build memsize_portable

package block_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
)

const portable = true

// The portable build says that it knows nothing; it does not guess.
func TestPortableFindsNothing(t *testing.T) {
	p := unsafe.Pointer(new([100]*int))
	_, ok := block.Of(p)
	require.False(t, ok)
	_, ok = block.PageOf(p)
	require.False(t, ok)
	require.Equal(t, block.Unknown, block.Where(p))
	blocks, bytes := block.Reachable(p)
	require.Zero(t, blocks)
	require.Zero(t, bytes)
	block.Block{Base: p, Size: 800, Pointers: true}.EachPointer(func(unsafe.Pointer) { t.Fail() })
}
