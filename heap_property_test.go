package memsize_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker/block"
)

// heapSource makes random graphs for the model go. Two sorts of types are left out. The collector
// knows no tags, so those in which one leaves something out. And structs that reflect made with
// interfaces in them: there, unlike in compiled ones, the collector follows the interface's type
// word as well, to a type that may lie on the heap (reflect.addTypeBits). That type is reflect's,
// who keeps it for ever, and not charged to the value.
type heapSource struct {
	seed  uint64
	made  int                     // how many types reflect makes for each pool
	leave func(reflect.Type) bool // types of its own to leave out; nil for none
	pool  int
	types []reflect.Type
}

// roots is graph number i of the seed, always of the same shape.
func (s *heapSource) roots(i int) []any {
	if pool := i/graphsPerPool + 1; pool != s.pool {
		s.pool = pool
		r := rand.New(rand.NewPCG(s.seed, uint64(pool)<<32))
		s.types = s.types[:0]
		for _, t := range arbitrary.Types(r, s.made) {
			if !s.leavesOut(t, map[reflect.Type]bool{}) {
				s.types = append(s.types, t)
			}
		}
	}
	r := rand.New(rand.NewPCG(s.seed, uint64(i)))
	return arbitrary.Roots(r, s.types, 1+r.IntN(containers))
}

