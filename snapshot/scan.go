package snapshot

import (
	"context"
	"io"
)

// Scan reads all values of a gob stream, plain or compressed by gzip or zstd (one layer, found
// by its magic), into a census. On bad input, a limit, or cancellation it returns the census so
// far, marked Incomplete, and an *Error. The census is never nil.
func Scan(ctx context.Context, r io.Reader, opts ...Option) (*Census, error) {
	panic("snapshot: Scan: not written yet")
}
