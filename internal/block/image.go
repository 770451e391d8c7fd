package block

import (
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// Image returns the addresses from lo up to hi of the program's image: its code, literals and
// global variables. No heap lies between them. A program that links to nothing in the runtime
// knows only the part that lies between some values of its own, which is most of it. Both are 0
// where that cannot be told. Plugins have images of their own, which are not in it.
func Image() (lo, hi uintptr) {
	r := image()
	return r.lo, r.hi
}

// imageRange is addresses from lo up to hi.
type imageRange struct{ lo, hi uintptr }

func (r imageRange) has(p unsafe.Pointer) bool { return uintptr(p)-r.lo < r.hi-r.lo }

// image is what findImage says if that fits what is known of the program, else nothing.
var image = sync.OnceValue(func() imageRange {
	r := findImage()
	if !check.Holds(check.Image, r.fits) {
		return imageRange{}
	}
	return r
})

// fits tells whether what is known to be static lies in r, and nothing else.
func (r imageRange) fits() bool {
	var local int
	for _, p := range []unsafe.Pointer{allocate[int](3), allocate[*int](3), allocate[byte](1 << 20),
		unsafe.Pointer(&local)} {
		if r.has(p) {
			return false
		}
	}
	return r.has(unsafe.Pointer(&patterns)) && r.has(allocate[struct{}](1)) &&
		r.has(unsafe.Pointer(unsafe.StringData("literal")))
}