// leavesOut tells whether t, or a type below it, is of no use here.
func (s *heapSource) leavesOut(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if s.leave != nil && s.leave(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Map:
		return s.leavesOut(t.Key(), seen) || s.leavesOut(t.Elem(), seen)
	case reflect.Array, reflect.Chan, reflect.Pointer, reflect.Slice:
		return s.leavesOut(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if strings.Contains(f.Tag.Get("memusage"), "-") ||
				t.Name() == "" && hasInterface(f.Type) || s.leavesOut(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// hasInterface tells whether values of type t have an interface in them, not behind a pointer.
func hasInterface(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Array:
		return hasInterface(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasInterface(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// TestHeapAgainstCollector compares the typed walk with one that uses no types at all, only the
// collector's own pointer maps, on random graphs; and every view of the report with the total.
func TestHeapAgainstCollector(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	src := &heapSource{seed: seed.Of(t), made: madeTypes}
	if number := os.Getenv("MEMSIZE_GRAPH"); number != "" {
		i, err := strconv.Atoi(number)
		require.NoError(t, err)
		requireHeap(t, src, i)
		return
	}
	for i := range graphs(t) {
		requireHeap(t, src, i)
	}
}

func requireHeap(t *testing.T, src *heapSource, i int) {
	roots := src.roots(i)
	if found := heapDisagreements(roots); len(found) > 0 {
		for i := 0; i < len(roots) && len(roots) > 1; { // fewer roots tell more
			without := append(append([]any{}, roots[:i]...), roots[i+1:]...)
			if len(heapDisagreements(without)) > 0 {
				roots = without
			} else {
				i++
			}
		}
		var types []string
		for _, root := range roots {
			types = append(types, fmt.Sprintf("%T", root))
		}
		t.Fatalf("MEMSIZE_SEED=%d MEMSIZE_GRAPH=%d\n%s\n\nshrunk to roots of types\n%s\n%s", src.seed, i,
			strings.Join(found, "\n"), strings.Join(types, "\n"),
			strings.Join(heapDisagreements(roots), "\n"))
	}
}

// heapDisagreements is what the walk, the collector's maps and the report do not agree on.
func heapDisagreements(roots []any) (found []string) {
	check := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			found = append(found, fmt.Sprintf("%s: %v, want %v", what, got, want))
		}
	}
	held := &roots
	_, want := block.Reachable(unsafe.Pointer(held))
	check("Heap against the collector", memsize.Heap(held), want)
	check("Heap again", memsize.Heap(held), want)
	checkHeapReport(held, want, check)
	reversed := append(make([]any, 0, cap(roots)), roots...)
	slices.Reverse(reversed)
	check("Heap reversed", memsize.Heap(&reversed), want)
	for i := range roots {
		one := &roots[i : i+1 : i+1][0]
		_, want := block.Reachable(*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(one),
			unsafe.Sizeof(uintptr(0)))))
		box := memsize.Heap(&[1]any{*one}) - uint64(block.Round(2*unsafe.Sizeof(uintptr(0)), true))
		check(fmt.Sprintf("root %d (%T) alone", i, *one), box, want)
	}
	runtime.KeepAlive(roots)
	return found
}

// checkHeapReport: all views of a scan have the same sum.
func checkHeapReport(v any, want uint64, check func(what string, got, want any)) {
	r := memsize.Scan(v, memsize.WithModel(rules.Go()))
	check("Scan.Total", r.Total, want)
	checkViews(r, check)
	check("pinned is no more than the total", r.Pinned <= want, true)
}

// checkViews: all views of a report have the same sum.
func checkViews(r *memsize.Report, check func(what string, got, want any)) {
	want := r.Total
	check("Scan.Parts", r.Parts.Total(), want)
	check("Scan.Models", r.Models[0].Total, want)
	check("Scan.Models.Parts", r.Models[0].Parts.Total(), want)
	check("Scan.Tree", r.Tree.Total, want)
	var types, own uint64
	for _, t := range r.Types {
		check("parts of "+t.Type, t.Parts.Total(), t.Total)
		types += t.Total
	}
	everyNode(r.Tree, func(n *report.Node) {
		check("parts of "+n.Path, n.Parts.Total(), n.Own)
		own += n.Own
	})
	check("sum of Scan.Types", types, want)
	check("sum over Scan.Tree", own, want)
}

// sharesHeap tells whether values of type t lead to heap memory that others hold as well: it does
// not come and go with the value, and MemStats cannot tell. Contexts lead to errors of their
// package, reflect.Type to types, and the handle of a weak pointer lives as long as its target.
func sharesHeap(t reflect.Type) bool {
	return t == reflect.TypeFor[context.Context]() || t == reflect.TypeFor[reflect.Type]() ||
		t.PkgPath() == "weak"
}

// TestHeapAgainstMemStats compares the walk with the growth of the heap, on random graphs: to the
// byte, or where the figure is modelled with the upper bound that it claims. Their types are
// compiled ones: channels lead to their element's type, which is on the heap and reflect's if
// reflect made it.
func TestHeapAgainstMemStats(t *testing.T) {
	defer truth.Quiet()()
	src := &heapSource{seed: seed.Of(t), leave: sharesHeap}
	tried, disturbed := 0, 0
	var ratios []float64 // of a modelled figure to the truth
	for i := range graphs(t) {
		tried++
		var heap uint64
		var r *memsize.Report
		bytes, err := truth.Case{
			Build: func() any { roots := src.roots(i); return &roots },
			Look: func(v any) {
				heap, r = memsize.Heap(v), memsize.Scan(v, memsize.WithModel(rules.Go()))
			},
		}.Measure()
		if err != nil {
			disturbed++
			continue
		}
		require.Equal(t, heap, r.Total, "MEMSIZE_SEED=%d graph %d", src.seed, i)
		if block.PointersExact() {
			require.Equal(t, bytes, heap, "MEMSIZE_SEED=%d graph %d", src.seed, i)
			continue
		}
		ratios = append(ratios, float64(r.Total)/float64(bytes))
		const sizes = 15 // of tiny blocks, each of which may take one more than need be
		high := claimed(r).high*float64(bytes) + 16*sizes
		require.LessOrEqual(t, float64(r.Total), high, "MEMSIZE_SEED=%d graph %d", src.seed, i)
	}
	t.Logf("%d of them could not be measured: something else allocated", disturbed)
	if slices.Sort(ratios); len(ratios) > 0 {
		t.Logf("modelled: %.2f … %.2f … %.2f of the truth", ratios[0], ratios[len(ratios)/2],
			ratios[len(ratios)-1])
	}
	require.Less(t, disturbed, tried/4+1, "too many graphs could not be measured")
}
