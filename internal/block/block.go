package block

import "unsafe"

// Block is one allocation on the Go heap.
type Block struct {
	// Base is where the block begins. Where the allocator puts a header in front of a value, the
	// value begins behind it: Base identifies the block, and is no pointer to a value.
	Base unsafe.Pointer
	// Size is in bytes, as the allocator gave them: the size class, or whole pages.
	Size uintptr
	// Pointers tells that the garbage collector looks for pointers in the block.
	Pointers bool
}

// Exact tells whether blocks can be looked up: this build links to the runtime, and the checks made
// at first use held. If not, [Of] finds nothing.
func Exact() bool { return runtimeLayout().exact }

// PointersExact tells whether the pointer words of blocks are known as the garbage collector knows
// them. If not, [Block.EachPointer], [Walk] and [Reachable] find nothing.
func PointersExact() bool { return runtimeLayout().pointersExact }

// Of returns the block that p points into, anywhere; false if p is nil or not on the heap, or
// nothing can be said ([Exact]). The package documentation says which pointers may be asked for.
// To keep the [Page] of each is faster for many.
func Of(p unsafe.Pointer) (Block, bool) {
	l := runtimeLayout()
	if p == nil || !l.exact {
		return Block{}, false
	}
	base, s, index := find(p)
	if base == 0 {
		return Block{}, false
	}
	size, class := l.sizeOf(s, base, index)
	return Block{unsafe.Add(p, -int(uintptr(p)-base)), size, class&1 == 0}, size != 0
}

// Place is a kind of memory.
type Place uint8

const (
	// Unknown is memory that never was the Go heap's and is not known to be static: memory of C,
	// mapped files, static memory of plugins. Without the runtime's help all memory is unknown.
	Unknown Place = iota
	// Heap is memory in a block.
	Heap
	// Static is memory of the program's image: globals, literals, types, code.
	Static
	// Stack is memory of a goroutine's stack.
	Stack
	// Arena is memory of a user arena (GOEXPERIMENT=arenas), which has no blocks.
	Arena
)

var placeNames = [...]string{"unknown", "heap", "static", "stack", "arena"}

// String is the name of a place: unknown, heap, static, stack, arena.
func (p Place) String() string { return placeNames[p] }

// Where returns the kind of memory that p points to. nil is unknown. The package documentation says
// which pointers may be asked for.
func Where(p unsafe.Pointer) Place {
	if p == nil || !Exact() {
		return Unknown
	}
	base, s, index := find(p)
	switch {
	case base != 0:
		if size, _ := runtimeLayout().sizeOf(s, base, index); size == 0 {
			return Arena
		}
		return Heap
	case s != nil:
		return Stack
	case image().has(p):
		return Static
	}
	return Unknown
}
