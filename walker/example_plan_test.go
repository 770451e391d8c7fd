//go:build !(386 || arm || mips || mipsle)

package walker_test

import (
	"fmt"
	"reflect"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// A plan lists what a walk does with a value of a type: one operation for each word that leads
// somewhere, by offset.
func ExampleWalker_Plan() {
	policy := account.NewPolicy([]*rules.Model{rules.Core()})
	fmt.Print(walker.New(policy).Plan(reflect.TypeFor[session]()))
	// Output:
	// walker_test.session: 48 bytes
	//   +8    map         .Values map[string]interface {}
	//   +16   slice       .Path []string
}
