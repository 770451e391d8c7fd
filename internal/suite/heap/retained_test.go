package heap_test

import (
	"container/list"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/truth"
	"github.com/bitcoin-mem/memsize/report"
)

// dropCase is a structure, a place in it, and what lets go of the references there.
type dropCase struct {
	why   string
	path  string
	build func() (root any, drop func())
}

type knot struct {
	name        string
	next, other *knot
	data        []byte
}

func knots(n int) *knot {
	var first *knot
	for i := range n {
		first = &knot{name: fmt.Sprint("knot ", i, strings.Repeat("-", 20)), next: first, data: make([]byte, 100)}
	}
	return first
}

// holder is what the structures below lie in.
type holder struct {
	A, B  any
	Knot  *knot
	Index map[string]*knot
	List  []*knot
	Text  string
	Bytes []byte
	Func  func() int
	Chan  chan *knot
	Ring  *list.List
	Atom  atomic.Pointer[knot]
	Pair  [2]*knot
	Sub   struct{ Deep *knot }
}

func dropCases() []dropCase {
	in := func(fill func(h *holder), drop func(h *holder)) func() (any, func()) {
		return func() (any, func()) {
			h := new(holder)
			fill(h)
			return h, func() { drop(h) }
		}
	}
	return []dropCase{
		{"a pointer to one block", "root.Knot", in(func(h *holder) { h.Knot = new(knot) },
			func(h *holder) { h.Knot = nil })},
		{"a list: all of it", "root.Knot", in(func(h *holder) { h.Knot = knots(100) },
			func(h *holder) { h.Knot = nil })},
		{"a list that another pointer leads into", "root.Knot", in(func(h *holder) {
			h.Knot = knots(100)
			h.Sub.Deep = h.Knot.next.next
		}, func(h *holder) { h.Knot = nil })},
		{"what is held twice is not freed", "root.Knot", in(func(h *holder) {
			h.Knot = knots(10)
			h.Sub.Deep = h.Knot
		}, func(h *holder) { h.Knot = nil })},
		{"a map with all its tables, keys and values", "root.Index", in(fillIndex,
			func(h *holder) { h.Index = nil })},
		{"the values of a map, which a list holds too", "root.Index", in(func(h *holder) {
			fillIndex(h)
			for _, k := range h.Index {
				h.List = append(h.List, k)
			}
		}, func(h *holder) { h.Index = nil })},
		{"all references of a list of pointers", "root.List[]", in(func(h *holder) {
			for range 50 {
				h.List = append(h.List, knots(2))
			}
		}, func(h *holder) { clear(h.List) })},
		{"some of which lead to the same", "root.List[]", in(func(h *holder) {
			for range 50 {
				h.List = append(h.List, knots(2))
			}
			h.List = append(h.List, h.List...)
			h.Knot = h.List[7]
		}, func(h *holder) { clear(h.List) })},
		{"and to each other", "root.List[]", in(func(h *holder) {
			for i := range 50 {
				h.List = append(h.List, knots(2))
				h.List[i].other = h.List[i/2]
			}
		}, func(h *holder) { clear(h.List) })},
		{"a cycle", "root.Knot", in(func(h *holder) {
			h.Knot = knots(10)
			h.Knot.next.next.next.other = h.Knot
		}, func(h *holder) { h.Knot = nil })},
		{"a pointer back to the root", "root.Knot", in(func(h *holder) {
			h.Knot = knots(3)
			h.A = h
			h.Knot.other = nil
		}, func(h *holder) { h.Knot = nil })},
		{"part of a string that is held elsewhere", "root.Text", in(func(h *holder) {
			h.Bytes = []byte(strings.Repeat("x", 1000))
			h.A = strings.Repeat("abc", 500)
			h.Text = h.A.(string)[5:10]
		}, func(h *holder) { h.Text = "" })},
		{"a string that pins a large one", "root.Text", in(func(h *holder) {
			h.Text = strings.Repeat("abc", 500)[5:10]
		}, func(h *holder) { h.Text = "" })},
		{"one of two slices of an array", "root.Bytes", in(func(h *holder) {
			array := make([]byte, 5000)
			h.Bytes, h.A = array[:10], array[4000:]
		}, func(h *holder) { h.Bytes = nil })},
		{"a closure with what it captures", "root.Func.(untyped)", in(func(h *holder) {
			k, n := knots(20), new(int)
			h.Func = func() int { *n++; return len(k.name) + *n }
		}, func(h *holder) { h.Func = nil })},
		{"a channel with what waits in it", "root.Chan", in(func(h *holder) {
			h.Chan = make(chan *knot, 10)
			for range 5 {
				h.Chan <- knots(3)
			}
		}, func(h *holder) { h.Chan = nil })},
		{"a container/list", "root.Ring", in(func(h *holder) {
			h.Ring = list.New()
			for i := range 30 {
				h.Ring.PushBack(fmt.Sprint("element ", i))
			}
		}, func(h *holder) { h.Ring = nil })},
		{"an atomic pointer", "root.Atom", in(func(h *holder) { h.Atom.Store(knots(7)) },
			func(h *holder) { h.Atom.Store(nil) })},
		{"the elements of an array field", "root.Pair[]", in(func(h *holder) {
			h.Pair = [2]*knot{knots(3), knots(4)}
			h.Pair[1].other = h.Pair[0]
		}, func(h *holder) { h.Pair = [2]*knot{} })},
		{"a value in an interface", "root.B.(heap_test.knot)", in(func(h *holder) { h.B = *knots(4) },
			func(h *holder) { h.B = nil })},
		{"a map in an interface in a map", `root.A.(map[int]string)`,
			in(func(h *holder) {
				h.A = map[string]any{strings.Repeat("k", 30): manyStrings(200)}
			}, func(h *holder) {
				for key := range h.A.(map[string]any) {
					h.A.(map[string]any)[key] = nil
				}
			})},
		{"pointers into the middle of one array", "root.List[]", in(func(h *holder) {
			array := make([]knot, 10)
			for i := range array {
				array[i].data = make([]byte, 64)
				h.List = append(h.List, &array[i])
			}
		}, func(h *holder) { clear(h.List) })},
		{"tiny values that share a block", "root.List[].name", in(func(h *holder) {
			for i := range 64 {
				h.List = append(h.List, &knot{name: strings.Clone(fmt.Sprint(i % 10))})
			}
		}, func(h *holder) {
			for _, k := range h.List {
				k.name = ""
			}
		})},
	}
}

