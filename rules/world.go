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
	asIf       bool   // not a Go heap
	process    bool   // this process's own heap
	record     record
	containers containers
	allocator  malloc.Allocator
}

// isGoHeap tells whether what containers cost is what a Go heap has for them.
func (w *world) isGoHeap() bool {
	_, ok := w.containers.(goHeap)
	return ok
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

// record is how a library lays out a struct: one field after the other, then its end.
type record struct {
	add func(l, field layout) layout
	// end closes a struct of so many fields, of which the last has so many bytes.
	end func(l layout, fields int, last uint64) layout
}

// noFields is a struct to which no field has been added.
var noFields = layout{Shape: Shape{Align: 1}}

// of is a whole struct.
func (r record) of(fields []layout) layout {
	l, last := noFields, uint64(0)
	for _, f := range fields {
		l, last = r.add(l, f), f.Size
	}
	return r.end(l, len(fields), last)
}

// inOrder lays fields out in the order of declaration, as C, C++ and Go do; the tail is the
// caller's, who closes the record.
func inOrder(fields []layout) layout {
	l := noFields
	for _, f := range fields {
		l = behind(l, f)
	}
	return l
}

// behind puts a field behind those that are laid out.
func behind(l, field layout) layout {
	start := alignUp(l.Size, field.Align)
	l.Padding = add(l.Padding, add(start-l.Size, field.Padding))
	l.Size = add(start, field.Size)
	l.Align = max(l.Align, field.Align)
	l.pointers = l.pointers || field.pointers
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
var cppRecord = record{behind, func(l layout, fields int, _ uint64) layout {
	if fields == 0 {
		return layout{Shape: Shape{Size: 1, Align: 1, Padding: 1}, empty: true}
	}
	return closed(l)
}}

// goRecord is a Go struct (cmd/compile/internal/types.CalcStructSize): a zero-size last field
// gets a byte, so that its address does not lie in the next block.
var goRecord = record{behind, func(l layout, fields int, last uint64) layout {
	if fields > 0 && last == 0 && l.Size > 0 {
		l.Size = add(l.Size, 1)
		l.Padding = add(l.Padding, 1)
	}
	return closed(l)
}}

// rustRecord is a repr(Rust) struct or tuple. rustc (rustc_abi::layout::univariant) orders the
// fields by falling power of two of their size, so that only the tail is ever lost.
var rustRecord = record{func(l, field layout) layout {
	l.Size = add(l.Size, field.Size)
	l.Padding = add(l.Padding, field.Padding)
	l.Align = max(l.Align, field.Align)
	l.niche = max(l.niche, field.niche)
	return l
}, func(l layout, _ int, _ uint64) layout { return closed(l) }}
