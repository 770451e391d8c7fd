package memsizehttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/watch"
)

// contextOf is a request's context that can be ended.
func contextOf(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithCancel(r.Context())
}

// store is a program's data, written under a lock all the time.
type store struct {
	mu     sync.Mutex
	values map[int][]byte
	wait   atomic.Int64 // the longest that a writer waited for the lock, in nanoseconds
	writes atomic.Int64
}

// write writes a value as a server would, and notes how long it waited.
func (s *store) write(i int) {
	began := time.Now()
	s.mu.Lock()
	waited := int64(time.Since(began))
	s.values[i%3_000] = make([]byte, i%500)
	s.mu.Unlock()
	s.writes.Add(1)
	for most := s.wait.Load(); waited > most && !s.wait.CompareAndSwap(most, waited); most = s.wait.Load() {
	}
}

// timed is the lock of a store as walks take it: it notes how long they hold it.
type timed struct {
	*store
	since time.Time
	held  atomic.Int64 // the longest, in nanoseconds
	walks atomic.Int64
}

func (l *timed) Lock() {
	l.mu.Lock()
	l.since = time.Now()
}

func (l *timed) Unlock() {
	held := int64(time.Since(l.since))
	l.held.Store(max(l.held.Load(), held)) // under the lock
	l.walks.Add(1)
	l.mu.Unlock()
}

// loadTime is how long the test under load runs: MEMSIZE_LOAD, which make test-full sets.
func loadTime(t *testing.T) time.Duration {
	if s := os.Getenv("MEMSIZE_LOAD"); s != "" {
		d, err := time.ParseDuration(s)
		require.NoError(t, err)
		return d
	}
	return 2 * time.Second
}

// A server that writes under its lock, and a hundred clients of its debug page: none fails, walks
// do not pile up, and no writer waits for longer than one walk holds the lock.
func TestUnderLoad(t *testing.T) {
	s := &store{values: map[int][]byte{}}
	for i := range 3_000 {
		s.write(i)
	}
	const budget, age = 5 * time.Second, 100 * time.Millisecond
	lock := &timed{store: s}
	w := watch.New(memsize.OnHeap())
	w.Add("store", &s.values, watch.Lock(lock), watch.Budget(budget))
	w.Add("other", &[]int{1}, watch.Lock(lock))
	server := httptest.NewServer(memsizehttp.Handler(w, memsizehttp.MaxAge(age)))
	defer server.Close()
	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 100

	quiet := loaded(t, s, client, server.URL, loadTime(t)/4, []string{"GET /"})
	noise := time.Duration(s.wait.Swap(0))
	statuses := loaded(t, s, client, server.URL, loadTime(t), []string{"GET /", "GET /store/json",
		"GET /all?debug=1", "GET /store/pprof", "GET /other", "GET /store/diff", "POST /store", "POST /all"})

	waited, held := time.Duration(s.wait.Load()), time.Duration(lock.held.Load())
	t.Logf("%v without walks; then %v; %d writes, %d walks, locked for at most %v, writers waited at "+
		"most %v (without walks %v)", quiet, statuses, s.writes.Load(), lock.walks.Load(), held, waited, noise)
	for status := range statuses {
		require.Contains(t, []int{200, 404, 429, 503}, status, "404: no report before; 503: over budget")
	}
	require.Greater(t, statuses[200], 100)
	require.Greater(t, lock.walks.Load(), int64(2))
	require.LessOrEqual(t, held, budget+held/10, "no walk holds the lock for longer than its budget")
	// A busy machine may not run a writer for a while: as long as was seen without walks, and more.
	require.LessOrEqual(t, waited, held+max(10*noise, budget/4), "writers wait for one walk, not for several")
	state, _ := w.State("store")
	require.LessOrEqual(t, state.Last.Cost.Time, budget+budget/10)
}

// loaded lets clients ask for a while, while the store is written, and counts the statuses.
func loaded(t *testing.T, s *store, client *http.Client, base string, d time.Duration,
	requests []string) map[int]int {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var running sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 2 {
		running.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				s.write(i)
				time.Sleep(50 * time.Microsecond)
			}
		})
	}
	for c := range 100 {
		running.Go(func() {
			for i := c; ctx.Err() == nil; i++ {
				method, target, _ := strings.Cut(requests[i%len(requests)], " ")
				r, err := http.NewRequestWithContext(context.Background(), method, base+target, nil)
				if err != nil {
					t.Error(err)
					return
				}
				a, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, a.Body)
				if err != nil {
					t.Error(err)
				}
				_ = a.Body.Close()
				mu.Lock()
				statuses[a.StatusCode]++
				mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	running.Wait()
	return statuses
}
