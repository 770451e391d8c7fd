package snapshot

import (
	"bytes"
	"encoding/gob"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
)

// TestQuickIsSlow: what is read quickly where it lies whole in the window is what is read with care
// where it does not, because it comes byte by byte: the same census, and the same error.
func TestQuickIsSlow(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, c := range benchCases {
		var b bytes.Buffer
		require.NoError(t, gob.NewEncoder(&b).Encode(c.make(r, 1000)))
		stream := b.Bytes()
		compareSlow(t, c.name, stream)
		for range testRounds() / 2 {
			bad := bytes.Clone(stream[:1+r.IntN(len(stream))])
			for range r.IntN(3) {
				bad[r.IntN(len(bad))] = byte(r.Uint32())
			}
			compareSlow(t, c.name, bad)
		}
	}
}

func compareSlow(t *testing.T, name string, stream []byte) {
	t.Helper()
	o := defaults()
	quick, quickErr := scan(t.Context(), bytes.NewReader(stream), o)
	o.bufferSize = 0
	slow, slowErr := scan(t.Context(), iotest.OneByteReader(bytes.NewReader(stream)), o)
	if quickErr == nil {
		require.NoError(t, slowErr, name)
	} else {
		require.EqualError(t, slowErr, quickErr.Error(), name)
	}
	require.Equal(t, dump(quick), dump(slow), name)
	if quick.Err == nil {
		require.Equal(t, string(save(t, quick)), string(save(t, slow)), name)
	}
}
