package snapshot

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// FuzzScan: no input panics, hangs or passes the limits; the census is sound and does not depend
// on how the reader cuts the input.
func FuzzScan(f *testing.F) {
	for _, stream := range smallStreams(f) {
		f.Add(stream)
	}
	for _, row := range hostileRows {
		f.Add(row.stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		o := defaults()
		o.maxInput, o.maxMemory = 1<<20, 4<<20
		c, err := scan(t.Context(), bytes.NewReader(stream), o)
		checkSums(t, c)
		require.Equal(t, err != nil, c.Incomplete)
		var e *Error
		if err != nil {
			require.True(t, errors.As(err, &e))
		}
		for s := range c.Sites() {
			_ = s.Type.String()
		}
		checkFinite(t, c)
		if len(stream) > 4096 {
			return
		}
		o.bufferSize, o.notes = 0, maxWindows // and the scan pauses for the sample of the order
		slow, slowErr := scan(t.Context(), iotest.OneByteReader(bytes.NewReader(stream)), o)
		require.Equal(t, dump(c), dump(slow))
		require.Equal(t, err == nil, slowErr == nil)
	})
}
