// Package malloc answers one question: of a request for n bytes, how many does an allocator
// really take?
//
// # Definitions
//
// A request is the n of malloc(n), operator new(n) or make([]byte, n). Its usage is the number of
// bytes that this request takes out of the allocator's memory: the request itself, what it is
// rounded up by, and a header kept beside it where the allocator keeps one. The difference,
// usage minus request, is called rounding.
//
// Not counted: what an allocator keeps once for many blocks (arenas, free lists, page maps,
// spare blocks in caches) and fragmentation. Usage is a property of one request in isolation.
//
// An [Allocator] is a pure function of n: it never asks a real allocator, so that the figures of a
// C++ program can be had from Go. memusage64 and memusage32 are the formulas that Bitcoin Core
// counts with; exact takes what is asked and not a byte more; every other one follows a real
// allocator and is held against it by the tests.
//
// # Guarantees
//
// All allocators are saturating: a request so large that its usage does not fit 64 bits takes
// [math.MaxUint64]; nothing wraps. Usage is monotonic (a larger request never takes less), never
// below the request, allocates nothing and is safe for concurrent use. The rule of a real
// allocator is followed also for requests that the library itself would refuse.
//
// Bytes are the only unit in this package.
package malloc

import (
	"fmt"
	"strings"
)

// Allocator says what a request for n bytes really takes. Implementations are immutable, safe for
// concurrent use, monotonic and saturating; see the package documentation for what is counted.
type Allocator interface {
	// Name is the name that [Lookup] knows the allocator by.
	Name() string
	// Usage returns the bytes that a request for n bytes takes. It is never less than n.
	Usage(n uint64) uint64
}

// allocators lists every allocator that Lookup knows, in the order in which Names gives them:
// first Bitcoin Core's models, then the real ones, then no rounding at all.
var allocators = []Allocator{
	memusage64{},
	memusage32{},
	glibc64,
	glibc32,
	jemalloc{},
	tcmalloc{},
	mimalloc{},
	goHeap{},
	exact{},
}

// Lookup returns the allocator of that name. The error of an unknown name lists the known ones.
func Lookup(name string) (Allocator, error) {
	for _, a := range allocators {
		if a.Name() == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("malloc: unknown allocator %q: want one of %s",
		name, strings.Join(Names(), ", "))
}

// Names returns the names that Lookup knows, in a fixed order. The slice is the caller's.
func Names() []string {
	names := make([]string, len(allocators))
	for i, a := range allocators {
		names[i] = a.Name()
	}
	return names
}
