package memsize

import (
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// ownedKey finds, among what is derived from a model of a Go heap, the engine that does not follow
// what leads to the program.
type ownedKey struct{}

// withoutProgram is the engine for a model of a Go heap that stops at the types of rules.ProgramTypes.
func withoutProgram(m *rules.Model) *engine {
	return m.Derived(ownedKey{}, func() any {
		e := newEngine([]*rules.Model{m})
		e.walker = walker.New(account.OwnedPolicy(m))
		return e
	}).(*engine)
}

// program is the part of a total that is reached only through types that lead to the program, in
// bytes: by how much it falls when a second walk stops at them. There is none unless the first walk
// met such a type, or where the value that was asked about is one.
func (e *engine) program(nodes []*walker.Node, roots []walker.Root, total uint64,
	o walker.Options) (uint64, error) {
	m := e.models[0]
	met := false
	for _, n := range nodes {
		b, ok := n.Place.(rules.Binding)
		if ok && m.Program(b) != "" {
			if n.Parent == nil || n.Parent.Parent == nil && n.Step == "" {
				return 0, nil // it was asked about
			}
			met = true
		}
	}
	if !met {
		return 0, nil
	}
	o.ByPath, o.Graph = false, nil
	owned, err := withoutProgram(m).walk(o, roots...)
	return total - min(total, owned), err
}
