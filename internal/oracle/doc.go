// Package oracle is a second implementation of memsize's walk, written to be read rather than to
// be fast. Tests compare the product with it; nothing else may import it.
//
// # Definitions
//
// A container is a Go value that owns memory beyond itself: a non-nil pointer, slice, string, map,
// channel, or an interface's box. Its extent is the range of Go bytes that it owns: the pointee,
// data up to the capacity, the bytes of a string, the box. A map and a channel stand for
// themselves with the word at which their header begins, which nothing else can overlap.
//
// A slot is the place where a reference is stored: a field, an element, a variable. What owns no
// Go memory (a nil map that a model charges for, a pointer to a zero-size value, an interface that
// stores a map in its data word) has no extent and is charged at its slot, once for each slot.
//
// # How it counts
//
// A value is first turned into a graph: every container is a node, every reference an edge. Two
// evaluations read the same graph:
//   - Of charges by memory identity: extents that overlap form a component, each component is
//     charged as one container (see extent.go), each slot once.
//   - PerReference charges every edge with all that lies below it; a strongly connected component
//     is charged once, whole, at each entry from outside (see reference.go).
//
// Prices come from package rules, whose formulas have oracles of their own.
package oracle

import (
	"cmp"

	"github.com/bitcoin-mem/memsize/rules"
)

// Options are the walk's options that change what is counted.
type Options struct {
	// CapIsLen takes the capacity of every slice to be its length.
	CapIsLen bool
}

// Account is what a value owns beyond itself under one model, in bytes.
type Account struct {
	Parts rules.Parts
	// Unaccounted counts the slots that hold something without a price: functions, unsafe
	// pointers, and what the rules call opaque. A slot counts once.
	Unaccounted uint64
}

// Total is the sum of the parts in bytes.
func (a Account) Total() uint64 { return a.Parts.Total() }

// Of charges all that v owns beyond itself, by memory identity (memsize.Of).
func Of(v any, m *rules.Model, o Options) Account { return OfRoots(m, o, v) }

// OfRoots charges all that several values own beyond themselves, each container once
// (memsize.ScanRoots).
func OfRoots(m *rules.Model, o Options, values ...any) Account {
	g := newGraph(m, o, false, values...)
	return Account{Parts: g.byIdentity(), Unaccounted: uint64(len(g.unpriced))}
}

// Dynamic charges what v's own containers own, without following them (memsize.Dynamic).
func Dynamic(v any, m *rules.Model, o Options) Account {
	g := newGraph(m, o, true, v)
	return Account{Parts: g.byIdentity(), Unaccounted: uint64(len(g.unpriced))}
}

// PerReference charges every reference with all that lies below it (memsize.PerReference).
func PerReference(v any, m *rules.Model, o Options) Account {
	g := NewGraph(v, m, o)
	return Account{Parts: g.byReference(), Unaccounted: uint64(len(g.unpriced))}
}

// offer is what one of several containers in the same memory would be charged.
type offer struct {
	price rules.Parts
	typ   string // the container's Go type
}

// dearer is the offer of the greater price. Of equal prices it is that of the type whose name
// sorts first, then that with more bytes in use, spare, padding, structure: which it is must not
// depend on which was met first.
func dearer(a, b offer) offer {
	order := cmp.Or(
		cmp.Compare(b.price.Total(), a.price.Total()),
		cmp.Compare(a.typ, b.typ),
		cmp.Compare(b.price.Used, a.price.Used),
		cmp.Compare(b.price.Spare, a.price.Spare),
		cmp.Compare(b.price.Padding, a.price.Padding),
		cmp.Compare(b.price.Overhead, a.price.Overhead),
	)
	if order <= 0 {
		return a
	}
	return b
}
