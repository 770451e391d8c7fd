package gort_test

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/gort"
)

// TestGrow holds Grow to append itself: for elements of a size class each, a capacity is what was
// asked for, rounded up to the block.
func TestGrow(t *testing.T) {
	for capacity := 1; capacity < 5000; capacity += 1 + capacity/7 {
		for _, more := range []int{1, 2, capacity, capacity + 1, 3 * capacity} {
			grown := append(make([][64]byte, capacity), make([][64]byte, more)...)
			asked := gort.Grow(uint64(capacity+more), uint64(capacity))
			block := append([]byte(nil), make([]byte, 64*asked)...)
			require.Equal(t, cap(block)/64, cap(grown), "%d and %d more", capacity, more)
		}
	}
}

// TestTinyBlock sees values of half a tiny block, made one after the other, share blocks.
func TestTinyBlock(t *testing.T) {
	shared := 0
	var last uintptr
	for range 1000 {
		p := new([gort.TinyBlock / 2]byte)
		at := uintptr(unsafe.Pointer(p)) / gort.TinyBlock
		if at == last {
			shared++
		}
		last = at
		runtime.KeepAlive(p)
	}
	if shared == 0 {
		t.Skip("something else allocated after each of the values, or the race detector is on")
	}
}

func ExampleGrow() {
	fmt.Println(gort.Grow(9, 8), gort.Grow(1025, 1024), gort.Grow(100, 8))
	// Output: 16 1472 100
}
