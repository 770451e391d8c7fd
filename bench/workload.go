package main

import (
	"slices"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// workload is a graph to walk, and what is asked of memsize on it.
type workload struct {
	name  string
	n     int // objects: nodes, elements or entries; what else they hold is not counted among them
	build func(n int) graph
	chain bool // as deep as it is long: who recurses needs a stack as long as the data

	// What memsize is to reach at least, and the aim: CPU of the model go divided by CPU of a GC
	// cycle. 0 for nothing asked.
	floor, aim float64
	peer       float64       // how many times faster than size.Of it is to be
	limit      time.Duration // of a Sizer's call, which is to allocate nothing; 0 for graphs
}

// single tells whether the workload is one value, measured with a Sizer in a loop.
func (w *workload) single() bool { return w.limit > 0 }

// workloads are the rows of the table. Those without a goal show what the others leave open.
var workloads = []workload{
	{name: "list random", n: 3e6, chain: true, floor: 0.75, aim: 0.60, build: listRandom},
	{name: "list sequential", n: 3e6, chain: true, floor: 0.70, aim: 0.25, build: listSequential},
	{name: "tree random", n: 3e6, floor: 0.36, aim: 0.20, build: treeRandom},
	{name: "tree sequential", n: 3e6, floor: 1.5, aim: 1.0, build: treeSequential},
	{name: "tree by level", n: 3e6, build: treeByLevel},
	{name: "[]*struct", n: 1e6, floor: 1.3, aim: 1.0, peer: 30, build: pointers},
	{name: "map[uint64]*T", n: 1e6, floor: 0.85, aim: 0.60, peer: 15, build: mapOfPointers},
	{name: "UTXO map", n: 1e6, floor: 1.0, aim: 0.70, peer: 15, build: coins},
	{name: "map[string]string", n: 1e6, floor: 0.6, aim: 0.40, peer: 15, build: mapOfStrings},
	{name: "[][]byte 32 B", n: 1e6, floor: 1.35, aim: 1.0, peer: 30, build: byteSlices},
	{name: "decoded JSON", n: 1e6, floor: 1.8, aim: 1.2, peer: 5, build: decodedJSON},
	{name: "1 GiB []byte", n: 1 << 30, limit: time.Microsecond, build: bytesAlone},
	{name: "[]struct of 1e7 scalars", n: 1e7, limit: time.Microsecond, build: scalarStructs},
	{name: "struct with 2 strings", n: 1, limit: 40 * time.Nanosecond, build: smallStruct},
}

// choose is the workloads with one of the words, which commas part, in their names.
func choose(words string) []workload {
	var chosen []workload
	for _, w := range workloads {
		if slices.ContainsFunc(strings.Split(words, ","), func(word string) bool {
			return strings.Contains(w.name, strings.TrimSpace(word))
		}) {
			chosen = append(chosen, w)
		}
	}
	return chosen
}

// graph is a workload that was built, and the ways through it that need its type.
type graph struct {
	value any
	hand  func() uint64
	sizer func(...memsize.Option) func() uint64 // that of a value alone

	core, heap func() uint64 // once compiled
	reflect2   *reflect2Walk
}

// walked is a graph that is measured through the functions of the package.
func walked[T any](v T, hand func(T) uint64) graph {
	return graph{value: v, hand: func() uint64 { return hand(v) }}
}

// alone is a value that is measured with a Sizer.
func alone[T any](p *T, hand func(*T) uint64) graph {
	return graph{value: p, hand: func() uint64 { return hand(p) },
		sizer: func(options ...memsize.Option) func() uint64 {
			s := memsize.New[T](options...)
			return func() uint64 { return s.Of(p) }
		}}
}

// compile makes the graph ready to be measured.
func (g *graph) compile() {
	g.reflect2 = &reflect2Walk{visits: map[uintptr]visit{}}
	value := g.value
	if g.sizer == nil {
		g.core = func() uint64 { return memsize.Of(value) }
		g.heap = func() uint64 { return memsize.Heap(value) }
		return
	}
	g.core, g.heap = g.sizer(), g.sizer(memsize.WithModel(rules.Go()))
}
