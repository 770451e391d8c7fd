package walker_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/walker"
)

// TestSmallValuesShareBlocksWithoutDispute: bytes and numbers that lie in one block of 16 bytes and are met
// again are settled as they are met. A dispute would be a second walk of all.
func TestSmallValuesShareBlocksWithoutDispute(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("blocks cannot be asked for")
	}
	type boxed struct{ number int32 }
	type small struct {
		bytes  []byte
		signed []int8
		number *int32
		boxed  *boxed
	}
	var all []small
	for i := range 1000 {
		all = append(all, small{[]byte{1, byte(i)}, []int8{1, int8(i)}, new(int32), new(boxed)})
	}
	twice := append(all, all...)
	f, err := find(twice, walker.Options{NoSorting: true})
	require.NoError(t, err)
	require.Empty(t, f.overlaps)
	require.Equal(t, map[walker.Finding]int{
		{Len: 2, Cap: 2}: 2000, {Len: 1, Cap: 1}: 2000, {Len: 2000, Cap: uint64(cap(twice))}: 1}, f.times())

	// One number behind two types is a dispute.
	number := new(int32)
	disputed := append(twice, small{number: number}, small{boxed: (*boxed)(unsafe.Pointer(number))})
	_, err = find(disputed, walker.Options{NoSorting: true})
	require.ErrorIs(t, err, walker.ErrOverlap)
	f, err = find(disputed, walker.Options{})
	require.NoError(t, err)
	require.Len(t, f.overlaps, 1)
}

// TestValuesAtTheBeginningOfSharedBlocks: a number at the beginning of a block of 16 bytes, with bytes behind
// it that are no container of their own, counts once.
func TestValuesAtTheBeginningOfSharedBlocks(t *testing.T) {
	type pair struct {
		number *int64
		text   string
	}
	var all []pair
	for i := range 1000 {
		number := new(int64)
		all = append(all, pair{number, string([]byte{byte(i), 'x', 'y'})})
	}
	f, err := find(append(all, all...), walker.Options{})
	require.NoError(t, err)
	require.Equal(t, 1000, f.times()[walker.Finding{Len: 1, Cap: 1}])
}

// TestSlicesWithSpareCapacityAreMetAgainWithoutDispute: most slices that grew have spare capacity. One that
// two values share counts once, with the same length and capacity; one of another length is a dispute.
func TestSlicesWithSpareCapacityAreMetAgainWithoutDispute(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("blocks cannot be asked for")
	}
	type lists struct {
		bytes    []byte
		pointers []*[4]int64
		texts    []string
	}
	var all []lists
	values := 0
	for i := range 1000 {
		l := lists{make([]byte, i%7+1, 40+i%10), make([]*[4]int64, i%5, 7), make([]string, i%2, 3+i%9)}
		for j := range l.pointers {
			l.pointers[j] = new([4]int64)
			values++
		}
		all = append(all, l)
	}
	all = append(all, lists{make([]byte, 10, 40_960), make([]*[4]int64, 0, 40_960), make([]string, 1, 1<<15)})
	twice := append(all, all...)
	f, err := find(twice, walker.Options{NoSorting: true})
	require.NoError(t, err)
	plain, err := find(twice, walker.Options{NoBlockMarks: true})
	require.NoError(t, err)
	require.Equal(t, plain.times(), f.times())
	require.Len(t, f.list, 1+values+3*1001)

	twice = append(twice, lists{pointers: all[1].pointers[:cap(all[1].pointers)]})
	_, err = find(twice, walker.Options{NoSorting: true})
	require.ErrorIs(t, err, walker.ErrOverlap)
}

// times is how often there is each finding.
func (f *findings) times() map[walker.Finding]int {
	times := map[walker.Finding]int{}
	for _, found := range f.list {
		times[found]++
	}
	return times
}
