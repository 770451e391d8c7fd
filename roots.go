package memsize

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// ScanRoots is the account of several values with one visited set: what two of them share is
// counted once, under the name that sorts first. The report also says what each holds when it is
// alone, what only it holds, and what is shared, under the first model. All that comes from one more walk,
// however many roots there are. Each root is walked on its own instead, which for very many takes long,
// where under the model go a tag or an override leaves something out, and where this process cannot tell
// its blocks; and so they are where under an as-if model that walk does not come to the same total, as
// for package variables that lead into each other. A pointer into a block that holds more than what it points to, as to a field of a struct, is a Var:
// the report says so. It panics with a *rules.TagError on a wrong tag.
func ScanRoots(roots map[string]any, opts ...Option) *Report {
	r, err := ScanRootsContext(context.Background(), roots, opts...)
	return must(r, err)
}

// ScanRootsContext is ScanRoots with a way to stop it. When ctx is done or a limit is met it returns
// the account so far, with Truncated set, and the error; on a wrong tag nil and a *rules.TagError. Where this
// build cannot ask the runtime for blocks it is as ScanContext.
func ScanRootsContext(ctx context.Context, roots map[string]any, opts ...Option) (*Report, error) {
	given := roots
	defer runtime.KeepAlive(given)
	roots, inside := variables(roots)
	kept := new(recording)
	if len(roots) > 1 { // of a single value there is no more to be told
		kept.holdings = new(walker.Holdings)
	}
	defer kept.free()
	r, err := scan(ctx, roots, opts, kept)
	if err != nil {
		return r, err
	}
	o := callScan.options(opts)
	names := slices.Sorted(maps.Keys(roots))
	r.Roots = make([]report.RootFigures, len(names))
	var walked []walker.Root
	var figures []*report.RootFigures // of those that are walked
	for i, name := range names {
		r.Roots[i].Name = name
		if root, ok := rootOf(name, roots[name]); ok {
			walked, figures = append(walked, root), append(figures, &r.Roots[i])
		}
	}
	r.Shared = r.Total
	alone, only := kept.each(engineFor(o.Models[:1]), walked, r.Total, walkOptions(&o))
	for i, f := range figures {
		f.Total, f.Only = alone[i], only[i]
		r.Shared -= min(f.Only, r.Shared)
	}
	if len(inside) > 0 {
		slices.Sort(inside)
		r.Assumptions = append(r.Assumptions, fmt.Sprintf("%s: a variable inside a larger block, which "+
			"belongs to the program and is neither counted nor followed", strings.Join(inside, ", ")))
	}
	if records(o.Models[0]) {
		r.Coverage = coverage(r.Total)
	}
	return r, nil
}

// each is what every root holds when it is alone, and what only it holds, in bytes; together is
// what all of them hold. It walks each root again, and where anything is shared all but it.
func (e *engine) each(roots []walker.Root, together uint64,
	o walker.Options) (alone, only []uint64) {
	if len(roots) == 1 {
		return []uint64{together}, []uint64{together}
	}
	if alone, only, ok := e.shares(roots, together, o); ok {
		return alone, only
	}
	if e.blocks {
		o.Gather = new(walker.Shared)
	}
	alone = make([]uint64, len(roots))
	var sum uint64
	for i, r := range roots {
		alone[i] = e.total(o, r)
		sum = saturate.Add(sum, alone[i])
	}
	switch {
	case sum == together && e.disjoint(roots, o):
		return alone, alone
	case e.blocks:
		o.Gather, o.Beyond = nil, o.Gather
		return alone, e.beyond(roots, o)
	}
	return alone, e.without(roots, together, o)
}

// shares is each by one walk of all roots; false where that does not come to the same total.
func (e *engine) shares(roots []walker.Root, together uint64,
	o walker.Options) (alone, only []uint64, ok bool) {
	if e.models[0].IsGoHeap() || o.PerReference {
		return nil, nil, false
	}
	h := &walker.Holdings{Price: e.price, Bytes: account.BytesPrice(e.models[0])}
	m := e.sessions.Get().(*measurement)
	walk := o
	walk.MaxContainers, walk.Holdings = 0, h
	if err := m.session.Walk(roots, walk); err != nil || h.Together != together {
		return nil, nil, false
	}
	e.sessions.Put(m)
	for _, i := range h.Leads {
		h.Alone[i] = e.total(o, roots[i])
	}
	for _, i := range h.Led {
		h.Only[i] = together - min(together, e.total(o, slices.Concat(roots[:i], roots[i+1:])...))
	}
	return h.Alone, h.Only, true
}

// disjoint tells whether roots that hold as much together as each alone share nothing. They do if
// walks can tell so without sorting: then each container is charged, or lies in another and is not.
// What sorting settles may cost more together than in pieces, and make up for what is shared.
func (e *engine) disjoint(roots []walker.Root, o walker.Options) bool {
	if e.blocks || o.PerReference {
		return true
	}
	o.NoSorting = true
	_, err := e.walk(o, roots...)
	return err == nil && !o.Sorted
}

// beyond is what every root holds beyond the blocks of o.Beyond: as many walks as there are roots.
func (e *engine) beyond(roots []walker.Root, o walker.Options) []uint64 {
	only := make([]uint64, len(roots))
	for i, r := range roots {
		only[i] = e.total(o, r)
	}
	return only
}

// without is by how much the total falls without each of the roots, each time with a walk of all
// others: containers that overlap are priced together, so that there is no set of bytes to be left
// out. What remains of them may be dearer than the whole was: that counts as 0.
func (e *engine) without(roots []walker.Root, together uint64, o walker.Options) []uint64 {
	only := make([]uint64, len(roots))
	for i := range roots {
		others := slices.Concat(roots[:i], roots[i+1:])
		only[i] = together - min(together, e.total(o, others...))
	}
	return only
}
