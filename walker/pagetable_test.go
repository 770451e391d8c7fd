package walker

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table finds what a map would, through growth, clustered keys and resets.
func TestChunkTableIsAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(propertySeed(t), 0))
	var table chunkTable[page]
	for range 20 {
		known := map[uintptr]*chunk[page]{}
		for range r.IntN(60) {
			key := uintptrN(r, 24) // neighbours: a dense heap
			if r.IntN(3) == 0 {
				key = uintptrN(r, 1<<10-1) // far apart, yet an address on 32 bits
			}
			require.Equal(t, known[key], table.peek(key))
			known[key] = table.get(key*chunkBytes + uintptrN(r, chunkBytes))
			require.NotNil(t, known[key])
			require.Same(t, known[key], table.peek(key))
		}
		require.LessOrEqual(t, 2*table.used, len(table.slots), "at most half full")
		for key, c := range known {
			require.Same(t, c, table.get(key*chunkBytes))
			c.pages[0] = fullPage
		}
		table.reset()
		for key := range known { // chunks may be kept for reuse, pages not
			if c := table.peek(key); c != nil {
				require.Nil(t, c.pages[0])
			}
		}
		table = chunkTable[page]{}
	}
}
