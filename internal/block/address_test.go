package block

import (
	"math/bits"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

//go:nocheckptr
func pointerOf(n uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&n)) }

// TestIsAddress: what the program has are addresses; small numbers and far ones are not.
func TestIsAddress(t *testing.T) {
	local := 0
	for _, p := range []unsafe.Pointer{allocate[int](1), allocate[byte](1 << 20), unsafe.Pointer(&local),
		unsafe.Pointer(&patterns), unsafe.Pointer(unsafe.StringData("literal"))} {
		require.True(t, IsAddress(p))
	}
	for _, n := range []uintptr{0, 1, firstPage - 1} {
		require.False(t, IsAddress(pointerOf(n)))
	}
	if bits.UintSize == 64 {
		high := uintptr(1) << (bits.UintSize - 1)
		require.False(t, IsAddress(pointerOf(high)))
		require.False(t, IsAddress(pointerOf(high+uintptr(local)+12345)))
	}
}

// TestMayBeHeap: all that is allocated may be on the heap, while it grows; on 64 bits static memory and
// what lies far away may not.
func TestMayBeHeap(t *testing.T) {
	var kept []unsafe.Pointer
	for n := uintptr(1); n <= 64<<20; n *= 4 {
		kept = append(kept, allocate[byte](n), allocate[*int](n/8+1))
	}
	for _, p := range kept {
		require.True(t, MayBeHeap(p))
	}
	runtime.KeepAlive(kept)
	if bits.UintSize == 64 {
		require.False(t, MayBeHeap(pointerOf(8)))
		require.False(t, MayBeHeap(pointerOf(uintptr(1)<<(bits.UintSize-2))))
	}
}
