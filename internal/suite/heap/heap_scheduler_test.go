package heap_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/suite"
)

// What the scheduler keeps of a program is alive whatever a value does, and a walk ends there: else a
// context with a timeout would hold all timers of the program, and a channel all that its waiters wait
// for besides.
func TestSchedulerIsNotHeld(t *testing.T) {
	if suite.Portable {
		t.Skip("the portable build does not look into timers and channels")
	}
	elsewhere := make([]byte, 64<<20)
	other := time.AfterFunc(time.Hour, func() { runtime.KeepAlive(elsewhere) })
	defer other.Stop()
	full := make(chan *int, 1<<19) // 4 MiB that the waiters select on besides
	for _, row := range []struct {
		why   string
		build func(t *testing.T) any
		most  uint64
	}{
		{"a context with a timeout", func(t *testing.T) any {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			t.Cleanup(cancel)
			return &ctx
		}, 600},
		{"one with a deadline, and values", func(t *testing.T) any {
			ctx, cancel := context.WithDeadline(context.WithValue(context.Background(), new(int), "x"),
				time.Now().Add(time.Hour))
			t.Cleanup(cancel)
			return &ctx
		}, 800},
		{"a function that runs later holds what it refers to", func(t *testing.T) any {
			own := make([]byte, 1000)
			timer := time.AfterFunc(time.Hour, func() { runtime.KeepAlive(own) })
			t.Cleanup(func() { timer.Stop() })
			require.Greater(t, memsize.Heap(timer), uint64(1000))
			return timer
		}, 1400},
		{"a ticker that someone waits for", func(t *testing.T) any {
			ticker := time.NewTicker(time.Hour)
			waits(t, func(done chan struct{}) {
				select {
				case <-ticker.C:
				case <-full:
				case <-done:
				}
			})
			return ticker
		}, 400},
		{"a channel on which selects wait", func(t *testing.T) any {
			c := make(chan *int)
			waits(t, func(done chan struct{}) {
				select {
				case <-c:
				case <-full:
				case <-done:
				}
			})
			return c
		}, 128},
		{"the same in a closure", func(t *testing.T) any {
			c := make(chan *int)
			waits(t, func(done chan struct{}) {
				select {
				case <-c:
				case <-full:
				case <-done:
				}
			})
			return func() { c <- nil }
		}, 160},
		{"a Cond", func(t *testing.T) any {
			cond := sync.NewCond(new(sync.Mutex))
			for range 5 {
				go func() {
					cond.L.Lock()
					defer cond.L.Unlock()
					cond.Wait()
				}()
			}
			t.Cleanup(cond.Broadcast)
			return cond
		}, 128},
	} {
		t.Run(row.why, func(t *testing.T) {
			v := row.build(t)
			time.Sleep(10 * time.Millisecond)
			require.LessOrEqual(t, memsize.Heap(v), row.most)
			require.Equal(t, memsize.Heap(v), memsize.Scan(v, memsize.OnHeap()).Total)
		})
	}
}

// waits starts goroutines that wait until the test is over.
func waits(t *testing.T, f func(done chan struct{})) {
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() { f(done) })
	}
	t.Cleanup(func() {
		close(done)
		group.Wait()
	})
}

// TestIdleConnections: a client's idle connections hold their buffers, and not the rest of the program.
func TestIdleConnections(t *testing.T) {
	if suite.Portable || suite.RaceDetector {
		t.Skip("the portable build does not look into timers and channels; the locks of a transport are " +
			"its own, so that its goroutines race with any reader")
	}
	elsewhere := make([]byte, 64<<20)
	other := time.AfterFunc(time.Hour, func() { runtime.KeepAlive(elsewhere) })
	defer other.Stop()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	transport := &http.Transport{IdleConnTimeout: time.Hour}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	response, err := client.Get(server.URL)
	require.NoError(t, err)
	_, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	time.Sleep(50 * time.Millisecond)
	require.Less(t, memsize.Heap(client), uint64(1<<20))
}
