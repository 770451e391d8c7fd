package memsize_test

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/rules"
)

type (
	facadePair struct{ A, B uint64 }
	facadeLink struct{ Next *facadeLink }
	wrongTag   struct {
		M map[string]int `memusage:"vector"`
	}
	wrongBelow struct{ P []*wrongTag }
	unparsed   struct {
		S []int `memusage:"vektor<"`
	}
)

// mallocs is what malloc takes for requests, in bytes.
func mallocs(requests ...uint64) (total uint64) {
	for _, n := range requests {
		total += malloc.Usage(n)
	}
	return total
}

// links is a list of n links.
func links(n int) *facadeLink {
	var first *facadeLink
	for range n {
		first = &facadeLink{first}
	}
	return first
}

func TestOfAndDynamic(t *testing.T) {
	long := strings.Repeat("x", 100)
	pair := &facadePair{}
	for _, row := range []struct {
		why         string
		v           any
		of, dynamic uint64
	}{
		{"nil", nil, 0, 0},
		{"a nil pointer", (*facadePair)(nil), 0, 0},
		{"a nil slice", []int(nil), 0, 0},
		{"a nil map is an empty unordered_map with one bucket", map[int]int(nil), mallocs(8), mallocs(8)},
		{"a scalar: that it is boxed does not count", int64(1) << 40, 0, 0},
		{"nor does a struct's box", facadePair{}, 0, 0},
		{"a pointer is a unique_ptr", pair, mallocs(16), mallocs(16)},
		{"what it leads to is not its own", &pair, mallocs(8, 16), mallocs(8)},
		{"inline parts are summed", [2]*facadePair{pair, {}}, mallocs(16, 16), mallocs(16, 16)},
		{"the same once", [2]*facadePair{pair, pair}, mallocs(16), mallocs(16)},
		{"a vector", make([]uint64, 3, 10), mallocs(80), mallocs(80)},
		{"a vector of vectors", [][]byte{make([]byte, 50)}, mallocs(24, 50), mallocs(24)},
		{"a short string is inline", "short", 0, 0},
		{"a long one has a NUL", long, mallocs(101), mallocs(101)},
		{"an interface holds a unique_ptr", []any{facadePair{}}, mallocs(8, 16), mallocs(8)},
		{"a set of nodes and buckets", map[uint64]struct{}{7: {}}, mallocs(16) + mallocs(8*13),
			mallocs(16) + mallocs(8*13)},
		{"unexported fields count", struct{ p *facadePair }{pair}, mallocs(16), mallocs(16)},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, row.of, memsize.Of(row.v))
			require.Equal(t, row.dynamic, memsize.Dynamic(row.v))
			require.Equal(t, row.of, memsize.Scan(row.v).Total)
		})
	}
}

// Heap speaks Go: size classes, capacity, no twins.
func TestHeap(t *testing.T) {
	require.Zero(t, memsize.Heap(nil))
	require.Zero(t, memsize.Heap(42))
	goHeap, err := malloc.Lookup("go")
	require.NoError(t, err)
	slice := make([]byte, 10, 1000)
	require.Equal(t, goHeap.Usage(1000), memsize.Heap(slice))
	require.Equal(t, memsize.Of(slice, memsize.WithModel(rules.Go())), memsize.Heap(slice))
	require.Equal(t, memsize.Heap(slice), memsize.Heap(slice, memsize.OnHeap()))
}

