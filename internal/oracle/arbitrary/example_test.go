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
	for i := range one {
		fmt.Println(fmt.Sprintf("%T", one[i]) == fmt.Sprintf("%T", other[i]))
		break
	}
	// Output: true
}
