package gobinary

import (
	"compress/zlib"
	"debug/dwarf"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// section is a part of a program that has debug information.
type section struct {
	name string    // without the prefix of its format: "info", "abbrev"
	size uint64    // in bytes, as the program claims
	data io.Reader // what is in it, unpacked
}

// program is what is read of a program of any format.
type program struct {
	arch     string
	sections []section
}

// open finds the debug information of a program.
func open(file io.ReaderAt) (p *program, err error) {
	p = &program{}
	if f, err := elf.NewFile(file); err == nil {
		p.arch = elfArch[f.Machine]
		for _, s := range f.Sections {
			data := s.Open() // which unpacks, and sets the size to what is unpacked
			if err := p.add(strings.TrimPrefix(s.Name, ".z"), s.Size, data); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
	if f, err := macho.NewFile(file); err == nil {
		p.arch = machoArch[f.Cpu]
		for _, s := range f.Sections {
			if err := p.add(s.Name, s.Size, s.Open()); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
	if f, err := pe.NewFile(file); err == nil {
		p.arch = peArch[f.Machine]
		for _, s := range f.Sections {
			size := s.Size // on the disk, where it is padded
			if s.VirtualSize > 0 {
				size = min(size, s.VirtualSize)
			}
			if err := p.add(s.Name, uint64(size), s.Open()); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
	return nil, errors.New("no ELF, Mach-O or PE program")
}

// wanted are the sections in which entries of the debug information stand, and what entries refer to.
// Lines of source and ranges of code are not wanted, which are as large.
const wanted = " abbrev info str addr line_str str_offsets rnglists "

// add takes a section, if it is wanted. An old way to pack a section renames it: .zdebug_info begins
// with "ZLIB" and the size of what is packed.
func (p *program) add(name string, size uint64, data io.ReadSeeker) error {
	name = strings.TrimLeft(name, "._")
	packed := strings.HasPrefix(name, "zdebug_")
	name, isDebug := strings.CutPrefix(strings.TrimPrefix(name, "z"), "debug_")
	if !isDebug || !strings.Contains(wanted, " "+name+" ") {
		return nil
	}
	s := section{name, size, data}
	if packed {
		var head [12]byte
		if _, err := io.ReadFull(data, head[:]); err != nil || string(head[:4]) != "ZLIB" {
			return fmt.Errorf("%w: section %s is not packed as its name says", errDamaged, name)
		}
		unpacked, err := zlib.NewReader(data)
		if err != nil {
			return fmt.Errorf("%w: section %s: %w", errDamaged, name, err)
		}
		s.size, s.data = binary.BigEndian.Uint64(head[4:]), unpacked
	}
	p.sections = append(p.sections, s)
	return nil
}

// limits bound what is unpacked of a program, in bytes.
type limits struct{ sections, abbrev uint64 }

// limitsOf are limits for a program of so many bytes. Debug information is less than half of a Go
// program and is packed to a quarter; what it is abbreviated by is a hundredth at most.
func limitsOf(size int64) limits {
	return limits{2<<20 + 6*uint64(size), 1<<19 + uint64(size)/8}
}

// dwarf unpacks the debug information; info is the size of its entries, in bytes.
func (p *program) dwarf(most limits) (data *dwarf.Data, info int, err error) {
	unpacked := map[string][]byte{}
	for _, s := range p.sections {
		if unpacked[s.name] != nil {
			return nil, 0, fmt.Errorf("%w: two sections %s", errDamaged, s.name)
		}
		if s.size > most.sections || s.name == "abbrev" && s.size > most.abbrev {
			return nil, 0, fmt.Errorf("%w: section %s claims %d bytes", errDamaged, s.name, s.size)
		}
		most.sections -= s.size
		b := make([]byte, s.size)
		if _, err := io.ReadFull(s.data, b); err != nil {
			return nil, 0, fmt.Errorf("%w: section %s of %d bytes: %w", errDamaged, s.name, s.size, err)
		}
		unpacked[s.name] = b
	}
	if len(unpacked["info"]) == 0 {
		return nil, 0, ErrNoDebug
	}
	if err := checkUnits(unpacked["info"], unpacked["abbrev"]); err != nil {
		return nil, 0, err
	}
	data, err = dwarf.New(unpacked["abbrev"], nil, nil, unpacked["info"], nil, nil, nil, unpacked["str"])
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errDamaged, err)
	}
	for _, name := range []string{"addr", "line_str", "str_offsets", "rnglists"} {
		if err := data.AddSection(".debug_"+name, unpacked[name]); err != nil {
			return nil, 0, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return data, len(unpacked["info"]), nil
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
