package check_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// Memory that may not be read is an answer, too, and not the end of the program.
func TestGuardedFault(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(page)) }()
	require.False(t, check.Guarded(func() bool { return page[0] == 0 }))
}
