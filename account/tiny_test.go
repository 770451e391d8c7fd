package account_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// packTiny does for values of one size what runtime.mallocgcTiny does for them in a row.
func packTiny(size, n uint64, narrow bool) (bytes uint64) {
	align := uint64(1)
	for align < 8 && size%(2*align) == 0 {
		align *= 2
	}
	if narrow && size == 12 {
		align = 8
	}
	full := uint64(16)
	for range n {
		at := (full + align - 1) / align * align
		if at+size > 16 {
			bytes, at = bytes+16, 0
		}
		full = at + size
	}
	return bytes
}

// TestTinyBlocks packs random numbers of tiny values of random sizes, at several places: totals are
// those of the allocator, whatever the order, and the places' figures sum to them.
func TestTinyBlocks(t *testing.T) {
	s := seed.Of(t)
	for round := range uint64(200) {
		r := rand.New(rand.NewPCG(s, round))
		m := []*rules.Model{rules.Go(), model("go-386")}[round%2]
		list := []*walker.Node{}
		for i, typ := range []reflect.Type{reflect.TypeFor[[]byte](), reflect.TypeFor[string]()} {
			list = append(list, &walker.Node{ID: i, Step: "root", Type: typ,
				Place: m.Bind(rules.TypeOf(typ))})
		}
		models := []*rules.Model{m}
		plain, detailed := account.NewTally(models, false), account.NewTally(models, true)
		counts := map[uint64]uint64{}
		for range r.IntN(200) {
			length := 1 + r.Uint64N(15)
			counts[length]++
			n, findings := list[r.IntN(2)], []walker.Finding{{Len: length, Cap: length}}
			plain.Take(n, 0, findings, 1)
			detailed.Take(n, 0, findings, 1)
		}
		var want uint64
		for size, n := range counts {
			want += packTiny(size, n, m.PointerSize() == 4)
		}
		require.Equal(t, want, plain.Total(0), "seed %d round %d", s, round)
		got := detailed.Live(list)
		require.Equal(t, want, got.Total, "seed %d round %d", s, round)
		require.Equal(t, "modelled", got.Exactness)
		for _, f := range got.Types {
			require.Equal(t, rules.PartOfBlock|rules.TinyBlocks, f.Causes)
		}
		plain.Reset()
		require.Zero(t, plain.Total(0), "reset")
	}
}
