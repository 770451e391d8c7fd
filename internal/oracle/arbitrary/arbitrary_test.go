package arbitrary

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Random graphs must come about without a panic, whatever the seed, and not be trivial.
func TestRootsAreOfManyKinds(t *testing.T) {
	kinds := map[reflect.Kind]int{}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		types := Types(r, 20)
		for range 5 {
			for _, root := range Roots(r, types, 60) {
				if root != nil {
					kinds[reflect.TypeOf(root).Kind()]++
				}
			}
		}
	}
	for _, kind := range []reflect.Kind{
		reflect.Struct, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Array,
		reflect.Func,
	} {
		require.NotZero(t, kinds[kind], kind)
	}
}

// The same seed gives the same types: a failure can be repeated.
func TestTypesRepeat(t *testing.T) {
	make := func() []reflect.Type { return Types(rand.New(rand.NewPCG(7, 7)), 100) }
	require.Equal(t, make(), make())
}
