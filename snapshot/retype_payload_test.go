package snapshot_test

import (
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/account"
)

// TestBigNumbers: the payload of a big.Int tells how many words it has, of any size.
func TestBigNumbers(t *testing.T) {
	for bits := range 400 {
		v := []*big.Int{new(big.Int).Lsh(big.NewInt(1), uint(bits)), new(big.Int)}
		census := retyped(t, v, typesOf{root: reflect.TypeFor[[]*big.Int]()})
		require.Empty(t, census.Drift)
		require.Empty(t, census.Assumptions)
		live := decoded(t, v, reflect.TypeFor[[]*big.Int]())
		for _, m := range []*rules.Model{rules.Core(), rules.Crate()} {
			r, err := account.Price(census, []*rules.Model{m}, nil)
			require.NoError(t, err)
			want := memsize.Of(reflect.ValueOf(live).Elem().Interface(), memsize.WithModel(m))
			require.Equal(t, want, r.Total, "%d bits under %s", bits, m.Name())
		}
	}
}
