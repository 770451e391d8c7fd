//go:build !memsize_portable

package walker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/walker"
)

// What waits in a channel is followed, wherever in its ring the queue begins.
func TestQueued(t *testing.T) {
	const capacity = 3
	for begin := range capacity {
		for waiting := range capacity + 1 {
			c := make(chan *pair, capacity)
			for range begin {
				c <- new(pair)
				<-c
			}
			for range waiting {
				c <- new(pair)
			}
			for _, o := range []walker.Options{{ByPath: true}, {ByPath: true, Sorted: true},
				{ByPath: true, PerReference: true}} {
				r, err := walk(t, c, o)
				require.NoError(t, err)
				require.Equal(t, m(8*capacity)+uint64(waiting)*m(16), r.Total,
					"%d waiting from %d on, %+v", waiting, begin, o)
			}
			require.Len(t, c, waiting, "nothing was taken out")
		}
	}
}
