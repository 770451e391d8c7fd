// Command zoo measures the shapes that need no library. Real libraries' structures are measured by
// bench/libraries, in processes that keep what those packages keep.
package main

import (
	"os"

	"github.com/bitcoin-mem/memsize/bench/zoo"
)

func main() { os.Exit(zoo.Main(zoo.Shapes())) }
