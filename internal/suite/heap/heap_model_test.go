package heap_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/rules"
)

// TestInsertedMaps holds the formula for maps that were filled by insertion alone to maps of this
// process: they are off only near the sizes at which tables split, by no more than is stated, and
// on average not at all.
func TestInsertedMaps(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build cannot tell what a map takes")
	}
	const full, maps = 896, 400
	p := rules.Go().NewPricer(rules.Go().Bind(rules.TypeOf(reflect.TypeFor[map[int]int64]())))
	r := rand.New(rand.NewPCG(seed.Of(t), 0))
	var sum, modelled float64
	for range maps {
		n := full<<r.IntN(5) + r.IntN(full) - full/2
		took, formula := memsize.Heap(fill(map[int]int64{}, n)), p.Usage(uint64(n), uint64(n)).Total()
		_, high := rules.MapHistory.Bounds()
		require.InDelta(t, took, formula, (high-1)*float64(took), "%d entries", n)
		if n <= full {
			require.Equal(t, took, formula, "%d entries", n)
		}
		sum, modelled = sum+float64(took), modelled+float64(formula)
	}
	require.InEpsilon(t, sum, modelled, 0.05)
}

// TestModelledReportAddsUp compares all views of a modelled account, and the walk that sorts, on
// random graphs; literals and other static memory among them.
func TestModelledReportAddsUp(t *testing.T) {
	model, err := rules.Lookup("go-386")
	require.NoError(t, err)
	opt := memsize.WithModel(model)
	src := &suite.HeapSource{Seed: seed.Of(t), Made: suite.MadeTypes}
	tried, inexact := 0, 0
	for i := range suite.Graphs(t) {
		tried++
		v := &struct {
			roots []any
			name  string
			p     *int64
		}{src.Roots(i), "a literal", new(int64)}
		check := func(what string, got, want any) {
			require.Equal(t, want, got, "%s: MEMSIZE_SEED=%d graph %d", what, src.Seed, i)
		}
		r := memsize.Scan(v, opt)
		check("Of", memsize.Of(v, opt), r.Total)
		check("Of sorted", memsize.Of(v, opt, suite.Sorted()), r.Total)
		check("Scan sorted", memsize.Scan(v, opt, suite.Sorted()).Total, r.Total)
		suite.CheckViews(r, check)
		if claimed(r) != (bound{1, 1, claimed(r).cause}) {
			inexact++
		}
	}
	require.Equal(t, tried, inexact, "a tiny value and a slice have causes")
}

// TestStaticMemoryIsNotCharged: what lies in the image of the program costs a Go heap nothing, by
// whatever walk, and is not followed, unless it was asked about.
func TestStaticMemoryIsNotCharged(t *testing.T) {
	model, err := rules.Lookup("go-386")
	require.NoError(t, err)
	opt := memsize.WithModel(model)
	global.list = make([]*int, 100)
	defer func() { global.list = nil }()
	list := memsize.Of(global.list, opt)
	require.Greater(t, list, uint64(400))
	for _, row := range []struct {
		why  string
		v    any
		want uint64
	}{
		{"a literal", "a literal of some length", 0},
		{"a constant in an interface", [1]any{[4]int{1, 2, 3, 4}}, 0},
		{"a small number", [2]any{variable() & 7, variable() & 7}, 0},
		{"a pointer to a global", struct{ p any }{&global}, 0},
		{"a global that was asked about", &global, list},
		{"and two pointers to it in an array", [2]any{&global, &global}, 0},
		{"one on the heap", struct{ p any }{&struct{ list []*int }{global.list}},
			list + memsize.Of(new([3]int), opt)},
	} {
		require.Equal(t, row.want, memsize.Of(row.v, opt), row.why)
		require.Equal(t, row.want, memsize.Of(row.v, opt, suite.Sorted()), "%s, sorted", row.why)
		require.Equal(t, row.want, memsize.Scan(row.v, opt).Total, row.why)
	}
	require.Equal(t, list, memsize.New[struct{ list []*int }](opt).Of(&global), "a Sizer of a global")
}
