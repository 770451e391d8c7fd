package globals_test

import (
	"errors"
	"fmt"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/globals"
)

// A test's own binary has no debug information, for go test leaves it out; a program that go build made
// has it.
func ExampleRoots() {
	roots, err := globals.Roots()
	switch {
	case errors.Is(err, globals.ErrNoDebugInfo):
		fmt.Println("link the program without -ldflags=-s or -w")
	case err != nil:
		fmt.Println(err)
	default:
		for _, f := range memsize.ScanRoots(roots, memsize.OnHeap()).Roots {
			if f.Only > 1<<20 {
				fmt.Println(f.Name, "alone holds", f.Only, "bytes")
			}
		}
	}
	// Output: link the program without -ldflags=-s or -w
}
