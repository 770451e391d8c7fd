// Package choice holds what the options of one call of package memsize choose. An option is a
// function on Options, so that tests of this module can choose what no public option offers.
package choice

import (
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/rules"
)

// Options are the choices of one call. The zero value is the default: each block once, under core.
type Options struct {
	Models        []*rules.Model
	PerReference  bool
	CapIsLen      bool
	MaxContainers uint64 // 0 for no limit
	Retained      bool
	Biggest       int // entries at each place
	Waste         bool
	NoValues      bool
	MaxChains     int // that Holders finds; 0 for the default
	Parallel      bool
	Workers       int // of a parallel walk; 0 for as many as GOMAXPROCS where that pays
	Seeded        bool
	Seed          uint64 // of what an estimate draws
	Variant       variant.Variant
}
