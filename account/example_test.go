package account_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
)

// A report is built from places, parents before children. A place without containers of its own, as
// the struct here, is shown only if it is a root.
func ExampleBuild() {
	var names account.Sum
	names.Add(rules.Parts{Used: 40, Rounding: 8}, 3) // three containers of 48 bytes
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "root", Type: "shop"},
		{Parent: 0, Step: ".Names[]", Type: "string", Sums: []account.Sum{names}},
	})
	for n := range r.Nodes() {
		fmt.Println(n.Path, n.Type, n.Count, n.Own, n.Total)
	}
	// Output:
	// root shop 0 0 144
	// root.Names[] string 3 144 144
}
