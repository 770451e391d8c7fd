package heapdump_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/heapdump"
)

type node struct {
	next *node
	data []byte
}

// TestDumpIsTheHeap: the blocks of a dump add up to what the runtime itself says that the heap has, but
// for the few that are allocated while the dump begins.
func TestDumpIsTheHeap(t *testing.T) {
	dump, err := heapdump.Take()
	require.NoError(t, err)
	require.InDelta(t, float64(dump.HeapAlloc), float64(dump.Bytes()), 64<<10)
	live, blocks := dump.Live()
	require.Positive(t, live)
	require.LessOrEqual(t, live, dump.Bytes())
	require.LessOrEqual(t, blocks, dump.Blocks())
}

// TestReach: blocks count once, whole, from whatever address within them, and only those that are reached.
func TestReach(t *testing.T) {
	ring := &node{data: make([]byte, 1000, 1024)}
	ring.next = &node{next: ring, data: ring.data[10:20]}
	alone := &node{}
	onHeap = []*node{ring, alone}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	dump, err := heapdump.Take()
	require.NoError(t, err)
	one := uint64(unsafe.Sizeof(node{}))
	check := func(bytes uint64, blocks int, from ...uintptr) {
		t.Helper()
		gotBytes, gotBlocks := dump.Reach(from...)
		require.Equal(t, bytes, gotBytes)
		require.Equal(t, blocks, gotBlocks)
	}
	check(2*one+1024, 3, uintptr(unsafe.Pointer(ring)))
	check(2*one+1024, 3, uintptr(unsafe.Pointer(&ring.data)), uintptr(unsafe.Pointer(ring.next)))
	check(1024, 1, uintptr(unsafe.Pointer(&ring.data[999])))
	check(one, 1, uintptr(unsafe.Pointer(alone)))
	check(0, 0, uintptr(unsafe.Pointer(&onHeap)), 0, 1)
}

// onHeap keeps nodes from being put on a stack, and is static itself.
var onHeap []*node

// TestNoDump: what is no dump, or a part of one, is an error, and takes no memory that it does not fill.
func TestNoDump(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer file.Close()
	debug.WriteHeapDump(file.Fd())
	whole, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	for _, n := range []int{0, 5, 16, 17, 40, len(whole) / 2, len(whole) - 1} {
		_, err := heapdump.Read(bytes.NewReader(whole[:n]))
		require.ErrorContains(t, err, "heapdump: ", "%d bytes", n)
	}
	header := []byte("go1.7 heap dump\n")
	_, err = heapdump.Read(bytes.NewReader(append(header, 99)))
	require.ErrorContains(t, err, "unknown kind, 99")
	huge := binary.AppendUvarint(append(header, 1, 8), 1<<62) // a block of 2^62 bytes
	_, err = heapdump.Read(bytes.NewReader(huge))
	require.ErrorContains(t, err, "unexpected EOF")
}
