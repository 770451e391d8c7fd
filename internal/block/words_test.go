//go:build !memsize_portable

package block_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/reused"
)

// gcbits is what the collector itself would look at from a pointer on: a byte a word, 1 for a
// pointer, trailing zeros cut off (runtime.pointerMask). It is the oracle, and only that.
//
//go:linkname gcbits reflect.gcbits
func gcbits(any) []byte

// randomType is a type of at most some words.
func randomType(r *rand.Rand, depth int) reflect.Type {
	leaves := []reflect.Type{reflect.TypeFor[*int](), reflect.TypeFor[uintptr](),
		reflect.TypeFor[string](), reflect.TypeFor[any](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[byte](), reflect.TypeFor[map[int]int](), reflect.TypeFor[error](),
		reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[float64](),
		reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[[0]*int](), reflect.TypeFor[struct{}]()}
	switch n := r.IntN(4); {
	case depth > 0 && n == 0:
		return reflect.ArrayOf(r.IntN(40), randomType(r, depth-1))
	case depth > 0 && n < 3:
		var fields []reflect.StructField
		for i := range 1 + r.IntN(6) {
			t := randomType(r, depth-1)
			fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", i), Type: t})
		}
		return reflect.StructOf(fields)
	}
	return leaves[r.IntN(len(leaves))]
}

// For random types, the pointer words are those that the collector sees: single values and arrays
// that grew, so that blocks have unused room.
func TestWordsAreTheCollectors(t *testing.T) {
	random := newRandom(t)
	sizes := map[string]int{}
	for range 2_000 {
		typ := randomType(random, random.IntN(4))
		if typ.Size() == 0 || typ.Size() > 1<<20 {
			continue
		}
		n := 1 + random.IntN(1+min(1<<random.IntN(11), 1<<18/int(typ.Size())))
		array := reflect.MakeSlice(reflect.SliceOf(typ), n, n)
		first := array.Index(0).Addr()
		want := gcbits(first.Interface())
		b, ok := block.Of(first.UnsafePointer())
		require.True(t, ok)
		if !b.Pointers {
			require.NotContains(t, want, byte(1), "%v", typ)
			continue
		}
		sizes[sizeKind(b.Size)]++
		requireSame(t, want, slotsOf(b, first.UnsafePointer()), n*int(typ.Size())/int(wordSize))
	}
	t.Log(sizes)
	require.Len(t, sizes, 3, "small, middle and large blocks must all be met")
}

func sizeKind(size uintptr) string {
	switch {
	case size <= wordSize*wordSize*8:
		return "bitmap"
	case size <= 32<<10:
		return "header"
	}
	return "large"
}

// slotsOf is the pointer words of b from a value on, in the form of gcbits.
func slotsOf(b block.Block, value unsafe.Pointer) []byte {
	words := make([]byte, b.Size/wordSize)
	for c := b.Words(); ; {
		slot, ok := c.NextSlot()
		if !ok {
			return words
		}
		words[(uintptr(unsafe.Pointer(slot))-uintptr(value))/wordSize] = 1
	}
}

// requireSame compares the words that values take. Behind them the collector's own answer goes on
// to the end of the block, though there is nothing.
func requireSame(t *testing.T, want, got []byte, words int) {
	t.Helper()
	at := func(list []byte, i int) byte {
		if i < len(list) {
			return list[i]
		}
		return 0
	}
	for i := range words {
		if at(want, i) != at(got, i) {
			require.Equal(t, at(want, i), at(got, i), "word %d of %d", i, words)
		}
	}
}

// Beyond 128 KiB of pointers in one type, the runtime makes the bits when it needs them.
func TestWordsOfHugeTypes(t *testing.T) {
	type pair struct {
		_ uintptr
		p *int
	}
	type other [30_000]struct {
		_ [2]any
		_ string
	}
	huge := new([50_000]pair)
	huge[0].p, huge[49_999].p = new(int), new(int)
	for _, v := range []any{huge, new(other), &make([]other, 3)[0]} {
		p := reflect.ValueOf(v).UnsafePointer()
		b, ok := block.Of(p)
		require.True(t, ok)
		words := int(reflect.TypeOf(v).Elem().Size() / wordSize)
		requireSame(t, gcbits(v), slotsOf(b, p), words)
	}
	var got []unsafe.Pointer
	b, _ := block.Of(unsafe.Pointer(huge))
	b.EachPointer(func(p unsafe.Pointer) { got = append(got, p) })
	require.Equal(t, []unsafe.Pointer{unsafe.Pointer(huge[0].p), unsafe.Pointer(huge[49_999].p)}, got)
}

// A cursor can be kept and goes on where it was; what it finds is what was put there.
func TestNextResumes(t *testing.T) {
	for _, n := range []int{1, 3, 60, 65, 1000, 5000, 100_000} {
		array := unsafe.Slice((**int)(allocate[*int](n)), n) // never on the stack
		var want []*int
		for i := 0; i < n; i += 3 {
			array[i] = new(int)
			want = append(want, array[i])
		}
		b, ok := block.Of(unsafe.Pointer(&array[n/2]))
		require.True(t, ok)
		c := b.Words()
		var got []*int
		for {
			copied := c
			p, ok := c.Next()
			again, _ := copied.Next()
			if p != again {
				require.Equal(t, p, again)
			}
			if !ok {
				break
			}
			got = append(got, (*int)(p))
		}
		require.Equal(t, len(want), len(got))
		for i := range want {
			if want[i] != got[i] {
				require.Same(t, want[i], got[i])
			}
		}
		_, ok = c.Next()
		require.False(t, ok, "it stays at the end")
	}
}

// While the collector runs without pause, blocks and pointer words stay what they are.
func TestUnderGC(t *testing.T) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	root := makeGraph(rand.New(rand.NewPCG(1, 2)), 3000)
	blocks, bytes := block.Reachable(root)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				n, size := block.Reachable(root)
				if n != blocks || size != bytes {
					t.Errorf("%d blocks of %d bytes, then %d of %d", blocks, bytes, n, size)
				}
			}
		})
	}
	group.Wait()
	close(stop)
	<-done
}

// Memory that another goroutine wrote before it was freed is read as it is now: a race detector
// that still has those writes must not report them. Reused pages get blocks of another size, so
// that the headers and the unused ends of the blocks lie where values were.
func TestWordsOfReusedMemory(t *testing.T) {
	reused.Meet(t, func(x *[1100 / 8]*int) {
		b, ok := block.Of(unsafe.Pointer(x))
		require.True(t, ok)
		b.EachPointer(func(unsafe.Pointer) { t.Fatal("a pointer in a block of none") })
	})
}
