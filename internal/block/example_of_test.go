//go:build !memsize_portable

package block_test

import (
	"fmt"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// Ten bytes out of an array of 1 MiB keep all of it.
func ExampleOf() {
	array := make([]byte, 1<<20)
	part := array[5000:5010]
	b, ok := block.Of(unsafe.Pointer(&part[0]))
	fmt.Println(b.Size, b.Pointers, ok)
	// Output: 1048576 false true
}
