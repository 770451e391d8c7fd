package block

import (
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/gort"
)

// pageBytes is internal/runtime/gc.PageSize, the same on every architecture. A span begins at a
// multiple of it, which PageOf checks whenever it meets one.
const pageBytes = gort.PageBytes

// Page is what is known of one page of 8 KiB of address space: the zero Page that it is not on the
// heap, any other in which span it lies. It stays true as long as some block on the page is alive.
type Page struct {
	start uintptr // of the span
	Shape
}

// Shape is what the blocks of a span are like: the same for all spans of a size class. The zero
// Shape is that of no block.
type Shape struct {
	size uintptr // bytes
	// reciprocal makes a division by size a multiplication: see reciprocalOf.
	reciprocal uint32
	pointers   bool
}

// PageOf returns the page that p points into; false, and the zero Page, where [Of] is false.
func PageOf(p unsafe.Pointer) (Page, bool) {
	l := runtimeLayout()
	if p == nil || !l.exact {
		return Page{}, false
	}
	base, s, index := find(p)
	if base == 0 {
		return Page{}, false
	}
	page := l.page(s, base, index)
	return page, page.size != 0
}

// page reads the page of the block with an index in a span; the zero Page if that contradicts
// itself.
func (l *layout) page(s unsafe.Pointer, base, index uintptr) Page {
	size, class := l.sizeOf(s, base, index)
	if size == 0 {
		return Page{}
	}
	page := Page{base - index*size, Shape{size: size, pointers: class&1 == 0}}
	if class>>1 != 0 {
		page.reciprocal = reciprocalOf(size)
	}
	return page
}

// sizeOf reads the size of the blocks in a span and their class; size 0 if what is there contradicts
// the block with an index and a base.
func (l *layout) sizeOf(s unsafe.Pointer, base, index uintptr) (size uintptr, class uint8) {
	size, class = wordAt(s, l.size), byteAt(s, l.class)
	whole := index == 0 && size%pageBytes == 0
	if (base-index*size)%pageBytes != 0 || class>>1 == 0 && !whole {
		return 0, 0
	}
	return size, class
}

// reciprocalOf returns a number by which to multiply an offset in a span of more than one block, so
// that the upper half of the product is the offset divided by size. The runtime does the same with
// the same number (mspan.divMul; runtime/mksizeclasses.go proves it for every size class). A span
// of a single block has 0, as every offset lies in its block 0.
func reciprocalOf(size uintptr) uint32 { return ^uint32(0)/uint32(size) + 1 }

// Block returns the block that p points into. p must point into the page, and this be on the heap.
func (g *Page) Block(p unsafe.Pointer) Block { return g.Shape.Block(p, uintptr(p)-g.start) }

// Start is the address of the span in which the page lies.
func (g *Page) Start() uintptr { return g.start }

// Block returns the block that p points into, at an offset in bytes in a span of this shape.
func (g *Shape) Block(p unsafe.Pointer, offset uintptr) Block {
	return Block{unsafe.Add(p, -int(offset-g.Index(offset)*g.size)), g.size, g.pointers}
}

// Size is what each block takes, in bytes; 0 for the zero Shape.
func (g *Shape) Size() uintptr { return g.size }

// Pointers tells that the garbage collector looks for pointers in the blocks.
func (g *Shape) Pointers() bool { return g.pointers }

// Header is how many bytes the allocator keeps in front of the value in a block, for its type
// (runtime/mbitmap.go: blocks that are too large for a bitmap and too small for a span of their
// own). Of the blocks of 32 KiB some have one and some have not: of these it says 0.
func (g *Shape) Header() uintptr {
	if g.pointers && g.size > maxBitmapped && g.size < maxSmall {
		return headerBytes
	}
	return 0
}

// Index is the number of the block at an offset in bytes in a span.
func (g *Shape) Index(offset uintptr) uintptr {
	return uintptr(uint64(offset) * uint64(g.reciprocal) >> 32)
}

// Requests are the least and the most bytes that a value can have for which the allocator gives
// blocks of this shape, with the header that Header tells: [Round] of each number in
// between, and of no other, is the size of the blocks. It must not be the zero Shape.
func (g *Shape) Requests() (least, most uintptr) {
	most = g.size - g.Header()
	switch {
	case g.size > maxSmall:
		return g.size - pageBytes + 1, most
	case g.size == maxSmall && g.pointers: // smaller ones have a header
		return maxSmall - headerBytes + 1, most
	}
	return leastRequests()[g.pointers][g.size], most
}

// leastRequests has, for blocks with and without pointers, the least request by the size of the
// block that it gets: one step over all size classes.
var leastRequests = sync.OnceValue(func() map[bool]map[uintptr]uintptr {
	classes := map[bool]map[uintptr]uintptr{false: {}, true: {}}
	for pointers, least := range classes {
		for n := uintptr(1); n <= maxSmall; {
			shape := Shape{size: Round(n, pointers), pointers: pointers}
			least[shape.size] = n
			n = shape.size - shape.Header() + 1
		}
	}
	return classes
})
