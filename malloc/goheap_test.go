package malloc_test

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/malloc"
)

const wordSize = uint64(unsafe.Sizeof(uintptr(0)))

// blocks keeps what the tests allocate on the heap.
var blocks any

// TestGoCapacity compares with what append really makes usable: every request up to the largest
// size class; beyond, where usage goes up in steps of pages, both ends of each step to 1 MiB and
// its middle. Usage is monotonic, so that what lies between is equal too.
func TestGoCapacity(t *testing.T) {
	const maxClass, page = 32 << 10, 8 << 10
	allocator := lookup(t, "go")
	check := func(n int) {
		want, got := uint64(cap(append([]byte(nil), make([]byte, n)...))), allocator.Usage(uint64(n))
		if got != want { // spares 32,769 calls of require
			require.Equal(t, want, got, "request %d", n)
		}
	}
	for n := range maxClass + 1 {
		check(n)
	}
	for n := maxClass; n < everyRequest; n += page {
		check(n + 1)
		check(n + page/2)
		check(n + page)
	}
}

// TestGoSizeClasses compares with the size classes that the runtime reports about itself.
func TestGoSizeClasses(t *testing.T) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	allocator := lookup(t, "go")
	for i, class := range stats.BySize[1:] { // class 0 is that of large blocks
		size, previous := uint64(class.Size), uint64(stats.BySize[i].Size)
		require.Equal(t, size, allocator.Usage(size), "a class holds itself")
		require.Equal(t, size, allocator.Usage(previous+1), "a class begins after the one before")
	}
}

// allocated returns the bytes that one block takes, by the runtime's own count of all that was ever
// allocated. Something else may allocate meanwhile, so the least of some tries is taken.
func allocated(allocate func()) uint64 {
	const count, tries = 8, 5
	least := saturated
	for range tries {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range count {
			allocate()
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.TotalAlloc-before.TotalAlloc)/count)
	}
	return least
}

// goRequests are both sides of every class border, of the header's threshold and of some pages.
// Requests below 16 bytes are left out: the runtime packs them together.
func goRequests(t *testing.T) (requests []uint64) {
	allocator := lookup(t, "go")
	for n := uint64(16); n <= 64<<10; n = allocator.Usage(n + 1) {
		requests = append(requests, n, n+1)
	}
	for _, n := range []uint64{128, 512, 32<<10 - 8, 32 << 10, 100_000, 1 << 20} {
		requests = append(requests, n-wordSize, n, n+wordSize)
	}
	return requests
}

func TestGoBlocksWithoutPointers(t *testing.T) {
	allocator := lookup(t, "go")
	for _, n := range goRequests(t) {
		got := allocated(func() { blocks = make([]byte, n) })
		// The interface holds a slice header in a block of its own.
		header := allocator.Usage(3 * wordSize)
		require.Equal(t, malloc.GoPointerUsage(3*wordSize, wordSize), header)
		require.Equal(t, allocator.Usage(n), got-header, "request %d", n)
	}
}

func TestGoBlocksWithPointers(t *testing.T) {
	header := malloc.GoPointerUsage(3*wordSize, wordSize)
	for _, n := range goRequests(t) {
		n -= n % wordSize
		got := allocated(func() { blocks = make([]*byte, n/wordSize) })
		require.Equal(t, malloc.GoPointerUsage(n, wordSize), got-header, "request %d", n)
	}
}

// TestGoPointerUsage states the rule for both sizes of a pointer, whichever this machine has.
func TestGoPointerUsage(t *testing.T) {
	tests := []struct {
		request, wordSize, want uint64
		why                     string
	}{
		{0, 8, 0, "nothing"},
		{8, 8, 8, "one pointer"},
		{512, 8, 512, "the pointer bits still fit the end of the span"},
		{520, 8, 576, "520 + 8 of header: class 576, with room"},
		{576, 8, 640, "the header makes it miss its class"},
		{32760, 8, 32768, "the last with a header"},
		{32768, 8, 32768, "large blocks have none"},
		{32776, 8, 40960, "pages"},
		{128, 4, 128, "32 bits: the last without a header"},
		{132, 4, 144, "132 + 8"},
		{512, 4, 576, "on 64 bits it has no header"},
		{saturated, 8, saturated, "never wraps"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, malloc.GoPointerUsage(tt.request, tt.wordSize),
			"%d bytes, %d-byte pointers: %s", tt.request, tt.wordSize, tt.why)
	}
}
