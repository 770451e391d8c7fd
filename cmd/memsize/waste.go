package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// waste is the rounding of blocks that are alike: what the allocator rounded away, in bytes.
type waste struct {
	what     string // the type, or the place
	of       string // the type at a place
	blocks   uint64 // 0 where their number is not known
	asked    uint64 // bytes of each block before rounding; 0 where they differ
	taken    uint64 // bytes of each block
	rounding uint64 // bytes, of all blocks
}

// writeWaste shows where the account's rounding is: by type, with what a smaller or larger element
// would change, and by place. The rows of each table sum to the rounding of the account.
func writeWaste(w io.Writer, r *report.Report, a malloc.Allocator, o report.TextOptions) error {
	t := wasteTable{size: show.Bytes, total: r.Parts.Rounding, all: o.All}
	if o.Bytes {
		t.size = show.Count
	}
	title := fmt.Sprintf("waste (%s): of %s, %s are rounded away by %s", r.Model,
		t.size(r.Total), t.size(t.total), a.Name())
	if t.total > 0 {
		title += " (" + percentOf(t.total, r.Total) + " %)"
	}
	if _, err := fmt.Fprintln(w, title); err != nil || t.total == 0 {
		return err
	}
	return errors.Join(t.types(w, r, a), t.places(w, r))
}

// writeSavings shows what could be saved in the memory that decoding makes, and how.
func writeSavings(w io.Writer, r *report.Report, m *rules.Model, o report.TextOptions) error {
	if len(r.Waste) == 0 {
		return nil
	}
	size := show.Bytes
	if o.Bytes {
		size = show.Count
	}
	rows := [][]string{{"once decoded (" + m.Name() + ")", "saves", "count", "where: what to do"}}
	for _, s := range r.Waste {
		rows = append(rows, []string{s.Kind, size(s.Bytes), show.Count(s.Count),
			show.Printable(s.Path) + ": " + s.Advice})
	}
	fmt.Fprintln(w)
	return writeTable(w, rows)
}

// types is the table by type.
func (t wasteTable) types(w io.Writer, r *report.Report, a malloc.Allocator) error {
	t.row("")
	t.row("type", "rounding", "%", "blocks", "asked", "taken", "an element's block")
	t.add(wasteByType(r), func(x waste) []string {
		if x.asked == 0 {
			return []string{"", "", "", "lengths decide"}
		}
		return []string{show.Count(x.blocks), t.size(x.asked), t.size(x.taken),
			advice(x, a, t.size)}
	})
	return writeTable(w, t.rows)
}

// places is the table by place.
func (t wasteTable) places(w io.Writer, r *report.Report) error {
	t.row("")
	t.row("place", "rounding", "%", "of type")
	t.add(wasteByPlace(r), func(x waste) []string { return []string{x.of} })
	return writeTable(w, t.rows)
}

// wasteTable collects the rows of a table of waste.
type wasteTable struct {
	size  func(uint64) string
	total uint64 // bytes, of all rows
	all   bool   // rows of less than a hundredth as well, else they are summed up
	rows  [][]string
}

func (t *wasteTable) row(cells ...string) { t.rows = append(t.rows, cells) }

// add adds a row for each waste, with what more says of it behind its rounding.
func (t *wasteTable) add(list []waste, more func(waste) []string) {
	rest, others := uint64(0), 0
	for _, x := range list {
		if !t.all && !show.Notable(x.rounding, t.total) {
			rest, others = saturate.Add(rest, x.rounding), others+1
			continue
		}
		t.row(append([]string{show.Printable(x.what), t.size(x.rounding), percentOf(x.rounding, t.total)},
			more(x)...)...)
	}
	if others > 0 {
		t.row(fmt.Sprintf("%d more", others), t.size(rest), percentOf(rest, t.total))
	}
}

// wasteByType is the rounding of each type of container, the largest first: of its elements' blocks
// where each has one, and of the blocks that elements share (a vector's buffer, buckets).
func wasteByType(r *report.Report) []waste {
	type kind struct {
		what  string
		asked uint64
	}
	sums := map[kind]*waste{}
	charge := func(x waste) {
		if x.rounding == 0 {
			return
		}
		k := kind{x.what, x.asked}
		if sums[k] == nil {
			sums[k] = &waste{what: x.what, asked: x.asked, taken: x.taken}
		}
		sums[k].blocks = saturate.Add(sums[k].blocks, x.blocks)
		sums[k].rounding = saturate.Add(sums[k].rounding, x.rounding)
	}
	for n := range nodesBelow(r.Tree) {
		elements, shared := splitWaste(n)
		charge(elements)
		charge(shared)
	}
	return sorted(sums)
}

