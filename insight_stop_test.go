package memsize_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/walker"
)

// countdown is a context that is done after it was looked at so many times.
type countdown struct {
	context.Context
	left, looks int
}

func (c *countdown) Err() error {
	if c.looks++; c.looks > c.left {
		return context.Canceled
	}
	return nil
}

// workshop is a value in which all that is asked about has something to find.
func workshop(n int) map[string]any {
	m := map[string]any{}
	var last any
	for i := range n {
		last = &[3]any{last, m, fmt.Sprint("a text that many hold ", i%10)}
		m[fmt.Sprint("key ", i)] = last
	}
	return m
}

// A scan looks at its context in each of its phases, whatever is asked of it: it is stopped at every one of
// those looks, and says so. Nothing is done twice: the looks come to an end.
func TestInsightStops(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	roots := map[string]any{"a": workshop(300), "b": workshop(10)}
	for _, c := range []struct {
		why   string
		least int // looks
		call  func(ctx context.Context) error
	}{
		{"retained", 8, func(ctx context.Context) error {
			_, err := memsize.ScanContext(ctx, roots, memsize.OnHeap(), memsize.WithRetained())
			return err
		}},
		{"biggest", 8, func(ctx context.Context) error {
			_, err := memsize.ScanContext(ctx, roots, memsize.OnHeap(), memsize.WithBiggest(3))
			return err
		}},
		{"waste", 6, func(ctx context.Context) error {
			r, err := memsize.ScanContext(ctx, roots, memsize.OnHeap(), memsize.WithWaste())
			require.Equal(t, err != nil, r.Truncated)
			return err
		}},
		{"roots", 8, func(ctx context.Context) error {
			_, err := memsize.ScanRootsContext(ctx, roots, memsize.OnHeap(), memsize.WithRetained())
			return err
		}},
		{"holders", 6, func(ctx context.Context) error {
			_, err := memsize.HoldersContext(ctx, roots, roots["b"])
			return err
		}},
	} {
		done := false
		looks := 0
		for ; !done; looks++ {
			err := c.call(&countdown{Context: context.Background(), left: looks})
			if done = err == nil; !done {
				require.ErrorIs(t, err, context.Canceled, "%s, after %d looks", c.why, looks)
			}
			require.Less(t, looks, 1000, c.why)
		}
		require.Greater(t, looks, c.least, c.why)
	}
}

// A graph that would take more than a quarter of the memory that the process may have is not made: the scan
// ends with an error before memory runs out, and ScanRoots does without.
func TestInsightWithinMemory(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	value := make([]*[4]byte, 1<<17)
	for i := range value {
		value[i] = new([4]byte)
		value[i][0] = 1
	}
	scan := func(opts ...memsize.Option) (*memsize.Report, error) {
		return memsize.ScanContext(context.Background(), value, append(opts, memsize.OnHeap())...)
	}
	_, err := scan(memsize.WithRetained(), memsize.WithWaste())
	require.NoError(t, err)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(4 << 20))
	for _, o := range []memsize.Option{memsize.WithRetained(), memsize.WithWaste(), memsize.WithBiggest(1)} {
		r, err := scan(o)
		require.ErrorIs(t, err, walker.ErrGraph)
		require.True(t, r.Truncated)
	}
	_, err = memsize.Holders(map[string]any{"value": value}, value[7])
	require.ErrorIs(t, err, walker.ErrGraph)
	r, err := memsize.ScanRootsContext(context.Background(), map[string]any{"a": value, "b": value[:1]},
		memsize.OnHeap())
	require.NoError(t, err)
	require.NotZero(t, r.Shared)
	runtime.KeepAlive(value)
}

// Where the runtime cannot be asked for blocks, that is said: in the error and in the report.
func TestInsightUnsupported(t *testing.T) {
	if walker.BlocksExact() {
		t.Skip("this build can ask the runtime")
	}
	for _, o := range []memsize.Option{memsize.WithRetained(), memsize.WithWaste(), memsize.WithBiggest(1)} {
		r, err := memsize.ScanContext(context.Background(), workshop(10), memsize.OnHeap(), o)
		require.True(t, errors.Is(err, errors.ErrUnsupported), "%v", err)
		require.Contains(t, fmt.Sprint(r.Assumptions), "cannot ask the runtime for blocks")
		require.NotZero(t, r.Total)
	}
}
