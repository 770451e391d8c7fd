package property_test

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestRootsShare tells what each of several roots holds, what it alone holds, and what is shared,
// under models of both sorts.
func TestRootsShare(t *testing.T) {
	type views struct{ a, b []int64 }
	common, other := make([]int64, 1000), make([]int64, 10)
	for _, row := range []struct {
		why   string
		roots map[string]any
		only  map[string]uint64 // bytes asked for
	}{
		{"nothing in common", map[string]any{"a": common, "b": other},
			map[string]uint64{"a": 8000, "b": 80}},
		{"one holds more", map[string]any{"a": views{common, other}, "b": common},
			map[string]uint64{"a": 80, "b": 0}},
		{"the same twice", map[string]any{"a": common, "b": common},
			map[string]uint64{"a": 0, "b": 0}},
		{"shared by two of three", map[string]any{"a": common, "b": other, "c": common},
			map[string]uint64{"a": 0, "b": 80, "c": 0}},
		{"nil holds nothing", map[string]any{"a": common, "b": nil},
			map[string]uint64{"a": 8000, "b": 0}},
		{"one root", map[string]any{"a": common}, map[string]uint64{"a": 8000}},
	} {
		for _, model := range []*rules.Model{rules.Core(), rules.Go()} {
			opt := memsize.WithModel(model)
			r := memsize.ScanRoots(row.roots, opt)
			require.Len(t, r.Roots, len(row.roots))
			requireRootsSum(t, r)
			for _, f := range r.Roots {
				require.Equal(t, memsize.Of(row.roots[f.Name], opt), f.Total, row.why)
				want := memsize.Of(make([]byte, row.only[f.Name]), opt)
				require.Equal(t, want, f.Only, "%s: %s under %s", row.why, f.Name, model.Name())
			}
		}
	}
	require.Empty(t, memsize.ScanRoots(nil).Roots)
	runtime.KeepAlive(common)
}

// requireRootsSum requires that what only one root holds and what is shared sum to the total.
func requireRootsSum(t *testing.T, r *report.Report) {
	sum := r.Shared
	for _, f := range r.Roots {
		require.LessOrEqual(t, f.Only, f.Total)
		sum += f.Only
	}
	require.Equal(t, r.Total, sum)
}

// What is charged for every reference is never shared.
func TestRootsPerReference(t *testing.T) {
	common := make([]int64, 1000)
	r := memsize.ScanRoots(map[string]any{"a": common, "b": common}, memsize.PerReference())
	require.Equal(t, []report.RootFigures{{Name: "a", Total: r.Total / 2, Only: r.Total / 2},
		{Name: "b", Total: r.Total / 2, Only: r.Total / 2}}, r.Roots)
	require.Zero(t, r.Shared)
}

var (
	caches struct {
		index *struct{ list []*int64 }
		bytes []byte
	}
	index struct{ list []*int64 }
)

// Globals that lead to each other are each followed where they are asked about, whichever comes
// first; one that leads to another does not hold it.
func TestRootsThatAreStatic(t *testing.T) {
	caches.index, caches.bytes = &index, make([]byte, 1000)
	index.list = make([]*int64, 100)
	defer func() { caches.index, caches.bytes, index.list = nil, nil, nil }()
	opt := memsize.WithModel(rules.Go())
	for _, roots := range []map[string]any{
		{"a": &caches, "b": &index},
		{"a": &index, "b": &caches},
		{"a": &caches, "b": &caches.index, "c": &index, "d": &index},
	} {
		r := memsize.ScanRoots(roots, opt)
		require.Equal(t, memsize.Heap(&caches)+memsize.Heap(&index), r.Total)
		requireRootsSum(t, r)
		for _, f := range r.Roots {
			require.Equal(t, memsize.Heap(roots[f.Name]), f.Total)
		}
	}
}

func TestRootsInText(t *testing.T) {
	common := make([]byte, 1<<20)
	var text strings.Builder
	r := memsize.ScanRoots(map[string]any{"cache": [][]byte{common, make([]byte, 1<<10)},
		"index": [][]byte{common}})
	require.NoError(t, r.WriteText(&text))
	require.Contains(t, text.String(), `
roots (core)            holds   only it
cache                1.00 MiB  1.08 KiB
index                1.00 MiB      48 B
two or more of them            1.00 MiB
`)
}

// TestRootsAgainstOracle compares what each root alone holds with what the naive walk finds less
// without that root, on random graphs. What a drop would make dearer, as pieces of overlapping
// memory can be, counts as 0.
func TestRootsAgainstOracle(t *testing.T) {
	src := &source{seed: seed.Of(t), models: models(t)}
	tried, shared := 0, 0
	for i := range suite.Graphs(t) {
		tried++
		s := src.sample(i)
		for k, v := range s.roots {
			if reflect.ValueOf(v).Kind() == reflect.Pointer {
				s.roots[k] = struct{ V any }{v} // else one into a larger block would be a variable
			}
		}
		r := memsize.ScanRoots(named(s.roots), s.options()...)
		all := oracle.OfRoots(s.model, s.opts, s.roots...).Total()
		require.Equal(t, all, r.Total, "MEMSIZE_SEED=%d graph %d", src.seed, i)
		for k, f := range r.Roots {
			others := slices.Concat(s.roots[:k], s.roots[k+1:])
			rest := oracle.OfRoots(s.model, s.opts, others...).Total()
			want := report.RootFigures{Name: rootName(k),
				Total: oracle.Of(s.roots[k], s.model, s.opts).Total(), Only: all - min(all, rest)}
			require.Equal(t, want, f, "MEMSIZE_SEED=%d graph %d model %s %+v", src.seed, i,
				s.model.Name(), s.opts)
		}
		if r.Shared > 0 {
			shared++
		}
	}
	t.Logf("%d graphs share memory", shared)
	require.Greater(t, shared, tried/10, "too few graphs share memory")
}

