package memsize

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/sample"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/walker"
)

// Estimation is what Estimate says of a value, in bytes.
type Estimation struct {
	Bytes uint64 // the best guess
	// Low and High hold the truth between them in 95 of 100 estimates at least, however the sizes are
	// distributed and whatever is shared. High is math.MaxUint64 where nothing bounds it: see Reason.
	Low, High uint64
	Exact     bool   // all was walked: Low, Bytes and High are the same
	Elements  uint64 // containers that were looked at; 0 if Exact
	Reason    string // why High is math.MaxUint64, or what bounds it; "" where there is nothing to say
}

// String is the estimation in a line, sizes in binary units.
func (e Estimation) String() string {
	switch {
	case e.Exact:
		return show.Bytes(e.Bytes) + " (exact)"
	case e.High == math.MaxUint64:
		return fmt.Sprintf("about %s (estimated: at least %s; unbounded: %s)", show.Bytes(e.Bytes),
			show.Bytes(e.Low), e.Reason)
	}
	return fmt.Sprintf("about %s (estimated: %s to %s)", show.Bytes(e.Bytes), show.Bytes(e.Low),
		show.Bytes(e.High))
}

// Estimate says about what Of would say of v, within a budget of time (from 1 ms on) or, with
// MaxContainers and a budget of 0, of containers that are looked at. A value that can be walked in a
// part of the budget gives the exact figure. It counts what Of counts; OnHeap() makes it an estimate
// of Heap. With MaxContainers and Seed the same value gives the same estimate, apart from the order of
// maps. Types are compiled when they are met first, which the first call pays for.
//
// The value must not be written meanwhile: hold its locks, for so short a time. It panics with a
// *rules.TagError on a wrong tag, and where there is no budget.
func Estimate(v any, budget time.Duration, opts ...Option) Estimation {
	begin := time.Now()
	o := callEstimate.options(opts)
	if budget <= 0 && o.MaxContainers == 0 {
		panic("memsize: Estimate wants a budget: a time, as in Estimate(v, time.Millisecond), or " +
			"Estimate(v, 0, MaxContainers(10000))")
	}
	root, ok := rootOf("root", v)
	if !ok {
		return Estimation{Exact: true}
	}
	e := engineOf(o.Models[0])
	if _, err := e.compile(root.Type); err != nil {
		panic(err)
	}
	c := sample.Config{Shapes: e.shapes(), Heap: e.blocks, Full: e.models[0].IsGoHeap(),
		Lengths: o.CapIsLen, Elements: o.MaxContainers, Deadline: begin.Add(budget), Seed: o.Seed}
	if budget > 0 {
		c.Elements = 0
	}
	r := sample.Estimate(c, root)
	if r.Few {
		if walked, ok := e.walkWithin(walkOptions(&o), c, root); ok {
			return Estimation{Bytes: walked, Low: walked, High: walked, Exact: true}
		}
	}
	runtime.KeepAlive(v)
	return estimation(r)
}

// Seed makes what Estimate draws the same each time.
func Seed(n uint64) Option {
	return func(o *options) { o.Seed, o.Seeded = n, true }
}

// estimation is a result in whole bytes.
func estimation(r sample.Result) Estimation {
	whole := func(x float64) uint64 {
		if x >= math.MaxUint64 {
			return math.MaxUint64
		}
		return uint64(x)
	}
	e := Estimation{Low: whole(r.Low), High: whole(math.Ceil(r.High)),
		Elements: r.Elements, Reason: r.Reason}
	e.High = max(e.High, e.Low)
	e.Bytes = min(max(whole(r.Bytes), e.Low), e.High)
	return e
}

// shapesKey finds the compiled types of estimates among what is derived from a model.
type shapesKey struct{}

// shapes are the engine's types as estimates read them.
func (e *engine) shapes() *sample.Shapes {
	m := e.models[0]
	return m.Derived(shapesKey{}, func() any {
		return sample.NewShapes(account.NewPolicy(e.models), m)
	}).(*sample.Shapes)
}

// walkWithin is the total of a root if it can be walked within a budget.
func (e *engine) walkWithin(o walker.Options, c sample.Config, root walker.Root) (total uint64, ok bool) {
	if c.Elements == 0 {
		o.MaxContainers, o.Context = 0, deadline{context.Background(), c.Deadline}
	}
	m := e.sessions.Get().(*measurement)
	m.tally.Reset()
	o.TotalOnly = e.blocks
	err := m.session.Walk(e.beside([]walker.Root{root}), e.reach(o))
	total = e.figure(m)
	e.sessions.Put(m)
	return total, err == nil
}

// deadline is a context that is done by the clock, without a timer that would have to fire in time.
type deadline struct {
	context.Context
	end time.Time
}

// Err tells whether the time is up.
func (d deadline) Err() error {
	if time.Now().After(d.end) {
		return context.DeadlineExceeded
	}
	return nil
}
