package suite

import (
	"fmt"
	"strconv"
	"unsafe"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// RecordGraph walks the values for blocks with a graph, with entries or without.
func RecordGraph(values []any, entries bool) (*walker.Graph, *walker.Session, error) {
	models := []*rules.Model{rules.Go()}
	tally := account.NewTally(models, true)
	session := walker.New(account.NewPolicy(models)).NewSession(tally)
	var roots []walker.Root
	for i, v := range values {
		if v != nil {
			roots = append(roots, walker.RootOf("root"+strconv.Itoa(i), v))
		}
	}
	g := walker.NewGraph()
	g.Entries = entries
	o := walker.Options{Blocks: true, ToCapacity: true, ByPath: true, Graph: g}
	if err := session.Walk(roots, o); err != nil {
		return nil, nil, err
	}
	return g, session, g.Finish()
}

// GraphDisagreements compares the graph of a walk with what the collector's pointer maps say: every
// block that the walk holds is a vertex, and there is an edge for every pointer word that leads from
// a block to another, and no other. What a container has for itself (a map's tables) counts as one
// block with its header, from which a walk may say that all references are.
func GraphDisagreements(values []any, entries bool) []string {
	g, session, err := RecordGraph(values, entries)
	if err != nil {
		return []string{err.Error()}
	}
	var held uint64
	owner, twice := owners(g), map[uint32]bool{}
	got, want := map[reference]int{}, map[reference]int{}
	for v := range g.Len() {
		held += g.Size(v)
		for _, e := range g.Edges(v) {
			const own = walker.Internal | walker.Untyped
			twice[owner[v]] = twice[owner[v]] || e.Node&own == own
			if from, to := owner[v], owner[e.To]; from != to && from > g.Roots() {
				got[reference{from, to}]++
			}
		}
		for _, to := range collected(g, v) {
			if from, to := owner[v], owner[to]; from != to {
				want[reference{from, to}]++
			}
		}
	}
	for r := range got { // by the types of what is inside, and by its words, from other blocks of its own
		if twice[r.from] && want[r] > 0 {
			got[r] = want[r]
		}
	}
	wrong := difference(g, session, got, want)
	if held != session.Held() {
		wrong = append(wrong, fmt.Sprintf("vertices of %d bytes, the walk held %d", held, session.Held()))
	}
	return wrong[:min(len(wrong), 10)]
}

// reference is from one block to another, by number.
type reference struct{ from, to uint32 }

// owners are the blocks that stand for others: for a container's own, and for entries.
func owners(g *walker.Graph) []uint32 {
	owner := make([]uint32, g.Len())
	for v := range owner {
		owner[v] = uint32(v)
	}
	for v := range owner {
		for _, e := range g.Edges(uint32(v)) {
			if e.Node&walker.Internal != 0 && uint32(v) > g.Roots() || g.IsEntry(e.To) {
				owner[e.To] = uint32(v)
			}
		}
	}
	for v := range owner {
		up := uint32(v)
		for range owner { // memory without types may lead back
			if owner[up] == up {
				break
			}
			up = owner[up]
		}
		owner[v] = up
	}
	return owner
}

func difference(g *walker.Graph, s *walker.Session, got, want map[reference]int) (wrong []string) {
	name := func(v uint32) string {
		return fmt.Sprintf("%d (%d bytes at %v)", v, g.Size(v), path(s.Nodes()[g.Node(v)&walker.IDs]))
	}
	for r, n := range got {
		if want[r] != n {
			wrong = append(wrong, fmt.Sprintf("%d edges from %v to %v, the collector sees %d", n, name(r.from),
				name(r.to), want[r]))
		}
	}
	for r, n := range want {
		if got[r] == 0 {
			wrong = append(wrong, fmt.Sprintf("no edge from %v to %v, the collector sees %d", name(r.from),
				name(r.to), n))
		}
	}
	return wrong
}

// path is where a node is.
func path(n *walker.Node) string {
	step := n.Step
	for n = n.Parent; n != nil; n = n.Parent {
		step = n.Step + step
	}
	return step
}

// collected are the vertices of the blocks to which the pointer words of a block lead.
//
//go:norace
func collected(g *walker.Graph, v uint32) (to []uint32) {
	if g.Size(v) == 0 {
		return nil
	}
	base := g.Base(v)
	b, ok := block.Of(*(*unsafe.Pointer)(unsafe.Pointer(&base)))
	if !ok {
		return nil
	}
	b.EachPointer(func(p unsafe.Pointer) {
		if b, ok := block.Of(p); ok && !b.Scheduler() {
			id, _ := g.Find(uintptr(b.Base), b.Size)
			to = append(to, id)
		}
	})
	return to
}