func TestIncremental(t *testing.T) {
	for _, row := range []struct {
		why  string
		v    any
		want uint64
		err  error
	}{
		{"a node of an unordered_map", map[uint64]uint64{}, mallocs(8 + 16), nil},
		{"of a nil one as well", map[uint64]uint64(nil), mallocs(8 + 16), nil},
		{"of an unordered_set", map[uint64]struct{}{1: {}}, mallocs(8 + 8), nil},
		{"of a std::set: colour, three links, the value", struct {
			S map[uint64]struct{} `memusage:"set"`
		}{}, mallocs(32 + 8), nil},
		{"of a std::map", struct {
			M map[uint64]uint64 `memusage:"map"`
		}{}, mallocs(32 + 16), nil},
		{"of a std::list", list.List{}, mallocs(16 + 8), nil},
		{"the only container of a struct", struct {
			N int
			M map[uint64]uint64
		}{}, mallocs(8 + 16), nil},
		{"a vector may grow or not", []int{1}, 0, memsize.ErrNoIncrement},
		{"a string", "x", 0, memsize.ErrNoIncrement},
		{"a pointer has no elements", new(int), 0, memsize.ErrNoIncrement},
		{"a pool gives from its chunk", struct {
			M map[int]int `memusage:"pool_unordered_map=262144"`
		}{}, 0, memsize.ErrNoIncrement},
		{"two containers", struct{ A, B map[int]int }{}, 0, memsize.ErrNoIncrement},
		{"none", facadePair{}, 0, memsize.ErrNoIncrement},
		{"a scalar", 7, 0, memsize.ErrNoIncrement},
		{"nil", nil, 0, memsize.ErrNoIncrement},
	} {
		t.Run(row.why, func(t *testing.T) {
			got, err := memsize.Incremental(row.v)
			require.ErrorIs(t, err, row.err)
			require.Equal(t, row.want, got)
		})
	}
}

// A wrong tag is a programmer's error: functions without an error to return panic, the others
// return it, and both say what would fit.
func TestTagErrors(t *testing.T) {
	for _, v := range []any{wrongTag{}, &wrongTag{}, wrongBelow{}, unparsed{}} {
		for name, f := range map[string]func(){
			"Of":        func() { memsize.Of(v) },
			"Heap":      func() { memsize.Heap(v) },
			"Dynamic":   func() { memsize.Dynamic(v) },
			"Scan":      func() { memsize.Scan(v) },
			"ScanRoots": func() { memsize.ScanRoots(map[string]any{"a": 1, "b": v}) },
		} {
			requireTagError(t, name, recovered(f))
		}
		_, err := memsize.ScanContext(context.Background(), v)
		requireTagError(t, "ScanContext", err)
		_, err = memsize.Incremental(v)
		requireTagError(t, "Incremental", err)
		var b bytes.Buffer
		requireTagError(t, "Dump", memsize.Dump(&b, v))
		require.Zero(t, b.Len())
		requireTagError(t, "Check", rules.Check(reflect.TypeOf(v)))
	}
	requireTagError(t, "New", recovered(func() { memsize.New[wrongTag]() }))
	requireTagError(t, "New", recovered(func() { memsize.New[[]wrongBelow]() }))
}

// recovered is what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func requireTagError(t *testing.T, what string, value any) {
	t.Helper()
	err, ok := value.(error)
	require.True(t, ok, "%s: %v", what, value)
	var tag *rules.TagError
	require.ErrorAs(t, err, &tag, what)
	require.NotEmpty(t, tag.Type, what)
	require.Contains(t, []string{"M", "S"}, tag.Field, what)
	require.Contains(t, err.Error(), "vector", what)
}

// A wrong tag of a type that only a value shows, in an interface, is met during the walk. Each
// time it is the same error, and what is walked next is not harmed.
func TestTagErrorsInInterfaces(t *testing.T) {
	v := []any{[]int{1}, wrongTag{}}
	for range 3 {
		requireTagError(t, "Of", recovered(func() { memsize.Of(v) }))
		requireTagError(t, "Scan", recovered(func() { memsize.Scan(v) }))
		require.Equal(t, mallocs(8, 24, 8), memsize.Of([]any{[]int{1}}), "the next walk")
	}
}

// ScanContext, Dump and Incremental return it also there.
func TestTagErrorsInInterfacesAreReturned(t *testing.T) {
	v := []any{wrongTag{}}
	require.Nil(t, recovered(func() {
		_, err := memsize.ScanContext(context.Background(), v)
		requireTagError(t, "ScanContext", err)
		requireTagError(t, "Dump", memsize.Dump(&bytes.Buffer{}, v))
	}))
}

