package dwarftest

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"reflect"
	"strings"
)

// Hostile are programs that no compiler made, by what is wrong with them. Readers must refuse or read
// each within little memory and time.
func Hostile() map[string][]byte {
	all := map[string][]byte{
		"a section claims a terabyte": ELF(abbrev(), Section{Name: ".debug_info", Data: one(), Claim: 1 << 40}),
		"65,000 sections":             ELF(sections(65_000)...),
		"65,000 sections of one name": ELF(repeated(abbrev(), 65_000)...),
	}
	for name, program := range packed() {
		all[name] = program
	}
	for name, info := range hostileEntries() {
		all[name] = ELF(abbrev(), Section{Name: ".debug_info", Data: info})
	}
	for name, program := range hostileTables() {
		all[name] = program
	}
	return all
}

func abbrev() Section { return Section{Name: ".debug_abbrev", Data: Abbreviations()} }

// one is a unit with one type.
func one() []byte {
	return unitOf(func(e *Entries) { e.head(aBase, "main.T", reflect.Int) })
}

func unitOf(write func(*Entries)) []byte {
	e := &Entries{}
	e.start()
	write(e)
	return e.finish()
}

func sections(n int) []Section {
	list := []Section{abbrev(), {Name: ".debug_info", Data: one()}}
	for range n {
		list = append(list, Section{Name: ".debug_x"})
	}
	return list
}

func repeated(s Section, n int) (list []Section) {
	for range n {
		list = append(list, s)
	}
	return list
}

// packed are programs whose sections are not as large as they say once they are unpacked.
func packed() map[string][]byte {
	const huge = 1 << 30
	var zeros bytes.Buffer
	z := zlib.NewWriter(&zeros)
	for range huge >> 20 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	elfPacked := func(claim uint64) []byte {
		head := binary.LittleEndian.AppendUint32(nil, uint32(elf.COMPRESS_ZLIB))
		head = binary.LittleEndian.AppendUint32(head, 0)
		head = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(head, claim), 1)
		return ELF(abbrev(), Section{Name: ".debug_info", Flags: elf.SHF_COMPRESSED,
			Data: append(head, zeros.Bytes()...)})
	}
	named := func(claim uint64) []byte {
		head := binary.BigEndian.AppendUint64([]byte("ZLIB"), claim)
		return ELF(abbrev(), Section{Name: ".zdebug_info", Data: append(head, zeros.Bytes()...)})
	}
	return map[string][]byte{
		"a packed section explodes":             elfPacked(huge),
		"a packed section says less":            elfPacked(1000),
		"a packed section says a terabyte":      elfPacked(1 << 40),
		"an old packed section explodes":        named(huge),
		"an old packed section says less":       named(1000),
		"an old packed section says 64 GiB":     named(64 << 30),
		"an old packed section says 2^63":       named(1 << 63),
		"an old packed section is not packed":   ELF(abbrev(), Section{Name: ".zdebug_info", Data: one()}),
		"a packed section has nothing in it":    ELF(abbrev(), Section{Name: ".debug_info", Flags: elf.SHF_COMPRESSED}),
		"a section of abbreviations is 5 MB":    ELF(Section{Name: ".debug_abbrev", Data: make([]byte, 5<<20)}, Section{Name: ".debug_info", Data: one()}),
		"there are entries and nothing besides": ELF(Section{Name: ".debug_info", Data: one()}),
	}
}

