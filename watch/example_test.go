//go:build !memsize_portable && !386

package watch_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/watch"
)

// A program names what it keeps, with the locks that guard it.
func Example() {
	var app struct {
		mu       sync.RWMutex
		sessions map[string][]byte
		index    map[string]string
	}
	app.sessions = map[string][]byte{"ann": make([]byte, 1000)}
	app.index = map[string]string{"ann@example.org": "ann"}

	w := watch.New(memsize.OnHeap())
	w.Add("sessions", memsize.Var(&app.sessions), watch.Lock(app.mu.RLocker()), watch.Budget(5*time.Second))
	w.Add("index", memsize.Var(&app.index), watch.Lock(app.mu.RLocker()))

	r, err := w.Scan(context.Background()) // takes the lock once, for both
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, root := range r.Roots {
		fmt.Println(root.Name, root.Total, "bytes")
	}
	// Output:
	// index 336 bytes
	// sessions 1424 bytes
}

// A cache of another package keeps its lock to itself, and has a method that holds it.
func ExampleWithin() {
	cache := new(guarded)
	w := watch.New(memsize.OnHeap())
	w.Add("cache", cache, watch.Within(cache.Exclusively))
	r, err := w.ScanRoot(context.Background(), "cache")
	fmt.Println(r.Total, err)
	// Output: 32 <nil>
}

type guarded struct {
	mu      sync.Mutex
	entries []string
}

func (g *guarded) Exclusively(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}
