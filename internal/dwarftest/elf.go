// Package dwarftest makes programs for tests, of which there is nothing but debug information: in ELF,
// for amd64, good ones and such as no compiler makes.
package dwarftest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// Section is a section of a program.
type Section struct {
	Name  string // ".debug_info"
	Flags elf.SectionFlag
	Data  []byte
	Claim uint64 // the size that the program claims, in bytes; 0 for the true one
}

// ELF is a program of sections.
func ELF(sections ...Section) []byte {
	var b bytes.Buffer
	names := []byte{0}
	const head, row = 64, 64
	at := uint64(head)
	rows := []elf.Section64{{}}
	for _, p := range append(sections, Section{Name: ".shstrtab"}) {
		if p.Name == ".shstrtab" {
			p.Data = append(bytes.Clone(names), ".shstrtab\x00"...)
		}
		s := elf.Section64{Name: uint32(len(names)), Type: uint32(elf.SHT_PROGBITS), Flags: uint64(p.Flags),
			Off: at, Size: uint64(len(p.Data)), Addralign: 1}
		if p.Claim > 0 {
			s.Size = p.Claim
		}
		names = append(append(names, p.Name...), 0)
		b.Write(p.Data)
		at += uint64(len(p.Data))
		rows = append(rows, s)
	}
	rows[len(rows)-1].Type = uint32(elf.SHT_STRTAB)
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: at,
		Ehsize: head, Shentsize: row, Shnum: uint16(len(rows)), Shstrndx: uint16(len(rows) - 1)}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	var file bytes.Buffer
	for _, x := range []any{h, b.Bytes(), rows} {
		if err := binary.Write(&file, binary.LittleEndian, x); err != nil {
			panic(err)
		}
	}
	return file.Bytes()
}
