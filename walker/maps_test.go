//go:build !memsize_portable

package walker

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// However deep maps were nested, a session keeps few iterators for the next walk.
func TestIteratorsKeptAreFew(t *testing.T) {
	var s Session
	for range 10 * maxIterators {
		s.release(new(mapIterator))
	}
	require.Len(t, s.iterators, maxIterators)
}
