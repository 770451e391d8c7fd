// Command without uses a report in every way but as a page.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

func main() {
	r := memsize.Scan([]string{"a", "b"})
	fmt.Println(r, r.Total)
	_ = r.WriteText(os.Stdout)
	_ = report.Compare(r, r).WriteText(os.Stdout, report.TextOptions{})
	out, _ := r.JSON()
	_ = json.Unmarshal(out, r)
}
