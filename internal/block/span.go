//go:build !memsize_portable

package block

import "unsafe"

// This file is all that links to the runtime. Invariants:
//
//   - findObject(p) tells the base of the block behind p, its span (*runtime.mspan) and its number
//     there; base 0 where p is not on the heap; a span but no base where p is on a stack. The
//     runtime promises to keep it (runtime/mbitmap.go, "Do not remove or change the type
//     signature"). It throws for an address in a freed span: see the package documentation.
//   - text and end are defined by the linker (cmd/link): the image of the program lies between.
//
// learn checks both; where they do not hold, nothing here is believed.

//go:linkname findObject runtime.findObject
func findObject(p, refBase, refOff uintptr) (base uintptr, s unsafe.Pointer, index uintptr)

//go:linkname text runtime.text
var text byte

//go:linkname end runtime.end
var end byte

const linked = true

// find must not move the stack once p is a number, as p may point into it.
//
//go:nosplit
func find(p unsafe.Pointer) (base uintptr, s unsafe.Pointer, index uintptr) {
	return findObject(uintptr(p), 0, 0)
}

func findImage() imageRange {
	return imageRange{uintptr(unsafe.Pointer(&text)), uintptr(unsafe.Pointer(&end))}
}
