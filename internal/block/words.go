package block

import (
	"math/bits"
	"unsafe"
)

// Words goes through the pointer words of a block: a cursor that can be kept and resumed, and
// that allocates nothing. See runtime/mbitmap.go (typePointers) for the same in the runtime.
type Words struct {
	base unsafe.Pointer
	size uintptr // where the block ends; all offsets are in bytes from base

	mask uint64  // words not yet returned: bit i is the word at offset at + i words
	at   uintptr // a multiple of words
	// The block holds values of one type, one after another; elem is where the current one
	// begins. A zero typ.size tells that mask is all there is.
	elem uintptr
	typ  pointerMap
}

// pointerMap says which words of a value are pointers.
type pointerMap struct {
	size   uintptr        // of a value, in bytes
	extent uintptr        // bytes up to the end of the last pointer word
	bits   unsafe.Pointer // a bit a word, lowest first
}

// Words returns a cursor on the pointer words of b. It finds none if b has none, or if nothing
// can be said ([PointersExact]).
func (b Block) Words() Words {
	l := runtimeLayout()
	if !b.Pointers || !l.pointersExact {
		return Words{}
	}
	return l.words(b)
}

// Mask returns the pointer words of b, lowest first, if it is one of the blocks that have no more than
// 64 words and no header; false for others, of which Words knows more.
func (b Block) Mask() (mask uint64, ok bool) {
	l := runtimeLayout()
	switch {
	case b.Size > maxBitmapped || !l.pointersExact:
		return 0, false
	case !b.Pointers:
		return 0, true
	case b.Size <= wordSize:
		return 1, true
	}
	return bitmapOf(b, l.gap[b.Size/wordSize]), true
}

// HasPointer tells whether the word at an offset in bytes from b's base is one in which the garbage
// collector looks for a pointer; false if nothing can be said ([PointersExact]).
func (b Block) HasPointer(offset uintptr) bool {
	c := b.Words()
	switch {
	case c.typ.size == 0:
		return offset < b.Size && c.mask>>(offset/wordSize)&1 != 0
	case offset < c.elem || offset+wordSize > c.size:
		return false
	}
	within := (offset - c.elem) % c.typ.size
	return within < c.typ.extent && c.typ.has(within/wordSize)
}

// EachPointer calls f with each pointer in b that is not nil.
func (b Block) EachPointer(f func(p unsafe.Pointer)) {
	for c := b.Words(); ; {
		p, ok := c.Next()
		if !ok {
			return
		}
		f(p)
	}
}

// Next returns the next pointer that is not nil; false at the end.
func (c *Words) Next() (unsafe.Pointer, bool) {
	for {
		slot, ok := c.NextSlot()
		if !ok {
			return nil, false
		}
		if p := pointerAt(unsafe.Pointer(slot)); p != nil {
			return p, true
		}
	}
}

// NextSlot returns the address of the next pointer word, whatever it holds; false at the end. Words
// at the end of a block that no value uses may be among them; the allocator keeps them nil.
func (c *Words) NextSlot() (*unsafe.Pointer, bool) {
	for c.mask == 0 {
		if !c.advance() {
			return nil, false
		}
	}
	word := uintptr(bits.TrailingZeros64(c.mask))
	c.mask &= c.mask - 1
	return (*unsafe.Pointer)(unsafe.Add(c.base, c.at+word*wordSize)), true
}

// advance loads the mask of the words that follow; false at the end.
func (c *Words) advance() bool {
	if c.typ.size == 0 {
		return false
	}
	const step = 64 * wordSize
	c.at += step
	if c.at >= c.elem+c.typ.extent {
		c.elem += c.typ.size
		c.at = c.elem
	}
	return c.load()
}

// load loads the mask of the words from c.at on; false where the block ends.
func (c *Words) load() bool {
	if c.at+wordSize > c.size || c.typ.extent == 0 {
		c.typ.size = 0
		return false
	}
	words := min(64, (c.elem+c.typ.extent-c.at)/wordSize, (c.size-c.at)/wordSize)
	c.mask = c.typ.load((c.at-c.elem)/wordSize, words)
	return true
}

// load reads the bits of up to 64 words, the first of which is a multiple of 64.
func (m *pointerMap) load(first, words uintptr) uint64 {
	var mask uint64
	for i := uintptr(0); i < words; i += 8 {
		mask |= uint64(*(*uint8)(unsafe.Add(m.bits, (first+i)/8))) << i
	}
	return mask & (^uint64(0) >> (64 - words))
}

// has tells whether a word is a pointer.
func (m *pointerMap) has(word uintptr) bool {
	return byteAt(m.bits, word/8)>>(word%8)&1 != 0
}
