package walker

import (
	"math"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// referenceMap is the graph behind a walk per reference: an object for each container that has
// content, with the references that it holds. How often an object is charged follows from how
// often those that lead to it are; a cycle is charged whole, once for each entry from outside.
//
// Objects are walked in the order of their numbers, so that what each holds lies in one piece.
type referenceMap struct {
	session *Session
	objects []object
	table   []uint32 // numbers of objects, by place in memory: a power of two, at most half full; 0 is none
	classes map[objectClass]uint32
	spares  []Finding   // of containers that are not full, or too long for a code
	edges   []uint32    // objects that are led to, one for each reference
	leaves  []leafCount // containers without content
	current uint32      // the object that is being walked; 0 is the roots
	one     [1]Finding
}

// object is a container with content. Views of one memory are objects of their own.
type object struct {
	at      uintptr // of a block that is alive, or static
	node    uint32  // ID
	finding uint32  // see code
	edges   uint32  // where its references begin
	leaves  uint32
}

// objectClass is what nodes have in common whose containers are the same objects.
type objectClass struct {
	place Place
	kind  opKind
}

type leafCount struct{ node, finding, times uint32 }

func newReferenceMap(s *Session) *referenceMap {
	return &referenceMap{session: s, objects: make([]object, 1), table: make([]uint32, 64),
		classes: map[objectClass]uint32{}}
}

// code is a finding in few bits: twice its length where it is full, else one more than twice its number
// among those that are not.
func (m *referenceMap) code(f Finding) uint32 {
	if f.Len == f.Cap && f.Len < 1<<31 {
		return uint32(f.Len) << 1
	}
	if k := len(m.spares); k == 0 || m.spares[k-1] != f {
		m.spares = append(m.spares, f)
	}
	return uint32(len(m.spares)-1)<<1 | 1
}

func (m *referenceMap) finding(code uint32) Finding {
	if code&1 != 0 {
		return m.spares[code>>1]
	}
	return Finding{uint64(code >> 1), uint64(code >> 1)}
}

// leaf adds a container without content to the current object.
func (m *referenceMap) leaf(n *Node, f Finding) {
	if uint64(len(m.leaves)) >= math.MaxUint32 || len(m.spares) >= math.MaxInt32 {
		m.session.failure = ErrLimit
		return
	}
	l := leafCount{uint32(n.ID), m.code(f), 1}
	if k := len(m.leaves) - 1; k >= int(m.objects[m.current].leaves) {
		if last := &m.leaves[k]; last.node == l.node && last.finding == l.finding && last.times < math.MaxUint32 {
			last.times++
			return
		}
	}
	m.leaves = append(m.leaves, l)
}

// edge adds a reference from the current object to a container at p. It never asks to follow the
// content at once: objects are walked one after another.
func (m *referenceMap) edge(s *Session, n *Node, p unsafe.Pointer, f Finding) bool {
	s.found++
	leaf := n.torn == nil && n.elem.leaf() && (n.key == nil || n.key.leaf())
	if s.options.Shallow || leaf || f.Len == 0 {
		m.leaf(n, f)
		return false
	}
	if uint64(len(m.edges)) >= math.MaxUint32 || uint64(len(m.leaves)) >= math.MaxUint32 || len(m.objects) >= math.MaxInt32 {
		s.failure = ErrLimit
		return false
	}
	m.edges = append(m.edges, m.number(n, uintptr(p), f))
	return false
}

// number is the number of the object that is a container at an address.
func (m *referenceMap) number(n *Node, at uintptr, f Finding) uint32 {
	if n.class == 0 {
		class := objectClass{n.Place, n.kind}
		if m.classes[class] == 0 {
			m.classes[class] = uint32(len(m.classes) + 1)
		}
		n.class = m.classes[class]
	}
	slot := m.slot(at, n.class, f)
	if *slot == 0 {
		if 2*len(m.objects) >= len(m.table) {
			m.grow()
			slot = m.slot(at, n.class, f)
		}
		*slot = uint32(len(m.objects))
		m.objects = append(m.objects, object{at: at, node: uint32(n.ID), finding: m.code(f)})
	}
	return *slot
}

// slot is where the number of an object is in the table, or would be.
func (m *referenceMap) slot(at uintptr, class uint32, f Finding) *uint32 {
	mask := uint64(len(m.table) - 1)
	for i := (uint64(at)>>3 ^ uint64(class)<<20) * 0x9e3779b97f4a7c15 >> 20; ; i++ {
		slot := &m.table[i&mask]
		if *slot == 0 {
			return slot
		}
		o := &m.objects[*slot]
		if o.at == at && m.session.nodes[o.node].class == class && m.finding(o.finding) == f {
			return slot
		}
	}
}

// grow doubles the table.
func (m *referenceMap) grow() {
	m.table = make([]uint32, 2*len(m.table))
	for id := 1; id < len(m.objects); id++ {
		o := &m.objects[id]
		*m.slot(o.at, m.session.nodes[o.node].class, m.finding(o.finding)) = uint32(id)
	}
}

// walkReferences is Walk with Options.PerReference: it builds the graph, counts, and hands
// everything over.
func (s *Session) walkReferences(roots []Root) error {
	m := newReferenceMap(s)
	s.mode, s.reference = byReference, m
	for _, n := range s.nodes {
		n.class = 0
	}
	var err error
	for _, r := range roots {
		if err = s.walkRoot(r); err != nil {
			break
		}
	}
	for next := uint32(1); err == nil && int(next) < len(m.objects); next++ {
		m.begin(next)
		m.expand(s, &m.objects[next])
		err = s.run()
	}
	for m.current++; int(m.current) < len(m.objects); m.current++ { // of a walk that was stopped
		m.begin(m.current)
	}
	m.objects = append(m.objects, object{edges: uint32(len(m.edges)), leaves: uint32(len(m.leaves))})
	m.table = nil
	m.handOver(s.sink, m.count())
	return err
}

// begin turns to the next object, and has what it leads to soon asked for.
func (m *referenceMap) begin(id uint32) {
	const ahead = 8
	m.current = id
	m.objects[id].edges, m.objects[id].leaves = uint32(len(m.edges)), uint32(len(m.leaves))
	if next := int(id) + ahead; next < len(m.objects) && m.session.prefetches() {
		p := pointerTo(m.objects[next].at)
		prefetch(&p, 1, 0)
	}
}

// expand puts an object's content on the stack.
func (m *referenceMap) expand(s *Session, o *object) {
	n, at, f := s.nodes[o.node], pointerTo(o.at), m.finding(o.finding)
	switch n.kind {
	case opMap:
		s.push(unsafe.Pointer(s.iterateMap(n, unsafe.Pointer(&at), 0)), n, 0)
	case opChan:
		s.waiting(n, at, uintptr(f.Len), uintptr(f.Cap), 0)
	default:
		s.push(at, n, uintptr(f.Len))
	}
}

// handOver gives the sink each container as often as it is charged.
func (m *referenceMap) handOver(sink Sink, counts func(id int) uint64) {
	type pending struct {
		finding      uint32
		count, times uint64
	}
	waiting := make([]pending, len(m.session.nodes))
	give := func(node uint32, p pending) {
		m.one[0] = m.finding(p.finding)
		if times := saturate.Mul(p.count, p.times); times > 0 {
			sink.Take(m.session.nodes[node], 0, m.one[:], times)
		}
	}
	take := func(node, finding uint32, count, times uint64) {
		w := &waiting[node]
		if w.finding != finding || w.count != count {
			give(node, *w)
			*w = pending{finding: finding, count: count}
		}
		w.times = saturate.Add(w.times, times)
	}
	for id := range len(m.objects) - 1 {
		o, count := &m.objects[id], counts(id)
		if id > 0 {
			take(o.node, o.finding, count, 1)
		}
		for _, l := range m.leaves[o.leaves:m.objects[id+1].leaves] {
			take(l.node, l.finding, count, uint64(l.times))
		}
	}
	for node, w := range waiting {
		give(uint32(node), w)
	}
}

// count finds how often each object is charged: the roots once, an object as often as references
// from other components lead to its component. Components come in order of Tarjan's algorithm,
// which is the reverse of a topological order.
func (m *referenceMap) count() func(id int) uint64 {
	component, order := components(len(m.objects)-1, m.edgesOf)
	charged := make([]uint64, component[order[len(order)-1]]+1)
	charged[component[0]] = 1
	for i := len(order) - 1; i >= 0; i-- {
		id := order[i]
		c := component[id]
		for _, to := range m.edgesOf(id) {
			if other := component[to]; other != c {
				charged[other] = saturate.Add(charged[other], charged[c])
			}
		}
	}
	return func(id int) uint64 { return charged[component[id]] }
}

func (m *referenceMap) edgesOf(id uint32) []uint32 {
	return m.edges[m.objects[id].edges:m.objects[id+1].edges]
}
