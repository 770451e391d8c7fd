package malloc_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/malloc"
)

const saturated uint64 = math.MaxUint64

// lookup is Lookup for names that must be known.
func lookup(t testing.TB, name string) malloc.Allocator {
	t.Helper()
	allocator, err := malloc.Lookup(name)
	require.NoError(t, err)
	return allocator
}

func TestLookup(t *testing.T) {
	names := malloc.Names()
	require.Equal(t, []string{"memusage64", "memusage32", "glibc", "glibc32", "jemalloc", "tcmalloc",
		"mimalloc", "go", "exact"}, names)
	for _, name := range names {
		require.Equal(t, name, lookup(t, name).Name())
	}
	for _, unknown := range []string{"", "GLIBC", "glibc ", "dlmalloc"} {
		_, err := malloc.Lookup(unknown)
		require.Error(t, err)
		require.ErrorContains(t, err, `"`+unknown+`"`, "the error says what was asked for")
		for _, name := range names {
			require.ErrorContains(t, err, name, "the error says what there is")
		}
	}
	names[0] = "changed"
	require.Equal(t, "memusage64", malloc.Names()[0], "the slice is the caller's")
}

func TestUsage(t *testing.T) {
	tests := []struct {
		allocator string
		request   uint64
		want      uint64
		why       string
	}{
		{"memusage64", 0, 0, "the one request that MallocUsage takes to be free"},
		{"memusage64", 1, 32, "the least chunk"},
		{"memusage64", 16, 32, "last of the first step"},
		{"memusage64", 17, 48, "where glibc takes 32: the model is of 2015"},
		{"memusage64", 32, 48, "last of its step"},
		{"memusage64", 33, 64, "first of the next"},
		{"memusage64", 262144, 262160, "a chunk of Core's pool; no pages in this model"},
		{"memusage64", saturated - 31, saturated - 15, "the last that C++ does not wrap"},
		{"memusage64", saturated - 30, saturated, "C++ wraps to 0 here"},
		{"memusage64", saturated, saturated, "C++ says 16"},

		{"memusage32", 0, 0, "free, as in 64 bits"},
		{"memusage32", 1, 16, "the least chunk"},
		{"memusage32", 8, 16, "last of the first step"},
		{"memusage32", 9, 24, "first of the next"},
		{"memusage32", 1<<32 - 1, 1<<32 + 8, "32-bit C++ wraps to 8; here the sum that was meant"},
		{"memusage32", saturated - 15, saturated - 7, "the last that fits"},
		{"memusage32", saturated - 14, saturated, "saturates at the end of 64 bits only"},
		{"memusage32", saturated, saturated, "never wraps"},

		{"exact", 0, 0, "nothing asked, nothing taken"},
		{"exact", 1, 1, "no rounding"},
		{"exact", saturated, saturated, "no rounding at the end either"},

		{"glibc", 0, 32, "malloc(0) is a request like any other"},
		{"glibc", 24, 32, "header 8, and the block may use the next chunk's first word"},
		{"glibc", 25, 48, "one more than fits the least chunk"},
		{"glibc", 131048, 131056, "the last below the mmap threshold"},
		{"glibc", 131049, 135168, "the chunk reaches 128 KiB: whole pages"},
		{"glibc", 262144, 266240, "a chunk of Core's pool: 16 bytes cost a page"},
		{"glibc", saturated - 4096, saturated, "pages that do not fit 64 bits"},
		{"glibc", saturated - 3, saturated, "a chunk that does not fit 64 bits"},

		{"glibc32", 0, 16, "MINSIZE"},
		{"glibc32", 12, 16, "header 4"},
		{"glibc32", 13, 32, "16-byte steps since glibc 2.26"},
		{"glibc32", 131052, 131056, "the last below the mmap threshold"},
		{"glibc32", 131053, 135160, "33 pages, less 8 bytes before the chunk that align the block"},
		{"glibc32", saturated - 4096, saturated, "8 bytes less than saturated would be a lie"},

		{"jemalloc", 0, 8, "the tiny class"},
		{"jemalloc", 9, 16, "the quantum"},
		{"jemalloc", 129, 160, "four classes in each doubling from 128 on"},
		{"jemalloc", 1<<63 + 1, 1<<63 + 1<<61, "the rule goes on beyond what the library serves"},
		{"jemalloc", 7 << 61, 7 << 61, "the last class that fits 64 bits"},
		{"jemalloc", 7<<61 + 1, saturated, "2^64 does not"},

		{"tcmalloc", 0, 8, "the first class"},
		{"tcmalloc", 17, 32, "no class of 24: 16 bytes must be aligned to 16"},
		{"tcmalloc", 3329, 4096, "3584 fits a span no more often than 4096: merged"},
		{"tcmalloc", 256<<10 + 1, 264 << 10, "beyond the classes, pages of 8 KiB"},
		{"tcmalloc", saturated, saturated, "pages that do not fit"},

		{"mimalloc", 0, 8, "one word"},
		{"mimalloc", 17, 32, "an even number of words"},
		{"mimalloc", 128<<10 + 1, 192 << 10, "beyond the bins, slices of 64 KiB"},
		{"mimalloc", 512<<10 + 1, 1 << 20, "beyond a medium page, steps of 512 KiB"},
		{"mimalloc", 16<<20 + 1, 17 << 20, "huge: a segment of its own"},
		{"mimalloc", saturated, saturated, "a segment that does not fit"},

		{"go", 0, 0, "all blocks of no bytes are one"},
		{"go", 1, 8, "the first size class"},
		{"go", 32<<10 + 1, 40 << 10, "beyond the classes, pages of 8 KiB"},
		{"go", saturated, saturated, "pages that do not fit"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, lookup(t, tt.allocator).Usage(tt.request),
			"%s(%d): %s", tt.allocator, tt.request, tt.why)
	}
}

