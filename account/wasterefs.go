package account

import (
	"context"
	"math"
	"reflect"
	"slices"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/scratch"
	"github.com/bitcoin-mem/memsize/walker"
)

// references are those of a graph by where they lead, but for a container's to its own. A reference is the
// number of an edge. Nearly all blocks have one, which is kept in the place of a list.
type references struct {
	graph    *walker.Graph
	nodes    []*walker.Node
	kinds    []reflect.Kind // by node: of references whose type is known
	elems    []uintptr      // by node: the size of the elements of a string or slice
	only     []uint32       // by vertex: its reference; noReference, or several and more
	ends     []uint32       // by vertex: where the list of those with several ends in lists; nil for none
	lists    []uint32
	bases    []uintptr
	pointers []bool
}

// Values of references.only.
const (
	noReference = math.MaxUint32
	several     = math.MaxUint32 - 1
)

// newReferences gathers the references of a graph that was recorded with Slots.
func newReferences(ctx context.Context, nodes []*walker.Node, g *walker.Graph,
	m *scratch.Memory) (references, error) {
	n := int(g.Len())
	if err := g.Reserve(14 * uint64(n)); err != nil {
		return references{}, err
	}
	r := references{graph: g, nodes: nodes, only: scratch.Slice[uint32](m, n),
		bases: scratch.Slice[uintptr](m, n), pointers: scratch.Slice[bool](m, n)}
	for _, n := range nodes {
		r.note(n)
	}
	g.Bases(r.bases, r.pointers)
	for v := range r.only {
		r.only[v] = noReference
	}
	for i := range uint32(g.References()) {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return r, ctx.Err()
		}
		if e := g.Edge(i); e.Node&walker.Internal == 0 {
			if r.only[e.To] == noReference {
				r.only[e.To] = i
			} else {
				r.only[e.To] = several
			}
		}
	}
	return r, r.gather(ctx, m)
}

// note notes of a node what is asked of each of its references.
func (r *references) note(n *walker.Node) {
	kind, size := n.Type.Kind(), uintptr(1)
	if n.Boxed || n.Unfollowed() {
		kind = reflect.Invalid
	}
	if kind == reflect.Slice {
		size = n.Type.Elem().Size()
	}
	r.kinds, r.elems = append(r.kinds, kind), append(r.elems, size)
}

// gather makes the lists of the vertices with several references.
func (r *references) gather(ctx context.Context, m *scratch.Memory) error {
	if !slices.Contains(r.only, several) {
		return nil
	}
	n := uint64(len(r.only))
	if err := r.graph.Reserve(4 * (n + uint64(r.graph.References()))); err != nil {
		return err
	}
	r.ends = scratch.Slice[uint32](m, len(r.only)+1)
	r.eachOfSeveral(func(_ uint32, to uint32) { r.ends[to+1]++ })
	for v := range r.only {
		r.ends[v+1] += r.ends[v]
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.lists = scratch.Slice[uint32](m, int(r.ends[len(r.only)]))
	r.eachOfSeveral(func(i uint32, to uint32) {
		r.lists[r.ends[to]] = i
		r.ends[to]++
	})
	return ctx.Err()
}

// eachOfSeveral calls f with each reference to a vertex with several.
func (r *references) eachOfSeveral(f func(i, to uint32)) {
	for i := range uint32(r.graph.References()) {
		if e := r.graph.Edge(i); e.Node&walker.Internal == 0 && r.only[e.To] == several {
			f(i, e.To)
		}
	}
}

// refs are the references to a vertex.
func (r *references) refs(v uint32) []uint32 {
	switch r.only[v] {
	case noReference:
		return nil
	case several:
		begin := uint32(0)
		if v > 0 {
			begin = r.ends[v-1]
		}
		return r.lists[begin:r.ends[v]]
	}
	return r.only[v : v+1]
}

// node is the place of a reference.
func (r *references) node(ref uint32) *walker.Node {
	return r.nodes[r.graph.Edge(ref).Node&walker.IDs]
}

// untyped tells whether the type of a reference is not known.
func (r *references) untyped(ref uint32) bool { return r.graph.Edge(ref).Node&walker.Untyped != 0 }

// kind is the kind of a reference; Invalid where its type is not known.
func (r *references) kind(ref uint32) reflect.Kind {
	e := r.graph.Edge(ref)
	if e.Node&walker.Untyped != 0 {
		return reflect.Invalid
	}
	return r.kinds[e.Node&walker.IDs]
}

// typed tells whether the type of each of some references is known, and is of one kind.
func (r *references) typed(refs []uint32, kinds ...reflect.Kind) bool {
	for _, ref := range refs {
		if !slices.Contains(kinds, r.kind(ref)) {
			return false
		}
	}
	return len(refs) > 0
}

// header is what a reference of a string or slice says.
func (r *references) header(ref uint32) text {
	if r.kind(ref) == reflect.String {
		return stringAt(r.graph.SlotOf(ref))
	}
	return sliceAt(r.graph.SlotOf(ref))
}

// elemSize is the size of an element of a string or slice.
func (r *references) elemSize(ref uint32) uintptr { return r.elems[r.graph.Edge(ref).Node&walker.IDs] }

// requestSizes remembers which sizes the allocator rounds up to the size of a block: blocks of one size come
// one after another.
type requestSizes struct {
	block    uint64
	pointers bool
	lo, hi   uintptr
}

// fits tells whether the allocator gives a block of a size for so many bytes.
func (r *requestSizes) fits(bytes uintptr, has uint64, pointers bool) bool {
	if r.block != has || r.pointers != pointers {
		*r = requestSizes{has, pointers, 1, 0}
	}
	if bytes >= r.lo && bytes <= r.hi {
		return true
	}
	if uint64(block.Round(bytes, pointers)) != has {
		return false
	}
	if r.lo > r.hi {
		r.lo, r.hi = bytes, bytes
	}
	r.lo, r.hi = min(r.lo, bytes), max(r.hi, bytes)
	return true
}
