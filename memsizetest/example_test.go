//go:build !memsize_portable && !386

package memsizetest_test

import (
	"fmt"
	"testing"

	"github.com/bitcoin-mem/memsize/memsizetest"
)

// printer stands for the *testing.T of a test, so that an example can show what a failure says.
type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format, args...) }

// A test of a server finds that each request leaves something behind, and where.
func ExampleNoGrowth() {
	var t printer // in a test: func TestRequests(t *testing.T)

	type server struct{ Seen map[int]*[100]byte }
	s := &server{map[int]*[100]byte{}}
	request := func() { s.Seen[len(s.Seen)] = new([100]byte) }

	memsizetest.NoGrowth(t, s.Seen, request, 100)
	// Output:
	// memsizetest: with every 100 operations more is held
	//
	// where                                           values                                     bytes on the heap
	// root[]  *[100]uint8        100 → 200 → 300 → 400 → 500  10.9 KiB → 21.9 KiB → 32.8 KiB → 43.8 KiB → 54.7 KiB
	// root  map[int]*[100]uint8            1 → 1 → 1 → 1 → 1      2,392 B → 4,952 B → 9,560 B → 9,560 B → 18.1 KiB
}

// A session may hold so much and no more.
func ExampleAtMost() {
	var t printer // in a test: func TestSession(t *testing.T)

	type session struct {
		User  string
		Roles map[string]bool
	}
	s := session{Roles: map[string]bool{"reader": true}}
	memsizetest.AtMost(t, &s, "128")
	// Output:
	// memsizetest: the value holds 280 B, 152 B more than the 128 B that it may
	//
	// most of it at root.Roles, map[string]bool: 256 B in one value
	//
	// model       total  used  spare  padding  overhead  rounding  blocks
	// go (exact)  280 B  41 B  168 B      7 B      56 B       8 B       2
	//
	// where (go)                       bytes      %    own  count  each
	// root  *memsizetest_test.session  280 B  100.0   24 B      1  24 B
	// ╰╴.Roles  map[string]bool        256 B   91.4  256 B      1  256 B
	//     168 B spare: room for more than the 17 B in use here
	//
	// not on the heap, and not counted: 6 B of static memory (globals, literals)
}

// Each key of a map may cost so much.
func ExamplePerElement() {
	var t printer // in a test: func TestKeys(t *testing.T)

	keys := func(n int) any {
		m := map[uint32]struct{}{}
		for i := range n {
			m[uint32(i)] = struct{}{}
		}
		return m
	}
	memsizetest.PerElement(t, keys, 100, "16") // says nothing: a key costs less
	// Output:
}
