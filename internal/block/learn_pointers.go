package block

import (
	"math/rand/v2"
	"reflect"
	"unsafe"
)

// learnPointers finds where pointer words are noted for small, middle and large blocks, and checks
// that types are read as the collector reads them.
func (l *layout) learnPointers() bool {
	return typesReadable() && l.learnBitmaps() && l.learnLarge() && l.readsPatterns() &&
		l.readsClosure()
}

// typesReadable tells whether typeHeader fits.
func typesReadable() bool {
	type long [40_000]struct {
		_ uintptr
		_ *int
	}
	types := []reflect.Type{reflect.TypeFor[long](), reflect.TypeFor[*long](),
		reflect.TypeFor[reflect.Value](), reflect.TypeFor[map[string]int](),
		reflect.TypeFor[func()](), reflect.TypeFor[[3]any]()}
	for _, p := range patterns {
		types = append(types, p.typ)
	}
	for _, t := range types {
		address := typeAddress(t)
		if typeOf(address) != t || (*typeHeader)(address).size != t.Size() {
			return false
		}
		if (*typeHeader)(address).flags&gcMaskOnDemand != 0 != (t == types[0]) {
			return false
		}
		if !readsType(pointerMapOf(address), t) {
			return false
		}
	}
	return true
}

// readsType tells whether m has the pointer words of t and no others.
func readsType(m pointerMap, t reflect.Type) bool {
	var last uintptr
	ok := true
	pointerWords(t, 0, func(word uintptr) {
		for ; last < word; last++ {
			ok = ok && !m.has(last)
		}
		last = word + 1
		ok = ok && last*wordSize <= m.extent && m.has(word)
	})
	return ok && last*wordSize == m.extent && m.size == t.Size()
}

// learnBitmaps finds the gap behind the bitmap for each size that has one. Blocks of one size lie
// side by side, and a wrong gap shows the bits of some other block. Which pattern each has is left
// to chance, so that another gap fits all with a chance of one in 10^9 for a size at the most, in
// whatever state the heap is.
func (l *layout) learnBitmaps() bool {
	for size := Round(wordSize+1, true); size <= maxBitmapped; size = Round(size+1, true) {
		samples := bitmapped(size)
		found := 0
		for gap := uintptr(0); gap <= 256; gap += wordSize {
			if all(samples, func(s sample) bool { return bitmapOf(s.want, gap) == s.slots() }) {
				l.gap[size/wordSize] = gap
				found++
			}
		}
		if found != 1 {
			return false
		}
	}
	return true
}

// bitmapped allocates blocks of one size with many patterns.
func bitmapped(size uintptr) []sample {
	var fitting []pattern
	for _, p := range patterns {
		if n := size / p.typ.Size(); n > 0 && p.mask != 0 && Round(n*p.typ.Size(), true) == size {
			fitting = append(fitting, p)
		}
	}
	var samples []sample
	for range 24 {
		p := fitting[rand.IntN(len(fitting))]
		samples = append(samples, sampleOf(p, size/p.typ.Size()))
	}
	return samples
}

// slots is the pointer words of a sample that has at most 64.
func (s sample) slots() uint64 {
	var mask uint64
	for word := uintptr(0); word < s.request/wordSize; word += s.pattern.words {
		mask |= uint64(s.pattern.mask) << word
	}
	return mask
}

// learnLarge finds where spans of one large block note its type and its end.
func (l *layout) learnLarge() bool {
	var samples []sample
	for _, p := range patterns {
		samples = append(samples, sampleOf(p, maxSmall/p.typ.Size()+1))
	}
	var typed, limited bool
	l.largeType, typed = only(wordSize, func(offset uintptr) bool {
		return all(samples, func(s sample) bool {
			return wordAt(s.span, offset) == uintptr(typeAddress(s.pattern.typ))
		})
	})
	l.limit, limited = only(wordSize, func(offset uintptr) bool {
		return all(samples, func(s sample) bool {
			return wordAt(s.span, offset) == uintptr(s.value)+s.request
		})
	})
	return typed && limited
}

// readsPatterns tells whether the pointer words of blocks of all sizes are those of their types.
func (l *layout) readsPatterns() bool {
	for _, bytes := range []uintptr{wordSize, 100, maxBitmapped, 1000, 5000, 30_000, 33_000, 1 << 17} {
		for _, p := range patterns {
			if s := sampleOf(p, bytes/p.typ.Size()+1); !l.reads(s) {
				return false
			}
		}
	}
	return true
}

// reads tells whether l finds the pointer words of s, and no others before the end of its values.
func (l *layout) reads(s sample) bool {
	if s.want.Size == wordSize && s.pattern.words != 1 {
		return true
	}
	c := l.words(s.want)
	ok, values := true, s.request/s.pattern.typ.Size()
	for i := range values {
		pointerWords(s.pattern.typ, i*s.pattern.words, func(word uintptr) {
			slot, more := c.NextSlot()
			ok = ok && more && unsafe.Pointer(slot) == unsafe.Add(s.value, word*wordSize)
		})
	}
	for { // unused room at the end of a block, but of a large one
		slot, more := c.NextSlot()
		if !more || !ok {
			return ok
		}
		offset := uintptr(unsafe.Pointer(slot)) - uintptr(s.value)
		ok = pointerAt(unsafe.Pointer(slot)) == nil && s.request <= maxSmall-headerBytes &&
			offset >= s.request && offset < s.want.Size
	}
}

// readsClosure tells whether what a closure captures is found: no type of the program has it.
func (l *layout) readsClosure() bool {
	first, second := new([4]int), new([5]int)
	f := closure(first, 7, second)
	b := Block{Base: *(*unsafe.Pointer)(unsafe.Pointer(&f))}
	base, s, index := find(b.Base)
	if base == 0 {
		return false
	}
	page := l.page(s, base, index)
	if page.size == 0 {
		return false
	}
	var got []unsafe.Pointer
	for c := l.words(page.Block(b.Base)); ; {
		p, ok := c.Next()
		if !ok {
			break
		}
		if byteBase, _, _ := find(p); byteBase != 0 {
			got = append(got, p)
		}
	}
	return len(got) == 2 && f() == 7 &&
		(got[0] == unsafe.Pointer(first) && got[1] == unsafe.Pointer(second) ||
			got[1] == unsafe.Pointer(first) && got[0] == unsafe.Pointer(second))
}

//go:noinline
func closure(first *[4]int, n int, second *[5]int) func() int {
	return func() int { return first[0] + n + second[0] }
}
