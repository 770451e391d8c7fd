package memsize

import (
	"context"
	"errors"
	"io"
	"maps"
	"runtime"
	"slices"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// ErrLimit is returned by ScanContext when MaxContainers stopped the scan.
var ErrLimit = walker.ErrLimit

// Scan is the full account of v: total, parts, types and the tree of paths, under each model
// asked for. It panics with a *rules.TagError on a wrong tag.
func Scan(v any, opts ...Option) *Report {
	r, err := ScanContext(context.Background(), v, opts...)
	return must(r, err)
}

// ScanContext is Scan with a way to stop it. When ctx is done or a limit is met it returns the
// account so far, with Truncated set, and the error; on a wrong tag nil and a *rules.TagError. Where this
// build cannot ask the runtime for blocks, and what is retained or wasted was asked for, it returns the
// account without that, and an error that is errors.ErrUnsupported.
func ScanContext(ctx context.Context, v any, opts ...Option) (*Report, error) {
	kept := new(recording)
	defer kept.free()
	r, err := scan(ctx, map[string]any{"root": v}, opts, kept)
	if lacking := unsupported(r, opts); lacking != nil {
		return r, errors.Join(err, lacking)
	}
	return r, err
}

// must panics on a programmer's error: a wrong tag, an option that can act on nothing. A limit is no
// error to those who cannot be told of one: the report says that it is truncated.
func must(r *Report, err error) *Report {
	var wrong *rules.TagError
	var useless optionError
	switch {
	case errors.As(err, &wrong):
		panic(wrong)
	case errors.As(err, &useless):
		panic(useless)
	}
	return r
}

// Dump writes the account of v as a tree for a person. The text is not stable; JSON is.
func Dump(w io.Writer, v any, opts ...Option) error {
	r, err := ScanContext(context.Background(), v, opts...)
	if r == nil {
		return err
	}
	return errors.Join(err, r.WriteText(w))
}

func scan(ctx context.Context, values map[string]any, opts []Option,
	kept *recording) (r *Report, err error) {
	defer returned(&r, &err)
	o, err := callScan.checked(opts)
	if err != nil {
		return nil, err
	}
	var roots []walker.Root
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := check(values[name], o.Models); err != nil {
			return nil, err
		}
		if root, ok := rootOf(name, values[name]); ok {
			roots = append(roots, root)
		}
	}
	var reports []*report.Report
	var stopped error
	groups := sameReach(o.Models)
	for _, group := range groups {
		r, err := scanGroup(ctx, roots, group, &o, kept)
		if errors.Is(err, walker.ErrOverlap) {
			r, err = scanEach(ctx, roots, group, &o, kept)
		}
		reports = append(reports, r)
		stopped = errors.Join(stopped, err)
	}
	runtime.KeepAlive(values)
	walked, order := slices.Concat(groups...), make([]int, len(o.Models))
	for i, m := range o.Models {
		order[i] = slices.Index(walked, m)
	}
	return account.Join(reports, order), stopped
}

// returned turns the panic of a wrong tag that a walk met in an interface into an error.
func returned(r **Report, err *error) {
	switch e := recover().(type) {
	case nil:
	case *rules.TagError:
		*r, *err = nil, e
	default:
		panic(e)
	}
}

// scanGroup walks the roots once for models of equal reach.
func scanGroup(ctx context.Context, roots []walker.Root, models []*rules.Model,
	o *options, kept *recording) (*report.Report, error) {
	w := walkOptions(o)
	w.ByPath, w.Context = true, ctx
	w.NoSorting = !account.SameInline(models)
	e := engineFor(models)
	m := e.measurement(true)
	if e.blocks && kept.graph == nil {
		kept.begin(o, &w)
	}
	if e.blocks && models[0] == o.Models[0] {
		w.Holdings = kept.holdings
	}
	err := m.session.Walk(e.beside(roots), e.reach(w))
	var r *report.Report
	if e.blocks {
		r = m.tally.Heap(m.session.Nodes())
	} else {
		r = m.tally.Live(m.session.Nodes())
	}
	if _, known := staticRoot(); models[0].IsGoHeap() && !known {
		r.Assumptions = append(r.Assumptions, staticUnknown)
	}
	if err == nil && models[0].IsGoHeap() {
		r.Program, err = e.program(m.session.Nodes(), roots, r.Total, w)
	}
	if err == nil && w.Graph != nil {
		err = kept.end(ctx, o, r, m.session, roots)
	}
	if err != nil {
		r.Truncated, r.Reason = true, err.Error()
	}
	return r, err
}

// scanEach walks the roots for each model on its own: where memory overlaps and the models do not
// agree on what lies inside a container, they do not agree on what overlaps either.
func scanEach(ctx context.Context, roots []walker.Root, models []*rules.Model,
	o *options, kept *recording) (*report.Report, error) {
	var reports []*report.Report
	var stopped error
	order := make([]int, len(models))
	for i, m := range models {
		r, err := scanGroup(ctx, roots, []*rules.Model{m}, o, kept)
		reports = append(reports, r)
		stopped = errors.Join(stopped, err)
		order[i] = i
	}
	return account.Join(reports, order), stopped
}

// sameReach groups models that can share a walk, in order of their first. A model of a Go heap is
// alone in its group, however often it was asked for.
func sameReach(models []*rules.Model) [][]*rules.Model {
	var groups [][]*rules.Model
next:
	for _, m := range models {
		for i, g := range groups {
			if rules.SameReach(g[0], m) {
				if !m.IsGoHeap() {
					groups[i] = append(g, m)
				}
				continue next
			}
		}
		groups = append(groups, []*rules.Model{m})
	}
	return groups
}
