package report_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

// A report in text, with exact bytes and no line left out.
func ExampleReport_WriteTextOptions() {
	type album struct {
		Title  string
		Photos [][]byte
	}
	value := album{"Winter in the mountains", [][]byte{make([]byte, 1000), make([]byte, 3000)}}
	r := memsize.Scan(value)
	if err := r.WriteTextOptions(os.Stdout, report.TextOptions{Bytes: true, All: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// model  total   used  spare  padding  overhead  rounding  blocks
	// core   4,160  4,071      0        0         0        89       4
	//
	// where (core)             bytes      %    own  count  each
	// root  report_test.album  4,160  100.0
	// ├╴.Photos  [][]uint8     4,112   98.8     64      1  64
	// │ ╰╴[]  []uint8          4,048   97.3  4,048      2  1,024 … 2,024 … 3,024
	// ╰╴.Title  string            48    1.2     48      1  48
}

// The five parts of every figure say what the bytes are for.
func ExampleReport() {
	r := memsize.Scan(make([]uint64, 6, 10))
	fmt.Println(r.Total, "bytes in all")
	fmt.Println(r.Parts.Used, "in use,", r.Parts.Spare, "spare,", r.Parts.Rounding, "for the allocator")
	// Output:
	// 96 bytes in all
	// 48 in use, 32 spare, 16 for the allocator
}

// Two reports of a live value, before and after a change: the change by model, type and path.
func ExampleCompare() {
	type cache struct{ Sessions map[string][]byte }
	c := cache{map[string][]byte{}}
	before := memsize.Scan(c)
	for _, user := range []string{"alice", "bob"} {
		c.Sessions[user] = make([]byte, 1000)
	}
	diff := report.Compare(before, memsize.Scan(c))
	if err := diff.WriteText(os.Stdout, report.TextOptions{Bytes: true}); err != nil {
		fmt.Println(err)
	}
	limit, err := report.ParseThreshold("1KiB")
	if err != nil {
		fmt.Println(err)
	}
	if change, exceeded := diff.Exceeded(limit); exceeded {
		fmt.Println("too much:", change.New, "bytes")
	}
	// Output:
	// model  old    new  change        %  count
	// core    32  2,336  +2,304  +7200.0  1 → 3
	//
	// where (core)                       old    new  change        %  count
	// root  report_test.cache             32  2,336  +2,304  +7200.0
	// root.Sessions  map[string][]uint8   32  2,336  +2,304  +7200.0      1
	// root.Sessions[]  []uint8             0  2,048  +2,048      new  0 → 2
	// root.Sessions[key]  string           0      0       0      0.0  0 → 2
	//
	// type (core)         old    new  change       %  count
	// []uint8               0  2,048  +2,048     new  0 → 2
	// map[string][]uint8   32    288    +256  +800.0      1
	// string                0      0       0     0.0  0 → 2
	// too much: 2336 bytes
}

// A page of a value, as one file that needs no network.
func ExampleReport_WriteHTML() {
	r := memsize.Scan(map[string][]byte{"a": make([]byte, 1000)})
	var page bytes.Buffer
	if err := r.WriteHTML(&page, report.HTMLOptions{Title: "cache"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(page.String(), "<title>cache · memsize</title>"))
	// Output: true
}
