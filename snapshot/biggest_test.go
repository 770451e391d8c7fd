package snapshot

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The biggest entries are those that sorting all of them gives, ties in stream order.
func TestBiggestAgainstSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		limit := 1 + r.IntN(30)
		var all []rawEntry
		b, floor := &biggest{}, uint64(0)
		for i := range r.IntN(200) {
			e := rawEntry{bytes: 1 + r.Uint64N(40), offset: int64(i), key: []byte{byte(i)}}
			all = append(all, e)
			if e.bytes > floor {
				floor = b.insert(e, limit)
			}
			if r.IntN(50) == 0 {
				b.sorted() // somebody looks meanwhile
			}
		}
		slices.SortStableFunc(all, func(x, y rawEntry) int { return cmp.Compare(y.bytes, x.bytes) })
		require.Equal(t, all[:min(limit, len(all))], append([]rawEntry(nil), b.sorted()...), "limit %d", limit)
	}
}
