package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// modelsCommand lists the models.
type modelsCommand struct{}

// Help shows how models are asked for.
func (modelsCommand) Help() string {
	return `A model says how large values are and what their containers take. The first of --model
gives the tree; each gives a line of figures.

Examples:
  memsize utxo.gob --model core,core-32,crate
  memsize utxo.gob --model core+glibc,core+jemalloc
  memsize utxo.gob --model go,go-386`
}

// Run prints a line for each model; those with any allocator share one.
func (modelsCommand) Run(std *streams) error {
	var rows [][]string
	for _, name := range rules.Names() {
		base, allocator, _ := strings.Cut(name, "+")
		if allocator != "" && allocator != malloc.Names()[0] {
			continue
		}
		m, err := rules.Lookup(name)
		if err != nil {
			return err
		}
		about := m.About()
		if allocator != "" {
			name = base + "+ALLOC"
			about = base + "'s containers on another allocator: " + strings.Join(malloc.Names(), " ")
		}
		rows = append(rows, []string{name, about})
	}
	return writeTable(std.out, rows)
}

// mallocCommand shows what allocators take.
type mallocCommand struct {
	Requests []string `arg:"" optional:"" name:"bytes" help:"Requests in bytes, such as 1 24 100 1000 131072."`
	Sources  bool     `help:"Say what each allocator follows, and which version of it."`
}

// Help is the text behind the flags of memsize malloc --help.
func (mallocCommand) Help() string {
	return `Each line is a request, malloc(n); each column what an allocator takes for it: n rounded
up, and a header where the allocator keeps one. memusage64 and memusage32 are Bitcoin Core's
formulas, exact is n itself, go is the Go runtime's.

Examples:
  memsize malloc 1 24 100 1000 131072
  memsize malloc --sources`
}

// allocatorSources says what each allocator follows; the doc comments of package malloc say how.
var allocatorSources = map[string]string{
	"memusage64": "Bitcoin Core v30.2, src/memusage.h MallocUsage, 8-byte pointers; a formula of 2015",
	"memusage32": "Bitcoin Core v30.2, src/memusage.h MallocUsage, 4-byte pointers",
	"glibc":      "glibc 2.36, malloc/malloc.c, x86_64; the chunk with its header, pages from 128 KiB",
	"glibc32":    "glibc 2.36, malloc/malloc.c, i386",
	"jemalloc":   "jemalloc 5.3.0, include/jemalloc/internal/sc.h; usable size",
	"tcmalloc":   "gperftools 2.10, src/common.cc SizeMap::Init; usable size",
	"mimalloc":   "mimalloc 2.0.9, src/page-queue.c mi_bin; usable size",
	"go":         "this program's own Go runtime, asked for its size classes",
	"exact":      "nothing: what is asked for, and not a byte more",
}

// Run prints a table: a line for each request, a column for each allocator.
func (c *mallocCommand) Run(std *streams) error {
	if len(c.Requests) == 0 && !c.Sources {
		return failure{exitUsage, errors.New("malloc needs requests in bytes, such as " +
			"memsize malloc 1 24 100 1000 131072")}
	}
	rows, err := mallocTable(c.Requests)
	if err != nil {
		return failure{exitUsage, err}
	}
	if len(c.Requests) > 0 {
		fmt.Fprint(std.out, "what a request takes, in bytes\n\n")
		err = writeTable(std.out, rows)
	}
	if !c.Sources || err != nil {
		return err
	}
	if len(c.Requests) > 0 {
		fmt.Fprintln(std.out)
	}
	var sources [][]string
	for _, name := range malloc.Names() {
		sources = append(sources, []string{name, allocatorSources[name]})
	}
	return writeTable(std.out, sources)
}

// mallocTable is the table of requests, with its header.
func mallocTable(requests []string) ([][]string, error) {
	rows := [][]string{append(append([]string{"request"}, malloc.Names()...), "")}
	for _, s := range requests {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number of bytes: write digits only, such as 131072, "+
				"up to 2^64-1", s)
		}
		row := []string{show.Count(n)}
		for _, name := range malloc.Names() {
			a, err := malloc.Lookup(name)
			if err != nil {
				return nil, err
			}
			row = append(row, show.Count(a.Usage(n)))
		}
		rows = append(rows, append(row, ""))
	}
	return rows, nil
}

// writeTable writes rows in columns: the first and the last to the left, the others, figures, to
// the right. Rows may be shorter than the first.
func writeTable(w io.Writer, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			width := widths[i]
			if i == 0 || i == len(widths)-1 {
				width = -width
			}
			fmt.Fprintf(&line, "%*s  ", width, cell)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