// hostileEntries are sections of entries.
func hostileEntries() map[string][]byte {
	const many = 200_000
	chain := func(abbrev byte, kind reflect.Kind) []byte {
		return unitOf(func(e *Entries) {
			for i := range many {
				e.head(abbrev, "main.T", kind)
				e.ref(i + 1)
				if abbrev == aArray {
					e.b = append(e.b, aRange, 1, 0)
				}
			}
			e.head(aBase, "main.Last", reflect.Int)
		})
	}
	structs := func(member func(i int) int) []byte {
		return unitOf(func(e *Entries) {
			for i := range many / 2 {
				e.head(aStruct, "main.T", reflect.Struct)
				e.b = append(e.b, aMember)
				e.text("F")
				e.ref(member(i))
				e.b = append(e.b, 0)
			}
			e.head(aBase, "main.Last", reflect.Int)
		})
	}
	return map[string][]byte{
		"pointers to pointers":  chain(aPointer, reflect.Pointer),
		"slices of slices":      chain(aSlice, reflect.Slice),
		"arrays in arrays":      chain(aArray, reflect.Array),
		"names of names":        chain(aTypedef, 0),
		"structs in structs":    structs(func(i int) int { return i + 1 }),
		"structs of themselves": structs(func(i int) int { return i }),
		"a cycle of structs":    structs(func(i int) int { return (i + 1) % 1000 }),
		"a name of itself":      unitOf(func(e *Entries) { e.head(aTypedef, "main.T", 0); e.ref(0) }),
		"an array of itself":    unitOf(func(e *Entries) { e.head(aArray, "main.T", reflect.Array); e.ref(0); e.b = append(e.b, aRange, 9, 0) }),
		"a pointer to itself":   unitOf(func(e *Entries) { e.head(aPointer, "main.T", reflect.Pointer); e.ref(0) }),
		"a map of itself":       unitOf(func(e *Entries) { e.head(aMap, "main.T", reflect.Map); e.ref(0); e.ref(0) }),
		"an array of 2^63": unitOf(func(e *Entries) {
			e.head(aArray, "main.T", reflect.Array)
			e.ref(1)
			e.b = append(binary.AppendUvarint(append(e.b, aRange), 1<<63), 0)
			e.head(aBase, "main.U", reflect.Int)
		}),
		"types in types":             unitOf(nested),
		"a struct of 200,000 fields": unitOf(wide),
		"a name of 4 MB":             unitOf(func(e *Entries) { e.head(aBase, "main."+strings.Repeat("T", 4<<20), reflect.Int) }),
		"400,000 types": unitOf(func(e *Entries) {
			many := 400_000
			for range many {
				e.head(aBase, "main.T", reflect.Int)
			}
		}),
		"a type beyond the end": unitOf(func(e *Entries) {
			e.head(aPointer, "main.T", reflect.Pointer)
			e.b = binary.LittleEndian.AppendUint32(e.b, 1<<31)
		}),
		"a type in the middle of a name": unitOf(func(e *Entries) {
			e.head(aPointer, "main.T", reflect.Pointer)
			e.b = binary.LittleEndian.AppendUint32(e.b, unitHead+4)
		}),
	}
}

// nested are types that stand in each other, as methods of C++ do, and that one struct refers to: each is
// read with all that is in it.
func nested(e *Entries) {
	const depth = 20_000
	e.head(aStruct, "main.T", reflect.Struct)
	for i := range depth {
		e.b = append(e.b, aMember)
		e.text("F")
		e.ref(i + 1)
	}
	e.b = append(e.b, 0)
	for range depth {
		e.head(aStruct, "main.U", reflect.Struct)
	}
	e.b = append(e.b, make([]byte, depth)...)
}

func wide(e *Entries) {
	e.head(aStruct, "main.T", reflect.Struct)
	for range 200_000 {
		e.b = append(e.b, aMember)
		e.text("F")
		e.ref(1)
	}
	e.b = append(e.b, 0)
	e.head(aBase, "main.U", reflect.Int)
}

// hostileTables are programs whose abbreviations or texts are far more than their entries.
func hostileTables() map[string][]byte {
	const flagPresent, strp = 0x19, 0x0e
	// Tables that overlap: each begins one abbreviation later.
	var table []byte
	for i := range 60_000 {
		table = append(binary.AppendUvarint(table, uint64(i+1)), 0x24, 0, 0, 0)
	}
	table = append(table, 0)
	var units []byte
	for i := range 50_000 {
		unit := binary.LittleEndian.AppendUint32(nil, 8)
		unit = binary.LittleEndian.AppendUint16(unit, 4)
		unit = binary.LittleEndian.AppendUint32(unit, uint32(i*4))
		units = append(units, append(unit, 8, 0)...)
	}
	// An abbreviation of many attributes that take no byte of an entry.
	flags := []byte{1, 0x24, 0}
	for range 100_000 {
		flags = append(flags, 0x3f, flagPresent)
	}
	flags = append(flags, 0, 0, 0)
	entries := append(make([]byte, unitHead), bytes.Repeat([]byte{1}, 1<<20)...)
	binary.LittleEndian.PutUint16(entries[4:], 4)
	binary.LittleEndian.PutUint32(entries, uint32(len(entries)-4))
	entries[10] = 8
	few := append(bytes.Repeat([]byte{0x3f, flagPresent}, 250), 0, 0, 0)
	// One text that all entries have.
	texts := append(make([]byte, unitHead), bytes.Repeat([]byte{1, 0, 0, 0, 0}, 100_000)...)
	binary.LittleEndian.PutUint16(texts[4:], 4)
	binary.LittleEndian.PutUint32(texts, uint32(len(texts)-4))
	texts[10] = 8
	program := func(abbrev, info []byte, more ...Section) []byte {
		return ELF(append(more, Section{Name: ".debug_abbrev", Data: abbrev},
			Section{Name: ".debug_info", Data: info})...)
	}
	return map[string][]byte{
		"tables that overlap":            program(table, units),
		"an abbreviation of 100,000":     program(flags, entries),
		"abbreviations of 250":           program(append([]byte{1, 0x24, 0}, few...), entries),
		"a text of 2 MB for all entries": program([]byte{1, 0x24, 0, 3, strp, 0, 0, 0}, texts, Section{Name: ".debug_str", Data: append(bytes.Repeat([]byte{'a'}, 2<<20), 0)}),
		"a million empty units":          program(Abbreviations(), make([]byte, 4<<20)),
	}
}
