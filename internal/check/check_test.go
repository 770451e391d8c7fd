package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/check"
)

func TestGuarded(t *testing.T) {
	var nowhere *int
	require.False(t, check.Guarded(func() bool { panic("surprise") }))
	require.False(t, check.Guarded(func() bool { return *nowhere == 0 }))
	require.False(t, check.Guarded(func() bool { return false }))
	require.True(t, check.Guarded(func() bool { return true }))
}

// A check holds if its function says so, but for the one that the linker was told of.
func TestHolds(t *testing.T) {
	for _, name := range []string{check.Blocks, check.Pointers, check.Image, check.Maps,
		check.Channels, check.Waiters} {
		require.Equal(t, name != check.Distrusted(), check.Holds(name, func() bool { return true }), name)
		require.False(t, check.Holds(name, func() bool { return false }), name)
	}
}
