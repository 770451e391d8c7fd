package snapshot

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// countingReader counts the bytes that the caller's reader has given, before decompression.
type countingReader struct {
	source   io.Reader
	read     int64
	progress func(read int64)
}

func (c *countingReader) Read(b []byte) (n int, err error) {
	n, err = c.source.Read(b)
	c.read += int64(max(n, 0))
	if c.progress != nil && n > 0 {
		c.progress(c.read)
	}
	return n, err
}

// magicSize is how much of the stream is read before anything else: enough for every magic, and
// to tell text from a gob.
const magicSize = 64

// failingReader returns an error that has been met already.
type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// maxWindow is the largest zstd window in bytes that is decoded: it has to be held in memory.
// Larger ones come of compressing with --long or --ultra.
const maxWindow = 32 << 20

// decompress returns a reader of the plain stream, and the compression that it found by magic.
// No gob begins with one of the magics: their second byte would announce a number of more than
// eight bytes. Compressed data inside is not opened again.
func decompress(r io.Reader) (plain io.Reader, compression string, err error) {
	magic := make([]byte, magicSize)
	n, err := io.ReadFull(r, magic)
	magic = magic[:n]
	rest := r
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		rest = failingReader{err}
	}
	whole := io.MultiReader(bytes.NewReader(magic), rest)
	if bytes.HasPrefix(magic, []byte(gzipMagic)) {
		zip, err := gzip.NewReader(bufio.NewReaderSize(whole, 64<<10))
		return orEmpty(zip, err), "gzip", err
	}
	if bytes.HasPrefix(magic, []byte(zstdMagic)) {
		zip, err := zstd.NewReader(whole, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		return orEmpty(zip, err), "zstd", err
	}
	return whole, "", nil
}

// orEmpty is r, or a reader of nothing if r could not be made.
func orEmpty(r io.Reader, err error) io.Reader {
	if err != nil {
		return bytes.NewReader(nil)
	}
	return r
}