func TestScan(t *testing.T) {
	v := map[string][]uint64{"a key that is not inline": make([]uint64, 4, 8)}
	r := memsize.Scan(v)
	require.Equal(t, memsize.Of(v), r.Total)
	require.Equal(t, "core", r.Model)
	require.Equal(t, r.Total, r.Parts.Total())
	require.Equal(t, uint64(32), r.Parts.Spare, "four elements of eight bytes")
	require.Equal(t, "root", r.Tree.Path)
	require.False(t, r.Truncated)
	unaccounted := memsize.Scan(struct {
		F func()
		G func()
	}{F: func() {}}).Unaccounted
	require.Len(t, unaccounted, 1, "nil is nothing")
	require.Equal(t, "root.F", unaccounted[0].Path)
	require.Equal(t, uint64(1), unaccounted[0].Count)
}

func TestScanContext(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	long := links(10_000)
	whole := memsize.Of(long)
	for _, row := range []struct {
		why  string
		ctx  context.Context
		opts []memsize.Option
		err  error
	}{
		{"a context that is done", done, nil, context.Canceled},
		{"a limit", context.Background(), []memsize.Option{memsize.MaxContainers(2000)},
			memsize.ErrLimit},
		{"a limit, per reference", context.Background(),
			[]memsize.Option{memsize.MaxContainers(2000), memsize.PerReference()}, memsize.ErrLimit},
		{"a limit, several models that do not share a walk", context.Background(),
			[]memsize.Option{memsize.MaxContainers(2000), memsize.WithModels(rules.Core(),
				rules.Core().With(rules.ForKind(reflect.Pointer, rules.SharedPtr())))},
			memsize.ErrLimit},
		{"a limit, of a heap", context.Background(),
			[]memsize.Option{memsize.MaxContainers(2000), memsize.WithModel(rules.Go())},
			memsize.ErrLimit},
		{"a context that is done, of a heap", done,
			[]memsize.Option{memsize.WithModel(rules.Go())}, context.Canceled},
	} {
		t.Run(row.why, func(t *testing.T) {
			r, err := memsize.ScanContext(row.ctx, long, row.opts...)
			require.ErrorIs(t, err, row.err)
			require.NotNil(t, r, "what was seen until then")
			require.True(t, r.Truncated)
			require.Equal(t, row.err.Error(), r.Reason)
			require.Equal(t, row.ctx != done, r.Total > 0, "nothing was walked when it was too late")
			require.Less(t, r.Total, whole)
			require.Equal(t, r.Total, r.Tree.Total)
		})
	}
	_, err := memsize.ScanContext(done, new(int))
	require.ErrorIs(t, err, context.Canceled, "small values are no exception")
	r, err := memsize.ScanContext(context.Background(), long)
	require.NoError(t, err)
	require.False(t, r.Truncated)
	require.Equal(t, whole, r.Total)
	cut := memsize.Scan(long, memsize.MaxContainers(2000))
	require.True(t, cut.Truncated, "Scan has no error to return: the report tells")
}

// What several roots share is counted once, under the name that sorts first.
func TestScanRoots(t *testing.T) {
	shared := make([]uint64, 100)
	for range 5 { // maps are in random order
		r := memsize.ScanRoots(map[string]any{
			"b": &shared, "a": [1][]uint64{shared}, "none": nil, "number": 7})
		require.Equal(t, mallocs(800, 24), r.Total)
		totals := map[string]uint64{}
		for _, n := range r.Tree.Children {
			totals[n.Path] = n.Total
		}
		require.Equal(t, map[string]uint64{"a": mallocs(800), "b": mallocs(24), "number": 0}, totals)
	}
	require.Zero(t, memsize.ScanRoots(nil).Total)
}

