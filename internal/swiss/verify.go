package swiss

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/check"
)

// Exact tells whether maps can be read: the checks made at first use held.
func Exact() bool { return verified() }

var verified = sync.OnceValue(func() bool { return !portable && check.Holds(check.Maps, verify) })

// verify reads maps of all forms and compares them with what range and the allocator say.
func verify() bool {
	for _, n := range []int{0, 1, 7, 8, 9, 15, 100, 1000, 3000} {
		if !verifyMaps(n) {
			return false
		}
	}
	return true
}

func verifyMaps(n int) bool {
	ints, texts := newMap[int, int](0), newMap[string, *int](n)
	large, none := newMap[[17]int, [3]string](0), newMap[uint8, struct{}](0)
	for i := range n {
		ints[i] = i * i
		texts[string(rune('a'+i))] = new(int)
		large[[17]int{i}] = [3]string{}
		none[uint8(i)] = struct{}{}
	}
	return fits(ints) && fits(texts) && fits(large) && fits(none) &&
		fits(shrunk(ints)) && fits(shrunk(large)) && fits(cleared(texts))
}

// newMap makes a map on the heap.
//
//go:noinline
func newMap[K, V comparable](room int) map[K]V { return make(map[K]V, room) }

// shrunk deletes three of four entries.
func shrunk[K, V comparable](m map[K]V) map[K]V {
	n := 0
	for k := range m {
		if n%4 != 0 {
			delete(m, k)
		}
		n++
	}
	return m
}

func cleared[K, V comparable](m map[K]V) map[K]V {
	clear(m)
	return m
}

// fits tells whether m is read right: its entries, and its blocks where package block can tell.
func fits[K, V comparable](m map[K]V) bool {
	l, ok := layoutOf(reflect.TypeFor[map[K]V]())
	word := *(*unsafe.Pointer)(unsafe.Pointer(&m))
	if !ok || (*header)(word).used != uint64(len(m)) || (*header)(word).writing != 0 {
		return false
	}
	left := len(m)
	err := l.Each(word, func(key, elem unsafe.Pointer) bool {
		v, ok := m[*(*K)(key)]
		left--
		return ok && v == *(*V)(elem)
	})
	if err != nil || left != 0 {
		return false
	}
	ok = true
	err = l.Blocks(word, func(a Allocation) bool {
		ok = !block.Exact() || matches(a)
		return ok
	})
	return ok && err == nil
}

// matches tells whether an allocation has a block of its own, of the size that such requests get.
func matches(a Allocation) bool {
	b, ok := block.Of(a.Base)
	header := uintptr(a.Base) - uintptr(b.Base)
	return ok && b.Size == block.Round(a.Size, a.Pointers) && b.Pointers == a.Pointers &&
		(header == 0 || header == 8 && a.Pointers)
}
