//go:build !linux || memsize_portable

package scratch

// mapMemory has no memory to give: the Go heap has.
func mapMemory(int) []byte { return nil }

func unmapMemory([]byte) {}
