// Command accuracy compares what sizers say of 20 structures with what these take on the heap. It
// prints a Markdown table of the true bytes and of each sizer's error in per cent.
//
//	go run -ldflags=-checklinkname=0 ./accuracy                    print the table
//	go run -ldflags=-checklinkname=0 ./accuracy -write FILE …      and put it into files
//
// In a file the table goes between the lines that the constants begin and end show. Each figure is
// made in a process of its own, for some sizers end theirs on some structures. The flag of the
// linker is for fjl/memsize, which links to the runtime in a way that Go forbids since 1.23.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	peer "github.com/DmitriyVTitov/size"
	fjl "github.com/fjl/memsize"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/bench/internal/page"
	"github.com/bitcoin-mem/memsize/internal/truth"
)

// The lines between which a table stands in a file.
const (
	begin = "<!-- accuracy: made by bench/accuracy -->"
	end   = "<!-- accuracy: end -->"
)

// sizer is one way to tell what a pointer holds, in bytes.
type sizer struct {
	name string
	of   func(v any) int64
}

var sizers = []sizer{
	{"memsize.Heap", func(v any) int64 { return int64(memsize.Heap(v)) }},
	{"DmitriyVTitov/size", func(v any) int64 { return int64(peer.Of(v)) }},
	{"fjl/memsize", func(v any) int64 { return int64(fjl.Scan(v).Total) }},
}

func main() {
	structure := flag.Int("overhead", -1, "measure one structure in this process, by number")
	by := flag.Int("sizer", 0, "and by which sizer, by number")
	write := flag.Bool("write", false, "put the table into the files that are named")
	flag.Parse()
	if *structure >= 0 {
		fail(measure(structures[*structure], sizers[*by]))
		return
	}
	table := compare()
	fmt.Print(table)
	if !*write {
		return
	}
	for _, file := range flag.Args() {
		fail(page.Put(file, begin, end, table))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// measure prints the true bytes of a structure, and what a sizer says.
func measure(s structure, by sizer) error {
	defer truth.Quiet()()
	var said int64
	bytes, err := truth.Case{Build: s.build, Look: func(v any) { said = by.of(v) }}.Measure()
	if err != nil {
		return err
	}
	fmt.Println(bytes, said)
	return nil
}

// compare is the table.
func compare() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| structure (%s, %s) | true heap, bytes |", runtime.Version(), runtime.GOARCH)
	for _, s := range sizers {
		fmt.Fprintf(&b, " %s |", s.name)
	}
	fmt.Fprintf(&b, "\n|---|--:|%s\n", strings.Repeat("--:|", len(sizers)))
	for i, s := range structures {
		var cells []string
		var bytes uint64
		for j := range sizers {
			taken, cell := child(i, j)
			bytes = max(bytes, taken)
			cells = append(cells, cell)
		}
		fmt.Fprintf(&b, "| %s | %d | %s |\n", s.name, bytes, strings.Join(cells, " | "))
	}
	return b.String()
}

// child measures in a process of its own. It returns the true bytes and the error in per cent.
func child(structure, by int) (taken uint64, cell string) {
	c := exec.Command(os.Args[0], "-structure", fmt.Sprint(structure), "-sizer", fmt.Sprint(by))
	output, err := c.Output()
	var said int64
	if err == nil {
		_, err = fmt.Sscan(string(output), &taken, &said)
	}
	switch {
	case err != nil:
		return 0, "crashes"
	case said < 0:
		return taken, "gives up"
	case said == int64(taken):
		return taken, "0"
	}
	return taken, fmt.Sprintf("%+.1f %%", 100*(float64(said)/float64(taken)-1))
}