// splitWaste parts the rounding of a place: the blocks that elements have for themselves, and others.
func splitWaste(n *report.Node) (elements, shared waste) {
	what := show.Abbreviate(n.Type, 40)
	if n.Rule != "" {
		what += " (" + n.Rule + ")"
	}
	if each := n.Parts.Rounding / max(n.Count, 1); n.Block == nil && n.Min == n.Max && n.Count > 0 &&
		strings.HasPrefix(n.Type, "*") && each*n.Count == n.Parts.Rounding && each < n.Min {
		return waste{what: what, blocks: n.Count, asked: n.Min - each, taken: n.Min,
			rounding: n.Parts.Rounding}, waste{} // the blocks of a Go heap: one for each pointee
	}
	if n.Block == nil || n.Block.Rounding == 0 {
		return waste{}, waste{what: what, rounding: n.Parts.Rounding}
	}
	blocks := blocksOf(n)
	rounding := min(n.Parts.Rounding, saturate.Mul(blocks, n.Block.Rounding))
	taken := n.Block.Total()
	return waste{what: what, blocks: blocks, asked: taken - n.Block.Rounding, taken: taken, rounding: rounding},
		waste{what: what + ", shared blocks", rounding: n.Parts.Rounding - rounding}
}

// blocksOf is how many elements at a place have a block. What is used there, or where elements
// have no members their padding, lies in such blocks, each alike.
func blocksOf(n *report.Node) uint64 {
	switch {
	case n.Block.Used > 0:
		return n.Parts.Used / n.Block.Used
	case n.Block.Padding > 0:
		return n.Parts.Padding / n.Block.Padding
	}
	return n.Blocks
}

// wasteByPlace is the rounding of each place, the largest first.
func wasteByPlace(r *report.Report) []waste {
	sums := map[*report.Node]*waste{}
	for n := range nodesBelow(r.Tree) {
		if n.Parts.Rounding > 0 {
			what := show.Abbreviate(n.Path, 60)
			if what == "" {
				what = show.Abbreviate(n.Type, 60)
			}
			sums[n] = &waste{what: what, of: show.Abbreviate(n.Type, 40), rounding: n.Parts.Rounding}
		}
	}
	return sorted(sums)
}

func sorted[K comparable](sums map[K]*waste) []waste {
	var rows []waste
	for _, x := range sums {
		rows = append(rows, *x)
	}
	slices.SortFunc(rows, func(x, y waste) int {
		return cmp.Or(cmp.Compare(y.rounding, x.rounding), cmp.Compare(x.what, y.what),
			cmp.Compare(x.of, y.of), cmp.Compare(x.asked, y.asked))
	})
	return rows
}

// nodesBelow gives a node and all below it. A tree is as deep as types are: no recursion.
func nodesBelow(root *report.Node) func(yield func(*report.Node) bool) {
	return func(yield func(*report.Node) bool) {
		for next := []*report.Node{root}; len(next) > 0; {
			n := next[len(next)-1]
			next = append(next[:len(next)-1], n.Children...)
			if !yield(n) {
				return
			}
		}
	}
}

// advice says what a smaller or larger element would change.
func advice(x waste, a malloc.Allocator, size func(uint64) string) string {
	var say []string
	less, saved, more := neighbours(a, x.asked)
	if less > 0 {
		say = append(say, fmt.Sprintf("%d B less saves %d a block (%s)", less, saved,
			size(saturate.Mul(saved, x.blocks))))
	}
	if more > 0 {
		say = append(say, fmt.Sprintf("%d B more is free", more))
	}
	return strings.Join(say, "; ")
}

// neighbours are the requests next to one of asked bytes that waste the least: so many bytes less
// is the largest request that takes less, and how much it saves (0 where there is none), and so
// many bytes more is the largest request that takes no more.
func neighbours(a malloc.Allocator, asked uint64) (less, saved, more uint64) {
	taken := a.Usage(asked)
	smaller := largest(asked, func(n uint64) bool { return a.Usage(n) < taken })
	if smaller > 0 {
		less, saved = asked-smaller, taken-a.Usage(smaller)
	}
	// Usage(n) is at least n, so that no request beyond taken takes as little.
	return less, saved, largest(taken, func(n uint64) bool { return a.Usage(n) <= taken }) - asked
}

// largest is the largest n up to limit for which holds is true, 0 where there is none. It must
// be true up to some n and false from there on, as comparisons with an allocator's Usage are.
func largest(limit uint64, holds func(n uint64) bool) uint64 {
	low, high := uint64(0), limit
	for low < high {
		middle := high - (high-low)/2
		if holds(middle) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

func percentOf(part, total uint64) string {
	return strconv.FormatFloat(100*float64(part)/float64(max(total, 1)), 'f', 1, 64)
}
