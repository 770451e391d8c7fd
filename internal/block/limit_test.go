package block

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

var escape []*int

// TestLimit: a large block ends where what was asked for does, others where the allocator says.
func TestLimit(t *testing.T) {
	if !PointersExact() {
		t.Skip("this build does not look up blocks")
	}
	for _, n := range []int{1, 3, 65, 1000, 4090, 5000, 8192, 12_345} {
		s := make([]*int, n)
		escape = s
		b, ok := Of(unsafe.Pointer(&s[0]))
		require.True(t, ok)
		asked := uintptr(n) * wordSize
		want := b.Size
		if asked > maxSmall-headerBytes {
			want = asked
		}
		require.Equal(t, want, b.Limit(), "%d pointers", n)
	}
}
