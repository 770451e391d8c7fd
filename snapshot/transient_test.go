package snapshot_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// TestDecodeBuffer does what internal/saferio.ReadData does, and asks the runtime for the capacity.
func TestDecodeBuffer(t *testing.T) {
	const chunk = 10 << 20
	for _, n := range []int{1, 1000, chunk - 1, chunk, chunk + 1, 25 << 20, 100_000_001} {
		want := uint64(n)
		if n >= chunk {
			var buf []byte
			piece := make([]byte, chunk)
			for left := n; left > 0; left -= min(left, chunk) {
				buf = append(buf, piece[:min(left, chunk)]...)
			}
			want = uint64(cap(buf)) + chunk
		}
		require.Equal(t, want, (&snapshot.Census{LargestMessage: uint64(n)}).DecodeBuffer(), "%d bytes", n)
	}
}

func TestLargestMessage(t *testing.T) {
	stream := encode(t, make([]byte, 5000))
	c, err := snapshot.Scan(context.Background(), stream)
	require.NoError(t, err)
	require.InDelta(t, 5000, c.LargestMessage, 10, "the value, not the definitions")
}
