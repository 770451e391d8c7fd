package swiss_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Each entry is drawn as often as any other, within what chance allows, in maps of one group, of one
// table and of many, also where most entries were deleted.
func TestDrawIsUniform(t *testing.T) {
	needsLayout(t)
	for _, row := range []struct{ n, deleted int }{{1, 0}, {7, 0}, {40, 0}, {900, 0}, {3000, 0}, {5000, 4000}} {
		m := map[int]int{}
		for i := range row.n {
			m[i] = i
		}
		for i := range row.deleted {
			delete(m, i)
		}
		r := rand.New(rand.NewPCG(1, uint64(row.n)))
		l, times := layout(t, m), map[int]int{}
		const each = 100
		for range each * len(m) {
			key, elem, ok := l.Draw(word(m), r.Uint64N)
			require.True(t, ok)
			require.Equal(t, *(*int)(key), *(*int)(elem))
			times[*(*int)(key)]++
		}
		var chi float64
		for i := row.deleted; i < row.n; i++ {
			d := float64(times[i] - each)
			chi += d * d / each
		}
		free := float64(len(m) - 1) // chi-square: mean free, variance 2 free
		require.InDelta(t, free, chi, 6*max(1, math.Sqrt(2*free)), "%d of %d", row.deleted, row.n)
	}
	var none map[int]int
	_, _, ok := layout(t, none).Draw(unsafe.Pointer(nil), rand.Uint64N)
	require.False(t, ok)
}
