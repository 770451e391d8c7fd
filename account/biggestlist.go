package account

import (
	"container/list"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/trace"
	"github.com/bitcoin-mem/memsize/walker"
)

// The entries of a container/list are blocks of their own, each led to from its neighbours: what one retains
// is what list.Remove frees.

// listOf is the ID of the node to which an element of a list counts: the one above the elements. false for
// other vertices.
func (k *Retention) listOf(v uint32) (node uint32, ok bool) {
	where := k.graph.Node(v)
	if v <= k.graph.Roots() || where&walker.Untyped != 0 {
		return 0, false
	}
	n := k.nodes[where&walker.IDs]
	if !isElement(n) || k.graph.Size(v) != elementBlock || listAt(k.graph.Base(v)) == 0 {
		return 0, false
	}
	for n.Parent != nil && isElement(n) {
		n = n.Parent
	}
	return k.byPath[k.paths[n.ID+1]] - 1, true // that which is shown at the path
}

func isElement(n *walker.Node) bool {
	return !n.Boxed && n.Type == reflect.TypeFor[*list.Element]()
}

// elementBlock is the size of the block of an element.
var elementBlock = uint64(block.Round(unsafe.Sizeof(list.Element{}), true))

// listEntry is the index and the expression of an element of a list.
func (k *Retention) listEntry(t *trace.Tracer, search *search, v uint32) (key, path string) {
	at := k.graph.Base(v)
	i := indexInList(at)
	hops := search.chainTo(1) // a list in the memory of a root
	if b, ok := block.Of(pointerTo(listAt(at))); ok {
		if holder, ok := k.graph.Find(uintptr(b.Base), b.Size); ok {
			hops = search.chainTo(holder)
		}
	}
	return strconv.Itoa(i), t.ListEntry(hops, listAt(at), i)
}
