//go:build memsize_portable

package block

import (
	"reflect"
	"unsafe"
)

const linked = false

func find(unsafe.Pointer) (base uintptr, s unsafe.Pointer, index uintptr) { return 0, nil, 0 }

// lastGlobal lies near the end of the image: linkers put variables without an initial value and
// without pointers last, the larger ones behind the smaller.
var lastGlobal [16 << 10]byte

// findImage is what lies between some code and lastGlobal: an image is loaded as a whole, with its
// code in front of its literals, and these in front of its variables (cmd/link).
func findImage() imageRange {
	return imageRange{reflect.ValueOf(Round).Pointer(),
		uintptr(unsafe.Pointer(&lastGlobal)) + unsafe.Sizeof(lastGlobal)}
}
