package globals

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/bitcoin-mem/memsize"
)

// ErrNoDebugInfo is returned by Roots in a program that has no debug information.
var ErrNoDebugInfo = errors.New("globals: the program has no debug information, as it was linked with " +
	"-ldflags=-s or -w: link it without these")

// Roots are the package-level variables of this program by their names, such as "main.sessions" or
// "net/http.DefaultTransport", each as a memsize.Var for ScanRoots. The work is done once, and takes
// some tenths of a second for a server; the map is the caller's own.
//
// It returns ErrNoDebugInfo in a stripped program, an error that names the file where that cannot be
// read, and one that wraps errors.ErrUnsupported where the debug information does not fit the running
// program, so that no address in it can be believed.
func Roots() (map[string]any, error) {
	list, err := found()
	if err != nil {
		return nil, err
	}
	roots := make(map[string]any, len(list))
	for _, g := range list {
		roots[g.name] = memsize.Var(g.at.Interface())
	}
	return roots, nil
}

// global is a variable of the program.
type global struct {
	name string
	at   reflect.Value // a pointer to it
}

var found = sync.OnceValues(func() ([]global, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("globals: %w", err)
	}
	data, err := debugInfo(path)
	if err != nil {
		return nil, fmt.Errorf("globals: %s: %w", path, err)
	}
	t, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("globals: %s: %w", path, err)
	}
	return t.globals()
})

// variable is a package-level variable as the debug information has it.
type variable struct {
	name    string
	address uint64
	typ     dwarf.Offset
}

// table is what the debug information says of a program.
type table struct {
	data      *dwarf.Data
	variables []variable
	// types are those that the running program knows: where, from the beginning of its types on
	// (DW_AT_go_runtime_type).
	types map[dwarf.Offset]uint64
}

// isBook tells whether a variable belongs to the scheduler's and the allocator's own books.
func isBook(name string) bool {
	return strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "internal/runtime/")
}
