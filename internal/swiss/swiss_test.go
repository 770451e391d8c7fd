package swiss_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// newRandom is random numbers from the seed of a test.
func newRandom(t testing.TB) *rand.Rand {
	return rand.New(rand.NewPCG(seed.Of(t), 0))
}

func needsLayout(t testing.TB) {
	if portable {
		t.Skip("the portable build knows no layout: see TestPortableKnowsNoLayout")
	}
}

// word is the map value itself: a pointer to the header.
func word[K comparable, V any](m map[K]V) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&m))
}

func layout[K comparable, V any](t testing.TB, _ map[K]V) *swiss.Type {
	l, ok := swiss.Layout(reflect.TypeFor[map[K]V]())
	require.True(t, ok, "%v", reflect.TypeFor[map[K]V]())
	return l
}

// On the releases and architectures that the tests run on, the checks must hold.
func TestExact(t *testing.T) { require.Equal(t, !portable, swiss.Exact()) }

func TestLayoutOfNoMap(t *testing.T) {
	require.PanicsWithValue(t,
		"swiss.Layout: []int is not a map type: ask for types of kind map only",
		func() { swiss.Layout(reflect.TypeFor[[]int]()) })
}

// A map type that the program makes while it runs lies like one that the compiler made.
func TestLayoutOfMadeType(t *testing.T) {
	needsLayout(t)
	typ := reflect.MapOf(reflect.TypeFor[[3]int16](), reflect.TypeFor[[40]string]())
	l, ok := swiss.Layout(typ)
	require.True(t, ok)
	m := reflect.MakeMap(typ)
	for i := range 1000 {
		m.SetMapIndex(reflect.ValueOf([3]int16{int16(i)}), reflect.ValueOf([40]string{fmt.Sprint(i)}))
	}
	seen := 0
	require.NoError(t, l.Each(m.UnsafePointer(), func(key, elem unsafe.Pointer) bool {
		seen++
		return (*[40]string)(elem)[0] == fmt.Sprint((*[3]int16)(key)[0])
	}))
	require.Equal(t, 1000, seen)
}

// change does one random thing to a map.
func change[K comparable, V any](r *rand.Rand, m *map[K]V, entry func(int) (K, V)) {
	put := func(n int) {
		from := r.IntN(1 << 20)
		for i := range n {
			k, v := entry(from + i)
			(*m)[k] = v
		}
	}
	switch r.IntN(6) {
	case 0:
		*m = make(map[K]V, r.IntN(1<<r.IntN(14)))
	case 1, 2:
		put(r.IntN(1 << r.IntN(14)))
	case 3:
		clear(*m)
	case 4:
		left := r.IntN(1 + len(*m))
		for k := range *m {
			if len(*m) <= left {
				break
			}
			delete(*m, k)
		}
	case 5:
		put(r.IntN(9))
	}
}

// checkEntries compares what is read with what range gives.
func checkEntries[K, V comparable](t *testing.T, m map[K]V) {
	want := make(map[K]V, len(m))
	for k, v := range m {
		want[k] = v
	}
	err := layout(t, m).Each(word(m), func(key, elem unsafe.Pointer) bool {
		k := *(*K)(key)
		v, ok := want[k]
		if !ok || v != *(*V)(elem) {
			t.Errorf("%v: read %v: %v, which range has as %v (%v)", reflect.TypeOf(m), k,
				*(*V)(elem), v, ok)
		}
		delete(want, k)
		return true
	})
	require.NoError(t, err)
	require.Empty(t, want, "%v: entries that were not read", reflect.TypeOf(m))
}

// checkBlocks compares the allocations with the allocator's blocks, and, where the heap can tell,
// with all blocks that the collector reaches from the header.
func checkBlocks[K, V comparable](t *testing.T, m map[K]V, alone bool) {
	seen := map[unsafe.Pointer]bool{}
	var sum uint64
	require.NoError(t, layout(t, m).Blocks(word(m), func(a swiss.Allocation) bool {
		if a.Size == 0 {
			return true
		}
		b, ok := block.Of(a.Base)
		require.True(t, ok)
		require.Equal(t, block.Round(a.Size, a.Pointers), b.Size, "%v of %d bytes", a.Kind, a.Size)
		require.Equal(t, a.Pointers, b.Pointers, "%v of %d bytes", a.Kind, a.Size)
		require.False(t, seen[b.Base], "%v twice", a.Kind)
		seen[b.Base] = true
		sum += uint64(b.Size)
		return true
	}))
	if blocks, bytes := block.Reachable(word(m)); alone {
		require.Equal(t, blocks, len(seen))
		require.Equal(t, bytes, sum)
	}
}

