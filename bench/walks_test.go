package main

import (
	"strings"
	"testing"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/truth"
)

// small is how many objects a graph of the tests has.
const small = 1024

func built(t *testing.T, w workload, n int) graph {
	t.Helper()
	g := w.build(n)
	g.compile()
	return g
}

// The walks that are compared must do the same work: all find the same bytes by the types.
func TestWalksAgree(t *testing.T) {
	for _, w := range workloads {
		g := built(t, w, small)
		want := g.hand()
		if got := byReflect(g); got != want {
			t.Errorf("%s: reflect finds %d bytes, the walk by hand %d", w.name, got, want)
		}
		for range 2 { // the second time with what the first has compiled
			if got := g.reflect2.of(g.value); got != want {
				t.Errorf("%s: reflect2 finds %d bytes, the walk by hand %d", w.name, got, want)
			}
		}
	}
}

// Where Go's blocks hold nothing but what the types describe, all find what is on the heap.
func TestWalksFindTheHeap(t *testing.T) {
	const block = 8192 - 8 // an array of pointers and its header fill a block
	for name, n := range map[string]int{
		"list": small, "tree": small, "[]*struct": block / 8, "[][]byte 32 B": block / 24,
	} {
		for _, w := range choose(name) {
			g := built(t, w, n)
			header := uint64(0)
			if strings.HasPrefix(name, "[]") {
				header = 8
			}
			if hand, heap := g.hand()+header, g.heap(); hand != heap {
				t.Errorf("%s: the walk by hand finds %d bytes, memsize %d", w.name, hand, heap)
			}
		}
	}
}

// What memsize finds is what was built, and what the walks find that are written in an hour is not
// more: they know neither size classes nor the tables of maps.
func TestFoundIsBuilt(t *testing.T) {
	defer truth.Quiet()()
	for _, w := range workloads {
		if w.single() {
			continue // a Sizer leaves out the value itself
		}
		var found, byTypes uint64
		heap, err := truth.Case{
			Build: func() any { return &graph{value: w.build(small).value} },
			Look: func(v any) {
				g := *v.(*graph)
				found, byTypes = memsize.Heap(g.value), byReflect(g)
			},
		}.Measure()
		if err != nil {
			t.Fatal(err)
		}
		const around = 128                                           // the struct graph, and a slice's header in the interface
		if !portableBuild && (found > heap || found+around < heap) { // else it is modelled
			t.Errorf("%s: memsize finds %d bytes of %d", w.name, found, heap)
		}
		if byTypes > heap || byTypes < heap/2 {
			t.Errorf("%s: reflect finds %d bytes of %d", w.name, byTypes, heap)
		}
	}
}

// A contender that measures nothing would be fast: each must find twice as much in twice as much.
func TestContendersWalk(t *testing.T) {
	for _, w := range workloads {
		one, two := built(t, w, small), built(t, w, 2*small)
		for _, c := range contenders {
			if c.name == collector || w.n == 1 || w.single() && c.when&graphs != 0 {
				continue
			}
			ratio := float64(c.run(two)) / float64(c.run(one))
			if ratio < 1.9 || ratio > 2.1 {
				t.Errorf("%s: %s finds %.2f times as much in twice as much", w.name, c.name, ratio)
			}
		}
	}
}

func TestContendersWalkTheSmallStruct(t *testing.T) {
	g := built(t, choose("struct with 2 strings")[0], 1)
	for _, c := range contenders {
		if c.name != collector && c.when&graphs == 0 && c.run(g) < 56 { // two strings
			t.Errorf("%s finds %d bytes", c.name, c.run(g))
		}
	}
}