// TestRootsAgainstCollector compares what each root alone holds under the model go with the sets of
// blocks that the collector's pointer maps lead to.
func TestRootsAgainstCollector(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	src := &suite.HeapSource{Seed: seed.Of(t), Made: suite.MadeTypes}
	tried, shared := 0, 0
	for i := range suite.Graphs(t) {
		tried++
		var roots []any
		for _, v := range src.Roots(i) {
			roots = append(roots, &struct{ v any }{v})
		}
		r := memsize.ScanRoots(named(roots), memsize.WithModel(rules.Go()))
		want, total, common := collectorRoots(roots)
		require.Equal(t, want, r.Roots, "MEMSIZE_SEED=%d graph %d", src.Seed, i)
		require.Equal(t, total, r.Total)
		require.Equal(t, common, r.Shared)
		if common > 0 {
			shared++
		}
		runtime.KeepAlive(roots)
	}
	t.Logf("%d graphs share memory", shared)
	require.Greater(t, shared, tried/10, "too few graphs share memory")
}

// collectorRoots is what the collector's maps say of pointers.
func collectorRoots(roots []any) (figures []report.RootFigures, total, shared uint64) {
	holders := map[unsafe.Pointer][]int{} // the roots that lead to a block
	sizes := map[unsafe.Pointer]uint64{}
	figures = make([]report.RootFigures, len(roots))
	for i, root := range roots {
		figures[i].Name = rootName(i)
		block.Walk(func(b block.Block) bool {
			holders[b.Base] = append(holders[b.Base], i)
			sizes[b.Base] = uint64(b.Size)
			figures[i].Total += uint64(b.Size)
			return true
		}, suite.DataWord(root))
	}
	for base, by := range holders {
		total += sizes[base]
		if len(by) == 1 {
			figures[by[0]].Only += sizes[base]
		} else {
			shared += sizes[base]
		}
	}
	return figures, total, shared
}

// named gives roots names in their order.
func named(roots []any) map[string]any {
	values := map[string]any{}
	for i, v := range roots {
		values[rootName(i)] = v
	}
	return values
}

func rootName(i int) string { return fmt.Sprintf("root %02d", i) }

// parent is a struct whose parts lead back to it, as parts do.
type parent struct {
	A, B child
	Rest []byte
}

type child struct {
	Up    *parent
	Other *child
	Data  []byte
}

// TestRootsThatLeadToEachOther: what a root holds when it is alone is what a walk of it alone finds, where
// variables of one block, of two blocks, and pointers lead to each other; also where a tag leaves something
// out.
func TestRootsThatLeadToEachOther(t *testing.T) {
	left, right := new(parent), new(parent)
	for i, p := range []*parent{left, right} {
		p.A = child{p, &p.B, make([]byte, 100)}
		p.B = child{p, &left.A, make([]byte, 1000*(i+1))}
		p.Rest = p.A.Data[:10]
	}
	type tagged struct {
		Seen, Unseen *child
		Hidden       *parent `memusage:"-"`
	}
	for _, row := range []struct {
		why   string
		roots map[string]any
	}{
		{"fields of one struct", map[string]any{"a": memsize.Var(&left.A), "b": memsize.Var(&left.B),
			"rest": memsize.Var(&left.Rest)}},
		{"fields of two", map[string]any{"a": memsize.Var(&left.A), "b": memsize.Var(&right.B),
			"c": memsize.Var(&right.A.Data)}},
		{"pointers into them", map[string]any{"a": &left.A, "b": &right.B.Data, "all": []*parent{right}}},
		{"a variable and the whole", map[string]any{"a": memsize.Var(&right.A), "whole": right}},
		{"a tag", map[string]any{"a": tagged{&left.A, nil, right}, "b": []*parent{right}}},
	} {
		for _, model := range []*rules.Model{rules.Go(), rules.Core()} {
			opt := memsize.WithModel(model)
			r := memsize.ScanRoots(row.roots, opt)
			for _, f := range r.Roots {
				v := row.roots[f.Name]
				if strings.Contains(strings.Join(r.Assumptions, ""), f.Name+": a variable") ||
					strings.Contains(strings.Join(r.Assumptions, ""), f.Name+", ") {
					v = memsize.Var(v)
				}
				require.Equal(t, memsize.Of(v, opt), f.Total, "%s: %s under %s", row.why, f.Name, model.Name())
			}
			if model.Name() == "go" {
				requireRootsSum(t, r)
			}
		}
	}
	runtime.KeepAlive(right)
}
