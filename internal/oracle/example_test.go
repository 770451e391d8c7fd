package oracle_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/oracle"
	"github.com/bitcoin-mem/memsize/rules"
)

// Two views of one array are one container by identity, and two for each reference.
func Example() {
	array := make([]int64, 8)
	views := [2][]int64{array[0:4:4], array[2:6:6]}
	once := oracle.Of(views, rules.Core(), oracle.Options{})
	each := oracle.PerReference(views, rules.Core(), oracle.Options{})
	fmt.Println(once.Total(), each.Total())
	// Output: 64 96
}
