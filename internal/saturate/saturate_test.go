package saturate_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/saturate"
	"github.com/bitcoin-mem/memsize/internal/seed"
)

func Example() {
	fmt.Println(saturate.Add(2, 3), saturate.Mul(2, 3))
	fmt.Println(saturate.Mul(1<<40, 1<<40))
	// Output:
	// 5 6
	// 18446744073709551615
}

// Sums and products are those of math/big, cut at 2^64-1.
func TestAgainstBig(t *testing.T) {
	seed := seed.Of(t)
	r := rand.New(rand.NewPCG(seed, 0))
	number := func() uint64 { return r.Uint64() >> r.IntN(64) }
	cut := func(n *big.Int) uint64 {
		if !n.IsUint64() {
			return math.MaxUint64
		}
		return n.Uint64()
	}
	for range 10_000 {
		a, b := number(), number()
		x, y := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)
		require.Equal(t, cut(new(big.Int).Add(x, y)), saturate.Add(a, b), "%d+%d seed %d", a, b, seed)
		require.Equal(t, cut(new(big.Int).Mul(x, y)), saturate.Mul(a, b), "%d*%d seed %d", a, b, seed)
	}
}
