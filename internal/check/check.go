// Package check runs the checks by which memsize finds out whether it knows the running Go release.
// Each looks at memory of known content, at first use. Where one fails, what it stands for is not
// believed.
package check

import "runtime/debug"

// The checks, by name.
const (
	Blocks   = "blocks"   // what the allocator gave, and where
	Pointers = "pointers" // which words of a block the collector follows
	Image    = "image"    // where static memory lies
	Maps     = "maps"     // where a map keeps its entries
	Channels = "channels" // where a channel keeps what waits in it
	Waiters  = "waiters"  // how a goroutine looks that waits on a channel
)

// distrusted is the check that is to fail, none by default. Tests set it when they are linked:
//
//	go test -ldflags="-X github.com/bitcoin-mem/memsize/internal/check.distrusted=blocks"
var distrusted string

// Distrusted is the name of the check that is made to fail in this program, for tests; "" for none.
func Distrusted() string { return distrusted }

// Holds tells whether a check holds. If memory turns out to be elsewhere than thought, it does not,
// and nothing crashes.
func Holds(name string, f func() bool) bool { return name != distrusted && Guarded(f) }

// Guarded is what f says; false if it panics, or reads memory that may not be read.
func Guarded(f func() bool) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return f()
}
