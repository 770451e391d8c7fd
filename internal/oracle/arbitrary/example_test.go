package arbitrary_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/bitcoin-mem/memsize/internal/oracle/arbitrary"
)

// The same seed makes the same graph, over the same types, anywhere in memory.
func Example() {
	roots := func() []any {
		r := rand.New(rand.NewPCG(1, 2))
		return arbitrary.Roots(r, arbitrary.Types(r, 10), 40)
	}
	one, other := roots(), roots()
	fmt.Println(len(one) == len(other), fmt.Sprintf("%T", one[0]) == fmt.Sprintf("%T", other[0]))
	// Output: true true
}
