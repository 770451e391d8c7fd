// Package gobinary makes a layout of a compiled Go program, of the types that its debug information
// (DWARF) describes: those of that very build, for its architecture, with neither source nor Go
// at hand. Struct tags are not in there: what the tags of twins say is lost.
//
// A program may come from anyone. What its debug information claims to unpack to, the tables and the
// entries that are read, and the types that are kept are bounded by the size of the file.
package gobinary

import (
	"debug/buildinfo"
	"debug/dwarf"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// ErrNoDebug is wrapped by Load's error where a program was built without debug information.
var ErrNoDebug = errors.New("no debug information (built with -ldflags=-w or -s, or stripped): " +
	"take a build that has it, or --type from source")

// errDamaged is wrapped by errors about debug information that no compiler writes.
var errDamaged = errors.New("the debug information is damaged")

// Load is the layout of the program in a file: ELF, Mach-O or PE. Known are its named types, and slices,
// arrays and maps of these. The error says what the file is not.
func Load(name string) (*layout.Layout, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	l, err := load(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.Origin = "binary " + name + " (no struct tags)"
	return l, nil
}

// load is the layout of a program of so many bytes.
func load(file io.ReaderAt, size int64) (l *layout.Layout, err error) {
	defer func() {
		if e := recover(); e != nil { // of the standard library's readers, which trust more than we can
			l, err = nil, fmt.Errorf("%w: %v", errDamaged, e)
		}
	}()
	p, err := open(file)
	if err != nil {
		return nil, err
	}
	data, info, err := p.dwarf(limitsOf(size))
	if err != nil {
		return nil, err
	}
	l = &layout.Layout{GOARCH: p.arch}
	if info, err := buildinfo.Read(file); err == nil {
		l.GoVersion = info.GoVersion
	}
	r := &reader{data: data, nodes: map[dwarf.Offset]*gotype.Type{},
		work: maxWork + workPerByte*info, memory: maxMemory + int(size)}
	known, err := r.known()
	if err != nil {
		return nil, err
	}
	if err := gotype.Check(slices.Collect(maps.Values(r.nodes))); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	for _, n := range known {
		l.Known = append(l.Known, n)
	}
	if len(l.Known) == 0 {
		return nil, ErrNoDebug
	}
	return l, nil
}
