package memsize

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/walker"
)

// beyondStatic are roots beside which static memory is taken for the caller's own, so that nothing
// in it is charged or followed: for models of a Go heap that do not ask the runtime. A root that
// points to static memory is what it points to.
func beyondStatic(roots []walker.Root) []walker.Root {
	static, ok := staticRoot()
	if !ok {
		return roots
	}
	all := append(make([]walker.Root, 0, len(roots)+1), static)
	for _, r := range roots {
		if r.Type.Kind() == reflect.Pointer {
			target := *(*unsafe.Pointer)(r.At)
			if uintptr(target)-uintptr(static.At) < static.Type.Size() {
				r = walker.Root{Name: r.Name, Type: r.Type.Elem(), At: target}
			}
		}
		all = append(all, r)
	}
	return all
}

// staticUnknown is what is assumed where the image of the program is not known.
const staticUnknown = "static memory cannot be told from other memory: literals and globals are " +
	"counted as if they lay on the heap, or named as not counted"

// staticRoot is the image of the program, as bytes.
var staticRoot = sync.OnceValues(func() (walker.Root, bool) {
	lo, hi := block.Image()
	if lo == hi {
		return walker.Root{}, false
	}
	// An address of the image is no address of the heap: the collector has no say in it.
	at := *(*unsafe.Pointer)(unsafe.Pointer(&lo))
	return walker.Root{Type: reflect.ArrayOf(int(hi-lo), reflect.TypeFor[byte]()), At: at,
		Owned: true}, true
})
