// Command program prints what its package-level variables hold, for the tests of package globals.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/globals"
)

type session struct {
	id   string
	data []byte
}

var (
	sessions = map[string]*session{}
	index    = map[int][]string{}
	mux      = http.NewServeMux()
	numbers  [100]int
	static   = &cache{names: []*string{new(string)}} // lies beside the variable, without a name
	unknown  store                                   // a type that nothing puts into an interface
	inner    struct {
		cache map[string]session
		hits  int
	}
)

type (
	cache struct {
		limit int
		names []*string
		byKey map[string][]byte
	}
	store struct {
		first, last *entry
		byName      map[string][]*entry
		extra       any
		done        chan *entry
		fail        error
		f           func()
		names       [2]string
	}
	entry struct {
		next *entry
		data []byte
	}
)

// heap is how many bytes are alive.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (s *store) add(name string) {
	e := &entry{data: make([]byte, 1000)}
	if s.last != nil {
		s.last.next = e
	} else {
		s.first = e
	}
	s.last = e
	if s.byName == nil {
		s.byName, s.done = map[string][]*entry{}, make(chan *entry, 3)
	}
	s.byName[name] = append(s.byName[name], e)
}

func main() {
	runtime.GOMAXPROCS(1)
	runtime.MemProfileRate = 0
	heap()
	before := heap()
	for i := range 50 {
		unknown.add(fmt.Sprint("name ", i%7))
	}
	before = heap() - before // what main.unknown took, which must not be put into an interface
	for i := range 1000 {
		s := &session{fmt.Sprint("session ", i), make([]byte, 100)}
		sessions[s.id] = s
		index[i%10] = append(index[i%10], s.id)
	}
	static.byKey = map[string][]byte{"x": make([]byte, 3000)}
	mux.HandleFunc("/x", func(http.ResponseWriter, *http.Request) {})
	inner.cache = map[string]session{"x": {"x", make([]byte, 5000)}}
	numbers[3] = len(os.Args)
	start := time.Now()
	roots, err := globals.Roots()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	found := time.Since(start)
	r := memsize.ScanRoots(roots, memsize.OnHeap())
	totals := map[string][2]uint64{}
	for _, f := range r.Roots {
		totals[f.Name] = [2]uint64{f.Total, f.Only}
	}
	want := map[string]uint64{"main.sessions": memsize.Heap(sessions), "main.index": memsize.Heap(index),
		"main.mux": memsize.Heap(mux), "main.inner": memsize.Heap(inner), "main.unknown": before, "main.static": memsize.Heap(static)}
	fmt.Fprintln(os.Stderr, len(roots), "variables in", found)
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"totals": totals, "want": want}); err != nil {
		panic(err)
	}
}
