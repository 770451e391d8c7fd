package block

import (
	"reflect"
	"runtime"
	"unsafe"
)

// spanBytes is how much of a span is searched; runtime.mspan has 160 bytes, or less on 32 bits.
const spanBytes = 160

// sample is a fresh block of which all is known.
type sample struct {
	value   unsafe.Pointer
	request uintptr // bytes
	want    Block
	pattern pattern // of a block with pointers
	span    unsafe.Pointer
}

// pattern is a type of a few words of which some are pointers.
type pattern struct {
	words, mask uintptr
	typ         reflect.Type
	allocate    func(n uintptr) unsafe.Pointer // n values
}

func patternOf[T any](mask uintptr) pattern {
	t := reflect.TypeFor[T]()
	return pattern{t.Size() / wordSize, mask, t, allocate[T]}
}

//go:noinline
func allocate[T any](n uintptr) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]T, n)))
}

var patterns = []pattern{
	patternOf[*int](0b1),
	patternOf[struct {
		_ *int
		_ uintptr
	}](0b01),
	patternOf[struct{ _, _ any }](0b1010),
	patternOf[string](0b01),
	patternOf[any](0b10),
	patternOf[struct {
		_ [2]uintptr
		_ *int
	}](0b100),
	patternOf[struct {
		_ [2]*int
		_ uintptr
	}](0b011),
	patternOf[struct {
		_ [70]uintptr
		_ *int
		_ [9]uintptr
	}](0), // more words than a mask has: see slots
}

// sampleOf allocates n values of a pattern.
func sampleOf(p pattern, n uintptr) sample {
	s := sample{value: p.allocate(n), request: n * p.typ.Size(), pattern: p}
	s.want = Block{s.value, Round(s.request, true), true}
	if s.request > maxBitmapped && s.request <= maxSmall-headerBytes {
		s.want.Base = unsafe.Add(s.value, -headerBytes)
	}
	_, s.span, _ = find(s.value)
	return s
}

// bytesOf allocates n bytes without pointers, 16 at least.
func bytesOf(n uintptr) sample {
	s := sample{value: allocate[byte](n), request: n}
	s.want = Block{s.value, Round(n, false), false}
	_, s.span, _ = find(s.value)
	return s
}

// learnSpans finds what spans say of their blocks, in a way that only one place can satisfy.
func (l *layout) learnSpans() bool {
	var samples []sample
	for _, n := range []uintptr{16, 48, 64, 112, 128, 256, 496, 512, 520, 640, 1024, 2048, 3000,
		4096, 8192, 10000, 16384, 27264, 32760, 32761, 32768, 40000, 65536, 1 << 17} {
		samples = append(samples, bytesOf(n), sampleOf(patterns[0], n/wordSize))
	}
	for _, s := range samples {
		if s.span == nil {
			return false
		}
	}
	var ok bool
	if l.size, ok = only(wordSize, func(offset uintptr) bool {
		return all(samples, func(s sample) bool { return wordAt(s.span, offset) == s.want.Size })
	}); !ok {
		return false
	}
	if l.class, ok = only(1, func(offset uintptr) bool { return isClass(samples, offset) }); !ok {
		return false
	}
	return all(samples, l.finds) && offHeap()
}

// only returns the one offset in a span, a multiple of step, that fits; false if none or several.
func only(step uintptr, fits func(offset uintptr) bool) (found uintptr, ok bool) {
	for offset := uintptr(0); offset+step <= spanBytes; offset += step {
		if fits(offset) {
			if ok {
				return 0, false
			}
			found, ok = offset, true
		}
	}
	return found, ok
}

func all(samples []sample, f func(sample) bool) bool {
	for _, s := range samples {
		if !f(s) {
			return false
		}
	}
	return true
}

// isClass tells whether the byte at an offset of spans is their class: lowest, that blocks have no
// pointers; above, a number that rises with their size, and 0 for large ones.
func isClass(samples []sample, offset uintptr) bool {
	numbers := map[uint8]uintptr{} // the size of a class
	for _, s := range samples {
		class := byteAt(s.span, offset)
		if (class&1 == 0) != s.want.Pointers {
			return false
		}
		large := s.request > maxSmall-headerBytes
		if large != (class>>1 == 0) {
			return false
		}
		if size, again := numbers[class>>1]; again && size != s.want.Size && !large {
			return false
		}
		numbers[class>>1] = s.want.Size
	}
	for n, size := range numbers {
		for m, other := range numbers {
			if n != 0 && m != 0 && (n < m) != (size < other) {
				return false
			}
		}
	}
	return true
}

// finds tells whether l leads from anywhere in a sample to its block.
func (l *layout) finds(s sample) bool {
	base, span, index := find(s.value)
	page := l.page(span, base, index)
	for _, offset := range []uintptr{0, 1, s.request / 2, s.request - 1} {
		p := unsafe.Add(s.value, offset)
		base, span, _ := find(p)
		if base != uintptr(s.want.Base) || span != s.span {
			return false
		}
		if page.size == 0 || page.Block(p) != s.want {
			return false
		}
	}
	runtime.KeepAlive(s.value)
	return true
}

// offHeap tells whether stacks and static memory are told from the heap.
func offHeap() bool {
	var local int
	onStack, stack, _ := find(unsafe.Pointer(&local))
	static, none, _ := find(unsafe.Pointer(&patterns))
	literal, nowhere, _ := find(unsafe.Pointer(unsafe.StringData("literal")))
	return onStack == 0 && stack != nil && static == 0 && none == nil && literal == 0 &&
		nowhere == nil
}
