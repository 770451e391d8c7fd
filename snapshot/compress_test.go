package snapshot

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

func gzipped(t *testing.T, b []byte) []byte {
	var zip bytes.Buffer
	w := gzip.NewWriter(&zip)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return zip.Bytes()
}

func zstded(t *testing.T, b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return w.EncodeAll(b, nil)
}

// TestCompression: gzip and zstd are found by magic, in one layer; what is broken in them is an
// error, after the values that could be read.
func TestCompression(t *testing.T) {
	plain := encode(t, someOuter(), []int{1, 2, 3})
	want := scanBytes(t, plain)
	for name, zip := range map[string][]byte{"gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		c, err := Scan(t.Context(), bytes.NewReader(zip))
		require.NoError(t, err, name)
		require.Equal(t, name, c.Compression)
		require.EqualValues(t, len(zip), c.InputBytes)
		require.Equal(t, dump(want), dump(c))

		for n := range len(zip) - 1 {
			c, err := Scan(t.Context(), bytes.NewReader(zip[:n]))
			require.Error(t, err, "%s cut at %d", name, n)
			require.True(t, c.Incomplete)
		}
	}
	double, err := Scan(t.Context(), bytes.NewReader(gzipped(t, gzipped(t, plain))))
	require.ErrorContains(t, err, "one layer")
	require.Zero(t, double.Values)

	badSum := gzipped(t, plain)
	badSum[len(badSum)-6] ^= 1
	c, err := Scan(t.Context(), bytes.NewReader(badSum))
	require.ErrorIs(t, err, gzip.ErrChecksum)
	require.Equal(t, want.Values, c.Values)

	members := append(gzipped(t, plain[:50]), gzipped(t, plain[50:])...)
	c, err = Scan(t.Context(), bytes.NewReader(members))
	require.NoError(t, err, "gzip files may be appended to each other")
	require.Equal(t, dump(want), dump(c))
}

// TestBomb: a limit on the plain size holds whatever the compressed size.
func TestBomb(t *testing.T) {
	bomb := gzipped(t, message(integer(6), zeros(1), text(string(make([]byte, 10<<20)))))
	_, err := Scan(t.Context(), bytes.NewReader(bomb), MaxInput(1<<20))
	require.ErrorIs(t, err, ErrLimit)
	_, err = Scan(t.Context(), io.LimitReader(bytes.NewReader(bomb), 1000), MaxInput(1<<30))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