// requireGuarantees checks what the package documentation promises of every request.
func requireGuarantees(t testing.TB, n uint64) {
	for _, name := range malloc.Names() {
		allocator := lookup(t, name)
		usage := allocator.Usage(n)
		require.GreaterOrEqual(t, usage, n, "%s(%d) is less than the request", name, n)
		if n > 0 {
			require.LessOrEqual(t, allocator.Usage(n-1), usage, "%s is not monotonic at %d", name, n)
		}
	}
	require.Equal(t, malloc.Usage(n), lookup(t, "memusage64").Usage(n))
	require.Equal(t, formula(n, 31, 4), lookup(t, "memusage64").Usage(n), "memusage64(%d)", n)
	require.Equal(t, formula(n, 15, 3), lookup(t, "memusage32").Usage(n), "memusage32(%d)", n)
}

// formula is MallocUsage in integers without end: (n + add) >> shift << shift, 0 for 0, and
// saturated where the result, or in the formula's own terms n + add, does not fit.
func formula(n, add uint64, shift uint) uint64 {
	if n == 0 {
		return 0
	}
	sum := new(big.Int).Add(new(big.Int).SetUint64(n), new(big.Int).SetUint64(add))
	if !sum.IsUint64() {
		return saturated
	}
	return sum.Rsh(sum, shift).Lsh(sum, shift).Uint64()
}

// TestGuarantees tries random requests of every magnitude, and both sides of every power of two.
func TestGuarantees(t *testing.T) {
	random := rand.New(rand.NewPCG(seed.Of(t), 0))
	for bit := range 64 {
		power := uint64(1) << bit
		for _, n := range []uint64{power - 1, power, power + 1, -power, -power - 1} {
			requireGuarantees(t, n)
		}
		for range 200 {
			requireGuarantees(t, power|random.Uint64N(power))
		}
	}
}

func TestUsageAllocatesNothing(t *testing.T) {
	for _, name := range malloc.Names() {
		allocator := lookup(t, name)
		allocator.Usage(1) // the size classes of go and tcmalloc are found at first use
		allocations := testing.AllocsPerRun(10, func() {
			for n := uint64(1); n != 0; n <<= 1 {
				allocator.Usage(n)
			}
		})
		require.Zero(t, allocations, name)
	}
}

func FuzzUsage(f *testing.F) {
	for _, n := range []uint64{0, 1, 24, 25, 131048, 131049, 1<<32 - 1, saturated - 31, saturated} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n uint64) { requireGuarantees(t, n) })
}

func BenchmarkUsage(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	requests := make([]uint64, 1024)
	for i := range requests {
		requests[i] = random.Uint64N(1 << random.Uint64N(21))
	}
	for _, name := range malloc.Names() {
		allocator := lookup(b, name)
		b.Run(name, func(b *testing.B) {
			var sum uint64
			for i := range b.N {
				sum += allocator.Usage(requests[i%len(requests)])
			}
			require.NotZero(b, sum)
		})
	}
}
