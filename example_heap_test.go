//go:build !memsize_portable && (amd64 || arm64)

package memsize_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize"
)

// Who holds this buffer? A cache that was thought to be empty.
func ExampleHolders() {
	type request struct{ body []byte }
	type server struct {
		active map[string]*request
		recent []*request
	}
	r := &request{body: make([]byte, 1<<20)}
	s := &server{active: map[string]*request{}, recent: []*request{nil, r}}
	chains, err := memsize.Holders(map[string]any{"s": s}, r.body)
	fmt.Println(chains, err)
	_, err = memsize.Holders(map[string]any{"s": s}, new(request))
	fmt.Println(err)
	// Output:
	// [s.recent[1].body] <nil>
	// memsize: none of the 1 roots leads to the *memsize_test.request
}

// The weight of an entry is its block and what it owns; links to its neighbours are the list's.
func ExampleCost() {
	type entry struct {
		key        string
		value      []byte
		next, prev *entry `memusage:"-"`
	}
	weigh := memsize.Cost[entry]()
	a := &entry{key: "a", value: make([]byte, 100)}
	b := &entry{key: "b", value: make([]byte, 10_000), prev: a}
	a.next = b
	fmt.Println(weigh(a), weigh(b))
	// Output: 176 10304
}

// Each field of a struct, by name, and what only it holds.
func ExampleFields() {
	var service struct {
		sessions map[int]*[100]int64
		recent   []*[100]int64
	}
	service.sessions = map[int]*[100]int64{}
	for i := range 8 {
		service.sessions[i] = new([100]int64)
	}
	service.recent = append(service.recent, service.sessions[0], service.sessions[1])
	r := memsize.ScanRoots(memsize.Fields(&service), memsize.OnHeap())
	for _, f := range r.Roots {
		fmt.Println(f.Name, f.Total, f.Only)
	}
	fmt.Println("shared", r.Shared)
	// Output:
	// recent 1808 16
	// sessions 7360 5568
	// shared 1792
}
