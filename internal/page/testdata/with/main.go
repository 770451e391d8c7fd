// Command with writes a page.
package main

import (
	"os"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

func main() {
	_ = memsize.Scan([]string{"a", "b"}).WriteHTML(os.Stdout, report.HTMLOptions{})
}
