package rules

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/bitcoin-mem/memsize/malloc"
)

// Model is a cost model: a layout, the container formulas of a library, an allocator, and the
// overrides. It is immutable and safe for concurrent use; what it has worked out for a type it
// keeps as long as it lives.
type Model struct {
	name  string
	base  string // as Lookup knows it
	world *world
	overrides

	layouts sync.Map // Binding → layout
	pricers sync.Map // Binding → *Pricer
	checks  sync.Map // reflect.Type → checked
	derived sync.Map // any → any
}

// coreWorld is C++ LP64 with libstdc++; coreWorld32 its ILP32 twin, where 8-byte scalars are
// aligned to 4 in a class (i386 System V ABI).
var (
	coreWorld   = cppWorld(8, 8, "memusage64")
	coreWorld32 = cppWorld(4, 4, "memusage32")
	realWorld   = libstdcxxWorld()
)

func cppWorld(pointer, wide uint64, allocator string) *world {
	return &world{
		pointer: pointer, wide: wide, asIf: true,
		record: cppRecord, containers: cpp{}, allocator: mustAllocator(allocator),
	}
}

// libstdcxxWorld has core's layout, the real containers and the allocator that they mostly meet.
func libstdcxxWorld() *world {
	w := cppWorld(8, 8, "glibc")
	w.containers = libstdcxx{}
	return w
}

// coreGoLayoutWorld has Core's formulas over this process's sizes.
func coreGoLayoutWorld() *world {
	return &world{
		pointer: hostPointer, wide: hostWide, goLayout: true, asIf: true,
		record: goRecord, containers: cpp{}, allocator: mustAllocator("memusage64"),
	}
}

func crateWorld() *world {
	return &world{
		pointer: 8, wide: 8, asIf: true,
		record: rustRecord, containers: rust{}, allocator: mustAllocator("memusage64"),
	}
}

// goWorld is a Go heap by formula, rounded by Go's size classes where malloc knows them.
func goWorld(pointer, wide uint64) *world {
	a, err := malloc.Lookup("go")
	if err != nil {
		a = mustAllocator("exact")
	}
	return &world{
		pointer: pointer, wide: wide, goLayout: true,
		record: goRecord, containers: goHeap{}, allocator: a,
	}
}

// processWorld is the Go heap of this program.
func processWorld() *world {
	w := goWorld(hostPointer, hostWide)
	w.process = true
	return w
}

func mustAllocator(name string) malloc.Allocator {
	a, err := malloc.Lookup(name)
	if err != nil {
		panic(err) // the names above are malloc's own
	}
	return a
}

// worlds are the models by name, in the order of Names. Those with another allocator are made on
// demand.
var worlds = []struct {
	name  string
	about string
	make  func() *world
}{
	{"core", "Bitcoin Core v30.2's memusage.h over libstdc++, 64 bits (x86_64)",
		func() *world { return coreWorld }},
	{"core-32", "Bitcoin Core v30.2's memusage.h over libstdc++, 32 bits (i386)",
		func() *world { return coreWorld32 }},
	{"core-golayout", "Core's formulas over the sizes of this program's Go types", coreGoLayoutWorld},
	{"crate", "the Rust crate bitcoin-mem 0.1.19, layouts of rustc 1.95, 64 bits", crateWorld},
	{"go", "the Go heap of this program", processWorld},
	{"go-386", "the Go heap of a 32-bit program", func() *world { return goWorld(4, 4) }},
	{"libstdcxx", "what the containers of libstdc++ 12 really ask for, on glibc, 64 bits (x86_64)",
		func() *world { return realWorld }},
}

// anyAllocator are the models that any allocator goes with, as in core+jemalloc.
var anyAllocator = []struct {
	name  string
	world *world
}{{"core", coreWorld}, {"libstdcxx", realWorld}}

// models holds each named model once: they are immutable, and their caches are worth sharing.
var models sync.Map // string → *Model

// Core is Bitcoin Core v30.2's accounting: C++ LP64 with libstdc++, memusage.h, MallocUsage.
func Core() *Model { return mustLookup("core") }

// Crate is the bitcoin-mem crate's accounting: repr(Rust) of rustc 1.95 and its formulas.
func Crate() *Model { return mustLookup("crate") }

// Go is this process's own heap.
func Go() *Model { return mustLookup("go") }

func mustLookup(name string) *Model {
	m, err := Lookup(name)
	if err != nil {
		panic(err) // the names are our own
	}
	return m
}

// LibStdCxx is what the containers of libstdc++ 12 really ask of operator new on x86_64, and
// glibc takes for it: no block for an empty unordered_map's single bucket, the NUL of a string,
// bits for a vector<bool>, kept hashes, one block for make_shared. The layout is that of Core.
func LibStdCxx() *Model { return mustLookup("libstdcxx") }

// Lookup is the model of that name: one of Names, among them core+ALLOC and libstdcxx+ALLOC for
// every allocator that malloc.Lookup knows. The same name gives the same model.
func Lookup(name string) (*Model, error) {
	if m, ok := models.Load(name); ok {
		return m.(*Model), nil
	}
	w, err := worldNamed(name)
	if err != nil {
		return nil, err
	}
	m, _ := models.LoadOrStore(name, newModel(name, w, nil))
	return m.(*Model), nil
}

func worldNamed(name string) (*world, error) {
	for _, known := range worlds {
		if known.name == name {
			return known.make(), nil
		}
	}
	base, allocator, _ := strings.Cut(name, "+")
	for _, known := range anyAllocator {
		if allocator == "" || known.name != base {
			continue
		}
		a, err := malloc.Lookup(allocator)
		if err != nil {
			return nil, fmt.Errorf("rules: model %q: %w", name, err)
		}
		w := *known.world
		w.allocator = a
		return &w, nil
	}
	return nil, fmt.Errorf("rules: no model %q (there are %s)", name, strings.Join(Names(), ", "))
}

