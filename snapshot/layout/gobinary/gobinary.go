// Package gobinary makes a layout of a compiled Go program, of the types that its debug information
// (DWARF) describes: those of that very build, for its architecture, with neither source nor Go
// at hand. Struct tags are not in there: what the tags of twins say is lost.
package gobinary

import (
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// ErrNoDebug is wrapped by Load's error where a program was built without debug information.
var ErrNoDebug = errors.New("no debug information (built with -ldflags=-w or -s, or stripped): " +
	"take a build that has it, or --type from source")

// Load is the layout of the program in a file: ELF, Mach-O or PE. Known are its named types, and slices, arrays and maps of these.
// The error says what the file is not.
func Load(name string) (l *layout.Layout, err error) {
	defer func() {
		if e := recover(); e != nil { // of the standard library's readers, which trust more than we can
			l, err = nil, fmt.Errorf("%s: the debug information is damaged: %v", name, e)
		}
	}()
	data, arch, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l = &layout.Layout{Origin: "binary " + name + " (no struct tags)", GOARCH: arch}
	if info, err := buildinfo.ReadFile(name); err == nil {
		l.GoVersion = info.GoVersion
	}
	r := &reader{data: data, nodes: map[dwarf.Offset]*layout.Node{}}
	known, err := r.known()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := layout.Check(slices.Collect(maps.Values(r.nodes))); err != nil {
		return nil, fmt.Errorf("%s: the debug information is damaged: %w", name, err)
	}
	for _, n := range known {
		l.Known = append(l.Known, n)
	}
	if len(l.Known) == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrNoDebug)
	}
	return l, nil
}

// open reads the debug information of a program in any of the formats.
func open(name string) (data *dwarf.Data, arch string, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, "", errors.Unwrap(err)
	}
	if f, err := elf.Open(name); err == nil {
		defer f.Close()
		if f.Section(".debug_info") == nil && f.Section(".zdebug_info") == nil {
			return nil, "", ErrNoDebug
		}
		var unpacked uint64
		for _, s := range f.Sections {
			if strings.Contains(s.Name, "debug_") {
				unpacked += min(s.Size, 1<<40)
			}
		}
		if err := unpackable(unpacked, info.Size()); err != nil {
			return nil, "", err
		}
		data, err := f.DWARF()
		return data, elfArch[f.Machine], err
	}
	if f, err := macho.Open(name); err == nil {
		defer f.Close()
		if f.Section("__debug_info") == nil && f.Section("__zdebug_info") == nil {
			return nil, "", ErrNoDebug
		}
		data, err := f.DWARF()
		return data, machoArch[f.Cpu], err
	}
	if f, err := pe.Open(name); err == nil {
		defer f.Close()
		if f.Section(".debug_info") == nil && f.Section(".zdebug_info") == nil {
			return nil, "", ErrNoDebug
		}
		data, err := f.DWARF()
		return data, peArch[f.Machine], err
	}
	return nil, "", errors.New("no ELF, Mach-O or PE program")
}

// unpackable is an error where compressed debug information claims to be far larger than a compressor
// makes of such: 3 to 5 times is usual.
func unpackable(unpacked uint64, file int64) error {
	const most = 24
	if unpacked > 1<<20+most*uint64(file) {
		return fmt.Errorf("the debug information is damaged: %d bytes in a file of %d", unpacked, file)
	}
	return nil
}

// The architectures of programs, as GOARCH names them.
var (
	elfArch = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_386: "386",
		elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_RISCV: "riscv64",
		elf.EM_S390: "s390x", elf.EM_PPC64: "ppc64le", elf.EM_LOONGARCH: "loong64"}
	machoArch = map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}
	peArch    = map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64",
		pe.IMAGE_FILE_MACHINE_I386: "386", pe.IMAGE_FILE_MACHINE_ARM64: "arm64"}
)
