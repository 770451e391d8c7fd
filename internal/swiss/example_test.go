//go:build !memsize_portable

package swiss_test

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// A map that was emptied keeps its memory: here a header, a directory of one table, that table, and
// two groups of 8 slots.
func ExampleType_Blocks() {
	m := map[uint32]uint32{}
	for i := range uint32(10) {
		m[i] = i
	}
	clear(m)
	l, ok := swiss.Layout(reflect.TypeOf(m))
	if !ok {
		return // fall back to reflect
	}
	_ = l.Blocks(*(*unsafe.Pointer)(unsafe.Pointer(&m)), func(a swiss.Allocation) bool {
		if a.Kind == swiss.Groups {
			fmt.Println(a.Kind, a.Size, "bytes")
		} else {
			fmt.Println(a.Kind)
		}
		return true
	})
	// Output:
	// header
	// directory
	// table
	// groups 144 bytes
}