func TestDump(t *testing.T) {
	var b strings.Builder
	require.NoError(t, memsize.Dump(&b, map[string][]byte{"k": make([]byte, 5000)}))
	require.Contains(t, b.String(), "root")
	require.Contains(t, b.String(), "[]uint8")
	require.NoError(t, memsize.Dump(&b, nil))
	full := errors.New("full")
	require.ErrorIs(t, memsize.Dump(failingWriter{full}, 7), full)
	b.Reset()
	require.ErrorIs(t, memsize.Dump(&b, links(10_000), memsize.MaxContainers(1000)),
		memsize.ErrLimit)
	require.True(t, strings.HasPrefix(b.String(), "PARTIAL"), "and yet it shows what was seen")
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestSizer(t *testing.T) {
	require.Zero(t, memsize.New[facadePair]().Of(nil))
	number := 7
	require.Zero(t, memsize.New[int]().Of(&number), "*p itself is never charged")
	ring := new(facadeLink)
	ring.Next = &facadeLink{ring}
	require.Equal(t, mallocs(8), memsize.New[facadeLink]().Of(ring), "also where it leads back to it")
	require.Equal(t, mallocs(8, 8), memsize.Of(ring))
	m := map[string]*facadePair{"x": {}}
	require.Equal(t, memsize.Of(m), memsize.New[map[string]*facadePair]().Of(&m))
	crate := memsize.WithModel(rules.Crate())
	require.Equal(t, memsize.Of(m, crate), memsize.New[map[string]*facadePair](crate).Of(&m))
	var boxed any = m
	require.Equal(t, mallocs(56)+memsize.Of(m), memsize.New[any]().Of(&boxed),
		"an interface is a unique_ptr of what it holds, here an unordered_map")
}

// A sizer that has seen a value of a type does not allocate for the next.
func TestSizerDoesNotAllocate(t *testing.T) { sizerDoesNotAllocate(t, 24) }

// Nor where texts end within a word.
func TestSizerDoesNotAllocateForTexts(t *testing.T) { sizerDoesNotAllocate(t, 21) }

func sizerDoesNotAllocate(t *testing.T, textLength int) {
	if suite.RaceDetector {
		t.Skip("sync.Pool drops things on purpose under the race detector")
	}
	if variant.Plain() {
		t.Skip("without its optimisations a walk allocates for each map")
	}
	type record struct {
		Tags  []string
		Pairs []*facadePair
		Any   any
	}
	v := record{Any: facadePair{1, 2}}
	for range 50 {
		v.Tags = append(v.Tags, strings.Repeat("t", textLength))
		v.Pairs = append(v.Pairs, &facadePair{})
	}
	for name, opts := range map[string][]memsize.Option{
		"core": nil, "crate": {memsize.WithModel(rules.Crate())}, "CapIsLen": {memsize.CapIsLen()},
	} {
		sizer := memsize.New[record](opts...)
		want := sizer.Of(&v)
		allocations := testing.AllocsPerRun(100, func() {
			if sizer.Of(&v) != want {
				panic("another figure")
			}
		})
		require.Zero(t, allocations, name)
	}
}

// Sizers, models and all functions are safe for concurrent use on a value that nobody writes.
func TestConcurrentUse(t *testing.T) {
	v := map[string]any{"links": links(300), "text": strings.Repeat("x", 50),
		"shared": []*facadeLink{links(3)}}
	sizer := memsize.New[map[string]any]()
	model := rules.Core().With(rules.ForKind(reflect.Map, rules.Map()))
	want, other := memsize.Of(v), memsize.Of(v, memsize.WithModel(model))
	require.NotEqual(t, want, other)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				require.Equal(t, want, sizer.Of(&v))
				require.Equal(t, want, memsize.Of(v))
				require.Equal(t, other, memsize.Of(v, memsize.WithModel(model)))
				require.Equal(t, want, memsize.Scan(v).Total)
				_, err := memsize.Incremental(v)
				require.NoError(t, err)
			}
		})
	}
	group.Wait()
}

