package block

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// The multiplication is the division, for every size class at every offset of a span: the longest
// has 10 pages (internal/runtime/gc.SizeClassToNPages).
func TestReciprocal(t *testing.T) {
	for size := Round(1, false); size <= maxSmall; size = Round(size+1, false) {
		r := reciprocalOf(size)
		for offset := uintptr(0); offset < 10*pageBytes; offset++ {
			if got := uintptr(uint64(offset) * uint64(r) >> 32); got != offset/size {
				require.Equal(t, offset/size, got, "offset %d of blocks of %d", offset, size)
			}
		}
	}
}

// A layout learned wrong in any one point is refused by the checks.
func TestLearnRefuses(t *testing.T) {
	right := runtimeLayout()
	if !right.pointersExact {
		t.Skip("nothing was learned")
	}
	require.True(t, right.readsPatterns())
	for why, spoil := range map[string]func(*layout){
		"another word as a large block's type": func(l *layout) { l.largeType = l.size },
		"the end of a large block elsewhere":   func(l *layout) { l.limit = l.size },
	} {
		wrong := *right
		spoil(&wrong)
		require.False(t, check.Guarded(wrong.readsPatterns), why)
	}
	samples := []sample{bytesOf(100), sampleOf(patterns[0], 100)}
	require.True(t, all(samples, right.finds))
	for why, spoil := range map[string]func(*layout){
		"another word as size":  func(l *layout) { l.size += wordSize },
		"another byte as class": func(l *layout) { l.class++ },
	} {
		wrong := *right
		spoil(&wrong)
		require.False(t, check.Guarded(func() bool { return all(samples, wrong.finds) }), why)
	}
}

// No other gap than the one learned fits the blocks of a size.
func TestBitmapsRefuse(t *testing.T) {
	right := runtimeLayout()
	if !right.pointersExact {
		t.Skip("nothing was learned")
	}
	for size := Round(wordSize+1, true); size <= maxBitmapped; size = Round(size+1, true) {
		samples := bitmapped(size)
		for gap := uintptr(0); gap <= 256; gap += wordSize {
			fits := all(samples, func(s sample) bool { return bitmapOf(s.want, gap) == s.slots() })
			require.Equal(t, gap == right.gap[size/wordSize], fits, "%d bytes, gap %d", size, gap)
		}
	}
}
