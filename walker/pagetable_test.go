package walker

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// The table finds what a map would, through growth, clustered keys and resets.
func TestPageTableIsAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(seed.Of(t), 0))
	var table pageTable[int]
	for round := range 40 {
		known := map[uintptr]int{}
		for i := range r.IntN(400) {
			page := uintptrN(r, 24*chunkPages) // neighbours: a dense heap
			if r.IntN(3) == 0 {
				page = uintptrN(r, 1<<19-1) // far apart, yet an address on 32 bits
			}
			at := page*pageBytes + uintptrN(r, pageBytes)
			if e := table.peek(at); e != nil {
				require.Equal(t, known[page], *e)
			} else {
				require.Zero(t, known[page])
			}
			require.Equal(t, known[page], *table.entry(at), "round %d", round)
			known[page] = i + 1
			if e := table.entry(at); *e == 0 {
				table.fill(e, i+1)
			} else {
				*e = i + 1
			}
		}
		require.LessOrEqual(t, 2*table.used, len(table.slots), "at most half full")
		for page, value := range known {
			require.Equal(t, value, *table.entry(page * pageBytes))
		}
		table.reset()
		for page := range known { // chunks may be kept for reuse, entries not
			if e := table.peek(page * pageBytes); e != nil {
				require.Zero(t, *e)
			}
		}
	}
}

// A slab hands out zero values, also after they were used, and keeps little.
func TestSlab(t *testing.T) {
	var s slab[int]
	for _, n := range []int{1, 63, 64, 65, 1000, 3} {
		seen := map[*int]bool{}
		for range n {
			p := s.next()
			require.Zero(t, *p)
			require.False(t, seen[p])
			seen[p], *p = true, 7
		}
		s.reset()
		require.Len(t, s.blocks, 1)
	}
}
