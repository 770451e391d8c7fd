package swiss_test

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/modern-go/reflect2"
)

// Each iteration of a benchmark goes through all entries; ns/entry is the figure to look at.
func BenchmarkEntries(b *testing.B) {
	needsLayout(b)
	small := map[string]any{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}
	large, texts := map[uint64]*int{}, map[string]string{}
	for i := range uint64(1_000_000) {
		large[i*7] = new(int)
		texts[string(rune(i))+"-"+string(rune(i>>3))] = "value"
	}
	benchmarkMap(b, "6", small)
	benchmarkMap(b, "1e6", large)
	benchmarkMap(b, "1e6", texts)
}

func benchmarkMap[K comparable, V any](b *testing.B, size string, m map[K]V) {
	name := reflect.TypeOf(m).String() + "/" + size + "/"
	perEntry := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(m)), "ns/entry")
	}
	var sum uintptr
	b.Run(name+"swiss", func(b *testing.B) {
		l := layout(b, m)
		b.ReportAllocs()
		for b.Loop() {
			for it := l.Iterate(word(m)); ; {
				key, elem, ok := it.Next()
				if !ok {
					break
				}
				sum += uintptr(*(*byte)(key)) + uintptr(*(*byte)(elem))
			}
		}
		perEntry(b)
	})
	b.Run(name+"groups", func(b *testing.B) {
		l := layout(b, m)
		b.ReportAllocs()
		for b.Loop() {
			for it := l.Iterate(word(m)); ; {
				group, ok := it.NextGroup()
				if !ok {
					break
				}
				for ; group.More(); group.Next() {
					sum += uintptr(*(*byte)(group.Key())) + uintptr(*(*byte)(group.Elem()))
				}
			}
		}
		perEntry(b)
	})
	b.Run(name+"range", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for k, v := range m {
				sum += uintptr(*(*byte)(unsafe.Pointer(&k))) + uintptr(*(*byte)(unsafe.Pointer(&v)))
			}
		}
		perEntry(b)
	})
	b.Run(name+"reflect2", func(b *testing.B) {
		typ := reflect2.Type2(reflect.TypeOf(m)).(*reflect2.UnsafeMapType)
		b.ReportAllocs()
		for b.Loop() {
			for it := typ.UnsafeIterate(unsafe.Pointer(&m)); it.HasNext(); {
				key, elem := it.UnsafeNext()
				sum += uintptr(*(*byte)(key)) + uintptr(*(*byte)(elem))
			}
		}
		perEntry(b)
	})
}
