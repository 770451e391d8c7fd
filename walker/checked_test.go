package walker

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// The assertions of builds with the race detector hold where a value is, and fail beside it.
func TestCheck(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	type record struct {
		number uint64
		text   string
		any    any
	}
	p := &plan{typ: reflect.TypeFor[record](), size: unsafe.Sizeof(record{})}
	for _, o := range []op{{kind: opString, offset: unsafe.Offsetof(record{}.text)},
		{kind: opInterface, offset: unsafe.Offsetof(record{}.any)}} {
		o.typ = reflect.TypeFor[string]()
		p.ops = append(p.ops, o)
	}
	for _, length := range []int{2, 3, 20, 1000, 100000} { // bits in a bitmap, a header, a span of its own
		n := &Node{Type: p.typ}
		n.hold(nil, p)
		records := make([]record, length)
		for i := range records {
			assertValue(n, n.steps, unsafe.Pointer(&records[i]))
		}
		last := unsafe.Pointer(&records[length-1])
		require.Panics(t, func() { assertValue(n, n.steps, unsafe.Add(last, -int(wordSize))) }, "a word early")
		n.size = 1 << 30
		require.Panics(t, func() { assertValue(n, n.steps, last) }, "beyond the block")
	}
}
