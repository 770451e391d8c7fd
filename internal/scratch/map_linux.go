//go:build linux && !memsize_portable

package scratch

import "syscall"

// mapMemory takes zeroed memory from the operating system; nil if it has none. Large pages take a
// fraction of the time that small ones take to be touched first.
func mapMemory(size int) []byte {
	if size >= largePages { // whole ones
		size = (size + pageSize - 1) &^ (pageSize - 1)
	}
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	if size >= largePages {
		_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE) // a kernel without them gives small ones
	}
	return b
}

// pageSize is the size of a large page, largePages how many bytes are worth them.
const pageSize, largePages = 2 << 20, 4 << 20

func unmapMemory(b []byte) { _ = syscall.Munmap(b) } // there is nothing to be done if it fails
