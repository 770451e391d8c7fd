package snapshot_test

import (
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/price"
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
			r, err := price.Price(census, []*rules.Model{m}, nil)
			require.NoError(t, err)
			want := memsize.Of(reflect.ValueOf(live).Elem().Interface(), memsize.WithModel(m))
			require.Equal(t, want, r.Total, "%d bits under %s", bits, m.Name())
		}
	}
}

// The payload of a big.Rat tells how many words its two numbers have, that of a big.Float how many
// its mantissa has, of any size; zero values among them, and some that were never set.
func TestBigFractions(t *testing.T) {
	for bits := range 300 {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits))
		odd := new(big.Int).Add(n, big.NewInt(2))
		rats := []*big.Rat{new(big.Rat).SetFrac(n, big.NewInt(3)), new(big.Rat).SetFrac(big.NewInt(-7), odd),
			new(big.Rat).SetInt(n), {}, new(big.Rat).SetFrac(n, odd)}
		exact(t, rats)
		exact(t, []big.Rat{*rats[0], *rats[3], *rats[4]})
		floats := []*big.Float{new(big.Float).SetInt(n), {}, new(big.Float).SetInf(true), big.NewFloat(0.1),
			new(big.Float).SetPrec(uint(bits)).Quo(big.NewFloat(1), big.NewFloat(3))}
		exact(t, floats)
		exact(t, map[string]*big.Float{"key": floats[0], "other": floats[2]})
	}
}

// exact requires that v costs in its types what it costs once decoded, and that nothing is assumed.
func exact[T any](t *testing.T, v T) {
	t.Helper()
	census := retyped(t, v, typesOf{root: reflect.TypeFor[T]()})
	require.Empty(t, census.Drift)
	require.Empty(t, census.Assumptions)
	live := decoded(t, v, reflect.TypeFor[T]())
	for _, m := range []*rules.Model{rules.Core(), rules.Crate()} {
		r, err := price.Price(census, []*rules.Model{m}, nil)
		require.NoError(t, err)
		want := memsize.Of(reflect.ValueOf(live).Elem().Interface(), memsize.WithModel(m))
		require.Equal(t, want, r.Total, "%v under %s", v, m.Name())
		require.Empty(t, r.Unbounded)
	}
}
