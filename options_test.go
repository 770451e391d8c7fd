package memsize_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// An option that can act on none of a call's models or results is a programmer's error, told with what
// to do instead: nothing is ignored in silence.
func TestOptionsThatCannotAct(t *testing.T) {
	v, goModel, coreModel := []int{1}, memsize.OnHeap(), memsize.WithModel(rules.Core())
	for _, row := range []struct {
		why  string
		call func()
		says string
	}{
		{"a number cannot be partial", func() { memsize.Of(v, memsize.MaxContainers(1)) }, "ScanContext"},
		{"nor can Heap's", func() { memsize.Heap(v, memsize.MaxContainers(1)) }, "ScanContext"},
		{"nor Dynamic's", func() { memsize.Dynamic(v, memsize.MaxContainers(1)) }, "ScanContext"},
		{"nor a Sizer's", func() { memsize.New[int](memsize.MaxContainers(1)) }, "ScanContext"},
		{"Heap has its model", func() { memsize.Heap(v, coreModel) }, "call Of"},
		{"a heap holds a block once", func() { memsize.Heap(v, memsize.PerReference()) }, "as-if"},
		{"whoever asks", func() { memsize.Of(v, goModel, memsize.PerReference()) }, "as-if"},
		{"a capacity is there", func() { memsize.Of(v, goModel, memsize.CapIsLen()) }, "as-if"},
		{"also of a scan", func() { memsize.Scan(v, goModel, memsize.CapIsLen()) }, "as-if"},
		{"a number retains nothing", func() { memsize.Of(v, goModel, memsize.WithRetained()) }, "Scan"},
		{"what would be freed is of a heap", func() { memsize.Scan(v, memsize.WithRetained()) }, "OnHeap"},
		{"and so are its entries", func() { memsize.Scan(v, memsize.WithBiggest(3)) }, "OnHeap"},
		{"and what could be saved", func() { memsize.Scan(v, memsize.WithWaste()) }, "OnHeap"},
		{"workers walk a heap", func() { memsize.Of(v, memsize.Parallel(2)) }, "OnHeap"},
		{"no limit is no option", func() { memsize.MaxContainers(0) }, "leave it out"},
		{"no entries neither", func() { memsize.WithBiggest(0) }, "leave it out"},
		{"workers are counted", func() { memsize.Parallel(-1) }, "workers"},
		{"roots as well", func() { memsize.ScanRoots(map[string]any{"v": v}, goModel, memsize.CapIsLen()) }, "as-if"},
	} {
		require.Contains(t, recovered(row.call), row.says, row.why)
	}
	_, err := memsize.ScanContext(context.Background(), v, goModel, memsize.CapIsLen())
	require.ErrorContains(t, err, "as-if", "what returns errors returns it")
	_, err = memsize.ScanRootsContext(context.Background(), map[string]any{"v": v}, memsize.Parallel(2))
	require.ErrorContains(t, err, "OnHeap")
	require.ErrorContains(t, memsize.Dump(io.Discard, v, memsize.WithWaste()), "OnHeap")
	_, err = memsize.Incremental(map[int]int{}, memsize.MaxContainers(1))
	require.ErrorContains(t, err, "ScanContext")
}

// It is enough that an option acts on one of the models.
func TestOptionsThatActOnSome(t *testing.T) {
	p := new([3]int)
	v := []*[3]int{p, p}
	both := memsize.WithModels(rules.Core(), rules.Go())
	r := memsize.Scan(v, both, memsize.PerReference())
	require.Equal(t, memsize.Of(v, memsize.PerReference()), r.Models[0].Total)
	require.Equal(t, memsize.Heap(v), r.Models[1].Total)
	require.Equal(t, memsize.Heap(v), memsize.Heap(v, memsize.WithModel(rules.Go().With())),
		"a variant of go is of this heap too")
	require.Equal(t, "mine", memsize.Scan(v, memsize.WithModel(rules.Go().Named("mine"))).Model)
	require.Equal(t, memsize.Heap(v), memsize.Of(v, memsize.WithModel(rules.Go().Named("mine"))))
}

// Every node has the figures of every model, however many there are and whatever walks they shared.
func TestNodesHaveAllModels(t *testing.T) {
	type pair struct {
		Names map[string][]byte
		Any   any
	}
	v := &pair{map[string][]byte{"a name of some length": make([]byte, 100)}, func() {}}
	var models []*rules.Model
	for _, name := range rules.Names() {
		m, err := rules.Lookup(name)
		require.NoError(t, err)
		models = append(models, m)
	}
	require.Greater(t, len(models), 20)
	r := memsize.Scan(v, memsize.WithModels(models...))
	sums := make([]uint64, len(models))
	for n := range r.Nodes() {
		require.Len(t, n.Models, len(models), n.Path)
		for m, own := range n.Models {
			sums[m] += own
		}
	}
	for m := range models {
		require.Equal(t, r.Models[m].Total, sums[m], models[m].Name())
		require.Equal(t, memsize.Of(v, memsize.WithModel(models[m])), sums[m], models[m].Name())
	}
}

// Of a struct with several containers Incremental names them.
func TestIncrementalNamesContainers(t *testing.T) {
	type pool struct {
		ByID  map[int]int `memusage:"map"`
		Inner struct{ Names map[string]int }
	}
	_, err := memsize.Incremental(pool{})
	require.ErrorIs(t, err, memsize.ErrNoIncrement)
	require.EqualError(t, err, "memsize: no increment: memsize_test.pool has 2 containers, .ByID, "+
		".Inner.Names: pass one of them, as in Incremental(memsize.Fields(&v)[\"ByID\"]), which keeps its tag")
	one, err := memsize.Incremental(pool{}.ByID)
	require.NoError(t, err)
	same, err := memsize.Incremental(memsize.Var(&new(pool).ByID))
	require.NoError(t, err)
	require.Equal(t, one, same)
	tree, err := memsize.Incremental(memsize.Fields(new(pool))["ByID"])
	require.NoError(t, err)
	require.EqualValues(t, 64, tree, "a node of a std::map: 32 bytes, and the pair")
	require.NotEqual(t, one, tree)
	inner, err := memsize.Incremental(memsize.Fields(new(pool))["Inner"])
	require.NoError(t, err)
	alone, err := memsize.Incremental(pool{}.Inner.Names)
	require.NoError(t, err)
	require.Equal(t, alone, inner)
}
