package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/DmitriyVTitov/size"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// contender is one way to go through a graph.
type contender struct {
	name   string // as -contenders takes it
	about  string
	run    func(g graph) uint64 // the bytes that it finds
	before func(g graph)        // made ready outside the measurement; nil for nothing
	when   condition
}

// condition is where a contender can run.
type condition uint

const (
	recurses condition = 1 << iota // once for each object of a chain
	portable                       // in the portable build only
	graphs                         // not on single values
	cold                           // once only, with pools that are empty
)

// The contender to which others are compared; it comes first in a round.
const collector = "gc"

// The part of the collector's cycle that marks: measured with it, it is no contender of its own.
const marking = "mark"

var contenders = []contender{
	{collector, "one runtime.GC()", collect, freeGarbage, 0},
	{"core-cold", "core after two collections, which emptied the pools",
		graph.asCore, emptyHeap, graphs | cold},
	{"go-cold", "go after two collections", graph.asGo, emptyHeap, graphs | cold},
	{"core", "memsize.Of, or a Sizer", graph.asCore, graph.warmCore, 0},
	{"go", "memsize.Heap, or a Sizer", graph.asGo, graph.warmGo, 0},
	{"core-type", "core by type, the walk alone", byType(rules.Core()), nil, graphs},
	{"go-type", "go by type, the walk alone", byType(rules.Go()), nil, graphs},
	{"core-path", "memsize.Scan: core by path and type", scan("core"), nil, graphs},
	{"go-path", "memsize.Scan: go by path and type", scan("go"), nil, graphs},
	{"core+core-32", "memsize.Scan, two models of equal reach",
		scan("core", "core-32"), nil, graphs},
	{"core+go", "memsize.Scan, two models that walk each", scan("core", "go"), nil, graphs},
	{"portable-core", "core, built with memsize_portable", graph.asCore, graph.warmCore, portable},
	{"portable-go", "go, built with memsize_portable", graph.asGo, graph.warmGo, portable},
	{"size", "github.com/DmitriyVTitov/size", sizeOf, nil, recurses},
	{"reflect", "a plain walk with package reflect and a map", byReflect, nil, recurses},
	{"reflect2", "the same with reflect2, compiled", graph.asReflect2, nil, recurses},
	{"hand", "by hand for the type, nothing deduplicated", graph.asHand, nil, 0},
}

func collect(graph) uint64 {
	runtime.GC()
	return 0
}

func (g graph) asHand() uint64     { return g.hand() }
func (g graph) asReflect2() uint64 { return g.reflect2.of(g.value) }

func (g graph) asCore() uint64 { return g.core() }
func (g graph) asGo() uint64   { return g.heap() }
func (g graph) warmCore()      { g.core() }
func (g graph) warmGo()        { g.heap() }

// freeGarbage frees what the others left, so that the collector has the graph alone.
func freeGarbage(graph) { runtime.GC() }

// emptyHeap frees what others left, and what sync.Pool keeps for one collection.
func emptyHeap(graph) {
	runtime.GC()
	runtime.GC()
}

func sizeOf(g graph) uint64 { return uint64(size.Of(g.value)) }

// scan is the full account under models.
func scan(names ...string) func(g graph) uint64 {
	option := memsize.WithModels(models(names)...)
	return func(g graph) uint64 { return memsize.Scan(g.value, option).Total }
}

func models(names []string) []*rules.Model {
	var found []*rules.Model
	for _, name := range names {
		m, err := rules.Lookup(name)
		if err != nil {
			panic(err) // a name in this file
		}
		found = append(found, m)
	}
	return found
}

// pick is the contenders named, which commas part, in their own order; all for "".
func pick(names string) ([]contender, error) {
	if names == "" {
		return contenders, nil
	}
	var picked []contender
	wanted := strings.Split(names, ",")
	for _, c := range contenders {
		if i := slices.Index(wanted, c.name); i >= 0 {
			picked = append(picked, c)
			wanted = slices.Delete(wanted, i, i+1)
		}
	}
	if len(wanted) > 0 {
		return nil, fmt.Errorf("no contender %q: there are %s", wanted,
			strings.Join(allNames(), ", "))
	}
	return picked, nil
}

func allNames() []string {
	var names []string
	for _, c := range contenders {
		names = append(names, c.name)
	}
	return names
}
