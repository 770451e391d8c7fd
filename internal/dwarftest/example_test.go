package dwarftest_test

import (
	"bytes"
	"debug/elf"
	"fmt"
	"math/rand/v2"

	"github.com/bitcoin-mem/memsize/internal/dwarftest"
)

// A program of random types, which package debug/dwarf reads.
func Example() {
	info := dwarftest.Random(rand.New(rand.NewPCG(1, 2)))
	program := dwarftest.ELF(dwarftest.Section{Name: ".debug_abbrev", Data: dwarftest.Abbreviations()},
		dwarftest.Section{Name: ".debug_info", Data: info.Bytes()})
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		panic(err)
	}
	data, err := file.DWARF()
	if err != nil {
		panic(err)
	}
	unit, err := data.Reader().Next()
	if err != nil {
		panic(err)
	}
	fmt.Println(unit.Tag, unit.Field[0].Val)
	// Output: CompileUnit main
}
