package memsize_test

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
)

type store struct {
	mu sync.Mutex
	m  map[int][]byte
}

type app struct {
	Sessions, LRU store
	home          *app // leads back
	_             []byte
	Hidden        []byte `memusage:"-"`
	Script        []byte `memusage:"prevector=36"`
}

func newApp() *app {
	a := &app{Hidden: make([]byte, 5000), Script: make([]byte, 30)}
	a.Sessions.m, a.LRU.m = map[int][]byte{}, map[int][]byte{}
	for i := range 100 {
		a.Sessions.m[i] = make([]byte, 1000)
		a.LRU.m[i] = make([]byte, 100)
	}
	return a
}

// TestVariablesAsRoots: a field that is given by its address is what it holds, not the struct around it, nor
// what leads back there.
func TestVariablesAsRoots(t *testing.T) {
	a := newApp()
	sessions, lru := memsize.Heap(a.Sessions.m), memsize.Heap(a.LRU.m)
	a.home = a
	for _, m := range []*rules.Model{rules.Go(), rules.Core(), rules.Crate()} {
		model := memsize.WithModel(m)
		require.Equal(t, memsize.New[store](model).Of(&a.LRU), memsize.Of(memsize.Var(&a.LRU), model))
		require.Equal(t, memsize.Of(a.LRU.m, model), memsize.Of(memsize.Var(&a.LRU), model), m.Name())
	}
	if !block.PointersExact() {
		t.Skip("this build does not know what a pointer leads into: a pointer is that pointer")
	}
	for _, m := range []*rules.Model{rules.Go(), rules.Core(), rules.Crate()} {
		require.Zero(t, memsize.Of(memsize.Var(&a.home), memsize.WithModel(m)),
			"%s: it leads back to its own block", m.Name())
	}
	for _, m := range []*rules.Model{rules.Go(), rules.Core()} {
		r := memsize.ScanRoots(map[string]any{"sessions": &a.Sessions, "lru": &a.LRU}, memsize.WithModel(m))
		require.Equal(t, "lru", r.Roots[0].Name)
		require.Equal(t, memsize.Of(a.LRU.m, memsize.WithModel(m)), r.Roots[0].Total)
		require.Equal(t, r.Roots[0].Total, r.Roots[0].Only)
		require.Equal(t, memsize.Of(a.Sessions.m, memsize.WithModel(m)), r.Roots[1].Only)
		require.Zero(t, r.Shared)
		require.Contains(t, fmt.Sprint(r.Assumptions), "lru, sessions: a variable inside a larger block")
	}
	require.Equal(t, sessions, memsize.Heap(memsize.Var(&a.Sessions)))
	require.Equal(t, lru, memsize.Heap(memsize.Var(&a.LRU)))
	whole := memsize.ScanRoots(map[string]any{"app": a}, memsize.OnHeap())
	require.Equal(t, memsize.Heap(a), whole.Roots[0].Total, "a pointer to a block of its own is that pointer")
	array := make([]store, 10)
	array[3].m = a.LRU.m
	one := memsize.ScanRoots(map[string]any{"one": &array[3]}, memsize.OnHeap())
	require.Equal(t, lru, one.Total)
	require.Equal(t, uint64(block.Round(unsafe.Sizeof(array[0])*10, true))+lru, memsize.Heap(&array[3]),
		"elsewhere it keeps the whole array")
	require.Less(t, memsize.Of(struct{ v any }{memsize.Var(&a.LRU)}), uint64(1000), "inside other data: a value")
}

// TestFields: each field of a struct by name, as it is bound there.
func TestFields(t *testing.T) {
	a := newApp()
	fields := memsize.Fields(a)
	require.Len(t, fields, 5)
	require.NotContains(t, fields, "_")
	for _, m := range []*rules.Model{rules.Go(), rules.Core()} {
		model := memsize.WithModel(m)
		r := memsize.ScanRoots(fields, model)
		own := m.NewPricer(m.Bind(rules.TypeOf(reflect.TypeFor[*app]()))).Total(1, 1)
		require.Equal(t, memsize.Of(a, model), r.Total+own, m.Name())
		var sum uint64
		for _, f := range r.Roots {
			sum += f.Total
		}
		require.Equal(t, r.Total, sum)
		require.Zero(t, memsize.Of(fields["Hidden"], model), "%s: its tag stays", m.Name())
	}
	require.Zero(t, memsize.Of(fields["Script"]), "30 bytes lie in a prevector of 36")
	require.Zero(t, memsize.Scan(fields["Script"]).Total)
	require.Positive(t, memsize.Of(memsize.Var(&a.Script)))
	ruled := rules.Core().With(rules.ForField[app]("LRU", rules.Skip()))
	require.Zero(t, memsize.Of(fields["LRU"], memsize.WithModel(ruled)))
	for _, wrong := range []any{nil, 1, struct{ n int }{}, (*app)(nil), new(int)} {
		require.PanicsWithValue(t, fmt.Sprintf("memsize: Fields wants a pointer to a struct, as in "+
			"Fields(&app), not %T", wrong), func() { memsize.Fields(wrong) })
	}
	require.Panics(t, func() { memsize.Var(nil) })
	require.Panics(t, func() { memsize.Var((*app)(nil)) })
}

// entry is one of a cache that keeps its entries in a list: the links are the list's, not the entry's.
type entry struct {
	key        string
	value      []byte
	next, prev *entry `memusage:"-"`
}

// TestCost: the block of an entry and what the entry owns, whatever the model; nothing is allocated.
func TestCost(t *testing.T) {
	cost := memsize.Cost[entry]()
	e := &entry{key: string(bytes.Repeat([]byte("k"), 20)), value: make([]byte, 100)}
	e.next = &entry{value: make([]byte, 1<<20), prev: e}
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.Equal(t, uint64(64+24+112), cost(e))
	}
	require.Equal(t, memsize.Heap(e), cost(e))
	require.Zero(t, cost(nil))
	core := memsize.Cost[entry](memsize.WithModel(rules.Core()))
	require.Equal(t, memsize.Of(e), core(e))
	small := &entry{key: "k"}
	require.Positive(t, core(small), "an entry has a block, however small it is")
	require.Zero(t, memsize.Cost[struct{}]()(new(struct{})))
	if block.PointersExact() {
		list := make([]entry, 10)
		list[4] = *e
		require.Equal(t, uint64(unsafe.Sizeof(*e))+cost(e)-memsize.Heap(new(entry)), cost(&list[4]))
	}
	if block.PointersExact() {
		require.Zero(t, testing.AllocsPerRun(100, func() { cost(e) }))
	}
	require.Panics(t, func() { memsize.Cost[entry](memsize.MaxContainers(1)) })
}
