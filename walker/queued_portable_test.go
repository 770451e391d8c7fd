//go:build memsize_portable

package walker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/walker"
)

// Without a look into the runtime what waits in a channel is named, not silently 0.
func TestQueuedIsUnaccounted(t *testing.T) {
	c := make(chan *pair, 3)
	c <- new(pair)
	r, err := walk(t, c, walker.Options{ByPath: true})
	require.NoError(t, err)
	require.Equal(t, m(24), r.Total)
	require.Len(t, r.Unaccounted, 1)
	require.Contains(t, r.Unaccounted[0].Reason, "this build cannot look into the buffer")
}
