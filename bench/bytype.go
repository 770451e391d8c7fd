package main

import (
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// byType is a walk with figures for each type but not for each path. The package memsize offers no
// such scan: this puts together what Scan is made of.
func byType(m *rules.Model) func(g graph) uint64 {
	models := []*rules.Model{m}
	w := walker.New(account.NewPolicy(models))
	options := walker.Options{ToCapacity: m.IsGoHeap()}
	options.Blocks = m.IsGoHeap() && walker.BlocksExact()
	return func(g graph) uint64 {
		tally := account.NewTally(models, true)
		session := w.NewSession(tally)
		if err := session.Walk([]walker.Root{walker.RootOf("root", g.value)}, options); err != nil {
			panic(err)
		}
		if options.Blocks {
			return tally.Heap(session.Nodes()).Total
		}
		return tally.Live(session.Nodes()).Total
	}
}
