// Command zoo measures the shapes that need no library; bench/libraries measures those and real
// libraries' structures.
package main

import (
	"os"

	"github.com/bitcoin-mem/memsize/bench/zoo"
)

func main() { os.Exit(zoo.Main(zoo.Shapes())) }
