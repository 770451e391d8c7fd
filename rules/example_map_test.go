//go:build amd64 || arm64

package rules_test

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize/rules"
)

// What will a map of n entries take on a Go heap, before there is one? Decoded tells it of a map that is
// made for n entries, as by make(map[int64]int64, n) or by a decoder; Usage of one that is filled by
// insertion, whose tables have doubled on the way.
func ExamplePricer_Decoded() {
	m := rules.Go()
	p := m.NewPricer(m.Bind(rules.TypeOf(reflect.TypeFor[map[int64]int64]())))
	for _, n := range []uint64{0, 8, 100, 1000, 1_000_000} {
		made, _ := p.Decoded(n)
		filled := p.Usage(n, n)
		fmt.Printf("%d entries: made %d bytes, filled %d, of which used %d\n",
			n, made.Total(), filled.Total(), filled.Used)
	}
	// Output:
	// 0 entries: made 48 bytes, filled 48, of which used 0
	// 8 entries: made 192 bytes, filled 192, of which used 128
	// 100 entries: made 2392 bytes, filled 2392, of which used 1600
	// 1000 entries: made 36992 bytes, filled 36992, of which used 16000
	// 1000000 entries: made 37832752 bytes, filled 37740432, of which used 16000000
}
