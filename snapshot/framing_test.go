package snapshot

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"testing"

	"github.com/klauspost/compress/zlib"
	"github.com/stretchr/testify/require"
)

// framed is gobs with the length of each before it.
func framed(f framing, gobs ...[]byte) []byte {
	var b []byte
	for _, gob := range gobs {
		head := make([]byte, f.width)
		if f.width == 4 {
			f.order.PutUint32(head, uint32(len(gob)))
		} else {
			f.order.PutUint64(head, uint64(len(gob)))
		}
		b = append(append(b, head...), gob...)
	}
	return b
}

// Gobs with their lengths before them are read as without, and a warning says so; no gob of any kind
// is taken for such a length.
func TestLengthPrefixes(t *testing.T) {
	for name, stream := range smallStreams(t) {
		_, ok := framingOf(stream[:min(len(stream), magicSize)])
		require.False(t, ok, name)
		want := scanBytes(t, stream)
		for _, f := range framings {
			c, err := Scan(t.Context(), bytes.NewReader(framed(f, stream)))
			require.NoError(t, err, "%s %s", name, f)
			require.Contains(t, c.Warnings[0].Text, f.String(), name)
			require.Equal(t, want.Values, c.Values, name)
			require.Equal(t, want.Bytes, c.Bytes, name)
			require.Equal(t, want.Roots[0].Wire, c.Roots[0].Wire, name)
			two, err := Scan(t.Context(), bytes.NewReader(framed(f, stream, nil, stream)))
			require.NoError(t, err)
			require.Equal(t, 2*want.Values, two.Values, name)
		}
	}
	f := framing{4, binary.BigEndian}
	whole := framed(f, encode(t, []string{"a", "b"}), encode(t, 7))
	for end := 32; end < len(whole); end++ { // of what is shorter nothing can be told
		c, err := Scan(t.Context(), bytes.NewReader(whole[:end]))
		if err == nil {
			require.EqualValues(t, 1, c.Values)
			continue
		}
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", end)
	}
	_, err := Scan(t.Context(), bytes.NewReader(join(framed(f, encode(t, 7)), zeros(1<<20))))
	require.ErrorContains(t, err, "too many lengths of 0")
}

func TestZlib(t *testing.T) {
	stream := encode(t, someOuter())
	for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
		var b bytes.Buffer
		w, err := zlib.NewWriterLevel(&b, level)
		require.NoError(t, err)
		_, err = w.Write(stream)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		c, err := Scan(t.Context(), bytes.NewReader(b.Bytes()))
		require.NoError(t, err)
		require.Equal(t, "zlib", c.Compression)
		require.EqualValues(t, 1, c.Values)
		reload(t, c)
		bad := bytes.Clone(b.Bytes())
		bad[len(bad)-1] ^= 1
		_, err = Scan(t.Context(), bytes.NewReader(bad))
		require.ErrorContains(t, err, "zlib data are damaged")
		_, err = Scan(t.Context(), bytes.NewReader(bad[:len(bad)/2]))
		require.ErrorContains(t, err, "zlib data end early")
	}
}

// A gob that was written as text is named, with what to do.
func TestEncodedAsText(t *testing.T) {
	for name, stream := range smallStreams(t) {
		for _, content := range [][]byte{stream, gzipped(t, stream), framed(framings[0], stream)} {
			for says, text := range map[string]string{
				"hexadecimal": hex.EncodeToString(content),
				"base64":      base64.StdEncoding.EncodeToString(content),
				"base64 for":  base64.URLEncoding.EncodeToString(bytes.Repeat(content, 3)),
			} {
				_, err := Scan(t.Context(), bytes.NewReader([]byte(text)))
				require.Error(t, err, name)
				if says == "base64 for" {
					says = "base64" // it has no letter of its own, perhaps
				}
				require.ErrorContains(t, err, says, "%s: %.80s", name, text)
			}
		}
	}
	_, err := Scan(t.Context(), bytes.NewReader([]byte("a plain sentence, which is no gob of anything at all")))
	require.NotContains(t, err.Error(), "base64")
}
