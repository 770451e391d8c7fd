package vet_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/vet"
)

// The analyzer has a name, by which a driver turns it on or off.
func Example() {
	fmt.Println(vet.Analyzer.Name + ": " + vet.Analyzer.Doc)
	// Output: memusage: report memusage tags that memsize would panic on, or would not read
}
