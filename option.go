package memsize

import (
	"slices"

	"github.com/bitcoin-mem/memsize/rules"
)

// An Option changes what is asked of a value.
type Option func(*options)

// options are the choices of one call. The zero value is the default: core, each block once.
type options struct {
	models        []*rules.Model
	perReference  bool
	capIsLen      bool
	maxContainers uint64
	sorted        bool // tests only: begin with the walk that sorts
	noRawMaps     bool // tests only: do not read maps where they lie
	noPrefetch    bool // tests only: walk frame by frame
	noBlockMarks  bool // tests only: as-if models do not ask for blocks
	noBrief       bool // tests only: a session for the smallest value
}

// WithModel prices with a model other than core.
func WithModel(m *rules.Model) Option { return WithModels(m) }

// WithModels prices with several models. The first gives Total, Parts, Types and the Tree. Models
// of equal reach (rules.SameReach) share one walk.
func WithModels(m ...*rules.Model) Option {
	if slices.ContainsFunc(m, func(m *rules.Model) bool { return m == nil || m.Name() == "" }) {
		panic("memsize: no model: take one of rules.Core, rules.Lookup and the like")
	}
	own := slices.Clone(m) // the caller may change his
	return func(o *options) { o.models = own }
}

// PerReference charges a container for every reference that leads to it, as C++ charges values
// and as memusage.h charges shared_ptr. Linear in the size of the graph: a reference charges all
// below it, a cycle is charged once, whole, for each entry from outside. Figures saturate. The Go
// models take no notice: a heap holds a block once.
func PerReference() Option {
	return func(o *options) { o.perReference = true }
}

// CapIsLen takes the length of every slice for its capacity: for values whose capacity Go's
// append chose, where the C++ program would have an exact one.
// The Go models take no notice: there the capacity is what there is.
func CapIsLen() Option {
	return func(o *options) { o.capIsLen = true }
}

// MaxContainers stops a scan after about n containers. What was found by then is reported, with
// Truncated set; ScanContext returns ErrLimit with it.
// Only what returns or writes a report can tell that it is of a part: Of, Heap, Dynamic and a
// Sizer know no limit.
func MaxContainers(n uint64) Option {
	return func(o *options) { o.maxContainers = n }
}

func collect(opts []Option) options {
	var o options
	for _, set := range opts {
		if set != nil {
			set(&o)
		}
	}
	if len(o.models) == 0 {
		o.models = []*rules.Model{rules.Core()}
	}
	return o
}
