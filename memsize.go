package memsize

import (
	"reflect"
	"runtime"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Of is what v owns beyond itself and all below that, in bytes, under Bitcoin Core's rules:
// memusage.h's RecursiveDynamicUsage of v's C++ twin. Of(&x) includes x's own block. It panics
// with a *rules.TagError on a wrong tag.
func Of(v any, opts ...Option) uint64 {
	if len(opts) == 0 {
		return measure(v, rules.Core(), &defaults)
	}
	o := callOf.options(opts)
	w := walkOptions(&o)
	return measure(v, o.Models[0], &w)
}

// Heap is what v holds on the heap of a Go process, in bytes: Of under the model go. It counts whole blocks, and what anything in them leads to: nothing
// may write these either while it runs, such as the other elements of an array of which v is a part.
func Heap(v any, opts ...Option) uint64 {
	if len(opts) == 0 {
		return measure(v, rules.Go(), &defaults)
	}
	o := callHeap.options(opts)
	w := walkOptions(&o)
	return measure(v, o.Models[0], &w)
}

// Dynamic is what v owns itself, not what its elements own, in bytes: memusage.h's DynamicUsage.
// The parts of a struct or array are summed.
func Dynamic(v any, opts ...Option) uint64 {
	o := callDynamic.options(opts)
	w := walkOptions(&o)
	w.Shallow = true
	return measure(v, o.Models[0], &w)
}

// defaults are the options of a call without any. They are never written.
var defaults = walkOptions(new(options))

func measure(v any, m *rules.Model, w *walker.Options) uint64 {
	root, ok := rootOf("root", v)
	if !ok {
		return 0
	}
	e := engineOf(m)
	c, err := e.compile(root.Type)
	if err != nil {
		panic(err)
	}
	brief := c.brief
	switch {
	case root.Owner != nil: // the field may have a rule of its own
		brief = nil
		if err := m.Check(root.Owner); err != nil {
			panic(err)
		}
	case w != &defaults || variant.Plain():
		brief = c.briefUnder(w)
	}
	total := e.measure(brief, root, w)
	runtime.KeepAlive(v)
	return total
}

// A Sizer measures values of one type, compiled once. It is safe for concurrent use.
type Sizer[T any] struct {
	engine  *engine
	brief   *walker.Brief
	options walker.Options
	typ     reflect.Type
}

// New is a Sizer for values of type T. It panics with a *rules.TagError on a wrong tag in or
// below T.
func New[T any](opts ...Option) *Sizer[T] {
	o := callNew.options(opts)
	return sizer[T](engineOf(o.Models[0]), &o)
}

// sizer is a Sizer by an engine.
func sizer[T any](e *engine, o *options) *Sizer[T] {
	t := reflect.TypeFor[T]()
	c, err := e.compile(t)
	if err != nil {
		panic(err)
	}
	s := &Sizer[T]{engine: e, options: walkOptions(o), typ: t}
	s.brief = c.briefUnder(&s.options)
	return s
}

// Of is what *p owns, in bytes; *p itself is never charged, whatever leads to it. 0 for nil.
func (s *Sizer[T]) Of(p *T) uint64 {
	if s.engine == nil {
		panic("memsize: a Sizer must come from New")
	}
	if p == nil {
		return 0
	}
	if s.brief != nil {
		if total, ok := s.brief.Own(unsafe.Pointer(p)); ok {
			runtime.KeepAlive(p)
			return total
		}
	}
	root := walker.Root{Name: "root", Type: s.typ, At: unsafe.Pointer(p), Owned: true}
	total := s.engine.total(s.options, root)
	runtime.KeepAlive(p)
	return total
}

// Cost is the cost function of a cache whose entries are of type T, each in a block of its own: the
// size of that block and what *p owns, in bytes on this process's heap unless a model is named. For
// a p inside a larger block it is the size of T instead. 0 for nil. Links to neighbours or to a parent
// are to be tagged `memusage:"-"`, else an entry costs the whole list. What leads to the program rather
// than to the entry (rules.ProgramTypes: the description of a message's type, a logger, a context) is no
// part of the cost, for it stays when the entry goes. It allocates nothing.
func Cost[T any](opts ...Option) func(p *T) uint64 {
	o := callNew.options(append([]Option{OnHeap()}, opts...))
	m := o.Models[0]
	e := engineOf(m)
	if m.IsGoHeap() {
		e = withoutProgram(m)
	}
	t, sizer := reflect.TypeFor[T](), sizer[T](e, &o)
	alone := m.NewPricer(m.Bind(rules.TypeOf(reflect.TypeFor[*T]()))).Total(1, 1)
	inside, _ := m.Sizeof(t)
	if t.Size() == 0 {
		alone = 0 // it has no block
	}
	return func(p *T) uint64 {
		switch {
		case p == nil:
			return 0
		case inLarger(unsafe.Pointer(p), t.Size()):
			return saturate.Add(inside, sizer.Of(p))
		}
		return saturate.Add(alone, sizer.Of(p))
	}
}

// Report is the account of a value: see package report.
type Report = report.Report
