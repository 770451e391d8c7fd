package heap_test

import (
	"math/bits"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestForeignMemoryIsNamed: memory that is neither Go's heap nor the program's, as C's malloc gives
// it, is not counted, not followed, and named.
func TestForeignMemoryIsNamed(t *testing.T) {
	if !block.PointersExact() && bits.UintSize == 32 {
		t.Skip("this build knows whose memory it is by how far from the heap it lies: not within 32 bits")
	}
	page, err := syscall.Mmap(-1, 0, 1<<16, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(page)) }()
	type record struct{ next *[100]int64 }
	v := &struct {
		bytes  []byte
		record *record
		text   string
		raw    unsafe.Pointer
		own    *[100]int64
	}{page[1<<15:], (*record)(unsafe.Pointer(&page[0])), unsafe.String(&page[64], 10),
		unsafe.Pointer(&page[128]), new([100]int64)}
	require.Equal(t, blockFor[[8]uintptr](true)+blockFor[[100]int64](false), memsize.Heap(v))
	r := memsize.Scan(v, memsize.WithModel(rules.Go()))
	require.Equal(t, memsize.Heap(v), r.Total)
	require.Zero(t, r.Static)
	var named []string
	var bytes []uint64
	for _, u := range r.Unaccounted {
		if !block.PointersExact() && u.Path == "root.raw" {
			require.Contains(t, u.Reason, "unsafe.Pointer", "of which this build knows nothing")
		} else {
			require.Contains(t, u.Reason, "cgo")
		}
		require.Equal(t, uint64(1), u.Count)
		named, bytes = append(named, u.Path), append(bytes, u.Bytes)
	}
	require.Equal(t, []string{"root.bytes", "root.record", "root.text", "root.raw"}, named)
	require.Equal(t, []uint64{1 << 15, 0, 10, 0}, bytes)
	runtime.KeepAlive(v)
}

// TestForeignValuesAreCounted: by their addresses, however near they lie; and their bytes once, however
// they overlap.
func TestForeignValuesAreCounted(t *testing.T) {
	if !block.PointersExact() && bits.UintSize == 32 {
		t.Skip("this build knows whose memory it is by how far from the heap it lies: not within 32 bits")
	}
	page, err := syscall.Mmap(-1, 0, 1<<16, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(page)) }()
	var near, far []string
	for i := range 100 {
		near = append(near, unsafe.String(&page[3*i], 2), unsafe.String(&page[3*i], 2))
		far = append(far, unsafe.String(&page[1000+50*i], 100))
	}
	var numbers []unsafe.Pointer // as starlark keeps small integers
	for i := range 5000 {
		numbers = append(numbers, unsafe.Pointer(&page[8000+i]))
	}
	for _, row := range []struct {
		v            any
		count, bytes uint64
	}{{near, 100, 200}, {far, 100, 99*50 + 100}, {numbers, 5000, 0}} {
		r := memsize.Scan(row.v, memsize.OnHeap())
		require.Len(t, r.Unaccounted, 1)
		require.Equal(t, row.count, r.Unaccounted[0].Count)
		require.Equal(t, row.bytes, r.Unaccounted[0].Bytes)
	}
}

// TestArrayOfTheAddressSpace: programs that map files have pointers to arrays that are far larger
// than the file. A walk must not note each page of one.
func TestArrayOfTheAddressSpace(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, 1<<16, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(page)) }()
	const most = 1 << (bits.UintSize*3/4 - 1)
	v := &struct {
		data *[most]byte
		list []*int64
	}{(*[most]byte)(unsafe.Pointer(&page[0])), make([]*int64, 100)}
	for i := range v.list { // so many that their extents are kept in bitmaps
		v.list[i] = new(int64)
	}
	require.Equal(t, malloc.Usage(32)+malloc.Usage(800)+100*malloc.Usage(8), memsize.Of(v))
	r := memsize.Scan(v)
	require.Equal(t, memsize.Of(v), r.Total)
	require.Len(t, r.Unaccounted, 1, "how much of it there is nobody knows")
	if block.PointersExact() {
		data := v.data
		v.data = nil
		without := memsize.Heap(v)
		v.data = data
		r := memsize.Scan(v, memsize.WithModel(rules.Go()))
		require.Equal(t, without, r.Total)
		require.Equal(t, without, memsize.Heap(v))
		require.Zero(t, r.Static)
		require.Len(t, r.Unaccounted, 1)
		require.Equal(t, "root.data", r.Unaccounted[0].Path)
	}
	runtime.KeepAlive(v)
}

// blockFor is the size of the block that a T gets.
func blockFor[T any](pointers bool) uint64 {
	var v T
	return uint64(block.Round(unsafe.Sizeof(v), pointers))
}
