package block_test

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/seed"
)

const wordSize = unsafe.Sizeof(uintptr(0))

// newRandom is random numbers from the seed of a test.
func newRandom(t testing.TB) *rand.Rand {
	return rand.New(rand.NewPCG(seed.Of(t), 0))
}

//go:noinline
func allocate[T any](n int) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]T, n)))
}

func needsRuntime(t testing.TB) {
	if portable {
		t.Skip("the portable build finds no blocks: see TestPortableFindsNothing")
	}
}

// On the releases and architectures that the tests run on, the checks must hold: that they fail
// elsewhere is safe, that they fail here is a loss nobody would notice otherwise.
func TestExact(t *testing.T) {
	require.Equal(t, !portable, block.Exact())
	require.Equal(t, !portable, block.PointersExact())
}

var global [3]int

func TestWhere(t *testing.T) {
	needsRuntime(t)
	text := strings.Repeat("x", 40)
	for _, c := range []struct {
		why  string
		p    unsafe.Pointer
		want block.Place
	}{
		{"nil is nowhere", nil, block.Unknown},
		{"a fresh block", allocate[int](5), block.Heap},
		{"its last byte", unsafe.Add(allocate[int](5), 5*wordSize-1), block.Heap},
		{"a string made at run time", unsafe.Pointer(unsafe.StringData(text)), block.Heap},
		{"a literal", unsafe.Pointer(unsafe.StringData("literal")), block.Static},
		{"a global", unsafe.Pointer(&global), block.Static},
		{"values without size share a global", unsafe.Pointer(new(struct{})), block.Static},
		{"a small value in an interface", dataOf(byte(7)), block.Static},
	} {
		require.Equal(t, c.want.String(), block.Where(c.p).String(), c.why)
		b, ok := block.Of(c.p)
		require.Equal(t, c.want == block.Heap, ok, c.why)
		if !ok {
			require.Zero(t, b, c.why)
		}
	}
}

func TestWhereStack(t *testing.T) {
	needsRuntime(t)
	var local [10]int // stays on the stack, as Where and Of let no pointer escape
	require.Equal(t, "stack", block.Where(unsafe.Pointer(&local)).String())
	_, ok := block.Of(unsafe.Pointer(&local[3]))
	require.False(t, ok)
}

func dataOf(v any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] }

// Small values without pointers share a block of 16 bytes, and hold all of it.
func TestTiny(t *testing.T) {
	needsRuntime(t)
	for n := 1; n < 16; n++ {
		b, ok := block.Of(allocate[byte](n))
		require.True(t, ok)
		require.Equal(t, uintptr(16), b.Size)
		require.False(t, b.Pointers)
	}
}

// Whatever is asked for, at every place in it, Of finds what Round foretells; what is
// known of its page does, too.
func TestOfAnywhere(t *testing.T) {
	needsRuntime(t)
	random := newRandom(t)
	pages := map[uintptr]block.Page{}
	var alive []unsafe.Pointer // what lies on a known page must be
	for range 20_000 {
		words := 1 + random.IntN(1<<random.IntN(14))
		p, pointers := allocate[*int](words), true
		if random.IntN(2) == 0 {
			words++ // no tiny block
			words += words & int(16/wordSize-1)
			p, pointers = allocate[uintptr](max(words, int(16/wordSize))), false
			words = max(words, int(16/wordSize))
		}
		alive = append(alive, p)
		bytes := uintptr(words) * wordSize
		inside := unsafe.Add(p, random.Uint64N(uint64(bytes)))
		b, ok := block.Of(inside)
		require.True(t, ok)
		require.Equal(t, block.Round(bytes, pointers), b.Size, "%d bytes", bytes)
		require.Equal(t, pointers, b.Pointers)
		before := uintptr(p) - uintptr(b.Base)
		require.True(t, before == 0 || before == 8 && pointers, "%d bytes before", before)
		key := uintptr(inside) >> 13
		page, known := pages[key]
		if !known {
			page, ok = block.PageOf(inside)
			require.True(t, ok)
			pages[key] = page
		}
		require.Equal(t, b, page.Block(inside))
		if random.IntN(500) == 0 {
			clear(pages)
			alive = nil
			runtime.GC() // pages change hands
		}
	}
	runtime.KeepAlive(alive)
}

// What is not on the heap has no page there.
func TestPageOffHeap(t *testing.T) {
	for _, p := range []unsafe.Pointer{nil, unsafe.Pointer(&global),
		unsafe.Pointer(unsafe.StringData("literal"))} {
		page, ok := block.PageOf(p)
		require.False(t, ok)
		require.Zero(t, page)
	}
	_, ok := block.PageOf(allocate[int](4))
	require.Equal(t, !portable, ok)
}

// Round is what the runtime says it allocated.
func TestRoundIsTotalAlloc(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	random := newRandom(t)
	for range 300 {
		n := int(16/wordSize) + random.IntN(1<<(2+random.IntN(13)))
		bytes := uintptr(n) * wordSize
		for _, c := range []struct {
			pointers bool
			make     func() unsafe.Pointer
		}{
			{false, func() unsafe.Pointer { return allocate[uintptr](n) }},
			{true, func() unsafe.Pointer { return allocate[*int](n) }},
		} {
			want := uint64(block.Round(bytes, c.pointers))
			require.True(t, allocates(c.make, want), "%d bytes, pointers %v", bytes, c.pointers)
		}
	}
}

// allocates tells whether f allocates just so many bytes. The runtime's own allocations can fall in
// between, so it is asked several times.
func allocates(f func() unsafe.Pointer, want uint64) bool {
	var before, after runtime.MemStats
	for range 10 {
		runtime.ReadMemStats(&before)
		p := f()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(p)
		if after.TotalAlloc-before.TotalAlloc == want {
			return true
		}
	}
	return false
}

func TestRoundSmall(t *testing.T) {
	for _, c := range []struct {
		why      string
		n, want  uintptr
		pointers bool
	}{
		{"nothing takes nothing", 0, 0, false},
		{"the first class", 1, 8, false},
		{"a class boundary", 48, 48, false},
		{"just above it", 49, 64, false},
		{"pointers make no difference to small blocks", 49, 64, true},
		{"a header pushes a large one over the boundary", 1024, 1152, true},
		{"without pointers there is no header", 1024, 1024, false},
		{"the last class", 32768, 32768, false},
		{"whole pages of 8 KiB", 32769, 40960, false},
		{"large blocks have no header", 40960, 40960, true},
	} {
		require.Equal(t, c.want, block.Round(c.n, c.pointers), c.why)
	}
}