func TestWithModels(t *testing.T) {
	v := map[string]string{strings.Repeat("k", 30): strings.Repeat("v", 3)}
	core32, err := rules.Lookup("core-32")
	require.NoError(t, err)
	models := []*rules.Model{rules.Crate(), rules.Go(), rules.Core(), core32,
		rules.Core().With(rules.ForKind(reflect.Map, rules.Map()))}
	r := memsize.Scan(v, memsize.WithModels(models...))
	require.Len(t, r.Models, len(models))
	require.Equal(t, "crate", r.Model, "the first gives the total")
	for i, m := range models {
		require.Equal(t, m.Name(), r.Models[i].Name)
		require.Equal(t, memsize.Of(v, memsize.WithModel(m)), r.Models[i].Total,
			"%d: %s, also where two models have one name", i, m.Name())
	}
	require.Equal(t, r.Models[0].Total, r.Total)
	require.Equal(t, r.Total, memsize.Of(v, memsize.WithModels(models...)))
	require.Equal(t, memsize.Of(v), memsize.Of(v, memsize.WithModels()), "none: core")
}

// A model that is asked for twice has its figures twice, whether models like it share a walk or not.
func TestWithOneModelTwice(t *testing.T) {
	v := []any{strings.Repeat("x", 20), new(int8), new(int8), map[string]int{"a": 1}}
	go386, err := rules.Lookup("go-386")
	require.NoError(t, err)
	for _, models := range [][]*rules.Model{
		{rules.Core(), rules.Core()},
		{rules.Go(), rules.Go()},
		{go386, rules.Crate(), go386, rules.Go(), rules.Core(), rules.Go(), rules.Crate()},
	} {
		r := memsize.Scan(v, memsize.WithModels(models...))
		require.Len(t, r.Models, len(models))
		for i, m := range models {
			alone := memsize.Scan(v, memsize.WithModel(m))
			require.Equal(t, alone.Models[0], r.Models[i])
		}
	}
}

// Every reference is charged, as values in C++ are; a cycle once, whole, for each entry.
func TestPerReference(t *testing.T) {
	per := memsize.PerReference()
	p := &facadePair{}
	require.Equal(t, mallocs(24)+3*mallocs(16), memsize.Of([]*facadePair{p, p, p}, per))
	a := &facadeLink{&facadeLink{}}
	a.Next.Next = a
	require.Equal(t, mallocs(16)+2*mallocs(8, 8), memsize.Of([]*facadeLink{a, a}, per))
	require.Equal(t, mallocs(16)+mallocs(8, 8), memsize.Of([]*facadeLink{a, a}))
	// A chain in which each element leads to the next twice has 2^80 paths: figures saturate.
	type twice struct{ A, B *twice }
	var top *twice
	for range 80 {
		top = &twice{top, top}
	}
	require.Equal(t, ^uint64(0), memsize.Of(top, per))
}

func TestCapIsLen(t *testing.T) {
	v := make([]uint64, 3, 10)
	require.Equal(t, mallocs(80), memsize.Of(v))
	require.Equal(t, mallocs(24), memsize.Of(v, memsize.CapIsLen()))
	require.Zero(t, memsize.Of(make([]uint64, 0, 10), memsize.CapIsLen()))
	type inline struct {
		S []byte `memusage:"prevector=28"`
	}
	grown := inline{append(make([]byte, 0, 32), "25 bytes of a script hash"...)}
	require.Positive(t, memsize.Of(grown), "Go's capacity decides")
	require.Zero(t, memsize.Of(grown, memsize.CapIsLen()))
}

// A nil model is a programmer's error, told where it is made; a nil option is none.
func TestNilArguments(t *testing.T) {
	for _, f := range []func(){
		func() { memsize.WithModel(nil) },
		func() { memsize.WithModels(rules.Core(), nil) },
	} {
		require.Contains(t, recovered(f), "rules.Lookup")
	}
	require.Equal(t, mallocs(16), memsize.Of(&facadePair{}, nil))
}

// A limit stops the scan soon after it is met, however the containers lie: a slice of pointers is
// not one container.
func TestMaxContainersOfFlatData(t *testing.T) {
	const limit, slack = 1000, 5000
	flat := make([]*int, 60_000)
	for i := range flat {
		flat[i] = new(int)
	}
	r, err := memsize.ScanContext(context.Background(), flat, memsize.MaxContainers(limit))
	require.ErrorIs(t, err, memsize.ErrLimit)
	require.LessOrEqual(t, r.Models[0].Blocks, uint64(limit+slack))
}
