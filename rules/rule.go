package rules

import "reflect"

// Shape is what a type takes inside its owner (a field, an element), in one layout, in bytes.
type Shape struct {
	Size    uint64
	Align   uint64
	Padding uint64 // the part of Size that is holes and tails
}

// Container is what a Rule is asked about: one container of some length, in the layout and with
// the allocator of a model.
type Container struct {
	Len uint64 // elements in use: bytes of a string, entries of a map, 1 for a pointer, 0 for nil
	Cap uint64 // elements that there is room for; equals Len where a kind has no capacity
	Key Shape  // a map's key; zero for other kinds
	// Elem is the element, the pointee, a map's value. In a set (map[K]struct{}) it is the zero
	// Shape, whose Align is 0.
	Elem Shape

	place *place // the model's world; nil outside a model, where built-in rules are Core's
}

// Alloc is how many bytes the model's allocator takes for a request of n bytes: n rounded up. Outside
// a model it is Core's MallocUsage of 64 bits. A rule of one's own uses it, so that its figures are
// right under core-32 and core+jemalloc too.
func (c Container) Alloc(n uint64) uint64 { return c.home().allocator.Usage(n) }

// PointerSize is the bytes of a pointer in the model's layout: 8 or 4; 8 outside a model.
func (c Container) PointerSize() uint64 { return c.home().pointer }

// place is what only built-in formulas ask about a Container: the world, and facts of the
// element that a Shape does not show. It is shared by every Container of one Binding.
type place struct {
	world *world
	elem  layout
	key   layout
	fat   bool // a pointer to a value of dynamic type: two words in Rust
	bits  bool // the elements are bool: std::vector<bool>
	// slowHash tells that libstdc++ keeps the hash of what an unordered container is keyed by.
	slowHash bool
	kind     reflect.Kind // of the container, where formulas differ by it
	times    bool         // a channel of time.Time, which may be a timer's
}

// A Rule is a container formula: what a container takes in its owner, what it owns beyond that,
// and what one more element would cost. A Rule is pure: the same Container gives the same answer,
// for any number of goroutines. The five parts of Usage must sum to the bytes that are charged. Figures
// that no value can have, such as a difference below zero, which wraps, panic with a *TagError. Models of
// a Go heap do not ask: what is allocated there is known.
type Rule interface {
	// String is the expression that Parse would read, or a name of its own.
	String() string
	// Inline is the size and alignment of the container itself, in bytes.
	Inline(c Container) Shape
	// Usage is what the container owns beyond itself, not what its elements own, in bytes.
	Usage(c Container) Parts
	// Increment is what one more element would cost in bytes; false where that depends on more
	// than the container's shape (a vector may or may not grow).
	Increment(c Container) (bytes uint64, ok bool)
}
