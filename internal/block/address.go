package block

import (
	"math/bits"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"unsafe"
)

// firstPage is what no system maps, so that a nil pointer faults.
const firstPage = 4096

// IsAddress tells whether p can be an address of a program's: small numbers and what lies beyond the
// part of the address space that programs have are integers in a pointer.
func IsAddress(p unsafe.Pointer) bool {
	return uintptr(p)-firstPage < lastAddress-firstPage
}

// lastAddress is where the programs' part ends: of amd64 below the hole in its address space.
var lastAddress = func() uintptr {
	shift := 52
	switch {
	case bits.UintSize == 32:
		return ^uintptr(0)
	case runtime.GOARCH == "amd64" && runtime.GOOS != "solaris" && runtime.GOOS != "illumos":
		shift = 47
	}
	return uintptr(1) << (shift & (bits.UintSize - 1))
}()

// arena is how the runtime reserves address space for the heap, in bytes.
const arena = 64 << 20

// heapRange is where the heap was last found to be able to lie.
var heapRange atomic.Pointer[imageRange]

// MayBeHeap tells whether p can lie on the heap, in a program that links to nothing in the runtime: the
// heap of 64 bits is one range of addresses, which is no longer than all that the runtime has mapped, and
// has in it what was allocated just now. It is true for all addresses of 32 bits, whose heap lies in
// pieces. Where the system refused the runtime the addresses next to its heap, the heap has two parts, and
// MayBeHeap is false for one of them.
func MayBeHeap(p unsafe.Pointer) bool {
	if bits.UintSize == 32 {
		return true
	}
	if r := heapRange.Load(); r != nil && r.has(p) {
		return true
	}
	r := findHeap() // which may have grown
	heapRange.Store(&r)
	return r.has(p)
}

func findHeap() imageRange {
	mapped := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(mapped)
	if mapped[0].Value.Kind() != metrics.KindUint64 {
		return imageRange{0, ^uintptr(0)}
	}
	here, far := uintptr(allocate[[64]*int](1)), uintptr(mapped[0].Value.Uint64())+2*arena
	return imageRange{here - min(here, far), here + far}
}
