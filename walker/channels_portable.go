//go:build memsize_portable

package walker

import "unsafe"

// queued cannot look into a channel without knowing the runtime: the portable build says so.
func (s *Session) queued(*Node, unsafe.Pointer, uintptr, uintptr, uintptr) bool { return false }
