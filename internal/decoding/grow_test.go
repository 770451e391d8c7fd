package decoding

import (
	"reflect"
	"testing"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/stretchr/testify/require"
)

// TestRead does what internal/saferio.ReadData does, and asks the runtime for the capacities.
func TestRead(t *testing.T) {
	for _, n := range []int{1, 1000, 3 * gort.PageBytes, gort.ReadChunk - gort.PageBytes, gort.ReadChunk, gort.ReadChunk + 1, 25 << 20, 100_000_001} {
		want, most := uint64(n), uint64(n)
		if n >= gort.ReadChunk {
			var buf []byte
			piece := make([]byte, gort.ReadChunk)
			for left := n; left > 0; left -= min(left, gort.ReadChunk) {
				before := cap(buf)
				if buf = append(buf, piece[:min(left, gort.ReadChunk)]...); cap(buf) != before {
					most = max(most, uint64(before+cap(buf)+gort.ReadChunk))
				}
			}
			want = uint64(cap(buf))
		}
		capacity, peak := read(uint64(n))
		require.Equal(t, want, capacity, "%d bytes", n)
		require.Equal(t, most, peak, "%d bytes", n)
	}
}

// TestBeforeLast grows a slice as decodeArrayHelper does.
func TestBeforeLast(t *testing.T) {
	type element [5]int64
	const size = 40
	for _, n := range []int{0, 1, gort.ReadChunk / size, gort.ReadChunk/size + 1, 400_000, 1_000_000} {
		v := reflect.New(reflect.TypeFor[[]element]()).Elem()
		v.Set(reflect.MakeSlice(v.Type(), min(n, gort.ReadChunk/size), min(n, gort.ReadChunk/size)))
		before := 0
		for v.Cap() < n {
			before = v.Cap()
			v.Grow(1)
			v.SetLen(min(v.Cap(), n))
		}
		require.Equal(t, uint64(before), beforeLast(uint64(n), size), "%d elements", n)
	}
	require.Zero(t, beforeLast(1<<62, 0))
	require.Positive(t, beforeLast(1<<62, 1<<40), "saturated, and it ends")
}
