package memsize

import (
	"slices"

	"github.com/bitcoin-mem/memsize/internal/choice"
	"github.com/bitcoin-mem/memsize/rules"
)

// An Option changes what is asked of a value. A call panics where one of its options can act on none of
// its models or results, and says what to do instead; calls that return an error return it.
type Option func(*options)

type options = choice.Options

// WithModel prices with a model other than core.
func WithModel(m *rules.Model) Option { return WithModels(m) }

// WithModels prices with several models. The first gives Total, Parts, Types and the Tree. Models
// of equal reach (rules.SameReach) share one walk.
func WithModels(m ...*rules.Model) Option {
	if slices.ContainsFunc(m, func(m *rules.Model) bool { return m == nil || m.Name() == "" }) {
		panic("memsize: no model: take one of rules.Core, rules.Lookup and the like")
	}
	own := slices.Clone(m) // the caller may change his
	return func(o *options) { o.Models = own }
}

// PerReference charges a container for every reference that leads to it, as C++ charges values
// and as memusage.h charges shared_ptr. Linear in the size of the graph: a reference charges all
// below it, a cycle is charged once, whole, for each entry from outside. Figures saturate. It acts on
// as-if models alone, for a heap holds a block once: a call without such a model panics.
func PerReference() Option {
	return func(o *options) { o.PerReference = true }
}

// CapIsLen takes the length of every slice for its capacity: for values whose capacity Go's
// append chose, where the C++ program would have an exact one. It acts on as-if models alone, for
// on a heap the capacity is what there is: a call without such a model panics.
func CapIsLen() Option {
	return func(o *options) { o.CapIsLen = true }
}

// MaxContainers stops a scan after about n containers, 1 or more. What was found by then is reported,
// with Truncated set; ScanContext returns ErrLimit with it. It acts on what returns or writes a report,
// which can tell that it is of a part: Of, Heap, Dynamic and New panic.
func MaxContainers(n uint64) Option {
	if n == 0 {
		panic("memsize: MaxContainers wants 1 or more: leave it out for no limit")
	}
	return func(o *options) { o.MaxContainers = n }
}

// OnHeap prices with this process's heap, as Heap does: WithModel(rules.Go()).
func OnHeap() Option { return WithModel(rules.Go()) }

// WithRetained asks for what would be freed if the references at a place were gone: Node.Retained,
// TypeFigures.Retained, RootFigures.Only. It acts on Scan, ScanRoots and Dump under the model go.
func WithRetained() Option { return func(o *options) { o.Retained = true } }

// WithBiggest asks for the n entries of each map, slice and list that retain most: Node.Biggest.
// It implies WithRetained.
func WithBiggest(n int) Option {
	if n < 1 {
		panic("memsize: WithBiggest wants 1 or more entries: leave it out for none")
	}
	return func(o *options) { o.Retained, o.Biggest = true, n }
}

// WithWaste asks for what could be saved, and how: Report.Waste.
func WithWaste() Option { return func(o *options) { o.Waste = true } }

// NoValues keeps keys and contents out of the report: entries are told by their number.
func NoValues() Option { return func(o *options) { o.NoValues = true } }

// Parallel asks for n workers, 0 for as many as GOMAXPROCS, so that a value which must be locked while it is
// walked is locked for a shorter time. It acts on totals under the model go: those of Heap, and of Of, New
// and Cost with OnHeap. The figure is the same. Others than the first walk from 65,536 containers on: below
// that they do not pay. In a report each block is told by the place that came first, which with many
// workers would be another one each time: so scans have one worker. So have values of which a tag or an
// override leaves something out, and builds that cannot tell blocks.
func Parallel(n int) Option {
	if n < 0 {
		panic("memsize: Parallel wants a number of workers, or 0 for as many as pay")
	}
	return func(o *options) { o.Parallel, o.Workers = true, n }
}
