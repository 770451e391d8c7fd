package structures_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/structures"
	"github.com/bitcoin-mem/memsize/rules"
)

// A line of figures, its twin, and what a model says of it.
func ExampleStructure_Twin() {
	list, err := structures.Read("../../testdata/malloc/containers.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range list {
		if s.Rule != "unordered_set" || s.Elem != "u64" {
			continue
		}
		twin, err := s.Twin()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n%T\n", s, twin)
		fmt.Println("heap", s.Heap["glibc"])
		fmt.Println("model", memsize.Of(twin, memsize.WithModel(rules.LibStdCxx())))
	}
	// Output:
	// unordered_set<u64> × 100, insert
	// struct { F map[uint64]struct {} "memusage:\"unordered_set\"" }
	// heap 4224
	// model 4224
}
