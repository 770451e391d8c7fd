package walker

import (
	"math"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// referenceMap is the graph behind a walk per reference: an object for each container that has
// content, with the references that it holds. How often an object is charged follows from how
// often those that lead to it are; a cycle is charged whole, once for each entry from outside.
type referenceMap struct {
	objects []object
	ids     map[objectKey]int32
	current int32 // the object that is being walked; 0 is the roots
}

// objectKey tells containers apart: views of one memory are containers of their own.
type objectKey struct {
	at    unsafe.Pointer
	place Place
	kind  opKind
	Finding
}

type object struct {
	node *Node
	at   unsafe.Pointer
	Finding
	edges  []int32     // objects that it leads to, one for each reference
	leaves []leafCount // containers without content that it owns
	count  uint64      // how often it is charged
}

type leafCount struct {
	node *Node
	Finding
	times uint64
}

func newReferenceMap() *referenceMap {
	return &referenceMap{objects: make([]object, 1), ids: map[objectKey]int32{}}
}

// leaf adds a container without content to the current object.
func (m *referenceMap) leaf(n *Node, f Finding) {
	leaves := &m.objects[m.current].leaves
	if k := len(*leaves) - 1; k >= 0 && (*leaves)[k].node == n && (*leaves)[k].Finding == f {
		(*leaves)[k].times++
		return
	}
	*leaves = append(*leaves, leafCount{n, f, 1})
}

// edge adds a reference from the current object to a container at p. It never asks to follow the
// content at once: objects are walked one after another.
func (m *referenceMap) edge(s *Session, n *Node, p unsafe.Pointer, f Finding) bool {
	s.found++
	if s.options.Shallow || n.bare() || f.Len == 0 {
		m.leaf(n, f)
		return false
	}
	key := objectKey{p, n.Place, n.kind, f}
	id, ok := m.ids[key]
	if !ok {
		if len(m.objects) == math.MaxInt32 {
			s.failure = ErrLimit
			return false
		}
		id = int32(len(m.objects))
		m.ids[key] = id
		m.objects = append(m.objects, object{node: n, at: p, Finding: f})
	}
	m.objects[m.current].edges = append(m.objects[m.current].edges, id)
	return false
}

// bare tells that nothing lies below a node's containers.
func (n *Node) bare() bool {
	if n.torn != nil {
		n = n.torn
	}
	return n.elem.leaf() && (n.key == nil || n.key.leaf())
}

// walkReferences is Walk with Options.PerReference: it builds the graph, counts, and hands
// everything over.
func (s *Session) walkReferences(roots []Root) error {
	m := newReferenceMap()
	s.mode, s.reference = byReference, m
	s.extents.use(BlocksExact() && !s.options.NoBlockMarks, &s.contents) // to know where they end
	var err error
	for _, r := range roots {
		if err = s.walkRoot(r); err != nil {
			break
		}
	}
	for next := int32(1); err == nil && int(next) < len(m.objects); next++ {
		m.current = next
		s.expand(&m.objects[next])
		err = s.run()
	}
	m.count()
	for i := range m.objects {
		o := &m.objects[i]
		if o.node != nil {
			s.sink.Take(o.node, 0, []Finding{o.Finding}, o.count)
		}
		for _, l := range o.leaves {
			s.sink.Take(l.node, 0, []Finding{l.Finding}, saturate.Mul(o.count, l.times))
		}
	}
	return err
}

// expand puts an object's content on the stack.
func (s *Session) expand(o *object) {
	switch o.node.kind {
	case opMap:
		word := o.at
		s.push(unsafe.Pointer(s.iterateMap(o.node, unsafe.Pointer(&word), 0)), o.node, 0)
	case opChan:
		s.waiting(o.node, o.at, uintptr(o.Len), uintptr(o.Cap), 0)
	default:
		s.push(o.at, o.node, uintptr(o.Len))
	}
}

// count finds how often each object is charged: the roots once, an object as often as references
// from other components lead to its component. Components come in order of Tarjan's algorithm,
// which is the reverse of a topological order.
func (m *referenceMap) count() {
	component, members := m.components()
	m.objects[0].count = 1
	charged := make([]uint64, len(members))
	charged[component[0]] = 1
	for c := len(members) - 1; c >= 0; c-- {
		for _, id := range members[c] {
			m.objects[id].count = charged[c]
			for _, to := range m.objects[id].edges {
				if other := component[to]; int(other) != c {
					charged[other] = saturate.Add(charged[other], charged[c])
				}
			}
		}
	}
}

// components finds the strongly connected components (Tarjan 1972), without recursion.
func (m *referenceMap) components() (component []int32, members [][]int32) {
	const unseen = -1
	n := len(m.objects)
	component = make([]int32, n)
	index, low := make([]int32, n), make([]int32, n)
	for i := range component {
		component[i], index[i] = unseen, unseen
	}
	type visit struct{ id, edge int32 }
	var path, open = []visit{{}}, []int32{}
	var counter int32
	for len(path) > 0 {
		v := &path[len(path)-1]
		if v.edge == 0 && index[v.id] == unseen {
			index[v.id], low[v.id] = counter, counter
			counter++
			open = append(open, v.id)
		}
		if edges := m.objects[v.id].edges; int(v.edge) < len(edges) {
			to := edges[v.edge]
			v.edge++
			if index[to] == unseen {
				path = append(path, visit{id: to})
			} else if component[to] == unseen {
				low[v.id] = min(low[v.id], index[to])
			}
			continue
		}
		id := v.id
		path = path[:len(path)-1]
		if len(path) > 0 {
			up := path[len(path)-1].id
			low[up] = min(low[up], low[id])
		}
		if low[id] == index[id] {
			at := len(open) - 1
			for open[at] != id {
				at--
			}
			group := append([]int32(nil), open[at:]...)
			open = open[:at]
			for _, member := range group {
				component[member] = int32(len(members))
			}
			members = append(members, group)
		}
	}
	return component, members
}
