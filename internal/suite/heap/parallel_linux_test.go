package heap_test

import (
	"fmt"
	"math/rand"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/bitcoin-mem/memsize"
)

// branch is a node of a tree.
type branch struct{ left, right *branch }

// bush is a tree of n nodes, in random order in memory: half of all references lead to another worker's part.
func bush(n int) *branch {
	nodes := make([]*branch, n)
	for i := range nodes {
		nodes[i] = new(branch)
	}
	rand.New(rand.NewSource(1)).Shuffle(n, func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	for i, b := range nodes[:n/2] {
		b.left, b.right = nodes[2*i+1], nodes[min(2*i+2, n-1)]
	}
	return nodes[0]
}

// BenchmarkParallel compares two workers with one, in turns: the least time of each, by the clock and by the
// processor. The ratio by the clock means something only where two processors are idle.
func BenchmarkParallel(b *testing.B) {
	type coin struct {
		script []byte
		value  int64
	}
	type record struct {
		name string
		tags []string
		any  any
		more *record
	}
	coins, records := map[[36]byte]*coin{}, []*record{}
	for i := range 600_000 {
		key := [36]byte{byte(i), byte(i >> 8), byte(i >> 16)}
		coins[key] = &coin{make([]byte, 25), int64(i)}
	}
	for i := range 250_000 {
		text := fmt.Sprintf("%025d", i)
		records = append(records, &record{text, []string{text[1:] + "x"}, text + "y", new(record)})
	}
	for _, row := range []struct {
		name  string
		value any
	}{{"coins", coins}, {"records", records}, {"tree", bush(2_000_000)}} {
		b.Run(row.name, func(b *testing.B) {
			var clock, cpu [2]time.Duration
			for b.Loop() {
				for i, opts := range [][]memsize.Option{nil, {memsize.Parallel(2)}} {
					runtime.GC()
					began, used := time.Now(), processorTime()
					memsize.Heap(row.value, opts...)
					least(&clock[i], time.Since(began))
					least(&cpu[i], processorTime()-used)
				}
			}
			b.ReportMetric(float64(clock[1])/float64(clock[0]), "wall-ratio")
			b.ReportMetric(float64(cpu[1])/float64(cpu[0]), "cpu-ratio")
		})
	}
}

func least(d *time.Duration, with time.Duration) {
	if *d == 0 || with < *d {
		*d = with
	}
}

// processorTime is what this process has taken.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
