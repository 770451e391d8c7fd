package heapdump_test

import (
	"fmt"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/heapdump"
)

var words *struct{ list []int64 }

// A slice header leads to its array: two blocks.
func Example() {
	words = &struct{ list []int64 }{make([]int64, 100)}
	dump, err := heapdump.Take()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, blocks := dump.Reach(uintptr(unsafe.Pointer(words)))
	fmt.Println(blocks, "blocks")
	// Output: 2 blocks
}
