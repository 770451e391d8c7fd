package memsize_test

import (
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker/block"
)

// TestForeignMemoryIsNamed: memory that is neither Go's heap nor the program's, as C's malloc gives
// it, is not counted, not followed, and named.
func TestForeignMemoryIsNamed(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know whose memory it is: it is priced as if it were Go's")
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
	for _, u := range r.Unaccounted {
		require.Contains(t, u.Reason, "cgo")
		named = append(named, u.Path)
	}
	require.Equal(t, []string{"root.bytes", "root.record", "root.text", "root.raw"}, named)
	runtime.KeepAlive(v)
}

// blockFor is the size of the block that a T gets.
func blockFor[T any](pointers bool) uint64 {
	var v T
	return uint64(block.Round(unsafe.Sizeof(v), pointers))
}
