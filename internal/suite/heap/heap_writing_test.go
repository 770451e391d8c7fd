//go:build !memsize_portable

package heap_test

import (
	"context"
	"math"
	"math/bits"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/swiss"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/rules"
)

// writingOffset is where the runtime marks a map that is being written: see the tests of package
// swiss, which prove it.
const writingOffset = 8 + 3*unsafe.Sizeof(uintptr(0)) + 2

// TestMapBeingWritten: a walk that meets a map which the runtime marks as being written says so,
// and gives no figure that could be taken for the truth. The portable build leaves it to the runtime,
// which ends the program.
func TestMapBeingWritten(t *testing.T) {
	if variant.Plain() {
		t.Skip("maps that are not read where they lie are the runtime's, which ends the program")
	}
	values := map[string]*[10]int64{}
	for _, key := range []string{"a", "b", "c"} {
		values[key] = new([10]int64)
	}
	many, numbers := fill(map[int]*int64{}, 1000), fill(map[int]int64{}, 1000)
	for _, row := range []struct {
		why   string
		m     any
		model *rules.Model
	}{
		{"a small map", values, rules.Core()}, {"a small map", values, rules.Go()},
		{"a large map", many, rules.Core()}, {"a large map", many, rules.Go()},
		{"a map without pointers", numbers, rules.Go()},
	} {
		opt := memsize.WithModel(row.model)
		flag := (*uint8)(unsafe.Add(suite.DataWord(row.m), writingOffset))
		holder := &struct {
			before []int64
			m      any
		}{make([]int64, 100), row.m}
		whole := memsize.Of(holder, opt)
		*flag = 1
		r, err := memsize.ScanContext(context.Background(), holder, opt)
		require.ErrorIs(t, err, swiss.ErrWriting, "%s, %s", row.why, row.model.Name())
		require.True(t, r.Truncated)
		require.Contains(t, r.Reason, "the map is being written")
		require.LessOrEqual(t, r.Total, whole)
		require.True(t, memsize.Scan(holder, opt).Truncated)
		require.Panics(t, func() { memsize.Of(holder, opt) }, "a number cannot say what it is of")
		*flag = 0
		require.Equal(t, whole, memsize.Of(holder, opt), "nothing is left behind")
	}
}

// TestTornSlices: a header that is read while it is written may have the capacity of another slice.
// A walk of the heap goes no further than the block: the whole of it is held, and followed as the
// collector would.
func TestTornSlices(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("where blocks are not known, nothing is known of their ends")
	}
	pointers, arrays := make([]*int64, 4), make([][100]*int64, 4)
	pointers[3], arrays[3][99] = new(int64), new(int64)
	for _, capacity := range []int{5, 1 << 10, 1<<(bits.UintSize-4) + 4, math.MaxInt} {
		for _, row := range []struct{ whole, torn any }{
			{&pointers, torn(pointers, capacity)},
			{&arrays, torn(arrays, capacity)},
		} {
			own := memsize.Heap(row.whole)
			require.Equal(t, own, memsize.Heap(row.torn), "%T, %d", row.torn, capacity)
			require.Equal(t, own, memsize.Scan(row.torn, memsize.WithModel(rules.Go())).Total)
		}
	}
}

// torn is a pointer to a slice over the same array that says it is longer than that.
func torn[T any](s []T, capacity int) *[]T {
	header := &struct {
		data          unsafe.Pointer
		length, space int
	}{unsafe.Pointer(&s[0]), capacity, capacity}
	return (*[]T)(unsafe.Pointer(header))
}
