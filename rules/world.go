package rules

import (
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/malloc"
)

// layout is a Shape with what the layouts themselves need to know of a type.
type layout struct {
	Shape
	// empty is a class without members: as a base class it takes no room.
	empty bool
	// niche is how many bit patterns of the type are not values (repr(Rust)): Option<T> takes
	// no tag where there is one.
	niche uint64
	// pointers tells that the collector finds pointers in a value, in a Go layout.
	pointers bool
}

// plain is the layout of a value without holes.
func plain(size, align uint64) layout { return layout{Shape: Shape{Size: size, Align: align}} }

// world is what a model is made of: how big things are, what containers cost, how an allocator
// rounds. It is immutable.
type world struct {
	pointer    uint64 // bytes of a pointer, int, uint and uintptr
	wide       uint64 // alignment of 8-byte scalars
	goLayout   bool   // every value has its Go size, whatever its rule
	asIf       bool   // a world other than this process's heap
	record     func(fields []layout) layout
	containers containers
	allocator  malloc.Allocator
}

// containers is the formulas of one library: of built-in rules only.
type containers interface {
	inline(r *builtin, c Container) layout
	usage(r *builtin, c Container) Parts
	increment(r *builtin, c Container) (uint64, bool)
	// node is the block that each element has for itself: a node, a pointee's block.
	node(r *builtin, c Container) (Parts, bool)
}

// hostWide is the alignment of a uint64 in a struct of this process: 4 on 386, 8 on amd64.
const hostWide = uint64(unsafe.Alignof(struct{ n uint64 }{}.n))

const hostPointer = uint64(unsafe.Sizeof(uintptr(0)))

// scalar is the layout of a kind that is no container and holds no other type. A complex number
// is two floats, a func or an unsafe.Pointer one pointer, in every world.
func (w *world) scalar(k reflect.Kind) layout {
	switch k {
	case reflect.Bool:
		l := plain(1, 1)
		l.niche = 254
		return l
	case reflect.Int8, reflect.Uint8:
		return plain(1, 1)
	case reflect.Int16, reflect.Uint16:
		return plain(2, 2)
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return plain(4, 4)
	case reflect.Int64, reflect.Uint64, reflect.Float64:
		return plain(8, w.wide)
	case reflect.Complex64:
		return plain(8, 4)
	case reflect.Complex128:
		return plain(16, w.wide)
	}
	l := plain(w.pointer, w.pointer)
	l.pointers = k == reflect.Func || k == reflect.UnsafePointer
	return l
}

// goHeader is the size of a container's own words in Go.
func (w *world) goHeader(k reflect.Kind) layout {
	words := uint64(1)
	switch k {
	case reflect.String, reflect.Interface:
		words = 2
	case reflect.Slice:
		words = 3
	}
	l := plain(words*w.pointer, w.pointer)
	l.pointers = true
	return l
}

// array is n elements in a row.
func array(elem layout, n uint64) layout {
	l := layout{Shape: Shape{
		Size:    mul(elem.Size, n),
		Align:   elem.Align,
		Padding: mul(elem.Padding, n),
	}}
	if n > 0 {
		l.niche, l.pointers = elem.niche, elem.pointers
	}
	return l
}

// inOrder lays fields out in the order of declaration, as C, C++ and Go do; the tail is the
// caller's, who closes the record.
func inOrder(fields []layout) layout {
	l := layout{Shape: Shape{Align: 1}}
	for _, f := range fields {
		start := alignUp(l.Size, f.Align)
		l.Padding = add(l.Padding, add(start-l.Size, f.Padding))
		l.Size = add(start, f.Size)
		l.Align = max(l.Align, f.Align)
		l.pointers = l.pointers || f.pointers
	}
	return l
}

// closed adds the tail that makes the size a multiple of the alignment.
func closed(l layout) layout {
	size := alignUp(l.Size, l.Align)
	l.Padding = add(l.Padding, size-l.Size)
	l.Size = size
	return l
}

// cppRecord is a C++ class of the Itanium ABI (LP64 and i386). A class without members is one
// byte, so that two objects have two addresses; that byte is padding.
func cppRecord(fields []layout) layout {
	if len(fields) == 0 {
		return layout{Shape: Shape{Size: 1, Align: 1, Padding: 1}, empty: true}
	}
	return closed(inOrder(fields))
}

// goRecord is a Go struct (cmd/compile/internal/types.CalcStructSize): a zero-size last field
// gets a byte, so that its address does not lie in the next block.
func goRecord(fields []layout) layout {
	l := inOrder(fields)
	if n := len(fields); n > 0 && fields[n-1].Size == 0 && l.Size > 0 {
		l.Size = add(l.Size, 1)
		l.Padding = add(l.Padding, 1)
	}
	return closed(l)
}

// rustRecord is a repr(Rust) struct or tuple. rustc (rustc_abi::layout::univariant) orders the
// fields by falling power of two of their size, so that only the tail is ever lost.
func rustRecord(fields []layout) layout {
	l := layout{Shape: Shape{Align: 1}}
	for _, f := range fields {
		l.Size = add(l.Size, f.Size)
		l.Padding = add(l.Padding, f.Padding)
		l.Align = max(l.Align, f.Align)
		l.niche = max(l.niche, f.niche)
	}
	return closed(l)
}
