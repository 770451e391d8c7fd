package walker

import "reflect"

// Place is what a Policy knows of one place in a type graph: a type and the rule that holds
// there. It is comparable and opaque to the walker; equal places are followed alike.
type Place any

// A Policy says what a walk follows. It is pure: plans are compiled from its answers and kept.
type Policy interface {
	// Root is the place of a value of type t that nothing leads to.
	Root(t reflect.Type) Place
	// Field is the place of field i of the struct at p.
	Field(p Place, i int) Place
	// Elem is the place of what p points to or holds: pointee, element, a map's value.
	Elem(p Place) Place
	// Key is the place of the keys of the map at p.
	Key(p Place) Place
	// Dynamic is the place of the pointer that an interface at p stands for when it holds a
	// value of type t: t itself where t is a pointer type, else a pointer to a box with a t.
	Dynamic(p Place, t reflect.Type) Place
	// Follow says what to do at p.
	Follow(p Place) Follow
}

// Follow is a Policy's answer for one place.
type Follow struct {
	Skip   bool   // neither report nor follow
	Opaque string // why a value that is not nil is counted as unaccounted instead of followed
	Keys   bool   // follow the keys of a map
	List   bool   // a container/list.List is a container, not a struct
	// Inline is the capacity in elements up to which the content lies inside the container:
	// there is no extent then, but elements are followed.
	Inline uint64
	// ByLen tells that the length, not the capacity, is held against Inline.
	ByLen bool
	// NilCosts asks for a finding of length 0 for nil and empty containers as well.
	NilCosts bool
	// Tagged tells that the place has a rule of its own: its container may be charged in
	// another way than others of the same type.
	Tagged bool
	// ByKind tells that the place says no more than the kind of its type, and what types lie below.
	ByKind bool
}

// Finding is one container.
type Finding struct {
	Len uint64 // elements in use; bytes of a string
	Cap uint64 // elements that there is room for
}

// Candidate is one of several containers that share memory.
type Candidate struct {
	Node *Node
	Finding
	// Bytes is not 0 where containers of unlike elements partly overlap: the Go bytes of their
	// union, to be charged as bytes.
	Bytes uint64
}

// A Sink takes what a walk finds. It is called by one goroutine at a time.
type Sink interface {
	// Take is given fixed findings of length and capacity 1 and a batch of other findings, all
	// of one node, each to be counted times over. It must not keep the slice.
	Take(n *Node, fixed uint64, findings []Finding, times uint64)
	// Overlap is given containers that share memory, of which one is to be charged: the dearest.
	Overlap(candidates []Candidate)
	// Reset forgets all that was taken: the walk begins anew.
	Reset()
}