// Names are the models that Lookup finds.
func Names() []string {
	var names []string
	for _, known := range worlds {
		names = append(names, known.name)
	}
	for _, known := range anyAllocator {
		for _, allocator := range malloc.Names() {
			names = append(names, known.name+"+"+allocator)
		}
	}
	return names
}

func newModel(name string, w *world, list []Override) *Model {
	return &Model{name: name, base: name, world: w, overrides: newOverrides(list)}
}

// About says in a line what the model prices, and by which source; for a model on another
// allocator (core+jemalloc), what its first name says.
func (m *Model) About() string {
	base, _, _ := strings.Cut(m.base, "+")
	for _, known := range worlds {
		if known.name == base {
			return known.about
		}
	}
	return ""
}

// Allocator rounds the model's blocks.
func (m *Model) Allocator() malloc.Allocator { return m.world.allocator }

// Name is the model's name, as Lookup knows it or as Named gave it; overrides do not change it.
func (m *Model) Name() string { return m.name }

// Named is a copy of the model under another name, so that two variants of a model can stand side by
// side in a report, and a comparison of reports finds each again. It panics where the name is empty.
func (m *Model) Named(name string) *Model {
	if name == "" {
		panic("rules: Named wants a name that is not empty, such as \"core, pooled\"")
	}
	named := newModel(name, m.world, m.list)
	named.base = m.base
	return named
}

// With is a copy of the model with more overrides; where two speak of the same, the later wins.
func (m *Model) With(o ...Override) *Model {
	list := make([]Override, 0, len(m.list)+len(o))
	with := newModel(m.name, m.world, append(append(list, m.list...), o...))
	with.base = m.base
	return with
}

// Sizeof is the size and alignment of t in the model's layout, in bytes: under core, what sizeof
// and alignof say of the C++ twin. It panics with a *TagError where a tag below t does not fit.
func (m *Model) Sizeof(t reflect.Type) (size, align uint64) {
	if t == nil {
		return 0, 0
	}
	s := m.Shape(m.Bind(TypeOf(t)))
	return s.Size, s.Align
}

// PointerSize is the bytes of a pointer in the model's layout: 8 or 4.
func (m *Model) PointerSize() uint64 { return m.world.pointer }

// IsGoHeap tells whether the model is of a Go heap, this process's or another's. A walk for such a
// model follows slices to their capacity; one for any other model, which is called an as-if model,
// follows them to their length.
func (m *Model) IsGoHeap() bool { return m.world.isGoHeap() }

// IsProcessHeap tells whether the model is of this process's own heap, so that the runtime can be
// asked for its figures: Go and what was made from it.
func (m *Model) IsProcessHeap() bool { return m.world.process }

// SameReach tells whether a pass that serves a serves b too: both follow the same values. Models
// of this process's heap share a pass with none but themselves. What lies inline may differ (a
// Rust String has no inline bytes): Reach.Inline is each model's own.
func SameReach(a, b *Model) bool {
	if a == b {
		return true
	}
	return a.world.asIf && b.world.asIf && a.same(&b.overrides)
}

// Derived is what build gives for this model and key, kept as long as the model lives: a place
// for what callers compile from a model. Keys are as in a context, of a type of the caller's own.
// Goroutines that come first together may each build; all get the value that was kept. Nothing is
// kept where build panics.
func (m *Model) Derived(key any, build func() any) any {
	if v, ok := m.derived.Load(key); ok {
		return v
	}
	v, _ := m.derived.LoadOrStore(key, build())
	return v
}

// checked is the outcome of a Check, so that the second costs nothing.
type checked struct{ err error }

// CheckTypes is Check for types that may be none of this program's: the first error. Nothing is kept
// of the types.
func (m *Model) CheckTypes(list ...Type) error {
	m = m.With() // a model keeps what it knows of a type, and this one goes
	c := checker{model: m, seen: make(map[Binding]bool)}
	for _, t := range list {
		if t == nil {
			continue
		}
		if err := c.check(m.Bind(t)); err != nil {
			return err
		}
	}
	return nil
}

// Check tells whether every tag below t parses and fits its field's type: nil, or a *TagError. It also
// finds tags that look as if they were meant for memsize and are not read, such as `memuse:"vector"` and
// `memusage="vector"`; a walk passes over these, for they may be another package's.
func Check(t reflect.Type) error {
	if err := Core().Check(t); err != nil || t == nil {
		return err
	}
	c := checker{model: Core(), seen: make(map[Binding]bool), spelling: true}
	return c.check(Core().Bind(TypeOf(t)))
}

// Check tells whether every tag below t parses and fits, and the model's overrides where they
// meet types below t: nil, or a *TagError. Types that only values tell (in interfaces) are
// checked when a walk meets them.
func (m *Model) Check(t reflect.Type) error {
	if t == nil {
		return nil
	}
	if c, ok := m.checks.Load(t); ok {
		return c.(checked).err
	}
	c := checker{model: m, seen: make(map[Binding]bool)}
	err := c.check(m.Bind(TypeOf(t)))
	m.checks.Store(t, checked{err})
	return err
}

// asTagError turns a *TagError panic of the binding functions into an error.
func asTagError(err *error) {
	switch e := recover().(type) {
	case nil:
	case *TagError:
		*err = e
	default:
		panic(e)
	}
}
