package memsize

import (
	"reflect"
	"sync"

	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// engine is a walker for models of equal reach, with sessions to reuse.
type engine struct {
	models   []*rules.Model
	blocks   bool // the model is this process's heap, and the runtime can be asked
	walker   *walker.Walker
	sessions sync.Pool // *measurement
}

// measurement is a session and the tally that it fills.
type measurement struct {
	session *walker.Session
	tally   *report.Tally
}

// engineKey finds the engine of a model among what is derived from it.
type engineKey struct{}

// engineFor is the engine for models of equal reach. That of a single model is kept as long as
// the model lives.
func engineFor(models []*rules.Model) *engine {
	if len(models) > 1 {
		return newEngine(models)
	}
	m := models[0]
	return m.Derived(engineKey{}, func() any { return newEngine(models) }).(*engine)
}

func newEngine(models []*rules.Model) *engine {
	e := &engine{models: models, walker: walker.New(report.NewPolicy(models))}
	e.blocks = models[0].Name() == rules.Go().Name() && walker.BlocksExact()
	e.sessions.New = func() any { return e.measure(false) }
	return e
}

func (e *engine) measure(details bool) *measurement {
	tally := report.NewTally(e.models, details)
	return &measurement{session: e.walker.NewSession(tally), tally: tally}
}

// total is the sum of one walk without details, in bytes. It panics on a wrong tag.
func (e *engine) total(root walker.Root, o walker.Options) uint64 {
	m := e.sessions.Get().(*measurement)
	m.tally.Reset()
	if err := m.session.Walk([]walker.Root{root}, e.reach(o)); err != nil && err != walker.ErrLimit {
		panic(err) // the value was written meanwhile: a figure would be wrong
	}
	total := m.tally.Total(0)
	if e.blocks {
		total = report.HeapTotal(m.session.Nodes())
	}
	e.sessions.Put(m) // not after a panic: a session is not to be trusted then
	return total
}

// reach adds what the models follow to a walk's options.
func (e *engine) reach(o walker.Options) walker.Options {
	o.Blocks = e.blocks
	o.ToCapacity = e.models[0].FollowsCapacity()
	return o
}

// walkOptions are the options as the walker knows them.
func (o *options) walkOptions() walker.Options {
	return walker.Options{PerReference: o.perReference, CapIsLen: o.capIsLen,
		MaxContainers: o.maxContainers, Sorted: o.sorted, NoRawMaps: o.noRawMaps}
}

// rootOf is the root for v; false for nil, which holds nothing.
func rootOf(name string, v any) (walker.Root, bool) {
	if v == nil {
		return walker.Root{}, false
	}
	return walker.RootOf(name, v), true
}

// check is the error of a wrong tag or override in or below the type of v.
func check(v any, models []*rules.Model) error {
	t := reflect.TypeOf(v)
	if t == nil {
		return nil
	}
	for _, m := range models {
		if err := m.Check(t); err != nil {
			return err
		}
	}
	return nil
}
