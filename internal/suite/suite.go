// Package suite holds what the suites of tests below it share. Each suite tests package memsize as a
// whole: heap holds Heap to the runtime's own figures, golden holds the as-if models to figures of
// real C++ and Rust programs, property holds every walk to a second implementation on random graphs.
package suite

import (
	"os"
	"reflect"
	"testing"
	"unsafe"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/choice"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// Main runs the tests of a suite in the root of the module, where testdata and docs are.
func Main(m *testing.M) {
	if err := os.Chdir("../../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// Vary is an option for one call of package memsize under a variant of the walk.
func Vary(v variant.Variant) memsize.Option {
	return func(o *choice.Options) { o.Variant = v }
}

// Sorted has all memory in dispute: every extent is logged and sorted.
func Sorted() memsize.Option { return Vary(variant.Variant{Sorted: true}) }

// NoRawMaps goes through maps by reflect2, as where their layout is not known.
func NoRawMaps() memsize.Option { return Vary(variant.Variant{NoRawMaps: true}) }

// NoPrefetch walks frame by frame.
func NoPrefetch() memsize.Option { return Vary(variant.Variant{NoPrefetch: true}) }

// NoBlockMarks has as-if models not ask for blocks.
func NoBlockMarks() memsize.Option { return Vary(variant.Variant{NoBlockMarks: true}) }

// NoBrief has a session walk the smallest value.
func NoBrief() memsize.Option { return Vary(variant.Variant{NoBrief: true}) }

// IsBrief tells whether the value in v is so small under a model that no session is needed.
func IsBrief(v any, m *rules.Model) bool {
	blocks := m.IsProcessHeap() && walker.BlocksExact()
	price := func(at walker.Place) walker.Price { return m.NewPricer(at.(rules.Binding)).Total }
	w := walker.New(account.NewPolicy([]*rules.Model{m}))
	brief := w.Brief(reflect.TypeOf(v), blocks, price)
	if brief == nil {
		return false
	}
	_, ok := brief.Total(walker.RootOf("root", v))
	return ok
}

// DataWord is the pointer in v, which must be pointer-shaped.
func DataWord(v any) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(&v), unsafe.Sizeof(uintptr(0))))
}