func fillIndex(h *holder) {
	h.Index = map[string]*knot{}
	for i := range 500 {
		h.Index[fmt.Sprint("a key of some length ", i)] = knots(1)
	}
}

func manyStrings(n int) map[int]string {
	m := map[int]string{}
	for i := range n {
		m[i] = fmt.Sprint("a value of some length ", i)
	}
	return m
}

// TestRetainedIsFreed drops the references at a place and collects: HeapAlloc falls by just what the
// place was said to retain.
func TestRetainedIsFreed(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	defer truth.Quiet()()
	for _, c := range dropCases() {
		t.Run(c.why, func(t *testing.T) {
			var claimed *report.Node
			var freed int64
			for range 8 { // the runtime may allocate in between
				root, drop := c.build()
				claimed = placeIn(memsize.Scan(root, memsize.OnHeap(), memsize.WithRetained()), c.path)
				require.NotNil(t, claimed, "no place %s", c.path)
				freed = -grown(drop)
				runtime.KeepAlive(root)
				if freed == int64(claimed.Retained) {
					break
				}
			}
			require.Equal(t, freed, int64(claimed.Retained))
			require.True(t, claimed.RetainedExact, "the largest places are exact")
		})
	}
}

// placeIn is the place at a path; nil if there is none.
func placeIn(r *report.Report, path string) *report.Node {
	for n := range r.Nodes() {
		if n.Path == path {
			return n
		}
	}
	return nil
}

// grown is by how much HeapAlloc grows by what f does, with all garbage collected.
func grown(f func()) int64 {
	kept := func() int64 {
		var stats runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	before := kept()
	f()
	after := kept()
	runtime.KeepAlive(f)
	return after - before
}
