package block_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
)

var initialised = [3]int{1, 2, 3}

// TestImage: what is static lies in the image, and what is not does not, in every build.
func TestImage(t *testing.T) {
	lo, hi := block.Image()
	require.Less(t, lo, hi)
	var local int
	for _, row := range []struct {
		what  string
		p     unsafe.Pointer
		image bool
	}{
		{"a literal", unsafe.Pointer(unsafe.StringData("literal")), true},
		{"a global", unsafe.Pointer(&global), true},
		{"a global with a value", unsafe.Pointer(&initialised), true},
		{"a small value in an interface", dataOf(byte(7)), true},
		{"a constant in an interface", dataOf([4]int{1, 2}), true},
		{"a block", unsafe.Pointer(escape(new([100]int))), false},
		{"a large block", unsafe.Pointer(unsafe.SliceData(make([]*int, 1<<20))), false},
		{"a stack", unsafe.Pointer(&local), false},
	} {
		require.Equal(t, row.image, uintptr(row.p) >= lo && uintptr(row.p) < hi, row.what)
	}
}

var escaped any

func escape(p *[100]int) *[100]int {
	escaped = p
	return p
}
