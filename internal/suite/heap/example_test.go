//go:build !memsize_portable

package heap_test

import (
	"fmt"
	"os"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// Ten bytes that were cut from an array of 1 MiB keep all of it.
func Example_pinned() {
	array := make([]byte, 1<<20)
	header := array[1000:1010:1010]
	if err := memsize.Dump(os.Stdout, header, memsize.WithModel(rules.Go())); err != nil {
		fmt.Println(err)
	}
	// Output:
	// model          total  used     spare  padding  overhead  rounding  blocks
	// go (exact)  1.00 MiB  10 B  1.00 MiB      0 B       0 B       0 B       1
	//
	// where (go)        bytes      %       own  count  each
	// root  []uint8  1.00 MiB  100.0  1.00 MiB      1  1.00 MiB
	//   1.00 MiB pinned: in one block with the 10 B in use here, and out of reach
	//
	// 1.00 MiB pinned: this value keeps it alive and cannot reach it. The garbage collector frees
	// a block as a whole: 10 bytes of an array, or of a string, keep all of it. A copy of what is
	// in use (slices.Clone, strings.Clone) would let go of the rest.
}
