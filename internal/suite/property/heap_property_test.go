package property_test

import (
	"context"
	"fmt"
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
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestHeapAgainstCollector compares the typed walk with one that uses no types at all, only the
// collector's own pointer maps, on random graphs; and every view of the report with the total.
func TestHeapAgainstCollector(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	src := &suite.HeapSource{Seed: seed.Of(t), Made: suite.MadeTypes}
	if number := os.Getenv("MEMSIZE_GRAPH"); number != "" {
		i, err := strconv.Atoi(number)
		require.NoError(t, err)
		requireHeap(t, src, i)
		return
	}
	for i := range suite.Graphs(t) {
		requireHeap(t, src, i)
	}
}

func requireHeap(t *testing.T, src *suite.HeapSource, i int) {
	roots := src.Roots(i)
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
		t.Fatalf("MEMSIZE_SEED=%d MEMSIZE_GRAPH=%d\n%s\n\nshrunk to roots of types\n%s\n%s", src.Seed, i,
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
	suite.CheckViews(r, check)
	check("pinned is no more than the total", r.Pinned <= want, true)
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
	src := &suite.HeapSource{Seed: seed.Of(t), Leave: sharesHeap}
	tried, disturbed := 0, 0
	var ratios []float64 // of a modelled figure to the truth
	for i := range suite.Graphs(t) {
		tried++
		var heap uint64
		var r *memsize.Report
		bytes, err := truth.Case{
			Build: func() any { roots := src.Roots(i); return &roots },
			Look: func(v any) {
				heap, r = memsize.Heap(v), memsize.Scan(v, memsize.WithModel(rules.Go()))
			},
		}.Measure()
		if err != nil {
			disturbed++
			continue
		}
		require.Equal(t, heap, r.Total, "MEMSIZE_SEED=%d graph %d", src.Seed, i)
		if block.PointersExact() {
			require.Equal(t, bytes, heap, "MEMSIZE_SEED=%d graph %d", src.Seed, i)
			continue
		}
		ratios = append(ratios, float64(r.Total)/float64(bytes))
		const sizes = 15 // of tiny blocks, each of which may take one more than need be
		_, high := suite.Claimed(r)
		high = high*float64(bytes) + 16*sizes
		require.LessOrEqual(t, float64(r.Total), high, "MEMSIZE_SEED=%d graph %d", src.Seed, i)
	}
	t.Logf("%d of them could not be measured: something else allocated", disturbed)
	if slices.Sort(ratios); len(ratios) > 0 {
		t.Logf("modelled: %.2f … %.2f … %.2f of the truth", ratios[0], ratios[len(ratios)/2],
			ratios[len(ratios)-1])
	}
	require.Less(t, disturbed, tried/4+1, "too many graphs could not be measured")
}
