package block_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// A request is rounded up to a size class, or to whole pages of 8 KiB.
func ExampleRound() {
	for _, n := range []uintptr{1, 33, 1025, 100_000} {
		fmt.Println(n, block.Round(n, false))
	}
	// Output:
	// 1 8
	// 33 48
	// 1025 1152
	// 100000 106496
}
