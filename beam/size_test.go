package memsizebeam

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
	"github.com/stretchr/testify/require"
)

type coin struct {
	Script []byte
	Height uint32
	Value  int64
}

type shard struct {
	ID    int
	Coins map[string]*coin
	Names []string
}

// shardOf is a snapshot with so many coins.
func shardOf(t *testing.T, id, coins int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(id)))
	s := shard{ID: id, Coins: map[string]*coin{}}
	for i := range coins {
		s.Coins[fmt.Sprintf("coin-%d-%d", id, i)] = &coin{make([]byte, 20+r.IntN(100)), r.Uint32(), r.Int64()}
		s.Names = append(s.Names, fmt.Sprint("name", r.Uint64()))
	}
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(s))
	return b.Bytes()
}

// processorTime is what this process has used of processors so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// 20,000 small shards are done in 10 s of two processors that have nothing else to do: 20 s of
// processor time. A tenth of them in a tenth of it in the short tests.
func TestManySmallShards(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		memfs.Write(fmt.Sprintf("memfs://small/shard-%05d.gob", i), shardOf(t, i, 8))
	}
	begin, clock := processorTime(), time.Now()
	_, _, failures := runPipeline(t, "memfs://small/*")
	used := processorTime() - begin
	t.Logf("%d shards: %v of processors, %v of time", n, used, time.Since(clock))
	require.Empty(t, failures)
	limit := time.Duration(n) * time.Millisecond
	if testing.Short() {
		limit += 3 * time.Second // the runner's start, and a machine that does other things as well
	}
	require.Less(t, used, limit)
}

// 1,000 shards of 1 MB take no more than 256 MiB beyond what the runner takes for one.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("scans 1 GB")
	}
	content := shardOf(t, 1, 8000)
	require.InDelta(t, 1e6, len(content), 1e5)
	memfs.Write("memfs://one/shard.gob", content)
	for i := range 1000 {
		memfs.Write(fmt.Sprintf("memfs://thousand/shard-%04d.gob", i), content) // the same memory
	}
	one := peak(func() { runPipeline(t, "memfs://one/*") })
	thousand := peak(func() { runPipeline(t, "memfs://thousand/*") })
	t.Logf("one shard: %d MiB; 1,000 shards: %d MiB", one>>20, thousand>>20)
	require.Less(t, thousand-min(one, thousand), uint64(256<<20))
}

// peak is the most heap in bytes that is in use while f runs, garbage included.
func peak(f func()) uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	var most atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			metrics.Read(sample)
			most.Store(max(most.Load(), sample[0].Value.Uint64()))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return most.Load()
}
