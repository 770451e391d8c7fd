package main

import (
	"runtime"
	"strings"
	"testing"
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

// What memsize finds is what was built, and what others find is not more: they know no size
// classes and no map's tables. size.Of charges interfaces twice and maps by a constant.
func TestFoundIsBuilt(t *testing.T) {
	for _, w := range workloads {
		if w.single() {
			continue // a Sizer leaves out the value itself
		}
		before := settled()
		g := w.build(small)
		after := settled()
		g.compile()
		heap := after.HeapAlloc - before.HeapAlloc
		const around = 512 // the closures of the graph, and its value boxed
		if found := g.heap(); !portableBuild && (found > heap || found+around < heap) {
			t.Errorf("%s: memsize finds %d bytes of %d", w.name, found, heap)
		}
		if found := byReflect(g); found > heap || found < heap/2 {
			t.Errorf("%s: reflect finds %d bytes of %d", w.name, found, heap)
		}
		runtime.KeepAlive(g)
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
