package scratch_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/scratch"
)

func ExampleSlice() {
	var m scratch.Memory
	defer m.Free()
	numbers := scratch.Slice[uint32](&m, 1<<20)
	numbers[len(numbers)-1] = 7
	fmt.Println(len(numbers), m.Bytes())
	// Output: 1048576 4194304
}

// Small and large slices alike are zero, can be written, and are counted until they are given back.
func TestSlice(t *testing.T) {
	var m scratch.Memory
	var sum uint64
	for _, n := range []int{0, 1, 1000, 1 << 16, 1<<21 + 1} {
		list := scratch.Slice[struct{ a, b uint64 }](&m, n)
		require.Len(t, list, n)
		for i := range list {
			require.Zero(t, list[i].a+list[i].b)
			list[i].b = uint64(i)
			if i > 1<<10 {
				break
			}
		}
		sum += 16 * uint64(n)
		require.Equal(t, sum, m.Bytes())
	}
	m.Free()
	require.Zero(t, m.Bytes())
}

// A type with pointers is a mistake of the program's.
func TestPointers(t *testing.T) {
	var m scratch.Memory
	require.PanicsWithValue(t, "scratch: struct { A [2]string } has pointers, which the collector would not see",
		func() { scratch.Slice[struct{ A [2]string }](&m, 1) })
}
