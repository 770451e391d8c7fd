package snapshot

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
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
const magicSize = 264

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
		return explaining(zip, "gzip", err)
	}
	if isZlib(magic) {
		zip, err := zlib.NewReader(bufio.NewReaderSize(whole, 64<<10))
		return explaining(zip, "zlib", err)
	}
	if bytes.HasPrefix(magic, []byte(zstdMagic)) || isSkippable(magic) {
		zip, err := zstd.NewReader(bufio.NewReaderSize(whole, 64<<10), zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		return explaining(zip, "zstd", err)
	}
	return whole, "", nil
}

// isSkippable tells whether a stream begins with a zstd frame of other data, as pzstd writes. No
// gob does: it would be a value of type 21, which describes types and has no values.
func isSkippable(magic []byte) bool {
	return len(magic) > 4 && magic[0]&0xf0 == 0x50 && string(magic[1:4]) == "\x2a\x4d\x18"
}

// explaining is a reader of zip, or of nothing if it could not be made, that says what is wrong
// with the compressed data.
func explaining(zip io.Reader, compression string, err error) (io.Reader, string, error) {
	if err != nil {
		return bytes.NewReader(nil), compression, err
	}
	return &explainingReader{zip: zip, compression: compression}, compression, nil
}

type explainingReader struct {
	zip         io.Reader
	compression string
	read        bool // some of it
}

func (r *explainingReader) Read(b []byte) (n int, err error) {
	n, err = r.zip.Read(b)
	r.read = r.read || n > 0
	what := ""
	switch {
	case err == nil, err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		what = "end early"
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		what = "need a window of more than 32 MiB, as zstd --long and --ultra make it (decompress " +
			"them first: zstd -dc --long=31)"
	case errors.Is(err, gzip.ErrHeader) && r.read, errors.Is(err, zstd.ErrMagicMismatch) && r.read:
		what = "are followed by something else"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		what = "are damaged"
	default:
		return n, err
	}
	return n, fmt.Errorf("the %s data %s: %w", r.compression, what, err)
}
