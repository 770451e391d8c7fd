//go:build memsize_portable

package block

import "unsafe"

const linked = false

func find(unsafe.Pointer) (base uintptr, s unsafe.Pointer, index uintptr) { return 0, nil, 0 }

func inImage(unsafe.Pointer) bool { return false }
