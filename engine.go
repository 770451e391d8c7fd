package memsize

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// engine is a walker for models of equal reach, with sessions to reuse.
type engine struct {
	models   []*rules.Model
	blocks   bool // the model is this process's heap, and the runtime can be asked
	walker   *walker.Walker
	sessions sync.Pool // *measurement
	types    sync.Map  // reflect.Type → *compiled
}

// compiled is a type whose tags were found right, for the first model of an engine.
type compiled struct {
	brief *walker.Brief // nil if values of the type are never brief
}

// briefUnder is the type's brief, if it walks as the options say.
func (c *compiled) briefUnder(o *walker.Options) *walker.Brief {
	plain := *o
	plain.Workers, plain.CrewPays = 0, 0 // what is small has one worker
	if plain != (walker.Options{}) {
		return nil
	}
	return c.brief
}

// measurement is a session and the tally that it fills.
type measurement struct {
	session *walker.Session
	tally   *account.Tally
}

// ownKey finds the engine for a model alone among what is derived from that model.
type ownKey struct{}

// engineOf is the engine for one model.
func engineOf(m *rules.Model) *engine {
	return m.Derived(ownKey{}, func() any { return newEngine([]*rules.Model{m}) }).(*engine)
}

// engineFor is the engine for models of equal reach, kept as long as the first of them lives.
func engineFor(models []*rules.Model) *engine {
	if len(models) == 1 {
		return engineOf(models[0])
	}
	array := reflect.New(reflect.ArrayOf(len(models), reflect.TypeFor[*rules.Model]())).Elem()
	reflect.Copy(array, reflect.ValueOf(models))
	key := array.Interface() // an array of models, which can be compared, however many there are
	return models[0].Derived(key, func() any { return newEngine(slices.Clone(models)) }).(*engine)
}

func newEngine(models []*rules.Model) *engine {
	e := &engine{models: models, walker: walker.New(account.NewPolicy(models))}
	e.blocks = models[0].IsProcessHeap() && walker.BlocksExact()
	e.sessions.New = func() any { return e.measurement(false) }
	return e
}

func (e *engine) measurement(details bool) *measurement {
	tally := account.NewTally(e.models, details)
	return &measurement{session: e.walker.NewSession(tally), tally: tally}
}

// compile is what is known of a type for the engine's first model, or the error of a wrong tag.
func (e *engine) compile(t reflect.Type) (*compiled, error) {
	if c, ok := e.types.Load(t); ok {
		return c.(*compiled), nil
	}
	if err := e.models[0].Check(t); err != nil {
		return nil, err
	}
	made := new(compiled)
	if e.blocks || !e.models[0].IsGoHeap() { // tiny values are not priced one by one
		made.brief = e.walker.Brief(t, e.blocks, e.price)
	}
	c, _ := e.types.LoadOrStore(t, made)
	return c.(*compiled), nil
}

// price is what containers at a place cost under the first model.
func (e *engine) price(at walker.Place) walker.Price {
	return e.models[0].NewPricer(at.(rules.Binding)).Total
}

// measure is what a root owns, in bytes. A nil brief is none. It panics on a wrong tag.
func (e *engine) measure(brief *walker.Brief, root walker.Root, o *walker.Options) uint64 {
	if brief != nil {
		if total, ok := brief.Total(root); ok {
			return total
		}
	}
	return e.total(*o, root)
}

// total is the sum of one walk without details, in bytes. It panics on a wrong tag.
func (e *engine) total(o walker.Options, roots ...walker.Root) uint64 {
	total, err := e.walk(o, roots...)
	if err != nil {
		panic(fmt.Errorf("memsize: no figure for a value that is being written: %w", err))
	}
	return total
}

// walk is total, or the error that stopped the walk.
func (e *engine) walk(o walker.Options, roots ...walker.Root) (uint64, error) {
	m := e.sessions.Get().(*measurement)
	m.tally.Reset()
	o.MaxContainers = 0 // there is no way to tell that a number is of a part
	o.TotalOnly = e.blocks
	err := m.session.Walk(e.beside(roots), e.reach(o))
	total := e.figure(m)
	e.sessions.Put(m) // not after a panic: a session is not to be trusted then
	return total, err
}

// figure is the total of a walk that is done, in bytes.
func (e *engine) figure(m *measurement) uint64 {
	if e.blocks {
		return m.session.Held()
	}
	return m.tally.Total(0)
}

// beside is the roots with what must not be charged beside them.
func (e *engine) beside(roots []walker.Root) []walker.Root {
	if e.models[0].IsGoHeap() && !e.blocks {
		return beyondStatic(roots)
	}
	return roots
}

// reach adds what the models follow to a walk's options.
func (e *engine) reach(o walker.Options) walker.Options {
	o.Blocks = e.blocks
	if e.models[0].IsGoHeap() {
		o.ToCapacity, o.PerReference, o.CapIsLen = true, false, false
	}
	return o
}

// walkOptions are the options as the walker knows them.
func walkOptions(o *options) walker.Options {
	v := o.Variant.Linked()
	workers := 0
	if o.Parallel {
		if workers = o.Workers; workers == 0 {
			workers = runtime.GOMAXPROCS(0)
		}
	}
	return walker.Options{Workers: workers, CrewPays: v.CrewPays, PerReference: o.PerReference, CapIsLen: o.CapIsLen,
		MaxContainers: o.MaxContainers, Sorted: v.Sorted, NoRawMaps: v.NoRawMaps,
		NoPrefetch: v.NoPrefetch, NoBlockMarks: v.NoBlockMarks, NoBrief: v.NoBrief}
}

// rootOf is the root for v; false for nil, which holds nothing.
func rootOf(name string, v any) (walker.Root, bool) {
	if v == nil {
		return walker.Root{}, false
	}
	if v, ok := v.(variable); ok {
		return v.root(name), true
	}
	return walker.RootOf(name, v), true
}

// check is the error of a wrong tag or override in or below the type of v.
func check(v any, models []*rules.Model) error {
	t := typeOf(v)
	if v, ok := v.(variable); ok && v.owner != nil {
		t = v.owner
	}
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