// checkMaps does random things to maps of one type. The map is alone if its entries lead nowhere.
func checkMaps[K, V comparable](t *testing.T, alone bool, entry func(int) (K, V)) {
	t.Run(reflect.TypeFor[map[K]V]().String(), func(t *testing.T) {
		random := newRandom(t)
		m := map[K]V{}
		for range 60 {
			change(random, &m, entry)
			checkEntries(t, m)
			checkBlocks(t, m, alone)
		}
	})
}

func TestRandomMaps(t *testing.T) {
	needsLayout(t)
	checkMaps(t, true, func(i int) (int, int) { return i, -i })
	checkMaps(t, true, func(i int) (uint8, uint64) { return uint8(i), uint64(i) })
	checkMaps(t, true, func(i int) (uint64, uint8) { return uint64(i), uint8(i) })
	checkMaps(t, true, func(i int) (uint32, struct{}) { return uint32(i), struct{}{} })
	checkMaps(t, true, func(i int) (struct{}, [5]byte) { return struct{}{}, [5]byte{byte(i)} })
	checkMaps(t, true, func(i int) ([36]byte, [3]uint16) {
		return [36]byte{byte(i), byte(i >> 8), byte(i >> 16)}, [3]uint16{uint16(i)}
	})
	checkMaps(t, true, func(i int) ([128]byte, [129]byte) {
		return [128]byte{byte(i), byte(i >> 8), byte(i >> 16)}, [129]byte{3: byte(i)}
	})
	checkMaps(t, true, func(i int) ([40]int, [50]*int) { return [40]int{3: i}, [50]*int{} })
	checkMaps(t, true, func(i int) ([200]byte, struct{}) {
		return [200]byte{byte(i), byte(i >> 8), byte(i >> 16)}, struct{}{}
	})
	checkMaps(t, false, func(i int) (string, *int) { return fmt.Sprint(i), &i })
	checkMaps(t, false, func(i int) (any, any) { return i, float64(i) })
	checkMaps(t, false, func(i int) (float64, [20]string) {
		return float64(i), [20]string{fmt.Sprint(i)}
	})
}

// A map of a million entries, and one that once was.
func TestMillion(t *testing.T) {
	needsLayout(t)
	m := map[uint64]uint64{}
	for i := range uint64(1_000_000) {
		m[i*i] = i
	}
	checkEntries(t, m)
	checkBlocks(t, m, true)
	for k := range m {
		if k%16 != 0 {
			delete(m, k)
		}
	}
	checkEntries(t, m)
	checkBlocks(t, m, true)
}

// What a map takes is what the heap grew by, to the byte.
func TestBlocksAreTheHeap(t *testing.T) {
	needsLayout(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, n := range []int{0, 1, 8, 9, 100, 896, 897, 5000, 100_000} {
		for _, room := range []int{0, n} {
			require.True(t, growsAsSaid(t, n, room), "%d entries in room for %d", n, room)
		}
	}
}

// growsAsSaid tells whether the heap grows by the blocks of a new map. The runtime's own
// allocations can fall in between, so it is asked several times.
func growsAsSaid(t *testing.T, n, room int) bool {
	var before, after runtime.MemStats
	for range 10 {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		m := filled(n, room)
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		var sum uint64
		err := layout(t, m).Blocks(word(m), func(a swiss.Allocation) bool {
			sum += uint64(block.Round(a.Size, a.Pointers))
			return true
		})
		require.NoError(t, err)
		if after.HeapAlloc-before.HeapAlloc == sum {
			return true
		}
	}
	return false
}

//go:noinline
func filled(n, room int) map[[17]int]int64 {
	m := make(map[[17]int]int64, room)
	for i := range n {
		m[[17]int{i}] = int64(i)
	}
	return m
}
