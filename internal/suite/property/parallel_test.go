package property_test

import (
	"context"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/rules"
)

// early has several workers walk as soon as one has found a container or two, each every so many pages.
func early(n int) []memsize.Option {
	return []memsize.Option{suite.Vary(variant.Variant{NoBrief: true, CrewPays: 1}), memsize.Parallel(n)}
}

// TestParallel holds totals that several workers find to those of one, on random graphs.
func TestParallel(t *testing.T) {
	src := &suite.HeapSource{Seed: seed.Of(t), Made: suite.MadeTypes}
	for i := range suite.Graphs(t) {
		roots := src.Roots(i)
		for _, v := range append([]any{roots}, roots...) {
			want := memsize.Heap(v)
			for _, n := range []int{2, 3, 8} {
				require.Equal(t, want, memsize.Heap(v, early(n)...), "MEMSIZE_SEED=%d graph %d: %T by %d",
					src.Seed, i, v, n)
			}
		}
		runtime.KeepAlive(roots)
	}
}

// twig is a value with what a walk does in different ways.
type twig struct {
	left, right *twig
	name        string
	tags        []string
	any         any
	index       map[string]*twig
	wide        map[[20]int]*twig
	parts       []twig
	first       *string
	call        func() *twig
	queue       chan *twig
	array       [3]*twig
}

func grow(depth int, all *[]*twig) *twig {
	t := new(twig)
	*all = append(*all, t)
	if depth == 0 {
		return t
	}
	t.left, t.right = grow(depth-1, all), grow(depth-1, all)
	other := (*all)[len(*all)/2]
	t.name = string(make([]byte, depth*7+1))
	t.tags = []string{t.name[1:], other.name, string(make([]byte, 40))}
	t.any = []any{other, t.name, depth, map[string]int{t.name: 1}, [4]*twig{other}}[depth%5]
	t.index = map[string]*twig{other.name + "x": other, "left": t.left}
	if depth == 5 {
		t.wide = map[[20]int]*twig{}
		for i := range 100 {
			t.wide[[20]int{i}] = (*all)[i%len(*all)]
		}
	}
	t.parts = make([]twig, 3, 5)
	t.parts[1].left, t.parts[0].tags = other, t.tags[1:]
	t.first = &t.parts[2].name
	t.call = func() *twig { return other }
	t.queue = make(chan *twig, 3)
	t.queue <- t.left
	t.array[2] = &t.parts[0]
	return t
}

// TestParallelKinds does so on a graph with all kinds of containers, of several sizes, shared in all
// manners.
func TestParallelKinds(t *testing.T) {
	for depth := range 11 {
		var all []*twig
		root := grow(depth, &all)
		want := memsize.Heap(root)
		for _, n := range []int{0, 2, 3, 8} {
			require.Equal(t, want, memsize.Heap(root, early(n)...), "depth %d, %d workers", depth, n)
			require.Equal(t, want, memsize.Heap(root, memsize.Parallel(n)), "depth %d, %d workers", depth, n)
			require.Equal(t, want, memsize.Scan(root, append(early(n), memsize.OnHeap())...).Total)
		}
		runtime.KeepAlive(all)
	}
}

// TestParallelLeftOut: where a tag leaves something out, what is followed may depend on who comes first. One
// worker walks then.
func TestParallelLeftOut(t *testing.T) {
	type hiding struct {
		next   *hiding
		hidden *twig `memusage:"-"`
		seen   any
	}
	var all []*twig
	list := &hiding{}
	for i := range 1000 {
		list = &hiding{list, grow(i%4, &all), nil}
		if i%7 == 0 {
			list.seen = []any{all[i%len(all)]}
		}
	}
	var holder any = []any{make([]*twig, 3000), grow(5, &all), &struct{ v any }{list}}
	want := memsize.Heap(holder)
	for range 5 {
		require.Equal(t, want, memsize.Heap(holder, early(3)...))
	}
}

// TestParallelPanics: a wrong tag that another worker meets is the caller's panic.
func TestParallelPanics(t *testing.T) {
	type wrong struct {
		v *int `memusage:"no such rule"`
	}
	var list []any
	for range 5000 {
		list = append(list, &struct{ a any }{&struct{ b [40]any }{[40]any{7: new([64]*int)}}})
	}
	for i := range 200 {
		list[i*25] = &struct{ a any }{&struct{ b [40]any }{[40]any{7: &wrong{}}}}
	}
	for _, n := range []int{2, 3} {
		func() {
			defer func() {
				_, ok := recover().(*rules.TagError)
				require.True(t, ok)
			}()
			memsize.Heap(list, early(n)...)
		}()
	}
	require.Equal(t, reflect.Slice, reflect.TypeOf(list).Kind())
}

// TestParallelStops: a scan with workers ends when its context is done.
func TestParallelStops(t *testing.T) {
	var all []*twig
	root := grow(8, &all)
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	_, err := memsize.ScanContext(ctx, root, append(early(2), memsize.OnHeap())...)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
