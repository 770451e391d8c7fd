package block_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/block"
)

// bytesOf is what the collector's pointer maps lead to from p, without the scheduler.
func bytesOf(p unsafe.Pointer) uint64 {
	_, bytes := block.Reachable(p)
	return bytes
}

// TestSchedulerEndsAWalk: whoever waits on a channel, a Cond or a timer, what these lead to stays what
// it was when nobody waited.
func TestSchedulerEndsAWalk(t *testing.T) {
	if !block.PointersExact() {
		t.Skip("this build does not know the collector's pointer maps")
	}
	big := make([]byte, 1<<22)
	elsewhere := make(chan *int, 1<<16)
	held := time.AfterFunc(time.Hour, func() { runtime.KeepAlive(big) })
	defer held.Stop()
	type part struct {
		c    chan *int
		cond *sync.Cond
	}
	v := &part{c: make(chan *int), cond: sync.NewCond(new(sync.Mutex))}
	before := bytesOf(unsafe.Pointer(v))
	done, ready := make(chan struct{}), make(chan struct{}, 100)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			ready <- struct{}{}
			select {
			case <-v.c:
			case elsewhere <- nil:
			case <-done:
			}
		})
		group.Go(func() {
			v.cond.L.Lock()
			ready <- struct{}{}
			v.cond.Wait()
			v.cond.L.Unlock()
		})
	}
	for range 1 << 16 {
		select {
		case elsewhere <- nil: // full: the selects wait
		default:
		}
	}
	for range 40 {
		<-ready
	}
	time.Sleep(10 * time.Millisecond)
	require.Equal(t, before, bytesOf(unsafe.Pointer(v)))
	close(done)
	v.cond.L.Lock()
	v.cond.Broadcast()
	v.cond.L.Unlock()
	group.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	require.Less(t, bytesOf((*[2]unsafe.Pointer)(unsafe.Pointer(&ctx))[1]), uint64(1024),
		"a context keeps its own timer, and not those of others")
	runtime.KeepAlive(elsewhere)
}
