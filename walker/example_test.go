package walker_test

import (
	"fmt"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// session has words that lead somewhere, words that do not, and one that a tag takes away.
type session struct {
	Visits uint64
	Values map[string]any
	Path   []string
	Logger *string `memusage:"-"`
}

// counter counts containers by type, and prices nothing.
type counter map[string]uint64

func (c counter) Take(n *walker.Node, fixed uint64, list []walker.Finding, times uint64) {
	c[n.Type.String()] += (fixed + uint64(len(list))) * times
}

func (c counter) Overlap(candidates []walker.Candidate) { c[candidates[0].Node.Type.String()]++ }

func (c counter) Reset() { clear(c) }

// A sink takes what a walk finds: here, how many containers of which type.
func ExampleSession_Walk() {
	found := counter{}
	w := walker.New(account.NewPolicy([]*rules.Model{rules.Core()}))
	value := session{Path: []string{"/", "/a/path/that/is/not/short"}}
	value.Values = map[string]any{"views": 1000}
	root := walker.RootOf("session", value)
	if err := w.NewSession(found).Walk([]walker.Root{root}, walker.Options{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(found)
	// Output:
	// map[*int:1 []string:1 map[string]interface {}:1 string:3]
}
