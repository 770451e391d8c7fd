package block

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// layout is where the running runtime keeps what it knows of blocks. Offsets are in bytes from the
// beginning of a span (runtime.mspan).
type layout struct {
	exact, pointersExact bool

	size  uintptr // of the word with the size of the span's blocks: elemsize
	class uintptr // of the byte with the number of the size class, and lowest whether no pointers

	largeType uintptr // of the word with the type of a large block: largeType
	// limit is of the word with the end of what was asked for in a large block: limit. The block
	// goes on to the end of its last page, but a pointer there is none to the collector, which
	// ends the program when it finds one.
	limit uintptr
	// gap has, for the blocks of n words that are noted in a bitmap, the bytes between the end of
	// the bitmap and the end of the page: the collector may keep marks there.
	gap [maxBitmapped/wordSize + 1]uintptr
}

// learned is the layout once it is known.
var learned atomic.Pointer[layout]

// runtimeLayout learns the layout at first use. Later uses are a load.
func runtimeLayout() *layout {
	if l := learned.Load(); l != nil {
		return l
	}
	return learn()
}

var learn = sync.OnceValue(func() *layout {
	l := new(layout)
	l.exact = linked && check.Holds(check.Blocks, l.learnSpans)
	l.pointersExact = l.exact && check.Holds(check.Pointers, l.learnPointers)
	learned.Store(l)
	return l
})

// words begins with the pointer words of b, which has some.
func (l *layout) words(b Block) Words {
	c := Words{base: b.Base, size: b.Size}
	switch {
	case b.Size <= wordSize:
		c.mask = 1
		return c
	case b.Size <= maxBitmapped:
		c.mask = bitmapOf(b, l.gap[b.Size/wordSize])
		return c
	}
	var typ unsafe.Pointer
	if class, s := l.classOf(b); class != 0 {
		typ = pointerAt(b.Base)
		c.at, c.elem = headerBytes, headerBytes
	} else {
		typ = pointerAt(unsafe.Add(s, l.largeType))
		c.size = wordAt(s, l.limit) - uintptr(b.Base)
	}
	if c.size > b.Size {
		return Words{}
	}
	if typ != nil { // large blocks have none while they are made
		c.typ = pointerMapOf(typ)
		c.load()
	}
	return c
}

// classOf is the number of b's size class, or 0 if b has a span of its own, and its span.
func (l *layout) classOf(b Block) (class uint8, s unsafe.Pointer) {
	if b.Size < maxSmall {
		return 1, nil
	}
	_, s, _ = find(b.Base) // some blocks of maxSmall bytes are large, some not
	return byteAt(s, l.class) >> 1, s
}

// bitmapOf is the bits of b's words in the bitmap that lies, with a gap behind it, at the end of
// b's page. The runtime asserts that such spans have a single page (mallocinit).
func bitmapOf(b Block, gap uintptr) uint64 {
	const wordBits = 8 * wordSize
	offset := uintptr(b.Base) % pageBytes
	first, shift := offset/wordSize/wordBits, offset/wordSize%wordBits
	distance := pageBytes - pageBytes/wordBits - gap - offset + first*wordSize
	words := b.Size / wordSize
	mask := uint64(wordBeyond(b.Base, distance) >> shift)
	if shift+words > wordBits {
		mask |= uint64(wordBeyond(b.Base, distance+wordSize)) << (wordBits - shift)
	}
	return mask & (^uint64(0) >> (64 - words))
}
