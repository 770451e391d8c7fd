package block_test

import (
	"testing"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// One lookup an iteration: in the order of memory, and in an order that the processor cannot guess.
func BenchmarkLookup(b *testing.B) {
	needsRuntime(b)
	const n = 1 << 20
	random := newRandom(b)
	list := make([]unsafe.Pointer, n)
	for i := range list {
		list[i] = unsafe.Pointer(new([3]*int))
	}
	for _, order := range []string{"sequential", "random"} {
		if order == "random" {
			random.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		var sum uintptr
		b.Run("Of/"+order, func(b *testing.B) {
			i := 0
			for b.Loop() {
				found, _ := block.Of(list[i%n])
				sum += found.Size
				i++
			}
		})
	}
}

func BenchmarkReachable(b *testing.B) {
	needsRuntime(b)
	const n = 100_000
	list := make([]*[3]*int, n)
	for i := range list {
		list[i] = &[3]*int{new(int)}
	}
	for b.Loop() {
		block.Reachable(unsafe.Pointer(&list[0]))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(2*n+1)), "ns/block")
}
