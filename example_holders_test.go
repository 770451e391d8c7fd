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
