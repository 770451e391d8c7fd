package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/internal/structures"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

// pairs are models and the allocator whose heap they are compared with. The first three have a
// column each in the table of structures.
var pairs = []struct{ model, heap string }{
	{"core", "glibc"}, {"core+glibc", "glibc"}, {"libstdcxx+glibc", "glibc"},
	{"core+jemalloc", "jemalloc"}, {"libstdcxx+jemalloc", "jemalloc"},
	{"core+tcmalloc", "tcmalloc"}, {"libstdcxx+tcmalloc", "tcmalloc"},
	{"core+mimalloc", "mimalloc"}, {"libstdcxx+mimalloc", "mimalloc"},
}

// columns is how many of the pairs the table of structures shows.
const columns = 3

// comparison is structures and what the model of each pair says of them, in bytes.
type comparison struct {
	list []structures.Structure
	said [][]uint64 // by structure, by pair
}

func compareAll(figures string) (*comparison, error) {
	list, err := structures.Read(figures)
	if err != nil {
		return nil, err
	}
	c := &comparison{list: list}
	for _, s := range list {
		twin, err := s.Twin()
		if err != nil {
			return nil, err
		}
		row := make([]uint64, len(pairs))
		for i, p := range pairs {
			m, err := rules.Lookup(p.model)
			if err != nil {
				return nil, err
			}
			row[i] = memsize.Of(twin, memsize.WithModel(m))
		}
		c.said = append(c.said, row)
	}
	return c, nil
}

// off is how far a model is from the heap, in parts of the heap; infinite where there is none.
func off(said, heap uint64) float64 {
	if said == heap {
		return 0
	}
	return (float64(said) - float64(heap)) / float64(heap)
}

// summary is a line for each pair: how many structures are met to the byte, and how far off the
// others are. Structures that own nothing count only as met or not.
func (c *comparison) summary() string {
	rows := [][]string{{"model", "heap of", "equal", "half are within", "lowest", "highest"}}
	for i, p := range pairs {
		equal := 0
		var errs, sizes []float64
		for k, s := range c.list {
			e := off(c.said[k][i], s.Heap[p.heap])
			if e == 0 {
				equal++
			}
			if !math.IsInf(e, 0) {
				errs, sizes = append(errs, e), append(sizes, math.Abs(e))
			}
		}
		slices.Sort(sizes)
		median := strings.TrimPrefix(percent(sizes[len(sizes)/2]), "+")
		rows = append(rows, []string{"`" + p.model + "`", p.heap,
			fmt.Sprintf("%d of %d", equal, len(c.list)), median,
			percent(slices.Min(errs)), percent(slices.Max(errs))})
	}
	return markdown(rows)
}

// structures is a line for each structure.
func (c *comparison) structures() string {
	header := []string{"structure", "asked for", "glibc's heap"}
	for _, p := range pairs[:columns] {
		header = append(header, "`"+p.model+"`")
	}
	rows := [][]string{header}
	for k, s := range c.list {
		row := []string{strings.ReplaceAll("`"+s.String()+"`", "|", `\|`),
			show.Count(s.Requested), show.Count(s.Heap["glibc"])}
		for i, p := range pairs[:columns] {
			row = append(row, difference(c.said[k][i], s.Heap[p.heap]))
		}
		rows = append(rows, row)
	}
	return markdown(rows)
}

// difference is how far off a figure is, for people.
func difference(said, heap uint64) string {
	switch {
	case said == heap:
		return "equal"
	case heap == 0:
		return "+" + show.Count(said) + " bytes"
	}
	return percent(off(said, heap))
}

// percent is a signed part of a hundred; what is little, but not nothing, keeps a second digit.
func percent(part float64) string {
	if part == 0 {
		return "0"
	}
	digits := 1
	if math.Abs(part) < 0.001 {
		digits = 2
	}
	return fmt.Sprintf("%+.*f %%", digits, 100*part)
}

// requests are those of the table of requests: around 16-byte steps, a page, 128 KiB, 1 MiB.
var requests = []uint64{
	0, 1, 8, 16, 17, 24, 25, 32, 40, 41, 56, 64, 100, 129, 1000, 1024, 1025, 4096, 5000, 32768,
	32769, 100000, 131072, 131073, 1000000, 1048577,
}

// requestTable is what the C allocators take. Go's is left out: it is that of the program that
// asks.
func requestTable() (string, error) {
	var allocators []malloc.Allocator
	header := []string{"request"}
	for _, name := range malloc.Names() {
		if name == "go" || name == "exact" {
			continue
		}
		a, err := malloc.Lookup(name)
		if err != nil {
			return "", err
		}
		allocators = append(allocators, a)
		header = append(header, "`"+name+"`")
	}
	rows := [][]string{header}
	for _, n := range requests {
		row := []string{show.Count(n)}
		for _, a := range allocators {
			row = append(row, show.Count(a.Usage(n)))
		}
		rows = append(rows, row)
	}
	return markdown(rows), nil
}

// markdown is a table, the first row its header; all columns but the first are figures.
func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString("|---|" + strings.Repeat("---:|", len(row)-1) + "\n")
		}
	}
	return b.String()
}
