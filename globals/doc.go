// Package globals finds the package-level variables of the running program, by name, so that one can
// ask which of them holds what without registering any:
//
//	roots, err := globals.Roots()
//	report, err := memsize.ScanRootsContext(ctx, roots, memsize.OnHeap())
//
// The names, types and addresses come from the debug information of the program's own file: DWARF in an
// ELF, Mach-O or PE file. A program that was linked without it (go build -ldflags=-s or -w) gets
// ErrNoDebugInfo.
//
// What is found is every variable whose type has pointers. The running program knows a type only if
// something puts a value of it into an interface; of another type a twin of the same layout is made, which
// has no name and no tags. Left out are variables without pointers, which hold nothing; variables of
// package runtime and what is below internal/runtime, which are the books of the scheduler and the
// allocator; and variables of plugins and of C.
//
// A scan of the roots reads memory that any goroutine may write, and takes no lock, because nobody
// knows which lock guards which variable. It is for a quiet program: in a test, or after a drain.
package globals
